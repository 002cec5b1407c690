"""What the source of a module says: what it imports, and what it runs when it is loaded."""

from __future__ import annotations

from pyproxy_runtime.standard_library import standard

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
else:
    ast = standard("ast")

# The module of what is imported, the name in it (None: the module itself), the name that it gets.
ImportedName = tuple[str, str | None, str]

_PLAIN_DECORATORS = {"staticmethod", "classmethod", "property", "abstractmethod", "override"}
_PROPERTY_PARTS = {"setter", "getter", "deleter"}
# Of a class, run when another one is derived from it.
_RUN_BY_DERIVING = {"__init_subclass__", "__class_getitem__", "__mro_entries__", "__set_name__"}


class ModuleSyntax:
    """The parts of a module's source by when they run.

    `frame` is all of it that runs when the module is loaded, as text to compare; `bodies` are those
    of the functions, which may be replaced without loading the module again.
    """

    def __init__(self, source: bytes, package: str) -> None:
        self._package = package
        # Imports that loading the module performs, and those that functions perform.
        self.imports: list[ImportedName] = []
        self.later_imports: list[ImportedName] = []
        # Names that loading the module reads: elsewhere than in bases, and in bases.
        self.used: set[str] = set()
        self.bases: set[str] = set()
        self.definitions: set[str] = set()
        self.bodies: dict[tuple[str, int], str] = {}
        # The texts of the module ("") and of its classes.
        self.documentation: dict[str, str | None] = {}
        tree = ast.parse(source)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                self.definitions.add(node.name)
        self._documentation(tree, "")
        self._visit_body(tree, "")
        self.frame = ast.dump(tree)

    def changed_bodies(self, newer: ModuleSyntax) -> set[str]:
        """The qualified names of functions whose bodies differ, given that the frames do not."""
        return {key[0] for key, body in newer.bodies.items() if self.bodies.get(key) != body}

    def runs_code_of(self, names: set[str], changed: set[str] | None = None) -> bool:
        """Whether loading the module may have run functions that are reached by these names.

        Deriving from a class runs only what some special methods of it do; None: which functions
        have changed is not known.
        """
        if not self.used.isdisjoint(names):
            return True
        if self.bases.isdisjoint(names):
            return False
        return changed is None or any(
            name.rpartition(".")[2] in _RUN_BY_DERIVING for name in changed
        )

    # What runs when the module is loaded

    def _visit_body(self, node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            self._visit(child, prefix)

    def _visit(self, node: ast.AST, prefix: str) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self._visit_function(node, prefix)
        elif isinstance(node, ast.ClassDef):
            self._visit_class(node, prefix)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self.imports += self._imported(node)
        elif isinstance(node, ast.AnnAssign):
            self._visit(node.target, prefix)
            if node.value is not None:
                self._visit(node.value, prefix)
        elif isinstance(node, ast.If) and _is_false_when_imported(node.test):
            for child in node.orelse:
                self._visit(child, prefix)
        else:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                self.used.add(node.id)
            self._visit_body(node, prefix)

    def _visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, prefix: str) -> None:
        for decorator in node.decorator_list:
            self._visit(decorator, prefix)
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self._visit(default, prefix)
        for statement in node.body:
            for child in ast.walk(statement):
                if isinstance(child, ast.Import | ast.ImportFrom):
                    self.later_imports += self._imported(child)
        if all(_is_plain(decorator) for decorator in node.decorator_list):
            name = prefix + node.name
            number = 0
            while (name, number) in self.bodies:
                number += 1
            self.bodies[name, number] = ast.dump(ast.Module(body=node.body, type_ignores=[]))
            node.body = []

    def _visit_class(self, node: ast.ClassDef, prefix: str) -> None:
        for part in (*node.decorator_list, *node.keywords):
            self._visit(part, prefix)
        for base in node.bases:
            self.bases.update(child.id for child in ast.walk(base) if isinstance(child, ast.Name))
        self._documentation(node, prefix + node.name)
        for statement in node.body:
            self._visit(statement, prefix + node.name + ".")

    def _documentation(self, node: ast.Module | ast.ClassDef, name: str) -> None:
        text = ast.get_docstring(node, clean=False)
        self.documentation[name] = text
        if text is not None:
            node.body[0] = ast.Expr(ast.Constant(""))

    # Imports

    def _imported(self, node: ast.Import | ast.ImportFrom) -> list[ImportedName]:
        if isinstance(node, ast.Import):
            return [
                (alias.name, None, alias.asname or alias.name.partition(".")[0])
                for alias in node.names
            ]
        module = node.module or ""
        if node.level:
            # As many packages up as there are dots, less one.
            parts = self._package.split(".")
            parts = parts[: len(parts) - node.level + 1]
            module = ".".join([*parts, module] if module else parts)
        return [(module, alias.name, alias.asname or alias.name) for alias in node.names]


def _is_plain(decorator: ast.expr) -> bool:
    if isinstance(decorator, ast.Name):
        return decorator.id in _PLAIN_DECORATORS
    return isinstance(decorator, ast.Attribute) and (
        decorator.attr in _PROPERTY_PARTS or decorator.attr in _PLAIN_DECORATORS
    )


def _is_false_when_imported(test: ast.expr) -> bool:
    """`if __name__ == "__main__":` and `if TYPE_CHECKING:`."""
    if isinstance(test, ast.Name):
        return test.id == "TYPE_CHECKING"
    if isinstance(test, ast.Attribute):
        return test.attr == "TYPE_CHECKING"
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and isinstance(test.ops[0], ast.Eq)
        and isinstance(test.comparators[0], ast.Constant)
        and test.comparators[0].value == "__main__"
    )
