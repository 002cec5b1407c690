"""Who imports whom among the modules of the project."""

from __future__ import annotations

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pyproxy_runtime.reloading.module_syntax import ImportedName, ModuleSyntax
    from pyproxy_runtime.reloading.project import Project


class ImportGraph:
    """The imports, by what the sources say and by what has been seen."""

    def __init__(self, project: Project, parse: Callable[[str], ModuleSyntax | None]) -> None:
        self._project = project
        self._syntaxes: dict[str, ModuleSyntax | None] = {
            name: parse(name) for name in project.records
        }
        self._names: dict[str, dict[str, set[str]]] = {}
        self._at_load: dict[str, set[str]] = {}
        self._later: dict[str, set[str]] = {}
        for name, syntax in self._syntaxes.items():
            bound: dict[str, set[str]] = {}
            self._at_load[name] = self._modules(syntax.imports if syntax else (), bound)
            self._later[name] = self._modules(syntax.later_imports if syntax else (), {})
            self._names[name] = bound
        for imported, importers in project.imported_by.items():
            for importer in importers & set(self._at_load):
                # The package around a module is loaded before it without being asked for.
                if not any(name.startswith(imported + ".") for name in self._at_load[importer]):
                    self._at_load[importer].add(imported)

    def syntax(self, name: str) -> ModuleSyntax | None:
        return self._syntaxes.get(name)

    def _modules(self, imports: Iterable[ImportedName], bound: dict[str, set[str]]) -> set[str]:
        found: set[str] = set()
        for module, name, local in imports:
            inner = f"{module}.{name}"
            if name is None:
                modules = {module}
                if "." in module and local == module.partition(".")[0]:
                    modules.add(local)
            elif name != "*" and self._is_module(inner):
                modules = {inner}
            else:
                modules = {module}
            found |= modules
            bound.setdefault(local, set()).update(modules)
        return found

    def _is_module(self, name: str) -> bool:
        return name in self._syntaxes or name in self._project.deleted

    def behind(self, names: set[str], later: bool) -> set[str]:
        """The modules, and all that import them, at once or (`later`) when a function runs."""
        found = set(names)
        while True:
            more = {
                name
                for name, imports in self._at_load.items()
                if name not in found
                and not (imports | self._later[name] if later else imports).isdisjoint(found)
            }
            if not more:
                return found
            found |= more

    def ran_code_of(self, name: str, touched: set[str]) -> bool:
        """Whether loading a module has used what it has from one of these modules."""
        syntax = self._syntaxes.get(name)
        if syntax is None:
            return False
        names: set[str] = set()
        for local, modules in self._names[name].items():
            if not modules.isdisjoint(touched - {name}):
                if local == "*":
                    return True
                names.add(local)
        return syntax.runs_code_of(names)

    def ordered(self, names: set[str]) -> list[str]:
        """Those that are imported before those that import them."""
        records = self._project.records
        result: list[str] = []
        seen: set[str] = set()

        def visit(name: str) -> None:
            stack = [(name, iter(self._sorted(self._at_load[name] & names)))]
            seen.add(name)
            while stack:
                current, imports = stack[-1]
                following = next((other for other in imports if other not in seen), None)
                if following is None:
                    result.append(current)
                    stack.pop()
                else:
                    seen.add(following)
                    stack.append((following, iter(self._sorted(self._at_load[following] & names))))

        for name in self._sorted(names & set(records)):
            if name not in seen:
                visit(name)
        return result

    def _sorted(self, names: set[str]) -> list[str]:
        return sorted(names, key=lambda name: self._project.records[name].order)
