"""Studies on an account's own panel, from its profiles to the report."""

from tests.api.conftest import TEST, Service
from tests.api.own_profiles import ALL, FLEET, MANAGER, changed


def test_a_study_on_an_own_panel_runs_to_its_report_and_keeps_what_it_was_made_with(service: Service) -> None:
    headers = service.key()
    for path, fields in ALL:
        assert service.client.post(f"/v1/{path}", json=fields, headers=headers).status_code == 201
    wanted = TEST | {"panel": "fleet"}
    estimate = service.client.post("/v1/estimates", json=wanted | {"kind": "message_test"}, headers=headers)
    assert estimate.status_code == 200
    begun = service.client.post("/v1/message-tests", json=wanted, headers=headers)
    assert begun.status_code == 202
    run_id = begun.json()["id"]
    service.client.put("/v1/icps/fleet-operators", json=changed(FLEET, title="Changed"), headers=headers)
    service.drive(run_id)
    report = service.client.get(f"/v1/runs/{run_id}/report", headers=headers)
    assert report.status_code == 200
    run = service.api.workspace.store.run(run_id)
    assert {one.persona for one in run.panel.respondents} == {"fleet-manager", "shopkeeper"}
    (icp,) = run.sources.icps
    assert icp.parent == "fleet-operators"
    sizes = [one.company.headcount for one in run.panel.respondents if one.arm == "target"]
    assert all(50 <= size <= 500 for size in sizes)  # the micro-ICP takes its parent's range
    for path, fields in reversed(ALL):
        service.client.delete(f"/v1/{path}/{fields['id']}", headers=headers)
    assert service.client.get(f"/v1/runs/{run_id}/report", headers=headers).text == report.text


def test_an_own_persona_is_asked_alone_and_in_place_of_a_shipped_one(service: Service) -> None:
    headers = service.key()
    service.client.post("/v1/icps", json=FLEET, headers=headers)
    mine = changed(MANAGER, id="vp-sales", icps=["fleet-operators", "b2b-saas"], title="My own VP")
    assert service.client.post("/v1/personas", json=mine, headers=headers).status_code == 201
    titles = set()
    for panel in ("persona:vp-sales", "sales-trio"):
        begun = service.client.post("/v1/message-tests", json=TEST | {"panel": panel}, headers=headers)
        assert begun.status_code == 202, begun.text
        run = service.api.workspace.store.run(begun.json()["id"])
        titles |= {one.title for one in run.panel.respondents if one.persona == "vp-sales"}
        assert not any("vp-sales" in note.personas for note in run.sources.notes)
    assert titles == {"My own VP"}
    other = service.client.post("/v1/message-tests", json=TEST, headers=service.key("stranger"))
    run = service.api.workspace.store.run(other.json()["id"])
    assert "My own VP" not in {one.title for one in run.panel.respondents}
