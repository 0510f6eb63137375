"""Ends of runs announced: the messages that webhooks and callbacks are sent, made once for each end."""

import hashlib
from typing import Literal

from pydantic import AwareDatetime, Field

from panelsim.api.context import Api
from panelsim.api.flat import summary_of
from panelsim.api.views import RunView, Summary, view_of
from panelsim.errors import StoreError
from panelsim.model.base import Frozen
from panelsim.store import RunHead
from panelsim.store.deliveries import NewDelivery

AT_ONCE = 100


class RunEndedData(Frozen):
    """The run that has ended, and what it comes to."""

    run: RunView
    summary: Summary | None = Field(
        description="Words and numbers only; null if it could not be made: `GET /v1/runs/{run_id}/summary` "
        "says why."
    )


class RunEndedMessage(Frozen):
    """What a webhook is sent when a run has ended."""

    type: Literal["run.ended"] = Field("run.ended", description="The kind of event.")
    timestamp: AwareDatetime = Field(
        description="When the run ended, UTC; the header `webhook-timestamp` says when it was sent.",
        examples=["2026-11-28T10:18:07+00:00"],
    )
    data: RunEndedData


def announce(api: Api) -> int:
    """Makes the messages of runs that have ended and were not announced; returns of how many."""
    return sum(tell_end(api, head) for head in api.workspace.store.untold_ends(AT_ONCE))


def tell_end(api: Api, head: RunHead) -> bool:
    """Makes the messages of one end of a run; False if they were made before, or the run went on."""
    store = api.workspace.store
    request = store.request_of(head.id)
    asked = (one for one in store.webhooks(head.account) if "run.ended" in one.events)
    to = [(one.id, one.url) for one in asked if one.disabled_at is None]
    if request is not None and request.callback_url:
        to.append(("", request.callback_url))
    body = _body(api, head) if to else ""
    ended = "" if head.finished_at is None else head.finished_at.isoformat()
    made = [
        NewDelivery(_id_of(head.id, ended, webhook_id), webhook_id, url, "run.ended", body)
        for webhook_id, url in to
    ]
    return store.tell_end(head, made)


def _body(api: Api, head: RunHead) -> str:
    summary: Summary | None = None
    try:
        summary = summary_of(api, head)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - one run that cannot be summed up must not silence all others
        api.told(f"The summary of run {head.id} could not be made for its webhooks: {error}")
    view = view_of(api, head, api.workspace.store.request_of(head.id))
    data = RunEndedData(run=view, summary=summary)
    return RunEndedMessage(timestamp=head.finished_at or head.created_at, data=data).model_dump_json()


def _id_of(run_id: str, ended: str, webhook_id: str) -> str:
    """The same for the same end and receiver, whoever makes it."""
    parts = "\0".join((run_id, ended, webhook_id)).encode()
    return f"msg_{hashlib.sha256(parts).hexdigest()[:32]}"
