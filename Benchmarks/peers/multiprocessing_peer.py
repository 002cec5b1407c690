"""multiprocessing.connection over a Unix socket, with pickle: calls by hand, without a library."""

import subprocess
import sys
import tempfile
from multiprocessing.connection import Client, Listener

from timing import measure_echo

if len(sys.argv) == 2:
    with Listener(sys.argv[1], "AF_UNIX") as listener:
        print("ready", flush=True)
        with listener.accept() as connection:
            while True:
                try:
                    name, arguments = connection.recv()
                except EOFError:
                    break
                connection.send({"echo": lambda value: value}[name](*arguments))
else:
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, __file__, folder + "/s"], stdout=subprocess.PIPE, text=True
        )
        process.stdout.readline()
        with Client(folder + "/s", "AF_UNIX") as connection:

            def echo(value):
                connection.send(("echo", (value,)))
                return connection.recv()

            measure_echo(echo, int(sys.argv[2]))
        process.wait()
