"""Reads frames and answers each with an empty reply: nothing but reading is measured.

`chunks`: as the original did it, 64 KB at a time, joined at the end. `copy`: into one buffer that is
never looked at, the least that reading can cost. `asya`: as our runtime reads.
"""

import importlib.util
import os
import socket
import sys

REPLY = b"\0\0\0\2[]"


def read_in_chunks(connected, size):
    chunks = []
    while size > 0:
        chunk = connected.recv(min(size, 65536))
        if not chunk:
            raise ConnectionError
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)


BUFFER = memoryview(bytearray(16 * 1024 * 1024))


def read_a_copy(connected, size):
    at = 0
    while at < size:
        count = connected.recv_into(BUFFER[at:size])
        if count == 0:
            raise ConnectionError
        at += count
    return BUFFER[:size]


def serve(listener, read):
    while True:
        connected, _ = listener.accept()
        with connected:
            try:
                while True:
                    size = int.from_bytes(read(connected, 4), "big")
                    read(connected, size)
                    connected.sendall(REPLY)
            except ConnectionError:
                pass


def serve_as_asya(listener, path):
    spec = importlib.util.spec_from_file_location("asya", path)
    asya = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(asya)

    class Reader(asya.Worker):
        def _serve(self, connection, _body):
            connection.socket.sendall(REPLY)

    listener.setblocking(False)
    config = asya.read_config({"ASYA_HANDLER": "posixpath:basename"})
    ours, theirs = socket.socketpair()
    ours.sendall(asya.CONTROL.pack(asya.GO, 0))
    Reader(config, listener, theirs, asya.Page()).main()


listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind(sys.argv[2])
listener.listen()
print("serving", flush=True)
if sys.argv[1] == "asya":
    serve_as_asya(listener, sys.argv[3])
else:
    serve(listener, {"chunks": read_in_chunks, "copy": read_a_copy}[sys.argv[1]])
os._exit(0)
