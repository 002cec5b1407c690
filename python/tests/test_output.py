"""sys.stdout and sys.stderr on the server."""

import contextlib
import gc
import io
import os
import sys

import pytest

from pyproxy_runtime.streams.output import (
    STANDARD_ERROR,
    STANDARD_OUTPUT,
    Streams,
    text_stream,
)
from pyproxy_runtime.streams.standard_input import NoInput


@pytest.fixture
def written():
    return []


@pytest.fixture
def stream(written):
    return text_stream(
        STANDARD_OUTPUT, lambda number, data, _call: written.append((number, bytes(data)))
    )


def test_text_arrives_at_once_and_whole(stream, written):
    print("ü", "水", sep="|", file=stream)
    assert b"".join(data for _, data in written) == "ü|水\n".encode()
    assert {number for number, _ in written} == {STANDARD_OUTPUT}


def test_bytes_go_through_the_buffer(stream, written):
    stream.buffer.write(bytes([0, 255]))
    assert written == [(STANDARD_OUTPUT, b"\x00\xff")]


def test_line_ends_stay_as_they_are(stream, written):
    stream.write("a\rb\r\n")
    assert b"".join(data for _, data in written) == b"a\rb\r\n"


def test_surrogates_are_escaped_on_standard_error():
    written = []
    stream = text_stream(STANDARD_ERROR, lambda _, data, _call: written.append(bytes(data)))
    stream.write("\ud800")
    assert b"".join(written) == b"\\ud800"


def test_the_stream_has_the_descriptor_for_subprocesses(stream):
    assert stream.fileno() == STANDARD_OUTPUT
    assert stream.writable()
    assert not stream.isatty()
    with pytest.raises(io.UnsupportedOperation):
        stream.read()


class Native:
    def __init__(self):
        self.written = []

    def write(self, number, data, _call):
        self.written.append((number, data))


@contextlib.contextmanager
def replaced_streams():
    """In the test itself: pytest exchanges the streams between its phases."""
    names = ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__")
    before = {name: getattr(sys, name) for name in names}
    native = Native()
    try:
        yield Streams(native, NoInput()), native.written
    finally:
        for name, stream in before.items():
            setattr(sys, name, stream)


def close():
    sys.stdout.close()
    sys.stderr.close()
    sys.stdin.close()


def close_buffers():
    sys.stdout.buffer.close()
    sys.stdout.buffer.raw.close()


def wrap_and_drop():
    sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", line_buffering=True)
    print("wrapped")
    sys.stdout = sys.__stdout__
    gc.collect()


def detach():
    sys.stdout = io.TextIOWrapper(sys.stdout.detach(), encoding="utf-8")
    sys.stdout.flush()
    sys.stdout = sys.__stdout__


def leave():
    with contextlib.suppress(SystemExit):
        exit()


def nothing():
    sys.stdout = sys.stderr = sys.stdin = None


def nothing_at_all():
    sys.__stdout__ = sys.stdout = None


def closed_file():
    sys.stdout = open(os.devnull, "w")
    sys.stdout.close()


def detached_file():
    sys.stdout = io.TextIOWrapper(io.BytesIO())
    sys.stdout.detach()


def redirected():
    with contextlib.redirect_stdout(io.StringIO()):
        print("elsewhere")


BREAKING = [
    close,
    close_buffers,
    wrap_and_drop,
    detach,
    leave,
    nothing,
    nothing_at_all,
    closed_file,
    detached_file,
    redirected,
]


@pytest.mark.parametrize("broken", BREAKING)
def test_what_one_call_does_to_the_streams_does_not_end_them(broken):
    with replaced_streams() as (standard, written):
        broken()
        standard.check()
        written.clear()
        print("said")
        print("complained", file=sys.stderr)
        with pytest.raises(EOFError):
            input()
        streams = (sys.stdin, sys.stdout, sys.stderr)
        facts = [(stream.closed, stream.isatty(), stream.buffer.raw.fileno()) for stream in streams]
    assert b"".join(data for number, data in written if number == 1) == b"said\n"
    assert b"".join(data for number, data in written if number == 2) == b"complained\n"
    assert facts == [(False, False, 0), (False, False, 1), (False, False, 2)]


def test_a_stream_that_works_stays():
    mine = io.StringIO()
    with replaced_streams() as (standard, written):
        sys.stdout = mine
        standard.check()
        print("kept")
    assert mine.getvalue() == "kept\n"
    assert written == []
