"""Exceptions that the native code knows."""

from __future__ import annotations


class PackageNotInstalled(Exception):
    """The outermost package of a name does not exist in this environment."""


class NotConvertible(Exception):
    """A value cannot cross. The message says what it is and what to do about it."""


class CallInterrupted(KeyboardInterrupt):
    """Raised in a call that is to end: its client has cancelled it, or someone has interrupted it.

    Like Control-C in a terminal, it passes through `except Exception`.
    """

    def __str__(self) -> str:
        return "the call was interrupted from outside"
