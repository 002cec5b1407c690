"""compas.rpc: XML-RPC with JSON inside, over TCP."""

import sys
from pathlib import Path

from compas.rpc import Proxy
from net import grid
from timing import measure, measure_echo, measure_numbers

row, runs = sys.argv[1], int(sys.argv[2])
# Captured output is read by nobody: after about a thousand calls the request log fills its pipe.
options = {"python": sys.executable, "capture_output": False, "autoreload": False}
here = str(Path(__file__).parent)
if row == "echo":
    with Proxy("peers_echo", path=here, **options) as proxy:
        measure_echo(lambda value: proxy.echo(value), runs)
elif row == "fd_numpy":
    arguments = grid()
    with Proxy("compas.numerical", **options) as proxy:
        measure(lambda: proxy.fd_numpy(*arguments), runs)
else:
    with Proxy("peers_arrays", path=here, **options) as proxy:
        measure_numbers(row, lambda values: proxy.double(values), runs)
