"""What the server writes of faults and of its libraries: lines of one form, and never a key."""

import json
import logging

import pytest

from panelsim.telemetry.logs import Form
from panelsim.telemetry.plain import Plain

KEY = "a-providers-key-of-no-usual-form"


def _record(message: str) -> logging.LogRecord:
    error = RuntimeError(f"tried {KEY} and sk-0123456789abcdef")
    return logging.LogRecord(
        "uvicorn.error", logging.ERROR, __file__, 1, message, (), (RuntimeError, error, None)
    )


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_stack_is_written_without_keys(form: Form) -> None:
    written = Plain(form, (KEY,)).format(_record("Exception in ASGI application"))
    assert KEY not in written
    assert "sk-0123456789abcdef" not in written
    assert "RuntimeError: tried [hidden] and [hidden]" in written


def test_a_line_has_its_time_and_level_and_as_json_is_one_object() -> None:
    record = logging.LogRecord(
        "panelsim.api", logging.ERROR, __file__, 1, "the store failed: %s", ("x",), None
    )
    record.created = 0.0
    assert Plain("text", ()).format(record) == "1970-01-01T00:00:00Z error: the store failed: x"
    told = json.loads(Plain("json", ()).format(_record("two\nlines")))
    assert (told["level"], told["logger"]) == ("error", "uvicorn.error")
