"""The raw baselines, over one connection at a time.

`bytes`: sends back every byte. `json`: the least that a Python runtime can do, which is to parse a
message and to write its payload as a reply.
"""

import json
import socket
import sys


def answer(frame):
    payload = json.loads(frame[4:])["payload"]
    body = json.dumps([{"payload": payload}], separators=(",", ":")).encode()
    return len(body).to_bytes(4, "big") + body


reply = answer if sys.argv[1] == "json" else bytes
listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind(sys.argv[2])
listener.listen()
print("serving", flush=True)
while True:
    connected, _ = listener.accept()
    with connected:
        try:
            data = connected.recv(65536)
            while data:
                connected.sendall(reply(data))
                data = connected.recv(65536)
        except ConnectionError:
            pass
