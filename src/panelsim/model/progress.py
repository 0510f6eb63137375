"""Progress: how far a run is, as one stream of events that every view of a run reads."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from panelsim.model.base import Frozen
from panelsim.model.call import Usage

RunState: TypeAlias = Literal[
    "queued", "running", "paused", "done", "partial", "stopped", "interrupted", "cancelled", "failed"
]
"""`done`: every session ended; `partial`: some failed; `stopped`: by the cost cap; `interrupted`: by a signal
or a crash; `cancelled`: on request; `failed`: by an error. All but `done` can be resumed."""

ENDED: frozenset[RunState] = frozenset({"done", "partial", "stopped", "interrupted", "cancelled", "failed"})
"""States in which nothing drives the run."""

Wish: TypeAlias = Literal["run", "pause", "cancel"]
"""What somebody wants of a run that is under way; whoever drives it obeys within a second."""

Count = Annotated[int, Field(ge=0)]


class Progress(Frozen):
    """A run, or a part of one, so far."""

    sessions: Count = 0
    """Planned."""
    calls: Count = 0
    """Planned first calls; re-asks, probes and embeddings come on top."""
    running: Count = 0
    """Sessions under way."""
    done: Count = 0
    """Sessions that reached their end."""
    failed: Count = 0
    """Sessions whose model could not be asked."""
    answered: Count = 0
    """Calls with a stored completion, known ones included."""
    cached: Count = 0
    """Calls whose completion was known, or asked at the same time by another session."""
    missing: Count = 0
    """Responses without an answer, those of failed sessions included."""
    waits: Count = 0
    """Attempts that failed and were repeated."""
    usage: Usage = Usage()
    """Tokens of the calls that were made now."""
    cost_usd: Annotated[float, Field(ge=0)] = 0.0
    """US dollars of the calls that were made now."""
    seconds: Annotated[float, Field(ge=0)] = 0.0
    """Since the run was started, or resumed."""
    note: str = ""
    """The last reason for a wait; empty if there was none."""

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the end at the pace so far; None before there is a pace."""
        ended = self.done + self.failed
        if not ended or not self.seconds:
            return None
        return self.seconds / ended * max(0, self.sessions - ended)

    def __add__(self, other: "Progress") -> "Progress":
        """Of two parts that were driven side by side."""
        sums = {name: getattr(self, name) + getattr(other, name) for name in SUMMED}
        return Progress(
            **sums,
            usage=self.usage + other.usage,
            cost_usd=self.cost_usd + other.cost_usd,
            seconds=max(self.seconds, other.seconds),
            note=other.note or self.note,
        )


SUMMED = ("sessions", "calls", "running", "done", "failed", "answered", "cached", "missing", "waits")


class StateChanged(Frozen):
    """The run came into another state."""

    kind: Literal["state"] = "state"
    state: RunState


class Progressed(Frozen):
    """How far the run is by now; at most a few a second, whatever the pace of the calls."""

    kind: Literal["progress"] = "progress"
    progress: Progress


Event: TypeAlias = Annotated[StateChanged | Progressed, Field(discriminator="kind")]
