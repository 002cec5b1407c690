"""RPyC over a Unix socket, its own serialisation.

Over TCP releases of references wait for acknowledgements (Nagle's algorithm), tens of milliseconds each.
"""

import subprocess
import sys
import tempfile

import rpyc
from rpyc.utils.classic import obtain
from rpyc.utils.factory import unix_connect
from timing import measure_echo, measure_numbers, measure_steps


class Service(rpyc.Service):
    def exposed_echo(self, value):
        return value

    def exposed_number(self):
        from peers_objects import Number

        return Number(1)

    # References would cost a round trip for each element: the values themselves, by pickle.
    def exposed_double(self, values):
        import peers_arrays

        return peers_arrays.double(obtain(values))


if len(sys.argv) == 2:
    from rpyc.utils.server import ThreadedServer

    server = ThreadedServer(
        Service,
        socket_path=sys.argv[1],
        protocol_config={
            "allow_pickle": True,
            "allow_public_attrs": True,
            "sync_request_timeout": None,
        },
    )
    print("ready", flush=True)
    server.start()
else:
    folder = tempfile.TemporaryDirectory()
    path = f"{folder.name}/socket"
    process = subprocess.Popen(
        [sys.executable, __file__, path],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        process.stdout.readline()
        connection = unix_connect(
            path, config={"allow_pickle": True, "sync_request_timeout": None}
        )
        row, runs, root = sys.argv[1], int(sys.argv[2]), connection.root
        if row == "echo":
            measure_echo(root.echo, runs)
        elif row == "script":
            measure_steps(root.number(), runs)
        else:
            measure_numbers(row, lambda values: obtain(root.double(values)), runs)
    finally:
        process.kill()
        process.wait()
        folder.cleanup()
