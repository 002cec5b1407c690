"""RPyC over TCP, its own serialisation."""

import subprocess
import sys

import rpyc
from timing import measure_echo


class Service(rpyc.Service):
    def exposed_echo(self, value):
        return value


if len(sys.argv) == 1:
    from rpyc.utils.server import ThreadedServer

    server = ThreadedServer(Service, hostname="127.0.0.1", port=0)
    print(server.port, flush=True)
    server.start()
else:
    process = subprocess.Popen(
        [sys.executable, __file__], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        connection = rpyc.connect("127.0.0.1", int(process.stdout.readline()))
        measure_echo(connection.root.echo, int(sys.argv[2]))
    finally:
        process.kill()
        process.wait()
