"""The end of a forked child, each in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        ("None", 0, ""),
        ("SystemExit()", 0, ""),
        ("SystemExit(None)", 0, ""),
        ("SystemExit(3)", 3, ""),
        ("SystemExit(256 + 7)", 7, ""),
        ("SystemExit('in words')", 1, "in words\n"),
        ("ValueError('wrong')", 1, "ValueError: wrong\n"),
    ],
)
def test_a_child_ends_as_python_would(error: str, status: int, text: str) -> None:
    code = (
        "import atexit; atexit.register(print, 'of the parent')\n"
        "from pyproxy_runtime import forked\n"
        f"print('buffered', end=''); forked.end({error})"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (status, "buffered", text)


def test_only_the_thread_that_was_forked_ends_the_child() -> None:
    code = (
        "import os, threading\n"
        "from pyproxy_runtime.forked import Forks\n"
        "forks = Forks()\n"
        "assert not forks.is_child\n"
        "forks.end_thread()\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    thread = threading.Thread(target=forks.end_thread)\n"
        "    thread.start(); thread.join()\n"
        "    print('goes on', flush=True)\n"
        "    forks.end_thread()\n"
        "    print('not reached', flush=True)\n"
        "os.waitpid(child, 0)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    assert result.stdout == "goes on\n"
