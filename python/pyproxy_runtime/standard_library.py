"""Modules of the standard library, whatever files of the user have their names.

A file `enum.py` in the working directory takes the place of the standard module for everybody who
imports it later. The server's own code must not depend on that.
"""

from __future__ import annotations

import builtins
import importlib
import os
import sys
from importlib.machinery import BuiltinImporter, FrozenImporter, ModuleSpec, PathFinder
from types import ModuleType

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_PREFIX = "pyproxy_standard."
_FOLDER = os.path.join(os.path.dirname(os.__file__), "")
_PATHS = [path for path in sys.path if path and os.path.join(path, "").startswith(_FOLDER)]
_PATHS = [path for path in _PATHS if "-packages" not in path] or [os.path.dirname(os.__file__)]


def standard(name: str) -> Any:
    """Imports a module of the standard library.

    If files of the user have names of standard modules, it is loaded for the server alone, with
    everything that it imports in turn.
    """
    loaded = sys.modules.get(name)
    if loaded is not None and is_standard(loaded):
        return loaded
    return _private.load(name) if shadows() else importlib.import_module(name)


def is_standard(module: ModuleType) -> bool:
    """Whether a module that has been imported is the one of the standard library."""
    spec = getattr(module, "__spec__", None)
    origin = getattr(spec, "origin", None)
    if origin in ("built-in", "frozen"):
        return True
    return isinstance(origin, str) and origin.startswith(_FOLDER) and "-packages" not in origin


def shadows() -> dict[str, str]:
    """Names of standard modules that files of the user have, and the files."""
    found: dict[str, str] = {}
    for folder in sys.path:
        is_library = os.path.join(folder, "").startswith(_FOLDER) or "-packages" in folder
        if is_library or folder.endswith(".zip"):
            continue
        try:
            entries = os.listdir(folder or ".")
        except OSError:
            continue
        for entry in entries:
            name = entry.removesuffix(".py")
            if name in sys.stdlib_module_names and name not in found:
                path = os.path.join(folder or os.getcwd(), entry)
                if entry != name or os.path.exists(os.path.join(path, "__init__.py")):
                    found[name] = path
    return found


class _PrivateModules:
    """Standard modules of the server's own, in `sys.modules` under private names.

    Not only here: classes look up their module by its name.
    """

    def __init__(self) -> None:
        self._modules: dict[str, ModuleType] = {}

    def load(self, name: str) -> ModuleType:
        loaded = self._modules.get(name) or sys.modules.get(name)
        if loaded is not None and (name in self._modules or is_standard(loaded)):
            return loaded
        parent, _, child = name.rpartition(".")
        paths = self.load(parent).__path__ if parent else _PATHS
        spec = _find(name, paths)
        if spec is None or spec.loader is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        code = getattr(spec.loader, "get_code", lambda _name: None)(name)
        if code is None:
            # Built into the interpreter, or a shared library, which is loaded once only.
            return importlib.import_module(name)
        private_name = _PREFIX + name
        module = ModuleType(private_name)
        vars(module).update(
            __spec__=spec,
            __file__=spec.origin,
            __loader__=spec.loader,
            __package__=private_name
            if spec.submodule_search_locations is not None
            else private_name.rpartition(".")[0],
            __builtins__={**vars(builtins), "__import__": self._import},
        )
        if spec.submodule_search_locations is not None:
            module.__path__ = spec.submodule_search_locations
        self._modules[name] = sys.modules[private_name] = module
        try:
            exec(code, vars(module))
        except BaseException:
            del self._modules[name], sys.modules[private_name]
            raise
        if parent:
            setattr(self._modules.get(parent) or sys.modules[parent], child, module)
        return module

    def _import(
        self,
        name: str,
        namespace: dict[str, Any] | None = None,
        _locals: object = None,
        names: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """As `builtins.__import__`."""
        if level:
            base = str((namespace or {}).get("__package__"))
            for _ in range(level - 1):
                base = base.rpartition(".")[0]
            name = (f"{base}.{name}" if name else base).removeprefix(_PREFIX)
        module = self.load(name)
        if not names:
            return module if level else self.load(name.partition(".")[0])
        for wanted in names:
            if hasattr(module, "__path__") and not hasattr(module, wanted):
                try:
                    self.load(f"{name}.{wanted}")
                except ModuleNotFoundError:
                    continue
        return module


def _find(name: str, paths: Sequence[str]) -> ModuleSpec | None:
    for finder in (BuiltinImporter, FrozenImporter):
        spec = finder.find_spec(name)
        if spec is not None:
            return spec
    return PathFinder.find_spec(name, list(paths))


_private = _PrivateModules()
