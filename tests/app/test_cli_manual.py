"""The help: complete, quick, and the same as docs/cli.md (WRITE_DOCS=1 writes them anew)."""

import os
import subprocess
import sys

import pytest

from panelsim import errors
from panelsim.cli.main import EPILOG
from tests.app.commands import panelsim
from tests.app.manual import PLACE, manual

HEAVY = (
    "pydantic",
    "sqlalchemy",
    "numpy",
    "scipy",
    "yaml",
    "jinja2",
    "openai",
    "litellm",
    "rich.progress",
    "structlog",
    "prometheus_client",
    "opentelemetry",
    "asyncio",
)


def test_the_manual_is_what_the_program_says() -> None:
    if os.environ.get("WRITE_DOCS"):
        PLACE.write_text(manual(), "utf-8")
    assert PLACE.read_text("utf-8") == manual(), "run this test with WRITE_DOCS=1 and commit docs/cli.md"


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("test",),
        ("run",),
        ("interview",),
        ("committee",),
        ("concept",),
        ("hypothesis",),
        ("survey",),
        ("estimate",),
        ("report",),
        ("runs",),
        ("runs", "watch"),
        ("runs", "pause"),
        ("runs", "cancel"),
        ("runs", "resume"),
        ("usage",),
        ("calibrate",),
        ("init",),
        ("persona",),
        ("persona", "draft"),
        ("notes", "search"),
        ("icp", "lint"),
        ("icp", "match"),
        ("icp", "learn"),
        ("panel", "show"),
        ("models",),
        ("doctor",),
        ("store", "verify"),
        ("eval", "run"),
        ("eval", "compare"),
    ],
)
def test_every_command_has_help(command: tuple[str, ...]) -> None:
    done = panelsim(*command, "--help")
    assert done.code == 0
    assert "Usage:" in done.out


def test_the_help_says_every_exit_code() -> None:
    codes = {
        kind.exit_code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.PanelsimError)
    } | {errors.EXIT_DONE, errors.EXIT_PARTIAL, errors.EXIT_GATE, errors.EXIT_INTERRUPTED}
    for code in codes:
        assert f" {code} " in EPILOG
        assert f"| {code} |" in PLACE.read_text("utf-8")


def test_the_version_is_told() -> None:
    assert panelsim("--version").out.startswith("panelsim 0.")


def loaded_by(module: str) -> set[str]:
    """What a process has loaded that imports only this."""
    code = f"import sys, {module}; print('\\n'.join(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


def test_help_imports_nothing_dear() -> None:
    assert not set(HEAVY) & loaded_by("panelsim.cli.main")


def test_asking_loads_nothing_that_only_evaluations_need() -> None:
    dear = {"scipy.stats", "scipy.optimize", "sklearn", "bm25s", "vcr", "duckdb", "openai", "litellm", "dbos"}
    assert not dear & loaded_by("panelsim.cli.asking")
