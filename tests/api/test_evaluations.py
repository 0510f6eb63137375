"""Benchmarks over HTTP: their gates, the scorecards that ship, and a replay by an admin."""

import json
from pathlib import Path

import pytest
import yaml

from panelsim.files.benchmarks import list_benchmarks
from panelsim.model.benchmark import Scorecard
from panelsim.service.evals.replays import results_of
from tests.api.conftest import Service
from tests.app.test_evals import PICK, STABILITY


def test_benchmarks_are_listed_with_gates_and_what_they_need(service: Service) -> None:
    headers = service.key()
    told = service.client.get("/v1/evaluations?limit=100", headers=headers).json()["data"]
    by_id = {one["id"]: one for one in told}
    assert list(by_id) == list(list_benchmarks())
    assert by_id["upworthy"]["recorded"] == ["embedded/qwen2.5-1.5b"]
    assert all(gate["why"] for gate in by_id["concepts"]["gates"])
    assert by_id["concepts"]["needs"]
    assert not by_id["concepts"]["has_data"]


def test_the_scorecards_that_ship_are_told_in_every_format(service: Service) -> None:
    headers = service.key()
    path = "/v1/evaluations/upworthy/results"
    cards = service.client.get(path, headers=headers).json()["scorecards"]
    assert [Scorecard.model_validate(one) for one in cards] == list(results_of("upworthy", None))
    for form, start in (("html", "<!doctype html>"), ("junit", "<?xml"), ("md", "#")):
        page = service.client.get(f"{path}?format={form}", headers=headers)
        assert page.text.lower().startswith(start)
    assert (
        "script-src 'none'"
        in service.client.get(f"{path}?format=html", headers=headers).headers["content-security-policy"]
    )
    for name in ("nothing", "..", "evals%2Fupworthy"):
        assert service.client.get(f"/v1/evaluations/{name}/results", headers=headers).status_code == 404


def test_an_admin_replays_a_benchmark_and_nobody_else(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "evals" / "stability"
    (folder / "prompts/questions").mkdir(parents=True)
    (folder / "prompts/questions/pick.md").write_text(PICK)
    (folder / "benchmark.yaml").write_text(yaml.safe_dump(STABILITY))
    wanted = {"benchmark": "stability"}
    assert service.client.post("/v1/evaluations", json=wanted, headers=service.key()).status_code == 403
    admin = service.key("admin", scopes=("admin",))
    told = service.client.post("/v1/evaluations", json=wanted, headers=admin)
    assert told.status_code == 200, told.text
    (card,) = json.loads(told.text)["scorecards"]
    assert {gate["state"] for gate in card["gates"]} == {"holds"}
    assert card["facts"]["mode"] == "replayed"
    for bad, status in (({"benchmark": "evals/stability"}, 404), (wanted | {"model": "openai/gpt-4o"}, 422)):
        assert service.client.post("/v1/evaluations", json=bad, headers=admin).status_code == status
