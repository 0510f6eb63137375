"""The wrappers around a provider: single flight, budget, retry, gate and limit, and their order."""

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelsim.errors import BudgetError, InputError, RefusedRequest, TransientError
from panelsim.model.call import Call, Completion, ModelRef, Usage
from panelsim.providers.budget import budgeted
from panelsim.providers.cache import cached
from panelsim.providers.limiter import Limiter
from panelsim.providers.line import Line
from panelsim.providers.prices import Price, bound_usd
from panelsim.providers.retry import retried
from panelsim.providers.wrappers import Budget, Hooks, compose
from tests.calls import MODEL, chat, echo, said, text_of
from tests.clock import FakeClock
from tests.wire.shelf import Shelf

PRICE = Price(prompt=1.0, completion=4.0)
"""Dollars per million tokens."""


def price_of(_model: ModelRef) -> Price:
    return PRICE


class Fake:
    """A provider that echoes, after raising the errors it was given, one per attempt."""

    at_once = 4
    paced_by_lane = False

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.sent: list[str] = []
        self.under_way = 0
        self.widest = 0

    async def complete(self, call: Call) -> Completion:
        self.sent.append(text_of(call))
        self.under_way += 1
        self.widest = max(self.widest, self.under_way)
        try:
            await asyncio.sleep(0)
            if self.errors:
                raise self.errors.pop(0)
            return await echo(call)
        finally:
            self.under_way -= 1

    async def close(self) -> None:
        """Nothing is open."""


# ---- cache


async def test_identical_calls_in_flight_are_sent_once() -> None:
    fake = Fake()
    told: list[bool] = []
    ask = cached(fake.complete, Shelf(), Hooks(answered=lambda _call, _said, known: told.append(known)))
    answers = await asyncio.gather(*(ask(chat("same")) for _ in range(5)))
    assert fake.sent == ["same"]
    assert {one.text for one in answers} == {"same"}
    assert sorted(told) == [False, True, True, True, True]


async def test_replicates_are_different_calls() -> None:
    fake = Fake()
    ask = cached(fake.complete, Shelf())
    await asyncio.gather(*(ask(chat("same", replicate=n)) for n in range(3)))
    assert len(fake.sent) == 3


async def test_a_known_completion_is_not_sent_and_costs_nothing() -> None:
    fake, shelf = Fake(), Shelf()
    shelf.rows[chat("known").key] = said("as before")
    budget = Budget(0, price_of)
    ask = compose({"fake": Line(fake)}, run="r", memory=shelf, budget=budget)
    assert (await ask(chat("known"))).text == "as before"
    assert fake.sent == []
    assert budget.spent_usd == 0


async def test_a_completion_is_stored_before_it_counts() -> None:
    shelf = Shelf()
    stored_when_told: list[bool] = []
    hooks = Hooks(answered=lambda call, _said, _known: stored_when_told.append(call.key in shelf.rows))
    await cached(echo, shelf, hooks)(chat("a"))
    assert stored_when_told == [True]


async def test_a_failed_call_fails_for_all_who_wait_and_is_not_kept() -> None:
    fake = Fake(RefusedRequest("no"))
    ask = cached(fake.complete, Shelf())
    outcomes = await asyncio.gather(*(ask(chat("a")) for _ in range(3)), return_exceptions=True)
    assert [str(one) for one in outcomes] == ["no"] * 3
    assert (await ask(chat("a"))).text == "a"
    assert fake.sent == ["a", "a"]


async def test_a_waiting_caller_takes_over_when_the_first_is_cancelled() -> None:
    fake = Fake()
    ask = cached(fake.complete, Shelf())
    first = asyncio.ensure_future(ask(chat("a")))
    second = asyncio.ensure_future(ask(chat("a")))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).text == "a"
    assert fake.sent == ["a", "a"]


async def test_a_cancelled_waiter_leaves_the_call_to_the_others() -> None:
    fake = Fake()
    ask = cached(fake.complete, Shelf())
    first = asyncio.ensure_future(ask(chat("a")))
    second = asyncio.ensure_future(ask(chat("a")))
    await asyncio.sleep(0)
    second.cancel()
    assert (await first).text == "a"
    assert fake.sent == ["a"]


# ---- budget


async def test_the_budget_is_never_passed_by_200_concurrent_calls() -> None:
    calls = [chat(f"question {n:03}") for n in range(200)]
    one = bound_usd(calls[0], PRICE)
    cap = 20.5 * one
    highest = 0.0

    async def dear(call: Call) -> Completion:
        nonlocal highest
        await asyncio.sleep(0)
        highest = max(highest, budget.spent_usd)
        return said(
            "x", prompt=91, completion=10
        )  # text 12 + message 16 + call 64 = 92 at most, 10 tokens out

    budget = Budget(cap, price_of)
    ask = budgeted(dear, budget)
    outcomes = await asyncio.gather(*(ask(call) for call in calls), return_exceptions=True)
    answered = [one for one in outcomes if isinstance(one, Completion)]
    stopped = [one for one in outcomes if isinstance(one, BudgetError)]
    assert len(answered) + len(stopped) == 200
    assert highest <= budget.spent_usd <= cap
    assert budget.spent_usd == pytest.approx(len(answered) * (91 * 1e-6 + 10 * 4e-6))
    assert len(answered) == 20  # each costs .000131, a bound is .000132: 20 fit in 20.5 bounds, 21 do not


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 10)), min_size=1, max_size=40), st.integers(0, 2000)
)
def test_no_mix_of_costs_passes_the_cap(costs: list[tuple[int, int]], cap_micro: int) -> None:
    async def run() -> Budget:
        budget = Budget(cap_micro / 1e6, price_of)
        usages = iter(costs)

        async def dear(_call: Call) -> Completion:
            await asyncio.sleep(0)
            prompt, completion = next(usages)
            return said("x", prompt=prompt, completion=completion)

        ask = budgeted(dear, budget)
        await asyncio.gather(*(ask(chat(str(n))) for n in range(len(costs))), return_exceptions=True)
        return budget

    assert asyncio.run(run()).spent_usd <= cap_micro / 1e6


async def test_a_call_waits_for_reservations_that_may_free_money() -> None:
    call = chat("a")
    budget = Budget(1.5 * bound_usd(call, PRICE), price_of)

    async def cheap(_call: Call) -> Completion:
        await asyncio.sleep(0)
        return said("x", prompt=1, completion=1)

    ask = budgeted(cheap, budget)
    answers = await asyncio.gather(*(ask(call) for _ in range(10)))
    assert len(answers) == 10
    assert budget.spent_usd == pytest.approx(10 * 5e-6)  # 1 token at 1 and 1 at 4 per million


async def test_the_real_cost_is_written_into_the_completion() -> None:
    async def dear(_call: Call) -> Completion:
        usage = Usage(prompt_tokens=100, cached_tokens=60, completion_tokens=10)
        return Completion(text="x", usage=usage)

    price = Price(prompt=1.0, completion=4.0, cached=0.1)
    paid = await budgeted(dear, Budget(1, lambda _model: price))(chat("a"))
    assert paid.cost_usd == pytest.approx(86e-6)  # 40 * 1 + 60 * .1 + 10 * 4 per million


@pytest.mark.parametrize(
    ("error", "counts"),
    [
        (TransientError("cut", maybe_billed=True), True),
        (TransientError("429", throttled=True), False),
        (RefusedRequest("400"), False),
    ],
)
async def test_a_failed_attempt_counts_as_spent_only_if_it_may_have_been_billed(
    error: Exception, counts: bool
) -> None:
    budget = Budget(1, price_of)
    with pytest.raises(type(error)):
        await budgeted(Fake(error).complete, budget)(chat("a"))
    assert budget.spent_usd == (bound_usd(chat("a"), PRICE) if counts else 0)


async def test_a_completion_without_usage_counts_its_whole_bound() -> None:
    async def silent(_call: Call) -> Completion:
        return Completion(text="x")

    budget = Budget(1, price_of)
    await budgeted(silent, budget)(chat("a"))
    assert budget.spent_usd == bound_usd(chat("a"), PRICE)


async def test_a_cap_of_zero_forbids_paid_calls_and_allows_free_ones() -> None:
    with pytest.raises(BudgetError, match="was not sent"):
        await budgeted(echo, Budget(0, price_of))(chat("a"))
    free = Budget(0, lambda _model: Price(prompt=0, completion=0))
    assert (await budgeted(echo, free)(chat("a"))).cost_usd == 0


# ---- retry, gate, limit


async def test_a_transient_failure_is_tried_again_and_every_attempt_is_counted(clock: FakeClock) -> None:
    fake = Fake(TransientError("cut", maybe_billed=True), TransientError("500"))
    budget = Budget(1, price_of)
    waits: list[tuple[int, str]] = []
    hooks = Hooks(waiting=lambda _call, attempt, _seconds, why: waits.append((attempt, why)))
    ask = compose({"fake": Line(fake)}, run="r", memory=Shelf(), budget=budget, hooks=hooks)
    assert (await ask(chat("a"))).text == "a"
    assert fake.sent == ["a"] * 3
    assert waits == [(1, "cut"), (2, "500")]
    spent = bound_usd(chat("a"), PRICE) + 30e-6  # the cut attempt's bound; then 10 * 1 + 5 * 4 per million
    assert budget.spent_usd == pytest.approx(spent)


async def test_attempts_are_capped_and_the_last_error_is_raised(clock: FakeClock) -> None:
    fake = Fake(*(TransientError(f"cut {n}") for n in range(9)))
    with pytest.raises(TransientError, match="cut 2"):
        await retried(fake.complete, attempts=3, limiter=Limiter(4, clock=clock))(chat("a"))
    assert len(fake.sent) == 3


async def test_a_refused_request_is_not_tried_again(clock: FakeClock) -> None:
    fake = Fake(RefusedRequest("bad key"))
    with pytest.raises(RefusedRequest):
        await retried(fake.complete, attempts=3, limiter=Limiter(4, clock=clock))(chat("a"))
    assert len(fake.sent) == 1


async def test_waits_grow_and_are_drawn_from_the_upper_half(clock: FakeClock) -> None:
    fake = Fake(*(TransientError("cut") for _ in range(4)))
    limiter = Limiter(4, clock=clock)
    await retried(fake.complete, attempts=5, limiter=limiter, jitter=random.Random(1))(chat("a"))
    longest = [0.5, 1.0, 2.0, 4.0]  # 0.5 * 2^(n-1)
    assert len(clock.waits) == 4
    assert all(most / 2 <= wait <= most for wait, most in zip(clock.waits, longest, strict=True))


@pytest.mark.parametrize("throttled", [True, False])
async def test_retry_after_is_waited_out(clock: FakeClock, throttled: bool) -> None:
    fake = Fake(TransientError("wait", retry_after=7.0, throttled=throttled))
    await retried(fake.complete, attempts=2, limiter=Limiter(4, clock=clock))(chat("a"))
    assert clock.seconds == pytest.approx(7.0)


async def test_a_pause_of_many_minutes_is_not_waited_out(clock: FakeClock) -> None:
    fake = Fake(TransientError("429", retry_after=3600.0, throttled=True))
    with pytest.raises(TransientError):
        await retried(fake.complete, attempts=5, limiter=Limiter(4, clock=clock))(chat("a"))
    assert clock.seconds == 0


class HeldClock(FakeClock):
    """Time stands still until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting, self.go_on = asyncio.Event(), asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        until = self.seconds + seconds
        self.waiting.set()
        await self.go_on.wait()
        self.seconds = max(self.seconds, until)


@pytest.mark.parametrize(("throttled", "sent"), [(True, ["first"]), (False, ["first", "later 0", "later 1"])])
async def test_only_a_throttled_call_closes_the_gate_for_all(throttled: bool, sent: list[str]) -> None:
    held = HeldClock()
    fake = Fake(TransientError("wait", retry_after=7.0, throttled=throttled))
    ask = compose({"fake": Line(fake, clock=held)}, run="r", memory=Shelf(), budget=Budget(1, price_of))
    first = asyncio.ensure_future(ask(chat("first")))
    await held.waiting.wait()
    later = [asyncio.ensure_future(ask(chat(f"later {n}"))) for n in range(2)]
    for _ in range(20):
        await asyncio.sleep(0)
    assert fake.sent == sent
    held.go_on.set()
    await asyncio.gather(first, *later)
    assert sorted(fake.sent) == ["first", "first", "later 0", "later 1"]


async def test_a_waiting_retry_holds_no_slot() -> None:
    held = HeldClock()
    fake = Fake(TransientError("cut"))
    line = Line(fake, at_once=1, clock=held)
    ask = compose({"fake": line}, run="r", memory=Shelf(), budget=Budget(1, price_of))
    first = asyncio.ensure_future(ask(chat("first")))
    await held.waiting.wait()
    assert (await asyncio.wait_for(ask(chat("second")), 1)).text == "second"
    held.go_on.set()
    assert (await first).text == "first"


async def test_no_more_calls_are_under_way_than_allowed() -> None:
    fake = Fake()
    ask = compose({"fake": Line(fake)}, run="r", memory=Shelf(), budget=Budget(1, price_of))
    await asyncio.gather(*(ask(chat(str(n))) for n in range(40)))
    assert fake.widest == fake.at_once
    wider = compose({"fake": Line(fake, at_once=9)}, run="r", memory=Shelf(), budget=Budget(1, price_of))
    await asyncio.gather(*(wider(chat(str(n))) for n in range(40)))
    assert fake.widest == 9


async def test_a_call_to_a_provider_that_was_not_opened_is_an_input_error() -> None:
    ask = compose({}, run="r", memory=Shelf(), budget=Budget(1, price_of))
    with pytest.raises(InputError, match=str(MODEL)):
        await ask(chat("a"))
