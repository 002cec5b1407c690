"""Which call the running code belongs to, also on threads and in tasks that the call has started.

A context variable holds the call's number. Tasks of asyncio inherit it by themselves; threads and the
threads of executors do so through what is installed here.
"""

from __future__ import annotations

import importlib.machinery
import sys
import threading
from contextvars import ContextVar
from types import ModuleType
from typing import Any

# 0: no call.
current_call: ContextVar[int] = ContextVar("pyproxy_call", default=0)

_ATTRIBUTE = "_pyproxy_call"


def install() -> None:
    """Makes threads that are started from now on belong to the call that starts them."""
    _follow_threads()
    executors = sys.modules.get("concurrent.futures.thread")
    if executors is None:
        sys.meta_path.insert(0, _AfterImport())
    else:
        _follow_executors(executors)


def _follow_threads() -> None:
    start = threading.Thread.start
    # Not `run`, which subclasses replace. No public function is called first on a new thread.
    bootstrap = getattr(threading.Thread, "_bootstrap_inner", None)
    if bootstrap is None:
        return

    def start_with_call(self: threading.Thread) -> None:
        if call := current_call.get():
            self.__dict__[_ATTRIBUTE] = call
        start(self)

    def bootstrap_with_call(self: threading.Thread) -> None:
        if call := self.__dict__.pop(_ATTRIBUTE, 0):
            current_call.set(call)
        bootstrap(self)

    threading.Thread.start = start_with_call  # type: ignore[method-assign]
    threading.Thread._bootstrap_inner = bootstrap_with_call  # type: ignore[attr-defined]


def _follow_executors(module: ModuleType) -> None:
    executor: Any = module.ThreadPoolExecutor
    submit = executor.submit

    def submit_with_call(self: Any, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        call = current_call.get()
        if not call:
            return submit(self, fn, *args, **kwargs)
        return submit(self, _run_as, call, fn, *args, **kwargs)

    executor.submit = submit_with_call


def _run_as(call: int, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
    # The thread is the executor's own: it belongs to whoever uses it.
    current_call.set(call)
    return fn(*args, **kwargs)


class _AfterImport:
    """Waits for the import of the executors, which most calls do without."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname != "concurrent.futures.thread":
            return None
        sys.meta_path.remove(self)  # type: ignore[arg-type]
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return spec
        loader: Any = spec.loader
        execute = loader.exec_module

        def execute_and_follow(module: ModuleType) -> None:
            execute(module)
            _follow_executors(module)

        loader.exec_module = execute_and_follow
        return spec
