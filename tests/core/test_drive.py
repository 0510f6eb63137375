"""Driving sessions: order, laziness, lanes, failures, stops and cancellation."""

import asyncio
from collections.abc import Iterator
from functools import partial

import pytest

from panelsim.errors import BudgetError, NotStored, RefusedRequest
from panelsim.execution.drive import ADMITTED_PER_CALL, Done, Failed, Session, drive, run_sessions
from panelsim.execution.progress import (
    Answered,
    Event,
    Planned,
    Progress,
    SessionDone,
    SessionFailed,
    Waiting,
)
from panelsim.execution.replay import replay
from panelsim.model.call import Call, Completion, Usage
from panelsim.script import Script
from tests.calls import at_once, chat, echo, said, talk, text_of


def session(name: str, *texts: str, lane: str = "") -> Session[tuple[str, ...]]:
    return Session(name, lane, lambda: talk(*texts))


async def test_a_driven_script_is_sent_completions_in_the_order_of_its_calls() -> None:
    async def slow_first(call: Call) -> Completion:
        await asyncio.sleep(0.01 if text_of(call) == "a" else 0)
        return await echo(call)

    assert await drive(at_once("a", "b", "c"), slow_first) == ("a", "b", "c")


async def test_calls_yielded_together_are_under_way_together() -> None:
    both = asyncio.Barrier(2)

    async def meet(call: Call) -> Completion:
        await asyncio.wait_for(both.wait(), 1)
        return await echo(call)

    assert await drive(at_once("a", "b"), meet) == ("a", "b")


async def test_one_by_one_keeps_a_single_call_under_way() -> None:
    under_way: list[int] = [0, 0]

    async def count(call: Call) -> Completion:
        under_way[0] += 1
        under_way[1] = max(under_way)
        await asyncio.sleep(0)
        under_way[0] -= 1
        return await echo(call)

    await drive(at_once("a", "b", "c"), count, one_by_one=True)
    assert under_way == [0, 1]


async def test_a_failed_call_waits_for_the_paid_calls_beside_it() -> None:
    finished: list[str] = []

    async def fail_b(call: Call) -> Completion:
        if text_of(call) == "b":
            raise RefusedRequest("no b")
        await asyncio.sleep(0.01)
        finished.append(text_of(call))
        return await echo(call)

    with pytest.raises(RefusedRequest, match="no b"):
        await drive(at_once("a", "b", "c"), fail_b)
    assert finished == ["a", "c"]


async def test_outcomes_keep_the_order_of_the_plan() -> None:
    async def later_is_faster(call: Call) -> Completion:
        await asyncio.sleep((20 - int(text_of(call))) / 1000)
        return await echo(call)

    plan = [session(f"s{n}", str(n)) for n in range(20)]
    outcomes = await run_sessions(plan, later_is_faster, at_once=8)
    assert outcomes == [Done(f"s{n}", (str(n),)) for n in range(20)]


async def test_sessions_are_started_lazily() -> None:
    started = 0
    gate = asyncio.Event()

    def plan() -> Iterator[Session[tuple[str, ...]]]:
        nonlocal started
        for n in range(100):
            started += 1
            yield session(f"s{n}", str(n))

    async def held(call: Call) -> Completion:
        await gate.wait()
        return await echo(call)

    running = asyncio.create_task(run_sessions(plan(), held, at_once=2))
    await asyncio.sleep(0.01)
    assert started == 2 * ADMITTED_PER_CALL
    gate.set()
    assert len(await running) == 100


async def test_sessions_of_a_lane_go_one_after_the_other_and_lanes_side_by_side() -> None:
    open_lanes: list[str] = []
    widest = 0

    async def watch(call: Call) -> Completion:
        nonlocal widest
        lane = text_of(call)[0]
        assert lane not in open_lanes
        open_lanes.append(lane)
        widest = max(widest, len(open_lanes))
        await asyncio.sleep(0.001)
        open_lanes.remove(lane)
        return await echo(call)

    plan = [
        session(f"{lane}{n}", f"{lane}{n}a", f"{lane}{n}b", lane=lane) for n in range(3) for lane in "xyz"
    ]
    outcomes = await run_sessions(plan, watch, at_once=2, paced_by_lane=True)
    assert [one.id for one in outcomes] == [one.id for one in plan]
    assert widest == 2


async def test_a_provider_error_ends_its_own_session_only() -> None:
    async def refuse_two(call: Call) -> Completion:
        if text_of(call) == "2":
            raise RefusedRequest("not this one")
        return await echo(call)

    events: list[Event] = []
    plan = [session(f"s{n}", str(n)) for n in range(4)]
    outcomes = await run_sessions(plan, refuse_two, at_once=2, on_event=events.append)
    assert outcomes[2] == Failed("s2", "not this one")
    assert [type(one) for one in outcomes] == [Done, Done, Failed, Done]
    assert SessionFailed(session="s2", reason="not this one") in events
    assert SessionDone(session="s3") in events


async def test_a_budget_stop_lets_paid_calls_come_in_and_sends_no_more() -> None:
    sent: list[str] = []
    came_in: list[str] = []

    async def stop_at_one(call: Call) -> Completion:
        sent.append(text_of(call))
        if text_of(call) == "1":
            raise BudgetError("no money")
        await asyncio.sleep(0.01)
        came_in.append(text_of(call))
        return await echo(call)

    plan = [session(f"s{n}", str(n), f"{n} again") for n in range(50)]
    with pytest.raises(BudgetError, match="no money"):
        await run_sessions(plan, stop_at_one, at_once=1)
    assert sent == ["0", "1"]
    assert came_in == ["0"]


async def test_a_bug_stops_the_run_and_is_raised_alone() -> None:
    def broken() -> Script[tuple[str, ...]]:
        yield from talk("a")
        raise ZeroDivisionError("a bug")

    plan = [session("s0", "0"), Session("s1", "", broken)]
    with pytest.raises(ZeroDivisionError, match="a bug"):
        await run_sessions(plan, echo, at_once=4)


async def test_cancelling_a_run_closes_its_scripts() -> None:
    closed: list[int] = []

    def watched(n: int) -> Script[tuple[str, ...]]:
        try:
            return (yield from talk(str(n)))
        finally:
            closed.append(n)

    async def never(call: Call) -> Completion:
        await asyncio.Event().wait()
        return await echo(call)

    plan = [Session(f"s{n}", "", partial(watched, n)) for n in range(3)]
    running = asyncio.create_task(run_sessions(plan, never, at_once=4))
    await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sorted(closed) == [0, 1, 2]


def test_replay_gives_the_value_that_was_driven() -> None:
    known = {chat(text).key: said(text.upper()) for text in ("a", "b")}
    assert replay(talk("a", "b"), known) == ("A", "B")
    assert replay(talk("a", "b"), known.get) == ("A", "B")


def test_replay_names_the_call_that_is_not_stored() -> None:
    with pytest.raises(NotStored, match=chat("b").key):
        replay(talk("a", "b"), {chat("a").key: said("A")})


def test_progress_adds_up_what_was_made_now_and_counts_cached_calls_apart() -> None:
    usage = Usage(prompt_tokens=10, cached_tokens=4, completion_tokens=2)
    made = Answered(key="k", lane="r1", purpose="p", cached=False, usage=usage, cost_usd=0.5)
    events: list[Event] = [
        Planned(sessions=3, calls=7),
        made,
        made,
        made.model_copy(update={"cached": True}),
        Waiting(purpose="p", attempt=1, seconds=0.5, reason="429"),
        SessionDone(session="s1"),
        SessionFailed(session="s2", reason="no"),
    ]
    progress = Progress()
    for event in events:
        progress = progress.after(event)
    assert progress == Progress(
        sessions=3,
        calls=7,
        done=1,
        failed=1,
        answered=3,
        cached=1,
        waits=1,
        usage=Usage(prompt_tokens=20, cached_tokens=8, completion_tokens=4),  # two made now
        cost_usd=1.0,  # 2 * 0.5; the cached one costs nothing
    )
