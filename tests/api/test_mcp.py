"""Tools for agents: what they do, who may use them, and that both transports drive real runs."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import get_default_environment
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, TextContent, TextResourceContents
from pydantic import JsonValue

from panelsim.api.caller import Caller
from panelsim.api.mcp_server import build_mcp
from panelsim.service.api_keys import SCOPES
from panelsim.store import Scope
from tests.api.conftest import HEADLINES, Service

TEST: dict[str, JsonValue] = {"variants": list(HEADLINES), "model": "scripted/sensible", "n": 4}


def caller(account: str = "acc_a", scopes: tuple[Scope, ...] = SCOPES) -> Caller:
    return Caller(f"key_{account}", account, scopes, 600)


def agent_of(service: Service, who: Caller | None = None) -> Client:
    """An agent in this process, for a caller."""
    known = who or caller()
    return Client(build_mcp(service.api, lambda _ctx: known))


def told(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def given(result: CallToolResult) -> dict[str, Any]:
    assert not result.is_error, told(result)
    found: dict[str, Any] = result.structured_content or {}
    return found


async def test_every_tool_is_typed_and_says_that_nobody_was_asked(service: Service) -> None:
    async with agent_of(service) as agent:
        tools = {tool.name: tool for tool in (await agent.list_tools()).tools}
        assert agent.instructions is not None
        assert "No person is asked" in agent.instructions
    assert set(tools) == {"estimate", "start_test", "status", "report", "ask", "list_panels"}
    for tool in tools.values():
        assert tool.description
        assert tool.output_schema is not None
        fields = tool.input_schema["properties"]
        assert "ctx" not in fields
        assert all(field.get("description") for field in fields.values())
    assert tools["start_test"].annotations is not None
    assert tools["start_test"].annotations.read_only_hint is False


async def test_a_test_from_its_start_to_a_question_after_it(service: Service) -> None:
    heard: list[tuple[float, float | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total))

    async with agent_of(service) as agent:
        panels = given(await agent.call_tool("list_panels"))["panels"]
        assert "sales-trio" in {panel["id"] for panel in panels}
        expected = given(await agent.call_tool("estimate", TEST))
        started = given(await agent.call_tool("start_test", TEST | {"idempotency_key": "k"}))
        again = given(await agent.call_tool("start_test", TEST | {"idempotency_key": "k"}))
        run = started["run"]
        assert isinstance(run, dict)
        assert again["run"] == run
        assert expected["sessions"] == run["counts"]["sessions"]
        assert (run["state"], started["summary"]) == ("queued", None)
        name = str(run["id"])
        early = await agent.call_tool("report", {"run_id": name})
        assert early.is_error
        assert "run_not_ended" in told(early)
        waiting = asyncio.create_task(
            agent.call_tool("status", {"run_id": name, "wait_s": 30}, progress_callback=hear)
        )
        await asyncio.to_thread(service.drive, name)
        ended = given(await waiting)
        assert ended["run"]["state"] == "done"
        assert "no person was asked" in str(ended["note"])
        reported = given(await agent.call_tool("report", {"run_id": name, "form": "markdown"}))
        assert reported["summary"] == ended["summary"]
        (page,) = (await agent.read_resource(f"panelsim://runs/{name}/report")).contents
        assert isinstance(page, TextResourceContents)
        assert page.text == reported["text"]
        assert page.text.startswith("> **Simulated, not people.**")
        asked = given(await agent.call_tool("ask", {"run_id": name, "question": "Why?", "respondents": 2}))
        assert [one["missing"] for one in asked["answers"]] == [None, None]
    assert heard[-1][0] == heard[-1][1] == ended["run"]["counts"]["answered"]
    await service.api.close()


@pytest.mark.parametrize(
    ("tool", "arguments", "sentence"),
    [
        ("start_test", {"variants": ["one"]}, "variants: Tuple should have at least 2 items"),
        ("estimate", {"variants": ["a", "b"], "panel": "../x"}, "no panel is called '../x'"),
        ("estimate", {"variants": ["a", "b"], "n": 0}, "n: Input should be greater than or equal to 2"),
        ("status", {"run_id": "nope"}, "not_found: no run 'nope' is known to this key"),
        ("ask", {"run_id": "nope", "question": " "}, "question"),
    ],
)
async def test_what_is_wrong_is_told_in_a_sentence(
    service: Service, tool: str, arguments: dict[str, JsonValue], sentence: str
) -> None:
    async with agent_of(service) as agent:
        refused = await agent.call_tool(tool, arguments)
    assert refused.is_error
    assert sentence in told(refused)
    assert service.api.workspace.store.heads() == ()


async def test_a_key_that_only_reads_starts_nothing(service: Service) -> None:
    async with agent_of(service, caller(scopes=("runs:read",))) as agent:
        for tool, arguments in (("start_test", TEST), ("ask", {"run_id": "x", "question": "Why?"})):
            refused = await agent.call_tool(tool, arguments)
            assert refused.is_error
            assert "forbidden: the key lacks the scope runs:write" in told(refused)


async def test_the_runs_of_another_account_are_not_there(service: Service) -> None:
    async with agent_of(service) as agent:
        name = str(given(await agent.call_tool("start_test", TEST))["run"]["id"])
    async with agent_of(service, caller("acc_b")) as other:
        for tool in ("status", "report"):
            assert "not_found" in told(await other.call_tool(tool, {"run_id": name}))
        assert "not_found" in told(await other.call_tool("ask", {"run_id": name, "question": "Why?"}))
        with pytest.raises(MCPError, match="not_found"):
            await other.read_resource(f"panelsim://runs/{name}/report")


@asynccontextmanager
async def own_panelsim(store: Path) -> AsyncIterator[Client]:
    """`panelsim mcp` as a child process, as an agent's client starts it."""
    environment = get_default_environment() | {"PANELSIM_STORE": str(store), "PANELSIM_LOG": "warning"}
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "panelsim", "mcp"], env=environment, cwd=str(store.parent)
    )
    async with Client(command, mode="legacy") as agent:
        yield agent


async def test_a_child_process_drives_the_run_it_starts_and_tells_how_far_it_is(tmp_path: Path) -> None:
    heard: list[float] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append(progress)

    async with own_panelsim(tmp_path / "store.sqlite3") as agent:
        wanted = TEST | {"wait_s": 120}
        ended = given(await agent.call_tool("start_test", wanted, progress_callback=hear))
        assert ended["run"]["state"] == "done"
        assert ended["summary"]["verdict"] in ("clear_lead", "lean", "no_difference", "cannot_say")
        name = ended["run"]["id"]
        asked = given(await agent.call_tool("ask", {"run_id": name, "question": "Why?", "respondents": 1}))
        assert asked["missing"] == 0
    assert heard == sorted(heard)
    assert heard[-1] > 0
