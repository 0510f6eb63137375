"""One more question to respondents of a run: who is asked, what they know, what is kept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from panelsim.api.app import create_app
from panelsim.model.call import ChatCall
from panelsim.providers.prices import PICO
from panelsim.store.records import asks_of
from tests.api.conftest import HEADLINES, TEST, Service
from tests.app.commands import panelsim
from tests.wire.stored import change

WHY = "What would make you say no?"


@pytest.fixture
def asking(service: Service) -> Iterator[Service]:
    """A service whose lines stay open from one request to the next."""
    with service.client:
        yield service


def ended(service: Service, headers: dict[str, str], **more: object) -> str:
    made = service.client.post("/v1/message-tests", json=TEST | more, headers=headers).json()["id"]
    service.drive(made)
    return str(made)


def call_behind(service: Service, key: str) -> ChatCall:
    call = service.api.workspace.store.call_of(key)
    assert isinstance(call, ChatCall)
    return call


def test_respondents_know_what_they_were_shown_and_what_they_said(asking: Service) -> None:
    headers = asking.key()
    run = ended(asking, headers)
    path = f"/v1/runs/{run}/ask"
    asked = asking.client.post(path, json={"question": WHY, "respondents": 2}, headers=headers).json()
    assert (asked["simulated"], asked["missing"], asked["matched"], len(asked["answers"])) == (True, 0, 4, 2)
    transcripts = asking.client.get(f"/v1/runs/{run}/report?format=transcripts", headers=headers).text
    for one in asked["answers"]:
        assert one["answer"]
        told = call_behind(asking, one["call_keys"][-1]).messages[-1].content
        assert f"Buyer: {one['title']} at a" in told
        assert all(f'You were shown: "{headline}"' in told for headline in HEADLINES)
        (said,) = [line for line in told.splitlines() if line.startswith("  You said:")][:1]
        assert said.partition('"')[2].partition('" "')[0].rstrip('"') in transcripts
        assert told.endswith(WHY)
    (kept,) = asking.client.get(f"/v1/runs/{run}/asks", headers=headers).json()["data"]
    assert kept == asked


def test_an_interview_is_carried_on(asking: Service) -> None:
    headers = asking.key()
    wanted = {"questions": ["What went wrong?"], "n": 1, "model": "scripted/sensible"}
    run = asking.client.post("/v1/interviews", json=wanted, headers=headers).json()["id"]
    asking.drive(run)
    asked = asking.client.post(f"/v1/runs/{run}/ask", json={"question": WHY}, headers=headers).json()
    (one,) = asked["answers"]
    messages = call_behind(asking, one["call_keys"][0]).messages
    assert messages[-3].content.endswith("What went wrong?")
    assert (messages[-2].role, messages[-1].content) == ("assistant", WHY)


MEANT = {
    "panel": ["vp-sales-01", "sales-ops-01", "sdr-manager-01", "vp-sales-02"],
    "vp-sales": ["vp-sales-01", "vp-sales-02"],
    "persona:sales-ops": ["sales-ops-01"],
    "vp-sales-02": ["vp-sales-02"],
}


def test_who_is_meant_is_who_is_asked(asking: Service) -> None:
    headers = asking.key()
    path = f"/v1/runs/{ended(asking, headers)}/ask"
    for to, found in MEANT.items():
        asked = asking.client.post(path, json={"question": WHY, "to": to}, headers=headers)
        assert [one["respondent"] for one in asked.json()["answers"]] == found


def test_nobody_a_run_under_way_and_a_run_of_another_account_are_refused(asking: Service) -> None:
    headers = asking.key()
    run = ended(asking, headers)
    path = f"/v1/runs/{run}/ask"
    nobody = asking.client.post(path, json={"question": WHY, "to": "nobody"}, headers=headers)
    assert (nobody.status_code, nobody.json()["code"]) == (422, "invalid_request")
    assert "its personas are" in nobody.json()["detail"]
    assert "its roles sponsor, user" in nobody.json()["detail"]
    many = asking.client.post(path, json={"question": WHY, "respondents": 51}, headers=headers)
    assert (many.status_code, many.json()["param"]) == (422, "body.respondents")
    queued = asking.client.post("/v1/message-tests", json=TEST, headers=headers).json()["id"]
    early = asking.client.post(f"/v1/runs/{queued}/ask", json={"question": WHY}, headers=headers)
    assert early.json()["code"] == "run_not_ended"
    other = asking.key("other")
    for response in (
        asking.client.post(path, json={"question": WHY}, headers=other),
        asking.client.get(f"/v1/runs/{run}/asks", headers=other),
    ):
        assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_a_repeat_with_its_key_asks_nobody_again(asking: Service) -> None:
    headers = asking.key() | {"Idempotency-Key": "k"}
    run = ended(asking, asking.key("x", account=_account(asking)))
    first = asking.client.post(f"/v1/runs/{run}/ask", json={"question": WHY}, headers=headers)
    again = asking.client.post(f"/v1/runs/{run}/ask", json={"question": WHY}, headers=headers)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert len(asking.client.get(f"/v1/runs/{run}/asks", headers=headers).json()["data"]) == 1


def _account(service: Service) -> str:
    return service.api.workspace.store.api_keys()[-1].account


def test_answers_beyond_the_cap_are_missing_with_the_reason_and_the_others_are_kept(service: Service) -> None:
    workspace = service.api.workspace
    headers = service.key()
    run = ended(service, headers)
    settings = workspace.settings.model_copy(update={"prices": "scripted/sensible=10,10", "at_once": 1})
    api = replace(service.api, workspace=replace(workspace, settings=settings))
    with type(service.client)(create_app(api)) as client:
        body = {"question": WHY, "max_cost_usd": 0.00001}
        refused = client.post(f"/v1/runs/{run}/ask", json=body, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (402, "spend_cap_reached")
        # about 3,000 bytes are sent to each: a call may cost three cents, and costs less than one
        body = {"question": WHY, "max_cost_usd": 0.042}
        asked = client.post(f"/v1/runs/{run}/ask", json=body, headers=headers).json()
    assert 0 < asked["missing"] < len(asked["answers"])
    last = asked["answers"][-1]
    assert (last["answer"], last["missing"]) == (None, "failed")
    assert "so it was not sent" in last["reason"]
    assert 0 < asked["cost_usd"] <= 0.042
    store = workspace.store
    assert sum(one.pico for one in store.spending() if one.run_id == asked["id"]) / PICO == asked["cost_usd"]
    assert store.spent(run).pico == 0  # the run's own cap is not touched


def test_what_was_asked_stays_as_long_as_its_run_and_goes_with_it(asking: Service) -> None:
    headers = asking.key()
    run = ended(asking, headers)
    asked = asking.client.post(f"/v1/runs/{run}/ask", json={"question": WHY}, headers=headers).json()
    store, account = asking.api.workspace.store, _account(asking)
    key = asked["answers"][0]["call_keys"][0]
    change(store, "UPDATE blocks SET made_at = 0")
    store.sweep(timedelta(days=1))
    assert store.get_many((key,))
    change(store, "UPDATE runs SET finished_at = '2000-01-01T00:00:00+00:00'")
    store.sweep(timedelta(days=1))
    assert not store.get_many((key,))
    assert store.documents(account, asks_of(run), 1) == ()


def test_the_command_asks_the_same_and_keeps_it_with_the_run() -> None:
    panelsim("test", *HEADLINES, "--model", "scripted/sensible", "--n", "4", "--json")
    told = panelsim("ask", "last", WHY, "--to", "vp-sales", "--json").json
    assert (told["simulated"], told["missing"], told["matched"]) == (True, 0, 2)
    shown = panelsim("ask", "last", WHY, "--to", "vp-sales")
    assert shown.code == 0
    assert shown.out.startswith("Simulated, not people. 2 of 2 respondents of run")
    assert "0 calls made ($0.0000)" in shown.err  # the answers were known
    assert panelsim("ask", "last", WHY, "--to", "nobody").code == 2
