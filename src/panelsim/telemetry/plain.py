"""Log lines of libraries and of faults: one form with all others, on stderr, and without keys."""

import json
import logging
import sys
from collections.abc import Collection
from datetime import UTC, datetime

from typing_extensions import override

from panelsim.telemetry.logs import HIDDEN, SECRETS, Form


def write_plainly(form: Form, secrets: Collection[str]) -> None:
    """Lets warnings of the standard library's loggers be written so, whatever libraries would do."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Plain(form, secrets))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


class Plain(logging.Formatter):
    """`2026-11-28T10:15:00Z error: ...`, with the stack below it, or one JSON object."""

    def __init__(self, form: Form, secrets: Collection[str]) -> None:
        """`secrets` are hidden wherever they appear, and so is whatever looks like a key."""
        super().__init__("%(message)s")
        self._form = form
        self._secrets = sorted((one for one in secrets if one), key=len, reverse=True)

    @override
    def format(self, record: logging.LogRecord) -> str:
        """The line or lines of a record."""
        told = super().format(record)
        for secret in self._secrets:
            told = told.replace(secret, HIDDEN)
        told = SECRETS.sub(HIDDEN, told)
        when = f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%SZ}"
        level = record.levelname.lower()
        if self._form == "json":
            told_as = {"event": told, "logger": record.name, "level": level, "time": when}
            return json.dumps(told_as, ensure_ascii=False)
        return f"{when} {level}: {told}"
