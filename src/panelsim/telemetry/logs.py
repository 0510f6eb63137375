"""Log lines on stderr, as text or JSON: quiet unless something is wrong, and never with what was said."""

import re
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TextIO

from typing_extensions import override

from panelsim.model.call import Call, ChatCall, Completion
from panelsim.model.progress import RunState
from panelsim.telemetry.base import NOWHERE, SCOPE, Complete, Scope, Served, Telemetry, outcome_of

if TYPE_CHECKING:
    from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

Level = Literal["debug", "info", "warning"]
Form = Literal["text", "json"]
LEVELS: dict[Level, int] = {"debug": 10, "info": 20, "warning": 30}

LONGEST = 200
"""Characters of a value that are logged; a server's error may quote what it was sent."""
ECHO = 24
"""Characters that a reason and a prompt have in common by no accident."""
HIDDEN = "[hidden]"
SECRETS = re.compile(
    r"(?i)\b(?:sk|pk|rk|ak|psk|whsec|ghp|gho|xox[abp])[-_][A-Za-z0-9_\-]{8,}"
    r"|\bbearer\s+\S+"
    r"|\bAIza[A-Za-z0-9_\-]{10,}"
    r"|(?<=:)[^\s:/@]+(?=@)"
    r"|\b(?:api[_-]?key|token|secret|password|authorization)\b[\"']?\s*[:=]\s*[\"']?[^\s\"',;]+"
)
"""What looks like a key: by its usual prefix, after a word that announces one, or in an address."""
NAMES = frozenset(
    (
        *("event", "level", "time", "run_id", "part", "session", "call", "model", "purpose"),
        *("state", "reason", "attempt", "seconds", "outcome", "line", "at_once", "holder"),
        *("wanted_usd", "granted_usd", "cost_usd", "rows", "bytes", "parts"),
        *("prompt_tokens", "cached_tokens", "completion_tokens"),
        *("method", "route", "status", "request_id", "key_id"),
    )
)
"""All that a log line may hold; whatever else is handed over is hidden."""


class Logs(Telemetry):
    """Writes what happens in runs, at or above `level`."""

    def __init__(
        self, level: Level, form: Form, secrets: Collection[str] = (), to: TextIO | None = None
    ) -> None:
        """`secrets` are hidden wherever they appear; lines go to stderr as it is at that moment, or `to`."""
        self._level = LEVELS[level]
        self._form = form
        self._secrets = secrets
        self._to = to

    @cached_property
    def _log(self) -> "FilteringBoundLogger":
        """Made with the first line: most processes write none, and structlog takes 60 ms to import."""
        return _logger(self._level, self._form, self._secrets, self._to)

    def _tell(self, level: Level, event: str, **fields: str | int | float) -> None:
        if LEVELS[level] >= self._level:
            self._log.log(LEVELS[level], event, **fields)

    @override
    def observe(self, complete: Complete) -> Complete:
        if self._level > LEVELS["debug"]:
            return complete

        async def ask(call: Call) -> Completion:
            began = time.perf_counter()
            try:
                said = await complete(call)
            except BaseException as error:
                self._tell_call(call, time.perf_counter() - began, outcome_of(error))
                raise
            self._tell_call(call, time.perf_counter() - began, "answered", said)
            return said

        return ask

    def _tell_call(self, call: Call, seconds: float, outcome: str, said: Completion | None = None) -> None:
        usage = {} if said is None else said.usage.model_dump()
        self._tell(
            "debug",
            "call ended",
            **_of(call),
            **usage,
            seconds=round(seconds, 4),
            outcome=outcome,
            **_scope(),
        )

    @override
    @contextmanager
    def run(self, run_id: str) -> Iterator[None]:
        with _within(Scope(run_id)):
            yield

    @override
    @contextmanager
    def part(self, run_id: str, part: int) -> Iterator[None]:
        with _within(Scope(run_id, part)):
            yield

    @override
    def run_state(self, run_id: str, state: RunState) -> None:
        self._tell("info", "run state changed", run_id=run_id, state=state)

    @override
    def session_began(self, session: str) -> None:
        if self._level <= LEVELS["info"]:
            SCOPE.set(SCOPE.get(NOWHERE)._replace(session=session))

    @override
    def session_ended(self, session: str, reason: str | None) -> None:
        if reason is not None:
            self._tell("info", "session failed", reason=reason, **_scope(session=session))

    @override
    def waiting(self, call: Call, attempt: int, seconds: float, reason: str) -> None:
        if self._level <= LEVELS["info"]:
            told = _without_words_of(call, reason)
            wait = round(seconds, 2)
            self._tell("info", "waiting", **_of(call), attempt=attempt, seconds=wait, reason=told, **_scope())

    @override
    def throttled(self, line: str, at_once: int, reason: str) -> None:
        self._tell(
            "info", "throttled: fewer calls at once", line=line, at_once=at_once, reason=reason, **_scope()
        )

    @override
    def served(self, request: Served) -> None:
        level: Level = "warning" if request.status >= 500 else "info"
        self._tell(level, "request answered", **request._asdict() | {"seconds": round(request.seconds, 4)})

    @override
    def leased(self, run_id: str, wanted: int, granted: int) -> None:
        usd = {"wanted_usd": wanted / 10**12, "granted_usd": granted / 10**12}
        if granted:
            self._tell("debug", "money leased", run_id=run_id, **usd)
        else:
            self._tell("info", "no money left to lease", run_id=run_id, **usd)

    @override
    def taken_over(self, holder: str, parts: int) -> None:
        self._tell("warning", "the parts of a worker that ended were taken over", holder=holder, parts=parts)

    @override
    def committed(self, rows: int, n_bytes: int, seconds: float) -> None:
        self._tell("debug", "store committed", rows=rows, bytes=n_bytes, seconds=round(seconds, 4))


@contextmanager
def _within(scope: Scope) -> Iterator[None]:
    token = SCOPE.set(scope)
    try:
        yield
    finally:
        SCOPE.reset(token)


def _scope(session: str = "") -> dict[str, str | int]:
    """Where this happens, without what is not known."""
    scope = SCOPE.get(NOWHERE)
    shown: dict[str, str | int] = {"session": session or scope.session} if session or scope.session else {}
    return {"run_id": scope.run_id, "part": scope.part, **shown} if scope.run_id else shown


def _of(call: Call) -> dict[str, str]:
    return {"call": call.key, "model": str(call.model), "purpose": call.purpose}


def _without_words_of(call: Call, reason: str) -> str:
    """`reason` up to where it quotes the prompt of `call`."""
    said = "\n".join(turn.content for turn in call.messages) if isinstance(call, ChatCall) else call.text
    short = reason[:LONGEST]
    for place in range(len(short) - ECHO + 1):
        if short[place : place + ECHO] in said:
            return short[:place] + HIDDEN
    return short


def hiding(secrets: Collection[str]) -> "Processor":
    """A processor that lets only known names through, and from their values takes keys and length."""
    known = sorted((secret for secret in secrets if secret), key=len, reverse=True)

    def hide(text: str) -> str:
        for secret in known:
            text = text.replace(secret, HIDDEN)
        text = " ".join(SECRETS.sub(HIDDEN, text).split())
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"

    def process(_logger: "WrappedLogger", _method: str, event: "EventDict") -> "EventDict":
        return {name: _shown(value, hide) if name in NAMES else HIDDEN for name, value in event.items()}

    return process


def _shown(value: object, hide: Callable[[str], str]) -> str | int | float:
    return value if isinstance(value, int | float) else hide(str(value))


def _logger(level: int, form: Form, secrets: Collection[str], to: TextIO | None) -> "FilteringBoundLogger":
    import structlog

    shape: Processor = structlog.processors.JSONRenderer(ensure_ascii=False) if form == "json" else _line
    processors: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        hiding(secrets),
        shape,
    ]
    logger: FilteringBoundLogger = structlog.wrap_logger(
        _Stderr(to), processors=processors, wrapper_class=structlog.make_filtering_bound_logger(level)
    )
    return logger


def _line(_logger: "WrappedLogger", _method: str, event: "EventDict") -> str:
    """`2026-11-23T02:40:11Z info: run state changed (run_id=… state=running)`."""
    fields = {name: value for name, value in event.items() if name not in ("time", "level", "event")}
    told = " ".join(f"{name}={value}" for name, value in fields.items())
    when = f"{str(event['time'])[:19]}Z"
    return f"{when} {event['level']}: {event['event']}" + (f" ({told})" if told else "")


class _Stderr:
    """Where lines go; looked up each time, because a live bar stands in for stderr while it is shown."""

    def __init__(self, to: TextIO | None) -> None:
        self._to = to

    def msg(self, line: str) -> None:
        (self._to or sys.stderr).write(f"{line}\n")

    debug = info = warning = msg
