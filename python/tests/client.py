"""A client written from PROTOCOL.md alone, with a CBOR library from PyPI."""

import os
import socket
import struct

import cbor2

HELLO, WELCOME, REFUSAL, GOODBYE = 1, 2, 3, 4
CALL, CANCEL, REPLY, FAILURE, REJECTION = 16, 17, 18, 19, 20
PING, PONG, SHUTDOWN, OUTPUT = 32, 33, 34, 48

SEGMENT, RELEASE, FORGET = 64, 65, 66

HEADER = struct.Struct(">QQB3xI")

TUPLE = 50790
SHARED_BYTES = 50794


class Client:
    """Sends frames and receives them."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._last_id = 0
        # Descriptors that came with frames, and the segments that they belong to.
        self._descriptors = []
        self.segments = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()
        for descriptor in [*self._descriptors, *self.segments.values()]:
            os.close(descriptor)

    def send(self, kind, call_id=0, payload=b"", segments=()):
        table = b"".join(struct.pack(">Q", number) for number in segments)
        payload += table
        header = HEADER.pack(len(payload), call_id, kind, len(segments))
        self._socket.sendall(header + payload)

    def introduce(self, number, descriptor, length, is_shared=False):
        payload = cbor2.dumps([number, length, is_shared])
        frame = HEADER.pack(len(payload), 0, SEGMENT, 0) + payload
        socket.send_fds(self._socket, [frame], [descriptor])

    def send_bytes(self, data):
        self._socket.sendall(data)

    def receive(self):
        header = self._read(HEADER.size)
        if header is None:
            return None
        length, call_id, kind, segments = HEADER.unpack(header)
        payload = self._read(length)
        end = length - 8 * segments
        self.table = struct.unpack(f">{segments}Q", payload[end:])
        return kind, call_id, payload[:end]

    def _read(self, length):
        data = b""
        while len(data) < length:
            part, descriptors, _, _ = socket.recv_fds(self._socket, length - len(data), 4)
            self._descriptors += descriptors
            if not part:
                return None
            data += part
        return data

    def hello(self, **limits):
        hello = {"protocol": 6, "client": "python test", "role": "lasting"}
        if limits:
            hello["limits"] = {"frame": 1 << 31, "depth": 256, **limits}
        self.send(HELLO, 0, cbor2.dumps(hello))
        kind, _, payload = self.receive()
        assert kind == WELCOME, payload
        return cbor2.loads(payload)

    def call(self, target, *arguments, operation=0, segments=(), **keywords):
        """The kind of the answer, its content, and the output that came before it."""
        self._last_id += 1
        payload = cbor2.dumps([operation, target, list(arguments), keywords])
        self.send(CALL, self._last_id, payload, segments)
        output = []
        self.released = []
        while True:
            kind, call_id, payload = self.receive()
            if kind == OUTPUT:
                output.append(cbor2.loads(payload))
                continue
            if kind == SEGMENT:
                number, _, _ = cbor2.loads(payload)
                self.segments[number] = self._descriptors.pop(0)
                continue
            if kind == RELEASE:
                self.released.append(cbor2.loads(payload))
                continue
            assert call_id == self._last_id
            return kind, cbor2.loads(payload), output
