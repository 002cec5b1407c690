"""What a wrong name may have meant, by the rules of CPython's tracebacks.

Those are in C in 3.11 and in `traceback` later; here once, without the modules that it imports.
"""

from __future__ import annotations

import sys

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

# As in CPython: beyond these nobody looks.
MAXIMUM_CANDIDATES = 750
MAXIMUM_LENGTH = 40
_MOVE_COST = 2
_CASE_COST = 1


def suggestion(error: BaseException) -> str:
    """What CPython adds to the text of the exception; empty if it adds nothing."""
    if isinstance(error, ImportError):
        wrong = getattr(error, "name_from", None)
    elif isinstance(error, (AttributeError, NameError)):
        wrong = error.name
    else:
        return ""
    if not isinstance(wrong, str):
        return ""
    found = _find(error, wrong)
    hint = f". Did you mean: {found!r}?" if found else ""
    forgotten = isinstance(error, NameError) and wrong in sys.stdlib_module_names
    if forgotten and sys.version_info >= (3, 12):
        hint += f"{' Or' if found else '. Did'} {'did you' if found else 'you'} forget to import "
        hint += f"{wrong!r}{'?' if sys.version_info >= (3, 13) else ''}"
    return hint


def _find(error: BaseException, wrong: str) -> str | None:
    frame = _last_frame(error)
    if isinstance(error, NameError):
        if frame is None:
            return None
        instance = frame.f_locals.get("self")
        if instance is not None and hasattr(instance, wrong):
            return f"self.{wrong}"
        names = [*frame.f_locals, *frame.f_globals, *frame.f_builtins]
        return closest(wrong, [name for name in names if isinstance(name, str)])
    if isinstance(error, ImportError):
        # The module has been imported: something is missing in it.
        module = sys.modules.get(error.name or "")
        return closest(wrong, _visible(dir(module), wrong)) if module is not None else None
    if isinstance(error, AttributeError):
        names = sorted(name for name in dir(error.obj) if isinstance(name, str))
        own = frame is not None and frame.f_locals.get("self") is error.obj
        return closest(wrong, names if own else _visible(names, wrong))
    return None


def _visible(names: list[str], wrong: str) -> list[str]:
    """From 3.13 on names with an underscore are meant only by those who write one."""
    if sys.version_info < (3, 13) or wrong.startswith("_"):
        return names
    return [name for name in names if not name.startswith("_")]


def _last_frame(error: BaseException) -> FrameType | None:
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback.tb_frame if traceback is not None else None


def closest(wrong: str, names: list[str]) -> str | None:
    """The name that is most like another one, if it is like it at all."""
    if len(names) > MAXIMUM_CANDIDATES or len(wrong) > MAXIMUM_LENGTH:
        return None
    # 3.12 wants a name that is nearer than no name at all.
    best, best_distance = None, len(wrong) if sys.version_info[:2] == (3, 12) else sys.maxsize
    for name in names:
        # It is there: whoever raised the exception means something else.
        if name == wrong:
            continue
        limit = (len(name) + len(wrong) + 3) * _MOVE_COST // 6
        limit = min(limit, best_distance - 1)
        distance = _distance(wrong, name, limit)
        if distance <= limit and (best is None or distance < best_distance):
            best, best_distance = name, distance
    return best


def _distance(first: str, second: str, limit: int) -> int:
    """The Levenshtein distance, where another case of a letter costs half; `limit` + 1 if more."""
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    first, second = first[start:], second[start:]
    end = 0
    while end < min(len(first), len(second)) and first[-1 - end] == second[-1 - end]:
        end += 1
    if end:
        first, second = first[:-end], second[:-end]
    if not first or not second:
        return _MOVE_COST * (len(first) + len(second))
    if max(len(first), len(second)) > MAXIMUM_LENGTH:
        return limit + 1
    if len(second) < len(first):
        first, second = second, first
    if (len(second) - len(first)) * _MOVE_COST > limit:
        return limit + 1
    row = [_MOVE_COST * (index + 1) for index in range(len(first))]
    for row_index, letter in enumerate(second):
        diagonal = result = row_index * _MOVE_COST
        lowest = sys.maxsize
        for index, other in enumerate(first):
            changed = diagonal + _change_cost(letter, other)
            diagonal = row[index]
            result = min(changed, min(result, diagonal) + _MOVE_COST)
            row[index] = result
            lowest = min(lowest, result)
        if lowest > limit:
            return limit + 1
    return result


def _change_cost(first: str, second: str) -> int:
    if first == second:
        return 0
    return _CASE_COST if first.lower() == second.lower() else _MOVE_COST


def hint(error: Any) -> str:
    """As `suggestion`; empty if the objects that are asked for their names raise."""
    try:
        return suggestion(error)
    except BaseException:
        return ""
