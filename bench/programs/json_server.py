"""The least that a Python runtime can do: parses a message, and writes its payload as a reply."""

import json
import socket
import sys

listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind(sys.argv[1])
listener.listen()
print("serving", flush=True)
while True:
    connected, _ = listener.accept()
    with connected:
        try:
            frame = connected.recv(65536)
            while frame:
                payload = json.loads(frame[4:])["payload"]
                text = json.dumps([{"payload": payload}], separators=(",", ":"))
                body = text.encode()
                connected.sendall(len(body).to_bytes(4, "big") + body)
                frame = connected.recv(65536)
        except ConnectionError:
            pass
