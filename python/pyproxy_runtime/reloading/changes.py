"""Which modules have other contents than those that run."""

from __future__ import annotations

import os
import sys

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.machinery import ModuleSpec

    from pyproxy_runtime.reloading.project import Project, Record


class Changes:
    """What the files of the project's modules say now, as far as certain paths concern them.

    Only contents count: not times, and not that a file has been replaced by one that is the same.
    """

    def __init__(self, project: Project, paths: Iterable[str], everything: bool) -> None:
        """An empty path stands for all; with `everything` all modules are to be loaded again."""
        self._project = project
        self._paths = set(paths)
        self._concerns_all = everything or "" in self._paths
        self._stems = {_stem(path) for path in self._paths}
        self.sources: dict[str, bytes] = {}
        # Where modules lie that have moved.
        self.files: dict[str, str] = {}
        self.deleted: set[str] = set()
        # To be loaded again whatever their source says.
        self.forced: set[str] = set()
        # A package comes before what is in it.
        for name in sorted(project.records):
            record = project.records[name]
            if name not in sys.modules:
                # Whoever took it away has it loaded again when it is wanted.
                del project.records[name]
                project.broken.pop(name, None)
            elif self._concern(record):
                self._look(record)
        if everything:
            self.forced |= set(project.records)
        # A module that could not be loaded may do so now, whatever has changed.
        self.forced |= project.broken.keys() & project.records.keys()
        self.forced -= self.deleted

    @property
    def is_something(self) -> bool:
        return bool(self.sources or self.deleted or self.forced)

    def _concern(self, record: Record) -> bool:
        return (
            self._concerns_all
            or record.name in self._project.broken
            or self._names(record.file)
            or self._names(os.path.realpath(record.file))
            # A file or folder of its name elsewhere may now come first.
            or not self._stems.isdisjoint(record.name.split("."))
        )

    def _names(self, file: str) -> bool:
        """Whether a path is that of the file, or of a folder above it."""
        while file not in self._paths:
            parent = os.path.dirname(file)
            if parent == file:
                return False
            file = parent
        return True

    def _look(self, record: Record) -> None:
        """Looks for a module where the import system would."""
        name = record.name
        spec = None if name.rpartition(".")[0] in self.deleted else self._find(name)
        file = spec.origin if spec and spec.origin and spec.origin.endswith(".py") else None
        source = _contents(file) if file else None
        if file is None or source is None:
            self.deleted.add(name)
            return
        if file != record.file:
            self.files[name] = file
            self.forced.add(name)
        if source != record.source:
            self.sources[name] = source

    def _find(self, name: str) -> ModuleSpec | None:
        parent = name.rpartition(".")[0]
        try:
            return self._project.find(name, sys.modules[parent].__path__ if parent else None)
        except (ImportError, AttributeError, KeyError, ValueError):
            return None


def _stem(path: str) -> str:
    name = os.path.basename(path)
    if name == "__init__.py":
        return os.path.basename(os.path.dirname(path))
    return name.removesuffix(".py")


def _contents(file: str) -> bytes | None:
    try:
        with open(file, "rb") as stream:
            return stream.read()
    except OSError:
        return None
