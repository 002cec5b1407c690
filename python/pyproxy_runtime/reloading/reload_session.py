"""One attempt to load modules again: afterwards all of them run their new code, or none does."""

from __future__ import annotations

import builtins
import importlib
import sys
from types import ModuleType

from pyproxy_runtime.reloading.class_building import ClassBuilder
from pyproxy_runtime.reloading.patching import adopt_function

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FunctionType
    from typing import Any

    from pyproxy_runtime.reloading.project import Project, Record

# A function of a module, called after it has been loaded again with the names that it had before.
KEEP_HOOK = "__reload__"


class LoadFailed(Exception):
    """A module raised while it was loaded."""

    def __init__(self, module: str, error: BaseException) -> None:
        super().__init__(module)
        self.module = module
        self.error = error


class ReloadSession:
    """Modules that are executed again, as the import system does it, but in their old objects."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._modules: dict[str, ModuleType] = {}
        self.snapshots: dict[str, dict[str, Any]] = {}
        self.undo: list[Callable[[], None]] = []
        self._records: dict[str, Record] = {}
        self._parents: dict[str, Any] = {}
        self._failure: tuple[str, BaseException] | None = None
        self._adopted: set[type] = set()
        # What modules that import each other may have taken before it was settled, by its address.
        self._successors: dict[int, tuple[object, object]] = {}

    def run(self, names: Sequence[str], removed: Sequence[str]) -> None:
        """Loads the modules in this order, without those that are removed.

        Raises LoadFailed after everything has been put back as it was.
        """
        for name in (*names, *removed):
            module = sys.modules.get(name)
            if isinstance(module, ModuleType):
                self._modules[name] = module
                self.snapshots[name] = dict(module.__dict__)
            if name in self._project.records:
                self._records[name] = self._project.records[name]
            parent, _, child = name.rpartition(".")
            holder = sys.modules.get(parent)
            if holder is not None and child in holder.__dict__:
                self._parents[name] = holder.__dict__[child]
        build_class = builtins.__build_class__
        self._builder = ClassBuilder(build_class, self._old_class, self.undo)
        builtins.__build_class__ = self._builder
        self._project.session = self
        current = ""
        try:
            for name in (*names, *removed):
                sys.modules.pop(name, None)
            for name in removed:
                self._detach(name)
                self._project.deleted[name] = self._project.records.pop(name).file
            for name in names:
                current = name
                importlib.import_module(name)
            for name in names:
                self._settle_taken(sys.modules[name])
        except BaseException as error:
            self.roll_back()
            failed, cause = self._failure or (current, error)
            raise LoadFailed(failed, cause) from None
        finally:
            self._project.session = None
            builtins.__build_class__ = build_class

    def roll_back(self) -> None:
        for undo in reversed(self.undo):
            undo()
        self.undo.clear()
        for name, module in self._modules.items():
            module.__dict__.clear()
            module.__dict__.update(self.snapshots[name])
            sys.modules[name] = module
        for name, record in self._records.items():
            self._project.records[name] = record
            self._project.deleted.pop(name, None)
        for name, value in self._parents.items():
            parent, _, child = name.rpartition(".")
            setattr(sys.modules[parent], child, value)

    def forget(self) -> None:
        """Lets go of what has been replaced."""
        self.undo.clear()
        self.snapshots.clear()
        self._modules.clear()
        self._parents.clear()
        self._successors.clear()
        self._adopted.clear()

    def _detach(self, name: str) -> None:
        parent, _, child = name.rpartition(".")
        holder = sys.modules.get(parent)
        if holder is not None and holder.__dict__.get(child) is self._modules.get(name):
            holder.__dict__.pop(child, None)

    # Called by the loader

    def module_for(self, name: str) -> ModuleType | None:
        """The object that a module had, without its names."""
        module = self._modules.get(name)
        if module is None:
            return None
        module.__dict__.clear()
        # The import system sets the other attributes of a module that has none of these.
        module.__dict__.update(__name__=name, __doc__=None)
        for key, value in self.snapshots[name].items():
            # Loading a package does not load what is in it, which stays.
            if isinstance(value, ModuleType) and sys.modules.get(f"{name}.{key}") is value:
                module.__dict__[key] = value
        return module

    def executed(self, module: ModuleType) -> None:
        """Puts what existed before in the place of its successor, as far as it can be the same."""
        old = self.snapshots[module.__name__]
        for name, value in list(module.__dict__.items()):
            before = old.get(name)
            if before is None or before is value:
                continue
            adopted = adopt_function(before, value)
            if adopted is not None:
                settled: object = adopted[0]
                self.undo.append(adopted[1])
            elif (
                isinstance(value, type)
                and isinstance(before, type)
                and value.__module__ == before.__module__ == module.__name__
            ):
                settled = self._builder.settle(before, value)
            else:
                continue
            if settled is not value:
                self._successors[id(value)] = value, settled
                module.__dict__[name] = settled
        hook = module.__dict__.get(KEEP_HOOK)
        if callable(hook):
            hook(old)

    def failed(self, name: str, error: BaseException) -> None:
        if self._failure is None:
            self._failure = name, error

    def _settle_taken(self, module: ModuleType) -> None:
        for name, value in list(module.__dict__.items()):
            _, settled = self._successors.get(id(value), (None, None))
            if settled is not None:
                module.__dict__[name] = settled

    # Classes

    def _old_class(self, body: FunctionType) -> type | None:
        name = body.__globals__.get("__name__")
        module = self._modules.get(name) if isinstance(name, str) else None
        if module is None or module.__dict__ is not body.__globals__:
            return None
        old = find_class(self.snapshots[module.__name__], module.__name__, body.__qualname__)
        if old is None or old in self._adopted:
            return None
        self._adopted.add(old)
        return old


def find_class(namespace: dict[str, Any], module: str, path: str) -> type | None:
    """The class of that qualified name that a module has defined."""
    value: Any = None
    names: Any = namespace
    for part in path.split("."):
        value = names.get(part)
        if not isinstance(value, type):
            return None
        names = vars(value)
    return value if value.__module__ == module and value.__qualname__ == path else None


def classes_of(namespace: dict[str, Any], module: str) -> dict[str, type]:
    """The classes that a module has defined, by qualified name."""
    found: dict[str, type] = {}

    def look(names: Any) -> None:
        for value in list(names.values()):
            if (
                isinstance(value, type)
                and value.__module__ == module
                and value.__qualname__ not in found
            ):
                found[value.__qualname__] = value
                look(vars(value))

    look(namespace)
    return found
