"""Asking again: one more question to respondents of a run that has ended, who know what they said in it."""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple, TypeAlias

from typing_extensions import override

from panelsim.errors import BudgetError, InputError, NotStored, ProviderError
from panelsim.execution.drive import Done, Failed, Listener, Session, run_sessions
from panelsim.execution.replay import replay_all
from panelsim.model.conversation import Ask, AskAnswer, Talk
from panelsim.model.panel import Panel, Respondent
from panelsim.model.plan import Assignment, Transcript, Turn
from panelsim.model.progress import ENDED
from panelsim.model.response import AnswerOrMissing, Missing
from panelsim.model.rows import column_of
from panelsim.model.study import InterviewStudy
from panelsim.service.apart import Apart, Payer, calls_apart, prompt_facts
from panelsim.service.desk import Desk
from panelsim.service.prepare import Job, build_job
from panelsim.service.run import job_of
from panelsim.service.workspace import Workspace
from panelsim.sessions import conversation as talking
from panelsim.sessions import script_of
from panelsim.sessions.conversation import Replied
from panelsim.sessions.recalling import interview_turns, recalled
from panelsim.sessions.scene import Scene
from panelsim.store import Run, Store
from panelsim.store.records import asks_of

PANEL = "panel"
MOST, BY_DEFAULT = 50, 5
"""Respondents of one question."""
DIMENSIONS = ("persona", "icp", "role")
FORMS = ", ".join(f"{name}:NAME" for name in DIMENSIONS)
MOST_TOKENS = 160
"""Of an answer."""
SILENT = "this respondent has no finished session in the run, so there is nothing to come back to"


Heard: TypeAlias = Callable[[int], None]
"""Is told how many respondents have answered."""


class Question(NamedTuple):
    """What is asked after a run."""

    text: str
    to: str = PANEL
    """`panel`, a respondent's id, a persona's or an ICP's, or `persona:ID`, `icp:ID`, `role:NAME`."""
    respondents: int = BY_DEFAULT
    """At most so many of those who are meant, in the order of the panel."""
    max_cost_usd: float = 0.5


class Called(NamedTuple):
    """The respondents who are meant."""

    matched: int
    chosen: tuple[Respondent, ...]
    """The first ones."""


def new_ask_id() -> str:
    """An id that sorts by time."""
    return f"ask-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(5)}"


def respondents_of(run: Run, to: str, most: int) -> Called:
    """The first `most` respondents that `to` means. Raises `InputError` if it means nobody.

    `panel` and roles mean the target respondents; those of the control arm are reached by id, persona or ICP.
    """
    panel = run.panel
    if to == PANEL:
        places = [place for place, arm in enumerate(panel.arms) if arm == "target"]
    else:
        dimension, colon, value = to.partition(":")
        if colon and dimension not in DIMENSIONS:
            raise InputError(f"to: found {to!r}, expected panel, a respondent's id, {FORMS}")
        wanted = (dimension,) if colon else ("id", "persona", "icp")
        places = _first_match(panel, wanted, value if colon else to)
    if not places:
        personas = ", ".join(sorted(set(panel.personas)))
        seats = zip(column_of(panel.respondents, "role"), panel.arms, strict=True)
        roles = ", ".join(sorted({str(role) for role, arm in seats if arm == "target"}))
        raise InputError(
            f"to: nobody in run {run.id!r} is {to[:100]!r}, expected panel, a respondent's id such as "
            f"{panel.ids[0]}, {FORMS}; its personas are {personas}, its roles {roles}"
        )
    return Called(len(places), tuple(panel.respondents[place] for place in places[:most]))


def _first_match(panel: Panel, dimensions: Iterable[str], value: str) -> list[int]:
    """Places of those who are `value` in the first of `dimensions` in which anybody is."""
    for dimension in dimensions:
        column = column_of(panel.respondents, dimension)
        found = [place for place, one in enumerate(column) if one == value]
        if dimension == "role":
            arms = panel.arms
            found = [place for place in found if arms[place] == "target"]
        if found:
            return found
    return []


def check_can_be_asked(run: Run) -> None:
    """Raises `InputError` for a run whose respondents cannot be asked again."""
    if run.state not in ENDED:
        raise InputError(f"run {run.id!r} is {run.state}, expected one that has ended")
    if run.study.kind in ("inventory", "ablation"):
        raise InputError(
            f"run {run.id!r} is of kind {run.study.kind}: its respondents are made to measure a model, "
            "expected a run whose respondents said something"
        )


class _Asked(Listener[Replied]):
    """What came of each session, and who is told."""

    def __init__(self, told: Heard) -> None:
        self.replies: dict[str, Replied] = {}
        self.failures: dict[str, str] = {}
        self._told = told

    @override
    def ended(self, outcome: Done[Replied] | Failed, /) -> None:
        if isinstance(outcome, Done):
            self.replies[outcome.id] = outcome.value
        else:
            self.failures[outcome.id] = outcome.reason
        self._told(len(self.replies) + len(self.failures))


@dataclass
class _Talks:
    """The talks that are to be held, and the scene they are held in."""

    scene: Scene
    talks: dict[str, Talk] = field(default_factory=dict)


def ignore(_done: int) -> None:
    """Listens to nothing."""


async def ask_again(
    run: Run, question: Question, ask_id: str, desk: Desk, payer: Payer, told: Heard = ignore
) -> Ask:
    """Puts the question, keeps the answers with the run and returns them; `told` hears how many there are.

    Who cannot be asked, or is not reached before the cap, is `Missing` with the reason. Raises `InputError`
    before anything is asked, and `BudgetError` or `ProviderError` if nobody answered. An ask of that id that
    is kept is returned as it is.
    """
    workspace = desk.workspace
    kept = await asyncio.to_thread(ask_of, workspace.store, payer.account, run.id, ask_id)
    if kept is not None:
        return kept
    check_can_be_asked(run)
    called = await asyncio.to_thread(respondents_of, run, question.to, question.respondents)
    talks = await asyncio.to_thread(_talks_of, run, called.chosen, question.text, workspace)
    asked = _Asked(told)
    stopped = ""
    cap = question.max_cost_usd
    async with calls_apart(desk, ask_id, run.asking, cap, payer, kept_with=run.id) as apart:
        try:
            await _hold(talks, apart, desk, run, asked)
        except BudgetError as error:
            if not asked.replies:
                raise
            stopped = str(error)
    if asked.failures and not asked.replies:
        raise ProviderError(next(iter(asked.failures.values())))
    answers = tuple(_answer(one, talks, asked, stopped) for one in called.chosen)
    made = Ask(
        id=ask_id,
        run_id=run.id,
        created_at=datetime.now(UTC),
        question=question.text,
        to=question.to,
        matched=called.matched,
        model=run.asking.model,
        answers=answers,
        missing=sum(isinstance(one.answer, Missing) for one in answers),
        made=apart.bill.made,
        prompts=prompt_facts(talks.scene.prompts),
        prompts_hash=await asyncio.to_thread(workspace.store.save_prompts, workspace.prompt_texts),
        usage=apart.bill.usage,
        cost_usd=apart.bill.cost_usd,
        max_cost_usd=cap,
    )
    body = made.model_dump_json()
    await asyncio.to_thread(workspace.store.add_document, payer.account, asks_of(run.id), ask_id, body)
    return made


async def ask_here(run: Run, question: Question, workspace: Workspace) -> Ask:
    """As `ask_again`, once, for whoever the run belongs to, with lines of its own."""
    desk = Desk(workspace)
    try:
        return await ask_again(run, question, new_ask_id(), desk, Payer(run.account))
    finally:
        await desk.close()


async def _hold(talks: _Talks, apart: Apart, desk: Desk, run: Run, asked: _Asked) -> None:
    line = desk.lines_of(run.asking)[run.asking.model.provider]
    sessions = (
        Session(name, name, partial(talking.script, talk, talks.scene)) for name, talk in talks.talks.items()
    )
    at_once, paced = line.at_once, line.paced_by_lane
    await run_sessions(sessions, apart.complete, asked, at_once=at_once, paced_by_lane=paced)


def _answer(one: Respondent, talks: _Talks, asked: _Asked, stopped: str) -> AskAnswer:
    reply = asked.replies.get(one.id)
    answer: AnswerOrMissing
    if reply is not None:
        answer = reply.asked.answer
    elif one.id in talks.talks:
        answer = Missing(reason="failed", raw=asked.failures.get(one.id, stopped))
    else:
        answer = Missing(reason="failed", raw=SILENT)
    return AskAnswer(
        respondent=one.id,
        persona=one.persona,
        icp=one.icp,
        name=one.name,
        title=one.title,
        answer=answer,
        call_keys=() if reply is None else reply.asked.keys,
    )


# ---- what was said before


def _talks_of(run: Run, chosen: Sequence[Respondent], question: str, workspace: Workspace) -> _Talks:
    job = job_of(run, workspace)
    # the card in the words of today's prompt files; what was said, as it was said
    now = build_job(run.study, run.sources, run.panel, run.asking, workspace.prompts())
    talks = _Talks(now.scene)
    said = _said_in(job, workspace.store, {one.id for one in chosen})
    for one in chosen:
        talk = _talk(one.id, said[one.id], question, run, job)
        if talk is not None:
            talks.talks[one.id] = talk
    return talks


def _talk(respondent: str, said: Sequence[Transcript], question: str, run: Run, job: Job) -> Talk | None:
    """An interview is carried on; what was said in other sessions is told again. None if nothing was."""
    asked = Turn(speaker="interviewer", text=question)
    turns = interview_turns(said)
    if turns and isinstance(run.study, InterviewStudy):
        opening = run.study.guide.opening
        return Talk(
            respondent=respondent,
            turns=(*turns, asked),
            opening=opening,
            purpose="ask",
            max_tokens=MOST_TOKENS,
        )
    record = recalled(respondent, said, job.plan.stimuli)
    if not record:
        return None
    return Talk(respondent=respondent, turns=(asked,), record=record, purpose="ask", max_tokens=MOST_TOKENS)


def _said_in(job: Job, store: Store, chosen: set[str]) -> dict[str, tuple[Transcript, ...]]:
    """The finished sessions of each of `chosen`; where sessions have several members, all sessions."""
    people = {name: place for place, name in enumerate(job.plan.people) if name in chosen}
    found = {
        name: _finished(job.plan.assignments_of(place, place + 1), job, store)
        for name, place in people.items()
    }
    others = chosen - people.keys()
    if others:
        found |= dict.fromkeys(others, _finished(iter(job.plan), job, store))
    return found


def _finished(assignments: Iterator[Assignment], job: Job, store: Store) -> tuple[Transcript, ...]:
    starts = (partial(script_of, assignment, job.scene) for assignment in assignments)
    return tuple(one for one in replay_all(starts, store.get_many) if not isinstance(one, NotStored))


# ---- what is kept


def ask_of(store: Store, account: str, run_id: str, ask_id: str) -> Ask | None:
    """What was asked after a run of an account under that id; None if nothing was."""
    found = store.document(account, asks_of(run_id), ask_id)
    return None if found is None else Ask.model_validate_json(found.body)


def asks_after(store: Store, account: str, run_id: str, limit: int, after: str = "") -> tuple[Ask, ...]:
    """What was asked after a run, oldest first; `after`: those whose id comes after that one."""
    found = store.documents(account, asks_of(run_id), limit, after)
    return tuple(Ask.model_validate_json(one.body) for one in found)
