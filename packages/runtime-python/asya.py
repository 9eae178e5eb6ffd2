#!/usr/bin/env python3
"""The Python runtime of Asya: serves a handler over a Unix socket.

    ASYA_HANDLER=package.module:function python3 asya.py

One file, standard library only, Python 3.8 and later. A handler is a function of the payload:

    from asya import context

    def classify(page: dict) -> dict:
        context.progress(50, "classifying")
        return {"url": page["url"], "topic": "news"}

A list, a tuple or a generator fans out; ``None`` ends the pipeline; ``async def`` works too.

Two kinds of processes. The **parent** binds the socket and never loads the handler. Its
**workers**, one for each message at a time (``ASYA_CONCURRENCY``), hold the handler and accept the
connections themselves, so that no byte of a message passes through the parent:

    sidecar ──── worker ── handler
                   ╎ control socket, and a page of shared memory
                 parent

The parent keeps a duplicate of every connection that a worker holds. It reads nothing from it, but
sees when the peer hangs up, and it can answer for a worker that is no more.

What always holds:

P1  A request is answered at its deadline, whatever its handler does: the handler is interrupted;
    if that does not help its worker is killed, and the parent answers ``timeout_error``.
P2  A worker that was interrupted or is lost is replaced at once; with a growing wait if workers are
    lost one after the other and none of them has served anything.
P3  Nobody answers on a connection on which somebody else may be writing.
P4  When a peer hangs up its request is cancelled: coroutines are cancelled at once, functions see
    ``context.cancelled`` and are interrupted after a moment.
P5  Workers do not outlive the parent, however it ends.

The wire is described in ``asyncapi/README.md`` of Asya's repository.
"""

from __future__ import annotations

import errno
import fcntl
import json
import json.decoder
import json.encoder
import math
import mmap
import os
import re
import select
import signal
import socket
import stat
import struct
import sys
import time

# What only type checkers need costs no memory at run time: they know this name.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import (
        Any,
        Callable,
        Iterable,
        Iterator,
        Mapping,
        NoReturn,
        Sequence,
        Union,
    )

    Buffer = Union[bytes, bytearray, memoryview]

__version__ = "0.1.0"
__all__ = [
    "Cancelled",
    "DeadlineExceeded",
    "FatalError",
    "RetryableError",
    "ValidationError",
    "context",
]

# ---------------------------------------------------------------------------------------------
# What a handler imports
# ---------------------------------------------------------------------------------------------


class RetryableError(Exception):
    """Another attempt may help: the message is retried by the actor's policy.

    ``retry_after``: the next attempt comes no earlier than after this many seconds.
    """

    def __init__(self, message: str = "", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class FatalError(Exception):
    """No other attempt can help: the message goes to ``error-end`` at once."""


class ValidationError(ValueError):
    """The payload is not what it should be: the message goes to ``error-end`` at once."""


class Interrupted(BaseException):
    """Raised inside a handler that must end. No ``Exception``, so that few handlers catch it."""


class DeadlineExceeded(Interrupted):
    """The deadline of the message has passed."""


class Cancelled(Interrupted):
    """Nobody waits for the result any more."""


class Route:
    """Where the message has been and where it goes."""

    def __init__(self, steps: Sequence[str], current: int) -> None:
        self._steps: tuple[str, ...] = tuple(steps)
        self._current = current
        self._is_changed = False
        self._is_closed = False

    @property
    def steps(self) -> tuple[str, ...]:
        """All steps, as they stand now."""
        return self._steps

    @property
    def current(self) -> int:
        """The index of this step."""
        return self._current

    @property
    def done(self) -> tuple[str, ...]:
        """The steps before this one."""
        return self._steps[: self._current]

    @property
    def ahead(self) -> tuple[str, ...]:
        """The steps after this one."""
        return self._steps[self._current + 1 :]

    def replace_ahead(self, steps: Iterable[str]) -> None:
        """Replace the steps that are still ahead, for all outputs of this call.

        ``[]`` makes this step the last. A generator calls it before its first ``yield``.
        Raises TypeError for a name that no queue can have, for more than 10,000 steps in all, or
        after the first ``yield``.
        """
        if self._is_closed:
            raise TypeError("route.replace_ahead came after the first yield; call it before")
        ahead = tuple(steps)
        for step in ahead:
            if not is_step_name(step):
                raise TypeError(f"route.replace_ahead: {step!r} is not the name of a queue")
        changed = self._steps[: self._current + 1] + ahead
        if len(changed) > MAX_STEPS:
            raise TypeError(f"route.replace_ahead: a route has at most {MAX_STEPS} steps")
        self._steps = changed
        self._is_changed = True


class Metrics:
    """Metrics of this actor, collected by its sidecar.

    A name is letters, digits and underscores and does not begin with a digit. Measuring never fails
    a message: what cannot be kept is dropped with a warning in the log.
    """

    def counter(self, name: str, value: float = 1, **labels: object) -> None:
        """Add to a counter; ``value`` is 0 or more."""
        self._send("counter", name, value, labels)

    def gauge(self, name: str, value: float, **labels: object) -> None:
        """Set a gauge."""
        self._send("gauge", name, value, labels)

    def histogram(self, name: str, value: float, **labels: object) -> None:
        """Observe a value, such as a duration in seconds."""
        self._send("histogram", name, value, labels)

    def _send(self, kind: str, name: str, value: float, labels: Mapping[str, object]) -> None:
        problem = explain_bad_metric(kind, name, value)
        if problem is not None:
            context.log.warning(f"metric dropped: {problem}", metric=str(name), kind=kind)
            return
        call = context._call
        if call is not None:
            texts = {label: str(text) for label, text in labels.items()}
            metric = {"kind": kind, "name": name, "value": value, "labels": texts}
            call.add_metric(metric)


class HandlerLog:
    """Structured logging: ``context.log.info("read", pages=3)``. Logging never fails a handler."""

    def debug(self, message: str, **fields: object) -> None:
        """Write a line of the level debug."""
        self._write("debug", message, fields)

    def info(self, message: str, **fields: object) -> None:
        """Write a line of the level info."""
        self._write("info", message, fields)

    def warning(self, message: str, **fields: object) -> None:
        """Write a line of the level warn."""
        self._write("warn", message, fields)

    def error(self, message: str, **fields: object) -> None:
        """Write a line of the level error."""
        self._write("error", message, fields)

    def _write(self, level: str, message: str, fields: Mapping[str, object]) -> None:
        log.write(level, message, {**fields, **context._ids()})


class Context:
    """What a handler may ask for beside its payload; about the message that is being served."""

    log = HandlerLog()
    metrics = Metrics()
    _call: Call | None = None

    @property
    def id(self) -> str:
        """The message's id: the same at every attempt; fit as an idempotency key."""
        return self._required().id

    @property
    def job_id(self) -> str | None:
        """The job it belongs to; None when nobody follows it."""
        return self._required().request.job_id

    @property
    def attempt(self) -> int:
        """From 1; grows with every retry."""
        return self._required().request.attempt

    @property
    def deadline(self) -> float | None:
        """When the handler must be done, as ``time.time()`` counts; None without a time limit."""
        left = self.time_left
        return None if left is None else time.time() + left

    @property
    def time_left(self) -> float | None:
        """Seconds until the deadline; None without a time limit."""
        ends_at = self._required().ends_at
        return None if ends_at == NEVER else max(0.0, ends_at - time.monotonic())

    @property
    def cancelled(self) -> bool:
        """True when nobody waits for the result any more."""
        return self._required().is_cancelled()

    @property
    def headers(self) -> Mapping[str, str]:
        """Values that travel beside the payload; what is no string is given as its JSON text."""
        return {
            name: value if isinstance(value, str) else to_json(value)
            for name, value in self._required().request.headers.items()
        }

    @property
    def route(self) -> Route:
        """Where the message has been and where it goes."""
        return self._required().route

    @property
    def message(self) -> dict[str, Any]:
        """The whole message as it travels, route and payload included."""
        return self._required().request.to_message()

    def progress(self, percent: float, message: str | None = None) -> None:
        """Tell whoever follows the job how far this step is.

        ``percent``: 0 to 100; what lies outside is moved to the nearer end, NaN is ignored.
        """
        call = self._call
        if call is not None and not math.isnan(percent):
            call.set_progress(min(max(float(percent), 0.0), 100.0), message)

    def _required(self) -> Call:
        if self._call is None:
            raise RuntimeError("asya.context is there only while a message is served")
        return self._call

    def _ids(self) -> dict[str, str | None]:
        if self._call is None:
            return {}
        request = self._call.request
        return {"message_id": request.id, "job_id": request.job_id}


context = Context()

METRIC_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def explain_bad_metric(kind: str, name: object, value: object) -> str | None:
    """Say why a metric cannot be kept; None when it can."""
    if not isinstance(name, str) or not METRIC_NAME.fullmatch(name):
        return "its name is not letters, digits and underscores"
    if not isinstance(value, (int, float)) or not abs(value) < NEVER:
        return f"its value is {value!r}"
    if kind == "counter" and value < 0:
        return f"a counter cannot go down, and its value is {value!r}"
    return None


# ---------------------------------------------------------------------------------------------
# Configuration
# ---------------------------------------------------------------------------------------------

NEVER = float("inf")
MIB = 1024 * 1024
#: Linux: ``sun_path`` has 108 bytes, the last of which is NUL.
MAX_PATH_BYTES = 107

LEVELS = ("debug", "info", "warn", "error", "silent")
#: Names that others use for them.
LEVEL_ALIASES = {"warning": "warn", "critical": "error", "fatal": "error"}

DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h)")
UNIT_SECONDS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
}


class ConfigurationError(Exception):
    """Bad configuration, with a line for each variable."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("bad configuration:\n" + "\n".join(f"  {line}" for line in problems))


class Config:
    """The runtime's configuration; names and defaults are those of the Node runtime."""

    handler: str
    takes_message: bool
    actor_name: str | None
    concurrency: int
    socket_path: str
    socket_mode: int
    max_frame_bytes: int
    timeout: float
    load_timeout: float
    memory_limit_mib: int | None
    log_level: str
    grace: float
    validation_errors: tuple[str, ...]


class EnvironmentReader:
    """Reads variables, and collects what is wrong with them. An empty one counts as unset."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def read(
        self,
        names: Sequence[str],
        parse: Callable[[str], Any | None],
        allowed: str,
        fallback: Any,
    ) -> Any:
        """Read the first of the names that is set. ``fallback`` REQUIRED: it must be set."""
        for name in names:
            text = self._environment.get(name, "")
            if text == "":
                continue
            value = parse(text)
            if value is None:
                self.problems.append(f"{name} is {json.dumps(text)}: expected {allowed}")
            return value
        if fallback is REQUIRED:
            self.problems.append(f"{names[0]} is not set: expected {allowed}")
            return None
        return fallback


REQUIRED = object()

HANDLER = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*([.:])[^\W\d]\w*(\.[^\W\d]\w*)*")


def read_config(environment: Mapping[str, str]) -> Config:
    """Read the environment. Raises ConfigurationError with every problem."""
    reader = EnvironmentReader(environment)
    read = reader.read
    duration = "a duration such as 300ms, 90s, 5m or 1h30m"
    config = Config()
    config.handler = read(
        ["ASYA_HANDLER", "ASYA_PROCESS_MODULE"],
        lambda text: text if HANDLER.fullmatch(text) else None,
        "package.module:function, package.module.function or module:Class.method",
        REQUIRED,
    )
    config.takes_message = read(
        ["ASYA_HANDLER_ARG_TYPE"],
        lambda text: {"payload": False, "message": True}.get(text.lower()),
        "one of payload, message",
        False,
    )
    config.actor_name = read(["ASYA_ACTOR_NAME"], str, "a name", None)
    if config.actor_name is None and config.handler:
        config.actor_name = to_actor_name(config.handler)
    config.concurrency = read(
        ["ASYA_CONCURRENCY", "ASYA_RABBITMQ_PREFETCH"],
        whole_number(1, 10_000),
        "a whole number from 1 to 10000",
        1,
    )
    config.socket_path = os.path.abspath(
        read(
            ["ASYA_SOCKET_PATH"],
            lambda text: text if len(os.fsencode(text)) <= MAX_PATH_BYTES else None,
            f"a path of at most {MAX_PATH_BYTES} bytes",
            "/tmp/sockets/app.sock",
        )
        or ""
    )
    config.socket_mode = read(
        ["ASYA_SOCKET_CHMOD"],
        lambda text: int(text[-3:], 8) if re.fullmatch(r"(0o|0)?[0-7]{3}", text) else None,
        "permissions in octal, such as 0o660, 0660 or 660",
        0o660,
    )
    config.max_frame_bytes = read(
        ["ASYA_MAX_MESSAGE_SIZE"],
        whole_number(1, 1024 * MIB),
        "a whole number from 1 to 1073741824",
        10 * MIB,
    )
    config.timeout = read(["ASYA_RUNTIME_TIMEOUT"], parse_duration, duration, NEVER)
    config.load_timeout = read(["ASYA_LOAD_TIMEOUT"], parse_duration, duration, 300.0)
    config.memory_limit_mib = read(
        ["ASYA_HEAP_LIMIT"],
        whole_number(16, 1_048_576),
        "a whole number from 16 to 1048576",
        None,
    )
    config.log_level = read(
        ["ASYA_LOG_LEVEL"], parse_level, "one of debug, info, warn, error, silent", "info"
    )
    config.grace = read(["ASYA_SHUTDOWN_GRACE"], parse_duration, duration, 30.0)
    config.validation_errors = read(
        ["ASYA_VALIDATION_ERRORS"],
        lambda text: tuple(name.strip() for name in text.split(",") if name.strip()),
        "names of exception classes with commas between",
        (),
    )
    if reader.problems:
        raise ConfigurationError(reader.problems)
    return config


def whole_number(least: int, most: int) -> Callable[[str], int | None]:
    """Make a parser of whole numbers within bounds."""

    def parse(text: str) -> int | None:
        number = int(text) if re.fullmatch(r"[0-9]{1,15}", text) else -1
        return number if least <= number <= most else None

    return parse


def parse_level(text: str) -> str | None:
    """Read the level of a log; case does not matter."""
    level = LEVEL_ALIASES.get(text.lower(), text.lower())
    return level if level in LEVELS else None


def parse_duration(text: str) -> float | None:
    """Read a duration as Go writes it, in seconds; None when it is none."""
    if text == "0":
        return 0.0
    parts = DURATION_PART.findall(text)
    if not parts or "".join(amount + unit for amount, unit in parts) != text:
        return None
    return sum(float(amount) * UNIT_SECONDS[unit] for amount, unit in parts)


def to_actor_name(handler: str) -> str:
    """Name an actor by its function: ``pages:read_page`` → ``read-page``."""
    name = re.split(r"[.:]", handler)[-1]
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", name)
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1-\2", name)
    return re.sub(r"_+", "-", name).strip("-").lower()


# ---------------------------------------------------------------------------------------------
# Log
# ---------------------------------------------------------------------------------------------


class Log:
    """One JSON object a line, on stderr: stdout is the author's."""

    def __init__(self) -> None:
        self.lowest = LEVELS.index("error")
        self.actor: str | None = None

    def configure(self, level: str, actor: str | None) -> None:
        """Set the lowest level that is written, and the name of the actor in every line."""
        self.lowest = LEVELS.index(level)
        self.actor = actor

    def write(self, level: str, message: str, fields: Mapping[str, object]) -> None:
        """Write a line, unless its level is too low. Never raises."""
        if LEVELS.index(level) < self.lowest:
            return
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
        line: dict[str, object] = {"level": level, "time": f"{stamp}.{int(now * 1000) % 1000:03d}Z"}
        if self.actor is not None:
            line["actor"] = self.actor
        line.update({name: value for name, value in fields.items() if value is not None})
        line["msg"] = str(message)
        try:
            text = json.dumps(line, default=repr)
        except (TypeError, ValueError, RecursionError):
            text = json.dumps({"level": level, "msg": str(message), "fields": "cannot be written"})
        try:
            # At once: a line should survive the crash that it announces.
            os.write(2, text.encode("utf-8", "replace") + b"\n")
        except OSError:
            pass

    def debug(self, message: str, **fields: object) -> None:
        """Write a line of the level debug."""
        self.write("debug", message, fields)

    def info(self, message: str, **fields: object) -> None:
        """Write a line of the level info."""
        self.write("info", message, fields)

    def warn(self, message: str, **fields: object) -> None:
        """Write a line of the level warn."""
        self.write("warn", message, fields)

    def error(self, message: str, **fields: object) -> None:
        """Write a line of the level error."""
        self.write("error", message, fields)


log = Log()


def adopt_logging() -> None:
    """Let lines of Python's own ``logging`` look like ours, if the handler's modules use it.

    A root logger that has handlers was set up by the author, and stays as it is.
    """
    logging = sys.modules.get("logging")
    if logging is None or logging.root.handlers:
        return
    levels = {"DEBUG": "debug", "INFO": "info", "WARNING": "warn"}

    class JsonHandler(logging.Handler):  # type: ignore[misc, name-defined]
        def emit(self, record: Any) -> None:
            fields: dict[str, object] = {"logger": record.name, **context._ids()}
            if record.exc_info:
                fields["traceback"] = format_traceback(record.exc_info[1])
            log.write(levels.get(record.levelname, "error"), record.getMessage(), fields)

    logging.root.addHandler(JsonHandler())
    if logging.root.level == logging.WARNING:
        logging.root.setLevel(("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")[log.lowest])


# ---------------------------------------------------------------------------------------------
# The wire: requests
# ---------------------------------------------------------------------------------------------

#: How deep the value of a member may nest.
MAX_DEPTH = 128
MAX_MEMBERS = 1_000
MAX_STEPS = 10_000
MAX_OUTPUTS = 10_000
MAX_BRANCHES = 100
MAX_ID_BYTES = 255

STEP_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
GENERATION = re.compile(r"[A-Za-z0-9_-]{1,64}")
#: What nearly every id is, and quicker to see.
PLAIN_ID = re.compile(r"[ -~]{1,255}")
#: Control characters and halves of a surrogate pair.
UNFIT_FOR_ID = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

SPACE = " \t\n\r"


class Refusal(Exception):
    """A request that cannot be served, with its code on the wire."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Doubt(Exception):
    """The quick reader meets what is no plain request: the slow one says what is wrong with it."""


class Request:
    """A message, and what belongs to this call alone."""

    __slots__ = ("accept", "attempt", "current", "deadline_ms", "members", "payload", "steps")

    def __init__(self, members: dict[str, Any], steps: tuple[str, ...], current: int) -> None:
        self.members = members
        self.payload: Any = members["payload"]
        self.steps = steps
        self.current = current
        self.attempt: int = members.get("attempt", 1)
        self.deadline_ms: int | None = members.pop("deadline_ms", None)
        self.accept: Sequence[str] = members.pop("accept", ())

    @property
    def id(self) -> str | None:
        """The message's id, if it came with one."""
        return self.members.get("id")

    @property
    def job_id(self) -> str | None:
        """The job's id, if there is a job."""
        return self.members.get("job_id")

    @property
    def headers(self) -> Mapping[str, Any]:
        """The headers; empty if there are none."""
        headers: Mapping[str, Any] = self.members.get("headers", {})
        return headers

    def to_message(self) -> dict[str, Any]:
        """The message as it travels. What is changed in it changes no other call's."""
        return dict(self.members)


def is_step_name(value: object) -> bool:
    """Whether a queue can have this name."""
    return isinstance(value, str) and STEP_NAME.fullmatch(value) is not None


def is_id(value: object) -> bool:
    """Whether this is an id: 1 to 255 bytes that properties, URLs and databases carry unchanged."""
    if not isinstance(value, str) or value in ("", ".", ".."):
        return False
    if PLAIN_ID.fullmatch(value):
        return True
    if len(value) > MAX_ID_BYTES or UNFIT_FOR_ID.search(value):
        return False
    return len(value.encode("utf-8")) <= MAX_ID_BYTES


def is_index(text: str) -> bool:
    """Whether a JSON text is a whole number from 0, digits alone and at most nine of them."""
    return len(text) <= 9 and text.isdigit() and text.isascii() and (text[0] != "0" or text == "0")


def refuse_constant(name: str) -> NoReturn:
    """NaN and Infinity, which Python's own reader would take, are no JSON."""
    raise ValueError(f"{name} is no JSON")


def parse_long_integer(text: str) -> int | float:
    """Read an integer; one with more digits than Python reads (CVE-2020-10735) becomes infinite."""
    return int(text) if len(text) < 4_000 else float(text)


def scanner_of(decoder: json.JSONDecoder) -> Callable[[str, int], tuple[Any, int]]:
    """The function of a decoder that reads one value from some place on, and says where it ends."""
    scan: Callable[[str, int], tuple[Any, int]] = getattr(decoder, "scan_once")  # noqa: B009
    return scan


scan_value = scanner_of(json.JSONDecoder(parse_constant=refuse_constant))
scan_value_patiently = scanner_of(
    json.JSONDecoder(parse_constant=refuse_constant, parse_int=parse_long_integer)
)
scan_string: Callable[[str, int], tuple[str, int]] = getattr(json.decoder, "scanstring")  # noqa: B009


def parse_json(text: str) -> Any:
    """Parse a small JSON text that may have white space around it. Raises ValueError."""
    value, end = read_value(text, skip_space(text, 0))
    if skip_space(text, end) != len(text):
        raise ValueError("text after the end")
    return value


def read_value(text: str, at: int) -> tuple[Any, int]:
    """Read the value that begins here, and say where it ends. Raises ValueError."""
    try:
        return scan_value(text, at)
    except StopIteration:
        raise ValueError("a value is missing") from None
    except RecursionError:
        raise ValueError("nested too deep") from None
    except ValueError:
        try:
            return scan_value_patiently(text, at)
        except StopIteration:
            raise ValueError("a value is missing") from None


def skip_space(text: str, at: int) -> int:
    """Move over white space."""
    while at < len(text) and text[at] in SPACE:
        at += 1
    return at


OPENERS_TO_ONE = bytes.maketrans(b"[{]}", b"(())")
ALL_BUT_BRACKETS = bytes(code for code in range(256) if code not in b'[]{}"')


def is_deeper_than(text: str, limit: int) -> bool:
    """Whether a JSON text that is well formed nests deeper than this.

    Python's reader does not tell how deep it was. Few texts have so many brackets; in those that
    do, the innermost pairs are taken away again and again: that runs at the speed of C.
    """
    if text.count("{") + text.count("[") <= limit:
        return False
    data = text.encode("utf-8", "surrogatepass")
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    data = data.translate(OPENERS_TO_ONE, ALL_BUT_BRACKETS)
    # Between the first and the second quote, the third and the fourth, … stood strings.
    data = b"".join(data.split(b'"')[::2])
    for _ in range(limit):
        if not data:
            return False
        data = data.replace(b"()", b"")
    return bool(data)


#: Routes that were read before, by their text: all messages of a pipeline bring the same one.
known_routes: dict[str, tuple[tuple[str, ...], int]] = {}
MAX_KNOWN_ROUTES = 256


class Pairs(tuple):  # type: ignore[type-arg]
    """The members of an object, in order and duplicates included."""


def parse_wire_integer(text: str) -> int:
    """Read a whole number of the envelope; one that is written otherwise becomes -1."""
    return int(text) if is_index(text) else -1


scan_pairs = scanner_of(
    json.JSONDecoder(
        object_pairs_hook=Pairs, parse_int=parse_wire_integer, parse_constant=refuse_constant
    )
)


def read_route(text: str) -> tuple[tuple[str, ...], int]:
    """Read a route from the text of its value, which is well formed. Raises Refusal."""
    known = known_routes.get(text)
    if known is not None:
        return known
    pairs, _ = scan_pairs(text, 0)
    if not isinstance(pairs, Pairs):
        raise Refusal("msg_parsing_error", "route: not an object")
    if len(pairs) > MAX_MEMBERS:
        raise Refusal("msg_parsing_error", f"route: more than {MAX_MEMBERS} members")
    members = dict(pairs)
    if len(members) < len(pairs):
        raise Refusal("msg_parsing_error", "route: a name stands twice")
    steps, current = members.get("steps"), members.get("current")
    if type(steps) is not list:
        raise Refusal("msg_parsing_error", "route.steps is not an array of names")
    if len(steps) > MAX_STEPS:
        raise Refusal("msg_parsing_error", f"route.steps has more than {MAX_STEPS} names")
    for index, step in enumerate(steps):
        if not is_step_name(step):
            raise Refusal("msg_parsing_error", f"route.steps[{index}] is not the name of a queue")
    if type(current) is not int or current < 0:
        raise Refusal("msg_parsing_error", "route.current is not a whole number from 0")
    if current > len(steps):
        raise Refusal(
            "msg_parsing_error",
            f"route.current is {current}, but there are {len(steps)} steps",
        )
    if len(known_routes) >= MAX_KNOWN_ROUTES:
        known_routes.clear()
    if len(text) <= 1_024:
        known_routes[text] = (tuple(steps), current)
    return tuple(steps), current


def is_branch(text: str) -> bool:
    """Whether the text of a value, which is well formed, is a branch."""
    branch, _ = scan_pairs(text, 0)
    if type(branch) is not list or len(branch) > MAX_BRANCHES:
        return False
    return all(type(entry) is list and is_branch_entry(entry) for entry in branch)


def is_branch_entry(entry: list[Any]) -> bool:
    """Whether this is ``[index, count, generation]``."""
    if len(entry) != 3:
        return False
    index, count, generation = entry
    if type(index) is not int or type(count) is not int or not isinstance(generation, str):
        return False
    return 0 <= index < count <= MAX_OUTPUTS and GENERATION.fullmatch(generation) is not None


def check_id(name: str) -> Callable[[Any, str], str | None]:
    """Make the check of a member that is an id."""

    def check(value: Any, _text: str) -> str | None:
        if is_id(value):
            return None
        return f"{name} is not a string of 1 to 255 bytes without control codes"

    return check


def check_object(name: str) -> Callable[[Any, str], str | None]:
    """Make the check of a member that is an object."""
    return lambda value, _text: None if type(value) is dict else f"{name} is not an object"


def check_accept(value: Any, _text: str) -> str | None:
    """Check the kinds of interim frames that the caller reads."""
    if type(value) is list and all(isinstance(kind, str) for kind in value):
        return None
    return "accept is not a list of names"


#: What is wrong with a member's value, by its name; None when it is as it should be.
CHECKS: dict[str, Callable[[Any, str], str | None]] = {
    "id": check_id("id"),
    "parent_id": check_id("parent_id"),
    "job_id": check_id("job_id"),
    "attempt": lambda _value, text: (
        None if is_index(text) and text != "0" else "attempt is not a whole number from 1"
    ),
    "branch": lambda _value, text: (
        None if is_branch(text) else "branch is not a list of [index, count, generation]"
    ),
    "headers": check_object("headers"),
    "error": check_object("error"),
    "deadline_ms": lambda _value, text: (
        None if is_index(text) else "deadline_ms is not a whole number of milliseconds"
    ),
    "accept": check_accept,
}


def decode_request(body: Buffer) -> Request:
    """Read a request. Raises Refusal with the code that the wire has for what is wrong with it."""
    if len(body) == 0:
        raise Refusal("empty_message", "the message has no bytes")
    try:
        text = str(body, "utf-8")
    except UnicodeDecodeError:
        raise Refusal("invalid_encoding", "the message is not UTF-8") from None
    try:
        request = read_request(text)
    except (Doubt, Refusal, ValueError, StopIteration, IndexError, RecursionError):
        raise find_mistake(text) from None
    if is_deeper_than(text, MAX_DEPTH + 1):
        raise find_mistake(text)
    return request


def read_request(text: str) -> Request:
    """Read a request that is as it should be; anything else raises some error.

    Members are read one by one, for json.loads would keep the last of two members with one name.
    """
    at = skip_space(text, 0)
    if text[at] != "{":
        raise Doubt
    members: dict[str, Any] = {}
    route: tuple[tuple[str, ...], int] | None = None
    separator = ","
    while separator == ",":
        at += 1
        if text[at] != '"':
            at = skip_space(text, at)
            if text[at] != '"':
                raise Doubt
        name, at = scan_string(text, at + 1)
        if text[at] != ":":
            at = skip_space(text, at)
            if text[at] != ":":
                raise Doubt
        start = at + 1
        if text[start] in SPACE:
            start = skip_space(text, start)
        value, at = read_value(text, start)
        if name in members:
            raise Doubt
        members[name] = value
        check = CHECKS.get(name)
        if check is not None:
            if check(value, text[start:at]) is not None:
                raise Doubt
        elif name == "route":
            route = read_route(text[start:at])
        separator = text[at]
        if separator in SPACE:
            at = skip_space(text, at)
            separator = text[at]
    if separator != "}" or skip_space(text, at + 1) != len(text):
        raise Doubt
    if route is None or "payload" not in members or len(members) > MAX_MEMBERS:
        raise Doubt
    return Request(members, route[0], route[1])


def find_mistake(text: str) -> Refusal:
    """Say what is wrong with a request that cannot be read.

    Mistakes of the whole object go before those of a member, and these before those inside the
    payload, as in every reader of the wire.
    """
    seen: dict[str, str] = {}
    refusal: Refusal | None = None
    try:
        for name_text, value in split_members(text):
            if refusal is None:
                name = read_name(name_text)
                refusal = check_member(name, value, seen)
                seen[name] = value
    except Refusal as error:
        return error
    if refusal is not None:
        return refusal
    for name in ("route", "payload"):
        if name not in seen:
            return Refusal("msg_parsing_error", f"the message has no {name}")
    return Refusal("invalid_json", f"the payload is not JSON: {explain_malformed(seen['payload'])}")


def read_name(text: str) -> str:
    """Read the name of a member. Raises Refusal."""
    try:
        return scan_string(text, 1)[0]
    except ValueError:
        raise Refusal("invalid_json", "the name of a member is malformed") from None


def check_member(name: str, value: str, seen: Mapping[str, str]) -> Refusal | None:
    """Say what is wrong with a member, of which the text is given."""
    if name in seen:
        return Refusal("msg_parsing_error", f"the message names {quote(name)} twice")
    if name == "payload":
        return None
    try:
        parsed = parse_json(value)
    except ValueError:
        if name == "route" or name in CHECKS:
            return Refusal("msg_parsing_error", f"{name} is no JSON")
        return Refusal("invalid_json", f"the value of {quote(name)} is no JSON")
    if name == "route":
        try:
            read_route(value)
        except Refusal as refusal:
            return refusal
    elif name in CHECKS:
        problem = CHECKS[name](parsed, value)
        if problem is not None:
            return Refusal("msg_parsing_error", problem)
    return None


def quote(text: str) -> str:
    """Quote a text in a reason: whoever sent the message chose it, and its length."""
    return json.dumps(text[:100])


def explain_malformed(text: str) -> str:
    """Say where a text stops being JSON, without a word of what stands around it."""
    try:
        parse_json(text)
    except json.JSONDecodeError as error:
        where = len(text[: error.pos].encode("utf-8", "surrogatepass"))
        return f"{error.msg[:1].lower()}{error.msg[1:]} at byte {where}"
    except ValueError as error:
        return str(error)
    return "it cannot be read"


SCALAR = re.compile(r'[^ \t\n\r,:"\\{}\[\]]+')
STRING_REST = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
STRUCTURE = re.compile(r'["\\{}\[\]]')


def split_members(text: str) -> Iterator[tuple[str, str]]:
    """Split an object into the texts of its members' names and values. Raises Refusal.

    Of a value it proves what the envelope promises: strings are closed, brackets balance, no
    backslash stands outside of strings, and it is not too deep.
    """
    count = 0
    at = skip_space(text, 0)
    if text[at : at + 1] != "{":
        raise Refusal("invalid_json", f"not an object (character {at})")
    at = skip_space(text, at + 1)
    separator = "}" if text[at : at + 1] == "}" else ","
    while separator == ",":
        if count == MAX_MEMBERS:
            raise Refusal("msg_parsing_error", f"more than {MAX_MEMBERS} members (character {at})")
        if text[at : at + 1] != '"':
            raise Refusal("invalid_json", f"expected the name of a member (character {at})")
        name_start, at = at, skip_string(text, at + 1, "invalid_json")
        name_text = text[name_start:at]
        at = skip_space(text, at)
        if text[at : at + 1] != ":":
            raise Refusal("invalid_json", f"expected a colon (character {at})")
        start = skip_space(text, at + 1)
        end = skip_value(text, start)
        yield name_text, text[start:end]
        count += 1
        at = skip_space(text, end)
        separator = text[at : at + 1]
        if separator not in (",", "}"):
            raise Refusal("invalid_json", f"expected a comma or the end (character {at})")
        if separator == ",":
            at = skip_space(text, at + 1)
    if skip_space(text, at + 1) != len(text):
        raise Refusal("invalid_json", f"text after the end (character {at + 1})")


def skip_string(text: str, at: int, code: str) -> int:
    """Move over the rest of a string, from behind its opening quote."""
    match = STRING_REST.match(text, at)
    if match is None:
        raise Refusal(code, "a string is not closed")
    return match.end()


def skip_value(text: str, at: int) -> int:
    """Move over a value, without a look at what stands between its brackets."""
    first = text[at : at + 1]
    if first == '"':
        return skip_string(text, at + 1, "msg_parsing_error")
    if first not in ("{", "["):
        match = SCALAR.match(text, at)
        if match is None:
            raise Refusal("invalid_json", f"a value is missing (character {at})")
        return match.end()
    open_brackets: list[str] = []
    while True:
        match = STRUCTURE.search(text, at)
        if match is None:
            raise Refusal("msg_parsing_error", "a bracket is not closed")
        at = match.end()
        found = match.group()
        if found == '"':
            at = skip_string(text, at, "msg_parsing_error")
        elif found == "\\":
            raise Refusal("invalid_json", f"a backslash stands outside of strings (character {at})")
        elif found in "{[":
            open_brackets.append("}" if found == "{" else "]")
            if len(open_brackets) > MAX_DEPTH:
                raise Refusal("msg_parsing_error", f"a value is nested more than {MAX_DEPTH} deep")
        elif open_brackets.pop() != found:
            raise Refusal("msg_parsing_error", "a bracket is closed by another kind of bracket")
        elif not open_brackets:
            return at


#: Far above any spelling of it: a message is not read twice.
MAX_SHUTDOWN_BYTES = 1_024


def is_shutdown(body: Buffer) -> bool:
    """Whether a request that is no message asks the runtime to finish."""
    if len(body) > MAX_SHUTDOWN_BYTES:
        return False
    try:
        split = split_members(str(body, "utf-8"))
        members = [(read_name(name), value) for name, value in split]
    except (UnicodeDecodeError, Refusal):
        return False
    asked = [value for name, value in members if name == "shutdown"]
    return asked == ["true"] and all(name != "route" for name, _ in members)


# ---------------------------------------------------------------------------------------------
# The wire: replies
# ---------------------------------------------------------------------------------------------

FATAL_CODES = frozenset(
    [
        "validation_error",
        "invalid_json",
        "invalid_encoding",
        "message_too_large",
        "empty_message",
        "msg_parsing_error",
    ]
)

#: Longer texts say no more, and a failure must fit into a frame.
MAX_TEXT_LENGTH = 16_384


class Failure:
    """What becomes of a request that has no outputs."""

    __slots__ = ("code", "exception", "message", "retry_after", "severity", "traceback")

    def __init__(
        self,
        code: str,
        message: str,
        exception: str | None = None,
        traceback: str | None = None,
        severity: str | None = None,
    ) -> None:
        self.code = code
        self.message = message
        self.exception = exception
        self.traceback = traceback
        self.severity = severity or ("fatal" if code in FATAL_CODES else "recoverable")
        self.retry_after: float | None = None

    def encode(self) -> bytes:
        """The body of the frame that closes a request with this failure."""
        details = {"message": self.message[:MAX_TEXT_LENGTH]}
        if self.exception is not None:
            details["type"] = self.exception
        if self.traceback is not None:
            details["traceback"] = self.traceback[-MAX_TEXT_LENGTH:]
        item: dict[str, object] = {
            "error": self.code,
            "details": details,
            "severity": self.severity,
        }
        if self.retry_after is not None:
            item["retry_after"] = self.retry_after
        return json.dumps([item], separators=(",", ":")).encode()


class Unserialisable(Exception):
    """A result that does not survive JSON: a bug of the handler, at every attempt."""


def to_plain(value: Any) -> Any:
    """What stands for a value that JSON does not know. Raises Unserialisable if nothing does."""
    if hasattr(type(value), "model_dump"):
        # A pydantic model.
        return value.model_dump(mode="json", by_alias=True)
    if hasattr(type(value), "__dataclass_fields__"):
        return {name: getattr(value, name) for name in type(value).__dataclass_fields__}
    enum = sys.modules.get("enum")
    if enum is not None and isinstance(value, enum.Enum):
        return value.value
    raise Unserialisable(f"{describe_value(value)} does not survive JSON{advise(value)}")


def describe_value(value: object) -> str:
    """Name a value's kind: ``a set``, ``an instance of numpy.ndarray``."""
    kind = type(value)
    if kind.__module__ in ("builtins", "__main__"):
        name = kind.__name__
        return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
    return f"an instance of {kind.__module__}.{kind.__name__}"


def advise(value: object) -> str:
    """Say what to return instead."""
    if isinstance(value, (set, frozenset)):
        return "; return a list: sorted(…)"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "; return a base64 string"
    if hasattr(value, "isoformat"):
        return "; return its isoformat()"
    if hasattr(value, "tolist"):
        return "; return its tolist()"
    if hasattr(value, "__await__"):
        return "; await it"
    return "; return dicts, lists, strings, numbers, booleans or None"


def make_encoder() -> Callable[[Any], str]:
    """Make the function that writes JSON: Python's own, without what it does anew for each call."""
    make = getattr(json.encoder, "c_make_encoder", None)
    write_string = json.encoder.encode_basestring
    if make is None:
        encoder = json.JSONEncoder(
            ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=to_plain
        )
        return encoder.encode
    encode = make(None, to_plain, write_string, None, ":", ",", False, False, False)
    join = "".join
    return lambda value: join(encode(value, 0))


to_json = make_encoder()


def serialise(value: Any, path: str) -> bytes:
    """Write an output's payload. Raises Unserialisable with the path of what cannot be written."""
    try:
        text = to_json(value)
    except (TypeError, ValueError, RecursionError, Unserialisable) as error:
        raise Unserialisable(find_culprit(value, path, ()) or f"{path}: {error}") from None
    if is_deeper_than(text, MAX_DEPTH):
        raise Unserialisable(f"{path}: more than {MAX_DEPTH} levels deep")
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        # Halves of surrogate pairs, which JSON can only escape.
        return json.dumps(json.loads(text), separators=(",", ":")).encode()


def find_culprit(value: Any, path: str, ancestors: tuple[int, ...]) -> str | None:
    """Say which value inside this one does not survive JSON, and why."""
    if isinstance(value, float) and not abs(value) < NEVER:
        return f"{path}: {value!r} does not survive JSON; return None or a string"
    if value is None or isinstance(value, (str, int, float)):
        return None
    if id(value) in ancestors:
        return f"{path}: a cycle does not survive JSON"
    if len(ancestors) == MAX_DEPTH:
        return f"{path[:80]}: more than {MAX_DEPTH} levels deep"
    below = (*ancestors, id(value))
    items: Iterable[tuple[str, Any]]
    if isinstance(value, (list, tuple)):
        items = ((f"{path}[{index}]", item) for index, item in enumerate(value))
    elif isinstance(value, dict):
        for name in value:
            if not isinstance(name, (str, int, float, bool, type(None))):
                return f"{path}: {describe_value(name)} cannot be the name of a member"
        items = ((f"{path}.{name}", item) for name, item in value.items())
    else:
        try:
            return find_culprit(to_plain(value), path, below)
        except Unserialisable as error:
            return f"{path}: {error}"
    for below_path, item in items:
        reason = find_culprit(item, below_path, below)
        if reason is not None:
            return reason
    return None


# ---------------------------------------------------------------------------------------------
# Loading the handler
# ---------------------------------------------------------------------------------------------


class LoadError(Exception):
    """The handler cannot be loaded; one line that says why."""


def load_handler(name: str) -> Callable[[Any], Any]:
    """Import a handler by its name. An instance is made once, so that a model loads once."""
    module, path = import_module_of(name)
    owner: Any = None
    found: Any = module
    for part in path:
        if not hasattr(found, part):
            where = getattr(found, "__name__", repr(found))
            raise LoadError(f"{where} has no {part}{suggest(part, dir(found))}")
        owner, found = found, getattr(found, part)
        if isinstance(found, type) and part is not path[-1]:
            found = make_instance(found)
    if isinstance(found, type) and owner is not None:
        found = make_instance(found)
    if not callable(found):
        raise LoadError(f"{'.'.join(path)} is {describe_value(found)}, which cannot be called")
    handler: Callable[[Any], Any] = found
    return handler


def import_module_of(name: str) -> tuple[Any, list[str]]:
    """Import the module that a handler's name begins with; the rest of the name is in it."""
    if ":" in name:
        module_name, _, rest = name.partition(":")
        return import_module(module_name), rest.split(".")
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        module_name = ".".join(parts[:length])
        if length == 1 or is_module(module_name):
            return import_module(module_name), parts[length:]
    raise LoadError(f"{name} names no function; write module:function")


def is_module(name: str) -> bool:
    """Whether there is a module of this name; ``a.B.c`` may be a method of a class in ``a``."""
    from importlib.util import find_spec

    try:
        return find_spec(name) is not None
    except (ImportError, ValueError, AttributeError):
        return False
    except Exception as error:
        raise LoadError(describe_load_error(error)) from error


def import_module(name: str) -> Any:
    """Import a module. Raises LoadError with the place of what went wrong."""
    from importlib import import_module as python_import

    try:
        return python_import(name)
    except ModuleNotFoundError as error:
        missing = str(error.name)
        if name == missing or name.startswith(missing + "."):
            where = os.getcwd()
            raise LoadError(f"there is no module {missing} in {where} or on PYTHONPATH") from error
        raise LoadError(f"{describe_load_error(error)}; is it installed?") from error
    except SystemExit as error:
        raise LoadError(f"it called sys.exit({error.code!r}) while it was loaded") from error
    except BaseException as error:
        raise LoadError(describe_load_error(error)) from error


def make_instance(kind: Any) -> Any:
    """Make the one instance of a handler's class."""
    try:
        return kind()
    except BaseException as error:
        raise LoadError(f"{kind.__name__}(): {describe_load_error(error)}") from error


def describe_load_error(error: BaseException) -> str:
    """Say what went wrong and where, in one line."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    place = None
    if isinstance(error, SyntaxError) and error.filename:
        place = f"{error.filename}:{error.lineno}"
    else:
        trace = error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            if code.co_filename != __file__ and not code.co_filename.startswith("<frozen"):
                place = f"{code.co_filename}:{trace.tb_lineno}"
            trace = trace.tb_next
    return text if place is None or place in text else f"{text} ({place})"


def suggest(name: str, names: Iterable[str]) -> str:
    """Suggest the name that was meant."""
    from difflib import get_close_matches

    public = [other for other in names if not other.startswith("_")]
    close = get_close_matches(name, public, 1)
    return f"; did you mean {close[0]}?" if close else ""


# ---------------------------------------------------------------------------------------------
# Type hints: what a handler takes and gives
# ---------------------------------------------------------------------------------------------


class HintError(Exception):
    """A type hint that says nothing, or names what does not survive JSON."""


class InvalidInput(Exception):
    """A payload that is not what the handler's hint says, with its path."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"the payload is not what this actor takes: {path} {message}")


def find_function(handler: Any) -> tuple[Any, int]:
    """The function whose hints count, and the place of the payload among its parameters."""
    if hasattr(handler, "__func__"):
        return handler.__func__, 1
    if not hasattr(handler, "__code__"):
        # An object that can be called.
        return getattr(type(handler), "__call__", handler), 1  # noqa: B004
    return handler, 0


#: Hints that ask for no conversion, as they are mostly written. Others cost an import of `typing`.
PLAIN_HINTS = ("dict", "list", "str", "int", "float", "bool", "object", "Any")


def payload_hint(handler: Any) -> Any:
    """The hint of the payload, not resolved yet; None without one."""
    function, place = find_function(handler)
    code = getattr(function, "__code__", None)
    if code is None or code.co_argcount <= place:
        return None
    return getattr(function, "__annotations__", {}).get(code.co_varnames[place])


def make_converter(handler: Any) -> Callable[[Any], Any] | None:
    """Make what turns a payload into what the handler's hint names; None if nothing must be done.

    Dataclasses, pydantic models and enums are made, wherever they stand in the hint. Hints that
    only describe (TypedDict, dict, list, str) are for type checkers, and are not looked at.
    """
    hint = payload_hint(handler)
    text = hint if isinstance(hint, str) else getattr(hint, "__name__", "")
    if hint is None or (text in PLAIN_HINTS and not hasattr(hint, "__args__")):
        return None
    try:
        resolved = read_hints(handler)[0]
    except HintError as error:
        log.warn(f"payloads are handed on as they are: {error}")
        return None
    if resolved is None or not needs_conversion(resolved, ()):
        return None
    return lambda payload: convert(payload, resolved, "$")


def read_hints(handler: Any) -> tuple[Any, Any]:
    """The hints of payload and result, resolved; None where there is none."""
    import typing

    function, place = find_function(handler)
    name = getattr(function, "__qualname__", repr(function))
    try:
        hints = typing.get_type_hints(function)
    except Exception as error:
        raise HintError(f"the type hints of {name} cannot be read: {error}") from error
    code = getattr(function, "__code__", None)
    parameter = code.co_varnames[place] if code and code.co_argcount > place else None
    given = hints.get(parameter) if parameter is not None else None
    returned = hints.get("return", MISSING)
    return given, returned


MISSING = object()


def origin_of(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """What a hint is made of: ``list[int]`` → list, (int,)."""
    import typing

    if sys.version_info >= (3, 9) and hasattr(hint, "__metadata__"):
        return origin_of(hint.__origin__)
    if hasattr(hint, "__supertype__"):
        return origin_of(hint.__supertype__)
    return typing.get_origin(hint) or hint, typing.get_args(hint)


def is_union(origin: Any) -> bool:
    """Whether this is ``Union[…]``, or ``… | …``."""
    import typing

    return origin is typing.Union or getattr(origin, "__name__", "") == "UnionType"


def is_model(hint: Any) -> bool:
    """Whether this is the class of a pydantic model."""
    return isinstance(hint, type) and hasattr(hint, "model_json_schema")


def is_dataclass(hint: Any) -> bool:
    """Whether this is a dataclass."""
    return isinstance(hint, type) and hasattr(hint, "__dataclass_fields__")


def is_enum(hint: Any) -> bool:
    """Whether this is an enumeration."""
    enum = sys.modules.get("enum")
    return enum is not None and isinstance(hint, type) and issubclass(hint, enum.Enum)


def is_typed_dict(hint: Any) -> bool:
    """Whether this is a TypedDict."""
    return (
        isinstance(hint, type) and hasattr(hint, "__total__") and hasattr(hint, "__annotations__")
    )


def needs_conversion(hint: Any, seen: tuple[Any, ...]) -> bool:
    """Whether something in a hint must be made of what JSON holds."""
    origin, arguments = origin_of(hint)
    if is_dataclass(origin) or is_model(origin) or is_enum(origin):
        return True
    if is_typed_dict(origin):
        inner = () if origin in seen else tuple(hints_of_class(origin).values())
        return any(needs_conversion(one, (*seen, origin)) for one in inner)
    return any(needs_conversion(one, seen) for one in arguments)


def hints_of_class(kind: Any) -> dict[str, Any]:
    """The resolved hints of a class's members."""
    import typing

    try:
        return dict(typing.get_type_hints(kind))
    except Exception as error:
        raise HintError(f"the type hints of {kind.__name__} cannot be read: {error}") from error


#: What JSON's values are called in a sentence.
KINDS = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def expect(value: Any, kinds: tuple[type, ...], path: str) -> None:
    """Raise InvalidInput unless a value is of one of these kinds. A bool is no number."""
    if type(value) in kinds:
        return
    wanted = " or ".join(dict.fromkeys(KINDS[kind] for kind in kinds))
    raise InvalidInput(path, f"must be {wanted}, and is {KINDS.get(type(value), 'something else')}")


def convert(value: Any, hint: Any, path: str) -> Any:
    """Make of a JSON value what a hint names. Raises InvalidInput with the path of what is not."""
    origin, arguments = origin_of(hint)
    if is_model(origin):
        try:
            return origin.model_validate(value)
        except ValueError as error:
            raise explain_model_error(error, path) from error
    if is_dataclass(origin):
        return convert_dataclass(value, origin, path)
    if is_enum(origin):
        try:
            return origin(value)
        except ValueError:
            known = ", ".join(json.dumps(one.value) for one in origin)
            raise InvalidInput(path, f"must be one of {known}") from None
    if is_union(origin):
        return convert_union(value, arguments, path)
    if is_typed_dict(origin):
        return convert_typed_dict(value, origin, path)
    if origin in (list, tuple) and arguments:
        return convert_items(value, origin, arguments, path)
    if origin is dict and len(arguments) == 2:
        expect(value, (dict,), path)
        return {
            name: convert(member, arguments[1], f"{path}.{name}") for name, member in value.items()
        }
    if origin is float:
        expect(value, (float, int), path)
    elif origin in KINDS:
        expect(value, (origin,), path)
    return value


def explain_model_error(error: Any, path: str) -> InvalidInput:
    """The first slip that pydantic found, without the value itself: failures go to logs."""
    first = error.errors(include_url=False, include_input=False)[0]
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in first["loc"])
    return InvalidInput(path + "".join(steps), f"is refused: {first['msg']}")


def convert_dataclass(value: Any, kind: Any, path: str) -> Any:
    """Make an instance of a dataclass; members that it does not know are left out."""
    expect(value, (dict,), path)
    import dataclasses

    hints = hints_of_class(kind)
    given: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        if not field.init:
            continue
        if field.name in value:
            given[field.name] = convert(
                value[field.name], hints[field.name], f"{path}.{field.name}"
            )
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise InvalidInput(f"{path}.{field.name}", "is missing")
    return kind(**given)


def convert_typed_dict(value: Any, kind: Any, path: str) -> Any:
    """Convert the members of a TypedDict that there are."""
    expect(value, (dict,), path)
    hints = hints_of_class(kind)
    return {
        name: convert(member, hints[name], f"{path}.{name}") if name in hints else member
        for name, member in value.items()
    }


def convert_union(value: Any, arguments: tuple[Any, ...], path: str) -> Any:
    """Take the first alternative that fits."""
    if value is None and type(None) in arguments:
        return None
    slips: list[InvalidInput] = []
    for alternative in arguments:
        if alternative is not type(None):
            try:
                return convert(value, alternative, path)
            except InvalidInput as slip:
                slips.append(slip)
    raise slips[0]


def convert_items(value: Any, origin: Any, arguments: tuple[Any, ...], path: str) -> Any:
    """Convert the items of a list or a tuple."""
    expect(value, (list,), path)
    if origin is list or (len(arguments) == 2 and arguments[1] is Ellipsis):
        items = [convert(item, arguments[0], f"{path}[{at}]") for at, item in enumerate(value)]
    else:
        if len(value) != len(arguments):
            raise InvalidInput(path, f"must have {len(arguments)} items, and has {len(value)}")
        pairs = enumerate(zip(value, arguments))
        items = [convert(item, hint, f"{path}[{at}]") for at, (item, hint) in pairs]
    return items if origin is list else tuple(items)


class SchemaWriter:
    """Writes hints as JSON Schemas (draft-07); classes with a name go to ``definitions``."""

    def __init__(self) -> None:
        self.definitions: dict[str, Any] = {}
        self._names: dict[Any, str] = {}
        self._mode = "validation"

    def write_result(self, hint: Any) -> dict[str, Any]:
        """The schema of what a handler gives: models write what they may not take."""
        self._mode = "serialization"
        return self.write(hint, "the result")

    def write(self, hint: Any, place: str) -> dict[str, Any]:
        """The schema of a hint. Raises HintError with the place of what has none."""
        origin, arguments = origin_of(hint)
        if is_model(origin):
            return self._write_model(origin, place)
        if is_dataclass(origin) or is_typed_dict(origin):
            return self._refer(origin, place)
        if is_enum(origin):
            return {"enum": [one.value for one in origin]}
        if is_union(origin):
            return self._write_union(arguments, place)
        if getattr(origin, "__name__", getattr(origin, "_name", "")) == "Literal":
            return {"enum": list(arguments)}
        if origin in SIMPLE_SCHEMAS:
            return dict(SIMPLE_SCHEMAS[origin])
        if is_any(origin):
            return {}
        return self._write_container(hint, origin, arguments, place)

    def _write_container(
        self, hint: Any, origin: Any, arguments: tuple[Any, ...], place: str
    ) -> dict[str, Any]:
        import collections.abc as abc

        if origin is tuple and not (len(arguments) == 2 and arguments[1] is Ellipsis):
            items = [self.write(one, f"{place}[{at}]") for at, one in enumerate(arguments)]
            return {"type": "array", "items": items, "minItems": len(items), "maxItems": len(items)}
        if origin in (list, tuple, abc.Sequence, abc.MutableSequence):
            return {"type": "array", **self._write_items(arguments, place)}
        if origin in (dict, abc.Mapping, abc.MutableMapping):
            if not arguments:
                return {"type": "object"}
            if arguments[0] is not str:
                raise HintError(f"{place}: the names of an object's members are str")
            return {
                "type": "object",
                "additionalProperties": self.write(arguments[1], f"{place}.*"),
            }
        name = getattr(hint, "__name__", str(hint))
        raise HintError(
            f"{place}: {name} does not survive JSON; use str, int, float, bool, None, list, dict, "
            "Literal, an Enum, a dataclass, a TypedDict or a pydantic model"
        )

    def _write_items(self, arguments: tuple[Any, ...], place: str) -> dict[str, Any]:
        return {"items": self.write(arguments[0], f"{place}[]")} if arguments else {}

    def _write_union(self, arguments: tuple[Any, ...], place: str) -> dict[str, Any]:
        schemas = [self.write(one, place) for one in arguments]
        types = [schema.get("type") for schema in schemas]
        if all(len(schema) == 1 and isinstance(kind, str) for schema, kind in zip(schemas, types)):
            return {"type": types}
        return {"anyOf": schemas}

    def _refer(self, kind: Any, place: str) -> dict[str, Any]:
        name = self._names.get(kind)
        if name is None:
            name = kind.__name__
            if name in self.definitions:
                name = f"{kind.__module__}.{kind.__qualname__}".replace(".", "_")
            self._names[kind] = name
            # There before its members are written, for they may refer to it.
            self.definitions[name] = {}
            self.definitions[name] = self._write_class(kind, place)
        return {"$ref": f"#/definitions/{name}"}

    def _write_class(self, kind: Any, place: str) -> dict[str, Any]:
        hints = hints_of_class(kind)
        if is_dataclass(kind):
            import dataclasses

            fields = {field.name: field for field in dataclasses.fields(kind)}
            names = list(fields)
            required = [
                name
                for name, field in fields.items()
                if field.default is dataclasses.MISSING
                and field.default_factory is dataclasses.MISSING
            ]
        else:
            names = list(hints)
            required = [name for name in names if name in find_required_keys(kind)]
        schema: dict[str, Any] = {"type": "object"}
        if kind.__doc__ and not kind.__doc__.startswith(f"{kind.__name__}("):
            schema["description"] = clean_doc(kind.__doc__)
        schema["properties"] = {
            name: self.write(hints[name], f"{place}.{kind.__name__}.{name}") for name in names
        }
        if required:
            schema["required"] = required
        return schema

    def _write_model(self, kind: Any, place: str) -> dict[str, Any]:
        """What pydantic says of a model: what it takes and what it writes may differ."""
        for suffix in ("", f"_{self._mode}"):
            template = "#/definitions/{model}" + suffix
            whole = kind.model_json_schema(ref_template=template, mode=self._mode)
            found = {name + suffix: one for name, one in whole.pop("$defs", {}).items()}
            # A model that refers to itself stands among its definitions already.
            reference = whole.get("$ref", template.format(model=kind.__name__))
            if "$ref" not in whole:
                found[kind.__name__ + suffix] = whole
            found = {name: to_draft_07(one) for name, one in found.items()}
            taken = [name for name, one in found.items() if self.definitions.get(name, one) != one]
            if not taken:
                self.definitions.update(found)
                return {"$ref": reference}
        raise HintError(f"{place}: there are two classes named {kind.__name__}; rename one")


def to_draft_07(schema: Any) -> Any:
    """Write a schema of pydantic, which are of draft 2020-12, as one of draft-07: tuples differ."""
    if isinstance(schema, list):
        return [to_draft_07(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        "items" if name == "prefixItems" and isinstance(one, list) else name: to_draft_07(one)
        for name, one in schema.items()
    }


SIMPLE_SCHEMAS: Mapping[Any, Mapping[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    type(None): {"type": "null"},
}


def is_any(hint: Any) -> bool:
    """Whether a hint allows whatever there is."""
    import typing

    return hint is typing.Any or hint is object


def find_required_keys(kind: Any) -> Iterable[str]:
    """The members that a TypedDict must have."""
    required: Iterable[str] | None = getattr(kind, "__required_keys__", None)
    if required is not None:
        return required
    # Python 3.8 knows only whether all of them must be there.
    return kind.__annotations__ if kind.__total__ else ()


def clean_doc(text: str) -> str:
    """A docstring as its author sees it."""
    from inspect import cleandoc

    return cleandoc(text)


def describe_result(returned: Any) -> tuple[str, Any]:
    """How many messages follow from a result, and what one of them is: MISSING for none."""
    import collections.abc as abc

    if returned is None or returned is type(None):
        return "one", MISSING
    origin, arguments = origin_of(returned)
    if is_union(origin) and type(None) in arguments:
        rest = tuple(one for one in arguments if one is not type(None))
        inner = rest[0]
        for one in rest[1:]:
            import typing

            inner = typing.Union[inner, one]
        cardinality, item = describe_result(inner)
        return ("optional" if cardinality == "one" else cardinality), item
    if origin is abc.Coroutine and len(arguments) == 3:
        return describe_result(arguments[2])
    fan_outs = (list, abc.Sequence, abc.Iterable, abc.Iterator, abc.Generator)
    if origin in (*fan_outs, abc.AsyncIterable, abc.AsyncIterator, abc.AsyncGenerator):
        if not arguments:
            raise HintError("return: it fans out; write of what, as in list[Page]")
        return "many", arguments[0]
    if origin is tuple:
        inner = tuple(one for one in arguments if one is not Ellipsis)
        if not inner:
            raise HintError("return: it fans out; write of what, as in tuple[Page, ...]")
        import typing

        return "many", typing.Union[inner]
    return "one", returned


def write_actor_schema(name: str) -> dict[str, Any]:
    """What `asya import` reads: an actor, with the schemas of what it takes and gives."""
    handler = load_handler(name)
    function, _ = find_function(handler)
    given, returned = read_hints(handler)
    if given is None:
        raise HintError("the payload has no type hint: write def handler(page: Page) -> Text")
    if returned is MISSING:
        raise HintError("the result has no type hint: write -> Text, or -> None")
    writer = SchemaWriter()
    cardinality, item = describe_result(returned)
    described: dict[str, Any] = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": f"Made by `asya.py schema {name}`. Do not edit: change the type hints.",
        "name": to_actor_name(name),
        "python": name,
    }
    if function.__doc__:
        described["description"] = clean_doc(function.__doc__)
    if item is not MISSING:
        described["cardinality"] = cardinality
    described["input"] = writer.write(given, "the payload")
    if item is not MISSING:
        described["output"] = writer.write_result(item)
    if writer.definitions:
        described["definitions"] = writer.definitions
    return described


# ---------------------------------------------------------------------------------------------
# One call of the handler
# ---------------------------------------------------------------------------------------------


class Call:
    """The call of a handler that is under way, as ``asya.context`` sees it."""

    __slots__ = ("_id", "_metrics", "_progress", "_route", "_worker", "ends_at", "request")

    def __init__(self, request: Request, ends_at: float, worker: Worker) -> None:
        self.request = request
        self.ends_at = ends_at
        self._worker = worker
        self._id: str | None = None
        self._route: Route | None = None
        self._progress: dict[str, object] | None = None
        self._metrics: list[dict[str, object]] = []

    @property
    def id(self) -> str:
        """The message's id. Only under another sidecar a message comes without one."""
        if self._id is None:
            self._id = self.request.id or make_uuid()
        return self._id

    @property
    def route(self) -> Route:
        """The route, made when it is asked for: most handlers never look at it."""
        if self._route is None:
            self._route = Route(self.request.steps, self.request.current)
        return self._route

    def changed_route(self) -> dict[str, Any] | None:
        """The whole route for the outputs; None when it was not changed."""
        if self._route is None or not self._route._is_changed:
            return None
        return {"steps": list(self._route.steps), "current": self._route.current}

    def close_route(self) -> None:
        """From here on the route can change no more: an output has left with it."""
        self.route._is_closed = True

    def is_cancelled(self) -> bool:
        """Whether nobody waits for the result any more."""
        return self._worker.is_cancelled()

    def set_progress(self, percent: float, message: str | None) -> None:
        """Tell the sidecar, if it wants to know; not more often than it could show."""
        if "progress" in self.request.accept:
            self._progress = {"percent": percent}
            if message is not None:
                self._progress["message"] = str(message)
            self._worker.flush_if_due(self)

    def add_metric(self, metric: dict[str, object]) -> None:
        """Tell the sidecar, if it wants to know."""
        if "metrics" in self.request.accept:
            self._metrics.append(metric)
            self._worker.flush_if_due(self)

    def take_interim(self) -> Iterator[tuple[bytes, bool]]:
        """The bodies of the frames that wait to be sent, and whether they may be dropped."""
        progress, self._progress = self._progress, None
        if progress is not None:
            yield json.dumps({"progress": progress}).encode(), True
        metrics, self._metrics = self._metrics, []
        if metrics:
            yield json.dumps({"metrics": metrics}).encode(), False


def make_uuid() -> str:
    """Make a random UUID. The module ``uuid`` costs more than it is worth here."""
    value = bytearray(os.urandom(16))
    value[6] = value[6] & 0x0F | 0x40
    value[8] = value[8] & 0x3F | 0x80
    text = value.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class Outputs:
    """Collects what a handler returned, as it travels on."""

    def __init__(self, call: Call, takes_message: bool) -> None:
        self._call = call
        self._takes_message = takes_message

    def encode(self, result: Any, path: str) -> bytes:
        """One item of a reply: ``{"payload":…}``, with its route if that was changed."""
        if result is None:
            raise Unserialisable(f"{path}: None among the items of a fan-out; leave it out")
        route = self._call.changed_route()
        if self._takes_message:
            if not isinstance(result, dict) or "payload" not in result:
                raise Unserialisable(
                    f"{path}: with ASYA_HANDLER_ARG_TYPE=message a handler returns messages, "
                    f"dicts with a payload; this is {describe_value(result)}"
                )
            path, route = f"{path}.payload", result.get("route", route)
            result = result["payload"]
        payload = serialise(result, path)
        if route is None:
            return b'{"payload":' + payload + b"}"
        return b'{"payload":' + payload + b',"route":' + serialise(route, "$.route") + b"}"


class TooManyOutputs(Exception):
    """A fan-out beyond what a reply may hold."""

    def __init__(self) -> None:
        super().__init__(f"the handler gave more than {MAX_OUTPUTS} outputs; fan out in two steps")


def describe_exception(error: BaseException, validation_errors: Sequence[str]) -> Failure:
    """What anything that a handler has raised means on the wire."""
    name = type(error).__name__
    message = str(error) or name
    if isinstance(error, Unserialisable):
        return Failure("processing_error", message, "UnserializableResult", severity="fatal")
    if isinstance(error, TooManyOutputs):
        return Failure("processing_error", message, name, severity="fatal")
    if isinstance(error, InvalidInput):
        return Failure("validation_error", message, name)
    if isinstance(error, SystemExit):
        return Failure("processing_error", f"the handler called sys.exit({error.code!r})", name)
    traceback = format_traceback(error)
    if isinstance(error, ValidationError) or is_named(error, validation_errors):
        return Failure("validation_error", message, name, traceback)
    if isinstance(error, FatalError):
        return Failure("processing_error", message, name, traceback, severity="fatal")
    if is_cuda_out_of_memory(error):
        return Failure("cuda_oom_error", message, name, traceback)
    if isinstance(error, MemoryError):
        text = "the handler exhausted the memory" if message == name else message
        return Failure("oom_error", text, name, traceback)
    failure = Failure("processing_error", message, name, traceback)
    if isinstance(error, RetryableError):
        wait = error.retry_after
        # A wait that is no number of seconds is no reason to lose the error itself.
        if isinstance(wait, (int, float)) and 0 <= wait < NEVER:
            failure.retry_after = wait
    return failure


def is_named(error: BaseException, names: Sequence[str]) -> bool:
    """Whether an error, or a class that it is derived from, has one of these names."""
    if not names:
        return False
    return any(
        kind.__name__ in names or f"{kind.__module__}.{kind.__qualname__}" in names
        for kind in type(error).__mro__
    )


def is_cuda_out_of_memory(error: BaseException) -> bool:
    """Whether a GPU has no memory left. Old versions of torch have no class of their own for it."""
    for kind in type(error).__mro__:
        if kind.__name__ == "OutOfMemoryError" and kind.__module__.split(".")[0] == "torch":
            return True
    return isinstance(error, RuntimeError) and "CUDA out of memory" in str(error)


def clear_cuda_cache() -> None:
    """Give the GPU's memory back that torch keeps in its cache."""
    import gc

    torch = sys.modules.get("torch")
    # What the handler held of it is in the frames of the error, which is gone by now.
    gc.collect()
    try:
        torch.cuda.empty_cache()  # type: ignore[union-attr]
    except Exception as error:
        log.warn(f"torch.cuda.empty_cache(): {error}")


def release_memory(error: BaseException | None) -> None:
    """Let go of what the frames of an error hold: with no memory left, it could not be told."""
    while error is not None:
        trace = error.__traceback__
        while trace is not None:
            try:
                trace.tb_frame.clear()
            except RuntimeError:
                # It still runs: it is one of ours.
                pass
            trace = trace.tb_next
        error = error.__context__


def format_traceback(error: BaseException) -> str:
    """The traceback as Python prints it, without this file's own frames at its beginning."""
    import traceback

    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    try:
        return "".join(traceback.format_exception(type(error), error, trace)).rstrip()
    except Exception:
        return f"{type(error).__name__}: a traceback that cannot be written"


# ---------------------------------------------------------------------------------------------
# What parent and worker share
# ---------------------------------------------------------------------------------------------

#: Where a worker is with its request.
IDLE, RUNNING, WRITING = 0, 1, 2

#: Why a handler must end: the peer is gone; it is gone for a while; the deadline has passed.
GO_ON, CANCELLED, GIVEN_UP, EXPIRED = 0, 1, 2, 3

NUMBER = struct.Struct("=d")
WHOLE = struct.Struct("=Q")
#: A worker's request: when it ends, how much time it had in ms, its number, its connection.
RUN = struct.Struct("=ddQQ")
#: What the parent asks of it: the number of a request, and why it must end.
STOP = struct.Struct("=QB")

AT_STATE = 0
AT_RUN = 8
AT_WAKE = 48
AT_SERVED = 56
AT_STOP = 64
AT_ID = 80
AT_TEXT = 512
PAGE_BYTES = 4_096
MAX_PAGE_TEXT = PAGE_BYTES - AT_TEXT - 2


class Page:
    """A page of memory that a worker and the parent share: a request begins without a system call.

    The worker writes its state, its run and its number of served requests; the parent writes when
    it will look next, and what must end.
    """

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, PAGE_BYTES)
        NUMBER.pack_into(self.memory, AT_WAKE, NEVER)

    @property
    def state(self) -> int:
        """IDLE, RUNNING or WRITING."""
        return self.memory[AT_STATE]

    @property
    def run(self) -> tuple[float, float, int, int]:
        """When the request ends, its timeout in ms, its number, its connection's number."""
        run: tuple[float, float, int, int] = RUN.unpack_from(self.memory, AT_RUN)
        return run

    @property
    def served(self) -> int:
        """How many requests were answered."""
        served: int = WHOLE.unpack_from(self.memory, AT_SERVED)[0]
        return served

    @property
    def stop(self) -> tuple[int, int]:
        """The number of the request that must end, and why."""
        stop: tuple[int, int] = STOP.unpack_from(self.memory, AT_STOP)
        return stop

    @property
    def message_id(self) -> str | None:
        """The id of the message that is served, for the log."""
        length = self.memory[AT_ID]
        return self.memory[AT_ID + 1 : AT_ID + 1 + length].decode("utf-8", "replace") or None

    def set_text(self, text: str) -> None:
        """Leave a word for the parent: why the handler could not be loaded."""
        data = text.encode("utf-8", "replace")[:MAX_PAGE_TEXT]
        self.memory[AT_TEXT : AT_TEXT + 2] = len(data).to_bytes(2, "big")
        self.memory[AT_TEXT + 2 : AT_TEXT + 2 + len(data)] = data

    @property
    def text(self) -> str:
        """What the worker left."""
        length = int.from_bytes(self.memory[AT_TEXT : AT_TEXT + 2], "big")
        return self.memory[AT_TEXT + 2 : AT_TEXT + 2 + length].decode("utf-8", "replace")


#: Messages on the control socket: one letter and a number.
CONTROL = struct.Struct("=cQ")
READY, ACCEPTED, WAKE, SHUTDOWN, GO, DRAIN = b"R", b"A", b"W", b"S", b"G", b"D"

#: How a worker ends: as it was told to; for a successor, because its handler was interrupted; or
#: without having loaded its handler.
EXIT_DRAINED, EXIT_RENEW, EXIT_NOT_LOADED = 0, 81, 82


# ---------------------------------------------------------------------------------------------
# The worker
# ---------------------------------------------------------------------------------------------

SCRATCH_BYTES = 64 * 1024
#: Larger replies are written in parts instead of being copied behind their header.
COPY_BELOW_BYTES = 64 * 1024
#: Progress of a handler is sent this often at most, in seconds.
INTERIM_INTERVAL = 0.05
#: A peer that does not read its reply is given up after this time.
SEND_TIMEOUT = struct.pack("ll", 10, 0)
#: With several workers, a connection without a word makes way for one that waits.
SILENCE = 5.0
#: After the last frame the peer has this long to read it and to close.
LINGER = 1.0


class Connection:
    """One connection of a peer: requests come one after the other."""

    __slots__ = ("body", "filled", "head", "number", "opened_at", "room", "socket")

    def __init__(self, connected: socket.socket, number: int) -> None:
        self.socket = connected
        self.number = number
        #: Bytes of a length that has not wholly arrived.
        self.head = b""
        #: A body that has not wholly arrived.
        self.body: memoryview | None = None
        #: What it is put into.
        self.room: bytearray | None = None
        self.filled = 0
        self.opened_at = time.monotonic()


class Worker:
    """Holds the handler, accepts connections and serves requests, one at a time."""

    def __init__(
        self, config: Config, listener: socket.socket, control: socket.socket, page: Page
    ) -> None:
        self._config = config
        self._listener = listener
        self._control = control
        self._memory = page.memory
        self._page = page
        self._poller = select.poll()
        self._connections: dict[int, Connection] = {}
        self._last_connection = 0
        self._last_run = 0
        self._scratch = bytearray(SCRATCH_BYTES)
        self._scratch_view = memoryview(self._scratch)
        #: Room of the last body that did not fit there, for the next: new memory is zeroed first.
        self._spare: bytearray | None = None
        self._handler: Callable[[Any], Any]
        self._convert: Callable[[Any], Any] | None = None
        self._loop: Any = None
        self._task: Any = None
        self._call: Call | None = None
        self._connection: Connection | None = None
        self._last_interim = 0.0
        self._lock: Any = None
        #: Whether the author's code runs, in which an interruption may be raised.
        self._is_in_handler = False
        self._interruption: Interrupted | None = None
        self._is_draining = False
        self._must_renew = False
        self._is_single = config.concurrency == 1

    def main(self) -> int:
        """Load the handler and serve until told otherwise; return the exit code."""
        config = self._config
        try:
            if config.memory_limit_mib is not None:
                limit_memory(config.memory_limit_mib * MIB)
            self._handler = load_handler(config.handler)
            if not config.takes_message:
                self._convert = make_converter(self._handler)
            if is_asynchronous(self._handler):
                self._open_loop()
            adopt_logging()
        except LoadError as error:
            self._page.set_text(" ".join(str(error).split()))
            return EXIT_NOT_LOADED
        from _thread import allocate_lock

        self._lock = allocate_lock()
        signal.signal(signal.SIGUSR1, self._on_interrupt)
        self._tell(READY, 0)
        self._poller.register(self._control, select.POLLIN)
        while not self._is_draining and not self._must_renew:
            self._turn()
        for connection in list(self._connections.values()):
            self._close(connection)
        return EXIT_RENEW if self._must_renew else EXIT_DRAINED

    def _turn(self) -> None:
        """Wait for something to happen, and deal with it."""
        timeout = None if self._is_single or not self._connections else 1_000
        events = self._poller.poll(timeout)
        control, listener = self._control.fileno(), self._listener.fileno()
        for descriptor, _ in events:
            if descriptor == control:
                self._obey()
                if self._is_draining:
                    return
        for descriptor, event in events:
            connection = self._connections.get(descriptor)
            if connection is not None:
                self._read(connection, event)
            elif descriptor == listener:
                self._accept()
            if self._is_draining or self._must_renew:
                return
        if not self._is_single:
            self._make_way()

    def _obey(self) -> None:
        """Do what the parent says; without a parent there is nothing to live for (P5)."""
        message = self._control.recv(CONTROL.size)
        letter = message[:1]
        if letter == GO:
            self._poller.register(self._listener, select.POLLIN)
        else:
            self._is_draining = True

    def _tell(self, letter: bytes, number: int, descriptor: int | None = None) -> None:
        data = CONTROL.pack(letter, number)
        if descriptor is None:
            self._control.sendall(data)
            return
        rights = struct.pack("i", descriptor)
        self._control.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])

    # -- connections

    def _accept(self) -> None:
        try:
            connected, _ = self._listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EINTR):
                log.warn(f"the socket: {error.strerror}")
                time.sleep(0.01)
            return
        connected.setblocking(True)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, SEND_TIMEOUT)
        self._last_connection += 1
        connection = Connection(connected, self._last_connection)
        # Before anything is read: from here on the parent can answer for this worker.
        self._tell(ACCEPTED, connection.number, connected.fileno())
        self._connections[connected.fileno()] = connection
        self._poller.register(connected, select.POLLIN)
        if not self._is_single:
            # One of several workers has one connection at a time, and another worker the next.
            self._poller.unregister(self._listener)

    def _close(self, connection: Connection) -> None:
        descriptor = connection.socket.fileno()
        if self._connections.pop(descriptor, None) is None:
            return
        self._poller.unregister(descriptor)
        try:
            # The parent holds a duplicate: a close alone would not end the connection.
            connection.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        connection.socket.close()
        if not self._is_single:
            self._poller.register(self._listener, select.POLLIN)

    def _make_way(self) -> None:
        """Close a connection without a word when others wait for a worker."""
        for connection in list(self._connections.values()):
            if time.monotonic() - connection.opened_at < SILENCE:
                continue
            waiting = select.poll()
            waiting.register(self._listener, select.POLLIN)
            if waiting.poll(0):
                self._close(connection)

    def _read(self, connection: Connection, event: int) -> None:
        """Read what has arrived, and serve the request that it completes."""
        if event & select.POLLHUP:
            # The peer is gone: nobody waits for what it may have asked.
            self._close(connection)
            return
        try:
            if connection.body is not None:
                self._read_body(connection)
            else:
                self._read_start(connection)
        except BlockingIOError:
            pass
        except OSError:
            self._close(connection)

    def _read_start(self, connection: Connection) -> None:
        """Read the beginning of a frame; nearly always it is a whole one."""
        have = len(connection.head)
        view = self._scratch_view
        if have:
            view[:have] = connection.head
        count = connection.socket.recv_into(view[have:], 0, socket.MSG_DONTWAIT)
        if count == 0:
            self._close(connection)
            return
        end = have + count
        at = 0
        while end - at >= 4:
            size = int.from_bytes(view[at : at + 4], "big")
            if size > self._config.max_frame_bytes:
                self._refuse(connection, size)
                return
            start = at + 4
            if end - start < size:
                connection.head = b""
                self._make_room(connection, size, view[start:end])
                self._read_body(connection)
                return
            at = start + size
            # Small ones are what comes now.
            self._spare = None
            self._serve(connection, view[start:at])
            if connection.socket.fileno() < 0 or self._must_renew or self._is_draining:
                return
        connection.head = bytes(view[at:end])

    def _read_body(self, connection: Connection) -> None:
        """Read on where a body was left."""
        body = connection.body
        assert body is not None
        while connection.filled < len(body):
            rest = body[connection.filled :]
            count = connection.socket.recv_into(rest, 0, socket.MSG_DONTWAIT)
            if count == 0:
                self._close(connection)
                return
            connection.filled += count
        connection.body = None
        self._serve(connection, body)
        self._spare, connection.room = connection.room, None

    def _make_room(self, connection: Connection, size: int, beginning: memoryview) -> None:
        """Make room for a body, and put in what has come of it."""
        room, self._spare = self._spare, None
        if room is None or len(room) < size:
            room = bytearray(size)
        connection.room, connection.body = room, memoryview(room)[:size]
        connection.filled = len(beginning)
        connection.body[: connection.filled] = beginning

    def _refuse(self, connection: Connection, size: int) -> None:
        """Answer a request that is too large: what follows cannot be told apart from its body."""
        limit = self._config.max_frame_bytes
        text = f"the request has {size} bytes; ASYA_MAX_MESSAGE_SIZE is {limit}"
        try:
            self._write(connection, Failure("message_too_large", text).encode())
            linger(connection.socket)
        except OSError:
            pass
        self._close(connection)

    def _write(self, connection: Connection, body: bytes) -> None:
        """Write a frame."""
        header = len(body).to_bytes(4, "big")
        if len(body) < COPY_BELOW_BYTES:
            connection.socket.sendall(header + body)
        else:
            connection.socket.sendall(header)
            connection.socket.sendall(body)

    # -- requests

    def _serve(self, connection: Connection, body: Buffer) -> None:
        """Serve a request: decode, call, answer."""
        try:
            request = decode_request(body)
        except Refusal as refusal:
            if refusal.code == "msg_parsing_error" and is_shutdown(body):
                self._tell(SHUTDOWN, 0)
                return
            self._answer(connection, Failure(refusal.code, refusal.reason).encode())
            return
        left_ms = request.deadline_ms
        timeout = self._config.timeout if left_ms is None else left_ms / 1_000
        if timeout == 0:
            text = "the deadline passed before a worker was free"
            self._answer(connection, Failure("timeout_error", text).encode())
            return
        ends_at = time.monotonic() + timeout
        self._begin(connection, request, ends_at, timeout)
        try:
            answer = self._run(request)
        except Interrupted as interruption:
            self._interruption = interruption
            answer = b""
        if self._interruption is not None or self._is_over(ends_at):
            answer = self._end_interrupted(request, timeout)
        elif len(answer) > self._config.max_frame_bytes:
            text = f"the reply has {len(answer)} bytes; ASYA_MAX_MESSAGE_SIZE is "
            text += str(self._config.max_frame_bytes)
            answer = Failure("message_too_large", text).encode()
        context._call = None
        self._memory[AT_STATE] = WRITING
        self._answer(connection, answer)
        self._memory[AT_STATE] = IDLE
        self._call = None
        WHOLE.pack_into(self._memory, AT_SERVED, self._last_run)

    def _begin(
        self, connection: Connection, request: Request, ends_at: float, timeout: float
    ) -> None:
        """Let the parent know that a request begins; wake it only if it would look too late."""
        self._last_run += 1
        self._interruption = None
        self._last_interim = 0.0
        self._connection = connection
        self._call = context._call = Call(request, ends_at, self)
        memory = self._memory
        name = (request.id or "").encode("utf-8", "replace")[:MAX_ID_BYTES]
        memory[AT_ID] = len(name)
        memory[AT_ID + 1 : AT_ID + 1 + len(name)] = name
        RUN.pack_into(memory, AT_RUN, ends_at, timeout * 1_000, self._last_run, connection.number)
        memory[AT_STATE] = RUNNING
        if ends_at < NUMBER.unpack_from(memory, AT_WAKE)[0]:
            self._tell(WAKE, 0)

    def _is_over(self, ends_at: float) -> bool:
        """A result that comes after its deadline is one that came too late."""
        return time.monotonic() > ends_at

    def _end_interrupted(self, request: Request, timeout: float) -> bytes:
        """What to answer for a handler that was interrupted, or has just missed its deadline."""
        # A coroutine was cancelled where it waited for something; a function anywhere at all, and
        # what it was about is left in a state that nobody knows.
        if isinstance(self._interruption, (DeadlineExceeded, Cancelled)) and self._task is None:
            self._must_renew = self._interruption.args != ("clean",)
        text = f"the handler did not end within its deadline ({timeout * 1_000:g} ms)"
        if not isinstance(self._interruption, Cancelled):
            log.warn(text, message_id=request.id, job_id=request.job_id)
        return Failure("timeout_error", text).encode()

    def _run(self, request: Request) -> bytes:
        """Call the handler and make of what it does the body of the closing frame."""
        failure: Failure
        try:
            argument = request.payload
            if self._config.takes_message:
                argument = request.to_message()
            elif self._convert is not None:
                argument = self._convert(argument)
            self._is_in_handler = True
            try:
                result = self._handler(argument)
                if type(result) is not dict:
                    return self._collect(result)
            finally:
                self._is_in_handler = False
            call = self._call
            assert call is not None
            self._flush(call)
            return b"[" + Outputs(call, self._config.takes_message).encode(result, "$") + b"]"
        except Interrupted:
            raise
        except BaseException as error:
            if self._interruption is not None:
                return b""
            if isinstance(error, MemoryError):
                release_memory(error)
            failure = describe_exception(error, self._config.validation_errors)
        if failure.code == "cuda_oom_error":
            clear_cuda_cache()
        if self._call is not None:
            self._flush(self._call)
        return failure.encode()

    def _collect(self, result: Any) -> bytes:
        """Make items of a result that is more, or less, than one dict."""
        call = self._call
        assert call is not None
        outputs = Outputs(call, self._config.takes_message)
        if hasattr(result, "__await__"):
            result = self._await(result)
        if result is None:
            self._flush(call)
            return b"[]"
        if hasattr(result, "__next__") or hasattr(result, "__anext__"):
            return self._drain(result, outputs, call)
        self._is_in_handler = False
        self._flush(call)
        if not isinstance(result, (list, tuple)) or hasattr(result, "_fields"):
            return b"[" + outputs.encode(result, "$") + b"]"
        if len(result) > MAX_OUTPUTS:
            raise TooManyOutputs
        items = [outputs.encode(item, f"$[{index}]") for index, item in enumerate(result)]
        return b"[" + b",".join(items) + b"]"

    def _drain(self, iterator: Any, outputs: Outputs, call: Call) -> bytes:
        """Take what a generator yields, one by one, and send it if the sidecar reads it so."""
        is_told = "output" in call.request.accept
        items: list[bytes] = []
        count = 0
        is_asynchronous_generator = hasattr(iterator, "__anext__")
        try:
            while True:
                try:
                    if is_asynchronous_generator:
                        item = self._await(iterator.__anext__())
                    else:
                        item = next(iterator)
                except (StopIteration, StopAsyncIteration):
                    break
                call.close_route()
                if count == MAX_OUTPUTS:
                    raise TooManyOutputs
                encoded = outputs.encode(item, f"$[{count}]")
                count += 1
                if is_told:
                    self._send_output(encoded)
                else:
                    items.append(encoded)
        finally:
            close = getattr(iterator, "aclose", None) or getattr(iterator, "close", None)
            if close is not None:
                closing = close()
                if is_asynchronous_generator:
                    self._await(closing)
        self._is_in_handler = False
        self._flush(call)
        return b"[" + b",".join(items) + b"]"

    def _send_output(self, item: bytes) -> None:
        body = b'{"output":' + item + b"}"
        if len(body) > self._config.max_frame_bytes:
            raise OutputTooLarge(len(body), self._config.max_frame_bytes)
        self._send_interim(body, False)

    def _answer(self, connection: Connection, body: bytes) -> None:
        """Write the closing frame."""
        try:
            self._write(connection, body)
        except OSError:
            self._close(connection)
            return
        if not self._is_single:
            self._close(connection)

    # -- interim frames

    def flush_if_due(self, call: Call) -> None:
        """Send what a handler told, unless it has just told something."""
        if time.monotonic() - self._last_interim >= INTERIM_INTERVAL:
            self._flush(call)

    def _flush(self, call: Call) -> None:
        if call._progress is None and not call._metrics:
            return
        for body, may_be_dropped in call.take_interim():
            self._send_interim(body, may_be_dropped)

    def _send_interim(self, body: bytes, may_be_dropped: bool) -> None:
        """Write an interim frame, whole or not at all: handlers may tell things from any thread."""
        connection = self._connection
        if connection is None:
            return
        was_in_handler, self._is_in_handler = self._is_in_handler, False
        with self._lock:
            if not may_be_dropped or is_writable(connection.socket):
                self._memory[AT_STATE] = WRITING
                try:
                    self._write(connection, body)
                except OSError:
                    # The peer is gone, which the parent sees too.
                    pass
                self._memory[AT_STATE] = RUNNING
            self._last_interim = time.monotonic()
        self._is_in_handler = was_in_handler
        if was_in_handler:
            self._check_interrupt()

    # -- interruptions

    def is_cancelled(self) -> bool:
        """Whether the peer is gone."""
        number, why = self._page.stop
        return number == self._last_run and why in (CANCELLED, GIVEN_UP)

    def _on_interrupt(self, _signal: int, _frame: object) -> None:
        self._check_interrupt()

    def _check_interrupt(self) -> None:
        """End the handler if the parent says so; only where the author's code runs (P1, P4)."""
        number, why = self._page.stop
        if number != self._last_run or why == GO_ON or self._call is None:
            return
        if self._task is not None:
            self._interruption = DeadlineExceeded() if why == EXPIRED else Cancelled()
            self._loop.call_soon_threadsafe(self._task.cancel)
        elif self._is_in_handler and why != CANCELLED:
            self._is_in_handler = False
            raise DeadlineExceeded() if why == EXPIRED else Cancelled()

    def _open_loop(self) -> None:
        import asyncio

        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)

    def _await(self, awaitable: Any) -> Any:
        """Wait for a coroutine, in the one event loop of this worker."""
        if self._loop is None:
            self._open_loop()
        import asyncio

        async def settle() -> Any:
            return await awaitable

        self._is_in_handler = False
        self._task = self._loop.create_task(settle())
        # What came before there was a task to cancel.
        self._check_interrupt()
        try:
            result = self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            if self._interruption is None:
                raise
            self._task = None
            kind = type(self._interruption)
            raise kind("clean") from None
        self._task = None
        self._is_in_handler = True
        return result


class OutputTooLarge(Exception):
    """An output that fits into no frame."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"an output has {size} bytes; ASYA_MAX_MESSAGE_SIZE is {limit}")


def is_writable(connected: socket.socket) -> bool:
    """Whether a small frame can be written without waiting for the peer."""
    poller = select.poll()
    poller.register(connected, select.POLLOUT)
    return bool(poller.poll(0))


def linger(connected: socket.socket) -> None:
    """Let a peer read the last frame: an abrupt end would take it from its hands."""
    connected.shutdown(socket.SHUT_WR)
    ends_at = time.monotonic() + LINGER
    poller = select.poll()
    poller.register(connected, select.POLLIN)
    while True:
        left = ends_at - time.monotonic()
        if left <= 0 or not poller.poll(int(left * 1_000)):
            return
        if not connected.recv(SCRATCH_BYTES, socket.MSG_DONTWAIT):
            return


def is_asynchronous(handler: Any) -> bool:
    """Whether a handler is an ``async def``: then its loop is made before the first message."""
    code = getattr(getattr(handler, "__func__", handler), "__code__", None)
    # CO_COROUTINE, CO_ASYNC_GENERATOR
    return code is not None and bool(code.co_flags & (0x80 | 0x200))


def limit_memory(limit_bytes: int) -> None:
    """Let Python raise MemoryError before the kernel ends the whole container."""
    import resource

    limit = resource.RLIMIT_DATA if sys.platform.startswith("linux") else resource.RLIMIT_AS
    try:
        resource.setrlimit(limit, (limit_bytes, limit_bytes))
    except (ValueError, OSError) as error:
        raise LoadError(f"ASYA_HEAP_LIMIT cannot be set: {error}") from None


# ---------------------------------------------------------------------------------------------
# The parent
# ---------------------------------------------------------------------------------------------

#: A handler that was interrupted has this long to end before its worker is killed.
INTERRUPT_GRACE = 0.3
#: A function whose peer is gone has this long to see it by itself.
CANCEL_GRACE = 1.0
#: A peer that hung up just when its request began is looked at again after this time.
SECOND_LOOK = 0.1
MAX_FAILED_LOADS = 5
FIRST_RETRY = 0.1
LAST_RETRY = 5.0
#: How often in a row a worker may be lost without having served anything, and be replaced at once.
FREE_LOSSES = 2


class Child:
    """What the parent knows of a worker.

    loading → serving → gone. ``connections`` are duplicates of the worker's, by their numbers.
    """

    def __init__(self, pid: int, control: socket.socket, page: Page, lifeline: int) -> None:
        self.pid = pid
        self.control = control
        self.page = page
        self.lifeline = lifeline
        self.is_ready = False
        self.started_at = time.monotonic()
        self.connections: dict[int, int] = {}
        #: Connections whose peer is gone, and until when a request of theirs may still begin.
        self.hung_up: dict[int, float] = {}
        #: The request that must end, and what is done about it next, and when.
        self.stopping = 0
        self.next_stop = GO_ON
        self.next_stop_at = NEVER
        self.is_killed_for: int | None = None


class Parent:
    """Supervises the workers.

    starting → serving → draining → over
    """

    def __init__(self, config: Config, has_guard: bool = False) -> None:
        self._config = config
        #: Whether the end of stdin means that who started this is gone.
        self._has_guard = has_guard
        self._children: dict[int, Child] = {}
        self._by_descriptor: dict[int, tuple[Child, int | None]] = {}
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.setblocking(False)
        self._poller = select.poll()
        self._is_listening = False
        self._is_draining = False
        self._drain_until = NEVER
        self._failed_loads = 0
        self._losses = 0
        self._retry_at = NEVER
        self._failure: str | None = None
        self._pending_signals: list[int] = []
        self._oom_kills = count_oom_kills()

    def main(self) -> int:
        """Serve until told otherwise; return the exit code."""
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, self._on_signal)
        self._poller.register(self._wake_read, select.POLLIN)
        if self._has_guard:
            self._poller.register(0, select.POLLIN)
        try:
            for _ in range(self._config.concurrency):
                self._start_child()
            while not self._is_over():
                self._turn()
        finally:
            self._remove_socket()
            for child in list(self._children.values()):
                self._kill(child, None)
        if self._failure is not None:
            log.error(self._failure)
            return 1
        return 0

    def _is_over(self) -> bool:
        return self._is_draining and not self._children

    def _on_signal(self, number: int, _frame: object) -> None:
        self._pending_signals.append(number)

    # -- what happens

    def _turn(self) -> None:
        """Wait for something to happen, and deal with it."""
        for descriptor, _ in self._poller.poll(self._plan()):
            if descriptor == self._wake_read:
                self._drain_wake_pipe()
                continue
            if descriptor == 0 and self._has_guard:
                self._heed_guard()
                continue
            child, number = self._by_descriptor.get(descriptor, (None, None))
            if child is None:
                continue
            if number is None:
                self._listen_to(child)
            else:
                self._note_hang_up(child, number)
        signals, self._pending_signals = self._pending_signals, []
        for number in signals:
            if number != signal.SIGCHLD and not self._is_draining:
                log.info("closing", signal=signal.Signals(number).name)
                self._drain()
        self._reap()
        now = time.monotonic()
        for child in list(self._children.values()):
            self._supervise(child, now)
        if now >= self._retry_at:
            self._retry_at = NEVER
            self._refill()
        if now >= self._drain_until:
            self._drain_until = NEVER
            for child in list(self._children.values()):
                self._kill(child, None)

    def _plan(self) -> int | None:
        """How long to sleep, in milliseconds.

        First every worker is told to wake the parent for any deadline, then they are looked at: so
        no deadline is missed that is set between the look and the sleep.
        """
        next_at = min(self._retry_at, self._drain_until)
        for child in self._children.values():
            NUMBER.pack_into(child.page.memory, AT_WAKE, NEVER)
        for child in self._children.values():
            at = child.next_stop_at
            if not child.is_ready:
                at = min(at, child.started_at + self._config.load_timeout)
            elif child.page.state != IDLE and child.page.run[2] != child.stopping:
                at = min(at, child.page.run[0])
            for second_look in child.hung_up.values():
                at = min(at, second_look)
            next_at = min(next_at, at)
        for child in self._children.values():
            NUMBER.pack_into(child.page.memory, AT_WAKE, next_at)
        if next_at == NEVER:
            return None
        return min(max(0, int((next_at - time.monotonic()) * 1_000) + 1), 2**31 - 1)

    def _heed_guard(self) -> None:
        """End at once when who started this is gone, without a chance to stop it."""
        if not os.read(0, 512):
            self._poller.unregister(0)
            self._give_up("the process that started this one is gone")

    def _drain_wake_pipe(self) -> None:
        try:
            while os.read(self._wake_read, 512):
                pass
        except BlockingIOError:
            pass

    def _listen_to(self, child: Child) -> bool:
        """Read one message of a worker; False when there is none."""
        space = socket.CMSG_SPACE(4)
        try:
            data, ancillary, _, _ = child.control.recvmsg(CONTROL.size, space)
        except OSError:
            data, ancillary = b"", []
        if len(data) < CONTROL.size:
            # It is gone, or nearly so: SIGCHLD tells.
            self._forget(child.control.fileno())
            return False
        letter, number = CONTROL.unpack(data)
        if letter == READY:
            self._on_ready(child)
        elif letter == SHUTDOWN and not self._is_draining:
            log.info("asked to shut down: closing")
            self._drain()
        elif letter == ACCEPTED:
            for _, _, rights in ancillary:
                descriptor = struct.unpack("i", rights[:4])[0]
                child.connections[number] = descriptor
                self._by_descriptor[descriptor] = (child, number)
                # No event is asked for: that the peer has hung up is always reported.
                self._poller.register(descriptor, 0)
        return True

    def _on_ready(self, child: Child) -> None:
        child.is_ready = True
        self._failed_loads = 0
        config = self._config
        if not self._is_listening:
            problem = open_socket(self._listener, config.socket_path, config.socket_mode)
            if problem is not None:
                self._give_up(f"cannot listen: ASYA_SOCKET_PATH {config.socket_path} {problem}")
                return
            self._is_listening = True
            start_ms = round((time.monotonic() - STARTED_AT) * 1_000)
            where = config.socket_path
            log.info("serving", socket=where, handler=config.handler, start_ms=start_ms)
        else:
            load_ms = round((time.monotonic() - child.started_at) * 1_000)
            log.info("a new worker serves", load_ms=load_ms)
        self._say(child, GO)

    def _say(self, child: Child, letter: bytes) -> None:
        try:
            child.control.sendall(CONTROL.pack(letter, 0))
        except OSError:
            pass

    # -- deadlines and cancels

    def _note_hang_up(self, child: Child, number: int) -> None:
        """A peer is gone, or the worker has closed the connection (P4)."""
        self._poller.unregister(child.connections[number])
        child.hung_up[number] = time.monotonic() + SECOND_LOOK

    def _supervise(self, child: Child, now: float) -> None:
        """End what must end in a worker (P1, P4)."""
        if not child.is_ready:
            if now >= child.started_at + self._config.load_timeout:
                limit = f"{self._config.load_timeout * 1_000:g} ms (ASYA_LOAD_TIMEOUT)"
                child.page.set_text(f"it was not loaded within {limit}")
                self._kill(child, None)
            return
        ends_at, _, run, connection = child.page.run
        is_busy = child.page.state != IDLE
        if is_busy and connection in child.hung_up and child.stopping != run:
            self._stop(child, run, CANCELLED, now)
        for number, second_look in list(child.hung_up.items()):
            if now >= second_look and not (is_busy and number == connection):
                del child.hung_up[number]
                self._drop(child, number)
        is_expiring = child.stopping == run and child.next_stop == EXPIRED
        if is_busy and now >= ends_at and not is_expiring:
            self._stop(child, run, EXPIRED, now)
        if now < child.next_stop_at:
            return
        child.next_stop_at = NEVER
        if not is_busy or run != child.stopping:
            return
        if child.next_stop == CANCELLED:
            self._stop(child, run, GIVEN_UP, now)
        else:
            self._kill(child, child.next_stop)

    def _stop(self, child: Child, run: int, why: int, now: float) -> None:
        """Ask a worker to end its handler."""
        STOP.pack_into(child.page.memory, AT_STOP, run, why)
        child.stopping = run
        child.next_stop = why
        child.next_stop_at = now + (CANCEL_GRACE if why == CANCELLED else INTERRUPT_GRACE)
        try:
            os.kill(child.pid, signal.SIGUSR1)
        except ProcessLookupError:
            pass

    def _kill(self, child: Child, why: int | None) -> None:
        child.is_killed_for = why
        try:
            os.kill(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    # -- workers begin and end

    def _start_child(self) -> None:
        """Fork a worker. Of a parent without threads and without handler it inherits nothing."""
        page = Page()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        lifeline_read, lifeline_write = os.pipe()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                ours.close()
                os.close(lifeline_write)
                self._forget_everything()
                die_with(lifeline_read)
                code = Worker(self._config, self._listener, theirs, page).main()
                flush_output()
            except BaseException as error:
                page.set_text(describe_load_error(error))
                log.error(f"a worker failed: {error!r}", traceback=format_traceback(error))
            finally:
                # Whatever the author's modules have registered to run at the end is not waited for.
                os._exit(code)
        theirs.close()
        os.close(lifeline_read)
        child = Child(pid, ours, page, lifeline_write)
        self._children[pid] = child
        self._by_descriptor[ours.fileno()] = (child, None)
        self._poller.register(ours, select.POLLIN)

    def _forget_everything(self) -> None:
        """In a new worker: close what is the parent's."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # A terminal sends it to all; the parent deals with it. (Ignored, it would be so for the
        # programs that a handler starts.)
        signal.signal(signal.SIGINT, lambda _number, _frame: None)
        os.close(self._wake_read)
        os.close(self._wake_write)
        for child in self._children.values():
            child.control.close()
            os.close(child.lifeline)
            for descriptor in child.connections.values():
                os.close(descriptor)
        if hasattr(sys.stdout, "reconfigure"):
            # A pipe would show what is printed only when a buffer is full.
            sys.stdout.reconfigure(line_buffering=True)

    def _reap(self) -> None:
        """Deal with the workers that have ended, and with orphans if it is process 1."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            child = self._children.pop(pid, None)
            if child is not None:
                self._bury(child, status)

    def _bury(self, child: Child, status: int) -> None:
        """Answer for a worker that has ended (P3), and replace it (P2)."""
        self._take_last_words(child)
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
        if not child.is_ready:
            self._release(child)
            self._on_not_loaded(child, status, code)
            return
        state, (_, timeout_ms, _, connection) = child.page.state, child.page.run
        failure: Failure | None = None
        if code not in (EXIT_DRAINED, EXIT_RENEW):
            failure = self._explain_death(child, status, timeout_ms)
            if not self._is_draining:
                level = "warn" if child.is_killed_for is not None else "error"
                fields = {"message_id": child.page.message_id if state != IDLE else None}
                log.write(level, f"a worker died: {failure.message}", fields)
        # While it drains nobody is to blame: who was cut off is served again elsewhere.
        is_owed = state == RUNNING and not self._is_draining and connection not in child.hung_up
        if failure is not None and is_owed and connection in child.connections:
            answer_for(child.connections[connection], failure.encode())
        self._release(child)
        if self._is_draining:
            return
        if child.page.served > 0 or code == EXIT_RENEW:
            self._losses = 0
        self._losses += 1
        if code == EXIT_RENEW or self._losses <= FREE_LOSSES:
            self._refill()
        else:
            wait = min(FIRST_RETRY * 2 ** (self._losses - FREE_LOSSES - 1), LAST_RETRY)
            self._retry_at = min(self._retry_at, time.monotonic() + wait)

    def _take_last_words(self, child: Child) -> None:
        """Read what a worker said before it ended: a connection may be among it."""
        child.control.setblocking(False)
        while self._listen_to(child):
            pass

    def _explain_death(self, child: Child, status: int, timeout_ms: float) -> Failure:
        """What is answered for the request that a worker died with."""
        if child.is_killed_for == EXPIRED:
            text = f"the handler did not end within its deadline ({timeout_ms:g} ms)"
            return Failure("timeout_error", text)
        if child.is_killed_for == GIVEN_UP:
            return Failure("processing_error", "nobody waits for its handler any more")
        if os.WIFEXITED(status):
            text = f"the handler ended its process with code {os.WEXITSTATUS(status)}"
            return Failure("processing_error", text)
        name = signal.Signals(os.WTERMSIG(status)).name
        if name == "SIGKILL":
            kills = count_oom_kills()
            is_out_of_memory, self._oom_kills = kills > self._oom_kills, kills
            if is_out_of_memory:
                return Failure("oom_error", "the handler exhausted the memory of its container")
        return Failure("processing_error", f"the handler's process was ended by {name}")

    def _on_not_loaded(self, child: Child, status: int, code: int | None) -> None:
        if self._is_draining:
            return
        if child.page.text:
            reason = child.page.text
        elif code is not None:
            reason = f"it ended its process with code {code} while it was loaded"
        else:
            name = signal.Signals(os.WTERMSIG(status)).name
            reason = f"its process was ended by {name} while it was loaded"
        if not self._is_listening:
            self._give_up(f"cannot load ASYA_HANDLER {self._config.handler}: {reason}")
            return
        self._failed_loads += 1
        text = f"the actor cannot be loaded again: {reason}"
        if self._failed_loads >= MAX_FAILED_LOADS:
            self._give_up(text)
            return
        wait = FIRST_RETRY * 2 ** (self._failed_loads - 1)
        log.error(text, retry_ms=round(wait * 1_000))
        self._retry_at = min(self._retry_at, time.monotonic() + wait)

    def _refill(self) -> None:
        """See to it that there are as many workers as there should be."""
        while not self._is_draining and len(self._children) < self._config.concurrency:
            self._start_child()

    def _release(self, child: Child) -> None:
        """Close what belonged to a worker: its peers see that it is gone."""
        for number in list(child.connections):
            self._drop(child, number)
        del self._by_descriptor[child.control.fileno()]
        self._forget(child.control.fileno())
        child.control.close()
        os.close(child.lifeline)

    def _drop(self, child: Child, number: int) -> None:
        descriptor = child.connections.pop(number, None)
        if descriptor is None:
            return
        del self._by_descriptor[descriptor]
        self._forget(descriptor)
        os.close(descriptor)

    def _forget(self, descriptor: int) -> None:
        """Poll it no more, if it still was."""
        try:
            self._poller.unregister(descriptor)
        except KeyError:
            pass

    # -- the end

    def _drain(self) -> None:
        """Finish what is in flight, as long as the grace time allows."""
        self._is_draining = True
        self._drain_until = time.monotonic() + self._config.grace
        self._retry_at = NEVER
        self._remove_socket()
        for child in list(self._children.values()):
            if child.is_ready:
                self._say(child, DRAIN)
            else:
                self._kill(child, None)

    def _give_up(self, reason: str) -> None:
        self._failure = reason
        self._drain()
        self._drain_until = time.monotonic()

    def _remove_socket(self) -> None:
        if not self._is_listening:
            return
        self._is_listening = False
        self._listener.close()
        try:
            os.unlink(self._config.socket_path)
        except OSError:
            pass


def flush_output() -> None:
    """Let nothing be lost that was printed."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass


def die_with(lifeline: int) -> None:
    """End this process when the parent ends, even while native code runs (P5).

    The kernel signals SIGIO when the other end of the pipe is closed, and by default SIGIO ends a
    process. The parent never writes to it.
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | getattr(os, "O_ASYNC", 0x2000))


def answer_for(descriptor: int, body: bytes) -> None:
    """Answer on the connection of a worker that is no more."""
    with socket.socket(fileno=os.dup(descriptor)) as connected:
        try:
            connected.send(len(body).to_bytes(4, "big") + body, socket.MSG_DONTWAIT)
            connected.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def count_oom_kills() -> int:
    """How many processes of this container the kernel has ended for their memory (cgroup v2)."""
    try:
        with open("/sys/fs/cgroup/memory.events", encoding="ascii") as events:
            for line in events:
                name, _, count = line.partition(" ")
                if name == "oom_kill":
                    return int(count)
    except (OSError, ValueError):
        pass
    return 0


def open_socket(listener: socket.socket, path: str, mode: int) -> str | None:
    """Listen, with tight permissions from the first moment on; or say why that cannot be.

    A socket that nobody serves any more is replaced; one that is served, or a file that is none,
    never.
    """
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        obstacle = clear_path(path)
        if obstacle is not None:
            return obstacle
        umask = os.umask(0o177)
        try:
            listener.bind(path)
        finally:
            os.umask(umask)
        listener.listen(511)
        os.chmod(path, mode)
    except OSError as error:
        return f"cannot be made: {error}"
    return None


def clear_path(path: str) -> str | None:
    """Make way for a socket; what stands in the way when it cannot."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    if not stat.S_ISSOCK(found.st_mode):
        return "is a file that is no socket: remove it or name another"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(path)
            is_served = True
        except BlockingIOError:
            # Its backlog is full, so somebody is there.
            is_served = True
        except OSError:
            is_served = False
    if is_served:
        return "is served by another process: end it or name another"
    os.unlink(path)
    return None


# ---------------------------------------------------------------------------------------------
# Command line
# ---------------------------------------------------------------------------------------------

HELP = """Serves a Python actor of Asya over a Unix socket.

  ASYA_HANDLER=module:function python3 asya.py
  python3 asya.py --until-stdin-ends
  python3 asya.py schema module:function > function.schema.json

With --until-stdin-ends it ends with the program that started it. The last prints JSON Schemas of
what a handler takes and gives, from its type hints; `asya import` makes of them a declaration for
pipelines in TypeScript.

The runtime is configured by environment variables; an empty one counts as unset. Durations are
written as in Go: 300ms, 90s, 5m.

  ASYA_HANDLER            package.module:function, package.module.function or module:Class.method;
                          modules are looked for in the working directory and on PYTHONPATH.
                          Alias: ASYA_PROCESS_MODULE. Required
  ASYA_HANDLER_ARG_TYPE   payload (default), or message: the handler takes and returns messages,
                          dicts with payload and route
  ASYA_ACTOR_NAME         name in logs (from the function)
  ASYA_SOCKET_PATH        where it listens (/tmp/sockets/app.sock)
  ASYA_SOCKET_CHMOD       permissions of the socket (0o660)
  ASYA_CONCURRENCY        messages at a time; each has a process with a copy of the handler (1).
                          Alias: ASYA_RABBITMQ_PREFETCH
  ASYA_MAX_MESSAGE_SIZE   largest request and reply, in bytes (10485760)
  ASYA_RUNTIME_TIMEOUT    deadline of a request that names none (none)
  ASYA_LOAD_TIMEOUT       how long the handler's module may take to load (5m)
  ASYA_HEAP_LIMIT         memory of a handler's process, in MiB; beyond it there is a MemoryError,
                          which is an oom_error (none)
  ASYA_VALIDATION_ERRORS  names of exception classes, with commas between, that count as
                          validation_error, such as ValueError (none)
  ASYA_LOG_LEVEL          debug, info, warn, error or silent (info); logs go to stderr
  ASYA_SHUTDOWN_GRACE     how long SIGTERM leaves for what is in flight (30s)

Handlers may import from it: context, ValidationError, RetryableError, FatalError.
"""

STARTED_AT = time.monotonic()


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; return the exit code."""
    if arguments and arguments[0] in ("-h", "--help", "help"):
        print(HELP, end="")
        return 0
    if arguments and arguments[0] == "--version":
        print(__version__)
        return 0
    see_as_author()
    if arguments and arguments[0] == "schema" and len(arguments) == 2:
        return print_schema(arguments[1])
    has_guard = list(arguments) == ["--until-stdin-ends"]
    if arguments and not has_guard:
        text = " ".join(arguments)
        print(f"asya.py: {text!r} is no command; see asya.py --help", file=sys.stderr)
        return 2
    try:
        config = read_config(os.environ)
    except ConfigurationError as error:
        log.error(str(error))
        return 1
    log.configure(config.log_level, config.actor_name)
    return Parent(config, has_guard).main()


def print_schema(name: str) -> int:
    """Print what a handler takes and gives; return the exit code."""
    try:
        if not HANDLER.fullmatch(name):
            raise HintError("write module:function")
        print(json.dumps(write_actor_schema(name), indent=2, ensure_ascii=False))
    except (HintError, LoadError) as error:
        print(f"asya.py schema {name}: {error}", file=sys.stderr)
        return 1
    return 0


def see_as_author() -> None:
    """Let ``import asya`` find this very module, and the author's modules be found."""
    sys.modules["asya"] = sys.modules[__name__]
    here = os.path.dirname(os.path.abspath(__file__))
    if sys.path and os.path.abspath(sys.path[0] or ".") == here:
        del sys.path[0]
    if "" not in sys.path and os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
