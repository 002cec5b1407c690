"""The user's own modules: which they are, where their files lie, with what source they run.

Installed packages, the standard library and extension modules are not among them: they do not
change while a server runs, and many cannot be loaded twice.
"""

from __future__ import annotations

import _thread
import importlib
import os
import sys
import time

# What importlib.util has it from: that one drags in a dozen modules.
from importlib._bootstrap_external import (  # type: ignore[attr-defined]
    _NamespacePath,
    cache_from_source,
)
from importlib.machinery import ModuleSpec, SourceFileLoader

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType, ModuleType
    from typing import Any, Protocol

    class Session(Protocol):
        """What loads modules again, in their old objects."""

        snapshots: dict[str, dict[str, Any]]

        def module_for(self, name: str) -> ModuleType | None: ...

        def executed(self, module: ModuleType) -> None: ...

        def failed(self, name: str, error: BaseException) -> None: ...


# Seconds. Files of cached bytecode carry the time of their source in whole seconds: one that was
# written so soon after the source may be that of an earlier save.
_DOUBTFUL_AGE = 2


class Record:
    """A module of the project, as it was loaded last."""

    __slots__ = ("code", "file", "name", "order", "source")

    def __init__(self, name: str, file: str) -> None:
        self.name = name
        self.file = file
        self.source = b""
        self.code: CodeType | None = None
        self.order = 0

    @property
    def is_package(self) -> bool:
        return os.path.basename(self.file) == "__init__.py"

    @property
    def parent(self) -> str:
        """The package that relative imports start from."""
        return self.name if self.is_package else self.name.rpartition(".")[0]


class Project:
    """The modules of the user, by name."""

    def __init__(self, roots: Iterable[str], watch: Callable[[str], None] | None) -> None:
        """Modules below one of `roots` belong to the project even where packages are installed.

        `watch` is called with each folder, and with each file, whose changes matter.
        """
        self._roots = sorted({_folder(root) for root in roots}, key=len, reverse=True)
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        libraries = {os.path.dirname(os.__file__)} | {
            os.path.join(prefix, library, version)
            for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)
            for library in ("lib", "lib64")
        }
        self._libraries = {_folder(library) for library in libraries} | {
            _folder(os.path.realpath(library)) for library in libraries
        }
        self._watch = watch
        self._watched: set[str] = set()
        self._last_order = 0
        self.records: dict[str, Record] = {}
        # What calls into a module that cannot be loaded are answered with.
        self.broken: dict[str, BaseException] = {}
        # Modules whose files are gone, and the files.
        self.deleted: dict[str, str] = {}
        # Imports that happened while a module was executed, seen or unseen by its syntax.
        self.imported_by: dict[str, set[str]] = {}
        # Takes part in the loading of modules while it is set.
        self.session: Session | None = None
        self._executing = _thread._local()

        self._finder = _ProjectFinder(self)

    def install(self) -> None:
        sys.meta_path.insert(0, self._finder)

    def find(self, name: str, path: Any) -> ModuleSpec | None:
        """Where the import system would find a module now; `path` is that of its package."""
        return self._finder.find(name, path, None)

    def includes(self, path: str) -> bool:
        path = os.path.abspath(path)
        root = next((root for root in self._roots if path.startswith(root)), "")
        if any(
            path.startswith(library) and len(library) > len(root) for library in self._libraries
        ):
            return False
        parts = path[len(root) :].split(os.sep)
        return "site-packages" not in parts and "dist-packages" not in parts

    # Loading

    def claims(self, spec: ModuleSpec) -> bool:
        """Whether a module that has been found is one of the project, with source."""
        # Not a subclass: whoever has one does something else than loading source.
        return type(spec.loader) is SourceFileLoader and self.includes(spec.loader.path)

    def loaded(self, record: Record) -> None:
        """A module has been executed without an exception."""
        self._last_order += 1
        record.order = self._last_order
        self.records[record.name] = record
        self.deleted.pop(record.name, None)

    def begin(self, name: str) -> None:
        stack = self._executing.__dict__.setdefault("stack", [])
        if stack:
            self.imported_by.setdefault(name, set()).add(stack[-1])
        stack.append(name)

    def end(self) -> None:
        self._executing.stack.pop()

    def check(self, *modules: object) -> None:
        """Raises what is wrong with one of these modules, if there is something."""
        for module in modules:
            error = self.broken.get(module) if isinstance(module, str) else None
            if error is not None:
                # Without what raising it for an earlier call has added.
                raise error.with_traceback(error.__dict__.get("__pyproxy_traceback__"))

    def set_broken(self, name: str, error: BaseException) -> None:
        error.__dict__["__pyproxy_traceback__"] = error.__traceback__
        self.broken[name] = error

    # Watching

    def watch_module(self, name: str, file: str) -> None:
        """Watches the file of a module and the folders by whose change it may move or vanish."""
        if self._watch is None:
            return
        folder = os.path.dirname(file)
        levels = name.count(".") + (os.path.basename(file) == "__init__.py")
        self._watch_path(file)
        for _ in range(levels + 1):
            self._watch_path(folder)
            folder = os.path.dirname(folder)
        self._watch_path(os.path.dirname(os.path.realpath(file)))

    def watch_folders(self, name: str, folders: Iterable[str]) -> None:
        """Watches the folders of a namespace package."""
        for folder in folders:
            if self._watch is not None and self.includes(folder):
                self.watch_module(name, os.path.join(folder, "__init__.py"))

    def watch_again(self) -> None:
        """Watches folders that have been replaced by others of their name."""
        if self._watch is not None:
            for path in self._watched:
                self._watch(path)

    def _watch_path(self, path: str) -> None:
        if path not in self._watched and self._watch is not None:
            self._watched.add(path)
            self._watch(path)


class _ProjectFinder:
    """Lets the other finders find, and loads what is the project's itself."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def find_spec(
        self, fullname: str, path: Any = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = self.find(fullname, path, target)
        if spec is None:
            return None
        if spec.submodule_search_locations is not None and spec.origin is None:
            self._project.watch_folders(fullname, spec.submodule_search_locations)
        elif self._project.claims(spec):
            loader: Any = spec.loader
            spec.loader = ProjectLoader(loader.name, loader.path, self._project)
        return spec

    def find(self, fullname: str, path: Any, target: ModuleType | None) -> ModuleSpec | None:
        """What the finders after this one find."""
        finders = iter(sys.meta_path)
        for finder in finders:
            if finder is self:
                break
        for finder in finders:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(fullname, path, target) if find else None
            if spec is not None:
                return spec
        return None


class ProjectLoader(SourceFileLoader):
    """Loads a module of the project and remembers with which source."""

    def __init__(self, fullname: str, path: str, project: Project) -> None:
        super().__init__(fullname, path)
        self._project = project

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        session = self._project.session
        return session.module_for(spec.name) if session else None

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        session = self._project.session
        if session is not None and name not in session.snapshots:
            session = None
        self._record = record = Record(name, self.path)
        self._project.begin(name)
        try:
            super().exec_module(module)
            if session is not None:
                session.executed(module)
        except BaseException as error:
            if session is not None:
                session.failed(name, error)
            raise
        finally:
            self._project.end()
        self._project.loaded(record)

    def get_code(self, fullname: str) -> CodeType | None:
        # Watched before it is read, so that no change falls in between.
        self._project.watch_module(fullname, self.path)
        source = self.get_data(self.path)
        code = self._known_code(fullname, source) or self._cached_code(fullname, source)
        if code is None:
            code = self.source_to_code(source, self.path)
        record: Record | None = getattr(self, "_record", None)
        if record is not None:
            record.source = source
            record.code = code
        return code

    def _known_code(self, fullname: str, source: bytes) -> CodeType | None:
        known = self._project.records.get(fullname)
        if known is not None and known.source == source and known.file == self.path:
            return known.code
        return None

    def _cached_code(self, fullname: str, source: bytes) -> CodeType | None:
        """The code of a bytecode file, if that is certainly the code of this source."""
        try:
            before = os.stat(self.path)
            if time.time() - before.st_mtime < _DOUBTFUL_AGE:
                return None
            try:
                cache = os.stat(cache_from_source(self.path))
                if cache.st_mtime - before.st_mtime < _DOUBTFUL_AGE:
                    return None
            except (OSError, NotImplementedError):
                pass
            code = super().get_code(fullname)
            after = os.stat(self.path)
        except OSError:
            return None
        is_same = (before.st_mtime_ns, before.st_size, before.st_ino) == (
            (after.st_mtime_ns, after.st_size, after.st_ino)
        )
        return code if is_same and len(source) == after.st_size else None


# Like the import system's own frame that it stands for, it is passed over by warnings that name the
# line of an import, and shown in no traceback.
_LOADING = ProjectLoader.exec_module.__code__.replace(
    co_filename="<frozen importlib._bootstrap_external>"
)
ProjectLoader.exec_module.__code__ = _LOADING


def loads_project(code: CodeType) -> bool:
    """Whether a frame with this code executes a module of the project."""
    return code is _LOADING


def _folder(path: str) -> str:
    return os.path.join(os.path.abspath(path), "")


def forget_listings() -> None:
    """Lets the import system look into folders again, which have changed since it did.

    As importlib.invalidate_caches, which would import eighty modules only to have them forget the
    metadata of packages.
    """
    if "importlib.metadata" in sys.modules:
        importlib.invalidate_caches()
        return
    for path, finder in list(sys.path_importer_cache.items()):
        if finder is None:
            # Another thread may do the same.
            sys.path_importer_cache.pop(path, None)
        elif hasattr(finder, "invalidate_caches"):
            finder.invalidate_caches()
    # Folders of namespace packages.
    _NamespacePath._epoch += 1
