"""Clients that others wrote, against a real server: the openai SDK, and MCP over HTTP."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from openai import APIStatusError, AuthenticationError, NotFoundError, OpenAI, UnprocessableEntityError
from openai.types.chat import ChatCompletionUserMessageParam

from panelsim.service.api_keys import create_key
from panelsim.service.workspace import open_workspace
from panelsim.settings import Settings
from tests.api.conftest import HEADLINES, serving

QUESTION = ChatCompletionUserMessageParam(role="user", content="What made you look for a new tool?")
BEHIND = {"panelsim": {"model": "scripted/sensible"}}


class Place(NamedTuple):
    """Where a server is, and keys of three callers."""

    url: str
    secret: str
    other: str
    poor: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One server for all tests of this file: a start takes seconds."""
    folder = tmp_path_factory.mktemp("server")
    store = str(folder / "store.sqlite3")
    with open_workspace(Settings(store=store)) as workspace:
        mine, other = (create_key(workspace.store, name)[1] for name in ("mine", "other"))
        poor = create_key(workspace.store, "poor", cap=1)[1]
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    prices = {"PANELSIM_PRICES": "scripted/agreeable=10,10"}
    with serving(store, folder / "log", **home, **prices) as server:
        yield Place(server.url, mine, other, poor)


def openai_client(place: Place, secret: str = "", path: str = "/v1") -> OpenAI:
    return OpenAI(base_url=f"{place.url}{path}", api_key=secret or place.secret, max_retries=0)


@pytest.mark.parametrize("path", ["/v1", "/openai/v1"])
def test_the_openai_client_gets_an_answer_whole_and_as_a_stream(place: Place, path: str) -> None:
    with openai_client(place, path=path) as client:
        ask = client.chat.completions.create
        whole = ask(model="persona:vp-sales", messages=[QUESTION], extra_body=BEHIND)
        said = whole.choices[0].message.content
        assert said
        assert whole.usage is not None
        assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens
        pieces: list[str] = []
        usage = None
        with ask(
            model="persona:vp-sales",
            messages=[QUESTION],
            stream=True,
            stream_options={"include_usage": True},
            extra_body=BEHIND,
        ) as stream:
            for chunk in stream:
                usage = chunk.usage or usage
                pieces += [choice.delta.content or "" for choice in chunk.choices]
    assert "".join(pieces) == said
    assert usage == whole.usage


def test_the_openai_client_lists_personas_to_pick_from(place: Place) -> None:
    with openai_client(place, path="/openai/v1") as client:
        names = [model.id for model in client.models.list()]
        assert "persona:vp-sales" in names
        assert client.models.retrieve("persona:cfo").id == "persona:cfo"


def test_the_openai_client_understands_every_refusal(place: Place) -> None:
    def ask(secret: str = "", model: str = "persona:vp-sales", **more: object) -> None:
        body = {**BEHIND, **more}
        with openai_client(place, secret) as client:
            client.chat.completions.create(model=model, messages=[QUESTION], extra_body=body)

    with pytest.raises(AuthenticationError, match="unknown or was revoked"):
        ask("psk_nobody")
    with pytest.raises(NotFoundError) as unknown:
        ask(model="persona:nobody")
    assert (unknown.value.code, unknown.value.param) == ("not_found", "model")
    with pytest.raises(UnprocessableEntityError) as tools:
        ask(tools=[{"type": "function", "function": {"name": "f"}}])
    assert (tools.value.code, tools.value.param) == ("invalid_request", "tools")
    with pytest.raises(APIStatusError) as poor:
        ask(place.poor, panelsim={"model": "scripted/agreeable"})
    assert (poor.value.status_code, poor.value.code) == (402, "spend_cap_reached")


@asynccontextmanager
async def agent_at(place: Place, secret: str, mode: str = "auto") -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {secret}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as http,
        Client(streamable_http_client(f"{place.url}/mcp", http_client=http), mode=mode) as agent,
    ):
        yield agent


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_an_agent_over_http_starts_a_run_that_is_driven_and_another_key_does_not_see_it(
    place: Place, mode: str
) -> None:
    heard: list[float] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append(progress)

    wanted = {"variants": list(HEADLINES), "model": "scripted/sensible", "n": 4, "wait_s": 120}
    async with agent_at(place, place.secret, mode) as agent:
        result = await agent.call_tool("start_test", wanted, progress_callback=hear)
        ended = result.structured_content
        assert ended is not None
        assert ended["run"]["state"] == "done"
    assert heard == sorted(heard)
    assert heard[-1] > 0
    name = ended["run"]["id"]
    async with agent_at(place, place.other, mode) as other:
        refused = await other.call_tool("status", {"run_id": name})
        assert refused.is_error
        assert "not_found" in str(refused.content)


def test_an_agent_without_a_key_is_refused_with_the_way_to_send_one(place: Place) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"Accept": "application/json, text/event-stream"}
    refused = httpx2.post(f"{place.url}/mcp", json=call, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized")
    assert refused.headers["www-authenticate"] == "Bearer"
