"""Exceptions that say that a call ran on the wrong thread, with the remedy."""

from __future__ import annotations

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Of signal, asyncio, sqlite3, tkinter and threading.RLock.
MESSAGES = (
    "only works in main thread",
    "no current event loop in thread",
    "can only be used in that same thread",
    "main thread is not in main loop",
    "Calling Tcl from different apartment",
    "must be created in the main thread",
    "must be called from the main thread",
    "cannot release un-acquired lock",
)
NOTE = (
    "calls that are made at the same time run on several threads; with maximumConcurrentCalls: 1 "
    "all calls of the server run on the main thread, one after the other"
)


def explain(description: dict[str, Any]) -> None:
    """Adds a note to the description of an exception that complains about its thread."""
    if any(text in description["message"] for text in MESSAGES):
        description["notes"].append(NOTE)
