"""Exceptions that the native code knows."""

from __future__ import annotations


class PackageNotInstalled(Exception):
    """The outermost package of a name does not exist in this environment."""


class NotConvertible(Exception):
    """A value cannot cross. The message says what it is and what to do about it."""
