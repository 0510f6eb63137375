"""What callers see of a question that was asked after a run, and how it is asked for them."""

from fastapi.concurrency import run_in_threadpool
from pydantic import AwareDatetime, Field

from panelsim.api.context import Api
from panelsim.api.studies import ShownText
from panelsim.api.views import PromptView, prompt_views
from panelsim.api.waiting import ended_head_of
from panelsim.model.base import Frozen
from panelsim.model.conversation import Ask, AskAnswer
from panelsim.model.response import Missing, TextAnswer
from panelsim.service.apart import Payer
from panelsim.service.asking_again import BY_DEFAULT, MOST, PANEL, Heard, Question, ask_again, ignore


class AskRequest(Frozen):
    """A question to respondents of a run."""

    question: ShownText = Field(description="What they are asked.", examples=["What would make you say no?"])
    to: str = Field(
        PANEL,
        min_length=1,
        max_length=100,
        description="Who is asked: `panel`, a respondent's id, a persona's or an ICP's id, or a segment as "
        "`persona:ID`, `icp:ID` or `role:NAME`.",
        examples=["panel", "vp-sales-03", "role:economic"],
    )
    respondents: int = Field(
        BY_DEFAULT,
        ge=1,
        le=MOST,
        description="How many of them at most; the first ones in the order of the panel, in which personas "
        "take turns.",
        examples=[5],
    )
    max_cost_usd: float = Field(
        0.5,
        ge=0,
        le=1_000_000,
        allow_inf_nan=False,
        description="The most that the answers may cost, in US dollars, beside what the run may cost.",
        examples=[0.5],
    )


class AnswerView(Frozen):
    """What one respondent said."""

    respondent: str = Field(description="Its id in the run.", examples=["vp-sales-03"])
    persona: str = Field(description="It was drawn from.", examples=["vp-sales"])
    icp: str = Field(description="Its company was drawn from.", examples=["b2b-saas"])
    name: str = Field(description="An invented one.", examples=["Jonas Weber"])
    title: str = Field(description="Its job.", examples=["VP of Sales"])
    answer: str | None = Field(
        description="Its words; null if there are none.", examples=["The price per seat."]
    )
    missing: str | None = Field(
        description="Why there is no answer: `refused`, `unreadable`, `cut_off`, `failed`; null if there is.",
        examples=[None],
    )
    reason: str = Field(
        description="With `missing`: what was said instead, or what failed; else empty.", examples=[""]
    )
    call_keys: tuple[str, ...] = Field(description="Of the calls, in order.", examples=[["call1:4b5c..."]])


class AskView(Frozen):
    """A question that was asked after a run, with its answers."""

    id: str = Field(description="Names the question.", examples=["ask-20261128-101500-4b5c6d7e8f"])
    run_id: str = Field(description="The run.", examples=["20261128-101500-4b5c6d7e8f"])
    simulated: bool = Field(True, description="Always true: no person was asked.")
    created_at: AwareDatetime = Field(description="UTC.", examples=["2026-11-28T10:15:00+00:00"])
    question: str = Field(description="What was asked.", examples=["What would make you say no?"])
    to: str = Field(description="Who was meant.", examples=["panel"])
    matched: int = Field(description="Respondents who were meant.", examples=[24])
    model: str = Field(description="Who spoke for them: the run's model.", examples=["embedded/qwen2.5-1.5b"])
    answers: tuple[AnswerView, ...] = Field(description="One for each respondent who was chosen.")
    missing: int = Field(description="How many of them have no answer.", examples=[0])
    calls_made: int = Field(description="Calls that were made now; others were known already.", examples=[5])
    prompt_tokens: int = Field(description="Sent, for all answers.", examples=[3100])
    completion_tokens: int = Field(description="Written, for all answers.", examples=[310])
    cost_usd: float = Field(description="US dollars of the calls that were made now.", examples=[0.0])
    max_cost_usd: float = Field(description="US dollars that it could cost at most.", examples=[0.5])
    prompts: tuple[PromptView, ...] = Field(description="The prompt files that were rendered.")
    prompts_hash: str = Field(description="Of all prompt files.", examples=["prompts1:4b5c..."])


async def ask_for(
    api: Api, payer: Payer, run_id: str, wanted: AskRequest, ask_id: str, told: Heard = ignore
) -> AskView:
    """As `service.asking_again.ask_again`. Raises 404 if the run is not the payer's, 409 if it goes on."""
    await run_in_threadpool(ended_head_of, api, payer.account, run_id)
    run = await run_in_threadpool(api.workspace.store.run, run_id)
    question = Question(wanted.question, wanted.to, wanted.respondents, wanted.max_cost_usd)
    return view_of_ask(await ask_again(run, question, ask_id, api.desk, payer, told))


def view_of_ask(ask: Ask) -> AskView:
    """A kept question as callers see it."""
    return AskView(
        id=ask.id,
        run_id=ask.run_id,
        created_at=ask.created_at,
        question=ask.question,
        to=ask.to,
        matched=ask.matched,
        model=str(ask.model),
        answers=tuple(_answer(one) for one in ask.answers),
        missing=ask.missing,
        calls_made=ask.made,
        prompt_tokens=ask.usage.prompt_tokens,
        completion_tokens=ask.usage.completion_tokens,
        cost_usd=ask.cost_usd,
        max_cost_usd=ask.max_cost_usd,
        prompts=prompt_views(ask.prompts),
        prompts_hash=ask.prompts_hash,
    )


def _answer(one: AskAnswer) -> AnswerView:
    answer = one.answer
    missing = answer if isinstance(answer, Missing) else None
    return AnswerView(
        respondent=one.respondent,
        persona=one.persona,
        icp=one.icp,
        name=one.name,
        title=one.title,
        answer=answer.text if isinstance(answer, TextAnswer) else None,
        missing=None if missing is None else missing.reason,
        reason="" if missing is None else missing.raw,
        call_keys=one.call_keys,
    )
