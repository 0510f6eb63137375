"""Progress: what happened in a run, as events, and the sums over them."""

from typing import Annotated, Literal, TypeAlias, assert_never

from pydantic import Field

from panelsim.model.base import Frozen
from panelsim.model.call import Usage


class Planned(Frozen):
    """The run is about to start."""

    kind: Literal["planned"] = "planned"
    sessions: Annotated[int, Field(ge=0)]
    calls: Annotated[int, Field(ge=0)]
    """Calls the plan expects; re-asks and probes may add to them."""


class Answered(Frozen):
    """A call has its completion, and the completion is stored."""

    kind: Literal["answered"] = "answered"
    key: str
    lane: str
    purpose: str
    cached: bool
    """Whether it was known already, or asked at the same time by another session."""
    usage: Usage
    cost_usd: Annotated[float, Field(ge=0)]
    """What the completion cost when it was made; a cached one costs nothing now."""


class Waiting(Frozen):
    """An attempt failed and will be repeated."""

    kind: Literal["waiting"] = "waiting"
    purpose: str
    attempt: Annotated[int, Field(ge=1)]
    """The attempt that failed; 1 for the first."""
    seconds: Annotated[float, Field(ge=0)]
    reason: str


class SessionDone(Frozen):
    """A session reached its end."""

    kind: Literal["session_done"] = "session_done"
    session: str


class SessionFailed(Frozen):
    """A session ended because its model could not be asked."""

    kind: Literal["session_failed"] = "session_failed"
    session: str
    reason: str


Event: TypeAlias = Annotated[
    Planned | Answered | Waiting | SessionDone | SessionFailed, Field(discriminator="kind")
]


class Progress(Frozen):
    """A run so far."""

    sessions: int = 0
    """Planned."""
    calls: int = 0
    """Planned; the true number may be higher."""
    done: int = 0
    failed: int = 0
    answered: int = 0
    """Calls with a completion, cached ones included."""
    cached: int = 0
    waits: int = 0
    """Attempts that failed and were repeated."""
    usage: Usage = Usage()
    """Tokens of the calls that were made now."""
    cost_usd: float = 0.0
    """Cost of the calls that were made now."""

    def after(self, event: Event) -> "Progress":
        """The progress once `event` has happened."""
        match event:
            case Planned():
                return self._with(sessions=event.sessions, calls=event.calls)
            case Answered(cached=True):
                return self._with(answered=self.answered + 1, cached=self.cached + 1)
            case Answered():
                usage, cost = self.usage + event.usage, self.cost_usd + event.cost_usd
                return self._with(answered=self.answered + 1, usage=usage, cost_usd=cost)
            case Waiting():
                return self._with(waits=self.waits + 1)
            case SessionDone():
                return self._with(done=self.done + 1)
            case SessionFailed():
                return self._with(failed=self.failed + 1)
            case _:
                assert_never(event)

    def _with(self, **changes: int | float | Usage) -> "Progress":
        return self.model_copy(update=changes)
