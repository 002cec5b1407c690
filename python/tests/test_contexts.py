"""Contexts of sessions."""

import decimal
from contextvars import ContextVar

import pytest

from pyproxy_runtime.calls.contexts import Contexts

VARIABLE: ContextVar[int] = ContextVar("VARIABLE", default=0)


@pytest.fixture
def changes():
    return []


@pytest.fixture
def contexts(changes):
    return Contexts(lambda count, added: changes.append((count, added)))


def set_precision(precision):
    decimal.getcontext().prec = precision


def test_sessions_share_nothing(contexts):
    first, second = contexts.make(), contexts.make()
    first.run(set_precision, 5)
    first.run(VARIABLE.set, 1)
    assert second.run(decimal.getcontext).prec == 28
    assert second.run(VARIABLE.get) == 0
    assert first.run(decimal.getcontext).prec == 5


def test_a_copy_leaves_nothing(contexts):
    session = contexts.make()
    session.run(set_precision, 5)
    copy = contexts.copy(session)
    copy.run(set_precision, 6)
    copy.run(VARIABLE.set, 1)
    assert session.run(decimal.getcontext).prec == 5
    assert session.run(VARIABLE.get) == 0


def test_what_is_set_for_all_reaches_old_and_new_sessions(contexts, changes):
    old = contexts.make()
    old.run(VARIABLE.set, 3)
    contexts.run_for_all(VARIABLE.set, 7)
    assert changes == [(1, 1)]
    contexts.update(old, 0)
    assert old.run(VARIABLE.get) == 7
    assert contexts.make().run(VARIABLE.get) == 7


def test_a_precision_that_is_changed_in_place_is_set_for_all(contexts, changes):
    decimal.getcontext()
    old = contexts.make()
    old.run(set_precision, 9)
    contexts.run_for_all(set_precision, 50)
    assert len(changes) == 1
    contexts.update(old, 0)
    assert old.run(decimal.getcontext).prec == 50
    # Each has its own.
    old.run(set_precision, 8)
    assert contexts.make().run(decimal.getcontext).prec == 50


def test_what_changes_nothing_tells_nothing(contexts, changes):
    assert contexts.run_for_all(len, "abc") == 3
    with pytest.raises(ZeroDivisionError):
        contexts.run_for_all(lambda: 1 / 0)
    assert changes == []
