"""What the service answers, from its OpenAPI document: written by a program, see tests/api/client_models.py.

Fixed words are plain texts here, because more of them may come at any time.
"""

from pydantic import AwareDatetime

from panelsim.client.wire import Answer


class Counts(Answer):
    """How far a run is."""

    sessions: int
    """Sessions that are planned."""
    running: int
    """Sessions under way."""
    done: int
    """Sessions that reached their end."""
    failed: int
    """Sessions whose model could not be asked."""
    calls: int
    """Calls that are planned; re-asks and probes come on top."""
    answered: int
    """Calls with an answer that is kept."""
    missing: int
    """Questions without a usable answer so far."""


class RunLinks(Answer):
    """Where to go on."""

    self: str
    """This resource."""
    events: str
    """Server-sent events."""
    summary: str
    """The flat summary, once the run has ended."""
    report: str
    """The report, in several formats."""


class RunView(Answer):
    """A run."""

    id: str
    """Names the run for ever."""
    object: str = "run"
    """What this is."""
    kind: str
    """Of the study."""
    title: str
    """As given with the request."""
    state: str
    """The one authority on how the run is: `queued`, `running`, `paused`, then `done` (every session ended),
    `partial` (some failed), `stopped` (by the cost cap), `cancelled`, `interrupted` or `failed`. All but
    `done` can be resumed."""
    has_ended: bool
    """Whether nothing more happens by itself."""
    simulated: bool = True
    """No person was asked."""
    panel: str
    """Who is asked."""
    respondents: int | None
    """How many respondents, controls included."""
    model: str
    """Who speaks for them."""
    counts: Counts
    cost_usd: float
    """US dollars so far, all attempts included."""
    max_cost_usd: float | None
    """US dollars that it may cost at most."""
    seconds_left: float | None
    """A rough guess at the pace so far; null before there is one."""
    created_at: AwareDatetime
    """UTC."""
    finished_at: AwareDatetime | None
    """UTC; null while it has not ended."""
    metadata: dict[str, str]
    """As given with the request."""
    links: RunLinks
