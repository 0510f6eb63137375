"""What the store keeps besides completions: runs, their failed sessions, and what verification found."""

from typing import Annotated, Literal, NamedTuple, TypeAlias

from pydantic import AwareDatetime, Field

from panelsim.model.base import Frozen
from panelsim.model.panel import Panel
from panelsim.model.sources import PanelSources
from panelsim.model.study import Asking, Study

RunState: TypeAlias = Literal["running", "done", "partial", "stopped", "interrupted", "failed"]
"""`done`: every session ended; `partial`: some failed; `stopped`: by the cost cap; `interrupted`: by the
user; `failed`: by an error. All but `done` can be resumed."""

RunId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


class Run(Frozen):
    """One execution of a study."""

    id: RunId
    study: Study
    panel: Panel
    sources: PanelSources
    """The profiles as they were, so that a later edit of a file changes no old report."""
    asking: Asking
    state: RunState = "running"
    created_at: AwareDatetime
    finished_at: AwareDatetime | None = None
    """Absent while the run has not ended."""
    version: str
    """Of panelsim."""
    prompts_hash: str
    """Of all prompt files the run was made with; the store keeps their texts."""


class Failure(NamedTuple):
    """A session of a run whose model could not be asked."""

    session: str
    reason: str


class BadRow(NamedTuple):
    """A stored completion that is not what its key or digest says."""

    key: str
    problem: str
