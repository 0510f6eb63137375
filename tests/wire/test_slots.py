import asyncio

import pytest

from panelsim.providers.slots import SlotPool


async def use(pool: SlotPool, lane: str, log: list[tuple[str, int]], seconds: float = 0.01) -> None:
    async with pool.slot(lane) as slot:
        log.append((lane, slot))
        await asyncio.sleep(seconds)


async def test_calls_of_a_lane_go_one_after_the_other_in_one_slot() -> None:
    pool, log = SlotPool(2), list[tuple[str, int]]()
    began = asyncio.get_running_loop().time()
    await asyncio.gather(*(use(pool, "a", log) for _ in range(3)))
    assert log == [("a", 0)] * 3
    assert asyncio.get_running_loop().time() - began >= 0.03  # three turns of 10 ms


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
