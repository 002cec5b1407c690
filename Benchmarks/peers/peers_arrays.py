"""What the servers of all peers serve for arrays and lists of numbers."""

import numpy


def double(values):
    """Twice the values of an array or a list, as an array: what functions of packages return."""
    return numpy.asarray(values) * 2


def sample(count):
    # With all their digits, as measured data has them: short ones would make text formats look fast.
    return numpy.random.default_rng(1).random(count)
