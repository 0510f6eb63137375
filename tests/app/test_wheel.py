"""The wheel: everything an installed panelsim needs is inside, and nothing of a checkout is missed."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def ran(*command: str, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    ran("-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), ".", cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


def test_prompts_personas_and_templates_are_inside(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("prompts", "personas", "evals"):
        kinds = (".md", ".yaml", ".csv", ".zst")
        shipped = [path for path in (ROOT / folder).rglob("*") if path.suffix in kinds]
        assert shipped
        missing = [
            path for path in shipped if f"panelsim/_data/{path.relative_to(ROOT).as_posix()}" not in inside
        ]
        assert missing == []
    assert "panelsim/reporting/templates/page.html" in inside
    assert "panelsim/api/templates/reference.html" in inside
    assert "panelsim/py.typed" in inside


def test_an_installed_panelsim_works_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    ran("-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel), cwd=tmp_path)
    world = {"PYTHONPATH": str(site), "PANELSIM_STORE": str(tmp_path / "store.sqlite3")}
    where = ran("-c", "import panelsim; print(panelsim.__file__)", cwd=elsewhere, **world)
    assert where.startswith(str(site))
    command = ["-m", "panelsim", "test", "Forecasts within 5%", "Revenue, reimagined", "--n", "3"]
    said = ran(*command, "--model", "scripted/sensible", "--json", cwd=elsewhere, **world)
    assert json.loads(said)["simulated"] is True
    assert list(elsewhere.glob("panelsim-report/*/report.html"))
