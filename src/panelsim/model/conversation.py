"""Conversations: an open talk with one respondent, what is asked next, and what is kept of it."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from panelsim.model.base import Frozen
from panelsim.model.call import ModelRef, Usage
from panelsim.model.plan import Turn
from panelsim.model.report import PromptFacts
from panelsim.model.response import AnswerOrMissing


class Recalled(Frozen):
    """What a respondent was shown in a run and what it said of it; texts only, for prompts."""

    shown: str = ""
    """The text; empty if it was asked without one."""
    words: tuple[str, ...] = ()
    """What it said, in its own words."""
    ratings: tuple[str, ...] = ()
    """`relevance 4.1 of 5`."""
    stances: tuple[str, ...] = ()
    """What it stood for, if it was asked whether."""
    preferred_to: tuple[str, ...] = ()
    """Texts that it liked less."""


class Talk(Frozen):
    """A talk with one respondent up to a question that has no answer yet."""

    respondent: str
    """Its id in the panel."""
    turns: Annotated[tuple[Turn, ...], Field(min_length=1)]
    """Interviewer and respondent in turn, the interviewer first and last."""
    opening: str = ""
    """What the interviewer says before the first question."""
    note: str = ""
    """The interviewer's note on the situation; it never says who the respondent is."""
    record: tuple[Recalled, ...] = ()
    """What the respondent said before, outside of this talk."""
    max_tokens: Annotated[int, Field(ge=1, le=4000)] = 110
    """Of the answer."""
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    stop: tuple[str, ...] = ()
    purpose: str = "conversation"
    """What the call is for, in progress and logs."""


class Conversation(Frozen):
    """A conversation as it was kept after one exchange."""

    id: str
    exchange: str
    """Names the last exchange, in the books too: `chatcmpl-...`."""
    created_at: AwareDatetime
    """When the last exchange was."""
    persona: str
    persona_version: int
    persona_hash: str
    """Content hash of the persona as it was."""
    respondent: str
    name: str
    title: str
    company: str
    """Industry, size and place of the respondent's company."""
    model: ModelRef
    seed: int
    """Of the draw."""
    note: str
    turns: tuple[Turn, ...]
    """All that was said. A turn of the respondent without a call key came from the caller."""
    answer: AnswerOrMissing
    """To the last question; the reason if there is none."""
    finish_reason: str
    call_keys: tuple[str, ...]
    """Of the last exchange."""
    prompts: tuple[PromptFacts, ...]
    """The prompt files that were rendered."""
    prompts_hash: str
    """Of all prompt files; the store keeps their texts."""
    usage: Usage
    """Tokens of the last exchange."""
    cost_usd: float
    """Of the last exchange; what was known already cost nothing."""
    metadata: dict[str, str]


class AskAnswer(Frozen):
    """What one respondent said to a question that was asked after the run."""

    respondent: str
    persona: str
    icp: str
    name: str
    title: str
    answer: AnswerOrMissing
    call_keys: tuple[str, ...]


class Ask(Frozen):
    """A question put to respondents of a run after it had ended."""

    id: str
    run_id: str
    created_at: AwareDatetime
    question: str
    to: str
    """Who was meant: `panel`, a respondent, or a segment."""
    matched: int
    """Respondents who were meant; `answers` are those of the first ones."""
    model: ModelRef
    answers: tuple[AskAnswer, ...]
    missing: int
    """Answers that are missing."""
    made: int
    """Calls that were made now; the others were known."""
    prompts: tuple[PromptFacts, ...]
    prompts_hash: str
    usage: Usage
    cost_usd: float
    max_cost_usd: float
