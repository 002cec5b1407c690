"""Files beside the code whose change a project wants to know of."""

from __future__ import annotations

import os

from pyproxy_runtime.standard_library import standard

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import glob
    import hashlib
    from collections.abc import Callable, Iterable
else:
    glob = standard("glob")
    hashlib = standard("hashlib")

# Of larger files, time and size are compared instead of their contents.
_HASHED_BYTES = 64 << 20


class DataFiles:
    """The files that match patterns, `**` included, and what was in them."""

    def __init__(self, patterns: Iterable[str], watch: Callable[[str], None]) -> None:
        self._patterns = list(patterns)
        self._watch = watch
        self._signatures = self._look()

    def changed(self) -> list[str]:
        """The files that have other contents than before, are new, or are gone."""
        before, self._signatures = self._signatures, self._look()
        return sorted(
            path
            for path in before.keys() | self._signatures.keys()
            if before.get(path) != self._signatures.get(path)
        )

    def _look(self) -> dict[str, object]:
        signatures: dict[str, object] = {}
        for pattern in self._patterns:
            for folder in self._folders(pattern):
                self._watch(folder)
            for path in glob.glob(pattern, recursive=True):
                signature = _signature(path)
                if signature is not None:
                    signatures[path] = signature
        return signatures

    def _folders(self, pattern: str) -> list[str]:
        """The folders in which a file that matches may appear."""
        folder = os.path.dirname(pattern)
        found = [path for path in glob.glob(folder, recursive=True) if os.path.isdir(path)]
        while glob.has_magic(folder):
            folder = os.path.dirname(folder)
        return [folder, *found]


def _signature(path: str) -> object:
    try:
        status = os.stat(path)
        if status.st_size > _HASHED_BYTES:
            return status.st_mtime_ns, status.st_size
        with open(path, "rb") as stream:
            return hashlib.sha256(stream.read()).digest()
    except OSError:
        return None
