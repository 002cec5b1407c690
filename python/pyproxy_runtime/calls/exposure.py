"""Servers that are limited to certain packages: what a client may reach through names.

Names lead from an exposed package to what is in it. They do not lead into other modules, to what
comes from other modules, or through names with an underscore, behind which Python keeps its own
machinery.
"""

from __future__ import annotations

from types import BuiltinMethodType, ClassMethodDescriptorType, MethodDescriptorType, ModuleType

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import NoReturn

# Names without an underscore that lead from a generator, coroutine or traceback to frames.
_MACHINERY = frozenset(
    ("gi_frame", "gi_code", "gi_yieldfrom", "cr_frame", "cr_code", "cr_await", "cr_origin")
    + ("ag_frame", "ag_code", "ag_await", "tb_frame", "tb_next")
    + ("f_back", "f_builtins", "f_code", "f_globals", "f_locals", "mro")
)


class Exposure:
    """Decides what clients may name."""

    def __init__(self, packages: Iterable[str]) -> None:
        self._packages = tuple(packages)

    @property
    def is_limited(self) -> bool:
        return bool(self._packages)

    def includes(self, module: str) -> bool:
        """Whether a module is an exposed package or lies in one."""
        return not self._packages or any(
            module == package or module.startswith(package + ".") for package in self._packages
        )

    def may_lead_to(self, module: str) -> bool:
        """Whether a module is exposed, or is a package that holds an exposed one."""
        return self.includes(module) or any(
            package.startswith(module + ".") for package in self._packages
        )

    def check_module(self, module: str) -> None:
        if not self.may_lead_to(module):
            self._refuse(f"the module {module!r}")

    def check_name(self, name: str) -> None:
        if self.is_limited and (name.startswith("_") or name in _MACHINERY):
            self._refuse(f"the name {name!r}")

    def check(self, holder: object, name: str, value: object) -> None:
        """Whether an attribute may be used whose holder may."""
        if not self.is_limited:
            return
        if isinstance(value, ModuleType):
            self.check_module(value.__name__)
        elif not isinstance(holder, ModuleType):
            # Methods and attributes of what the packages have made, not of foreign objects.
            if not self.includes(_origin(holder)):
                self._refuse(f"{name!r} of an object from {_origin(holder)}")
            if callable(value) and not self.includes(_origin(value)):
                self._refuse(f"{name!r}, which comes from {_origin(value)},")
        elif not self.includes(holder.__name__):
            self._refuse(f"{holder.__name__}.{name}")
        # What a module lists in __all__ it offers as its own, and plain data is only read.
        elif (
            callable(value)
            and name not in (getattr(holder, "__all__", None) or ())
            and not self.includes(_origin(value))
        ):
            self._refuse(f"{holder.__name__}.{name}, which comes from {_origin(value)},")

    def checks(self) -> tuple[Callable[..., None], ...]:
        """What the native code asks about objects that a client has reached."""
        return (
            self.check_name,
            self.check,
            self.check_item,
            self.check_call,
            self.refuse_assignment,
        )

    def check_item(self, holder: object, _key: object, value: object) -> None:
        """Whether an item of an object may be used that the client has."""
        if isinstance(value, ModuleType):
            self.check_module(value.__name__)
        elif callable(value) and not self.includes(_origin(value)):
            self._refuse(f"an item of {type(holder).__name__}, which comes from {_origin(value)},")

    def check_call(self, value: object) -> None:
        """Whether an object may be called that the client has."""
        if not self.includes(_origin(value)):
            self._refuse(f"calling an object from {_origin(value)}")

    def refuse_assignment(self) -> None:
        if self.is_limited:
            self._refuse("changing an object")

    def _refuse(self, what: str) -> NoReturn:
        raise PermissionError(
            f"{what} is not exposed by this server, which is limited to "
            + ", ".join(self._packages)
        )


def _origin(value: object) -> str:
    """The module that something comes from.

    Methods written in C do not say so: they come from the module of the class that defines them.
    """
    module = getattr(value, "__module__", None)
    if isinstance(module, str):
        return module
    if isinstance(value, MethodDescriptorType):
        return value.__objclass__.__module__
    if isinstance(value, BuiltinMethodType):
        holder = value.__self__
        for base in (holder if isinstance(holder, type) else type(holder)).__mro__:
            # Only a method of C can be what has been found: what else has its name is skipped.
            method = vars(base).get(value.__name__)
            if isinstance(method, MethodDescriptorType | ClassMethodDescriptorType):
                return method.__objclass__.__module__
    return type(value).__module__
