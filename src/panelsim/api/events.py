"""Events of a run as callers see them, and as they stand in a stream."""

from datetime import datetime
from typing import NamedTuple, TypeAlias

from pydantic import AwareDatetime, Field
from sse_starlette import ServerSentEvent

from panelsim.api.views import Counts, RunView
from panelsim.model.base import Frozen
from panelsim.model.progress import ENDED, Progress, RunState, StateChanged
from panelsim.store import StoredEvent


class RunStateEvent(Frozen):
    """`run.state`: the run came into another state."""

    run_id: str = Field(description="The run.", examples=["20261128-101500-4b5c6d7e8f"])
    at: AwareDatetime = Field(description="UTC.", examples=["2026-11-28T10:15:01+00:00"])
    state: RunState = Field(description="As `state` of the run.", examples=["running"])


class RunProgressEvent(Counts):
    """`run.progress`: how far the run is."""

    run_id: str = Field(description="The run.", examples=["20261128-101500-4b5c6d7e8f"])
    at: AwareDatetime = Field(description="UTC.", examples=["2026-11-28T10:15:07+00:00"])
    cost_usd: float = Field(description="US dollars since the run was started or resumed.", examples=[0.012])
    seconds_left: float | None = Field(
        description="A rough guess at the pace so far; null before there is one.", examples=[41.5]
    )


class RunEndedEvent(Counts):
    """`run.ended`: the last event of a stream."""

    run_id: str = Field(description="The run.", examples=["20261128-101500-4b5c6d7e8f"])
    at: AwareDatetime = Field(description="When it ended, UTC.", examples=["2026-11-28T10:18:07+00:00"])
    state: RunState = Field(description="How it ended.", examples=["done"])
    cost_usd: float = Field(description="US dollars, all attempts included.", examples=[0.068])


AnyEvent: TypeAlias = RunStateEvent | RunProgressEvent | RunEndedEvent
EVENTS: tuple[type[AnyEvent], ...] = (RunStateEvent, RunProgressEvent, RunEndedEvent)
"""What the `data` of an event may be."""


class Chunk(NamedTuple):
    """One message of a stream, written once for all who read it."""

    seq: int | None
    """Absent for what the store does not number."""
    state: RunState | None
    """The state that it tells; absent for progress."""
    text: bytes

    @property
    def is_derived_progress(self) -> bool:
        """Whether it is progress that no event holds: the newest one replaces those before."""
        return self.seq is None and self.state is None


def chunk_of(run_id: str, stored: StoredEvent, *, is_numbered: bool = True) -> Chunk:
    """An event of a run as a message.

    The state that ends a run carries no id: `run.ended` follows with it, so that whoever was cut off between
    the two is told again.
    """
    seq = stored.seq if is_numbered else None
    event = stored.event
    if isinstance(event, StateChanged):
        text = _text(
            "run.state",
            RunStateEvent(run_id=run_id, at=stored.at, state=event.state),
            None if event.state in ENDED else seq,
        )
        return Chunk(seq, event.state, text)
    return Chunk(seq, None, _text("run.progress", _progress(run_id, stored.at, event.progress), seq))


def ended_text(view: RunView, at: datetime, seq: int) -> bytes:
    """The last message of a stream."""
    counts = view.counts.model_dump()
    event = RunEndedEvent(run_id=view.id, at=at, state=view.state, cost_usd=view.cost_usd, **counts)
    return _text("run.ended", event, seq or None)


def _progress(run_id: str, at: datetime, progress: Progress) -> RunProgressEvent:
    counts = {name: getattr(progress, name) for name in Counts.model_fields}
    return RunProgressEvent(
        run_id=run_id, at=at, cost_usd=progress.cost_usd, seconds_left=progress.seconds_left, **counts
    )


def _text(kind: str, event: AnyEvent, seq: int | None) -> bytes:
    return ServerSentEvent(event.model_dump_json(), event=kind, id=None if seq is None else str(seq)).encode()
