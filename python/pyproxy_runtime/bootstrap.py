"""The first Python code of a server: it makes the runtime importable, prepares the process, serves.

Run by the native module, not imported: `native` is the module `_pyproxy`, passed in as a global.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from types import CodeType, ModuleType
from typing import Any

PACKAGE = "pyproxy_runtime"


class EmbeddedSources(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds and loads the modules of the runtime in the server's memory."""

    def __init__(self, sources: Mapping[str, bytes]) -> None:
        self._sources = sources

    def find_spec(
        self,
        fullname: str,
        _path: Sequence[str] | None = None,
        _target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        if self._file(fullname) not in self._sources:
            return None
        return importlib.util.spec_from_loader(
            fullname, self, origin=self._origin(fullname), is_package=fullname == PACKAGE
        )

    def get_source(self, fullname: str) -> str:
        return self._sources[self._file(fullname)].decode()

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.get_source(fullname), self._origin(fullname), "exec")

    def is_package(self, fullname: str) -> bool:
        return fullname == PACKAGE

    @staticmethod
    def _file(fullname: str) -> str:
        if fullname == PACKAGE:
            return "__init__.py"
        package, _, name = fullname.rpartition(".")
        return f"{name}.py" if package == PACKAGE else ""

    @staticmethod
    def _origin(fullname: str) -> str:
        return f"<pyproxy>/{EmbeddedSources._file(fullname)}"


def main(native: Any) -> None:
    sys.meta_path.insert(0, EmbeddedSources(native.sources()))
    from pyproxy_runtime import server

    server.run(native)


if "native" in globals():
    main(globals()["native"])
