"""Requests of the OpenAI protocol as far as a persona can answer them: what it cannot do is refused."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, JsonValue, field_validator, model_validator

from panelsim.api.problems import ApiError
from panelsim.model.base import Frozen
from panelsim.model.plan import Turn
from panelsim.service.sources import PERSONA

DEFAULT_MODEL = "embedded/qwen2.5-1.5b"
MOST_MESSAGES = 200
IN_METADATA = "panelsim."
"""Clients that cannot send a field of their own say it in `metadata`: `panelsim.seed`."""

REFUSED: Mapping[str, str] = {
    "tools": "a persona calls no tools",
    "tool_choice": "a persona calls no tools",
    "functions": "a persona calls no functions",
    "function_call": "a persona calls no functions",
    "audio": "a persona answers in text",
    "web_search_options": "a persona searches nothing",
    "logit_bias": "token biases are not passed on",
    "top_logprobs": "log-probabilities are not told",
    "prediction": "predicted output is not passed on",
}
"""Parameters that would change the answer in a way that is not possible."""
IGNORED = frozenset(
    (
        *("user", "store", "service_tier", "parallel_tool_calls", "safety_identifier", "prompt_cache_key"),
        *("prompt_cache_retention", "reasoning_effort", "verbosity"),
    )
)
"""Parameters that do not change what a persona says."""
NEUTRAL: Mapping[str, tuple[JsonValue, ...]] = {
    "n": (1,),
    "logprobs": (False,),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "modalities": (["text"],),
    "response_format": ({"type": "text"},),
}
"""Parameters of which only one value can be honoured."""


class TextPart(Frozen):
    """A part of a message."""

    type: Literal["text"] = Field(description="Text alone is understood.")
    text: str = Field(max_length=100_000, description="The words.", examples=["Why now?"])


Content: TypeAlias = Annotated[str, Field(max_length=100_000)] | tuple[TextPart, ...]


class ChatMessage(Frozen):
    """One message."""

    role: Literal["system", "developer", "user", "assistant"] = Field(
        description="`system` and `developer`: your note on the situation; `user`: the interviewer; "
        "`assistant`: the persona.",
        examples=["user"],
    )
    content: Content = Field(
        description="Text, or parts of text.", examples=["What made you look for something new?"]
    )
    name: str | None = Field(None, max_length=100, description="Not read.")
    refusal: str | None = Field(None, description="Not read.")

    @model_validator(mode="before")
    @classmethod
    def _text_alone(cls, value: object) -> object:
        """Says plainly what cannot be understood."""
        if not isinstance(value, dict):
            return value
        if value.get("role") in ("tool", "function") or value.get("tool_calls") or value.get("function_call"):
            raise ValueError("a persona calls no tools, expected roles system, developer, user and assistant")
        parts = value.get("content")
        for part in parts if isinstance(parts, list) else ():
            kind = part.get("type") if isinstance(part, dict) else None
            if kind != "text":
                raise ValueError(f"a part of type {kind!r} cannot be seen or heard, expected text alone")
        return {name: field for name, field in value.items() if name not in ("tool_calls", "annotations")}

    @property
    def text(self) -> str:
        """All of it."""
        if isinstance(self.content, str):
            return self.content.strip()
        return "\n".join(part.text for part in self.content).strip()


class StreamOptions(Frozen):
    """What a stream tells."""

    include_usage: bool = Field(False, description="Tell the tokens in a last chunk without choices.")
    include_obfuscation: bool = Field(False, description="Not done.")


class Behind(Frozen):
    """Who is behind the persona. OpenAI clients send it as an extra body, or in `metadata`."""

    model: str = Field(
        DEFAULT_MODEL,
        min_length=1,
        max_length=200,
        description="PROVIDER/NAME of the language model that speaks for the persona.",
        examples=["embedded/qwen2.5-1.5b", "openai/gpt-4o-mini"],
    )
    seed: int = Field(
        7,
        ge=0,
        le=2**31 - 1,
        description="Draws the persona's respondents; the same seed, the same people.",
        examples=[7],
    )
    respondent: int = Field(
        1, ge=1, le=1000, description="Which of the persona's respondents answers, from 1.", examples=[1]
    )
    conversation: Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,99})?$")] = Field(
        "",
        description="Under which id the exchange is kept; empty: that of the conversation that began alike.",
        examples=["conv_4b5c6d7e8f90a1b2c3d4e5f6"],
    )
    notes: bool = Field(True, description="Whether notes on the persona are given with questions.")
    max_cost_usd: float = Field(
        0.1,
        ge=0,
        le=1000,
        allow_inf_nan=False,
        description="The most that this answer may cost, in US dollars; nothing is sent that could pass it.",
        examples=[0.1],
    )


class ChatRequest(Frozen):
    """A question to a persona, with all that was said before it."""

    model: Annotated[str, Field(max_length=100)] = Field(
        description="`persona:ID`; `GET /openai/v1/models` lists them.", examples=["persona:vp-sales"]
    )
    messages: tuple[ChatMessage, ...] = Field(
        min_length=1,
        max_length=MOST_MESSAGES,
        description="The conversation so far; the last message is the interviewer's.",
        examples=[[{"role": "user", "content": "What made you look for something new?"}]],
    )
    stream: bool | None = Field(
        False, description="Whether the answer comes as server-sent events, word by word once it is whole."
    )
    stream_options: StreamOptions | None = Field(None, description="What the stream tells.")
    temperature: float | None = Field(
        None, ge=0, le=2, description="Of the answer; null: 0.7.", examples=[0.7]
    )
    top_p: float | None = Field(None, gt=0, le=1, description="Null: 1.", examples=[1])
    max_tokens: int | None = Field(
        None, ge=1, le=4000, description="Of the answer; null: 200.", examples=[200]
    )
    max_completion_tokens: int | None = Field(
        None, ge=1, le=4000, description="The newer name of `max_tokens`.", examples=[200]
    )
    stop: Annotated[str, Field(max_length=100)] | Annotated[tuple[str, ...], Field(max_length=4)] | None = (
        Field(None, description="Texts that end the answer.")
    )
    seed: int | None = Field(
        None,
        ge=0,
        le=2**31 - 1,
        description="Draws the answer; another seed, another answer of the same respondent. Null: "
        "`panelsim.seed`.",
        examples=[11],
    )
    metadata: dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]] | None = (
        Field(
            None,
            max_length=16,
            description="Texts of your own, kept with the conversation; keys that begin with `panelsim.` "
            "stand for fields of `panelsim`.",
            examples=[{"panelsim.respondent": "2"}],
        )
    )
    panelsim: Behind = Field(Behind(), description="Who is behind the persona.")

    @model_validator(mode="before")
    @classmethod
    def _possible(cls, value: object) -> object:
        """Refuses what a persona cannot do, and leaves out what changes nothing."""
        if not isinstance(value, dict):
            return value
        for name, reason in REFUSED.items():
            if value.get(name):
                raise _not_possible(name, f"{reason}, expected none")
        for name, neutral in NEUTRAL.items():
            if value.get(name) is not None and value[name] not in neutral:
                raise _not_possible(name, f"found {value[name]!r}, expected {neutral[0]!r} or nothing")
        left_out = {*REFUSED, *NEUTRAL, *IGNORED}
        kept = {name: field for name, field in value.items() if name not in left_out}
        return kept | {"panelsim": _behind(kept)}

    @field_validator("model")
    @classmethod
    def _a_persona(cls, model: str) -> str:
        if not model.startswith(PERSONA):
            raise ValueError(f"found {model!r}, expected persona:ID, for example persona:vp-sales")
        return model

    @property
    def persona(self) -> str:
        """Its id."""
        return self.model.removeprefix(PERSONA)

    @property
    def note(self) -> str:
        """All that the caller says of the situation."""
        said = (one.text for one in self.messages if one.role in ("system", "developer"))
        return "\n\n".join(text for text in said if text)

    @property
    def stops(self) -> tuple[str, ...]:
        """Texts that end the answer."""
        return (self.stop,) if isinstance(self.stop, str) else self.stop or ()

    def turns(self) -> tuple[Turn, ...]:
        """Interviewer and respondent in turn; what one says in several messages is one turn."""
        found: list[Turn] = []
        for one in self.messages:
            if one.role not in ("user", "assistant") or not one.text:
                continue
            speaker: Literal["interviewer", "respondent"] = (
                "interviewer" if one.role == "user" else "respondent"
            )
            if found and found[-1].speaker == speaker:
                found[-1] = Turn(speaker=speaker, text=f"{found[-1].text}\n{one.text}")
            else:
                found.append(Turn(speaker=speaker, text=one.text))
        return tuple(found)


def _not_possible(name: str, reason: str) -> ApiError:
    """The refusal of a parameter; pydantic would say it of the whole body."""
    return ApiError("invalid_request", f"{name}: {reason}", param=f"body.{name}")


def _behind(request: Mapping[str, Any]) -> object:
    """The field `panelsim`, with what `metadata` says of it beside."""
    given = request.get("panelsim")
    said = request.get("metadata")
    if not isinstance(said, dict):
        return given or {}
    beside = {
        str(name).removeprefix(IN_METADATA): value
        for name, value in said.items()
        if str(name).startswith(IN_METADATA)
    }
    return beside | given if isinstance(given, dict) else given or beside
