"""What both clients do, driven by hand: no network and no waiting."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, TypeVar

import pytest
from standardwebhooks import Webhook

from panelsim.client import (
    ApiError,
    ConnectionFailed,
    RateLimited,
    UnexpectedAnswer,
    WaitedTooLong,
    WebhookRefused,
    verify_webhook,
)
from panelsim.client.answers import Health, RunView
from panelsim.client.calls import get, page, post, stream
from panelsim.client.config import configured
from panelsim.client.flows import (
    Clock,
    Close,
    Emit,
    Next,
    Open,
    Pause,
    Retries,
    Send,
    Told,
    asked,
    paged,
    retry_after,
)
from panelsim.client.following import followed, waited
from panelsim.client.wire import Broken, Call, Reply

T = TypeVar("T")
RETRIES = Retries(most=3, first_s=1.0)
OK = Reply(200, {"content-type": "application/json"}, b'{"status": "ok", "version": "1", "new": [1]}')
LOST = Broken("ReadTimeout", was_sent=True)
REFUSED = Broken("ConnectError", was_sent=False)
READ = get("/healthz", Health)
KEYED = post("/v1/things", Health, {"n": 1}, key="")
UNSAFE = post("/v1/things", Health, {"n": 1})


def problem(status: int, code: str, **headers: str) -> Reply:
    body = {"code": code, "detail": "no", "request_id": "req_1", "retryable": True, "title": "No", "more": 1}
    told = {"content-type": "application/problem+json"} | {k.replace("_", "-"): v for k, v in headers.items()}
    return Reply(status, told, json.dumps(body).encode())


def carried(flow: Generator[Any, Any, T], *replies: object) -> tuple[list[Any], list[Any], T]:
    """Carries out a flow with these replies in turn; all steps, what was emitted, and what it returned."""
    waiting, came, clock = list(replies), None, 0.0
    steps: list[Any] = []
    emitted: list[Any] = []
    while True:
        try:
            step = flow.send(came)
        except StopIteration as end:
            assert not waiting
            return steps, emitted, end.value
        steps.append(step)
        came = None
        match step:
            case Send() | Open() | Next():
                came = waiting.pop(0)
            case Pause(seconds):
                clock += seconds
            case Clock():
                clock += 0.4
                came = clock
            case Emit(value):
                emitted.append(value)


def test_an_answer_is_read_and_unknown_fields_are_left_out() -> None:
    steps, _, health = carried(asked(READ, RETRIES), OK)
    assert [type(step) for step in steps] == [Send]
    assert health == Health(status="ok", version="1")


@pytest.mark.parametrize("call", [READ, KEYED])
@pytest.mark.parametrize(
    "fault", [LOST, REFUSED, problem(503, "store_away"), problem(502, "provider_failed")]
)
def test_what_is_safe_is_sent_again(call: Call[Health], fault: object) -> None:
    steps, _, health = carried(asked(call, RETRIES), fault, fault, OK)
    assert health.status == "ok"
    assert [type(step) for step in steps] == [Send, Pause, Send, Pause, Send]


@pytest.mark.parametrize("fault", [LOST, problem(503, "store_away")])
def test_what_may_be_done_twice_is_not_sent_again(fault: object) -> None:
    with pytest.raises((ConnectionFailed, ApiError)):
        carried(asked(UNSAFE, RETRIES), fault)


@pytest.mark.parametrize("fault", [REFUSED, problem(429, "rate_limited", retry_after="2")])
def test_what_was_not_done_is_sent_again_even_if_it_is_unsafe(fault: object) -> None:
    assert carried(asked(UNSAFE, RETRIES), fault, OK)[2].status == "ok"


def test_one_key_is_kept_over_all_attempts_and_is_new_for_the_next_call() -> None:
    def keys() -> set[str]:
        steps, _, _ = carried(asked(KEYED, RETRIES), LOST, problem(503, "store_away"), OK)
        return {step.request.headers["Idempotency-Key"] for step in steps if isinstance(step, Send)}

    first, second = keys(), keys()
    assert len(first) == len(second) == 1
    assert first != second


def test_the_service_says_how_long_to_wait() -> None:
    steps, _, _ = carried(asked(READ, RETRIES), problem(429, "rate_limited", retry_after="7"), OK)
    assert Pause(7.0) in steps


def test_a_wait_beyond_the_longest_is_not_waited() -> None:
    with pytest.raises(RateLimited) as refused:
        carried(asked(READ, RETRIES), problem(429, "rate_limited", retry_after="3600"))
    assert refused.value.request_id == "req_1"


def test_pauses_grow_and_attempts_end() -> None:
    steps: list[object] = []

    def kept() -> Iterator[None]:
        flow: Generator[object, Any, Health] = asked(READ, RETRIES)
        came: object = None
        while True:
            step = flow.send(came)
            steps.append(step)
            came = LOST if isinstance(step, Send) else None
            yield

    with pytest.raises(ConnectionFailed, match="attempt 4"):
        list(kept())
    pauses = [step.seconds for step in steps if isinstance(step, Pause)]
    assert len(pauses) == 3
    assert all(low <= pause <= 2 * low for low, pause in zip((0.5, 1.0, 2.0), pauses, strict=True))


def test_a_wrong_request_is_not_repeated_and_a_key_in_use_is() -> None:
    with pytest.raises(ApiError, match="invalid_request"):
        carried(asked(READ, RETRIES), problem(422, "invalid_request"))
    in_use = problem(409, "idempotency_key_in_use", retry_after="0")
    assert carried(asked(KEYED, RETRIES), in_use, OK)[2].status == "ok"


def test_a_code_of_later_is_told_too() -> None:
    with pytest.raises(ApiError) as refused:
        carried(asked(READ, RETRIES), problem(418, "new_code"))
    assert (refused.value.code, type(refused.value)) == ("new_code", ApiError)


@pytest.mark.parametrize(
    "reply", [Reply(404, {"content-type": "text/html"}, b"<p>"), Reply(302, {}), Reply(200, {}, b"<p>")]
)
def test_an_answer_of_something_else_is_not_taken_for_one(reply: Reply) -> None:
    with pytest.raises(UnexpectedAnswer):
        carried(asked(READ, RETRIES), reply)


@pytest.mark.parametrize("run_id", ["", ".", ".."])
def test_an_id_that_would_change_the_path_is_refused(run_id: str) -> None:
    with pytest.raises(ValueError, match="expected an id"):
        get("/v1/runs/{run_id}", Health, run_id).request()


def test_an_id_stays_one_part_of_the_path() -> None:
    assert get("/v1/runs/{run_id}", Health, "a/../b?c").request().path == "/v1/runs/a%2F..%2Fb%3Fc"


def test_queries_are_sent_as_the_service_reads_them() -> None:
    call = get("/v1/things", Health, kind=None, limit=5, partial=True, map=("a=b", "c=d"))
    assert call.request().query == (("limit", "5"), ("partial", "true"), ("map", "a=b"), ("map", "c=d"))


def test_retry_after_may_be_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    assert 15 < (retry_after({"retry-after": later}) or 0) <= 20
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({}) is None


def test_pages_are_fetched_until_the_last() -> None:
    def one(version: str, cursor: str | None) -> Reply:
        told = {"data": [{"version": version}], "has_more": cursor is not None, "next_cursor": cursor}
        return Reply(200, {}, json.dumps(told).encode())

    steps, emitted, _ = carried(
        paged(page("/v1/things", Health, 1, kind=None), RETRIES), one("1", "c"), one("2", None)
    )
    assert [health.version for health in emitted] == ["1", "2"]
    assert [step.request.query for step in steps if isinstance(step, Send)] == [
        (("limit", "1"),),
        (("limit", "1"), ("cursor", "c")),
    ]


# --- following a run

EVENTS = stream("/v1/runs/{run_id}/events", "r")
LOOK = get("/v1/runs/{run_id}", RunView, "r")
STREAM = Reply(200, {"content-type": "text/event-stream"})


def view(state: str, done: int = 0) -> Reply:
    counts = dict.fromkeys(("sessions", "running", "failed", "calls", "answered", "missing"), 0)
    told = {
        "id": "r", "kind": "message_test", "title": "", "state": state, "panel": "p", "respondents": 4,
        "has_ended": state == "done", "model": "m", "counts": counts | {"done": done}, "cost_usd": 0,
        "max_cost_usd": None, "seconds_left": None, "created_at": "2026-11-28T10:00:00Z", "finished_at": None,
        "metadata": {}, "links": dict.fromkeys(("self", "events", "summary", "report"), "/"),
    }  # fmt: skip
    return Reply(200, {}, json.dumps(told).encode())


def told(name: str, number: str = "", **data: object) -> Told:
    return Told(name, json.dumps(data), number, None)


def test_a_stream_that_breaks_off_is_taken_up_behind_the_last_event() -> None:
    steps, emitted, _ = carried(
        followed(EVENTS, LOOK, RETRIES, ""),
        STREAM, told("run.state", "1"), told("run.progress", "2"), LOST,
        REFUSED,
        STREAM, told("run.progress", "3"), told("run.ended", "4"),
    )  # fmt: skip
    assert [event.id for event in emitted] == ["1", "2", "3", "4"]
    opened = [step.request.headers.get("Last-Event-ID") for step in steps if isinstance(step, Open)]
    assert opened == [None, "2", "2"]
    assert isinstance(steps[-1], Close)


def test_a_stream_that_ends_early_is_opened_again_unless_the_run_has_ended() -> None:
    replies = [STREAM, told("run.state", "1"), None, view("running"), STREAM, None, view("done")]
    _, emitted, _ = carried(followed(EVENTS, LOOK, RETRIES, ""), *replies)
    assert [event.id for event in emitted] == ["1"]


def test_nothing_comes_of_a_run_that_was_followed_to_its_end() -> None:
    assert carried(followed(EVENTS, LOOK, RETRIES, "9"), Reply(204, {}))[1] == []


def test_an_unknown_run_cannot_be_followed() -> None:
    with pytest.raises(ApiError, match="not_found"):
        carried(followed(EVENTS, LOOK, RETRIES, ""), problem(404, "not_found"))


def test_waiting_looks_when_the_stream_says_something_and_tells_what_changed() -> None:
    steps, emitted, run = carried(
        waited(EVENTS, LOOK, RETRIES, 60),
        view("queued"), STREAM, told("run.progress"), told("run.progress"), told("run.progress"),
        view("running", 3), told("run.ended"), view("done", 4),
    )  # fmt: skip
    assert run.state == "done"
    assert [(one.state, one.counts.done) for one in emitted] == [("queued", 0), ("running", 3), ("done", 4)]
    assert sum(isinstance(step, Send) for step in steps) == 3


@pytest.mark.parametrize(
    "opened", [problem(404, "not_found"), LOST, Reply(200, {"content-type": "text/html"})]
)
def test_without_a_stream_the_run_is_looked_at_now_and_then(opened: object) -> None:
    steps, _, run = carried(
        waited(EVENTS, LOOK, RETRIES, 60), view("queued"), opened, view("running"), opened, view("done")
    )
    assert run.state == "done"
    assert Pause(2.0) in steps


def test_waiting_ends_after_the_time_given() -> None:
    replies: list[object] = [view("queued")]
    replies += [LOST, view("running")] * 2
    with pytest.raises(WaitedTooLong, match="it goes on"):
        carried(waited(EVENTS, LOOK, RETRIES, 4), *replies)


# --- configuration and webhooks


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://x", "http://", "http://a:b@c", "http://x?y=1"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    if url:
        with pytest.raises(ValueError, match="address"):
            configured("k", url, 1, 1, 0)
    else:
        assert configured("k", url, 1, 1, 0).base_url == "http://127.0.0.1:8000"


def test_key_and_address_come_from_the_environment_and_the_key_is_never_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PANELSIM_API_KEY", "psk_secret")
    monkeypatch.setenv("PANELSIM_API_URL", "https://panelsim.example/")
    config = configured(None, None, 1, 1, 0)
    assert (config.api_key, config.base_url) == ("psk_secret", "https://panelsim.example")
    assert "psk_secret" not in repr(config)


SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()
NOW = 1_800_000_000
BODY = json.dumps({"type": "run.ended"})


def signed(body: str = BODY, secret: str = SECRET, at: int = NOW) -> dict[str, str]:
    """Headers as the reference library signs them."""
    signature = Webhook(secret).sign("msg_1", datetime.fromtimestamp(at, UTC), body)
    return {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(at), "Webhook-Signature": signature}


def test_a_webhook_that_the_reference_library_signed_is_taken() -> None:
    assert verify_webhook(BODY.encode(), signed(), SECRET, now=NOW + 299) == {"type": "run.ended"}
    other = "whsec_" + base64.b64encode(b"o" * 24).decode()
    both = signed() | {"Webhook-Signature": "v1,AAAA " + signed()["Webhook-Signature"]}
    assert verify_webhook(BODY, both, f"{other} {SECRET}", now=NOW)


def _other_id(headers: dict[str, str]) -> dict[str, str]:
    return headers | {"Webhook-Id": "msg_2"}


WRONG: Sequence[tuple[str, Callable[[dict[str, str]], dict[str, str]], str, int]] = (
    ("another body", lambda one: one, BODY + " ", NOW),
    ("another id", _other_id, BODY, NOW),
    ("another time", lambda one: one | {"Webhook-Timestamp": str(NOW + 1)}, BODY, NOW),
    ("too old", lambda one: one, BODY, NOW + 301),
    ("from the future", lambda one: one, BODY, NOW - 301),
    ("no signature", lambda one: one | {"Webhook-Signature": ""}, BODY, NOW),
    (
        "another scheme",
        lambda one: one | {"Webhook-Signature": "v2," + one["Webhook-Signature"][3:]},
        BODY,
        NOW,
    ),
    ("no number", lambda one: one | {"Webhook-Timestamp": "soon"}, BODY, NOW),
)


@pytest.mark.parametrize(
    ("headers", "body", "now"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG]
)
def test_a_webhook_that_is_not_ours_is_refused(
    headers: Callable[[dict[str, str]], dict[str, str]], body: str, now: int
) -> None:
    with pytest.raises(WebhookRefused):
        verify_webhook(body, headers(signed()), SECRET, now=now)


def test_a_signed_body_that_is_no_object_is_refused() -> None:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, f"m.{NOW}.[]".encode(), hashlib.sha256)).decode()
    headers = {"webhook-id": "m", "webhook-timestamp": str(NOW), "webhook-signature": f"v1,{signature}"}
    with pytest.raises(WebhookRefused, match="object"):
        verify_webhook("[]", headers, SECRET, now=NOW)
