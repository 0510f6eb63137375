"""What the service answers, from its OpenAPI document: written by a program, see tests/api/client_models.py.

Fixed words are plain texts here, because more of them may come at any time.
"""

from pydantic import AwareDatetime

from panelsim.client.answers.runs import Summary
from panelsim.client.answers.studies import RunView
from panelsim.client.wire import Answer


class DeliveryView(Answer):
    """A message to a receiver, and how far it came."""

    id: str
    """The header `webhook-id`, the same in every attempt."""
    object: str = "delivery"
    """What this is."""
    webhook_id: str | None
    """The webhook; null for the `callback_url` of a run."""
    run_id: str
    """The run."""
    event: str
    """What it tells."""
    url: str
    """Where it goes."""
    state: str
    """`pending`: it will be sent, or sent again; `delivered`: the receiver answered 2xx; `dead`: given up,
    see `error`."""
    attempts: int
    """Since it was made, or last replayed."""
    next_attempt_at: AwareDatetime | None
    """UTC, at the earliest; null unless it is pending."""
    status: int | None
    """HTTP status of the last answer; null if none came."""
    error: str
    """Why it has not arrived: at most the first 200 characters of an answer; empty if it has."""
    created_at: AwareDatetime
    """UTC."""
    delivered_at: AwareDatetime | None
    """UTC; null if it has not arrived."""


class AttemptView(Answer):
    """One attempt to send a message."""

    at: AwareDatetime
    """When it began, UTC."""
    seconds: float
    """How long it took, in seconds."""
    status: int | None
    """HTTP status of the answer; null if none came."""
    error: str
    """Why the message did not arrive; empty if it did."""


class RunEndedData(Answer):
    """The run that has ended, and what it comes to."""

    run: RunView
    summary: Summary | None
    """Words and numbers only; null if it could not be made: `GET /v1/runs/{run_id}/summary` says why."""


class RunEndedMessage(Answer):
    """What a webhook is sent when a run has ended."""

    type: str = "run.ended"
    """The kind of event."""
    timestamp: AwareDatetime
    """When the run ended, UTC; the header `webhook-timestamp` says when it was sent."""
    data: RunEndedData


class DeliveryDetail(Answer):
    """A delivery with its message and its attempts."""

    id: str
    """The header `webhook-id`, the same in every attempt."""
    object: str = "delivery"
    """What this is."""
    webhook_id: str | None
    """The webhook; null for the `callback_url` of a run."""
    run_id: str
    """The run."""
    event: str
    """What it tells."""
    url: str
    """Where it goes."""
    state: str
    """`pending`: it will be sent, or sent again; `delivered`: the receiver answered 2xx; `dead`: given up,
    see `error`."""
    attempts: int
    """Since it was made, or last replayed."""
    next_attempt_at: AwareDatetime | None
    """UTC, at the earliest; null unless it is pending."""
    status: int | None
    """HTTP status of the last answer; null if none came."""
    error: str
    """Why it has not arrived: at most the first 200 characters of an answer; empty if it has."""
    created_at: AwareDatetime
    """UTC."""
    delivered_at: AwareDatetime | None
    """UTC; null if it has not arrived."""
    history: tuple[AttemptView, ...]
    """Its last 50 attempts, newest first, those before a replay too. One whose server died in the midst of it
    is counted in `attempts` and is not here."""
    message: RunEndedMessage
    """The body that is sent."""


class WebhookMade(Answer):
    """A webhook with its secret, which is shown this once."""

    id: str
    """Names the webhook."""
    object: str = "webhook"
    """What this is."""
    url: str
    """Where messages go."""
    events: tuple[str, ...]
    """What it is told of."""
    created_at: AwareDatetime
    """UTC."""
    disabled_at: AwareDatetime | None
    """Since when nothing is sent, because the receiver answered 410; null while it is alive. Delete it and
    make another."""
    secret: str
    """Verifies signatures; keep it safe."""


class WebhookView(Answer):
    """A webhook."""

    id: str
    """Names the webhook."""
    object: str = "webhook"
    """What this is."""
    url: str
    """Where messages go."""
    events: tuple[str, ...]
    """What it is told of."""
    created_at: AwareDatetime
    """UTC."""
    disabled_at: AwareDatetime | None
    """Since when nothing is sent, because the receiver answered 410; null while it is alive. Delete it and
    make another."""


class SecretView(Answer):
    """The account's own secret."""

    object: str = "webhook_secret"
    """What this is."""
    secret: str
    """Verifies the signatures of messages to a `callback_url`."""
    rotated_at: AwareDatetime | None
    """When it replaced another, which signs too for 24 hours; null: never."""
