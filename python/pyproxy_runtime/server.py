"""Prepares the process for serving and ends it in order."""

from __future__ import annotations

import faulthandler
import gc
import os
import sys
from types import SimpleNamespace

from pyproxy_runtime import ending, forked
from pyproxy_runtime.after_import import after_import
from pyproxy_runtime.calls import attribution, frame, interruption
from pyproxy_runtime.calls.attribution import current_call
from pyproxy_runtime.calls.contexts import Contexts
from pyproxy_runtime.calls.exposure import Exposure
from pyproxy_runtime.calls.targets import Targets
from pyproxy_runtime.errors import NotConvertible, PackageNotInstalled
from pyproxy_runtime.reloading.project import Project
from pyproxy_runtime.streams import output, standard_input
from pyproxy_runtime.streams.logs import LogRelay
from pyproxy_runtime.values import json_arguments
from pyproxy_runtime.values.registry import Values

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def prepare(native: Any) -> SimpleNamespace:
    """What the server calls. No frame of this package remains below the user's code."""
    configuration = native.configuration()
    # The server's own options are no business of the packages that look at sys.argv.
    sys.argv[:] = [""]
    # A thread that wants the GIL waits this long behind pure-Python work in another one. The
    # default of 5 ms is more than every other delay of a call together.
    sys.setswitchinterval(0.0005)
    # A full collection takes tens of milliseconds in a process with numpy and scipy: there are
    # fewer of them. (Freezing what has been imported would keep objects that are dropped later.)
    young, middle, old = gc.get_threshold()
    gc.set_threshold(young, middle, old * 5)
    # The stacks of all threads, should C code crash: into the log, since the client may be gone.
    faulthandler.enable(file=configuration["log"], all_threads=True)
    forks = forked.Forks()
    after_import(
        {
            "multiprocessing.context": forked.follow_multiprocessing,
            "threading": forked.follow_threading,
        }
    )
    attribution.install(forks, native.current_call)
    streams = output.Streams(
        native if configuration["capture_output"] else None, standard_input.NoInput()
    )
    standard_input.replace_debugger()
    frame.empty()
    contexts = Contexts(native.contexts_changed)
    sys.path[:0] = configuration["path"]
    project = _project(native, configuration)
    service, exposed = configuration["service"], configuration["exposed"]
    # The functions of the service are for clients; those that it has from elsewhere are not.
    exposure = Exposure([*exposed, service] if exposed and service else exposed)
    targets = Targets(contexts, exposure, project)

    def fail_to_serve(error: BaseException) -> None:
        """Ends the process, whose service could not be imported."""
        native.failed(
            f"the service module {service!r} could not be imported:\n{_format_exception(error)}"
        )
        ending.finish(native, 1)

    reload = _LateReloader(native, configuration, project)
    values = Values(exposure)
    logs = LogRelay(native.log, native.want_logs)
    interruption.handle_signals(project, forks, native.take_interruption, native.follow_interrupts)
    return SimpleNamespace(
        resolve=targets.resolve,
        open=targets.open,
        import_service=(lambda: targets.import_service(service)) if service else None,
        fail_to_serve=fail_to_serve,
        describe=lambda error: describe(error, configuration["has_workers"]),
        reduce=values.reduce,
        restore=values.restore,
        convert=values.convert,
        describe_value=values.describe,
        object_checks=exposure.checks() if exposure.is_limited else None,
        place_in_value=values.place,
        entry=frame.entry(native.step),
        main=frame.names(),
        set_call=current_call.set,
        make_context=contexts.make,
        copy_context=contexts.copy,
        update_context=contexts.update,
        reload=lambda paths, everything: contexts.run_for_all(reload, paths, everything),
        services={
            "parse_arguments": lambda texts: json_arguments.parse(texts, exposure.is_limited),
            "subscribe_logs": logs.subscribe,
            "make_module": lambda source, place: make_module(exposure.is_limited, source, place),
        },
        place_to_interrupt=lambda thread: interruption.place_to_interrupt(project, thread),
        current_frames=sys._current_frames,
        stacks=interruption.stacks,
        end_child=forked.end,
        checkpoint=lambda: None,
        make_exception=make_exception,
        check_streams=streams.check,
        flush_streams=streams.flush,
        dump=interruption.prepare_dumps(),
        finish=lambda: ending.finish(native, 0),
        PackageNotInstalled=PackageNotInstalled,
        NotConvertible=NotConvertible,
    )


def make_module(is_limited: bool, source: str, place: str) -> object:
    from pyproxy_runtime.calls import inline_modules

    return inline_modules.make(is_limited, source, place)


def make_exception(thrown: Any) -> BaseException:
    from pyproxy_runtime.calls import swift_errors

    return swift_errors.make(thrown)


def describe(error: BaseException, has_workers: bool = False) -> dict[str, Any]:
    """The exception as plain data. What does that is loaded for the first one."""
    from pyproxy_runtime.calls import exceptions, wrong_thread

    description = exceptions.describe(error)
    if has_workers:
        wrong_thread.explain(description)
    return description


def _format_exception(error: BaseException) -> str:
    from pyproxy_runtime.calls.tracebacks import HIDDEN_FILES
    from pyproxy_runtime.standard_library import standard

    traceback = error.__traceback__
    while traceback and traceback.tb_frame.f_code.co_filename.startswith(HIDDEN_FILES):
        traceback = traceback.tb_next
    lines = standard("traceback").format_exception(type(error), error, traceback)
    return "".join(lines)


def _project(native: Any, configuration: dict[str, Any]) -> Project:
    """Takes note of the user's own modules from now on."""
    watch = (lambda path: native.watch(path, False)) if configuration["autoreload"] else None
    project = Project([*configuration["path"], os.getcwd()], watch)
    project.install()
    return project


class _LateReloader:
    """The reloader, which most servers never need."""

    def __init__(self, native: Any, configuration: dict[str, Any], project: Project) -> None:
        self._project = project
        self._data_files: Any = None
        self._reloader: Any = None
        self._count_objects = native.count_objects
        if configuration["data_files"] and configuration["autoreload"]:
            from pyproxy_runtime.reloading.data_files import DataFiles

            self._data_files = DataFiles(
                configuration["data_files"], lambda path: native.watch(path, True)
            )

    def __call__(self, paths: list[str], everything: bool) -> Any:
        if self._reloader is None:
            from pyproxy_runtime.reloading.reloader import Reloader

            self._reloader = Reloader(
                self._project, describe, self._data_files, self._count_objects
            )
        return self._reloader.reload(paths, everything)
