"""Bad weather: whatever a server does, each call ends in an answer or a reason, and nothing bad is kept."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from panelsim.errors import ProviderError
from panelsim.model.call import Call, ChatCall, Completion, Message, ModelRef, Sampling
from panelsim.providers import Options, open_line
from panelsim.providers.prices import FREE
from panelsim.providers.wrappers import Budget, compose
from tests.wire.fake_server import KEY, FakeServer, Kind, Weather, serving
from tests.wire.shelf import Shelf

N = 60
ATTEMPTS = 5
TURNED_AWAY = 200
"""Refusals of one call, at the most."""


@pytest.fixture(scope="module")
def running() -> Iterator[FakeServer]:
    with serving() as server:
        yield server


@pytest.fixture
def server(running: FakeServer) -> Iterator[FakeServer]:
    running.seen.clear()
    yield running
    running.weather = None


def calls_to(server: FakeServer) -> list[ChatCall]:
    model = ModelRef(provider="openai", name="ok", base_url=server.url)
    return [
        ChatCall(
            model=model,
            messages=(Message(role="user", content=f"Question {place}"),),
            sampling=Sampling(max_tokens=5),
        )
        for place in range(N)
    ]


async def ask_all(server: FakeServer, folder: Path, shelf: Shelf) -> list[Completion | ProviderError]:
    """Asks all calls side by side; anything but an answer or a ProviderError is raised."""
    options = Options(cache_dir=folder, timeout_s=0.25, openai_api_key=SecretStr(KEY))
    line = open_line("openai", options, at_once=N)
    ask = compose(
        {"openai": line}, run="r", memory=shelf, budget=Budget(1, lambda _model: FREE), attempts=ATTEMPTS
    )

    async def outcome(call: Call) -> Completion | ProviderError:
        try:
            return await ask(call)
        except ProviderError as error:
            return error

    try:
        return await asyncio.gather(*(outcome(call) for call in calls_to(server)))
    finally:
        await line.close()


WEATHERS: tuple[tuple[Kind, float], ...] = (
    ("throttled", 0.3),
    ("throttled", 0.6),
    ("throttled-for-a-while", 0.6),
    ("throttled-for-a-while", 0.9),
    ("no-room", 0.6),
    ("broken", 0.6),
    ("cut", 0.6),
    ("slow", 0.3),
    ("truncated", 0.6),
    ("no-choices", 0.6),
    ("off-schema", 0.6),
)
CALM: tuple[Kind, ...] = ("throttled", "throttled-for-a-while", "no-room")
"""Weathers in which calls only have to wait."""


@pytest.mark.parametrize(("kind", "share"), WEATHERS)
async def test_every_call_ends_in_an_answer_or_a_reason(
    server: FakeServer, tmp_path: Path, kind: Kind, share: float
) -> None:
    server.weather = Weather(kind, share)
    shelf = Shelf()
    outcomes = await ask_all(server, tmp_path, shelf)
    answered = [one for one in outcomes if isinstance(one, Completion)]
    failed = [one for one in outcomes if isinstance(one, ProviderError)]
    assert len(answered) + len(failed) == N
    assert all(one.text == "4" for one in answered)
    assert all(f"given up after {ATTEMPTS} attempts" in str(one) for one in failed)
    assert not failed or kind not in CALM
    keys = {call.key for call in calls_to(server)}
    assert len(shelf.rows) == len(answered)
    assert shelf.rows.keys() <= keys
    tries = Counter(request.text for request in server.seen)
    assert max(tries.values()) <= (TURNED_AWAY if kind in CALM else ATTEMPTS)


async def test_a_failed_call_is_asked_anew_the_next_time(server: FakeServer, tmp_path: Path) -> None:
    server.weather = Weather("broken", 1.0)
    shelf = Shelf()
    assert all(isinstance(one, ProviderError) for one in await ask_all(server, tmp_path, shelf))
    assert shelf.rows == {}
    assert len(server.seen) == N * ATTEMPTS
    server.weather = None
    assert all(isinstance(one, Completion) for one in await ask_all(server, tmp_path, shelf))


async def test_a_refusal_of_the_model_is_an_answer_and_kept(server: FakeServer, tmp_path: Path) -> None:
    server.weather = Weather("refusal", 0.5)
    shelf = Shelf()
    outcomes = await ask_all(server, tmp_path, shelf)
    reasons = Counter(one.finish_reason for one in outcomes if isinstance(one, Completion))
    assert reasons.keys() == {"refusal", "stop"}
    assert reasons.total() == len(shelf.rows) == N == len(server.seen)
