"""OpenTelemetry spans: run, part, session and each attempt of a call, by the gen_ai conventions.

Names and values of `gen_ai.*` are those of the OpenTelemetry semantic conventions for generative AI
(https://opentelemetry.io/docs/specs/semconv/gen-ai/); `panelsim.*` is what they have no word for. No span
holds a prompt or an answer.
"""

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar, Token
from urllib.parse import urlsplit

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.util.types import AttributeValue
from typing_extensions import override

from panelsim.model.call import Call, ChatCall, Completion
from panelsim.model.progress import Progress, RunState
from panelsim.telemetry.base import Complete, CostOf, Telemetry, outcome_of, stated_cost

_RUN: ContextVar[str] = ContextVar("panelsim_traced_run", default="")


class RunIds(RandomIdGenerator):
    """All spans of a run stand in one trace, whichever process drew them: its id is made from the run's."""

    @override
    def generate_trace_id(self) -> int:
        run = _RUN.get()
        return trace_id_of(run) if run else super().generate_trace_id()


def trace_id_of(run_id: str) -> int:
    """The trace of a run: 128 bits of the SHA-256 of its id."""
    return int.from_bytes(hashlib.sha256(run_id.encode()).digest()[:16], "big") or 1


class Spans(Telemetry):
    """Draws spans with `tracer`."""

    def __init__(self, tracer: Tracer, cost_of: CostOf = stated_cost) -> None:
        self._tracer = tracer
        self._cost_of = cost_of
        self._open: dict[str, tuple[Span, Token[Context]]] = {}
        self._runs: dict[str, Span] = {}

    @override
    def observe(self, complete: Complete) -> Complete:
        async def ask(call: Call) -> Completion:
            name = f"{_operation(call)} {call.model.name}"
            with self._span(name, _asked(call), SpanKind.CLIENT) as span:
                try:
                    said = await complete(call)
                except BaseException as error:
                    span.set_attribute("panelsim.outcome", outcome_of(error))
                    span.set_attribute("error.type", type(error).__name__)
                    span.set_status(Status(StatusCode.ERROR, outcome_of(error)))
                    raise
                span.set_attributes(_answered(said))
                span.set_attribute("panelsim.cost_usd", self._cost_of(call, said))
                return said

        return ask

    @override
    @contextmanager
    def run(self, run_id: str) -> Iterator[None]:
        mark = _RUN.set(run_id)
        try:
            with self._span("run", {"panelsim.run.id": run_id}) as span:
                self._runs[run_id] = span
                try:
                    yield
                finally:
                    self._end_open()
        finally:
            self._runs.pop(run_id, None)
            _RUN.reset(mark)

    @override
    @contextmanager
    def part(self, run_id: str, part: int) -> Iterator[None]:
        mark = _RUN.set(run_id)
        try:
            with self._span("part", {"panelsim.run.id": run_id, "panelsim.part": part}):
                yield
        finally:
            _RUN.reset(mark)

    @override
    def run_state(self, run_id: str, state: RunState) -> None:
        span = self._runs.get(run_id)
        if span is not None:
            span.add_event("state", {"panelsim.run.state": state})

    @override
    def progressed(self, run_id: str, part: int, progress: Progress) -> None:
        span = trace.get_current_span()
        span.set_attributes(
            {
                "panelsim.sessions.done": progress.done,
                "panelsim.sessions.failed": progress.failed,
                "panelsim.calls.answered": progress.answered,
                "panelsim.calls.known": progress.cached,
                "panelsim.cost_usd": progress.cost_usd,
            }
        )

    @override
    def session_began(self, session: str) -> None:
        span = self._tracer.start_span("session", attributes={"panelsim.session.id": session})
        self._open[session] = (span, context.attach(trace.set_span_in_context(span)))

    @override
    def session_ended(self, session: str, reason: str | None) -> None:
        span, token = self._open.pop(session, (None, None))
        if span is None or token is None:
            return
        context.detach(token)
        if reason is not None:
            span.set_status(Status(StatusCode.ERROR, "the model could not be asked"))
        span.end()

    @override
    def waiting(self, call: Call, attempt: int, seconds: float, reason: str) -> None:
        trace.get_current_span().add_event("wait", {"panelsim.attempt": attempt, "panelsim.seconds": seconds})

    def _span(
        self, name: str, attributes: dict[str, AttributeValue], kind: SpanKind = SpanKind.INTERNAL
    ) -> AbstractContextManager[Span]:
        # an error's own text may quote the prompt, so the span does not take it
        return self._tracer.start_as_current_span(
            name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
        )

    def _end_open(self) -> None:
        """Ends what a stopped run left open; its tasks are gone, and their contexts with them."""
        for span, _ in self._open.values():
            span.set_attribute("panelsim.outcome", "dropped")
            span.end()
        self._open.clear()


def _operation(call: Call) -> str:
    return "chat" if isinstance(call, ChatCall) else "embeddings"


def _asked(call: Call) -> dict[str, AttributeValue]:
    attributes: dict[str, AttributeValue] = {
        "gen_ai.operation.name": _operation(call),
        "gen_ai.provider.name": call.model.provider,
        "gen_ai.request.model": call.model.name,
        "panelsim.purpose": call.purpose,
        "panelsim.call.key": call.key,
    }
    host = urlsplit(call.model.base_url).hostname
    if host:
        attributes["server.address"] = host
    if isinstance(call, ChatCall):
        attributes["gen_ai.request.temperature"] = call.sampling.temperature
        attributes["gen_ai.request.top_p"] = call.sampling.top_p
        attributes["gen_ai.request.max_tokens"] = call.sampling.max_tokens
    return attributes


def _answered(said: Completion) -> dict[str, AttributeValue]:
    return {
        "gen_ai.response.model": said.reported_model,
        "gen_ai.response.finish_reasons": (said.finish_reason,),
        "gen_ai.usage.input_tokens": said.usage.prompt_tokens,
        "gen_ai.usage.cache_read.input_tokens": said.usage.cached_tokens,
        "gen_ai.usage.output_tokens": said.usage.completion_tokens,
        "panelsim.outcome": "answered",
    }
