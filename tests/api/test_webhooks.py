"""Webhooks: one signed message for each end of a run and receiver, sent until it has arrived."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from panelsim.api.announcing import announce
from panelsim.api.context import ApiOptions
from panelsim.model.progress import RunState
from panelsim.service.run import enter
from panelsim.service.webhooks import deliverer
from panelsim.service.webhooks.deliverer import WAITS_S, Deliverer, came_of
from panelsim.service.webhooks.sending import Answer, Sender
from tests.api.conftest import TEST, Service
from tests.api.receiver import Receiver, receiving

SOON = (0.05,)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliverer, "LOOK_S", 0.02)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as listening:
        yield listening


@pytest.fixture
def service(make_service: Callable[[ApiOptions], Service]) -> Service:
    return make_service(ApiOptions(allows_loopback=True))


@pytest.fixture
def key(service: Service) -> dict[str, str]:
    return service.key()


def start(service: Service, key: dict[str, str], callback_url: str = "") -> str:
    """A run that is queued and that nobody drives."""
    answer = service.client.post("/v1/message-tests", headers=key, json=TEST | {"callback_url": callback_url})
    assert answer.status_code == 202, answer.text
    run_id: str = answer.json()["id"]
    return run_id


def end(service: Service, run_id: str, state: RunState = "done") -> None:
    """Ends a run as whoever drives it does."""
    enter(run_id, state, service.api.workspace)


def deliver(
    service: Service, until: Callable[[], bool], *, waits_s: Sequence[float] = SOON, n: int = 1
) -> None:
    """Lets `n` deliverers work until something is so."""

    async def work() -> None:
        store = service.api.workspace.store
        announces = partial(announce, service.api)
        async with Sender(allows_loopback=True) as sender:
            working = [
                asyncio.create_task(Deliverer(store, sender, announces, print, waits_s=waits_s).run())
                for _ in range(n)
            ]
            try:
                async with asyncio.timeout(20):
                    while not await asyncio.to_thread(until):  # noqa: ASYNC110 - it is the store that changes
                        await asyncio.sleep(0.02)
            finally:
                for one in working:
                    one.cancel()
                await asyncio.gather(*working, return_exceptions=True)

    asyncio.run(work())


def deliveries(service: Service, key: dict[str, str], state: str = "") -> list[dict[str, object]]:
    """The account's deliveries, newest first."""
    found = service.client.get(
        "/v1/webhooks/deliveries", headers=key, params={"state": state} if state else {}
    )
    assert found.status_code == 200, found.text
    listed: list[dict[str, object]] = found.json()["data"]
    return listed


def has(service: Service, key: dict[str, str], n: int, state: str) -> Callable[[], bool]:
    """Whether so many deliveries are in that state."""
    return lambda: len(deliveries(service, key, state)) == n


def test_the_end_of_a_run_is_told_once_to_each_receiver_and_verifies(
    service: Service, key: dict[str, str], receiver: Receiver
) -> None:
    made = service.client.post("/v1/webhooks", headers=key, json={"url": f"{receiver.url}/hook"}).json()
    run_id = start(service, key, f"{receiver.url}/callback")
    service.drive(run_id)
    deliver(service, has(service, key, 2, "delivered"))
    deliver(service, lambda: announce(service.api) == 0)
    own = service.client.get("/v1/webhooks/secret", headers=key).json()["secret"]
    got = {one.path: one for one in receiver.received}
    assert sorted(got) == ["/callback", "/hook"]
    assert len(receiver.received) == 2
    for path, secret in (("/hook", made["secret"]), ("/callback", own)):
        message = got[path].verified(secret)
        assert message["type"] == "run.ended"
        data = message["data"]
        assert isinstance(data, dict)
        assert data["run"]["id"] == data["summary"]["run_id"] == run_id
        assert data["run"]["state"] == data["summary"]["state"] == "done"
        assert data["summary"] == service.client.get(f"/v1/runs/{run_id}/summary", headers=key).json()
    with pytest.raises(WebhookVerificationError):
        got["/hook"].verified(own)
    assert got["/hook"].id != got["/callback"].id


@pytest.mark.parametrize("state", ["stopped", "failed"])
def test_an_end_by_the_cost_cap_or_a_fault_is_told_too(
    service: Service, key: dict[str, str], receiver: Receiver, state: RunState
) -> None:
    run_id = start(service, key, receiver.url)
    end(service, run_id, state)
    assert announce(service.api) == 1
    (told,) = deliveries(service, key)
    shown = service.client.get(f"/v1/webhooks/deliveries/{told['id']}", headers=key).json()
    assert shown["message"]["data"]["run"]["state"] == state
    assert shown["message"]["data"]["summary"]["state"] == state


def test_an_end_that_is_written_twice_by_a_worker_that_recovers_is_told_once(
    service: Service, key: dict[str, str], receiver: Receiver
) -> None:
    run_id = start(service, key, receiver.url)
    end(service, run_id)
    assert announce(service.api) == 1
    enter(run_id, "running", service.api.workspace)  # a worker that takes over from one that was killed
    end(service, run_id)
    assert announce(service.api) == 0


def test_a_resumed_run_that_ends_again_is_another_message(
    service: Service, key: dict[str, str], receiver: Receiver
) -> None:
    run_id = start(service, key, receiver.url)
    cancelled = service.client.post(f"/v1/runs/{run_id}/cancel", headers=key)
    assert cancelled.json()["state"] == "cancelled"
    # the first end is told although nobody looked before it was resumed
    service.api.queue._system.withdraw(service.api.queue._system.last_attempt(run_id)[0])  # type: ignore[index]
    assert service.client.post(f"/v1/runs/{run_id}/resume", headers=key).status_code == 202
    assert announce(service.api) == 0
    service.drive(run_id)
    deliver(service, has(service, key, 2, "delivered"))
    own = service.client.get("/v1/webhooks/secret", headers=key).json()["secret"]
    told = {one.id: one.verified(own)["data"]["run"]["state"] for one in receiver.received}  # type: ignore[index]
    assert sorted(told.values()) == ["cancelled", "done"]


def test_a_message_that_was_not_taken_is_sent_again_with_the_same_id(
    service: Service, key: dict[str, str], receiver: Receiver
) -> None:
    receiver.answers = [500, 302]
    end(service, start(service, key, receiver.url))
    deliver(service, has(service, key, 1, "delivered"), waits_s=(0.05, 0.05))
    own = service.client.get("/v1/webhooks/secret", headers=key).json()["secret"]
    assert len({one.id for one in receiver.received}) == 1
    assert len(receiver.received) == 3
    for one in receiver.received:
        one.verified(own)
    (delivery,) = deliveries(service, key)
    assert (delivery["attempts"], delivery["status"], delivery["error"]) == (3, 200, "")


def test_a_message_that_was_given_up_can_be_replayed(
    service: Service, key: dict[str, str], receiver: Receiver
) -> None:
    receiver.answers = [503, 503]
    end(service, start(service, key, receiver.url))
    deliver(service, has(service, key, 1, "dead"))
    (dead,) = deliveries(service, key, "dead")
    assert (dead["attempts"], dead["status"], dead["error"]) == (2, 503, "answered 503")
    path = f"/v1/webhooks/deliveries/{dead['id']}/replay"
    again = {**key, "Idempotency-Key": "k"}
    assert service.client.post(path, headers=again).json()["state"] == "pending"
    assert service.client.post(path, headers=again).headers["Idempotency-Replayed"] == "true"
    refused = service.client.post(path, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    deliver(service, has(service, key, 1, "delivered"))
    assert [one.id for one in receiver.received] == [dead["id"]] * 3


def test_every_attempt_is_told_with_its_time_and_what_came_of_it_also_after_a_replay(
    service: Service, key: dict[str, str], receiver: Receiver
) -> None:
    receiver.answers = [503, 302]
    end(service, start(service, key, receiver.url))
    deliver(service, has(service, key, 1, "dead"))
    (dead,) = deliveries(service, key, "dead")
    path = f"/v1/webhooks/deliveries/{dead['id']}"
    service.client.post(f"{path}/replay", headers=key)
    deliver(service, has(service, key, 1, "delivered"))
    found = service.client.get(path, headers=key).json()
    assert [(one["status"], one["error"]) for one in found["history"]] == [
        (200, ""),
        (302, "answered 302: redirects are not followed"),
        (503, "answered 503"),
    ]
    times = [one["at"] for one in found["history"]]
    assert times == sorted(times, reverse=True)
    assert all(0 < one["seconds"] < 10 for one in found["history"])
    assert found["attempts"] == 1  # since it was replayed


def test_what_nobody_was_called_for_is_no_attempt(
    service: Service, key: dict[str, str], receiver: Receiver
) -> None:
    made = service.client.post("/v1/webhooks", headers=key, json={"url": receiver.url}).json()
    end(service, start(service, key))
    announce(service.api)
    service.client.delete(f"/v1/webhooks/{made['id']}", headers=key)
    deliver(service, has(service, key, 1, "dead"))
    (dead,) = deliveries(service, key, "dead")
    found = service.client.get(f"/v1/webhooks/deliveries/{dead['id']}", headers=key).json()
    assert (found["history"], found["error"]) == ([], "the webhook was deleted")


def test_a_receiver_that_is_gone_is_sent_nothing_more(
    service: Service, key: dict[str, str], receiver: Receiver
) -> None:
    made = service.client.post("/v1/webhooks", headers=key, json={"url": receiver.url}).json()
    receiver.answers = [410]
    end(service, start(service, key))
    deliver(service, has(service, key, 1, "dead"))
    shown = service.client.get(f"/v1/webhooks/{made['id']}", headers=key).json()
    assert shown["disabled_at"] is not None
    assert "secret" not in shown
    end(service, start(service, key))
    announce(service.api)
    assert len(deliveries(service, key)) == 1


def test_what_waits_for_a_deleted_webhook_is_not_sent(
    service: Service, key: dict[str, str], receiver: Receiver
) -> None:
    made = service.client.post("/v1/webhooks", headers=key, json={"url": receiver.url}).json()
    end(service, start(service, key))
    announce(service.api)
    assert service.client.delete(f"/v1/webhooks/{made['id']}", headers=key).status_code == 204
    assert service.client.delete(f"/v1/webhooks/{made['id']}", headers=key).status_code == 404
    deliver(service, has(service, key, 1, "dead"))
    assert receiver.received == []


def test_two_deliverers_send_each_message_once(
    service: Service, key: dict[str, str], receiver: Receiver
) -> None:
    for n in range(8):
        service.client.post("/v1/webhooks", headers=key, json={"url": f"{receiver.url}/{n}"})
    end(service, start(service, key))
    deliver(service, has(service, key, 8, "delivered"), n=3)
    assert sorted(one.path for one in receiver.received) == [f"/{n}" for n in range(8)]


def test_after_a_rotation_both_secrets_verify(
    service: Service, key: dict[str, str], receiver: Receiver
) -> None:
    made = service.client.post("/v1/webhooks", headers=key, json={"url": receiver.url}).json()
    rotated = service.client.post(f"/v1/webhooks/{made['id']}/rotate", headers=key).json()
    assert rotated["secret"] != made["secret"]
    own = service.client.get("/v1/webhooks/secret", headers=key).json()
    new = service.client.post("/v1/webhooks/secret/rotate", headers=key).json()
    assert new["secret"] != own["secret"]
    assert service.client.get("/v1/webhooks/secret", headers=key).json() == new
    end(service, start(service, key))
    deliver(service, has(service, key, 1, "delivered"))
    (received,) = receiver.received
    assert received.verified(made["secret"]) == received.verified(rotated["secret"])


def test_a_webhook_is_made_once_under_an_idempotency_key(service: Service, key: dict[str, str]) -> None:
    headers, body = {**key, "Idempotency-Key": "k"}, {"url": "http://127.0.0.1:9009/x"}
    first = service.client.post("/v1/webhooks", headers=headers, json=body)
    second = service.client.post("/v1/webhooks", headers=headers, json=body)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert len(Webhook(first.json()["secret"])._whsecret) == 32
    listed = service.client.get("/v1/webhooks", headers=key).json()["data"]
    assert [one["id"] for one in listed] == [first.json()["id"]]
    assert "secret" not in listed[0]


def test_lists_go_on_where_a_page_ended(service: Service, key: dict[str, str]) -> None:
    for n in range(3):
        service.client.post("/v1/webhooks", headers=key, json={"url": f"http://127.0.0.1:9009/{n}"})
    end(service, start(service, key))
    announce(service.api)
    for path in ("/v1/webhooks", "/v1/webhooks/deliveries"):
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = service.client.get(path, headers=key, params={"limit": 2, "cursor": cursor}).json()
            seen += [one["url"] for one in page["data"]]
            cursor = page["next_cursor"]
        assert sorted(seen) == [f"http://127.0.0.1:9009/{n}" for n in range(3)]


def test_nothing_of_another_account_is_found(
    service: Service, key: dict[str, str], receiver: Receiver
) -> None:
    made = service.client.post("/v1/webhooks", headers=key, json={"url": receiver.url}).json()
    end(service, start(service, key))
    announce(service.api)
    (told,) = deliveries(service, key)
    other = service.key("other")
    for method, path in (
        ("GET", f"/v1/webhooks/{made['id']}"),
        ("DELETE", f"/v1/webhooks/{made['id']}"),
        ("POST", f"/v1/webhooks/{made['id']}/rotate"),
        ("GET", f"/v1/webhooks/deliveries/{told['id']}"),
        ("POST", f"/v1/webhooks/deliveries/{told['id']}/replay"),
    ):
        assert service.client.request(method, path, headers=other).status_code == 404, path
    assert service.client.get("/v1/webhooks", headers=other).json()["data"] == []
    assert deliveries(service, other) == []
    end(service, start(service, other))
    announce(service.api)
    assert len(deliveries(service, key)) == 1


@pytest.mark.parametrize("url", ["http://hooks.example.com/", "https://127.0.0.1/", "https://10.0.0.1/"])
def test_an_address_that_may_not_be_called_is_refused_when_it_is_given(
    make_service: Callable[[ApiOptions], Service], url: str
) -> None:
    service = make_service(ApiOptions())
    key = service.key()
    hook = service.client.post("/v1/webhooks", headers=key, json={"url": url})
    assert (hook.status_code, hook.json()["code"]) == (422, "invalid_request")
    run = service.client.post("/v1/message-tests", headers=key, json=TEST | {"callback_url": url})
    assert (run.status_code, run.json()["param"]) == (422, "body.callback_url")
    assert service.client.get("/v1/runs", headers=key).json()["data"] == []


def test_waits_grow_until_a_message_is_given_up() -> None:
    failed = Answer(503, "no")
    waits = [came_of(failed, n, WAITS_S, 0.0).wait_s for n in range(1, len(WAITS_S) + 1)]
    assert waits == [5, 30, 120, 600, 3600, 21600, 86400]
    assert came_of(failed, len(WAITS_S) + 1, WAITS_S, 0.0).state == "dead"
    assert came_of(failed, 1, WAITS_S, 0.2).wait_s == 6  # 5 * 1.2
    assert came_of(Answer(429, "", 50.0), 1, WAITS_S, 0.0).wait_s == 50  # as the receiver asked
    assert came_of(Answer(204, ""), 9, WAITS_S, 0.0).state == "delivered"
    assert came_of(Answer(410, ""), 1, WAITS_S, 0.0).state == "dead"


def test_looking_for_ends_reads_an_index_of_runs_under_way(service: Service) -> None:
    database = service.api.workspace.store._database
    query = (
        "EXPLAIN QUERY PLAN SELECT runs.id FROM runs JOIN requests ON requests.run_id = runs.id "
        "WHERE requests.owes = 1 AND runs.state IN ('done', 'failed') LIMIT 100"
    )
    with database.read() as connection:
        steps = " ".join(str(row[-1]) for row in connection.exec_driver_sql(query))
    assert "requests_owing" in steps
    assert "SCAN runs" not in steps
