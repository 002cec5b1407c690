"""Where exceptions were raised: frames, and the lines of their source."""

from __future__ import annotations

import importlib
import os
import sys

from pyproxy_runtime.calls.frame import FILE
from pyproxy_runtime.calls.plain import exact

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, TracebackType
    from typing import Any

    # File, line, function, source line, and how often the frame is repeated after it.
    Frame = tuple[str, int, str, str, int]

MAXIMUM_FRAMES = 100
# As Python's own tracebacks, which show so many equal frames and count the others.
SHOWN_REPETITIONS = 3
HIDDEN_FILES = (FILE, "<pyproxy>/", "<frozen importlib", importlib.__file__)
_MAXIMUM_LENGTH = 16 << 20
_MAXIMUM_FILES = 64
_MAXIMUM_LINE = 1000

_files: dict[str, tuple[tuple[int, int], list[bytes], str]] = {}


def frames(traceback: TracebackType | None) -> list[Frame]:
    """The frames of a traceback, the outermost first.

    Those of this package and of the import system are left out, equal ones that follow each other
    are counted, and of very many those in the middle are left out.
    """
    found: list[list[Any]] = []
    repetitions = 0
    while traceback is not None:
        frame = traceback.tb_frame
        code, line = frame.f_code, traceback.tb_lineno or 0
        if not code.co_filename.startswith(HIDDEN_FILES):
            key = (code.co_filename, line, code.co_name)
            repetitions = repetitions + 1 if found and found[-1][0] == key else 1
            if repetitions > SHOWN_REPETITIONS:
                found[-1][3] += 1
            else:
                found.append([key, code, frame.f_globals, 0])
        traceback = traceback.tb_next
    if len(found) > MAXIMUM_FRAMES:
        found = found[: MAXIMUM_FRAMES // 2] + found[-MAXIMUM_FRAMES // 2 :]
    return [_frame(key[1], code, names, repeated) for key, code, names, repeated in found]


def place(error: BaseException) -> list[Frame]:
    """Where a syntax error is, which no frame tells."""
    if not isinstance(error, SyntaxError):
        return []
    file, line, text = error.filename, error.lineno, error.text
    if not isinstance(file, str) or not isinstance(line, int) or line < 1:
        return []
    source = exact(text, _MAXIMUM_LINE).strip() if isinstance(text, str) else ""
    return [(exact(file), line, "<module>", source, 0)]


def _frame(line: int, code: CodeType, names: dict[str, Any], repeated: int) -> Frame:
    try:
        source = source_line(code.co_filename, line, names)
    # A loader of the user's may raise anything.
    except BaseException:
        source = ""
    return exact(code.co_filename), line, exact(code.co_qualname), source, repeated


def source_line(file: str, line: int, names: dict[str, Any]) -> str:
    """A line of a source, counted from 1, without the space around it; empty if it is not there.

    Not with `linecache`, which imports twenty modules, each of which the user may have a file of.
    """
    if line < 1:
        return ""
    lines = _generated(file) or _read(file)
    # The source of the module is not that of a text which it has evaluated.
    if not lines and not (file.startswith("<") and file.endswith(">")):
        lines = _loaded(names)
    return exact(str(lines[line - 1]), _MAXIMUM_LINE).strip() if line <= len(lines) else ""


def _generated(file: str) -> list[str]:
    """Code that was made at run time, whose source its maker has put into `linecache`."""
    cache = getattr(sys.modules.get("linecache"), "cache", {})
    entry = cache.get(file, ())
    return entry[2] if len(entry) == 4 and entry[1] is None else []


def _loaded(names: dict[str, Any]) -> list[str]:
    """The source that the loader of a module has: it may have come out of an archive."""
    loader = names.get("__loader__") or getattr(names.get("__spec__"), "loader", None)
    source = getattr(loader, "get_source", lambda _name: None)(names.get("__name__"))
    return source.splitlines() if isinstance(source, str) else []


def _read(file: str) -> list[str]:
    try:
        status = os.stat(file)
        stamp = (status.st_mtime_ns, status.st_size)
        known = _files.get(file)
        if known is None or known[0] != stamp:
            if status.st_size > _MAXIMUM_LENGTH:
                return []
            with open(file, "rb") as opened:
                lines = opened.read(_MAXIMUM_LENGTH).splitlines()
            if len(_files) >= _MAXIMUM_FILES:
                _files.clear()
            known = _files[file] = (stamp, lines, _encoding(lines))
    # A name that is no path, too.
    except (OSError, ValueError):
        return []
    return _Lines(known[1], known[2])


class _Lines(list[str]):
    """Lines that are decoded when they are asked for."""

    def __init__(self, lines: list[bytes], encoding: str) -> None:
        self._lines = lines
        self._encoding = encoding

    def __len__(self) -> int:
        return len(self._lines)

    def __bool__(self) -> bool:
        return bool(self._lines)

    def __getitem__(self, index: Any) -> Any:
        return self._lines[index].decode(self._encoding, "replace")


def _encoding(lines: list[bytes]) -> str:
    """The encoding that a source names in its first two lines, by the rule of PEP 263."""
    for line in lines[:2]:
        _, found, rest = line.partition(b"coding")
        if line.lstrip().startswith(b"#") and found and rest[:1] in (b":", b"="):
            word = rest[1:].split()[:1]
            name = word[0].decode("ascii", "replace") if word else ""
            try:
                b"".decode(name)
            except LookupError:
                continue
            return name
    return "utf-8"
