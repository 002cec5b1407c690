"""The force density method for a cable of equal pieces that hangs between two points."""

import numpy


def sag(pieces, density, load):
    """How far the middle of the cable hangs below its ends, in metres.

    Each piece pulls with `density` (kN/m) times its length; each node carries `load` (kN).
    """
    free = pieces - 1
    matrix = density * (2 * numpy.eye(free) - numpy.eye(free, k=1) - numpy.eye(free, k=-1))
    heights = numpy.linalg.solve(matrix, numpy.full(free, -load))
    return round(-heights.min(), 3)
