"""Prometheus metrics of the runs that this process drives, served to this machine alone."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, start_http_server
from typing_extensions import override

from panelsim.errors import InputError
from panelsim.model.call import Call, Completion, Usage
from panelsim.model.progress import ENDED, Progress, RunState
from panelsim.telemetry.base import Complete, CostOf, Served, Telemetry, outcome_of, stated_cost

HOST = "127.0.0.1"
CALL_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 120.0)
REQUEST_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0, 30.0)
COMMIT_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0)
COMMIT_ROWS = (1, 3, 10, 30, 100, 300, 1000)


class Metrics(Telemetry):
    """Counts calls, tokens, dollars, waits, sessions, runs and commits in a registry of its own."""

    def __init__(self, cost_of: CostOf = stated_cost) -> None:
        self._cost_of = cost_of
        self.address = ""
        """Where they are served; empty if they are not."""
        self.registry = CollectorRegistry()
        self._calls = self._counter("calls", "Attempts of calls that ended.", "model", "outcome")
        self._seconds = self._histogram("call_seconds", "How long an attempt took.", CALL_SECONDS, "model")
        self._in_flight = self._gauge("calls_in_flight", "Attempts under way.", "model")
        self._tokens = self._counter("tokens", "Tokens of answered calls.", "model", "kind")
        self._cost = self._counter("cost_usd", "Cost of the calls made, in US dollars.", "model")
        self._known = self._counter("calls_known", "Calls answered from the store.")
        self._missing = self._counter("missing", "Responses without an answer.")
        self._waits = self._counter("waits", "Attempts that failed and were repeated.")
        self._sessions = self._counter("sessions", "Sessions that ended.", "outcome")
        self._states = self._counter("run_states", "Changes of a run's state.", "state")
        self._throttled = self._counter("throttled", "Times a provider asked for less.", "line")
        self._at_once = self._gauge("at_once", "Calls that may be under way.", "line")
        self._taken = self._counter("takeovers", "Parts taken over from ended workers.")
        self._commit_s = self._histogram("commit_seconds", "How long a commit took.", COMMIT_SECONDS)
        self._commit_rows = self._histogram("commit_rows", "Completions of one commit.", COMMIT_ROWS)
        self._commit_bytes = self._counter("commit_bytes", "Bytes handed to the store.")
        self._requests = self._counter("http_requests", "Requests answered.", "method", "route", "status")
        self._request_s = self._histogram("http_seconds", "Until an answer began.", REQUEST_SECONDS, "route")
        self._runs = self._gauge("runs", "Runs in the store.", "state")
        self._deliveries = self._gauge("webhook_deliveries", "Webhooks in the store.", "state")
        self._so_far: dict[tuple[str, int], Progress] = {}
        # finding a child takes longer than counting with it
        self._of = lru_cache(maxsize=256)(self._model)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"panelsim_{name}", what, labels, registry=self.registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(f"panelsim_{name}", what, labels, registry=self.registry)

    def _histogram(self, name: str, what: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(f"panelsim_{name}", what, labels, registry=self.registry, buckets=buckets)

    def _model(self, model: str) -> "_Model":
        return _Model(
            self._calls.labels(model, "answered"),
            self._seconds.labels(model),
            self._in_flight.labels(model),
            self._tokens.labels(model, "prompt"),
            self._tokens.labels(model, "cached"),
            self._tokens.labels(model, "completion"),
            self._cost.labels(model),
        )

    @override
    def observe(self, complete: Complete) -> Complete:
        now = time.perf_counter

        async def ask(call: Call) -> Completion:
            name = str(call.model)
            model = self._of(name)
            model.in_flight.inc()
            began = now()
            try:
                said = await complete(call)
            except BaseException as error:
                self._calls.labels(name, outcome_of(error)).inc()
                raise
            finally:
                model.in_flight.dec()
                model.seconds.observe(now() - began)
            model.answer(said.usage, self._cost_of(call, said))
            return said

        return ask

    @override
    def run_state(self, run_id: str, state: RunState) -> None:
        self._states.labels(state).inc()
        if state in ENDED:
            for key in [key for key in self._so_far if key[0] == run_id]:
                del self._so_far[key]

    @override
    def progressed(self, run_id: str, part: int, progress: Progress) -> None:
        last = self._so_far.get((run_id, part), Progress())
        if progress.answered < last.answered or progress.seconds < last.seconds:
            last = Progress()  # the part was started again
        self._so_far[run_id, part] = progress
        self._sessions.labels("done").inc(max(0, progress.done - last.done))
        self._sessions.labels("failed").inc(max(0, progress.failed - last.failed))
        self._known.inc(max(0, progress.cached - last.cached))
        self._missing.inc(max(0, progress.missing - last.missing))
        self._waits.inc(max(0, progress.waits - last.waits))

    @override
    def throttled(self, line: str, at_once: int, reason: str) -> None:
        self._throttled.labels(line).inc()
        self._at_once.labels(line).set(at_once)

    @override
    def taken_over(self, holder: str, parts: int) -> None:
        self._taken.inc(parts)

    @override
    def committed(self, rows: int, n_bytes: int, seconds: float) -> None:
        self._commit_s.observe(seconds)
        self._commit_rows.observe(rows)
        self._commit_bytes.inc(n_bytes)

    @override
    def served(self, request: Served) -> None:
        self._requests.labels(request.method, request.route, str(request.status)).inc()
        self._request_s.labels(request.route).observe(request.seconds)

    def exposition(self, runs: Mapping[str, int], deliveries: Mapping[str, int]) -> bytes:
        """All metrics in Prometheus' text form, with how many runs and webhooks are in which state now."""
        for gauge, counts in ((self._runs, runs), (self._deliveries, deliveries)):
            gauge.clear()
            for state, number in counts.items():
                gauge.labels(state).set(number)
        return generate_latest(self.registry)


class _Model:
    """The instruments of one model."""

    __slots__ = ("_answered", "_cached", "_completion", "_cost", "_prompt", "in_flight", "seconds")

    def __init__(
        self,
        answered: Counter,
        seconds: Histogram,
        in_flight: Gauge,
        prompt: Counter,
        cached: Counter,
        completion: Counter,
        cost: Counter,
    ) -> None:
        self.seconds, self.in_flight = seconds, in_flight
        self._answered, self._cost = answered, cost
        self._prompt, self._cached, self._completion = prompt, cached, completion

    def answer(self, usage: Usage, cost_usd: float) -> None:
        self._answered.inc()
        self._prompt.inc(usage.prompt_tokens)
        self._completion.inc(usage.completion_tokens)
        if usage.cached_tokens:
            self._cached.inc(usage.cached_tokens)
        if cost_usd:
            self._cost.inc(cost_usd)


@contextmanager
def serve_metrics(metrics: Metrics, port: int) -> Iterator[None]:
    """Serves `/metrics` on this machine's loopback while the block runs, on any free port if `port` is 0.

    Raises `InputError` if the port is taken.
    """
    try:
        server, thread = start_http_server(port, HOST, metrics.registry)
    except OSError as error:
        raise InputError(
            f"metrics cannot be served on {HOST}:{port} ({error.strerror}); "
            "give each process a port of its own in PANELSIM_METRICS_PORT"
        ) from error
    try:
        metrics.address = f"http://{HOST}:{server.server_port}/metrics"
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
