"""Calibrations over HTTP: made from past tests, used in a message test, refused where they do not fit."""

import os
import pickle
import time
from pathlib import Path

import pytest

from panelsim.api.app import create_app
from panelsim.errors import FieldFault, InputError, PanelsimError, WrongFields
from panelsim.files.calibrations import parse_calibration
from panelsim.files.results import read_results
from panelsim.service import calibrations
from panelsim.service.calibrations import MOST_ROWS, build_text
from panelsim.service.child import Busy, run_apart
from panelsim.service.typed import pairs_in
from tests.api.conftest import TEST, Service
from tests.past_results import as_csv, past_tests

PATH = "/v1/calibrations?vectors=false"
ROWS = as_csv(past_tests(60))
CSV = {"Content-Type": "text/csv"}


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Calibrations are computed in this process; a line for each."""
    computed: list[str] = []

    def run_here(work: object, *arguments: object) -> object:
        computed.append("one")
        return work(*arguments)  # type: ignore[operator]

    monkeypatch.setattr(calibrations, "run_apart", run_here)
    return computed


def test_past_tests_become_a_calibration_that_a_message_test_uses(
    service: Service, here: list[str], tmp_path: Path
) -> None:
    headers = service.key()
    made = service.client.post(f"{PATH}&name=spring", content=ROWS, headers=headers | CSV)
    assert made.status_code == 201, made.text
    told = made.json()
    file = tmp_path / "past.csv"
    file.write_text(ROWS)
    direct = parse_calibration(build_text(read_results(file), False, 7, service.api.workspace.settings))
    assert told["evaluation"] == direct.evaluation.model_dump(mode="json")
    assert told["data"]["tests"] == 60
    assert (told["name"], told["channel"], told["uses_panel"]) == ("spring", "headline", False)
    found = service.client.get(made.headers["location"], headers=headers).json()
    assert found == told
    heads = service.client.get("/v1/calibrations", headers=headers).json()["data"]
    assert [one["calibration_id"] for one in heads] == [told["calibration_id"]]
    page = service.client.get(f"{made.headers['location']}?format=md", headers=headers)
    assert page.text.startswith("# Calibration")

    wanted = TEST | {"calibration": told["calibration_id"], "channel": "headline"}
    begun = service.client.post("/v1/message-tests", json=wanted, headers=headers)
    assert begun.status_code == 202, begun.text
    service.drive(begun.json()["id"])
    summary = service.client.get(f"/v1/runs/{begun.json()['id']}/summary", headers=headers).json()
    assert summary["calibrated"] == "yes"

    elsewhere = service.client.post("/v1/message-tests", json=wanted | {"channel": "email"}, headers=headers)
    assert elsewhere.status_code == 422
    assert "channel" in elsewhere.json()["detail"]
    foreign = service.client.post("/v1/message-tests", json=wanted, headers=service.key("stranger"))
    assert (foreign.status_code, foreign.json()["param"]) == (422, "body.calibration")
    estimate = wanted | {"kind": "message_test", "calibration": "cal-none"}
    assert service.client.post("/v1/estimates", json=estimate, headers=headers).status_code == 422

    again = service.client.post(f"{PATH}&name=spring", content=ROWS, headers=headers | CSV)
    assert (again.status_code, again.json(), len(here)) == (200, told, 1)

    stranger = service.key("stranger")
    at = made.headers["location"]
    assert service.client.get(at, headers=stranger).status_code == 404
    assert service.client.delete(at, headers=stranger).status_code == 404
    assert service.client.get("/v1/calibrations", headers=stranger).json()["data"] == []
    text = service.client.get(f"{at}?format=file", headers=headers).text
    brought = service.client.post(
        "/v1/calibrations/import", content=text, headers=stranger | {"Content-Type": "application/json"}
    )
    assert brought.status_code == 201
    assert brought.json()["key"] == told["key"]
    forged = text.replace('"seed": 7', '"seed": 8')
    refused = service.client.post(
        "/v1/calibrations/import", content=forged, headers=headers | {"Content-Type": "application/json"}
    )
    assert refused.status_code == 422
    assert "changed after it was made" in refused.json()["detail"]
    assert service.client.delete(at, headers=headers).status_code == 204
    assert service.client.get(at, headers=headers).status_code == 404
    assert service.client.get(f"/v1/runs/{begun.json()['id']}/report", headers=headers).status_code == 200


HEAD = "test,text,impressions,clicks,channel\n"
BAD: dict[str, tuple[str, str, str]] = {
    "a word for a number": (f"{HEAD}t,a,many,1,x\n", "", "row 2, column 'impressions'"),
    "more clicks than impressions": (f"{HEAD}t,a,5,9,x\n", "", "no more than the impressions"),
    "a formula": (f"{HEAD}t,=a,5,1,x\n", "", "row 2, column 'text'"),
    "no column": ("test,text,clicks\nt,a,1\n", "", "map COLUMN=impressions"),
    "no channel": ("test,text,impressions,clicks\nt,a,5,1\n", "", "with channel"),
    "too few tests": (as_csv(past_tests(3)), "", "20"),
    "no other text": (f"{HEAD}t,a,5,1,x\n", "", "two different texts"),
    "a map that is none": (ROWS, "&map=x", "map x: expected two sides"),
    "a vector model that is not there": (ROWS, "&vectors=true", "vectors=false"),
    "too many rows": (HEAD + "t,a,5,1,x\n" * (MOST_ROWS + 1), "", "expected at most 10,000"),
}


def test_bad_past_results_are_one_problem_and_nothing_is_computed(service: Service, here: list[str]) -> None:
    headers = service.key() | CSV
    for name, (rows, query, said) in BAD.items():
        path = PATH if "vectors" not in query else "/v1/calibrations?"
        refused = service.client.post(f"{path}{query}", content=rows, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request"), name
        assert said in refused.json()["detail"], name
        assert "--" not in refused.json()["detail"]
    assert not here


def test_a_busy_server_says_when_to_come_back(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_arguments: object) -> str:
        raise Busy("other work of this kind is under way")

    monkeypatch.setattr(calibrations, "run_apart", busy)
    refused = service.client.post(PATH, content=ROWS, headers=service.key() | CSV)
    assert (refused.status_code, refused.json()["code"]) == (503, "busy")
    assert refused.json()["retryable"]
    assert refused.headers["retry-after"]
    assert create_app(service.api).openapi()["paths"]["/v1/calibrations"]["post"]["responses"]["503"]


def test_work_apart_tells_its_error_and_is_ended_if_it_dies_or_takes_too_long() -> None:
    with pytest.raises(InputError, match="expected two sides"):
        run_apart(pairs_in, ["x"], "--map", "a=b")
    with pytest.raises(PanelsimError, match="exit code 3"):
        run_apart(os._exit, 3)
    with pytest.raises(InputError, match="ended after 0 s"):
        run_apart(time.sleep, 30, seconds=0.05)
    error = WrongFields("no row is good", [FieldFault("row 2", "found nothing")])
    assert pickle.loads(pickle.dumps(error)).faults == error.faults
