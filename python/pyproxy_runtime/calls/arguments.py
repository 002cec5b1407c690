"""Arguments of the command line, and results for it, as JSON."""

from __future__ import annotations

from pyproxy_runtime.standard_library import standard

# Modules that only type checkers need take longer to import than all of this.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def parse(texts: list[str]) -> list[Any]:
    """Each text as JSON if it is JSON, otherwise as it is."""
    return [_parse(text) for text in texts]


def _parse(text: str) -> Any:
    json = standard("json")
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
