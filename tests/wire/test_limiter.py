"""The limiter: width, gate, stated rates, what headers say, and turns between runs; in virtual time."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelsim.errors import InputError, ProviderError, StoreError, TransientError
from panelsim.model.call import Call, ChatCall, Completion, ModelRef
from panelsim.providers.fair_queue import FairQueue
from panelsim.providers.limiter import Limiter
from panelsim.providers.line import Line
from panelsim.providers.prices import FREE
from panelsim.providers.rates import (
    REQUESTS,
    TOKENS,
    Rates,
    SharedRates,
    Told,
    parse_rates,
    told,
)
from panelsim.providers.width import SAMPLE, Width
from panelsim.providers.wrappers import Budget, compose
from tests.calls import MODEL, chat, said, text_of
from tests.virtual import LoopClock, run_virtually

OPENAI = ModelRef(provider="openai", name="gpt")


class Nothing:
    """A memory that forgets."""

    async def find(self, key: str) -> Completion | None:
        return None

    async def put(self, key: str, call: Call, completion: Completion) -> None:
        """Keeps nothing."""


class Server:
    """A provider of .2 s latency that turns calls away: at random, beyond a room, or all of them."""

    paced_by_lane = False

    def __init__(
        self,
        at_once: int,
        *,
        refuses: float = 0.0,
        room: int | None = None,
        retry_after: float | None = None,
        refusal_s: float = 0.01,
    ) -> None:
        self.at_once = at_once
        self.refuses, self.room, self.retry_after, self.refusal_s = refuses, room, retry_after, refusal_s
        self.sent: list[tuple[float, str]] = []
        self.refused = 0
        self.under_way = self.widest = 0
        self.dice = random.Random(7)

    async def complete(self, call: Call) -> Completion:
        self.sent.append((asyncio.get_running_loop().time(), text_of(call)))
        if self.dice.random() < self.refuses or (self.room is not None and self.under_way >= self.room):
            self.refused += 1
            await asyncio.sleep(self.refusal_s)
            raise TransientError("429", throttled=True, retry_after=self.retry_after)
        self.under_way += 1
        self.widest = max(self.widest, self.under_way)
        try:
            await asyncio.sleep(0.2)
        finally:
            self.under_way -= 1
        return said("x", prompt=900, completion=100)

    async def close(self) -> None:
        """Nothing is open."""

    @property
    def attempts_of_one_call(self) -> int:
        return max(Counter(text for _, text in self.sent).values())


async def ask_all(
    server: Server,
    n: int,
    *,
    callers: int,
    rates: Rates = Rates(),  # noqa: B008 - immutable
    shared: SharedRates | None = None,
    patience_s: float = 600.0,
    model: ModelRef = MODEL,
    pad: str = "",
) -> tuple[int, Counter[str], Line]:
    """How many of `n` calls were answered, why the others were not, and the line they went over."""
    line = Line(server, clock=LoopClock(), patience_s=patience_s, rates=rates, shared=shared)
    ask = compose({model.provider: line}, run="r", memory=Nothing(), budget=Budget(1, lambda _model: FREE))
    places = iter(range(n))
    reasons: Counter[str] = Counter()
    answered = 0

    async def work() -> None:
        nonlocal answered
        for place in places:
            try:
                await ask(chat(f"{place}{pad}", max_tokens=200).model_copy(update={"model": model}))
                answered += 1
            except ProviderError as error:
                reasons[str(error)] += 1

    await asyncio.gather(*(work() for _ in range(callers)))
    await line.close()
    return answered, reasons, line


# ---- width


def test_a_line_that_is_not_throttled_is_at_full_width_from_the_first_call() -> None:
    server = Server(400)
    (answered, _, _), seconds = run_virtually(ask_all(server, 2000, callers=1200))
    assert answered == 2000
    assert server.widest == 400
    assert seconds == pytest.approx(1.0)  # 2000 / 400 round trips of .2 s


def refuse(width: Width, *, n: int, refused: int) -> None:
    """`n` calls side by side, as many of them refused."""
    rounds = [width.sent(place + 1) for place in range(n)]
    for place, its in enumerate(rounds):
        width.back(its, refused=place < refused)


def test_refusals_of_one_round_trip_halve_the_width_once() -> None:
    width = Width(100)
    refuse(width, n=100, refused=60)
    assert width.calls == 25  # half of the 50 that were under way on average


def test_a_width_never_falls_below_one_call() -> None:
    width = Width(2)
    for _ in range(3000):
        refuse(width, n=width.calls, refused=width.calls)
    assert width.calls >= 1


def test_a_round_without_refusals_adds_one_call_and_later_more() -> None:
    width = Width(100)
    refuse(width, n=100, refused=1)
    grown = []
    for _ in range(9):
        refuse(width, n=width.calls, refused=0)
        grown.append(width.calls)
    assert grown == [26, 27, 28, 29, 31, 33, 35, 37, 41]  # 25, then + 1 four times, + 2 four times, + 4


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 40)), max_size=200), st.integers(1, 40))
def test_a_width_stays_between_one_and_its_ceiling(rounds: list[tuple[int, int]], ceiling: int) -> None:
    width = Width(ceiling)
    for n, refused in rounds:
        refuse(width, n=min(n, width.calls), refused=refused)
        assert 1 <= width.calls <= ceiling


def test_a_provider_with_room_for_ten_is_asked_about_ten_at_once() -> None:
    server = Server(100, room=10)
    (answered, _, line), seconds = run_virtually(ask_all(server, 1000, callers=300))
    assert answered == 1000
    assert seconds < 40  # 20 at the least: 1000 / 10 round trips of .2 s
    assert line.limiter.width.calls <= 40
    assert server.refused < 6000


@pytest.mark.parametrize(("refuses", "within_s"), [(0.3, 10), (0.6, 20), (0.9, 120)])
@pytest.mark.parametrize("refusal_s", [0.01, 0.2])
def test_refusals_that_do_not_depend_on_the_load_do_not_strangle_a_line(
    refuses: float, within_s: float, refusal_s: float
) -> None:
    # at full width 2000 calls need (1 / (1 - p)) * 2000 / 200 round trips: 2.9, 5 and 20 s at the most
    server = Server(200, refuses=refuses, refusal_s=refusal_s)
    (answered, reasons, _), seconds = run_virtually(ask_all(server, 2000, callers=600))
    assert answered == 2000, reasons
    assert seconds < within_s
    assert server.attempts_of_one_call <= 200


# ---- the gate


def test_a_pause_that_is_asked_for_holds_for_all() -> None:
    server = Server(10, refuses=1.0, retry_after=5.0)

    async def work() -> None:
        task = asyncio.create_task(ask_all(server, 40, callers=40))
        await asyncio.sleep(4.9)
        server.refuses = 0.0
        await task

    run_virtually(work())
    at = [when for when, _ in server.sent]
    assert not [when for when in at if 0.0 < when < 5.0]
    assert len([when for when in at if when == 0.0]) == 10


def test_a_pause_longer_than_the_patience_ends_all_calls_after_one_round() -> None:
    server = Server(10, refuses=1.0, retry_after=3600.0)
    (answered, reasons, _), seconds = run_virtually(ask_all(server, 500, callers=100))
    assert answered == 0
    assert seconds < 1
    assert len(server.sent) == 10
    assert "it asks for a pause of 3600 s, PANELSIM_PATIENCE_S allows 600 s" in max(reasons, key=len)


def test_a_provider_that_answers_nobody_is_asked_ever_less_and_given_up() -> None:
    server = Server(100, refuses=1.0)
    (answered, reasons, _), seconds = run_virtually(ask_all(server, 300, callers=300, patience_s=300))
    assert answered == 0
    assert reasons.total() == 300
    assert 300 <= seconds < 700
    assert len(server.sent) < 300 * 10
    late = [when for when, _ in server.sent if when > 200]
    assert len(late) < 600


def test_a_pause_ends_when_the_first_call_gets_through() -> None:
    server = Server(20, refuses=1.0)

    async def work() -> tuple[int, Counter[str], Line]:
        task = asyncio.create_task(ask_all(server, 200, callers=60))
        await asyncio.sleep(20)
        server.refuses = 0.0
        return await task

    (answered, _, _), seconds = run_virtually(work())
    assert answered == 200
    assert seconds < 20 + 30 + 10


# ---- rates


def busiest(times: list[float], window_s: float) -> int:
    """The most calls that were sent within any window."""
    return max(sum(start <= when < start + window_s for when in times) for start in times)


def test_no_minute_and_no_second_has_more_requests_than_stated() -> None:
    server = Server(400)
    stated = parse_rates("fake/one=1200", "")
    (answered, _, _), seconds = run_virtually(ask_all(server, 300, callers=300, rates=stated))
    times = [when for when, _ in server.sent]
    assert answered == 300
    assert seconds == pytest.approx(15.0, rel=0.05)  # 300 at 20 a second
    assert busiest(times, 1.0) <= 20 + 5 + 1  # a quarter of a second's worth may have gathered
    assert busiest(times, 0.25) <= 5 + 5 + 1


def test_tokens_are_reserved_by_an_estimate_and_settled_by_usage() -> None:
    server = Server(400)  # each call uses 1,000 tokens
    stated = parse_rates("", "fake/one=600000")
    (_, _, _), seconds = run_virtually(ask_all(server, 300, callers=300, rates=stated, pad="y" * 3600))
    # 300 calls of 1,000 tokens at 10,000 a second are 30 s; 3,600 bytes are taken for 900 tokens, the answer
    # for 50 until it is known to have 100
    assert seconds == pytest.approx(30.0, rel=0.15)


def test_a_plain_number_is_for_all_models_of_a_provider_over_http() -> None:
    stated = parse_rates("600", "")

    async def send(models: list[ModelRef]) -> float:
        limiter = Limiter(100, clock=LoopClock(), rates=stated)
        calls = [
            chat(str(place)).model_copy(update={"model": model}) for model in models for place in range(50)
        ]
        await asyncio.gather(*(limiter.enter("r", call) for call in calls))
        await limiter.close()
        return asyncio.get_running_loop().time()

    other = OPENAI.model_copy(update={"name": "small"})
    assert run_virtually(send([OPENAI, other]))[0] == pytest.approx(9.7, rel=0.05)  # 97 more at 10 a second
    assert run_virtually(send([MODEL]))[0] == 0  # runs here: nobody meant it


@pytest.mark.parametrize("text", ["many", "gpt=5", "openai/gpt=0", "openai/gpt=-1", "=5x", "nan", "inf"])
def test_a_rate_that_cannot_be_read_is_an_input_error(text: str) -> None:
    with pytest.raises(InputError, match="expected a number of requests per minute"):
        parse_rates(text, "")


def test_rates_are_numbers_or_names_with_numbers() -> None:
    assert parse_rates("500; openai/gpt=20", "openai/gpt=1e5") == Rates(
        {"": 500.0, "openai/gpt": 20.0}, {"openai/gpt": 100_000.0}
    )


class Tap:
    """A rate that several limiters share: a bucket in the loop's time."""

    def __init__(self) -> None:
        self.level, self.at, self.granted, self.asked = 0.0, 0.0, 0, 0

    async def take(self, bucket: str, wanted: int, per_minute: float, burst: float) -> int:
        assert bucket == "requests:fake/one"
        self.asked += 1
        await asyncio.sleep(0.001)
        now = asyncio.get_running_loop().time()
        self.level, self.at = min(burst, self.level + (now - self.at) * per_minute / 60), now
        granted = min(wanted, int(self.level))
        self.level -= granted
        self.granted += granted
        return granted


def test_two_lines_with_one_shared_rate_keep_it_together() -> None:
    tap = Tap()
    servers = [Server(400), Server(400)]
    stated = parse_rates("fake/one=1200", "")

    async def work() -> list[int]:
        done = [ask_all(server, 100, callers=100, rates=stated, shared=tap) for server in servers]
        return [answered for answered, _, _ in await asyncio.gather(*done)]

    answered, seconds = run_virtually(work())
    assert answered == [100, 100]
    assert 9.5 <= seconds < 12  # 200 at 20 a second
    assert tap.granted <= 200 + 2 * 5  # what each may hold when it ends
    assert busiest([when for server in servers for when, _ in server.sent], 1.0) <= 20 + 3 * 5


def test_a_shared_rate_that_cannot_be_read_fails_those_who_wait() -> None:
    class Broken:
        async def take(self, bucket: str, wanted: int, per_minute: float, burst: float) -> int:
            raise StoreError("the store is gone")

    async def work() -> list[BaseException | object]:
        limiter = Limiter(5, clock=LoopClock(), rates=parse_rates("fake/one=60", ""), shared=Broken())
        calls = [limiter.enter("r", chat(str(place))) for place in range(3)]
        return list(await asyncio.gather(*calls, return_exceptions=True))

    assert [str(one) for one in run_virtually(work())[0]] == ["the store is gone"] * 3


# ---- headers


def openai_headers(left: int, reset: str, unit: str = "requests", limit: int = 600) -> Mapping[str, str]:
    return {
        f"x-ratelimit-limit-{unit}": str(limit),
        f"x-ratelimit-remaining-{unit}": str(left),
        f"x-ratelimit-reset-{unit}": reset,
    }


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [("1s", 1), ("6m0s", 360), ("12ms", 0.012), ("1m30.5s", 90.5), ("20", 20), ("0s", 0)],
)
def test_reset_times_are_read(reset: str, seconds: float) -> None:
    found = told(openai_headers(3, reset), REQUESTS)
    assert found is not None
    assert (found.left, found.limit) == (3, 600)
    assert found.seconds == pytest.approx(seconds)


def test_headers_that_cannot_be_read_say_nothing() -> None:
    assert told({"x-ratelimit-remaining-tokens": "plenty"}, TOKENS) is None
    assert told(openai_headers(3, "a while"), REQUESTS) is None
    assert told({}, REQUESTS) is None


def test_a_line_slows_down_before_the_limit_that_headers_tell() -> None:
    async def work() -> list[float]:
        limiter = Limiter(100, clock=LoopClock())
        first = await limiter.enter("r", chat("first"))
        limiter.hear(MODEL, openai_headers(10, "59s"))
        limiter.leave(first, usage=said("x").usage)
        times = []

        async def one(place: int) -> None:
            ticket = await limiter.enter("r", chat(str(place)))
            times.append(asyncio.get_running_loop().time())
            limiter.leave(ticket, usage=said("x").usage)

        await asyncio.gather(*(one(place) for place in range(30)))
        return times

    times, _ = run_virtually(work())
    assert sum(when == 0 for when in times) == 10
    assert times[-1] == pytest.approx(2.0, rel=0.1)  # 20 more, and (600 - 10) / 59 = 10 a second come back


def test_anthropics_headers_are_read_too() -> None:
    headers = {
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-reset": "2020-01-01T00:00:00Z",
    }
    assert told(headers, REQUESTS) == Told(0, 50, 0.0)


# ---- turns


def test_runs_take_turns_whoever_came_first() -> None:
    async def work() -> list[str]:
        limiter = Limiter(1, clock=LoopClock())
        order: list[str] = []

        async def one(run: str, place: int) -> None:
            ticket = await limiter.enter(run, chat(f"{run}{place}"))
            order.append(run)
            await asyncio.sleep(0.01)
            limiter.leave(ticket, usage=said("x").usage)

        big = [one("big", place) for place in range(50)]
        small = [one("small", place) for place in range(5)]
        await asyncio.gather(*big, *small)
        return order

    order, _ = run_virtually(work())
    assert "".join(run[0] for run in order[:12]) == "bbsbsbsbsbsb"  # one was under way, then turn by turn
    assert order[12:] == ["big"] * 43


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers())))
def test_a_fair_queue_loses_nothing_and_keeps_the_order_within_a_run(waiters: list[tuple[str, int]]) -> None:
    queue: FairQueue[tuple[str, int]] = FairQueue()
    for waiter in waiters:
        queue.add(waiter[0], waiter)
    taken = []
    while (one := queue.take()) is not None:
        taken.append(one)
    for run in "abc":
        assert [one for one in taken if one[0] == run] == [one for one in waiters if one[0] == run]


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(1, 5))
def test_no_slot_is_lost_when_callers_give_up(gives_up: list[bool], at_once: int) -> None:
    async def work() -> int:
        limiter = Limiter(at_once, clock=LoopClock())

        async def one(place: int) -> None:
            ticket = await limiter.enter("r", chat(str(place)))
            try:
                await asyncio.sleep(0.1)
            except asyncio.CancelledError as error:
                limiter.leave(ticket, error=error)
                raise
            limiter.leave(ticket, usage=said("x").usage)

        tasks = [asyncio.create_task(one(place)) for place in range(len(gives_up))]
        for wait in (0.05, 0.1):
            await asyncio.sleep(wait)
            for task in (task for task, leaves in zip(tasks, gives_up, strict=True) if leaves):
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await limiter.close()
        return limiter.under_way + limiter.waiting

    assert run_virtually(work())[0] == 0


def test_a_model_that_must_wait_does_not_hold_up_another() -> None:
    async def work() -> float:
        limiter = Limiter(10, clock=LoopClock(), rates=parse_rates("openai/gpt=6", ""))

        async def one(call: ChatCall) -> float:
            limiter.leave(await limiter.enter("r", call), usage=said("x").usage)
            return asyncio.get_running_loop().time()

        slow = [asyncio.create_task(one(chat(str(n)).model_copy(update={"model": OPENAI}))) for n in range(5)]
        await asyncio.sleep(0.01)
        quick = await asyncio.gather(*(one(chat(str(n))) for n in range(20)))
        for task in slow:
            task.cancel()
        await limiter.close()
        return max(quick)

    assert run_virtually(work())[0] < 0.1


def test_a_round_is_large_enough_to_tell_a_tenth_from_a_fifth() -> None:
    # the standard deviation of a share of .1 among 128 is sqrt(.1 * .9 / 128) = .027: .15 is 1.9 of them off
    assert (0.15 - 0.1) / (0.1 * 0.9 / SAMPLE) ** 0.5 > 1.8
