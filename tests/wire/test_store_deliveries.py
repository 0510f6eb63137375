"""Deliveries in both kinds of store: made once, taken by one, due again when their sender died."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from panelsim.errors import InputError
from panelsim.store import Attempt, RunHead, RunRequest, Store, Webhook
from panelsim.store.deliveries import Attempted, NewDelivery
from tests.wire.stored import run as a_run

ACCOUNT = "acc_1"


@pytest.fixture
def ended(store: Store) -> RunHead:
    """A run of a request that has ended."""
    return end(store, "run-1")


def end(store: Store, run_id: str, account: str = ACCOUNT) -> RunHead:
    """A run of a request, queued and ended."""
    store.save_request(RunRequest(run_id=run_id, account=account), None)
    store.save_run(a_run(run_id).model_copy(update={"account": account, "state": "queued"}))
    store.set_state(run_id, "queued")
    store.set_state(run_id, "done")
    return store.head(run_id)


def messages(*ids: str) -> list[NewDelivery]:
    """New messages to one address."""
    return [NewDelivery(one, "", "https://hooks.example.com/", "run.ended", "{}") for one in ids]


@pytest.fixture
def other(address: str, store: Store) -> Iterator[Store]:
    """The same store as another server has it open."""
    with Store.open(address) as opened:
        yield opened


def test_an_end_is_told_by_one_of_two_servers(store: Store, other: Store, ended: RunHead) -> None:
    assert store.untold_ends(10) == other.untold_ends(10) == (ended,)
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda one: one.tell_end(ended, messages("msg_1")), (store, other)))
    assert sorted(told) == [False, True]
    assert store.untold_ends(10) == ()
    assert [one.id for one in store.deliveries_of(ACCOUNT, 10)] == ["msg_1"]


def test_an_end_that_was_resumed_meanwhile_is_not_told(store: Store, ended: RunHead) -> None:
    store.set_state(ended.id, "queued")
    assert not store.tell_end(ended, messages("msg_1"))
    store.set_state(ended.id, "done")
    assert store.untold_ends(10) == (store.head(ended.id),)


def test_runs_that_go_on_or_that_no_request_made_are_not_told(store: Store, ended: RunHead) -> None:
    store.save_run(a_run("run-2"))
    store.set_state("run-2", "done")
    store.set_state(ended.id, "running")
    assert store.untold_ends(10) == ()


def test_no_message_is_taken_by_two_servers(store: Store, other: Store, ended: RunHead) -> None:
    ids = [f"msg_{n}" for n in range(20)]
    store.tell_end(ended, messages(*ids))
    with ThreadPoolExecutor(4) as pool:
        taken = pool.map(lambda n: (store, other)[n % 2].claim_due(3, 60), range(8))
        found = [due.id for some in taken for due in some]
    found += [due.id for due in store.claim_due(20, 60)]
    assert sorted(found) == sorted(ids)
    assert store.next_due_s() is not None
    assert store.claim_due(20, 60) == ()


def test_a_message_whose_sender_died_is_due_again_and_the_dead_one_ends_nothing(
    store: Store, other: Store, ended: RunHead
) -> None:
    store.tell_end(ended, messages("msg_1"))
    (first,) = store.claim_due(1, 0.05)
    time.sleep(0.1)
    (second,) = other.claim_due(1, 60)
    assert (first.id, first.attempts, second.id, second.attempts) == ("msg_1", 1, "msg_1", 2)
    assert not store.end_attempt(first, Attempted("dead", None, "late"))
    assert other.end_attempt(second, Attempted("delivered", 200, ""))
    delivery = store.delivery(ACCOUNT, "msg_1")
    assert delivery is not None
    assert (delivery.state, delivery.status) == ("delivered", 200)


def test_messages_of_an_account_that_is_busy_wait(store: Store, ended: RunHead) -> None:
    store.tell_end(ended, messages("msg_1"))
    store.tell_end(end(store, "run-2", "acc_2"), messages("msg_2"))
    assert [due.id for due in store.claim_due(10, 60, busy=[ACCOUNT])] == ["msg_2"]


def test_what_was_given_back_is_due_at_once_with_no_attempt_counted(store: Store, ended: RunHead) -> None:
    store.tell_end(ended, messages("msg_1"))
    (due,) = store.claim_due(1, 60)
    store.release(due)
    (again,) = store.claim_due(1, 60)
    assert again.attempts == 1


def test_an_account_has_one_secret_of_its_own_whoever_asks_first(store: Store, other: Store) -> None:
    def own(at: tuple[Store, str]) -> str:
        return at[0].own_webhook(a_webhook(at[1])).secret

    with ThreadPoolExecutor(2) as pool:
        found = set(pool.map(own, ((store, "whk_1"), (other, "whk_2"))))
    assert len(found) == 1
    assert store.webhooks(ACCOUNT) == ()


def test_an_account_has_no_more_webhooks_than_allowed(store: Store) -> None:
    assert store.add_webhook(a_webhook("whk_1"), 1) is not None
    assert store.add_webhook(a_webhook("whk_1"), 1) is not None  # it is there already
    assert store.add_webhook(a_webhook("whk_2"), 1) is None


def a_webhook(webhook_id: str) -> Webhook:
    """A webhook."""
    return Webhook(
        id=webhook_id,
        account=ACCOUNT,
        url="https://hooks.example.com/",
        events=("run.ended",),
        secret=f"whsec_{webhook_id}",
        created_at=datetime.now(UTC),
    )


def test_an_id_with_the_character_nul_is_nobodys_or_refused_and_no_fault(store: Store) -> None:
    looks: list[Callable[[], object]] = [
        lambda: store.delivery(ACCOUNT, "msg\0"),
        lambda: store.webhook(ACCOUNT, "whk\0"),
        lambda: store.head_of(ACCOUNT, "run\0"),
        lambda: store.document(ACCOUNT, "conversation", "conv\0"),
        lambda: store.drop_webhook(ACCOUNT, "whk\0"),
    ]
    for look in looks:
        if "postgresql" in store.place:  # a server cannot be asked for it
            with pytest.raises(InputError, match="character NUL"):
                look()
        else:
            assert not look()


def an_attempt(error: str) -> Attempt:
    return Attempt(at=datetime.now(UTC), seconds=0.1, status=503, error=error)


def test_attempts_are_kept_newest_first_also_that_of_a_sender_who_was_given_up_on(
    store: Store, other: Store, ended: RunHead
) -> None:
    store.tell_end(ended, messages("msg_1", "msg_2"))
    late = store.claim_due(1, 0.0)[0]
    second = other.claim_due(1, 60)[0]
    if second.id != late.id:  # both are due
        (second,) = other.claim_due(1, 60)
    assert other.end_attempt(second, Attempted("pending", 503, "b", 0.0, an_attempt("b")))
    assert not store.end_attempt(late, Attempted("dead", 503, "a", 0.0, an_attempt("a")))
    kept = store.delivery(ACCOUNT, late.id)
    assert kept is not None
    assert [one.error for one in store.attempts_to_send(kept)] == ["a", "b"]
    untried = store.delivery(ACCOUNT, "msg_2" if late.id == "msg_1" else "msg_1")
    assert untried is not None
    assert store.attempts_to_send(untried) == ()


def test_only_the_last_attempts_are_kept_and_they_go_with_their_run(
    store: Store, ended: RunHead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panelsim.store.deliveries.MOST_ATTEMPTS", 3)
    store.tell_end(ended, messages("msg_1"))
    for number in range(5):
        (due,) = store.claim_due(1, 60)
        store.end_attempt(due, Attempted("pending", 503, "", 0.0, an_attempt(str(number))))
    kept = store.delivery(ACCOUNT, "msg_1")
    assert kept is not None
    assert [one.error for one in store.attempts_to_send(kept)] == ["4", "3", "2"]
    (due,) = store.claim_due(1, 60)
    store.sweep(timedelta(days=-1))
    assert store.attempts_to_send(kept) == ()
    store.end_attempt(due, Attempted("dead", 503, "", 0.0, an_attempt("too late")))
    assert store.attempts_to_send(kept) == ()
