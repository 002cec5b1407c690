"""Pyro5 over TCP, with msgpack."""

import subprocess
import sys

import Pyro5.api
from timing import measure_echo, measure_numbers

Pyro5.config.SERIALIZER = "msgpack"


@Pyro5.api.expose
class Service:
    def echo(self, value):
        return value

    # Arrays are unknown to its serialisers: their bytes.
    def double(self, values):
        import numpy
        import peers_arrays

        values = numpy.frombuffer(values) if isinstance(values, bytes) else values
        return peers_arrays.double(values).tobytes()


if len(sys.argv) == 1:
    daemon = Pyro5.api.Daemon(host="127.0.0.1")
    print(daemon.register(Service), flush=True)
    daemon.requestLoop()
else:
    process = subprocess.Popen(
        [sys.executable, __file__], stdout=subprocess.PIPE, text=True
    )
    try:
        with Pyro5.api.Proxy(process.stdout.readline().strip()) as proxy:
            row, runs = sys.argv[1], int(sys.argv[2])
            if row == "echo":
                measure_echo(proxy.echo, runs)
            else:
                import numpy

                def double(values):
                    sent = values if isinstance(values, list) else values.tobytes()
                    return numpy.frombuffer(proxy.double(sent))

                measure_numbers(row, double, runs)
    finally:
        process.kill()
        process.wait()
