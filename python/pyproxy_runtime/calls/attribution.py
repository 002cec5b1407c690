"""Which call the running code belongs to, also on threads and in tasks that the call has started.

A context variable holds the call's number. Tasks of asyncio inherit it by themselves; threads and
the threads of executors do so through what is installed here.
"""

from __future__ import annotations

from contextvars import ContextVar

from pyproxy_runtime.after_import import after_import

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pyproxy_runtime.forked import Forks

# 0: no call.
current_call: ContextVar[int] = ContextVar("pyproxy_call", default=0)

_ATTRIBUTE = "_pyproxy_call"


def install(forks: Forks) -> None:
    """Makes threads that are started from now on belong to the call that starts them."""
    after_import(
        {
            "threading": lambda module: _follow_threads(module, forks),
            "concurrent.futures.thread": _follow_executors,
        }
    )


def _follow_threads(module: Any, forks: Forks) -> None:
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
        forks.end_thread()

    thread.start = start_with_call
    thread._bootstrap_inner = bootstrap_with_call
    _let_threads_of_calls_stay(module._DummyThread)


def _let_threads_of_calls_stay(dummy: Any) -> None:
    """Lets threads that a call starts be no daemons, on whichever thread the call runs.

    New threads inherit that from the current one, and a thread that Python has not started is taken
    for a daemon: the end of the server would not wait for them.
    """
    make = dummy.__init__

    def make_with_call(self: Any) -> None:
        make(self)
        if current_call.get():
            self._daemonic = False

    dummy.__init__ = make_with_call


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
