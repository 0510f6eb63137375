"""Running panelsim's commands in tests, in this process or in one of their own."""

import json
import os
import subprocess
import sys
from typing import NamedTuple

from pydantic import JsonValue, TypeAdapter
from typer.testing import CliRunner

from panelsim.cli.main import app

GOOD, EMPTY = "Forecasts your CFO believes", "Unlock synergy for your team"
SCRIPTED = ("--model", "scripted/sensible", "--n", "4")
PROGRAM = (sys.executable, "-c", "from panelsim.cli.main import main; main()")
_OBJECT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, JsonValue]:
        """The one object on stdout."""
        return _OBJECT.validate_python(json.loads(self.out))

    @property
    def sentence(self) -> str:
        """Stderr as one line, without the frame around a usage error."""
        return " ".join(self.err.replace("│", " ").split())


def no_pull(name: str, *_: object) -> None:
    """Stands in for fetching a model: no test may."""
    raise AssertionError(f"model {name!r} would be fetched")


def panelsim(*arguments: str) -> Ended:
    """Runs a command in this process."""
    result = CliRunner().invoke(app, list(arguments))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Starts a command as a process of its own."""
    return subprocess.Popen(
        [*PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **environment},
    )


def ended(process: subprocess.Popen[str], timeout: float = 60) -> Ended:
    """Waits for the process."""
    out, err = process.communicate(timeout=timeout)
    return Ended(process.returncode, out, err)
