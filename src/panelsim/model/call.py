"""Calls and completions: one request to a model, one answer, and the key that joins them."""

import hashlib
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Annotated, Literal, Self, TypeAlias

import orjson
from pydantic import Field, JsonValue
from typing_extensions import override

from panelsim.keys import canonical_json, text_key
from panelsim.model.base import Frozen

KEY_PREFIX = "call1"
"""Names the form of a call that is hashed; a new form gets a new prefix."""

Role = Literal["system", "user", "assistant"]


class Message(Frozen):
    """One turn of a conversation."""

    role: Role
    content: str


class ModelRef(Frozen):
    """Which model is asked: provider, the model's name there, and its endpoint where there are several."""

    provider: str
    """A name in `panelsim.providers.PROVIDERS`."""
    name: str
    """The model's name at the provider; an embedded model's name carries its file's hash (`name@sha12`)."""
    base_url: str = ""
    """Endpoint of an OpenAI-compatible server; empty for the provider's own."""

    def __str__(self) -> str:
        return f"{self.provider}/{self.name}"


class Sampling(Frozen):
    """How the answer is drawn."""

    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    max_tokens: Annotated[int, Field(ge=1)] = 256
    """Upper bound of the answer, in tokens."""
    stop: tuple[str, ...] = ()
    seed: Annotated[int, Field(ge=0)] = 0
    """Of the study; what is sent for a call is `ChatCall.drawn_with`."""


class _CallBase(Frozen):
    model: ModelRef
    replicate: Annotated[int, Field(ge=0)] = 0
    """Which repeat of the same question this is; part of the identity."""
    lane: Annotated[str, Field(exclude=True)] = ""
    """Calls of one lane share a long prompt prefix (a respondent's id); outside the identity."""
    purpose: Annotated[str, Field(exclude=True)] = ""
    """What the call is for (`monadic/relevance`), for progress and logs; outside the identity."""

    @cached_property
    def key(self) -> str:
        """The identity: a tagged hash of everything that decides the answer."""
        return text_key(KEY_PREFIX, self.canonical())

    def canonical(self) -> bytes:
        """What the key is the hash of: everything that decides the answer, as canonical JSON."""
        value: JsonValue = self.model_dump(mode="json")
        return canonical_json(value).encode("utf-8", "surrogatepass")

    @override
    def model_copy(self, *, update: Mapping[str, object] | None = None, deep: bool = False) -> Self:
        """A copy with `update`; it never keeps the key of the original."""
        copy = super().model_copy(update=update, deep=deep)
        copy.__dict__.pop("key", None)
        return copy


class ChatCall(_CallBase):
    """A chat completion to be asked for."""

    kind: Literal["chat"] = "chat"
    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    response_schema: str = ""
    """JSON schema (canonical JSON text) the answer must follow; empty for free text."""
    top_logprobs: Annotated[int, Field(ge=0, le=20)] = 0
    """How many alternatives per answer token to return with log-probabilities; 0 for none."""

    @property
    def drawn_with(self) -> int:
        """The seed that is sent to the provider, 31 bits.

        Where the answer is drawn it comes from the call's key: with one seed for all, respondents with much
        the same prompt would draw much the same answer, and a panel would hold as many draws as replicates.
        At temperature 0 nothing is drawn, and `seed + replicate` only keeps replicates from being one
        request.
        """
        if not self.sampling.temperature:
            return self.sampling.seed + self.replicate
        return int(hashlib.sha256(self.key.encode()).hexdigest()[:8], 16) & 0x7FFFFFFF

    @override
    def canonical(self) -> bytes:
        """What the key is the hash of, put together from its parts: a run derives some for every answer."""
        try:
            messages = orjson.dumps([{"content": one.content, "role": one.role} for one in self.messages])
            schema = orjson.dumps(self.response_schema)
        except orjson.JSONEncodeError:  # a lone surrogate
            return super().canonical()
        return (
            b'{"kind":"chat","messages":%b,"model":%b,"replicate":%d,"response_schema":%b,"sampling":%b,'
            b'"top_logprobs":%d}'
        ) % (
            messages,
            _canonical(self.model),
            self.replicate,
            schema,
            _canonical(self.sampling),
            self.top_logprobs,
        )

    def followed_by(self, said: "Completion", again: tuple[Message, ...]) -> Self:
        """The call that carries the conversation on: the answer, then `again`."""
        turn = Message(role="assistant", content=said.text)
        return self.model_copy(update={"messages": (*self.messages, turn, *again)})


@lru_cache(maxsize=256)
def _canonical(part: ModelRef | Sampling) -> bytes:
    return canonical_json(part.model_dump(mode="json")).encode("utf-8", "surrogatepass")


class EmbeddingCall(_CallBase):
    """An embedding of one text to be asked for."""

    kind: Literal["embedding"] = "embedding"
    text: str


Call: TypeAlias = Annotated[ChatCall | EmbeddingCall, Field(discriminator="kind")]


class Usage(Frozen):
    """Tokens of one call."""

    prompt_tokens: Annotated[int, Field(ge=0)] = 0
    cached_tokens: Annotated[int, Field(ge=0)] = 0
    """The part of `prompt_tokens` that the provider served from its prompt cache."""
    completion_tokens: Annotated[int, Field(ge=0)] = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
        )


class TokenLogprob(Frozen):
    """One answer token with the alternatives the model weighed at its place."""

    token: str
    logprob: float
    """Natural logarithm of the token's probability."""
    top: tuple[tuple[str, float], ...] = ()
    """(token, natural-log probability), most likely first."""


FinishReason = Literal["stop", "length", "refusal", "content_filter"]


class Completion(Frozen):
    """What was said to one call."""

    text: str = ""
    finish_reason: FinishReason = "stop"
    usage: Usage = Usage()
    cost_usd: Annotated[float, Field(ge=0)] = 0.0
    logprobs: tuple[TokenLogprob, ...] = ()
    vector: tuple[float, ...] = ()
    """The embedding, for an embedding call."""
    reported_model: str = ""
    """The model's name as the provider reported it."""
