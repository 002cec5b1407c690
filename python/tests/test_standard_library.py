"""Standard modules whose names files of the user have."""

import subprocess
import sys
from pathlib import Path

import pytest

RUNTIME = Path(__file__).parents[1]

SHADOWED = [
    "abc",
    "ast",
    "collections",
    "contextvars",
    "datetime",
    "enum",
    "functools",
    "importlib",
    "json",
    "keyword",
    "linecache",
    "operator",
    "os",
    "re",
    "token",
    "tokenize",
    "traceback",
    "types",
    "typing",
    "weakref",
]

PROGRAM = """
import sys
user = sys.path[:]
sys.path[:] = [{runtime!r}, *(path for path in user if path.startswith(sys._stdlib_dir))]
from pyproxy_runtime.standard_library import is_standard, shadows, standard
from pyproxy_runtime.calls.exceptions import describe
sys.path[:] = user
before = set(sys.modules)
for name in ["json", "ast", "weakref", "datetime", "traceback", "hashlib", "glob"]:
    module = standard(name)
    assert is_standard(module), (name, module)
assert standard("json").loads("[1, 2.5]") == [1, 2.5]
assert standard("ast").parse("x = 1").body
assert "json" not in sys.modules or not shadows()
try:
    [].foo
except AttributeError as error:
    print(describe(error)["message"])
"""


@pytest.mark.parametrize("name", [*SHADOWED, None])
def test_the_servers_own_modules_are_those_of_the_library(tmp_path, name):
    if name == "linecache" and sys.version_info[:3] == (3, 13, 0):
        pytest.skip("CPython 3.13.0 itself does not start beside such a file")
    if name is not None:
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('the file of the user')\n")
    completed = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(runtime=str(RUNTIME))],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr
    assert completed.stdout.startswith("'list' object has no attribute 'foo'")
