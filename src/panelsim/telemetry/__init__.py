"""Telemetry: logs, metrics and traces of a run; what the engine tells, and who listens."""

from panelsim.telemetry.base import SILENT, Complete, CostOf, Served, Several, Telemetry
from panelsim.telemetry.opened import TelemetryOptions, open_telemetry

__all__ = [
    "SILENT",
    "Complete",
    "CostOf",
    "Served",
    "Several",
    "Telemetry",
    "TelemetryOptions",
    "open_telemetry",
]
