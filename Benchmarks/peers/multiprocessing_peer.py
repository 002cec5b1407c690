"""multiprocessing.connection over a Unix socket, with pickle 5: calls by hand, without a library."""

import pickle
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import Client, Listener

from timing import MESSAGE, measure_echo, measure_numbers


def send(connection, value):
    connection.send_bytes(pickle.dumps(value, protocol=5))


def receive(connection):
    return pickle.loads(connection.recv_bytes())


def serve(path, row):
    functions = {"echo": lambda value: value}
    if not row.startswith(("echo", "concurrent")):
        from peers_arrays import double

        functions["double"] = double
    with Listener(path, "AF_UNIX") as listener:
        print("ready", flush=True)
        with listener.accept() as connection:
            while True:
                try:
                    name, arguments = receive(connection)
                except EOFError:
                    break
                send(connection, functions[name](*arguments))


def measure_pipelined(connection, count, runs):
    """So many calls in flight: the time per call of every thousand."""
    request = ("echo", (MESSAGE,))
    for _ in range(count):
        send(connection, request)
    for number in range(runs // 1000 + 1):
        start = time.perf_counter_ns()
        for _ in range(1000):
            assert receive(connection) == MESSAGE
            send(connection, request)
        if number:
            print((time.perf_counter_ns() - start) // 1000)
    for _ in range(count):
        receive(connection)


def main(row, runs):
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, __file__, "serve", folder + "/s", row],
            stdout=subprocess.PIPE,
            text=True,
        )
        process.stdout.readline()
        with Client(folder + "/s", "AF_UNIX") as connection:

            def call(name):
                def function(*arguments):
                    send(connection, (name, arguments))
                    return receive(connection)

                return function

            if row == "echo":
                measure_echo(call("echo"), runs)
            elif row.startswith("concurrent:"):
                measure_pipelined(connection, int(row.partition(":")[2]), runs)
            else:
                measure_numbers(row, call("double"), runs)
        process.wait()


if sys.argv[1] == "serve":
    serve(sys.argv[2], sys.argv[3])
else:
    main(sys.argv[1], int(sys.argv[2]))
