"""Running a job: sessions driven, completions stored, progress told, the run's state kept true."""

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Literal, TypeAlias

from panelsim import __version__
from panelsim.errors import BudgetError, InputError, ProviderError
from panelsim.execution.control import Cancelled, Control
from panelsim.execution.drive import run_sessions
from panelsim.execution.loop import run_loop
from panelsim.execution.part import Part, PartResult
from panelsim.execution.tally import Tally
from panelsim.model.progress import Event, Progress, Progressed, RunState, StateChanged
from panelsim.prompts import Prompts
from panelsim.providers.wrappers import Hooks
from panelsim.service.desk import Desk
from panelsim.service.outcome import KEPT, Outcome, recall_job
from panelsim.service.parts import planned_calls, session_of, sessions_in, sound_out
from panelsim.service.prepare import Job, build_job
from panelsim.service.watching import Tell, tell_nobody, watched
from panelsim.service.workspace import Workspace
from panelsim.sessions import session_id
from panelsim.store import Run
from panelsim.store.records import LOCAL

OnEvent: TypeAlias = Callable[[Event], None]


LOOKED_AT_S = 0.5
"""How long somebody who only looks at a run may hold its claim."""


def ignore(_event: Event) -> None:
    """Listens to nothing."""


@dataclass(frozen=True)
class Ended:
    """How the driving of a run ended, and what it took now."""

    state: RunState
    progress: Progress
    made: int
    """Calls that were made now; the others were known."""
    outcome: Outcome = field(repr=False)
    """What was said, now and before."""


def new_run(
    job: Job, workspace: Workspace, now: datetime | None = None, *, account: str = LOCAL, run_id: str = ""
) -> Run:
    """A run of `job`, saved. Its id is the day and time and a mark of what is asked, unless one is given.

    Raises `InputError` if the id that is given is taken.
    """
    created = now or datetime.now(UTC)
    mark = hashlib.sha256(job.study.model_dump_json().encode()).hexdigest()[:4]
    run = Run(
        id=run_id or f"{created:%Y%m%d-%H%M%S}-{mark}",
        study=job.study,
        panel=job.panel,
        sources=job.sources,
        asking=job.asking,
        created_at=created,
        version=__version__,
        prompts_hash=workspace.store.save_prompts(workspace.prompt_texts),
        account=account,
        state="queued" if run_id else "running",
    )
    if run_id:
        workspace.store.save_run(run)
        return run
    for number in count(2):
        with suppress(InputError):  # the id is taken: another run of this study began in the same second
            workspace.store.save_run(run)
            break
        run = run.model_copy(update={"id": f"{created:%Y%m%d-%H%M%S}-{mark}-{number}"})
    return run


def job_of(run: Run, workspace: Workspace) -> Job:
    """The job of a stored run, with the profiles and prompts it was made with."""
    prompts = Prompts(workspace.store.prompts(run.prompts_hash))
    return build_job(run.study, run.sources, run.panel, run.asking, prompts)


def recall(run: Run, workspace: Workspace, job: Job | None = None) -> Outcome:
    """A stored run as it is now, derived from its completions alone: nothing is asked."""
    return recall_job(run, job or job_of(run, workspace), workspace.store)


def execute(job: Job, run: Run, workspace: Workspace, on_event: OnEvent = ignore) -> Ended:
    """Drives all sessions of `run` in this process; known completions cost nothing, so it also resumes.

    The state it ends in is `done`, `partial` or `cancelled`. Raises `RunBusy` if another process drives it,
    `BudgetError` (state `stopped`), `ProviderError` if no session could be finished (`failed`), and
    KeyboardInterrupt (`interrupted`); what was answered is stored in any case.
    """
    store = workspace.store
    with store.claim(run.id, LOOKED_AT_S), workspace.telemetry.run(run.id):
        store.set_wish(run.id, "run")
        enter(run.id, "running", workspace, on_event)
        store.owe_end(run.id)
        state: RunState = "failed"
        try:
            ended = run_loop(_execute(job, run, workspace, on_event))
            state = ended.state
        except BudgetError:
            state = "stopped"
            raise
        except (KeyboardInterrupt, asyncio.CancelledError):
            state = "interrupted"
            raise
        finally:
            enter(run.id, state, workspace, on_event)
    return ended


def enter(run_id: str, state: RunState, workspace: Workspace, on_event: OnEvent = ignore) -> None:
    """Brings a run into a state, and tells everybody."""
    workspace.store.set_state(run_id, state)
    event = StateChanged(state=state)
    workspace.store.append_event(run_id, event)
    workspace.telemetry.run_state(run_id, state)
    on_event(event)


async def _execute(job: Job, run: Run, workspace: Workspace, on_event: OnEvent) -> Ended:
    whole = Part(index=0, start=0, stop=len(job.plan.people))
    desk = Desk(workspace)

    def tell(progress: Progress) -> None:
        on_event(Progressed(progress=progress))

    try:
        result, tally = await perform(
            job, run, whole, desk, tell=tell, publishes=True, sounds_out=True, keeps=True
        )
    finally:
        await desk.close()
    if result.stopped == "budget":
        raise BudgetError(result.reason)
    state = end_state(result.done, result.failed, is_cancelled=result.stopped == "cancel")
    if state == "failed":
        raise ProviderError(result.reason)
    outcome = recall_job(run, job, workspace.store)
    if state == "done" and tally.transcripts is not None:
        said = [tally.transcripts[session_id(assignment)] for assignment in job.plan]
        outcome.transcripts.keep(said, tally.heard.totals())
    return Ended(state, tally.progress(), tally.made, outcome)


def end_state(done: int, failed: int, *, is_cancelled: bool) -> RunState:
    """The state of a run whose driving has ended by itself or on request."""
    if is_cancelled:
        return "cancelled"
    if not failed:
        return "done"
    return "partial" if done else "failed"


async def perform(
    job: Job,
    run: Run,
    part: Part,
    desk: Desk,
    *,
    tell: Tell = tell_nobody,
    publishes: bool = False,
    sounds_out: bool = False,
    keeps: bool = False,
) -> tuple[PartResult, Tally]:
    """Drives the sessions of `part`, obeys the wishes for its run, and stores its progress and failures.

    `tell` and `publishes` are those of `watched`. With `sounds_out` a model that cannot be asked at all is
    noticed by two calls; with `keeps` the transcripts of a small part are kept. Raises whatever is neither
    the provider's fault nor a stop.
    """
    sessions = sessions_in(job, part)
    telemetry = desk.workspace.telemetry
    tally = Tally(sessions, planned_calls(job, part), keeps=keeps and sessions <= KEPT, telemetry=telemetry)
    stopped: Literal["", "budget", "cancel"] = ""
    reason = ""
    with telemetry.part(run.id, part.index):
        async with watched(run, part, desk, tally, tell=tell, publishes=publishes) as control:
            try:
                await _drive(job, run, part, desk, tally, control, sounds_out=sounds_out)
            except BudgetError as error:
                stopped, reason = "budget", str(error)
            except Cancelled:
                stopped = "cancel"
    reason = reason or next(iter(tally.failures.values()), "")
    failed = len(tally.failures)
    return PartResult(done=tally.done, failed=failed, stopped=stopped, reason=reason), tally


async def _drive(
    job: Job, run: Run, part: Part, desk: Desk, tally: Tally, control: Control, *, sounds_out: bool
) -> None:
    hooks = Hooks(answered=tally.answered, waiting=tally.waiting)
    complete = desk.complete_of(run, job.asking, job.study.max_cost_usd, hooks)
    if sounds_out:
        with tally.sounding():
            await sound_out(job, part, complete)
    line = desk.lines_of(job.asking)[job.asking.model.provider]
    await run_sessions(
        (session_of(assignment, job) for assignment in job.plan.assignments_of(part.start, part.stop)),
        complete,
        tally,
        at_once=line.at_once,
        paced_by_lane=line.paced_by_lane,
        control=control,
    )
