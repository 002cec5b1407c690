"""Which call the running code belongs to, also on threads and in tasks that the call has started.

The server knows which call runs on its own threads. Tasks of asyncio inherit the call's number in a
context variable; threads and executors get it through what is installed here.

The variable is set only after somebody has imported `contextvars`. asyncio imports it, and setting
the variable takes a large part of the time of a short call.
"""

from __future__ import annotations

import sys
from _contextvars import Context, ContextVar, copy_context

from pyproxy_runtime.after_import import after_import

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pyproxy_runtime.forked import Forks

# 0: no call.
current_call: Any = ContextVar("pyproxy_call", default=0)

_ATTRIBUTE = "_pyproxy_call"


_on_this_thread: list[Callable[[], int]] = []


def running_call() -> int:
    """The number of the call that the running code belongs to; 0 if it belongs to none."""
    call: int = current_call.get()
    return call or (_on_this_thread[0]() if _on_this_thread else 0)


def install(forks: Forks, on_this_thread: Callable[[], int]) -> None:
    """Makes threads that are started from now on belong to the call that starts them.

    `on_this_thread` says which call the server runs on the current thread.
    """
    _on_this_thread[:] = [on_this_thread]
    after_import(
        {
            # The call that imports it may start tasks, too.
            "contextvars": lambda _module: current_call.set(on_this_thread()),
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
        if call := running_call():
            self.__dict__[_ATTRIBUTE] = call
            _give_context(self, call)
        start(self)

    def bootstrap_with_call(self: Any) -> None:
        if call := self.__dict__.pop(_ATTRIBUTE, 0):
            current_call.set(call)
        bootstrap(self)
        forks.end_thread()

    thread.start = start_with_call
    thread._bootstrap_inner = bootstrap_with_call
    _let_threads_of_calls_stay(module._DummyThread)


def _give_context(thread: Any, call: int) -> None:
    """Since CPython 3.14 a thread runs its target in a context of its own, which start() makes."""
    if not hasattr(thread, "_context"):
        return
    if thread._context is None:
        inherits = getattr(sys.flags, "thread_inherit_context", False)
        thread._context = copy_context() if inherits else Context()
    try:
        thread._context.run(current_call.set, call)
    except RuntimeError:
        # One that its maker has given it, and that is entered already.
        return


def _let_threads_of_calls_stay(dummy: Any) -> None:
    """Lets threads that a call starts be no daemons, on whichever thread the call runs.

    New threads inherit that from the current one, and a thread that Python has not started is taken
    for a daemon: the end of the server would not wait for them.
    """
    make = dummy.__init__

    def make_with_call(self: Any) -> None:
        make(self)
        if running_call():
            self._daemonic = False

    dummy.__init__ = make_with_call


def _follow_executors(module: Any) -> None:
    executor = module.ThreadPoolExecutor
    submit = executor.submit

    def submit_with_call(self: Any, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        call = running_call()
        if not call:
            return submit(self, fn, *args, **kwargs)
        return submit(self, _run_as, call, fn, *args, **kwargs)

    executor.submit = submit_with_call


def _run_as(call: int, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
    # The thread is the executor's own: it belongs to whoever uses it.
    current_call.set(call)
    return fn(*args, **kwargs)
