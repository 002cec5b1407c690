"""fd_numpy called directly in its environment: the floor of the numerical row."""

import sys

from compas.numerical import fd_numpy
from net import grid
from timing import measure

arguments = grid()
measure(lambda: fd_numpy(*arguments), int(sys.argv[2]))
