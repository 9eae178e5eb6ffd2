"""The raw baseline: sends back every byte, over one connection at a time."""

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
            data = connected.recv(65536)
            while data:
                connected.sendall(data)
                data = connected.recv(65536)
        except ConnectionError:
            pass
