"""What the service is sent, from its OpenAPI document: written by a program (tests/api/client_models.py)."""

from collections.abc import Mapping, Sequence
from typing import Literal, Required, TypedDict


class TextPart(TypedDict, total=False):
    """A part of a message."""

    type: Required[Literal["text"]]
    """Text alone is understood."""
    text: Required[str]
    """The words."""


class ChatMessage(TypedDict, total=False):
    """One message."""

    role: Required[Literal["system", "developer", "user", "assistant"]]
    """`system` and `developer`: your note on the situation; `user`: the interviewer; `assistant`: the
    persona."""
    content: Required[str | Sequence[TextPart]]
    """Text, or parts of text."""
    name: str | None
    """Not read."""
    refusal: str | None
    """Not read."""


class StreamOptions(TypedDict, total=False):
    """What a stream tells."""

    include_usage: bool
    """Tell the tokens in a last chunk without choices."""
    include_obfuscation: bool
    """Not done."""


class Behind(TypedDict, total=False):
    """Who is behind the persona. OpenAI clients send it as an extra body, or in `metadata`."""

    model: str
    """PROVIDER/NAME of the language model that speaks for the persona."""
    seed: int
    """Draws the persona's respondents; the same seed, the same people."""
    respondent: int
    """Which of the persona's respondents answers, from 1."""
    conversation: str
    """Under which id the exchange is kept; empty: that of the conversation that began alike."""
    notes: bool
    """Whether notes on the persona are given with questions."""
    max_cost_usd: float
    """The most that this answer may cost, in US dollars; nothing is sent that could pass it."""


class ChatRequest(TypedDict, total=False):
    """A question to a persona, with all that was said before it."""

    model: Required[str]
    """`persona:ID`; `GET /openai/v1/models` lists them."""
    messages: Required[Sequence[ChatMessage]]
    """The conversation so far; the last message is the interviewer's."""
    stream: bool | None
    """Whether the answer comes as server-sent events, word by word once it is whole."""
    stream_options: StreamOptions | None
    """What the stream tells."""
    temperature: float | None
    """Of the answer; null: 0.7."""
    top_p: float | None
    """Null: 1."""
    max_tokens: int | None
    """Of the answer; null: 200."""
    max_completion_tokens: int | None
    """The newer name of `max_tokens`."""
    stop: str | Sequence[str] | None
    """Texts that end the answer."""
    seed: int | None
    """Draws the answer; another seed, another answer of the same respondent. Null: `panelsim.seed`."""
    metadata: Mapping[str, str] | None
    """Texts of your own, kept with the conversation; keys that begin with `panelsim.` stand for fields of
    `panelsim`."""
    panelsim: Behind
    """Who is behind the persona."""
