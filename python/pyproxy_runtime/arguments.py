"""Arguments of the command line, and results for it, as JSON."""

from __future__ import annotations

import json
from typing import Any


def parse(texts: list[str]) -> list[Any]:
    """Each text as JSON if it is JSON, otherwise as it is."""
    return [_parse(text) for text in texts]


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
