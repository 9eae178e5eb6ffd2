"""What only Python handlers do: for the tests of the Python runtime."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from enum import Enum
from typing import Dict, Iterator, List, Optional, TypedDict, Union

from asya import Cancelled, DeadlineExceeded, context

log = logging.getLogger("snake")
cleaned = []


class Kind(Enum):
    PAGE = "page"
    LETTER = "letter"


@dataclass
class Box:
    """Where it stands."""

    x: float
    y: float = 0.0


@dataclass
class Page:
    url: str
    kind: Kind
    boxes: List[Box] = field(default_factory=list)
    title: Optional[str] = None


class Note(TypedDict, total=False):
    text: str
    count: int


def read_page(page: Page) -> Page:
    """Reads a page."""
    assert isinstance(page, Page) and isinstance(page.kind, Kind)
    return page


def list_notes(page: Page) -> Iterator[Note]:
    yield {"text": page.url}


async def find_note(note: Note) -> Optional[Note]:
    return note


def take_bytes(data: bytes) -> None: ...


def take_anything(data): ...


def count_all(counts: Dict[str, Union[int, float]]) -> None: ...


class Counter:
    """Made once, so that a model loads once."""

    made = 0

    def __init__(self):
        Counter.made += 1
        self.calls = 0

    def count(self, _payload):
        self.calls += 1
        return {"made": Counter.made, "calls": self.calls}

    async def count_later(self, payload):
        await asyncio.sleep(0)
        return self.count(payload)


async def stream(values):
    for value in values:
        await asyncio.sleep(0)
        yield value


def take_message(message):
    if message["payload"] == "payload only":
        return "no message"
    return {"payload": sorted(message), "route": message["route"]}


def obey(order):
    what = order["do"]
    if what == "print":
        print("hello", order["text"])
        return "printed"
    if what == "log":
        log.warning("odd page %s", 3)
        context.log.info("read", pages=3)
        return "logged"
    if what == "be interrupted":
        try:
            time.sleep(60)
        except (DeadlineExceeded, Cancelled) as error:
            with open(order["path"], "w") as kept:
                kept.write(type(error).__name__)
            raise
    if what == "start a program":
        subprocess.run(["sleep", "60"], check=True)
    if what == "watch":
        while not context.cancelled:
            time.sleep(0.01)
        with open(order["path"], "w") as kept:
            kept.write("saw it")
        return "over"
    if what == "tell from a thread":
        thread = threading.Thread(target=lambda: context.progress(50, "from a thread"))
        thread.start()
        thread.join()
        return "told"
    if what == "time left":
        return {"left": context.time_left, "deadline": context.deadline}
    if what == "pid":
        return os.getpid()
    if what == "exhaust the GPU":
        import torch

        if order["how"] == "class":
            raise torch.OutOfMemoryError("no memory left on the device")
        raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB")
    if what == "count empties":
        return sys.modules["torch"].cuda.emptied
    if what == "raise ValueError":
        raise ValueError("no page")
    if what == "threads":
        return {"threads": threading.active_count(), "collected": gc.isenabled()}
    return order


async def obey_later(order):
    if order["do"] == "be interrupted":
        try:
            await asyncio.sleep(60)
        finally:
            with open(order["path"], "w") as kept:
                kept.write("cleaned up")
    if order["do"] == "pid":
        return os.getpid()
    if order["do"] == "block":
        time.sleep(60)
    return order
