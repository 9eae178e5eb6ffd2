"""The conformance actor (docs/conformance.md) for the Python runtime."""

from __future__ import annotations

import os
import time
from typing import Any

from asya import FatalError, RetryableError, ValidationError, context


def nest(depth: int) -> Any:
    nested: Any = {}
    for _ in range(depth - 1):
        nested = {"nested": nested}
    return nested


def cycle() -> Any:
    loop: dict[str, Any] = {}
    loop["self"] = loop
    return loop


def fail(kind: str, message: str, retry_after: float | None = None) -> None:
    if kind == "retryable":
        raise RetryableError(message, retry_after=retry_after)
    if kind == "fatal":
        raise FatalError(message)
    if kind == "validation":
        raise ValidationError(message)
    raise RuntimeError(message)


def progress(percent: float = 50, message: str | None = None) -> str:
    context.progress(percent, message)
    return "told"


def measure() -> str:
    context.metrics.counter("pages", 2, language="en")
    context.metrics.gauge("queue", 3)
    context.metrics.histogram("seconds", 0.5)
    return "measured"


def see() -> Any:
    return {
        "id": context.id,
        "job_id": context.job_id,
        "attempt": context.attempt,
        "headers": dict(context.headers),
        "steps": list(context.route.steps),
        "current": context.route.current,
    }


def replace_route(ahead: list[str]) -> int:
    context.route.replace_ahead(ahead)
    return 1


def sleep(ms: float) -> str:
    time.sleep(ms / 1_000)
    return "slept"


def spin() -> None:
    while True:
        pass


def exhaust() -> None:
    everything = []
    while True:
        everything.append(bytearray(16 * 1024 * 1024))


ACTS = {
    "echo": lambda value: value,
    "nothing": lambda: None,
    "fan-out": lambda values: values,
    "count": lambda to: list(range(to)),
    "yield": lambda values: (value for value in values),
    "not-a-number": lambda: {"list": [1, float("nan")]},
    "cycle": cycle,
    "nest": nest,
    "long": lambda characters: "x" * characters,
    "route": replace_route,
    "fail": fail,
    "progress": progress,
    "measure": measure,
    "context": see,
    "sleep": sleep,
    "spin": spin,
    "exit": lambda: os._exit(3),
    "exhaust": exhaust,
}


def conformance(payload: Any) -> Any:
    act = ACTS.get(payload.get("do")) if isinstance(payload, dict) else None
    if act is None:
        return payload
    return act(**{name: value for name, value in payload.items() if name != "do"})
