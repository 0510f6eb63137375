import asyncio

import pytest

from panelsim.providers.slots import SlotPool


async def use(pool: SlotPool, lane: str, log: list[tuple[str, int]], seconds: float = 0.01) -> None:
    async with pool.slot(lane, lane * 300) as slot:
        log.append((lane, slot))
        await asyncio.sleep(seconds)


async def test_calls_of_a_lane_go_one_after_the_other_in_one_slot() -> None:
    pool, log = SlotPool(2), list[tuple[str, int]]()
    began = asyncio.get_running_loop().time()
    await asyncio.gather(*(use(pool, "a", log) for _ in range(3)))
    assert log == [("a", 0)] * 3
    assert asyncio.get_running_loop().time() - began >= 0.03  # three turns of 10 ms


RATING, CHOICE = "rating examples " * 20, "choice examples " * 20
"""Openings of two kinds of question, each long enough to be worth keeping."""


async def slots_of(pool: SlotPool, *calls: tuple[str, str]) -> list[int]:
    """The slots that these (lane, prompt) calls get, one after the other."""
    given: list[int] = []
    for lane, prompt in calls:
        async with pool.slot(lane, prompt) as slot:
            given.append(slot)
    return given


async def test_a_lane_keeps_one_slot_for_each_opening() -> None:
    calls = [("a", RATING + "a1"), ("a", CHOICE + "a1"), ("a", RATING + "a2"), ("a", CHOICE + "a2")]
    assert await slots_of(SlotPool(4), *calls) == [0, 1, 0, 1]


async def test_a_new_lane_finds_the_openings_of_one_that_is_done() -> None:
    pool = SlotPool(4, linger=0)
    await slots_of(pool, ("a", RATING + "a"), ("a", CHOICE + "a"))
    assert await slots_of(pool, ("b", CHOICE + "b"), ("b", RATING + "b")) == [1, 0]


async def test_of_two_slots_with_the_opening_the_one_with_more_in_common_is_taken() -> None:
    pool = SlotPool(4, linger=0)
    async with pool.slot("a", RATING + "card of a"), pool.slot("b", RATING + "card of b"):
        pass
    assert await slots_of(pool, ("a", RATING + "card of a, next"), ("b", RATING + "card of b, next")) == [
        0,
        1,
    ]


async def test_a_lane_leaves_the_slots_of_an_active_lane_alone() -> None:
    pool = SlotPool(4, linger=10)
    await slots_of(pool, ("a", RATING + "a"))
    assert await slots_of(pool, ("b", RATING + "b")) == [1]


async def test_lanes_go_side_by_side() -> None:
    pool, log = SlotPool(2), list[tuple[str, int]]()
    await asyncio.gather(use(pool, "a", log), use(pool, "b", log))
    assert log == [("a", 0), ("b", 1)]


async def test_a_waiting_lane_does_not_take_the_slot_of_a_lane_that_asks_again_at_once() -> None:
    pool, log = SlotPool(1, linger=0.05), list[tuple[str, int]]()

    async def session() -> None:
        for _ in range(3):
            await use(pool, "a", log)
            await asyncio.sleep(0.005)

    await asyncio.gather(session(), use(pool, "b", log))
    assert [lane for lane, _ in log] == ["a", "a", "a", "b"]


async def test_the_slot_used_longest_ago_goes_to_a_new_lane() -> None:
    pool, log = SlotPool(2, linger=0), list[tuple[str, int]]()
    for lane in ("a", "b", "a", "c"):
        await use(pool, lane, log)
    assert log == [("a", 0), ("b", 1), ("a", 0), ("c", 1)]


async def test_calls_without_a_lane_share_all_slots() -> None:
    pool, log = SlotPool(2), list[tuple[str, int]]()
    await asyncio.gather(*(use(pool, "", log) for _ in range(4)))
    assert sorted(slot for _, slot in log) == [0, 0, 1, 1]


async def test_a_cancelled_wait_leaves_the_slot_to_others() -> None:
    pool, log = SlotPool(1, linger=0), list[tuple[str, int]]()
    holding = asyncio.create_task(use(pool, "a", log, 0.05))
    await asyncio.sleep(0)
    given_up = asyncio.create_task(use(pool, "b", log))
    await asyncio.sleep(0)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    await holding
    await asyncio.wait_for(use(pool, "c", log), 1)
    assert [lane for lane, _ in log] == ["a", "c"]


async def test_a_failed_call_gives_its_slot_back() -> None:
    pool = SlotPool(1, linger=0)
    with pytest.raises(RuntimeError):
        async with pool.slot("a"):
            raise RuntimeError
    await asyncio.wait_for(use(pool, "b", []), 1)
