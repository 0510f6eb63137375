"""The client against real processes: `panelsim serve` with its worker, and a server that is at fault."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from panelsim.client import ApiError, AsyncClient, Client, ConnectionFailed, RunView, SpendCapReached
from tests.api.conftest import HEADLINES, MODEL, Served
from tests.api.faulty import Faulty, faulty


@pytest.fixture
def at_fault() -> Iterator[Faulty]:
    with faulty() as state:
        yield state


def test_a_test_from_start_to_report(served: Served) -> None:
    seen: list[RunView] = []
    with Client(served.key, served.url) as client:
        estimate = client.estimates.create(
            {"kind": "message_test", "variants": HEADLINES, "model": MODEL, "n": 4}
        )
        assert estimate.fits_cap
        run = client.message_tests.create(
            variants=HEADLINES, model=MODEL, n=4, metadata={"campaign": "x"}, idempotency_key="one"
        )
        again = client.message_tests.create(
            variants=HEADLINES, model=MODEL, n=4, metadata={"campaign": "x"}, idempotency_key="one"
        )
        assert again.id == run.id
        ended = client.runs.wait(run, 60, on_progress=seen.append)
        assert (ended.state, ended.metadata) == ("done", {"campaign": "x"})
        assert seen[-1] == ended
        events = list(client.runs.events(run))
        assert events[-1].name == "run.ended"
        assert events[-1].data["state"] == "done"
        assert list(client.runs.events(run, after=events[-1].id)) == []
        assert client.runs.summary(run).verdict in {"clear_lead", "lean", "no_difference", "cannot_say"}
        report = client.runs.report(run)
        assert isinstance(report.json, dict)
        assert client.runs.report(run, etag=report.etag).is_unchanged
        assert client.runs.report(run, "md").text.startswith("> **Simulated, not people.**")
        with pytest.raises(ApiError) as refused:
            client.runs.cancel(run)
        assert (refused.value.code, refused.value.retryable) == ("run_ended", False)
        assert refused.value.request_id.startswith("req_")


async def test_the_same_on_an_event_loop(served: Served) -> None:
    told: list[str] = []

    async def tell(run: RunView) -> None:
        await asyncio.sleep(0)
        told.append(run.state)

    async with AsyncClient(served.key, served.url) as client:
        runs = await asyncio.gather(
            *(client.message_tests.create(variants=HEADLINES, model=MODEL, n=4, seed=seed) for seed in (1, 2))
        )
        ended = await asyncio.gather(*(client.runs.wait(run, 60, on_progress=tell) for run in runs))
        assert {run.state for run in ended} == {"done"}
        assert told.count("done") == 2
        found = [run.id async for run in client.runs.list(limit=1)]
        assert {run.id for run in runs} <= set(found)
        assert len(found) == len(set(found))
        names = [event.name async for event in client.runs.events(runs[0])]
        assert names[-1] == "run.ended"
        with pytest.raises(ApiError) as refused:
            await client.runs.get("nobody's")
        assert (refused.value.code, refused.value.status) == ("not_found", 404)


def test_fields_that_are_wrong_are_named(served: Served) -> None:
    with Client(served.key, served.url) as client, pytest.raises(ApiError) as refused:
        client.message_tests.create(variants=["only one"], n=1)
    assert {one.param for one in refused.value.errors} == {"body.variants", "body.n"}


ICP = """
id: fleet-operators
title: Fleet operators in Germany
firmographics:
  industries: [Logistics]
  headcount: {min: 50, max: 500, unit: employees}
  countries: [DE]
"""
ROWS = "account,size,country\nNordwind,180,DE\nLemaire,6,FR\n"


def test_profiles_and_tables_go_as_values_or_as_files(served: Served) -> None:
    with Client(served.key, served.url) as client:
        made = client.icps.create(ICP)
        assert (made.id, made.version, made.source) == ("fleet-operators", 1, "own")
        assert made.profile is not None
        assert made.profile.title == "Fleet operators in Germany"
        assert isinstance(made.given, dict)
        changed = client.icps.put(made, {**made.given, "title": "Hauliers"})
        assert changed.version == 2
        assert [one.version for one in client.icps.versions(made)] == [2, 1]
        assert client.icps.get(made, version=1).title == made.title
        assert client.icps.lint_body(ICP).errors == 0
        assert client.icps.lint(made).warnings == client.icps.lint_body(ICP).warnings
        mapped = ["size=headcount"]
        by_text = client.icps.match_accounts(made, ROWS, map=mapped)
        rows = [
            {"account": "Nordwind", "size": 180, "country": "DE"},
            {"account": "Lemaire", "size": 6, "country": "FR"},
        ]
        assert client.icps.match_accounts(made, rows, map=mapped).verdicts == by_text.verdicts
        assert by_text.accounts == 2
        assert "fleet-operators" in {one.id for one in client.icps.list(source="own", limit=1)}
        client.icps.delete(made)
        with pytest.raises(ApiError, match="not_found"):
            client.icps.get(made)
        assert client.usage.get(by="run").month.spent_usd >= 0
        assert "scripted" in " ".join(one.name for one in client.models.list())
        assert {"relevance", "clarity"} <= {one.id for one in client.measures.list()}


def test_webhooks_are_made_listed_and_ended(served: Served) -> None:
    with Client(served.key, served.url) as client:
        made = client.webhooks.create(url="http://127.0.0.1:8444/hook")
        assert made.secret.startswith("whsec_")
        assert client.webhooks.get(made).url == made.url
        assert [one.id for one in client.webhooks.list()] == [made.id]
        assert client.webhooks.rotate(made).secret != made.secret
        client.webhooks.delete(made)
        assert list(client.webhooks.list()) == []


def test_a_wrong_key_and_a_spent_cap_are_errors_of_their_own(served: Served) -> None:
    with Client("psk_wrong", served.url) as client, pytest.raises(ApiError, match="unauthorized"):
        client.runs.get("x")
    with Client(served.key_without_money, served.url) as client, pytest.raises(SpendCapReached):
        client.message_tests.create(variants=HEADLINES, model=MODEL, n=4, max_cost_usd=1)


PROBLEM = {"code": "store_away", "detail": "away", "retryable": True}
HEALTH = {"status": "ok", "version": "1"}


def test_a_connection_that_breaks_off_is_tried_again_with_the_same_key(at_fault: Faulty) -> None:
    at_fault.add(0)
    at_fault.add(503, PROBLEM, Retry_After="0")
    at_fault.add(429, PROBLEM, Retry_After="0")
    at_fault.add(200, _run())
    with Client("psk_x", at_fault.url) as client:
        assert client.runs.resume("r").id == "r"
    assert len({asked.headers["idempotency-key"] for asked in at_fault.asked}) == 1
    assert len(at_fault.asked) == 4


async def test_the_other_client_does_the_same(at_fault: Faulty) -> None:
    at_fault.add(0)
    at_fault.add(503, PROBLEM, Retry_After="0")
    at_fault.add(200, HEALTH)
    async with AsyncClient("psk_x", at_fault.url) as client:
        assert (await client.service.health()).version == "1"
    assert len(at_fault.asked) == 3


def test_attempts_end(at_fault: Faulty) -> None:
    at_fault.add(503, PROBLEM, Retry_After="0")
    with Client("psk_x", at_fault.url, retries=2) as client, pytest.raises(ApiError, match="store_away"):
        client.service.health()
    assert len(at_fault.asked) == 3


def test_nobody_there_is_a_failed_connection(unused_tcp_port_url: str) -> None:
    with Client("psk_x", unused_tcp_port_url, retries=0) as client, pytest.raises(ConnectionFailed):
        client.service.health()


def test_a_stream_of_events_may_break_off_anywhere(at_fault: Faulty) -> None:
    first = b'id: 1\nevent: run.state\ndata: {"state": "running"}\n\nid: 2\nevent: run.prog'
    last = b'id: 2\nevent: run.ended\ndata: {"state": "done"}\n\n'
    kind = {"Content-Type": "text/event-stream"}
    at_fault.answers += [(200, kind, first), (200, {"Content-Type": "application/json"}, _bytes(_run()))]
    at_fault.answers += [(200, kind, last)]
    with Client("psk_x", at_fault.url) as client:
        assert [event.name for event in client.runs.events("r")] == ["run.state", "run.ended"]
    assert at_fault.asked[-1].headers["last-event-id"] == "1"


@pytest.fixture
def unused_tcp_port_url() -> str:
    with faulty() as state:
        return state.url  # nobody listens there afterwards


def _bytes(value: object) -> bytes:
    import json

    return json.dumps(value).encode()


def _run() -> dict[str, object]:
    names = ("sessions", "running", "done", "failed", "calls", "answered", "missing")
    return {
        "id": "r", "kind": "message_test", "title": "", "state": "running", "panel": "p", "respondents": 4,
        "has_ended": False, "model": "m", "counts": dict.fromkeys(names, 0), "cost_usd": 0,
        "max_cost_usd": None, "seconds_left": None, "created_at": "2026-11-28T10:00:00Z", "finished_at": None,
        "metadata": {}, "links": dict.fromkeys(("self", "events", "summary", "report"), "/"),
    }  # fmt: skip


def test_no_file_of_a_key_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: Served) -> None:
    monkeypatch.setenv("PANELSIM_API_KEY", served.key)
    monkeypatch.setenv("PANELSIM_API_URL", served.url)
    monkeypatch.chdir(tmp_path)
    with Client() as client:
        assert client.service.readiness().store == "reached"
