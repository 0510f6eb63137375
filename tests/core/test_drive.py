"""Driving sessions: order, laziness, lanes, failures, stops and cancellation."""

import asyncio
from collections.abc import Iterable, Iterator
from functools import partial

import pytest

from panelsim.errors import BudgetError, NotStored, RefusedRequest
from panelsim.execution.control import Cancelled, Control
from panelsim.execution.drive import (
    ADMITTED_PER_CALL,
    Done,
    Failed,
    Listener,
    Session,
    drive,
    run_sessions,
)
from panelsim.execution.replay import WINDOW, replay, replay_all
from panelsim.model.call import Call, Completion
from panelsim.providers.base import Complete
from panelsim.script import Script
from tests.calls import at_once, chat, echo, said, talk, text_of

Said = tuple[str, ...]


class Noted(Listener[Said]):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.outcomes: dict[str, Done[Said] | Failed] = {}

    def began(self, session: Session[Said], /) -> None:
        self.begun.append(session.id)

    def ended(self, outcome: Done[Said] | Failed, /) -> None:
        self.outcomes[outcome.id] = outcome


async def outcomes_of(
    plan: Iterable[Session[Said]],
    complete: Complete,
    *,
    at_once: int,
    paced_by_lane: bool = False,
    control: Control | None = None,
) -> dict[str, Done[Said] | Failed]:
    noted = Noted()
    await run_sessions(plan, complete, noted, at_once=at_once, paced_by_lane=paced_by_lane, control=control)
    return noted.outcomes


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


async def test_every_session_has_one_outcome_whoever_ends_first() -> None:
    async def later_is_faster(call: Call) -> Completion:
        await asyncio.sleep((20 - int(text_of(call))) / 1000)
        return await echo(call)

    plan = [session(f"s{n}", str(n)) for n in range(20)]
    outcomes = await outcomes_of(plan, later_is_faster, at_once=8)
    assert outcomes == {f"s{n}": Done(f"s{n}", (str(n),)) for n in range(20)}
    assert list(outcomes) != [f"s{n}" for n in range(20)]


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

    running = asyncio.create_task(outcomes_of(plan(), held, at_once=2))
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
        session(f"{lane}{n}", f"{lane}{n}a", f"{lane}{n}b", lane=lane) for lane in "xyz" for n in range(3)
    ]
    outcomes = await outcomes_of(plan, watch, at_once=2, paced_by_lane=True)
    assert sorted(outcomes) == [one.id for one in plan]
    assert widest == 2


async def test_a_provider_error_ends_its_own_session_only() -> None:
    async def refuse_two(call: Call) -> Completion:
        if text_of(call) == "2":
            raise RefusedRequest("not this one")
        return await echo(call)

    plan = [session(f"s{n}", str(n)) for n in range(4)]
    outcomes = await outcomes_of(plan, refuse_two, at_once=2)
    assert outcomes["s2"] == Failed("s2", "not this one")
    assert [type(outcomes[one.id]) for one in plan] == [Done, Done, Failed, Done]


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
        await outcomes_of(plan, stop_at_one, at_once=1)
    assert sent == ["0", "1"]
    assert came_in == ["0"]


async def test_a_bug_stops_the_run_and_is_raised_alone() -> None:
    def broken() -> Script[tuple[str, ...]]:
        yield from talk("a")
        raise ZeroDivisionError("a bug")

    plan = [session("s0", "0"), Session("s1", "", broken)]
    with pytest.raises(ZeroDivisionError, match="a bug"):
        await outcomes_of(plan, echo, at_once=4)


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
    running = asyncio.create_task(outcomes_of(plan, never, at_once=4))
    await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sorted(closed) == [0, 1, 2]


def test_replay_gives_the_value_that_was_driven() -> None:
    known = {chat(text).key: said(text.upper()) for text in ("a", "b")}
    assert replay(talk("a", "b"), known) == ("A", "B")


def test_replay_names_the_call_that_is_not_stored() -> None:
    with pytest.raises(NotStored, match=chat("b").key):
        replay(talk("a", "b"), {chat("a").key: said("A")})


def test_a_window_of_scripts_is_replayed_with_one_look_up_a_turn() -> None:
    known = {chat(text).key: said(text.upper()) for text in ("a", "b", "c")}
    looked_up: list[list[str]] = []
    heard: list[str] = []

    def find(keys: list[str]) -> dict[str, Completion]:
        looked_up.append(keys)
        return {key: known[key] for key in keys if key in known}

    starts = [partial(talk, "a", "b"), partial(talk, "a", "x"), partial(talk, "c")]
    first, second, third = replay_all(starts, find, lambda key, _said: heard.append(key))
    assert (first, third) == (("A", "B"), ("C",))
    assert isinstance(second, NotStored)
    assert looked_up == [[chat("a").key, chat("c").key], [chat("b").key, chat("x").key]]
    # the unfinished script heard A, but its session is a failure: only what finished ones heard counts
    assert heard == [chat("a").key, chat("b").key, chat("c").key]


def test_a_replay_holds_one_window_of_scripts() -> None:
    started = 0

    def start() -> Script[Said]:
        nonlocal started
        started += 1
        return talk("a")

    known = {chat("a").key: said("A")}
    values = replay_all((start for _ in range(3 * WINDOW)), lambda _keys: known)
    next(values)
    assert started == WINDOW
    assert len(list(values)) == 3 * WINDOW - 1


async def test_a_paused_run_sends_nothing_until_it_may_go_on() -> None:
    control, sent = Control(), list[str]()

    async def note(call: Call) -> Completion:
        sent.append(text_of(call))
        return await echo(call)

    control.obey("pause")
    running = asyncio.create_task(outcomes_of([session("s", "a")], note, at_once=1, control=control))
    await asyncio.sleep(0.01)
    assert sent == []
    control.obey("run")
    assert list(await running) == ["s"]


async def test_a_cancelled_run_ends_within_a_second_and_keeps_what_has_ended() -> None:
    control, noted = Control(), Noted()

    async def first_only(call: Call) -> Completion:
        if text_of(call) != "0":
            await asyncio.sleep(60)
        return await echo(call)

    plan = [session(f"s{n}", str(n)) for n in range(9)]
    running = asyncio.create_task(run_sessions(plan, first_only, noted, at_once=2, control=control))
    await asyncio.sleep(0.01)
    control.obey("cancel")
    with pytest.raises(Cancelled):
        await asyncio.wait_for(running, 1)
    assert list(noted.outcomes) == ["s0"]
    assert len(noted.begun) < 9


async def test_calls_that_come_in_soon_after_a_cancellation_are_not_lost() -> None:
    control, came_in = Control(), list[str]()

    async def slow(call: Call) -> Completion:
        await asyncio.sleep(0.05)
        came_in.append(text_of(call))
        return await echo(call)

    plan = [session("s0", "a", "b")]
    running = asyncio.create_task(outcomes_of(plan, slow, at_once=1, control=control))
    await asyncio.sleep(0.01)
    control.obey("cancel")
    control.obey("run")  # too late
    with pytest.raises(Cancelled):
        await running
    assert came_in == ["a"]
