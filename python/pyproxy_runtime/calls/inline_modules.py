"""Modules made of source code that a client sends."""

from __future__ import annotations

import sys
from itertools import count
from types import ModuleType

from pyproxy_runtime.standard_library import standard

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_numbers = count(1)


class PythonModule:
    """Has the names of a module, which goes when this does, except for what is used of it.

    The module is in `sys.modules`, where dataclasses and pydantic look for it, and its source is in
    `linecache`, for tracebacks and numba.
    """

    __slots__ = ("__module",)

    def __init__(self, source: str, place: str) -> None:
        number = next(_numbers)
        name, file = f"inline_{number}", f"<{place}, module {number}>"
        module = ModuleType(name)
        module.__file__ = file
        object.__setattr__(self, "_PythonModule__module", module)
        linecache = standard("linecache")
        linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
        sys.modules[name] = module
        exec(compile(source, file, "exec", dont_inherit=True), module.__dict__)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__module, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self.__module, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self.__module, name)

    def __dir__(self) -> list[str]:
        return dir(self.__module)

    def __del__(self) -> None:
        # Not when the process ends.
        if sys is not None and sys.modules is not None:
            sys.modules.pop(self.__module.__name__, None)
            if linecache := sys.modules.get("linecache"):
                linecache.cache.pop(self.__module.__file__, None)


def make(is_limited: bool, source: str, place: str) -> PythonModule:
    """A module that runs the source. Its traceback shows the lines."""
    if is_limited:
        raise PermissionError(
            "source code is not exposed by this server, which is limited to packages"
        )
    return PythonModule(source, place)
