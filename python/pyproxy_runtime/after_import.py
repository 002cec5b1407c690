"""Does something with a module when it has been imported, without importing it."""

from __future__ import annotations

import sys

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any


def after_import(follow: dict[str, Callable[[Any], None]]) -> None:
    """Calls each function with the module of its name: now, or when that is imported."""
    missing: dict[str, Callable[[Any], None]] = {}
    for name, function in follow.items():
        module = sys.modules.get(name)
        if module is None:
            missing[name] = function
        else:
            function(module)
    if missing:
        sys.meta_path.insert(0, _AfterImport(missing))


class _AfterImport:
    """Waits for imports of modules that most calls do without."""

    def __init__(self, follow: dict[str, Callable[[Any], None]]) -> None:
        self._follow = follow

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        follow = self._follow.pop(fullname, None)
        if follow is None:
            return None
        spec = self._find(fullname, path, target)
        if spec is None or spec.loader is None:
            return spec
        loader: Any = spec.loader
        execute = loader.exec_module

        def execute_and_follow(module: ModuleType) -> None:
            execute(module)
            follow(module)

        loader.exec_module = execute_and_follow
        return spec

    def _find(self, fullname: str, path: Any, target: Any) -> Any:
        """What the finders after this one find: others may wait for the same module."""
        finders = iter(list(sys.meta_path))
        for finder in finders:
            if finder is self:
                break
        for finder in finders:
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                return spec
        return None
