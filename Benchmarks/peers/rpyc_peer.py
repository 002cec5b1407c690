"""RPyC over TCP, its own serialisation."""

import subprocess
import sys

import rpyc
from rpyc.utils.classic import obtain
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


if len(sys.argv) == 1:
    from rpyc.utils.server import ThreadedServer

    server = ThreadedServer(
        Service,
        hostname="127.0.0.1",
        port=0,
        protocol_config={
            "allow_pickle": True,
            "allow_public_attrs": True,
            "sync_request_timeout": None,
        },
    )
    print(server.port, flush=True)
    server.start()
else:
    process = subprocess.Popen(
        [sys.executable, __file__],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        connection = rpyc.connect(
            "127.0.0.1",
            int(process.stdout.readline()),
            config={"allow_pickle": True, "sync_request_timeout": None},
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
