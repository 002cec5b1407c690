"""Takes changes of the project's files over into the running process.

Functions whose bodies alone have changed get the new code in place, and nothing else happens
("patched"). Other changed modules, and those that import them, are executed again ("reloaded"),
in the order of their imports.
"""

from __future__ import annotations

import gc
import sys
import time
from types import ModuleType

from pyproxy_runtime.reloading import patching
from pyproxy_runtime.reloading.changes import Changes
from pyproxy_runtime.reloading.import_graph import ImportGraph
from pyproxy_runtime.reloading.module_syntax import ModuleSyntax
from pyproxy_runtime.reloading.project import forget_listings
from pyproxy_runtime.reloading.reload_session import (
    LoadFailed,
    ReloadSession,
    classes_of,
    find_class,
)
from pyproxy_runtime.standard_library import is_standard, standard

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import weakref
    from collections.abc import Callable, Collection, Sequence
    from types import CodeType
    from typing import Any

    from pyproxy_runtime.reloading.data_files import DataFiles
    from pyproxy_runtime.reloading.project import Project, Record
else:
    weakref = standard("weakref")

# A function of a module, called with the paths of data files that have changed.
DATA_HOOK = "__data_changed__"
PATCHED, RELOADED, DELETED, BROKEN = "patched", "reloaded", "deleted", "broken"


class Reloader:
    """Finds out what has changed and what follows from it."""

    def __init__(
        self,
        project: Project,
        describe: Callable[[BaseException], object],
        data_files: DataFiles | None = None,
        count_objects: Callable[[type], int] = lambda _class: 0,
    ) -> None:
        """`describe` turns an exception into what a client is told of it.

        `count_objects` says how many objects of a class stay on the server for clients.
        """
        self._project = project
        self._describe = describe
        self._data_files = data_files
        self._count_objects = count_objects
        self._syntaxes: dict[str, tuple[bytes, ModuleSyntax]] = {}

    def reload(self, paths: Sequence[str], everything: bool = False) -> tuple[str, Any] | None:
        """Takes over what has changed in these files and folders; an empty path stands for all.

        With `everything` all modules of the project are executed again, changed or not.

        Returns a line for people and (seconds, [(module, kind)], stale classes, data files,
        exceptions, [(stale class, number of clients' objects)]); None if nothing has changed.
        """
        start = time.perf_counter()
        forget_listings()
        self._project.watch_again()
        changes = Changes(self._project, paths, everything)
        files = self._data_files.changed() if self._data_files else []
        if not changes.is_something and not files:
            return None
        # The new lines for tracebacks.
        if (linecache := sys.modules.get("linecache")) and is_standard(linecache):
            linecache.checkcache()
        outcome = self._take_over(changes, {} if everything else dict(self._project.broken))
        errors = list(outcome.errors.values()) + self._tell_of(files)
        seconds = time.perf_counter() - start
        kinds = sorted(outcome.kinds.items())
        if not kinds and not files:
            return None
        line = _line(kinds, outcome, files, errors, seconds)
        return line, (
            seconds,
            kinds,
            outcome.stale,
            files,
            [self._describe(error) for error in errors],
            sorted(outcome.stale_objects.items()),
        )

    # Code

    def _take_over(self, changes: Changes, known: dict[str, BaseException]) -> _Outcome:
        outcome = _Outcome(known)
        changed, forced = dict(changes.sources), set(changes.forced)
        for name, source in changes.sources.items():
            file = changes.files.get(name) or self._project.records[name].file
            try:
                compile(source, file, "exec", dont_inherit=True)
            except (SyntaxError, ValueError) as error:
                self._refuse(name, error, outcome)
                del changed[name]
                forced.discard(name)
        while changed or forced or changes.deleted:
            plan = self._plan(changed, changes.deleted, forced, outcome.errors.keys())
            session = ReloadSession(self._project)
            try:
                self._patch(plan, changed, session)
                session.run(plan.reloads, sorted(changes.deleted))
            except LoadFailed as failure:
                # The others do without it: it keeps running its old code.
                self._refuse(failure.module, failure.error, outcome)
                changed.pop(failure.module, None)
                forced.discard(failure.module)
                if failure.module not in plan.reloads:
                    break
            else:
                self._succeed(plan, session, changes.deleted, outcome)
                break
        return outcome

    def _plan(
        self,
        changed: dict[str, bytes],
        deleted: set[str],
        forced: set[str],
        refused: Collection[str],
    ) -> _Plan:
        plan = _Plan()
        graph = ImportGraph(self._project, lambda name: self._syntax(name, changed.get(name)))
        must = set(forced)
        for name, source in changed.items():
            pairs = None if name in forced else self._pairs(name, source, graph)
            if pairs is None:
                must.add(name)
            else:
                plan.patches[name] = pairs
        touched = graph.behind(set(changed) | deleted | forced, later=True)
        uses = {name for name in touched if graph.ran_code_of(name, touched)}
        must = graph.behind(must | deleted | uses, later=False) - deleted
        plan.reloads = [name for name in graph.ordered(must) if name not in refused]
        for name in must:
            plan.patches.pop(name, None)
        return plan

    def _pairs(self, name: str, source: bytes, graph: ImportGraph) -> _Patch | None:
        """How the functions of a module are patched; None if it must be executed again."""
        record = self._project.records[name]
        module = sys.modules.get(name)
        if record.code is None or not isinstance(module, ModuleType):
            return None
        if name in self._project.broken:
            return None
        old = self._parsed(record, record.source)
        new = graph.syntax(name)
        if old is None or new is None or old.frame != new.frame:
            return None
        if old.bodies.keys() != new.bodies.keys():
            return None
        changed = old.changed_bodies(new)
        if new.runs_code_of(new.definitions, changed) and changed:
            return None
        code = compile(source, record.file, "exec", dont_inherit=True)
        pairs = patching.pair_functions(record.code, code)
        return None if pairs is None else _Patch(code, pairs, new)

    def _patch(self, plan: _Plan, changed: dict[str, bytes], session: ReloadSession) -> None:
        for name, patch in plan.patches.items():
            module = sys.modules[name]
            for function in patching.functions_of(module):
                code = patch.codes.get(function.__code__)
                if code is not None:
                    session.undo.append(patching.replace_code(function, code))
            for path, text in patch.syntax.documentation.items():
                owner: Any = find_class(vars(module), name, path) if path else module
                if owner is not None:
                    owner.__doc__ = text
            record = self._project.records[name]
            before = record.source, record.code
            record.source, record.code = changed[name], patch.code

            def undo(record: Record = record, before: Any = before) -> None:
                record.source, record.code = before

            session.undo.append(undo)

    def _succeed(
        self,
        plan: _Plan,
        session: ReloadSession,
        deleted: set[str],
        outcome: _Outcome,
    ) -> None:
        outcome.kinds.update(dict.fromkeys(plan.patches, PATCHED))
        outcome.kinds.update(dict.fromkeys(plan.reloads, RELOADED))
        outcome.kinds.update(dict.fromkeys(deleted, DELETED))
        for name in (*plan.patches, *plan.reloads, *deleted):
            self._project.broken.pop(name, None)
        stale = _stale_classes(session)
        outcome.stale = sorted({name for name, _ in stale})
        for name, old in stale:
            if count := self._count_objects(old):
                outcome.stale_objects[name] = outcome.stale_objects.get(name, 0) + count

    def _refuse(self, name: str, error: BaseException, outcome: _Outcome) -> None:
        self._project.set_broken(name, error)
        known = outcome.known.get(name)
        outcome.errors[name] = error
        # Not told twice.
        if known is None or (type(known), str(known)) != (type(error), str(error)):
            outcome.kinds[name] = BROKEN

    # Data

    def _tell_of(self, files: list[str]) -> list[BaseException]:
        """Calls the hooks of modules that want to know of data files."""
        errors: list[BaseException] = []
        if not files:
            return errors
        for record in sorted(self._project.records.values(), key=lambda record: record.order):
            module = sys.modules.get(record.name)
            hook = getattr(module, DATA_HOOK, None)
            # Not one that is only imported.
            if not callable(hook) or getattr(hook, "__module__", None) != record.name:
                continue
            try:
                hook(list(files))
            except BaseException as error:
                errors.append(error)
        return errors

    # Syntax

    def _syntax(self, name: str, source: bytes | None) -> ModuleSyntax | None:
        record = self._project.records.get(name)
        if record is None:
            return None
        return self._parsed(record, record.source if source is None else source)

    def _parsed(self, record: Record, source: bytes) -> ModuleSyntax | None:
        known = self._syntaxes.get(record.name)
        if known is not None and known[0] == source:
            return known[1]
        try:
            syntax = ModuleSyntax(source, record.parent)
        except (SyntaxError, ValueError, RecursionError):
            return None
        self._syntaxes[record.name] = source, syntax
        return syntax


class _Patch:
    def __init__(
        self, code: CodeType, codes: dict[CodeType, CodeType], syntax: ModuleSyntax
    ) -> None:
        self.code = code
        self.codes = codes
        self.syntax = syntax


class _Plan:
    def __init__(self) -> None:
        self.patches: dict[str, _Patch] = {}
        self.reloads: list[str] = []


class _Outcome:
    def __init__(self, known: dict[str, BaseException]) -> None:
        # What was wrong before.
        self.known = known
        self.kinds: dict[str, str] = {}
        self.errors: dict[str, BaseException] = {}
        self.stale: list[str] = []
        # How many objects clients have of stale classes.
        self.stale_objects: dict[str, int] = {}


def _stale_classes(session: ReloadSession) -> list[tuple[str, type]]:
    """Classes that are not what their module has now, and that something still uses."""
    candidates = _replaced_classes(session)
    session.forget()
    if not candidates:
        return []
    # Classes refer to themselves: only the collector finds out that nobody else does.
    gc.collect()
    return [(name, kind) for name, old in candidates if (kind := old()) is not None]


def _replaced_classes(session: ReloadSession) -> list[tuple[str, weakref.ref[type]]]:
    replaced = []
    for name, namespace in session.snapshots.items():
        module = sys.modules.get(name)
        new = classes_of(vars(module), name) if module else {}
        replaced += [
            (f"{name}.{path}", weakref.ref(old))
            for path, old in classes_of(namespace, name).items()
            if new.get(path) is not old
        ]
    return replaced


def _line(
    kinds: list[tuple[str, str]],
    outcome: _Outcome,
    files: list[str],
    errors: list[BaseException],
    seconds: float,
) -> str:
    parts = []
    for kind in (RELOADED, PATCHED, DELETED, BROKEN):
        names = [name for name, other in kinds if other == kind]
        if names:
            more = f" and {len(names) - 8} more" if len(names) > 8 else ""
            parts.append(f"{kind} {', '.join(names[:8])}{more}")
    if files:
        parts.append(
            f"{len(files)} data files changed" if len(files) > 1 else f"{files[0]} changed"
        )
    if outcome.stale:
        names = [
            f"{name} ({count} of them kept by clients)"
            if (count := outcome.stale_objects.get(name))
            else name
            for name in outcome.stale
        ]
        parts.append("old instances remain of " + ", ".join(names))
    parts += [f"{type(error).__name__}: {error}" for error in errors]
    return "; ".join(parts).replace("\n", " ") + f" ({seconds * 1000:.1f} ms)"
