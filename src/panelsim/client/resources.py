"""Every operation of the API, one method each; names follow the paths, so that knowing one is knowing all.

An id may be given as text or as the thing that has it. What makes or spends takes `idempotency_key`; without
one, a new key is made for each call and kept over its retries.
"""

from collections.abc import Callable
from typing import Literal, TypeAlias, Unpack

from panelsim.client import answers, requests
from panelsim.client.calls import Place, delete, document, get, page, post, stream
from panelsim.client.faces import Listing, Operation, Resource, S, Streaming, Waiting, Watch
from panelsim.client.flows import Flow, Retries
from panelsim.client.following import RunEvent, followed, waited
from panelsim.client.wire import Call, Document, Page

AnyRun: TypeAlias = str | answers.RunView
"""A run, or its id."""
Format: TypeAlias = Literal["json", "html", "md", "csv", "transcripts", "text"]


class Runs(Resource[S]):
    """Runs: what was started, how it is, what it came to."""

    @Listing
    def list(
        self, *, state: str | None = None, kind: str | None = None, limit: int = 50
    ) -> Call[Page[answers.RunView]]:
        """All runs, newest first; `limit`: how many are fetched at a time."""
        return page("/v1/runs", answers.RunView, limit, state=state, kind=kind)

    @Operation
    def get(self, run: AnyRun) -> Call[answers.RunView]:
        """How a run is."""
        return get("/v1/runs/{run_id}", answers.RunView, run)

    @Operation
    def summary(self, run: AnyRun) -> Call[answers.Summary]:
        """What a run that has ended comes to, in flat words and numbers."""
        return get("/v1/runs/{run_id}/summary", answers.Summary, run)

    @Operation
    def report(
        self,
        run: AnyRun,
        format: Format = "json",  # noqa: A002 (as the API calls it)
        *,
        partial: bool = False,
        etag: str = "",
    ) -> Call[Document]:
        """The report. With the `etag` of one you have, you are only sent another if it has changed."""
        path = "/v1/runs/{run_id}/report"
        return document(path, run, etag=etag, format=format, partial=True if partial else None)

    @Operation
    def estimate(self, run: AnyRun) -> Call[answers.Estimated]:
        """What was expected of a run, and what it took."""
        return get("/v1/runs/{run_id}/estimate", answers.Estimated, run)

    @Operation
    def ask(
        self, run: AnyRun, *, idempotency_key: str = "", **wanted: Unpack[requests.AskRequest]
    ) -> Call[answers.AskView]:
        """Asks respondents of a run that has ended one more question."""
        return post("/v1/runs/{run_id}/ask", answers.AskView, wanted, run, key=idempotency_key)

    @Listing
    def asks(self, run: AnyRun, *, limit: int = 50) -> Call[Page[answers.AskView]]:
        """What was asked after a run, with the answers."""
        return page("/v1/runs/{run_id}/asks", answers.AskView, limit, run)

    @Operation
    def cancel(self, run: AnyRun) -> Call[answers.RunView]:
        """Ends a run; what was answered is kept."""
        return post("/v1/runs/{run_id}/cancel", answers.RunView, None, run, is_safe=True)

    @Operation
    def pause(self, run: AnyRun) -> Call[answers.RunView]:
        """Sends no more calls until the run is resumed."""
        return post("/v1/runs/{run_id}/pause", answers.RunView, None, run, is_safe=True)

    @Operation
    def resume(self, run: AnyRun, *, idempotency_key: str = "") -> Call[answers.RunView]:
        """Goes on with a run that is paused or ended before its time."""
        return post("/v1/runs/{run_id}/resume", answers.RunView, None, run, key=idempotency_key)

    @Streaming
    def events(self, run: AnyRun, *, after: str = "") -> Callable[[Retries], Flow[RunEvent, None]]:
        """What happens to a run, until it has ended; `after`: the id of an event to go on behind."""
        look = get("/v1/runs/{run_id}", answers.RunView, run)
        events = stream("/v1/runs/{run_id}/events", run)
        return lambda retries: followed(events, look, retries, after)

    @Waiting
    def wait(
        self,
        run: AnyRun,
        timeout: float = 3600.0,
        on_progress: Callable[[answers.RunView], object] | None = None,
    ) -> Watch[answers.RunView]:
        """The run once it has ended. Raises `WaitedTooLong` after `timeout` seconds; the run goes on then.

        `on_progress` is given the run as it is, at most once a second.
        """
        look = get("/v1/runs/{run_id}", answers.RunView, run)
        events = stream("/v1/runs/{run_id}/events", run)
        return Watch(lambda retries: waited(events, look, retries, timeout), on_progress)


class Webhooks(Resource[S]):
    """Who is told of what happens, and what was sent."""

    @Operation
    def create(
        self, *, idempotency_key: str = "", **wanted: Unpack[requests.WebhookRequest]
    ) -> Call[answers.WebhookMade]:
        """Lets an address be told of every run that ends. The secret is shown this once."""
        return post("/v1/webhooks", answers.WebhookMade, wanted, key=idempotency_key)

    @Listing
    def list(self, *, limit: int = 50) -> Call[Page[answers.WebhookView]]:
        """All webhooks, oldest first."""
        return page("/v1/webhooks", answers.WebhookView, limit)

    @Operation
    def get(self, webhook: Place) -> Call[answers.WebhookView]:
        """A webhook, without its secret."""
        return get("/v1/webhooks/{webhook_id}", answers.WebhookView, webhook)

    @Operation
    def delete(self, webhook: Place) -> Call[None]:
        """Ends it: what has not arrived is not sent any more."""
        return delete("/v1/webhooks/{webhook_id}", webhook)

    @Operation
    def rotate(self, webhook: Place, *, idempotency_key: str = "") -> Call[answers.WebhookMade]:
        """Replaces its secret; the one before signs too for 24 hours."""
        path = "/v1/webhooks/{webhook_id}/rotate"
        return post(path, answers.WebhookMade, None, webhook, key=idempotency_key)

    @Operation
    def secret(self) -> Call[answers.SecretView]:
        """The account's own secret, which signs what is sent to the `callback_url` of a run."""
        return get("/v1/webhooks/secret", answers.SecretView)

    @Operation
    def rotate_secret(self, *, idempotency_key: str = "") -> Call[answers.SecretView]:
        """Replaces the account's own secret; the one before signs too for 24 hours."""
        return post("/v1/webhooks/secret/rotate", answers.SecretView, None, key=idempotency_key)

    @Listing
    def deliveries(self, *, state: str | None = None, limit: int = 50) -> Call[Page[answers.DeliveryView]]:
        """What was sent, newest first; `state`: only `pending`, `delivered` or `dead`."""
        return page("/v1/webhooks/deliveries", answers.DeliveryView, limit, state=state)

    @Operation
    def delivery(self, delivery: Place) -> Call[answers.DeliveryDetail]:
        """A message with its body."""
        return get("/v1/webhooks/deliveries/{delivery_id}", answers.DeliveryDetail, delivery)

    @Operation
    def replay_delivery(self, delivery: Place, *, idempotency_key: str = "") -> Call[answers.DeliveryView]:
        """Sends a message once more that arrived or was given up."""
        path = "/v1/webhooks/deliveries/{delivery_id}/replay"
        return post(path, answers.DeliveryView, None, delivery, key=idempotency_key)


class Service(Resource[S]):
    """The service itself."""

    @Operation
    def health(self) -> Call[answers.Health]:
        """Whether the process is alive."""
        return get("/healthz", answers.Health)

    @Operation
    def readiness(self) -> Call[answers.Readiness]:
        """Whether work can be taken."""
        return get("/readyz", answers.Readiness)

    @Operation
    def metrics(self) -> Call[Document]:
        """Figures of this process for Prometheus, as text; needs a key with the scope `admin`."""
        return document("/metrics")
