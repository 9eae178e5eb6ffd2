"""Does what it is told, however bad it is. (faulty.ts is the same for the Node runtime.)"""

import os
import signal
import time


def allocate():
    """Leave no room, not even for saying so."""
    everything = []
    size = 16 * 1024 * 1024
    while True:
        try:
            everything.append(bytearray(size))
        except MemoryError:
            if size < 64:
                raise
            size //= 2


def loop():
    while True:
        pass


def cycle():
    circle = {}
    circle["self"] = circle
    return circle


def kill_runtime():
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)


def raise_error():
    raise RuntimeError("out of tea")


FAULTS = {
    "loop for ever": loop,
    "wait for ever": lambda: time.sleep(1_000_000),
    "allocate without end": allocate,
    "exit": lambda: os._exit(3),
    "call sys.exit": lambda: exit(3),
    "raise": raise_error,
    "return a set": lambda: {"at": {1, 2}},
    "return a cycle": cycle,
    "return NaN": lambda: {"at": float("nan")},
    "kill the worker": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "kill the runtime": kill_runtime,
}


def faulty(order):
    if order["do"] == "nothing":
        time.sleep(order.get("ms", 0) / 1_000)
        return order
    if order["do"] == "say the pid":
        return {"pid": os.getpid()}
    return FAULTS[order["do"]]()
