"""The frame that calls run below: that of the outermost line of a script.

Code that looks at its caller (`eval`, `exec`, `globals`, `DataFrame.query`, the `stacklevel` of
warnings) finds the module `__main__` there, which all clients of the server share, and nothing of
the server.
"""

from __future__ import annotations

import sys
from types import FunctionType

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

FILE = "<call>"


def entry(step: Callable[[object], None]) -> Callable[[], None]:
    """A function that takes a step, in a frame whose locals are the globals of `__main__`.

    It is made of the code of a module. A constant of that code, replaced by an object, is asked for
    an attribute, which is a property with a native getter: of all that the code of a module can do
    this alone calls a function without a name in `__main__` and without a frame in between.
    """
    kind: Any = type("Entry", (), {"__slots__": (), "step": property(step)})
    # Not an empty string, which newer versions of CPython do not keep among the constants.
    code = compile("'entry'.step", FILE, "exec")
    constants = tuple(kind() if constant == "entry" else constant for constant in code.co_consts)
    return FunctionType(code.replace(co_consts=constants), names(), "<module>")


def names() -> dict[str, Any]:
    """The names of `__main__`."""
    return sys.modules["__main__"].__dict__


def empty() -> None:
    """Removes what has been left there to start the server."""
    for name in list(names()):
        if not (name.startswith("__") and name.endswith("__")):
            del names()[name]
