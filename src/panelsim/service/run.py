"""Running a job: every session is driven, every completion stored, the run's state kept true."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from panelsim import __version__
from panelsim.errors import BudgetError, NotStored, ProviderError
from panelsim.execution.drive import Done, Failed, OnEvent, Session, ignore, run_sessions
from panelsim.execution.progress import Answered, Planned, Waiting
from panelsim.execution.replay import replay
from panelsim.model.call import Call, Completion
from panelsim.model.plan import Assignment, Transcript
from panelsim.prompts import Prompts
from panelsim.providers import Complete, Options, open_provider
from panelsim.providers.prices import parse_prices, price_of
from panelsim.providers.wrappers import Budget, Hooks, compose
from panelsim.service.prepare import Job, build_job
from panelsim.service.workspace import Workspace
from panelsim.sessions import failed_transcript, script_of, session_id
from panelsim.store.records import Run, RunState

NOT_ASKED = "the run was stopped before this session"


@dataclass(frozen=True)
class Outcome:
    """A run's end: what was said, what failed, and the completions behind it."""

    run: Run
    job: Job
    transcripts: tuple[Transcript, ...]
    """One per assignment, in the order of the plan; those of failed sessions hold only Missing."""
    failures: Mapping[str, str]
    """Session id to reason."""
    completions: Mapping[str, Completion] = field(repr=False)
    """By call key."""
    made_now: int = 0
    """Calls that were made in this process; the others were known."""


def new_run(job: Job, workspace: Workspace, now: datetime | None = None) -> Run:
    """A run of `job`, saved: its id is the day and time, and a mark of what is asked."""
    created = (now or datetime.now(UTC)).replace(microsecond=0)
    prompts_hash = workspace.store.save_prompts(workspace.prompt_texts)
    mark = hashlib.sha256(job.study.model_dump_json().encode()).hexdigest()[:4]
    known = {run.id for run in workspace.store.runs()}
    base = f"{created:%Y%m%d-%H%M%S}-{mark}"
    run_id = next(name for name in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if name not in known)
    run = Run(
        id=run_id,
        study=job.study,
        panel=job.panel,
        sources=job.sources,
        asking=job.asking,
        created_at=created,
        version=__version__,
        prompts_hash=prompts_hash,
    )
    workspace.store.save_run(run)
    return run


def job_of(run: Run, workspace: Workspace) -> Job:
    """The job of a stored run, with the profiles and prompts it was made with."""
    prompts = Prompts(workspace.store.prompts(run.prompts_hash))
    return build_job(run.study, run.sources, run.panel, run.asking, prompts)


def execute(job: Job, run: Run, workspace: Workspace, on_event: OnEvent = ignore) -> Outcome:
    """Drives all sessions of `run`; known completions cost nothing, so this is also how a run is resumed.

    Raises `BudgetError` (state `stopped`), `ProviderError` if no session could be finished, and
    KeyboardInterrupt (state `interrupted`); what was answered is stored in any case.
    """
    state: RunState = "failed"
    workspace.store.set_state(run.id, "running")
    try:
        outcome = asyncio.run(_execute(job, run, workspace, on_event))
        workspace.store.set_failures(run.id, outcome.failures)
        if len(outcome.failures) == len(outcome.transcripts):
            raise ProviderError(next(iter(outcome.failures.values())))
        state = "partial" if outcome.failures else "done"
        if outcome.failures:
            # what failed sessions had heard is not in the report, now or when it is derived again
            outcome = replace(recall(run, workspace), made_now=outcome.made_now)
    except BudgetError:
        state = "stopped"
        raise
    except (KeyboardInterrupt, asyncio.CancelledError):
        state = "interrupted"
        raise
    finally:
        workspace.store.set_state(run.id, state)
    return outcome


async def _execute(job: Job, run: Run, workspace: Workspace, on_event: OnEvent) -> Outcome:
    settings = workspace.settings
    names = {job.asking.model.provider}
    if job.asking.elicit == "reaction":
        names.add(job.asking.embedding_model.provider)
    options = Options(
        cache_dir=settings.cache_dir,
        timeout_s=settings.timeout_s,
        openai_api_key=settings.openai_api_key,
    )
    given = parse_prices(settings.prices)
    budget = Budget(job.study.max_cost_usd, lambda ref: price_of(ref, given))
    heard = _Heard(on_event)
    providers = {name: open_provider(name, options) for name in sorted(names)}
    try:
        complete = compose(
            providers,
            memory=workspace.store,
            budget=budget,
            attempts=settings.attempts,
            at_once=settings.at_once,
            hooks=Hooks(answered=heard.answered, waiting=heard.waiting),
        )
        main = providers[job.asking.model.provider]
        sessions = [_session(assignment, job) for assignment in job.plan]
        on_event(Planned(sessions=len(sessions), calls=planned_calls(job)))
        await _sound_out(sessions, complete)
        outcomes = await run_sessions(
            sessions,
            complete,
            at_once=settings.at_once or main.at_once,
            paced_by_lane=main.paced_by_lane,
            on_event=on_event,
        )
    finally:
        for provider in providers.values():
            await provider.close()
    return _outcome(job, run, outcomes, heard)


async def _sound_out(sessions: Sequence[Session[Transcript]], complete: Complete) -> None:
    """Makes the first calls of the first and the last session before all others.

    Raises the first `ProviderError` if none of them can be answered: a server that is down or a key that is
    wrong then costs a few attempts and not several for every session.
    """
    pilots = dict.fromkeys((0, len(sessions) - 1))
    calls = [_first_call(sessions[place]) for place in pilots]
    outcomes = await asyncio.gather(*(complete(call) for call in calls), return_exceptions=True)
    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    for error in errors:
        if len(errors) == len(outcomes) or not isinstance(error, ProviderError):
            raise error


def _first_call(session: Session[Transcript]) -> Call:
    script = session.start()
    try:
        return next(script)[0]
    finally:
        script.close()


def _outcome(job: Job, run: Run, outcomes: list[Done[Transcript] | Failed], heard: "_Heard") -> Outcome:
    transcripts: list[Transcript] = []
    failures: dict[str, str] = {}
    for assignment, outcome in zip(job.plan, outcomes, strict=True):
        if isinstance(outcome, Failed):
            failures[outcome.id] = outcome.reason
            transcripts.append(failed_transcript(assignment, outcome.reason))
        else:
            transcripts.append(outcome.value)
    return Outcome(run, job, tuple(transcripts), failures, heard.completions, heard.made_now)


def recall(run: Run, workspace: Workspace) -> Outcome:
    """A stored run as it is now, derived from its completions alone: nothing is asked.

    Sessions that never finished are failures that say so.
    """
    job = job_of(run, workspace)
    heard: dict[str, Completion] = {}
    found: dict[str, Completion] = {}
    reasons = {failure.session: failure.reason for failure in workspace.store.failures(run.id)}
    transcripts: list[Transcript] = []
    failures: dict[str, str] = {}

    def find(key: str) -> Completion | None:
        known = workspace.store.get(key)
        if known is not None:
            found[key] = known
        return known

    for assignment in job.plan:
        name = session_id(assignment)
        found.clear()
        try:
            transcripts.append(replay(script_of(assignment, job.scene), find))
            heard.update(found)
        except NotStored:
            failures[name] = reasons.get(name, NOT_ASKED)
            transcripts.append(failed_transcript(assignment, failures[name]))
    return Outcome(run, job, tuple(transcripts), failures, heard)


def planned_calls(job: Job) -> int:
    """First calls of the plan: re-asks, probes and embeddings come on top."""
    return sum(
        times * sum(_first_calls(assignment, job) for assignment in sheet)
        for sheet, times in job.plan.sheets_used()
    )


def _first_calls(assignment: Assignment, job: Job) -> int:
    match assignment.kind:
        case "monadic":
            return len(assignment.measures) + 2 * assignment.open_questions
        case "paired":
            return 1
        case "interview":
            guide = job.scene.guide
            return min(guide.max_turns, len(guide.questions)) if guide else 0


def _session(assignment: Assignment, job: Job) -> Session[Transcript]:
    return Session(session_id(assignment), assignment.respondent, lambda: script_of(assignment, job.scene))


class _Heard:
    """Collects completions as they come and passes them on as events."""

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event = on_event
        self.completions: dict[str, Completion] = {}
        self.made_now = 0

    def answered(self, call: Call, said: Completion, cached: bool) -> None:
        self.completions[call.key] = said
        self.made_now += not cached
        self._on_event(
            Answered(
                key=call.key,
                lane=call.lane,
                purpose=call.purpose,
                cached=cached,
                usage=said.usage,
                cost_usd=said.cost_usd,
            )
        )

    def waiting(self, call: Call, attempt: int, seconds: float, reason: str) -> None:
        self._on_event(Waiting(purpose=call.purpose, attempt=attempt, seconds=seconds, reason=reason))
