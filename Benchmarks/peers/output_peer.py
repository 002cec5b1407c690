"""A Python of its own that prints into a pipe without a buffer: what printing costs anyway."""

import os
import subprocess
import sys
import time

count, runs = int(sys.argv[1].partition(":")[2]), int(sys.argv[2])
program = f"from peers_echo import chatter; input(); chatter({count})"
for _ in range(runs):
    child = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    # Its start does not count.
    time.sleep(0.3)
    start = time.perf_counter_ns()
    child.communicate(b"\n")
    print(time.perf_counter_ns() - start)
