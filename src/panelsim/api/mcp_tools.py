"""The tools that agents have over MCP: what they take and give, and what each does for a caller."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple, TypeAlias, TypeVar

from fastapi.concurrency import run_in_threadpool
from pydantic import Field, ValidationError

from panelsim.api.asks import AskRequest, AskView, ask_for
from panelsim.api.caller import Caller
from panelsim.api.context import Api
from panelsim.api.flat import summary_of
from panelsim.api.once import Answered, Once
from panelsim.api.problems import ApiError, refusal_of
from panelsim.api.routes.estimates import Estimate, estimate_view
from panelsim.api.studies import MessageTestRequest
from panelsim.api.views import RunView, Summary, view_of
from panelsim.api.waiting import ended_head_of, look, sleep
from panelsim.errors import PanelsimError
from panelsim.model.base import Frozen
from panelsim.service.apart import Payer
from panelsim.service.asking_again import new_ask_id
from panelsim.service.library import AccountShelf, sources_of
from panelsim.service.reports import pieces_of
from panelsim.service.run import recall
from panelsim.service.starting import Wanted, new_run_id
from panelsim.store import Scope

Progress: TypeAlias = Callable[[float, float, str], Awaitable[None]]
"""Is told how far a tool is, of how much, in words."""
AnyFrozen = TypeVar("AnyFrozen", bound=Frozen)
LOOK_S = 0.5
MOST_WAIT_S = 600.0
REMINDER = (
    "Simulated: no person was asked. A verdict may be cannot_say; say so, and never present the answers as "
    "those of people."
)
NEXT_STATUS = "It goes on by itself: call status with this run_id (and wait_s) until has_ended, then report."
NEXT_REPORT = "It has ended: call report with this run_id, or ask to put one more question to respondents."


class Refused(Exception):
    """A tool's refusal, in a sentence that an agent can act on."""


class Started(Frozen):
    """A test that was started, as it is now."""

    run: RunView = Field(description="Its state, how far it is, and what it cost.")
    summary: Summary | None = Field(description="What it comes to; null while it has not ended.")
    note: str = Field(description="What to keep in mind when telling of it.", examples=[REMINDER])
    next_step: str = Field(description="What to do now.", examples=[NEXT_STATUS])


class Reported(Frozen):
    """What a run that has ended comes to."""

    run_id: str = Field(description="The run.", examples=["20261128-101500-4b5c6d7e8f"])
    summary: Summary = Field(description="Verdict, lead, objection and trust, flat.")
    text: str = Field(description="The whole report in Markdown; empty for form `summary`.", examples=[""])
    note: str = Field(description="What to keep in mind when telling of it.", examples=[REMINDER])


class PanelView(Frozen):
    """A panel that can be asked."""

    id: str = Field(description="What start_test takes as panel.", examples=["sales-trio"])
    title: str = Field(description="In words.", examples=["A sales team of three"])
    personas: tuple[str, ...] = Field(description="Ids of its personas.", examples=[["vp-sales"]])
    icps: tuple[str, ...] = Field(description="Ids of the ICPs of their companies.", examples=[["b2b-saas"]])
    has_control_group: bool = Field(
        description="Whether it has buyers outside the ICP, who serve as a control.", examples=[True]
    )
    n: int = Field(description="Respondents unless a test says otherwise.", examples=[24])


class Panels(Frozen):
    """All panels that can be asked."""

    panels: tuple[PanelView, ...] = Field(description="By id.")


class Tools(NamedTuple):
    """What an agent can do, for one caller."""

    api: Api
    caller: Caller

    async def estimate(self, wanted: MessageTestRequest) -> Estimate:
        """What a test will take; nothing is asked."""
        with told():
            self._need("runs:read")
            found = await run_in_threadpool(self.api.starter.estimate, wanted.study(), self.caller.account)
            return estimate_view(found, wanted.max_cost_usd)

    async def start_test(
        self, wanted: MessageTestRequest, key: str, wait_s: float, progress: Progress
    ) -> Started:
        """Starts a test, once under a key, and waits for it as long as is wanted."""
        with told():
            self._need("runs:write")

            def make(run_id: str) -> Answered:
                study = wanted.study()
                asked = Wanted(study, self.caller.account, "", wanted.metadata, self.caller.cap)
                run = self.api.starter.start(asked, run_id)
                store = self.api.workspace.store
                view = view_of(self.api, store.head(run.id), store.request_of(run.id))
                return 202, view.model_dump_json()

            if key:
                print_ = hashlib.sha256(f"mcp start_test {wanted.model_dump_json()}".encode()).hexdigest()
                once = Once(self.api.workspace.store, self.caller.account, key, print_)
                (_, body), _ = await once.answer(new_run_id(), make)
            else:
                _, body = await run_in_threadpool(make, new_run_id())
            view = RunView.model_validate_json(body)
            return await self._followed(view.id, wait_s, progress)

    async def status(self, run_id: str, wait_s: float, progress: Progress) -> Started:
        """How a run is, waited for as long as is wanted."""
        with told():
            self._need("runs:read")
            return await self._followed(run_id, wait_s, progress)

    async def report(self, run_id: str, form: Literal["summary", "markdown"]) -> Reported:
        """What a run comes to."""
        with told():
            self._need("runs:read")
            head = await run_in_threadpool(ended_head_of, self.api, self.caller.account, run_id)
            summary = await run_in_threadpool(summary_of, self.api, head)
            text = await run_in_threadpool(self._markdown, run_id) if form == "markdown" else ""
            return Reported(run_id=run_id, summary=summary, text=text, note=REMINDER)

    async def markdown(self, run_id: str) -> str:
        """The whole report of a run that has ended."""
        return (await self.report(run_id, "markdown")).text

    async def ask(self, run_id: str, wanted: AskRequest, key: str, progress: Progress) -> AskView:
        """Puts one more question to respondents of a run, once under a key."""
        with told():
            self._need("runs:write")
            loop = asyncio.get_running_loop()
            under_way: set[asyncio.Task[None]] = set()

            def heard(done: int) -> None:
                telling = progress(done, wanted.respondents, f"{done} answered")
                task = loop.create_task(_awaited(telling))
                under_way.add(task)
                task.add_done_callback(under_way.discard)

            async def make(ask_id: str) -> Answered:
                payer = Payer(self.caller.account, self.caller.cap)
                view = await ask_for(self.api, payer, run_id, wanted, ask_id, heard)
                return 200, view.model_dump_json()

            if not key:
                return AskView.model_validate_json((await make(new_ask_id()))[1])
            print_ = hashlib.sha256(f"mcp ask {run_id} {wanted.model_dump_json()}".encode()).hexdigest()
            once = Once(self.api.workspace.store, self.caller.account, key, print_)
            (_, body), _ = await once.answer(new_ask_id(), make)
            return AskView.model_validate_json(body)

    async def list_panels(self) -> Panels:
        """The panels that a test may name."""
        with told():
            self._need("runs:read")
            return Panels(
                panels=await run_in_threadpool(_panels, self.api.starter.shelf(self.caller.account))
            )

    async def _followed(self, run_id: str, wait_s: float, progress: Progress) -> Started:
        """The run once it has ended, or after so long; progress is told meanwhile."""
        loop = asyncio.get_running_loop()
        until = loop.time() + min(wait_s, MOST_WAIT_S)
        told_last = -1
        while True:
            view = await run_in_threadpool(look, self.api, self.caller.account, run_id)
            answered = view.counts.answered
            if wait_s and answered != told_last:
                told_last = answered
                counts = view.counts
                words = f"{view.state}: {counts.done} of {counts.sessions} sessions, {answered} answers"
                await progress(answered, max(counts.calls, answered), words)
            left = until - loop.time()
            if view.has_ended or left <= 0 or self.api.stopping.is_set():
                break
            await sleep(self.api, min(LOOK_S, left))
        summary = None
        if view.has_ended:
            head = await run_in_threadpool(ended_head_of, self.api, self.caller.account, run_id)
            summary = await run_in_threadpool(summary_of, self.api, head)
        return Started(
            run=view,
            summary=summary,
            note=REMINDER,
            next_step=NEXT_REPORT if view.has_ended else NEXT_STATUS,
        )

    def _markdown(self, run_id: str) -> str:
        workspace = self.api.workspace
        outcome = recall(workspace.store.run(run_id), workspace)
        return "".join(pieces_of(outcome, "markdown", workspace.draw))

    def _need(self, scope: Scope) -> None:
        if scope not in self.caller.scopes:
            raise ApiError("forbidden", f"the key lacks the scope {scope}")


@contextmanager
def told() -> Iterator[None]:
    """Lets what is refused be told as `Refused`, with its code."""
    try:
        yield
    except (ApiError, PanelsimError) as error:
        refusal = refusal_of(error)
        where = f" ({refusal.param})" if refusal.param else ""
        raise Refused(f"{refusal.code}: {refusal.detail}{where}") from error


def read_request(kind: type[AnyFrozen], fields: dict[str, object]) -> AnyFrozen:
    """A request out of a tool's arguments. Raises `Refused`, naming the first field that is wrong."""
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refused(f"invalid_request: {where}: {first['msg'].removeprefix('Value error, ')}") from error


async def _awaited(telling: Awaitable[None]) -> None:
    await telling


def _panels(shelf: AccountShelf) -> tuple[PanelView, ...]:
    found = (sources_of(name, shelf, notes=False).spec for name in shelf.names("panel"))
    return tuple(
        PanelView(
            id=spec.id,
            title=spec.title,
            personas=tuple(share.persona for share in spec.personas),
            icps=spec.icps,
            has_control_group=bool(spec.anti_personas),
            n=spec.n,
        )
        for spec in found
    )
