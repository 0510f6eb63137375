"""The MCP server: tools and reports for agents, over standard input and output or HTTP."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Literal, TypeAlias

from fastapi import Request
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import ToolAnnotations
from pydantic import Field
from starlette.types import Receive, Scope, Send

from panelsim import __version__
from panelsim.api.asks import AskRequest, AskView
from panelsim.api.caller import Caller, bearer, caller_of
from panelsim.api.context import Api
from panelsim.api.mcp_tools import Panels, Progress, Refused, Reported, Started, Tools, read_request
from panelsim.api.routes.estimates import Estimate
from panelsim.api.studies import MessageTestRequest
from panelsim.service.asking_again import BY_DEFAULT, MOST

PATH = "/mcp"
CALLER = "panelsim.caller"
"""Where the HTTP transport keeps who calls, in the scope of the request."""
INSTRUCTIONS = (
    "panelsim tests headlines and messages on a simulated panel of B2B buyers. No person is asked: tell so "
    "whenever you pass its answers on. Typical order: list_panels, estimate, start_test (with wait_s, or "
    "status until has_ended), report, then ask for one more question to the same respondents. A verdict is "
    "clear_lead, lean, no_difference or cannot_say; cannot_say means that the run's own checks failed and no "
    "variant may be called better. Give start_test and ask an idempotency_key, so that a repeat costs "
    "nothing and starts nothing anew."
)

Asker: TypeAlias = Context[object, Request]
CallerOf: TypeAlias = Callable[[Asker], Caller]

Texts = Annotated[
    list[str],
    Field(description="The texts to compare, 2 to 8; they get the ids a, b, c in their order."),
]
Panel = Annotated[
    str, Field(description="Who is asked: an id from list_panels, or persona:ID for one persona.")
]
People = Annotated[int, Field(description="Target respondents, from 2; the control group adds half as many.")]
Model = Annotated[
    str,
    Field(
        description="PROVIDER/NAME of the language model that speaks for the panel; embedded/... is free and "
        "slow, openai/... is paid."
    ),
]
Cap = Annotated[float, Field(description="The most it may ever cost, in US dollars; nothing is sent beyond.")]
RunId = Annotated[str, Field(description="Of the run, as start_test gave it.")]
Wait = Annotated[
    float,
    Field(ge=0, le=600, description="Seconds to wait for its end; progress is told meanwhile. 0: do not."),
]
Key = Annotated[
    str,
    Field(
        max_length=255,
        description="Any text that is new for each new wish, such as a UUID: the same key with the same "
        "arguments gives the first answer and starts nothing. Empty: started each time.",
    ),
]
Seed = Annotated[int, Field(description="The same seed draws the same panel and asks the same.")]

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
SPENDS = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True
)


def build_mcp(api: Api, caller_of_context: CallerOf) -> MCPServer[object]:
    """The server; `caller_of_context` says who makes a request."""
    server: MCPServer[object] = MCPServer(
        "panelsim",
        title="panelsim: a simulated panel of B2B buyers",
        instructions=INSTRUCTIONS,
        version=__version__,
        log_level="WARNING",
        subscriptions=False,
    )

    def tools(ctx: Asker) -> Tools:
        return Tools(api, caller_of_context(ctx))

    _add_tests(server, tools)
    _add_results(server, tools)
    return server


ToolsOf: TypeAlias = Callable[[Asker], Tools]


def _add_tests(server: MCPServer[object], tools: ToolsOf) -> None:
    @server.tool(title="Estimate a test", annotations=READS, structured_output=True)
    async def estimate(
        ctx: Asker,
        variants: Texts,
        panel: Panel = "sales-trio",
        n: People = 24,
        model: Model = "embedded/qwen2.5-1.5b",
        max_cost_usd: Cap = 2.0,
        seed: Seed = 7,
    ) -> Estimate:
        """What a test would take: calls, tokens, dollars and seconds. Nothing is asked, kept or paid."""
        given = {"variants": variants, "panel": panel, "n": n, "model": model}
        with refusals():
            wanted = read_request(MessageTestRequest, given | {"max_cost_usd": max_cost_usd, "seed": seed})
            return await tools(ctx).estimate(wanted)

    @server.tool(title="Start a test", annotations=SPENDS, structured_output=True)
    async def start_test(
        ctx: Asker,
        variants: Texts,
        panel: Panel = "sales-trio",
        n: People = 24,
        model: Model = "embedded/qwen2.5-1.5b",
        max_cost_usd: Cap = 2.0,
        seed: Seed = 7,
        meaning: Annotated[str, Field(description="What a reader should understand; may be empty.")] = "",
        channel: Annotated[
            str, Field(description="Where the reader meets the text.")
        ] = "landing page headline",
        title: Annotated[str, Field(description="Shown on the report.")] = "",
        idempotency_key: Key = "",
        wait_s: Wait = 0,
    ) -> Started:
        """Start a test of 2 to 8 headlines or messages on a simulated panel of B2B buyers.

        Every simulated respondent meets each text alone and in pairs, beside controls that can void the
        verdict. No person is asked. The test runs by itself and takes seconds to an hour, by model and n:
        returns at once unless wait_s is given. It is kept, and survives the end of this conversation.
        """
        given: dict[str, object] = {"variants": variants, "panel": panel, "n": n, "model": model}
        given |= {"max_cost_usd": max_cost_usd, "seed": seed, "meaning": meaning, "channel": channel}
        with refusals():
            wanted = read_request(MessageTestRequest, given | {"title": title})
            return await tools(ctx).start_test(wanted, idempotency_key, wait_s, _progress(ctx))

    @server.tool(title="How a run is", annotations=READS, structured_output=True)
    async def status(ctx: Asker, run_id: RunId, wait_s: Wait = 0) -> Started:
        """How far a run is; its summary once it has ended. With wait_s it is waited for."""
        with refusals():
            return await tools(ctx).status(run_id, wait_s, _progress(ctx))


def _add_results(server: MCPServer[object], tools: ToolsOf) -> None:
    @server.tool(title="What a run comes to", annotations=READS, structured_output=True)
    async def report(
        ctx: Asker,
        run_id: RunId,
        form: Annotated[
            Literal["summary", "markdown"],
            Field(description="summary: verdict, lead, objection; markdown: the whole report beside it."),
        ] = "summary",
    ) -> Reported:
        """The verdict of a run that has ended, how far to trust it, and on request the whole report.

        Quote the verdict as it stands: cannot_say is an answer, and no variant is better then.
        """
        with refusals():
            return await tools(ctx).report(run_id, form)

    @server.tool(title="Ask respondents one more question", annotations=SPENDS, structured_output=True)
    async def ask(
        ctx: Asker,
        run_id: RunId,
        question: Annotated[str, Field(description="What they are asked, in plain words.")],
        to: Annotated[
            str,
            Field(
                description="Who is asked: panel, a respondent's id, a persona's or ICP's id, or "
                "persona:ID, icp:ID, role:NAME."
            ),
        ] = "panel",
        respondents: Annotated[
            int, Field(ge=1, le=MOST, description="How many of them at most.")
        ] = BY_DEFAULT,
        max_cost_usd: Annotated[
            float, Field(ge=0, description="The most the answers may cost, in US dollars.")
        ] = 0.5,
        idempotency_key: Key = "",
    ) -> AskView:
        """Ask the same simulated respondents of a run that has ended one more open question.

        They have their card and what they said in the run before them. Returns their words, or why there are
        none. These are words to think with, not findings, and no person said them.
        """
        with refusals():
            given = {"question": question, "to": to, "respondents": respondents}
            wanted = read_request(AskRequest, given | {"max_cost_usd": max_cost_usd})
            return await tools(ctx).ask(run_id, wanted, idempotency_key, _progress(ctx))

    @server.tool(title="List panels", annotations=READS, structured_output=True)
    async def list_panels(ctx: Asker) -> Panels:
        """The panels that start_test can ask, with their personas and ICPs."""
        with refusals():
            return await tools(ctx).list_panels()

    @server.resource(
        "panelsim://runs/{run_id}/report",
        name="report",
        title="Report of a run",
        description="The whole report of a run that has ended, in Markdown. Simulated: no person was asked.",
        mime_type="text/markdown",
    )
    async def report_of_run(run_id: str, ctx: Asker) -> str:
        try:
            return await tools(ctx).markdown(run_id)
        except Refused as refused:
            raise ResourceError(str(refused)) from refused


@contextmanager
def refusals() -> Iterator[None]:
    """Lets a refusal reach the agent as the tool's error."""
    try:
        yield
    except Refused as refused:
        raise ToolError(str(refused)) from refused


def _progress(ctx: Asker) -> Progress:
    async def tell(done: float, of: float, words: str) -> None:
        await ctx.report_progress(done, of, words)

    return tell


# ---- HTTP


class McpEndpoint:
    """ASGI application of the streamable HTTP transport: each request stands alone and brings its key."""

    def __init__(self, api: Api) -> None:
        self._api = api
        server = build_mcp(api, _caller_in)
        local = ["127.0.0.1:*", "localhost:*", "[::1]:*"]
        # without keys a page in a browser must not reach us by a name that it points at this machine
        security = TransportSecuritySettings(
            enable_dns_rebinding_protection=api.options.is_open,
            allowed_hosts=local,
            allowed_origins=[f"http://{host}" for host in local],
        )
        server.streamable_http_app(
            stateless_http=True,
            transport_security=security,
            max_request_body_size=api.options.max_body,
        )
        self.manager: StreamableHTTPSessionManager = server.session_manager

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets in who has a key, and counts the request against it."""
        request = Request(scope, receive)
        scope[CALLER] = await caller_of(request, self._api, await bearer(request))
        await self.manager.handle_request(scope, receive, send)


def _caller_in(ctx: Asker) -> Caller:
    request = ctx.request_context.request
    if request is None:
        raise ToolError("unauthorized: the request brought no key")
    caller: Caller = request.scope[CALLER]
    return caller
