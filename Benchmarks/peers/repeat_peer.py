"""Runs a program again and again, each time in a new process, and passes on what it prints.

repeat_peer.py RUNS PROGRAM ARGUMENT…     prints what the programs print
repeat_peer.py --time RUNS PROGRAM ARGUMENT…   prints how long each took, in nanoseconds
"""

import subprocess
import sys
import time

arguments = sys.argv[1:]
is_timed = arguments[0] == "--time"
runs, command = int(arguments[is_timed]), arguments[1 + is_timed :]
for _ in range(runs):
    start = time.perf_counter_ns()
    result = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    print(time.perf_counter_ns() - start if is_timed else result.stdout.strip())
