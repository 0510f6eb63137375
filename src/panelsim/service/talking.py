"""Talking with a persona: one respondent drawn from it answers, and the conversation is kept."""

import asyncio
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from panelsim.execution.drive import drive
from panelsim.model.conversation import Conversation, Talk
from panelsim.model.fingerprint import content_hash
from panelsim.model.plan import Turn
from panelsim.model.study import Guide, GuideQuestion, InterviewStudy
from panelsim.service.apart import Bill, Payer, calls_apart, prompt_facts
from panelsim.service.desk import Desk
from panelsim.service.prepare import Job, seed_of
from panelsim.service.sources import PERSONA
from panelsim.service.starting import Starter
from panelsim.service.workspace import Workspace
from panelsim.sessions import conversation as talking
from panelsim.sessions.conversation import Replied
from panelsim.store import Store
from panelsim.store.documents import Document

KIND = "conversation"
"""Of the documents that keep conversations; each exchange is a version."""


class Wanted(NamedTuple):
    """An answer that an account wants from a persona."""

    persona: str
    """Its id."""
    turns: tuple[Turn, ...]
    note: str
    model: str
    """PROVIDER/NAME."""
    seed: int
    """Of the draw."""
    place: int
    """Which of the persona's respondents, from 1."""
    sample_seed: int
    """Of the answer."""
    temperature: float | None
    top_p: float
    max_tokens: int
    stop: tuple[str, ...]
    notes: bool
    """Whether passages of the persona's notes are given with questions."""
    max_cost_usd: float
    conversation: str = ""
    """The one that is carried on; empty: found by its beginning."""
    metadata: Mapping[str, str] = {}


class Ready(NamedTuple):
    """A talk that is prepared and not asked yet."""

    job: Job
    talk: Talk


def new_exchange() -> str:
    """An id that nobody can guess."""
    return f"chatcmpl-{secrets.token_hex(12)}"


def prepare_talk(wanted: Wanted, starter: Starter, account: str) -> Ready:
    """The respondent, drawn as for an interview. Raises `InputError` for whatever is wrong."""
    talking.check_turns(wanted.turns)
    question = GuideQuestion(id="question", text=wanted.turns[-1].text)
    study = InterviewStudy(
        id=KIND,
        panel=f"{PERSONA}{wanted.persona}",
        n=wanted.place,
        model=wanted.model,
        temperature=wanted.temperature,
        seed=wanted.seed,
        max_cost_usd=wanted.max_cost_usd,
        notes=wanted.notes,
        guide=Guide(id=KIND, questions=(question,)),
    )
    job = starter.prepare(study, account)
    talk = Talk(
        respondent=job.panel.ids[wanted.place - 1],
        turns=wanted.turns,
        note=wanted.note,
        max_tokens=wanted.max_tokens,
        top_p=wanted.top_p,
        stop=wanted.stop,
    )
    return Ready(job, talk)


async def converse(wanted: Wanted, exchange: str, starter: Starter, desk: Desk, payer: Payer) -> Conversation:
    """The conversation with one more answer, kept for the payer's account.

    Raises `InputError`, `BudgetError` and `ProviderError`; what was answered is stored in any case.
    """
    ready = await asyncio.to_thread(prepare_talk, wanted, starter, payer.account)
    asking = ready.job.asking.model_copy(update={"seed": seed_of(payer.account, wanted.sample_seed)})
    scene = replace(ready.job.scene, asking=asking)
    async with calls_apart(desk, exchange, asking, wanted.max_cost_usd, payer) as apart:
        replied = await drive(talking.script(ready.talk, scene), apart.complete)
    answered = Answered(wanted, exchange, ready, replied, apart.bill)
    return await asyncio.to_thread(_keep, answered, desk.workspace, payer.account)


class Answered(NamedTuple):
    """One exchange, on its way into the store."""

    wanted: Wanted
    exchange: str
    ready: Ready
    replied: Replied
    bill: Bill


def _keep(answered: Answered, workspace: Workspace, account: str) -> Conversation:
    wanted, exchange, (job, talk), replied, bill = answered
    (persona,) = job.sources.personas
    respondent = job.panel.respondents[wanted.place - 1]
    company = respondent.company
    name = wanted.conversation or _thread(wanted, talk, str(job.asking.model))
    before = conversation_of(workspace.store, account, name)
    made = Conversation(
        id=name,
        exchange=exchange,
        created_at=datetime.now(UTC),
        persona=persona.id,
        persona_version=persona.version,
        persona_hash=content_hash(persona),
        respondent=respondent.id,
        name=respondent.name,
        title=respondent.title,
        company=f"{company.industry}, {company.headcount:,} people, {company.place}",
        model=job.asking.model,
        seed=wanted.seed,
        note=wanted.note,
        turns=_traced(replied.turns, () if before is None else before.turns),
        answer=replied.asked.answer,
        finish_reason=replied.asked.said.finish_reason,
        call_keys=replied.asked.keys,
        prompts=prompt_facts(job.scene.prompts),
        prompts_hash=workspace.store.save_prompts(workspace.prompt_texts),
        usage=bill.usage,
        cost_usd=bill.cost_usd,
        metadata=dict(wanted.metadata),
    )
    workspace.store.add_document(account, KIND, name, made.model_dump_json())
    return made


def _thread(wanted: Wanted, talk: Talk, model: str) -> str:
    """Names a conversation by how it began: the same respondent, situation and first question."""
    began = (wanted.persona, talk.respondent, str(wanted.seed), model, wanted.note, wanted.turns[0].text)
    return f"conv_{hashlib.sha256(chr(0).join(began).encode()).hexdigest()[:24]}"


def _traced(turns: tuple[Turn, ...], before: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """`turns` with the keys of answers that were given before in this conversation, word for word."""
    keys = {turn.text: turn.call_key for turn in before if turn.call_key}
    return tuple(
        turn.model_copy(update={"call_key": keys.get(turn.text, "")})
        if turn.speaker == "respondent" and not turn.call_key
        else turn
        for turn in turns
    )


def conversation_of(store: Store, account: str, name: str, version: int | None = None) -> Conversation | None:
    """A conversation of an account as it was kept last, or after so many exchanges; None if there is none."""
    found = store.document(account, KIND, name, version)
    return None if found is None else Conversation.model_validate_json(found.body)


def conversations_of(
    store: Store, account: str, limit: int, before: tuple[str, str] | None = None
) -> tuple[Document, ...]:
    """An account's conversations, those that went on last first; `before`: after (created_at, id) there."""
    return store.newest_documents(account, KIND, limit, before)
