"""What the store keeps besides completions: runs, their failures, events and money, and what was found."""

from datetime import datetime, timedelta
from typing import Annotated, Literal, NamedTuple

from pydantic import AwareDatetime, Field

from panelsim.model.base import Frozen
from panelsim.model.panel import Panel
from panelsim.model.progress import Event, RunState
from panelsim.model.sources import PanelSources
from panelsim.model.study import Asking, Study, StudyKind

RunId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]

PICO = 10**12
"""Picodollars in a US dollar: money is counted in whole numbers, so that sums are exact."""

LOCAL = "local"
"""The account of runs that no API key asked for."""


def asks_of(run_id: str) -> str:
    """The kind of the documents that keep what was asked after a run."""
    return f"ask/{run_id}"


def attempts_of(run_id: str) -> str:
    """The kind of the documents that keep how the messages of a run were sent: a version for each attempt."""
    return f"attempt/{run_id}"


class RunHead(Frozen):
    """What a list of runs says of one: read without its panel."""

    id: RunId
    study: str
    """The study's id."""
    kind: StudyKind
    model: str
    """PROVIDER/NAME."""
    account: str
    state: RunState
    created_at: AwareDatetime
    finished_at: AwareDatetime | None


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
    account: str = LOCAL
    """Who pays, and who may see it: the account of the API key that asked for the run."""

    @property
    def head(self) -> RunHead:
        """The run as a list says it."""
        return RunHead(
            id=self.id,
            study=self.study.id,
            kind=self.study.kind,
            model=str(self.asking.model),
            account=self.account,
            state=self.state,
            created_at=self.created_at,
            finished_at=self.finished_at,
        )


Scope = Literal["runs:read", "runs:write", "admin"]
"""`runs:read` reads whatever the account has; `runs:write` makes and changes it, and spends; `admin` sees
what concerns the whole service."""


class ApiKey(Frozen):
    """A key of the API. Its secret is shown once and never kept."""

    id: str
    account: str
    """Keys of one account reach the same runs and documents, those of others reach none of them."""
    name: str
    """Who or what uses it."""
    prefix: str
    """The beginning of the secret, to tell keys apart."""
    scopes: tuple[Scope, ...]
    rpm: Annotated[int, Field(ge=1)]
    """Requests a minute."""
    cap: Annotated[int, Field(ge=0)] | None = None
    """Picodollars that the account may spend in a calendar month (UTC) by way of this key; absent: no cap."""
    created_at: AwareDatetime
    revoked_at: AwareDatetime | None = None


class RunRequest(Frozen):
    """What was asked for with a run, beside its study; also a reservation for calls that belong to no run."""

    run_id: str
    """Of the run, or the name of the calls in the books."""
    account: str
    callback_url: str = ""
    """Told when the run has ended; empty: nobody is."""
    reserved: Annotated[int, Field(ge=0)] = 0
    """Picodollars that the run may spend at most."""
    body: str = "{}"
    """What a view of the run says of its request, as JSON: it saves reading the run with its panel."""


DeliveryState = Literal["pending", "delivered", "dead"]
"""`pending`: it will be sent, or sent again; `delivered`: the receiver took it; `dead`: given up."""

WebhookEvent = Literal["run.ended"]
"""What an account can be told of."""


class Webhook(Frozen):
    """Where an account wants to be told of something."""

    id: str
    account: str
    url: str
    """Empty: none, and the secret is the account's own, which signs the callbacks of its runs."""
    events: tuple[WebhookEvent, ...]
    secret: str
    """`whsec_` and base64."""
    old_secret: str | None = None
    """The one before."""
    rotated_at: AwareDatetime | None = None
    """When it was replaced."""
    created_at: AwareDatetime
    disabled_at: AwareDatetime | None = None
    """Since when nothing is sent: its receiver answered that it is gone."""


class Delivery(Frozen):
    """One message to one receiver, and how far it came."""

    id: str
    """The same in every attempt."""
    account: str
    webhook: str
    """Empty: the callback of the run's request."""
    run_id: str
    url: str
    kind: WebhookEvent
    body: str
    """JSON, as it is signed."""
    state: DeliveryState
    attempts: int
    """Since it was made, or last replayed."""
    next_at: int
    """Milliseconds since 1970."""
    status: int | None
    """Of the last answer; absent if none came."""
    error: str
    """Why it has not arrived; empty if it has, or was not sent yet."""
    created_at: AwareDatetime
    delivered_at: AwareDatetime | None


class Attempt(Frozen):
    """One attempt to send a message."""

    at: AwareDatetime
    """When it began."""
    seconds: float
    """How long it took."""
    status: int | None
    """Of the answer; absent if none came."""
    error: str
    """Why it did not arrive; empty if it did."""


class Failure(NamedTuple):
    """A session of a run whose model could not be asked."""

    session: str
    reason: str


class StoredEvent(NamedTuple):
    """An event of a run."""

    seq: int
    """From 1, growing by 1 within a run."""
    at: datetime
    event: Event


class Spender(NamedTuple):
    """Who spends: one holder (a process's pass over a run or a part of it) of one run."""

    run_id: str
    holder: str


class Spent(NamedTuple):
    """What a run has cost so far."""

    calls: int
    """Completions that were made for it."""
    pico: int
    """Picodollars that they cost."""
    unsettled_pico: int
    """Picodollars that may have been billed beyond that: attempts that gave no completion, and what holders
    that have not closed their lease may have spent or still spend. The cap holds for the sum of both."""


class Spending(NamedTuple):
    """What one account spent on one model for one run on one day."""

    day: str
    """UTC, `2026-11-23`."""
    account: str
    model: str
    """`provider/name`; empty for money that may have been spent without a completion."""
    run_id: str
    calls: int
    pico: int
    unsettled_pico: int


class BadRow(NamedTuple):
    """A stored completion that is not what its key or digest says."""

    key: str
    problem: str


class Swept(NamedTuple):
    """What a sweep deletes."""

    runs: tuple[str, ...]
    completions: int
    size: int
    """Bytes of the completions and their calls, as they are stored."""


class Facts(NamedTuple):
    """What is in a store."""

    place: str
    form: int
    completions: int
    blocks: int
    runs: int
    events: int
    size: int
    """Bytes on disk."""


RETENTION = timedelta(days=90)
"""What a sweep keeps unless told otherwise."""
