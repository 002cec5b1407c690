"""Which call the running code belongs to, also on threads and in tasks that the call has started.

A context variable holds the call's number. Tasks of asyncio inherit it by themselves; threads and
the threads of executors do so through what is installed here.
"""

from __future__ import annotations

import sys
from contextvars import ContextVar

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

# 0: no call.
current_call: ContextVar[int] = ContextVar("pyproxy_call", default=0)

_ATTRIBUTE = "_pyproxy_call"


def install() -> None:
    """Makes threads that are started from now on belong to the call that starts them."""
    missing: dict[str, Callable[[Any], None]] = {}
    for name, follow in (
        ("threading", _follow_threads),
        ("concurrent.futures.thread", _follow_executors),
    ):
        module = sys.modules.get(name)
        if module is None:
            missing[name] = follow
        else:
            follow(module)
    if missing:
        sys.meta_path.insert(0, _AfterImport(missing))


def _follow_threads(module: Any) -> None:
    thread = module.Thread
    start = thread.start
    # Not `run`, which subclasses replace. No public function is called first on a new thread.
    bootstrap = getattr(thread, "_bootstrap_inner", None)
    if bootstrap is None:
        return

    def start_with_call(self: Any) -> None:
        if call := current_call.get():
            self.__dict__[_ATTRIBUTE] = call
        start(self)

    def bootstrap_with_call(self: Any) -> None:
        if call := self.__dict__.pop(_ATTRIBUTE, 0):
            current_call.set(call)
        bootstrap(self)

    thread.start = start_with_call
    thread._bootstrap_inner = bootstrap_with_call


def _follow_executors(module: Any) -> None:
    executor = module.ThreadPoolExecutor
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
    """Waits for imports of modules that most calls do without."""

    def __init__(self, follow: dict[str, Callable[[Any], None]]) -> None:
        self._follow = follow

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        follow = self._follow.pop(fullname, None)
        if follow is None:
            return None
        import importlib.machinery

        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return spec
        loader: Any = spec.loader
        execute = loader.exec_module

        def execute_and_follow(module: ModuleType) -> None:
            execute(module)
            follow(module)

        loader.exec_module = execute_and_follow
        return spec
