"""A thousand calls of a function: plain, and below the frame and in a context, as a server makes them."""

import contextvars
import sys
from pathlib import Path

from timing import measure

sys.path.insert(0, str(Path(__file__).parents[2] / "python"))
from pyproxy_runtime.calls import frame  # noqa: E402

CALLS = 1000


def plain(step):
    for _ in range(CALLS):
        step(None)


def framed(entry, run):
    for _ in range(CALLS):
        run(entry)


_, row, runs = sys.argv
step = [].__eq__  # In C, like that of the server.
if row.endswith("plain"):
    measure(lambda: plain(step), int(runs))
else:
    entry, run = frame.entry(step), contextvars.copy_context().run
    measure(lambda: framed(entry, run), int(runs))
