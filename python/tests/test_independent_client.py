"""The protocol as an independent client sees it: PROTOCOL.md, nothing else."""

import array
import fcntl
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import cbor2
import pytest
from client import (
    CALL,
    FAILURE,
    GOODBYE,
    PING,
    PONG,
    REFUSAL,
    REJECTION,
    REPLY,
    SHARED_BYTES,
    SHUTDOWN,
    TUPLE,
    Client,
)

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".build/environments"
PYTHON = min(ENVIRONMENTS.glob("numpy-*")) / "bin/python"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    facts = subprocess.run(
        [
            PYTHON,
            "-c",
            "import sysconfig; v = sysconfig.get_config_vars();"
            "print(v['LIBDIR'] + '/' + v['INSTSONAME'])",
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    path = tmp_path_factory.mktemp("s") / "s.sock"
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [
            os.environ["PYPROXY_SERVER"],
            f"--interpreter={PYTHON}",
            f"--libpython={facts.stdout.strip()}",
            f"--socket={path}",
            f"--ready-descriptor={writing}",
        ],
        pass_fds=[writing],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=path.parent,
    )
    os.close(writing)
    with open(reading) as ready:
        assert ready.read() == "ready\n"
    yield str(path)
    with Client(str(path)) as client:
        client.hello()
        client.send(SHUTDOWN)
    assert process.wait(10) == 0
    assert not path.exists()


@pytest.fixture
def client(server):
    with Client(server) as client:
        client.hello()
        yield client


def test_the_welcome_says_who_serves(server):
    with Client(server) as client:
        welcome = client.hello()
    assert welcome["protocol"] == 6
    assert welcome["process"] > 0
    assert welcome["python"].startswith("3.")
    assert welcome["limits"]["frame"] > 0


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -1,
        2**63,
        -(2**64),
        2**200,
        -(2**200),
        1.5,
        -0.0,
        math.inf,
        "ü水𐅑",
        b"\x00\xff",
        [1, [2.5, None]],
        {"a": [1], "b": {}},
        {1: "x", 2.5: None},
    ],
)
def test_values_come_back_as_they_were_sent(client, value):
    kind, result, _ = client.call(":copy.copy", value)
    assert kind == REPLY
    assert result == value
    assert type(result) is type(value)


def test_a_tuple_is_a_tagged_array(client):
    kind, result, _ = client.call(":math.frexp", 10.0)
    assert (kind, result) == (REPLY, cbor2.CBORTag(TUPLE, (0.625, 4)))
    kind, result, _ = client.call(":operator.add", cbor2.CBORTag(TUPLE, [1]), result)
    assert result == cbor2.CBORTag(TUPLE, (1, 0.625, 4))


def test_an_array_is_that_of_rfc_8746(client):
    elements = array.array("d", [1, 2, 3, 4]).tobytes()
    matrix = cbor2.CBORTag(40, [[2, 2], cbor2.CBORTag(86, elements)])
    _, result, _ = client.call(":numpy.transpose", matrix)
    expected = array.array("d", [1, 3, 2, 4]).tobytes()
    assert result == cbor2.CBORTag(40, ((2, 2), cbor2.CBORTag(86, expected)))


def test_a_list_of_numbers_may_be_a_typed_array(client):
    _, result, _ = client.call(":builtins.sorted", [3.0, 1.0, 2.0, 4.0])
    assert result == cbor2.CBORTag(86, array.array("d", [1, 2, 3, 4]).tobytes())
    _, result, _ = client.call(":builtins.repr", cbor2.CBORTag(70, b"\x01\0\0\0\xff\0\0\0"))
    assert result == "[1, 255]"


def test_attributes_are_read_and_assigned(client):
    assert client.call("math:tau", operation=1)[1] == math.tau
    assert client.call("string:answer", 42, operation=2)[0] == REPLY
    assert client.call("string:answer", operation=1)[1] == 42
    assert client.call("json", operation=3)[:2] == (REPLY, None)


def test_keywords_and_output(client):
    kind, result, output = client.call(":builtins.print", "a", "b", sep="-")
    assert (kind, result) == (REPLY, None)
    assert {stream for stream, _, _ in output} == {1}
    assert b"".join(data for _, _, data in output) == b"a-b\n"


def test_an_exception_is_described(client):
    kind, error, _ = client.call(":json.loads", "{")
    assert kind == FAILURE
    assert (error["module"], error["type"]) == ("json.decoder", "JSONDecodeError")
    file, line, function, source, repeated = error["frames"][0].value
    assert file.endswith("json/__init__.py")
    assert (line > 0, function, bool(source)) == (True, "loads", True)


def test_what_cannot_cross_is_rejected_with_its_place(client):
    kind, (reason, message, place), _ = client.call(":builtins.list", [1, cbor2.CBORTag(999, 1)])
    assert (kind, reason, place) == (REJECTION, 1, "argument 1[1]")
    assert "999" in message
    kind, (reason, message, place), _ = client.call(":threading.Lock")
    assert (kind, reason, place) == (REJECTION, 1, "result")
    assert "lock" in message


def test_a_package_that_is_not_installed(client):
    kind, (reason, message, _), _ = client.call("nowhere.deep", operation=3)
    assert (kind, reason, message) == (REJECTION, 2, "nowhere")


def test_a_ping_needs_no_payload(client):
    client.send(PING, 7)
    assert client.receive() == (PONG, 7, b"")


def test_garbage_closes_the_connection_with_a_reason(server, client):
    with Client(server) as other:
        other.send_bytes(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        kind, _, payload = other.receive()
        assert kind == REFUSAL
        assert cbor2.loads(payload)[0] == 1
        assert other.receive() is None
    client.send_bytes(b"\xff" * 24)
    assert client.receive()[0] == GOODBYE


def test_random_payloads_of_calls_are_only_rejected(client):
    import random

    generator = random.Random(1)
    for call_id in range(1, 500):
        client.send(CALL, call_id, generator.randbytes(generator.randrange(60)))
        kind, answered, _ = client.receive()
        assert kind in (REJECTION, FAILURE)
        assert answered == call_id


def test_the_vectors_of_the_standard_agree_with_another_implementation():
    vectors = json.loads((ROOT / "Tests/Fixtures/rfc8949-appendix-a.json").read_text())
    assert len(vectors) == 81
    for vector in vectors:
        data = bytes.fromhex(vector["hex"])
        value = cbor2.loads(data)
        if vector["form"] == "exact":
            number = vector["diagnostic"]
            if number.lstrip("-").isdigit():
                assert value == int(number)
            if number.startswith('"'):
                assert value == json.loads(number)


if sys.platform == "linux":

    def test_no_descriptor_is_left_by_connections(server):
        def descriptors(process):
            return len(os.listdir(f"/proc/{process}/fd"))

        with Client(server) as first:
            process = first.hello()["process"]
            before = descriptors(process)
            for _ in range(30):
                with Client(server) as other:
                    other.hello()
            # A pong comes after everything that was closed before the ping.
            first.send(PING, 1)
            first.receive()
            assert descriptors(process) <= before + 1


# Shared memory


def memory(content):
    """A descriptor of memory with this content that cannot shrink."""
    descriptor = os.memfd_create("test", os.MFD_ALLOW_SEALING)
    os.write(descriptor, content)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
    return descriptor


@pytest.mark.skipif(sys.platform != "linux", reason="memfd_create is Linux's")
def test_arguments_and_results_in_shared_memory(server):
    content = os.urandom(100_000)
    descriptor = memory(content)
    with Client(server) as client:
        client.hello(segment=1 << 30)
        client.introduce(7, descriptor, len(content))
        argument = cbor2.CBORTag(SHARED_BYTES, [0, 0, len(content)])
        kind, result, _ = client.call(":builtins.bytes", argument, segments=[7])
        assert kind == REPLY
        position, offset, length = result.value
        assert (result.tag, position, length) == (SHARED_BYTES, 0, len(content))
        segment = client.segments[client.table[0]]
        assert os.pread(segment, length, offset) == content
        # We do not give the server's own back, and so get another one.
        first = client.table[0]
        client.call(":builtins.bytes", argument, segments=[7])
        assert client.table[0] != first
    os.close(descriptor)


@pytest.mark.skipif(sys.platform != "linux", reason="memfd_create is Linux's")
def test_what_python_writes_to_an_argument_stays_in_the_server(server):
    content = bytes(80_000)
    descriptor = memory(content)
    with Client(server) as client:
        client.hello(segment=1 << 30)
        client.introduce(1, descriptor, len(content))
        shape = [len(content) // 8]
        shared = cbor2.CBORTag(SHARED_BYTES, [0, 0, len(content)])
        array = cbor2.CBORTag(40, [shape, cbor2.CBORTag(86, shared)])
        kind, result, _ = client.call(":numpy.ndarray.fill", array, 1.5, segments=[1])
        assert (kind, result) == (REPLY, None)
        assert os.pread(descriptor, 100, 0) == bytes(100)
    os.close(descriptor)


def test_a_client_without_shared_memory_gets_everything_in_the_frame(client):
    kind, result, _ = client.call(":builtins.bytes", 200_000)
    assert (kind, result) == (REPLY, bytes(200_000))
    assert client.table == ()


@pytest.mark.skipif(sys.platform != "linux", reason="memfd_create is Linux's")
@pytest.mark.parametrize("seal", [0, 2])
def test_memory_that_could_shrink_or_is_not_there_is_refused(server, seal):
    descriptor = os.memfd_create("test", os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, 4096)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seal)
    with Client(server) as client:
        client.hello(segment=1 << 30)
        client.introduce(1, descriptor, 4096)
        kind, _, payload = client.receive()
        assert (kind, cbor2.loads(payload)[0]) == (GOODBYE, 1)
    os.close(descriptor)


@pytest.mark.skipif(sys.platform != "linux", reason="memfd_create is Linux's")
def test_segments_of_calls_that_fail_come_back(server):
    descriptor = memory(bytes(4096))
    shared = cbor2.CBORTag(SHARED_BYTES, [0, 0, 4096])
    with Client(server) as client:
        client.hello(segment=1 << 30)
        client.introduce(1, descriptor, 4096)
        for arguments in ([shared, cbor2.CBORTag(65535, 1)], [shared], []):
            kind, _, _ = client.call(":builtins.len", *arguments, *arguments, segments=[1])
            assert kind in (FAILURE, REJECTION)
            # They come with the next answer.
            client.call(":builtins.len", [])
            assert client.released == [1]
    os.close(descriptor)
