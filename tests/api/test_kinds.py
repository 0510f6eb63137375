"""Every kind of study over HTTP, from its request to its summary and its report."""

from typing import Any

import pytest

from panelsim.api.routes.studies import KINDS, Kind
from tests.api.conftest import Service

BODIES: dict[str, dict[str, Any]] = {
    "message_test": {"variants": ["Forecast within 5%", "Sell more"], "n": 3},
    "interview": {"questions": ["What went wrong last?"], "n": 2},
    "committee": {"proposals": ["Replace the CRM by May"]},
    "discussion": {"text": "Forecasts your CFO believes", "groups": 1, "size": 3, "rounds": 1},
    "hypothesis": {"wordings": ["Cost or speed first?"], "a": "Cost", "b": "Speed", "n": 4},
    "survey": {
        "questions": [
            {"id": "q1", "type": "single", "text": "Which matters more?", "options": ["Cost", "Speed"]},
            {"id": "q2", "type": "open", "text": "Why?"},
        ],
        "n": 4,
    },
    "concept_test": {
        "concepts": [{"id": "g", "name": "Guard", "text": "Marks deals that will slip."}],
        "n": 3,
    },
}


def test_there_is_a_request_for_each_kind_that_can_be_started() -> None:
    assert {kind.wanted.model_fields["kind"].default for kind in KINDS} == BODIES.keys()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_study_from_its_request_to_its_report(service: Service, kind: Kind) -> None:
    name = kind.wanted.model_fields["kind"].default
    headers = service.key()
    body = BODIES[name] | {"model": "scripted/sensible"}
    estimate = service.client.post("/v1/estimates", json=body | {"kind": name}, headers=headers)
    assert estimate.json()["likely"]["calls"] > 0, estimate.text
    made = service.client.post(kind.path, json=body, headers=headers)
    assert made.status_code == 202, made.text
    run = made.json()
    assert run["kind"] == name
    service.drive(run["id"])
    summary = service.client.get(f"/v1/runs/{run['id']}/summary", headers=headers).json()
    assert (summary["kind"], summary["state"], summary["simulated"]) == (name, "done", True)
    assert all(not isinstance(value, dict | list) for value in summary.values())
    if name != "interview":
        assert summary["sentence"], summary
    if name in ("message_test", "committee", "hypothesis", "concept_test", "discussion"):
        assert summary["verdict"]
    page = service.client.get(f"/v1/runs/{run['id']}/report?format=html", headers=headers)
    assert page.status_code == 200
    assert "No person was asked" in page.text
