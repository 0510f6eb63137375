"""Opening telemetry: what the settings ask for, and nothing else, is imported, started and ended."""

import importlib.util
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panelsim.errors import InputError
from panelsim.telemetry.base import CostOf, Several, Telemetry, stated_cost
from panelsim.telemetry.logs import Form, Level, Logs

if TYPE_CHECKING:
    from panelsim.telemetry.spans import Spans

INSTALL = "pip install 'panelsim[telemetry]'"


@dataclass(frozen=True)
class TelemetryOptions:
    """What is wanted; by default warnings alone."""

    level: Level = "warning"
    form: Form = "text"
    traces: bool = False
    metrics_port: int | None = None
    secrets: Collection[str] = ()
    """Texts that never reach a log line."""
    cost_of: CostOf = stated_cost
    """For metrics and traces."""


@contextmanager
def open_telemetry(options: TelemetryOptions) -> Iterator[Telemetry]:
    """The listeners that `options` ask for; what they hold back is sent when the block ends.

    Raises `InputError` if the extra `telemetry` is not installed or the port is taken.
    """
    listeners: list[Telemetry] = [Logs(options.level, options.form, options.secrets)]
    with ExitStack() as stack:
        if options.metrics_port is not None:
            _check("prometheus_client", "PANELSIM_METRICS_PORT")
            from panelsim.telemetry.metrics import Metrics, serve_metrics

            metrics = Metrics(options.cost_of)
            stack.enter_context(serve_metrics(metrics, options.metrics_port))
            listeners.append(metrics)
        if options.traces:
            _check("opentelemetry.sdk", "PANELSIM_OTEL")
            listeners.append(stack.enter_context(_traces(options.cost_of)))
        yield listeners[0] if len(listeners) == 1 else Several(listeners)


@contextmanager
def _traces(cost_of: CostOf) -> Iterator["Spans"]:
    """Spans that go where the `OTEL_*` variables say, over OTLP by default; or to a provider set before."""
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider

    from panelsim.telemetry.exporting import own_provider
    from panelsim.telemetry.spans import Spans

    ready = trace.get_tracer_provider()
    if isinstance(ready, TracerProvider):
        yield Spans(ready.get_tracer("panelsim"), cost_of)
        return
    provider = own_provider()
    try:
        yield Spans(provider.get_tracer("panelsim"), cost_of)
    finally:
        provider.shutdown()


def _check(module: str, variable: str) -> None:
    package = module.partition(".")[0]
    if importlib.util.find_spec(package) is None or importlib.util.find_spec(module) is None:
        raise InputError(f"{variable} is set but the extra `telemetry` is not installed; {INSTALL}")
