"""Money and permits that processes share, and claims: exact, whoever dies when."""

import asyncio
import os
import signal
import time

import pytest

from panelsim.errors import RunBusy
from panelsim.store import Spender, Spending, Spent, Store
from tests.calls import MODEL, chat, said
from tests.wire.stored import change, line_of, process, run

ONE, TWO = Spender("r-1", "one"), Spender("r-1", "two")


# ---- leases


def test_holders_never_get_more_than_the_cap_together(store: Store) -> None:
    assert store.lease(ONE, 60, cap=100) == 60
    assert store.lease(TWO, 60, cap=100) == 40
    assert store.lease(ONE, 1, cap=100) == 0
    assert store.lease(Spender("r-2", "one"), 60, cap=100) == 60
    assert store.lease(TWO, 60, cap=130) == 30


async def test_a_closed_lease_gives_back_what_was_not_spent(store: Store) -> None:
    assert store.lease(ONE, 100, cap=100) == 100
    await store.note_spent(ONE, 30)
    store.close_lease(ONE)
    assert store.lease(TWO, 100, cap=100) == 70
    # the first holder comes back: it has spent 30, and 70 are out
    assert store.lease(ONE, 1, cap=100) == 0
    assert store.lease(ONE, 10, cap=110) == 10
    assert store.spent("r-1") == Spent(calls=0, pico=0, unsettled_pico=110)


async def test_what_was_spent_beyond_a_lease_counts_too(store: Store) -> None:
    assert store.lease(ONE, 10, cap=100) == 10
    await store.note_spent(ONE, 50)
    assert store.lease(TWO, 100, cap=100) == 50
    assert store.lease(ONE, 10, cap=200) == 10
    assert store.lease(TWO, 100, cap=120) == 10  # 60 and 60


LEASER = """
    import sys, time
    from panelsim.store import Spender, Store

    store, holder = Store.open(sys.argv[1]), sys.argv[2]
    print("open", flush=True)
    granted = 0
    while got := store.lease(Spender("r-1", holder), 7, cap=1000):
        granted += got
    print(granted, flush=True)
    time.sleep(60)
"""


def test_two_processes_that_lease_from_one_cap_never_exceed_it(address: str) -> None:
    Store.open(address).close()
    with process(LEASER, address, "a") as a, process(LEASER, address, "b") as b:
        assert [line_of(a), line_of(b)] == ["open", "open"]
        granted = [int(line_of(one)) for one in (a, b)]
    # both are dead now, and may have paid what they leased
    assert sum(granted) == 1000
    with Store.open(address) as store:
        assert store.lease(Spender("r-1", "c"), 1, cap=1000) == 0
        assert store.spent("r-1").unsettled_pico == 1000


# ---- what was spent


async def test_spending_grows_with_each_completion_even_if_another_was_first(store: Store) -> None:
    store.save_run(run().model_copy(update={"account": "key-7"}))
    call = chat("a")
    costly = said("x").model_copy(update={"cost_usd": 0.25})
    await store.put(call.key, call, costly, ONE)
    await store.put(call.key, call, costly, TWO)
    await store.note_spent(TWO, 5)
    quarter = 250_000_000_000  # $0.25 in picodollars
    assert store.spent("r-1") == Spent(calls=2, pico=2 * quarter, unsettled_pico=5)
    day = store.spending()[0].day
    assert store.spending() == (
        Spending(day, "key-7", "", "r-1", 0, 0, 5),
        Spending(day, "key-7", str(MODEL), "r-1", 2, 2 * quarter, 0),
    )


async def test_a_run_that_nobody_saved_spends_for_the_local_account(store: Store) -> None:
    await store.put(chat("a").key, chat("a"), said("x"), ONE)
    assert [row.account for row in store.spending()] == ["local"]


# ---- permits


def test_a_bucket_gives_no_more_than_it_holds_and_gains(store: Store) -> None:
    assert store.take_permits("b", 3, per_minute=0, burst=5) == 3
    assert store.take_permits("b", 3, per_minute=0, burst=5) == 2
    assert store.take_permits("b", 3, per_minute=0, burst=5) == 0
    assert store.take_permits("other", 3, per_minute=0, burst=5) == 3
    change(store, "UPDATE buckets SET at = at - 30")  # half a minute ago
    assert store.take_permits("b", 9, per_minute=6, burst=5) == 3


def test_a_clock_that_jumps_gives_a_minute_at_most_and_takes_nothing(store: Store) -> None:
    assert store.take_permits("b", 100, per_minute=60, burst=100) == 100
    change(store, "UPDATE buckets SET at = at - 1000000, permits = 0")
    assert store.take_permits("b", 100, per_minute=60, burst=100) == 60
    change(store, "UPDATE buckets SET at = at + 1000000, permits = 4")
    assert store.take_permits("b", 100, per_minute=60, burst=100) == 4


# ---- claims


CLAIMER = """
    import sys, time
    from panelsim.store import Store

    with Store.open(sys.argv[1]) as store, store.claim("r-1"):
        print("claimed", flush=True)
        time.sleep(60)
"""


def test_a_claim_is_refused_while_another_process_lives_and_free_once_it_is_killed(address: str) -> None:
    with Store.open(address) as store, process(CLAIMER, address) as holder:
        assert line_of(holder) == "claimed"
        with pytest.raises(RunBusy, match=f"'r-1' is driven by process {holder.pid} on "), store.claim("r-1"):
            pass
        with store.claim("r-2"):
            pass
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        _until_claimed(store)


def _until_claimed(store: Store) -> None:
    """The server may take a moment to see that a connection is gone."""
    for _ in range(100):
        try:
            with store.claim("r-1"):
                return
        except RunBusy:
            time.sleep(0.01)
    pytest.fail("the claim of a killed process was not freed")


def test_a_claim_is_taken_once_within_a_process_too_and_can_be_taken_again(store: Store) -> None:
    for _ in range(2):
        with store.claim("r-1"), pytest.raises(RunBusy), store.claim("r-1"):
            pass


async def test_a_memory_puts_for_its_holder_and_notes_whose_completions_it_uses(store: Store) -> None:
    store.save_run(run("old"))
    store.save_run(run("new"))
    old, new = store.memory(Spender("old", "h")), store.memory(Spender("new", "h"))
    await asyncio.gather(*(old.put(chat(str(n)).key, chat(str(n)), said(str(n))) for n in range(3)))
    assert await new.find(chat("1").key) == said("1")
    assert await new.find(chat("unknown").key) is None
    assert store.spent("old").calls == 3
    assert store.spent("new").calls == 0
