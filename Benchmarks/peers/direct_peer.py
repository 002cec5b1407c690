"""Functions called directly in their environment: the floors of the numerical rows."""

import sys

from timing import measure, measure_numbers

row, runs = sys.argv[1], int(sys.argv[2])
if row == "fd_numpy":
    from compas.numerical import fd_numpy
    from net import grid

    arguments = grid()
    measure(lambda: fd_numpy(*arguments), runs)
elif row == "script":
    from peers_objects import Number
    from timing import measure_steps

    measure_steps(Number(1), runs)
else:
    from peers_arrays import double

    measure_numbers(row, double, runs)
