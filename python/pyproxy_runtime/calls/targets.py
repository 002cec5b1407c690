"""What the names in calls stand for."""

from __future__ import annotations

import sys
from types import ModuleType

from pyproxy_runtime.calls.contexts import Contexts
from pyproxy_runtime.calls.exposure import Exposure
from pyproxy_runtime.calls.steps import perform
from pyproxy_runtime.errors import PackageNotInstalled
from pyproxy_runtime.reloading.project import forget_listings

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pyproxy_runtime.calls.steps import Steps
    from pyproxy_runtime.reloading.project import Project


class _Packages:
    """Has the packages that have been imported as attributes."""

    def __getattr__(self, name: str) -> ModuleType:
        if (module := sys.modules.get(name)) is None:
            raise AttributeError(f"there is no module {name!r}", name=name)
        return module


_PACKAGES = _Packages()


class Targets:
    """Resolves "package:path" to the object that holds the attribute, and the attribute's name.

    Modules are imported, and attributes of objects are asked for, in steps. Modules run in a
    context whose changes are those of all sessions.
    """

    def __init__(
        self, contexts: Contexts, exposure: Exposure | None = None, project: Project | None = None
    ) -> None:
        self._contexts = contexts
        self._exposure = exposure or Exposure(())
        self._project = project
        self._service: ModuleType | None = None

    def import_service(self, name: str) -> Steps[None]:
        """Imports the module whose functions can be called by bare names."""
        self._service = yield from self._load(name)

    def open(self, package: str) -> Steps[None]:
        """Imports a package, so that a wrong name is noticed before the first call."""
        yield from self._import(package)

    def resolve(self, target: str, assigning: bool = False) -> Steps[tuple[object, str, bool]]:
        """The parent of the target, its name in it, and whether the parent may be remembered.

        Only modules may be remembered: they stay the same object when they are reloaded. Where not
        everything may be named, or some modules are broken, nothing is remembered, and each use is
        checked.
        """
        package, _, path = target.partition(":")
        *holders, name = path.split(".")
        if not name:
            raise ValueError(f"{target!r} names nothing: give the name of a function or attribute")
        if assigning:
            self._exposure.refuse_assignment()
        for part in (*holders, name):
            self._exposure.check_name(part)
        parent = yield from self._root(package, holders, name)
        for holder in holders:
            value = yield from self._attribute(parent, holder)
            self._exposure.check(parent, holder, value)
            parent = value
        if isinstance(parent, ModuleType):
            self._check_loads(parent)
            if not (yield from self._has(parent, name)):
                yield from self._submodule(parent, name)
        if self._exposure.is_limited and (yield from self._has(parent, name)):
            self._exposure.check(parent, name, (yield from self._get(parent, name)))
        may_remember = isinstance(parent, ModuleType) and not self._exposure.is_limited
        if self._project is not None and self._project.broken:
            yield from self._check_works(parent, name)
            may_remember = False
        return parent, name, may_remember

    def _check_loads(self, module: ModuleType) -> None:
        """Raises what is wrong with a module, before it is said to lack a name."""
        if self._project is not None and self._project.broken:
            self._project.check(module.__name__)

    def _check_works(self, parent: object, name: str) -> Steps[None]:
        """Raises what is wrong with the module that a call leads into, if there is something."""
        has_value = yield from self._has(parent, name)
        value = (yield from self._get(parent, name)) if has_value else None
        modules = [getattr(thing, "__module__", None) for thing in (parent, value)]
        for thing in (parent, value):
            if isinstance(thing, ModuleType):
                modules.append(thing.__name__)
        if self._project is not None:
            self._project.check(*modules)

    def _root(self, package: str, holders: list[str], name: str) -> Steps[object]:
        """The object that the rest of the path starts from; takes from `holders` what it used."""
        first = holders[0] if holders else name
        if package:
            module = yield from self._import(package)
            if (yield from self._has(module, first)) or not (yield from self._offers(first)):
                return module
            return self._service
        if (yield from self._offers(first)):
            return self._service
        if holders:
            return (yield from self._import(holders.pop(0)))
        try:
            yield from self._import(first)
        except PackageNotInstalled:
            raise self._bare_name(first) from None
        return _PACKAGES

    def _bare_name(self, name: str) -> NameError:
        service = (
            f"the service {self._service.__name__!r} has no such public function"
            if self._service
            else "there is no service"
        )
        return NameError(
            f"{name!r} is a bare name, and {service}; give the full dotted path, for example "
            "'math.sqrt'",
            name=name,
        )

    def _import(self, name: str) -> Steps[ModuleType]:
        self._exposure.check_module(name)
        for part in name.split("."):
            self._exposure.check_name(part)
        loaded = sys.modules.get(name)
        # Another thread may be in the middle of importing it: the import system waits for that one.
        if isinstance(loaded, ModuleType) and not getattr(loaded.__spec__, "_initializing", False):
            _check_shadow(name, loaded)
            return loaded
        try:
            return (yield from self._load(name))
        except ModuleNotFoundError as error:
            # Only if the package itself is missing, not one of those that it imports, and has not
            # been there a moment ago.
            outermost = name.partition(".")[0]
            if error.name == outermost and not self._was_deleted(outermost):
                raise PackageNotInstalled(error.name) from None
            raise

    def _attribute(self, parent: object, name: str) -> Steps[object]:
        try:
            return (yield from self._get(parent, name))
        except AttributeError:
            module = yield from self._submodule(parent, name)
            if module is None:
                raise
            return module

    def _submodule(self, parent: object, name: str) -> Steps[ModuleType | None]:
        """The submodule of a package that nobody has imported yet, if there is one."""
        if not isinstance(parent, ModuleType) or not hasattr(parent, "__path__"):
            return None
        full_name = f"{parent.__name__}.{name}"
        self._exposure.check_module(full_name)
        try:
            return (yield from self._load(full_name))
        except ModuleNotFoundError as error:
            if error.name == full_name and not self._was_deleted(full_name):
                return None
            raise

    def _load(self, name: str) -> Steps[ModuleType]:
        forget_listings()
        yield from self._perform_for_all(__import__, name)
        return sys.modules[name]

    def _has(self, parent: object, name: str) -> Steps[bool]:
        try:
            yield from self._get(parent, name)
        except AttributeError:
            return False
        return True

    def _get(self, parent: object, name: str) -> Steps[Any]:
        if not isinstance(parent, ModuleType):
            return (yield from perform(getattr, parent, name))
        if type(parent) is ModuleType and name in parent.__dict__:
            return parent.__dict__[name]
        # The module may import what it has been asked for.
        return (yield from self._perform_for_all(getattr, parent, name))

    def _perform_for_all(self, function: Callable[..., Any], *arguments: Any) -> Steps[Any]:
        visit = self._contexts.visit()
        try:
            return (yield from perform(visit.run, function, *arguments))
        finally:
            visit.end()

    def _was_deleted(self, module: str) -> bool:
        return self._project is not None and module in self._project.deleted

    def _offers(self, name: str) -> Steps[bool]:
        """Whether the service has a public function of this name."""
        if self._service is None or name.startswith("_"):
            return False
        exported = getattr(self._service, "__all__", None)
        return (
            name in exported
            if exported is not None
            else (yield from self._has(self._service, name))
        )


def _check_shadow(name: str, loaded: ModuleType) -> None:
    """Says so if a file of the user has the name of a standard module that is loaded already."""
    if name not in sys.stdlib_module_names:
        return
    from pyproxy_runtime.standard_library import is_standard, shadows

    if not is_standard(loaded):
        return
    file = shadows().get(name)
    if file is not None:
        raise ImportError(
            f"{name} is a module of Python's standard library, which the interpreter has loaded "
            f"already; {file} has the same name and cannot be imported: rename it",
            name=name,
            path=file,
        )
