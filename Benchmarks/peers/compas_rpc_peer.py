"""compas.rpc: XML-RPC with JSON inside, over TCP."""

import sys
from pathlib import Path

from compas.rpc import Proxy
from net import grid
from timing import measure, measure_echo

row, runs = sys.argv[1], int(sys.argv[2])
# Captured output is read by nobody: after about a thousand calls the request log fills its pipe.
options = {"python": sys.executable, "capture_output": False, "autoreload": False}
if row == "echo":
    with Proxy("peers_echo", path=str(Path(__file__).parent), **options) as proxy:
        measure_echo(lambda value: proxy.echo(value), runs)
else:
    arguments = grid()
    with Proxy("compas.numerical", **options) as proxy:
        measure(lambda: proxy.fd_numpy(*arguments), runs)
