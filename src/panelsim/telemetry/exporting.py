"""Where spans go: to an OTLP collector, to stderr, or nowhere, as the standard `OTEL_*` variables say."""

import importlib
import importlib.util
import os
import sys

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
from typing_extensions import override

from panelsim import __version__
from panelsim.errors import InputError
from panelsim.telemetry.spans import RunIds

QUERY = "url.query"
EXPORTER = "OTEL_TRACES_EXPORTER"
OTLP = "opentelemetry.exporter.otlp.proto.http.trace_exporter"


def own_provider() -> TracerProvider:
    """A provider that exports in the background. Raises `InputError` if the exporter is not there."""
    resource = Resource.create({"service.name": "panelsim", "service.version": __version__})
    provider = TracerProvider(resource=resource, id_generator=RunIds())
    provider.add_span_processor(WithoutQueries())
    exporter = _exporter(os.environ.get(EXPORTER) or "otlp")
    if exporter is not None:
        provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


class WithoutQueries(SpanProcessor):
    """Empties the query of every request's span: a caller may put anything there."""

    @override
    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        if span.attributes and QUERY in span.attributes:
            span.set_attribute(QUERY, "")


def _exporter(name: str) -> SpanExporter | None:
    match name:
        case "none":
            return None
        case "console":
            return ConsoleSpanExporter(service_name="panelsim", out=sys.stderr)
        case "otlp":
            return _otlp()
        case _:
            raise InputError(f"{EXPORTER} is {name!r}, expected otlp, console or none")


def _otlp() -> SpanExporter:
    try:
        exporter = importlib.import_module(OTLP).OTLPSpanExporter()
    except ImportError as error:
        raise InputError(
            "PANELSIM_OTEL is set but no OTLP exporter is installed; pip install 'panelsim[telemetry]', "
            f"or set {EXPORTER}=console"
        ) from error
    if not isinstance(exporter, SpanExporter):
        raise TypeError(f"{OTLP} made {type(exporter).__name__}, expected a SpanExporter")
    return exporter
