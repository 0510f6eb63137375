"""Runs over HTTP: started once, looked at, listed, reported, ended."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from panelsim.api.context import ApiOptions
from panelsim.api.server import keep_replies_few
from panelsim.errors import StoreAway
from panelsim.service.starting import Starter
from panelsim.store.replies import Replies
from tests.api.conftest import TEST, Service


def test_a_message_test_from_its_request_to_its_report(service: Service) -> None:
    headers = service.key()
    wanted = TEST | {"title": "Spring", "metadata": {"campaign": "7"}}
    made = service.client.post("/v1/message-tests", json=wanted, headers=headers)
    assert made.status_code == 202
    run = made.json()
    assert (run["state"], run["has_ended"], run["title"]) == ("queued", False, "Spring")
    assert run["metadata"] == {"campaign": "7"}
    assert made.headers["location"] == f"/v1/runs/{run['id']}"
    early = service.client.get(f"/v1/runs/{run['id']}/report", headers=headers)
    assert (early.status_code, early.json()["code"], early.headers["retry-after"]) == (
        409,
        "run_not_ended",
        "2",
    )
    service.drive(run["id"])
    ended = service.client.get(f"/v1/runs/{run['id']}", headers=headers).json()
    assert (ended["state"], ended["has_ended"]) == ("done", True)
    assert ended["counts"]["done"] == ended["counts"]["sessions"] > 0
    summary = service.client.get(f"/v1/runs/{run['id']}/summary", headers=headers).json()
    report = service.client.get(f"/v1/runs/{run['id']}/report", headers=headers).json()
    answer = next(section for section in report["measured"] if section["kind"] == "answer")
    assert summary["verdict"] == answer["word"]
    assert all(not isinstance(value, dict | list) for value in summary.values())
    assert summary["suggested_rewrite"] == ""  # none was made, so none is invented


FORMS = {
    "json": ("application/json", '"schema"'),
    "html": ("text/html; charset=utf-8", "<!doctype html>"),
    "md": ("text/markdown; charset=utf-8", "# "),
    "csv": ("text/csv; charset=utf-8", "respondent"),
    "transcripts": ("application/jsonl", '"respondent"'),
    "text": ("text/plain; charset=utf-8", "simulated, not people."),
}
"""The media type of each form of a report, and what it holds in small letters."""


def test_a_report_in_each_format_with_a_tag_that_saves_sending_it_again(service: Service) -> None:
    headers = service.key()
    run = service.client.post("/v1/message-tests", json=TEST, headers=headers).json()["id"]
    service.drive(run)
    for form, (media, holds) in FORMS.items():
        path = f"/v1/runs/{run}/report?format={form}"
        sent = service.client.get(path, headers=headers)
        assert sent.headers["content-type"] == media
        assert holds in sent.text.lower()
        again = service.client.get(path, headers=headers | {"If-None-Match": sent.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        other = service.client.get(path, headers=headers | {"If-None-Match": '"another"'})
        assert other.content == sent.content


def test_runs_are_listed_newest_first_page_by_page_and_each_once(service: Service) -> None:
    headers = service.key()
    made = [
        service.client.post("/v1/message-tests", json=TEST, headers=headers).json()["id"] for _ in range(7)
    ]
    seen: list[str] = []
    cursor = ""
    while True:
        page = service.client.get(f"/v1/runs?limit=3&cursor={cursor}", headers=headers).json()
        seen += [one["id"] for one in page["data"]]
        assert len(page["data"]) == (3 if page["has_more"] else 1)
        if not page["has_more"]:
            break
        cursor = page["next_cursor"]
    assert sorted(seen) == sorted(made)
    assert len(set(seen)) == 7
    assert page["next_cursor"] is None
    wrong = service.client.get("/v1/runs?cursor=nonsense", headers=headers)
    assert (wrong.status_code, wrong.json()["param"]) == (422, "query.cursor")


def test_the_same_key_and_body_start_one_run_whoever_repeats_them(service: Service) -> None:
    headers = service.key() | {"Idempotency-Key": "k-1"}
    first = service.client.post("/v1/message-tests", json=TEST, headers=headers)
    again = service.client.post("/v1/message-tests", json=TEST, headers=headers)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    other = service.client.post("/v1/message-tests", json=TEST | {"n": 5}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    elsewhere = service.client.post("/v1/interviews", json={"questions": ["Why?"]}, headers=headers)
    assert elsewhere.json()["code"] == "idempotency_key_reused"
    # another account's key of the same name is another key
    theirs = service.client.post(
        "/v1/message-tests", json=TEST, headers=service.key() | {"Idempotency-Key": "k-1"}
    )
    assert theirs.json()["id"] != first.json()["id"]


def test_fifty_duplicates_at_once_make_one_run(service: Service) -> None:
    headers = service.key() | {"Idempotency-Key": "k-50"}
    gate = threading.Barrier(50)

    def send(_: int) -> tuple[int, str]:
        gate.wait(20)
        sent = service.client.post("/v1/message-tests", json=TEST, headers=headers)
        return sent.status_code, sent.json().get("id", "")

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(send, range(50)))
    assert len(set(answers)) == 1
    assert answers[0][0] == 202
    listed = service.client.get("/v1/runs", headers=headers).json()["data"]
    assert [one["id"] for one in listed] == [answers[0][1]]


async def test_answers_are_kept_for_seven_days_and_no_longer(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = service.api.workspace.store
    store.begin_reply("a", "old", "print", "r1")
    store.end_reply("a", "old", 202, "{}")
    whole = Replies.sweep_replies

    async def swept_after(days: float) -> bool:
        now = time.time() + days * 86_400
        is_swept = threading.Event()

        def sweep(replies: Replies, older_than_s: float) -> int:
            found = whole(replies, older_than_s)
            is_swept.set()
            return found

        with monkeypatch.context() as patch:
            patch.setattr("panelsim.store.replies.time.time", lambda: now)
            patch.setattr(Replies, "sweep_replies", sweep)
            sweeper = asyncio.create_task(keep_replies_few(store))
            assert await asyncio.to_thread(is_swept.wait, 20)
            sweeper.cancel()
        return store.reply("a", "old") is None

    assert not await swept_after(6.9)
    assert await swept_after(7.1)


def test_a_refused_request_leaves_its_key_free(service: Service) -> None:
    headers = service.key() | {"Idempotency-Key": "k-2"}
    wrong = service.client.post("/v1/message-tests", json=TEST | {"panel": "none-such"}, headers=headers)
    assert wrong.status_code == 422
    right = service.client.post("/v1/message-tests", json=TEST, headers=headers)
    assert right.status_code == 202


def test_a_request_that_a_crash_cut_short_is_finished_by_the_next_with_its_key(
    service: Service, monkeypatch: pytest.MonkeyPatch, make_service: Callable[[ApiOptions], Service]
) -> None:
    headers = service.key() | {"Idempotency-Key": "k-3"}
    whole = Starter.start

    def cut_short(*arguments: object) -> None:
        whole(*arguments)  # type: ignore[arg-type]
        raise StoreAway("the store is away")

    monkeypatch.setattr(Starter, "start", cut_short)
    failed = service.client.post("/v1/message-tests", json=TEST, headers=headers)
    assert (failed.status_code, failed.json()["code"], failed.json()["retryable"]) == (
        503,
        "store_away",
        True,
    )
    monkeypatch.setattr(Starter, "start", whole)
    after = make_service(ApiOptions())  # a server that was started again
    again = after.client.post("/v1/message-tests", json=TEST, headers=headers)
    assert again.status_code == 202
    listed = after.client.get("/v1/runs", headers=headers).json()["data"]
    assert [one["id"] for one in listed] == [again.json()["id"]]


def test_a_run_is_cancelled_and_resumed(service: Service) -> None:
    headers = service.key()
    run = service.client.post("/v1/message-tests", json=TEST, headers=headers).json()["id"]
    cancelled = service.client.post(f"/v1/runs/{run}/cancel", headers=headers)
    assert cancelled.json()["state"] == "cancelled"
    twice = service.client.post(f"/v1/runs/{run}/cancel", headers=headers)
    assert (twice.status_code, twice.json()["code"]) == (409, "run_ended")
    resumed = service.client.post(f"/v1/runs/{run}/resume", headers=headers)
    assert (resumed.status_code, resumed.json()["has_ended"]) == (202, False)
    service.drive(run)
    done = service.client.post(f"/v1/runs/{run}/resume", headers=headers)
    assert (done.status_code, done.json()["code"]) == (409, "run_ended")


def test_a_committee_and_an_interview_are_started_and_summed_up(service: Service) -> None:
    headers = service.key()
    bodies = {
        "/v1/committees": {"proposals": ["Replace the CRM by May"], "model": "scripted/sensible"},
        "/v1/interviews": {"questions": ["What went wrong last?"], "n": 2, "model": "scripted/sensible"},
    }
    for path, body in bodies.items():
        made = service.client.post(path, json=body, headers=headers)
        assert made.status_code == 202, made.text
        service.drive(made.json()["id"])
        summary = service.client.get(f"/v1/runs/{made.json()['id']}/summary", headers=headers).json()
        assert summary["kind"] == made.json()["kind"]
    no_table = service.client.get(f"/v1/runs/{made.json()['id']}/report?format=csv", headers=headers)
    assert (no_table.status_code, no_table.json()["code"]) == (406, "not_acceptable")


def test_an_estimate_is_what_the_command_line_says_and_keeps_nothing(service: Service) -> None:
    headers = service.key()
    found = service.client.post(
        "/v1/estimates", json=TEST | {"kind": "message_test", "model": "openai/gpt-4o-mini"}, headers=headers
    )
    assert found.status_code == 422  # no key of the provider on this server
    found = service.client.post("/v1/estimates", json=TEST | {"kind": "message_test"}, headers=headers)
    assert found.json()["likely"]["calls"] > 50
    assert found.json()["fits_cap"] is True
    assert service.client.get("/v1/runs", headers=headers).json()["data"] == []
