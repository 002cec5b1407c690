"""A client written from PROTOCOL.md alone, with a CBOR library from PyPI."""

import socket
import struct

import cbor2

HELLO, WELCOME, REFUSAL, GOODBYE = 1, 2, 3, 4
CALL, CANCEL, REPLY, FAILURE, REJECTION = 16, 17, 18, 19, 20
PING, PONG, SHUTDOWN, OUTPUT = 32, 33, 34, 48

HEADER = struct.Struct(">QQB7x")

TUPLE = 50790


class Client:
    """Sends frames and receives them."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._last_id = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, kind, call_id=0, payload=b""):
        self._socket.sendall(HEADER.pack(len(payload), call_id, kind) + payload)

    def send_bytes(self, data):
        self._socket.sendall(data)

    def receive(self):
        header = self._read(HEADER.size)
        if header is None:
            return None
        length, call_id, kind = HEADER.unpack(header)
        return kind, call_id, self._read(length)

    def _read(self, length):
        data = b""
        while len(data) < length:
            part = self._socket.recv(length - len(data))
            if not part:
                return None
            data += part
        return data

    def hello(self):
        self.send(HELLO, 0, cbor2.dumps({"protocol": 1, "client": "python test"}))
        kind, _, payload = self.receive()
        assert kind == WELCOME, payload
        return cbor2.loads(payload)

    def call(self, target, *arguments, operation=0, **keywords):
        """The kind of the answer, its content, and the output that came before it."""
        self._last_id += 1
        payload = cbor2.dumps([operation, target, list(arguments), keywords])
        self.send(CALL, self._last_id, payload)
        output = []
        while True:
            kind, call_id, payload = self.receive()
            if kind == OUTPUT:
                output.append(cbor2.loads(payload))
                continue
            assert call_id == self._last_id
            return kind, cbor2.loads(payload), output
