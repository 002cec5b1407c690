"""Two pooled segments of multiprocessing.shared_memory, by hand: what a bridge can hope for in practice.

The server knows the one function, writes its result straight into the second segment, and there is no
encoding at all. The result is copied out, because the next call overwrites it.
"""

import subprocess
import sys
import tempfile
from multiprocessing.connection import Client, Listener
from multiprocessing.shared_memory import SharedMemory

import numpy
from timing import measure_numbers


def view(segment, count):
    return numpy.ndarray(count, dtype=float, buffer=segment.buf)


def serve(path, names, count):
    segments = [SharedMemory(name) for name in names]
    values, doubled = (view(segment, count) for segment in segments)
    with Listener(path, "AF_UNIX") as listener:
        print("ready", flush=True)
        with listener.accept() as connection:
            while True:
                try:
                    connection.recv_bytes()
                except EOFError:
                    break
                numpy.multiply(values, 2, out=doubled)
                connection.send_bytes(b"done")


def main(row, runs):
    count = int(row.partition(":")[2])
    segments = [SharedMemory(create=True, size=count * 8) for _ in range(2)]
    values, doubled = (view(segment, count) for segment in segments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            names = [segment.name for segment in segments]
            process = subprocess.Popen(
                [sys.executable, __file__, "serve", folder + "/s", *names, str(count)],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            process.stdout.readline()
            with Client(folder + "/s", "AF_UNIX") as connection:

                def double(array):
                    values[:] = array
                    connection.send_bytes(b"double")
                    connection.recv_bytes()
                    return doubled.copy()

                measure_numbers(row, double, runs)
            process.wait()
    finally:
        del values, doubled
        for segment in segments:
            segment.close()
            try:
                segment.unlink()
            except FileNotFoundError:
                # The resource tracker of the server thinks that they are its own.
                pass


if sys.argv[1] == "serve":
    serve(sys.argv[2], sys.argv[3:5], int(sys.argv[5]))
else:
    main(sys.argv[1], int(sys.argv[2]))
