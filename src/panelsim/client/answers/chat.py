"""What the service answers, from its OpenAPI document: written by a program, see tests/api/client_models.py.

Fixed words are plain texts here, because more of them may come at any time.
"""

from pydantic import AwareDatetime, JsonValue

from panelsim.client.answers.runs import PromptView
from panelsim.client.wire import Answer


class SaidMessage(Answer):
    """What the persona said."""

    role: str = "assistant"
    """Always this."""
    content: str | None
    """Null if there is no answer."""
    refusal: str | None = None
    """What the model said instead, if it refused."""


class Choice(Answer):
    """The one answer."""

    index: int = 0
    """There is one choice."""
    message: SaidMessage
    """What was said."""
    finish_reason: str
    """`length`: cut off."""
    logprobs: JsonValue = None
    """Not told."""


class Tokens(Answer):
    """Tokens of all calls behind an answer, as the model counted them."""

    prompt_tokens: int
    """Sent."""
    completion_tokens: int
    """Written."""
    total_tokens: int
    """Both."""
    prompt_tokens_details: dict[str, int]
    """`cached_tokens`: served from the model's prompt cache."""


class Traced(Answer):
    """What stands behind an answer."""

    simulated: bool = True
    """No person was asked."""
    conversation: str
    """Under which it is kept."""
    respondent: str
    """Who answered."""
    name: str
    """An invented one."""
    title: str
    """Of the respondent."""
    model: str
    """The language model behind it."""
    call_keys: tuple[str, ...]
    """Of the calls, in order."""
    cost_usd: float
    """US dollars; 0 if the answer was known already."""
    missing: str = ""
    """Why there is no answer: refused, unreadable, cut_off; else empty."""


class ChatCompletion(Answer):
    """The answer of a persona."""

    id: str
    """Names the exchange."""
    object: str = "chat.completion"
    created: int
    """Seconds since 1970."""
    model: str
    """As it was asked for."""
    system_fingerprint: str
    """Hash of all prompt files."""
    choices: tuple[Choice, ...]
    """One."""
    usage: Tokens
    """Tokens behind the answer."""
    panelsim: Traced
    """What stands behind the answer."""


class ListedModel(Answer):
    """A persona as a model."""

    id: str
    """To be asked for."""
    object: str = "model"
    created: int = 0
    """Not known."""
    owned_by: str = "panelsim"
    """Always this."""


class ModelList(Answer):
    """All personas."""

    object: str = "list"
    data: tuple[ListedModel, ...]
    """By id."""


class ConversationHead(Answer):
    """A conversation in a list."""

    id: str
    """Names it."""
    persona: str
    """Who was drawn from."""
    respondent: str
    """Who answered."""
    model: str
    """The language model behind it."""
    exchanges: int
    """Answers that were asked for."""
    changed_at: AwareDatetime
    """When the last exchange was, UTC."""


class TurnView(Answer):
    """One thing that was said."""

    speaker: str
    """`interviewer` or `respondent`."""
    text: str
    """The words."""
    call_key: str
    """Of the call that gave the answer; empty for the interviewer, and for an answer that the caller sent and
    no respondent gave."""


class ConversationView(Answer):
    """A conversation as it is after its last exchange, or after an earlier one."""

    id: str
    """Names it."""
    persona: str
    """Who was drawn from."""
    respondent: str
    """Who answered."""
    model: str
    """The language model behind it."""
    exchanges: int
    """Answers that were asked for."""
    changed_at: AwareDatetime
    """When the last exchange was, UTC."""
    simulated: bool = True
    """Always true: no person was asked."""
    exchange: str
    """The last one's id."""
    name: str
    """Of the respondent, an invented one."""
    title: str
    """Of the respondent."""
    company: str
    """Of the respondent."""
    persona_version: int
    """Of the persona's file."""
    persona_hash: str
    """Of the persona's content."""
    seed: int
    """Of the draw."""
    note: str
    """The interviewer's note on the situation."""
    turns: tuple[TurnView, ...]
    """All that was said."""
    missing: str
    """Why the last question has no answer; else empty."""
    prompts: tuple[PromptView, ...]
    """The prompt files that were rendered."""
    prompts_hash: str
    """Of all prompt files."""
    prompt_tokens: int
    """Of the last exchange."""
    completion_tokens: int
    """Of the last exchange."""
    cost_usd: float
    """Of the last exchange, US dollars."""
    metadata: dict[str, str]
    """As given with the last exchange."""
