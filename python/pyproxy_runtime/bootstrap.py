"""The first Python code of a server: it makes the runtime importable, and prepares the process.

Run by the native module, not imported: `native` is the module `_pyproxy`, passed in as a global.
What it leaves in the global `hooks` is what the server calls.
"""

from __future__ import annotations

import sys

# Files of the user that have names of standard modules must not take their places in what serving
# needs. (`-c` puts the working directory first.) `main` restores the path.
USER_PATH = sys.path[:]
sys.path[:] = [path for path in USER_PATH if path and path.startswith(sys._stdlib_dir or "/")]  # type: ignore[attr-defined]

from importlib.machinery import ModuleSpec  # noqa: E402

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType, ModuleType
    from typing import Any

PACKAGE = "pyproxy_runtime"


class EmbeddedSources:
    """Finds and loads the modules of the runtime in the server's memory.

    A meta path finder and a loader, like importlib.abc.InspectLoader, whose module drags in dozens.
    """

    def __init__(self, sources: Mapping[str, bytes]) -> None:
        self._sources = sources

    def find_spec(
        self, fullname: str, _path: object = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        file = self._file(fullname)
        is_package = self.is_package(fullname)
        if file not in self._sources and not is_package:
            return None
        spec = ModuleSpec(
            fullname,
            self,  # type: ignore[arg-type]
            origin=self._origin(fullname),
            is_package=is_package,
        )
        # Tracebacks name the file, and find its lines through the loader.
        spec.has_location = file in self._sources
        return spec

    def create_module(self, _spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.get_code(module.__name__), module.__dict__)

    def get_source(self, fullname: str) -> str:
        # The folders of the package have no file of their own.
        return self._sources.get(self._file(fullname), b"").decode()

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.get_source(fullname), self._origin(fullname), "exec")

    def is_package(self, fullname: str) -> bool:
        if fullname == PACKAGE:
            return True
        folder = self._file(fullname).removesuffix(".py") + "/"
        return folder != "/" and any(name.startswith(folder) for name in self._sources)

    @staticmethod
    def _file(fullname: str) -> str:
        """The name of a module's source; empty for modules of others."""
        if fullname == PACKAGE:
            return "__init__.py"
        package, _, name = fullname.partition(".")
        return name.replace(".", "/") + ".py" if package == PACKAGE else ""

    @staticmethod
    def _origin(fullname: str) -> str:
        return f"<pyproxy>/{EmbeddedSources._file(fullname)}"


def main(native: Any) -> object:
    sys.meta_path.insert(0, EmbeddedSources(native.sources()))
    try:
        from pyproxy_runtime import server
    finally:
        sys.path[:] = USER_PATH

    return server.prepare(native)


if "native" in globals():
    hooks = main(globals()["native"])
