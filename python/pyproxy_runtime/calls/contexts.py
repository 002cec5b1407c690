"""What Python keeps for a context (PEP 567): decimal's precision, numpy's error state, variables.

Each session has a context of its own, from its call to its next, whichever thread runs them. What
modules set while they are imported is set for all sessions.
"""

from __future__ import annotations

import sys
from _contextvars import copy_context

from pyproxy_runtime.calls.attribution import current_call

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context, ContextVar
    from typing import Any

_MISSING: Any = object()


class Contexts:
    """Makes contexts, and brings them up to date."""

    def __init__(self, changed: Callable[[int, int], None]) -> None:
        """`changed` is told how many changes concern all sessions, and how many are new."""
        # Never entered for long: imports on several threads run in copies.
        self._base = copy_context()
        self._changes: list[tuple[ContextVar[Any], Any]] = []
        self._changed = changed

    def make(self) -> Context:
        """The context of a new session, with all changes so far."""
        return _independent(self._base)

    def copy(self, context: Context) -> Context:
        """A context for a call that runs beside another of its session."""
        return _independent(context)

    def update(self, context: Context, count: int) -> None:
        """Makes the changes after the first `count` in the context of a session."""
        for variable, value in self._changes[count:]:
            context.run(_set, variable, value)

    def visit(self) -> Visit:
        """A context in which a step, such as an import, is taken for all sessions."""
        return Visit(self._base, self._take_over)

    def run_for_all(self, function: Callable[..., Any], /, *arguments: Any) -> Any:
        """Calls a function; what it sets is set for all sessions."""
        visit = self.visit()
        try:
            return visit.run(function, *arguments)
        finally:
            visit.end()

    def _take_over(self, changes: list[tuple[ContextVar[Any], Any]]) -> None:
        for variable, value in changes:
            self._base.run(variable.set, value)
            # Those of the running call: the others follow before their next call.
            _set(variable, value)
        self._changes += changes
        self._changed(len(self._changes), len(changes))


class Visit:
    """A copy of the context that all sessions have, and what is changed in it."""

    def __init__(
        self, base: Context, take_over: Callable[[list[tuple[ContextVar[Any], Any]]], None]
    ) -> None:
        self._base = base
        self._take_over = take_over
        self._context = base.copy()
        self._decimals = _decimals(self._context)
        self._before = self._decimals.copy() if self._decimals is not None else None
        self.run = self._context.run

    def end(self) -> None:
        """What has been set in it is set for all sessions."""
        changes = [
            (variable, value)
            for variable, value in self._context.items()
            if variable is not current_call and self._base.get(variable, _MISSING) is not value
        ]
        decimals = self._decimals
        if decimals is not None and repr(decimals) != repr(self._before):
            # Changed in place, for the base context as well.
            changes += [(v, value) for v, value in self._context.items() if value is decimals]
        if changes:
            self._take_over(changes)


def _set(variable: ContextVar[Any], value: Any) -> None:
    variable.set(value.copy() if _is_decimal(value) else value)


def _independent(context: Context) -> Context:
    """A copy that does not share the context of decimal, which can be changed in place."""
    copy = context.copy()
    for variable, value in copy.items():
        if _is_decimal(value):
            copy.run(variable.set, value.copy())
    return copy


def _decimals(context: Context) -> Any:
    return next((value for value in context.values() if _is_decimal(value)), None)


def _is_decimal(value: object) -> bool:
    decimal = sys.modules.get("decimal")
    return decimal is not None and isinstance(value, getattr(decimal, "Context", ()))
