"""Pyro5 over TCP, with msgpack."""

import subprocess
import sys

import Pyro5.api
from timing import measure_echo

Pyro5.config.SERIALIZER = "msgpack"


@Pyro5.api.expose
class Service:
    def echo(self, value):
        return value


if len(sys.argv) == 1:
    daemon = Pyro5.api.Daemon(host="127.0.0.1")
    print(daemon.register(Service), flush=True)
    daemon.requestLoop()
else:
    process = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True)
    try:
        with Pyro5.api.Proxy(process.stdout.readline().strip()) as proxy:
            measure_echo(proxy.echo, int(sys.argv[2]))
    finally:
        process.kill()
        process.wait()
