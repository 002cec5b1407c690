"""sys.stdout and sys.stderr on the server."""

import io

import pytest

from pyproxy_runtime.streams.output import STANDARD_ERROR, STANDARD_OUTPUT, text_stream


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
