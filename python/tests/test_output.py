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


class Native:
    """Stands for the native module: keeps what is written, and None for each flush."""

    def __init__(self):
        self.written = []

    def attribute_output(self, current_call):
        self.current_call = current_call

    def write_output(self, data):
        return self._write(STANDARD_OUTPUT, data)

    def write_error(self, data):
        return self._write(STANDARD_ERROR, data)

    def flush_output(self):
        self.written.append((STANDARD_OUTPUT, None))

    def flush_error(self):
        self.written.append((STANDARD_ERROR, None))

    def _write(self, number, data):
        data = bytes(memoryview(data))
        self.written.append((number, data))
        return len(data)


@pytest.fixture
def native():
    return Native()


@pytest.fixture
def written(native):
    return native.written


@pytest.fixture
def stream(native):
    return text_stream(native, STANDARD_OUTPUT)


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


def test_surrogates_are_escaped_on_standard_error(native, written):
    stream = text_stream(native, STANDARD_ERROR)
    stream.write("\ud800")
    assert b"".join(data for _, data in written) == b"\\ud800"


def test_a_flush_reaches_the_server_and_a_print_does_not_flush(stream, written):
    print("a", file=stream)
    assert None not in [data for _, data in written]
    print("b", end="", flush=True, file=stream)
    assert written[-2:] == [(STANDARD_OUTPUT, b"b"), (STANDARD_OUTPUT, b""), (1, None)][-2:]


@pytest.mark.parametrize(
    "changes",
    [{"write_through": False}, {"line_buffering": False}, {"encoding": "latin-1"}, {"errors": "x"}],
)
def test_a_stream_that_is_reconfigured_holds_nothing_back(stream, written, changes):
    stream.reconfigure(**changes)
    stream.write("ä")
    assert b"".join(data for _, data in written if data) == "ä".encode(stream.encoding)


def test_the_stream_has_the_descriptor_for_subprocesses(stream):
    assert stream.fileno() == STANDARD_OUTPUT
    assert stream.writable()
    assert not stream.isatty()
    with pytest.raises(io.UnsupportedOperation):
        stream.read()


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
    assert b"".join(data for number, data in written if number == 1 and data) == b"said\n"
    assert b"".join(data for number, data in written if number == 2 and data) == b"complained\n"
    assert facts == [(False, False, 0), (False, False, 1), (False, False, 2)]


def test_a_stream_that_works_stays():
    mine = io.StringIO()
    with replaced_streams() as (standard, written):
        sys.stdout = mine
        standard.check()
        print("kept")
    assert mine.getvalue() == "kept\n"
    assert written == []


def test_what_a_wrapper_holds_back_is_written_when_the_call_has_ended():
    with replaced_streams() as (standard, written):
        sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8")
        print("held back")
        before = list(written)
        standard.flush()
        after = b"".join(data for _, data in written if data)
    assert (before, after) == ([], b"held back\n")


@pytest.mark.parametrize("stream", [None, object(), io.StringIO()])
def test_what_cannot_be_flushed_is_left_alone(stream):
    with replaced_streams() as (standard, _):
        sys.stdout = stream
        if isinstance(stream, io.StringIO):
            stream.close()
        standard.flush()
