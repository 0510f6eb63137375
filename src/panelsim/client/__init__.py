"""The client of a panelsim service: `Client` and `AsyncClient`. Needs `pip install "panelsim[client]"`.

    from panelsim.client import Client

    with Client() as client:  # PANELSIM_API_KEY and PANELSIM_API_URL
        run = client.message_tests.create(variants=["Forecasts your CFO believes", "Sell more"], n=24)
        run = client.runs.wait(run)
        print(client.runs.summary(run).sentence)

It stands apart from the rest of panelsim and imports nothing of it.
"""

from panelsim.client.answers import RunView, Summary
from panelsim.client.clients import AsyncClient, Client
from panelsim.client.errors import (
    ERRORS,
    ApiError,
    ClientError,
    ConnectionFailed,
    FieldFault,
    RateLimited,
    SpendCapReached,
    UnexpectedAnswer,
    WaitedTooLong,
    WebhookRefused,
)
from panelsim.client.following import RunEvent
from panelsim.client.webhooks import verify_webhook
from panelsim.client.wire import Document

__all__ = [
    "ERRORS",
    "ApiError",
    "AsyncClient",
    "Client",
    "ClientError",
    "ConnectionFailed",
    "Document",
    "FieldFault",
    "RateLimited",
    "RunEvent",
    "RunView",
    "SpendCapReached",
    "Summary",
    "UnexpectedAnswer",
    "WaitedTooLong",
    "WebhookRefused",
    "verify_webhook",
]
