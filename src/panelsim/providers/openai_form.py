"""The OpenAI form: request bodies out of calls, completions out of replies, errors out of statuses."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from pydantic import JsonValue, TypeAdapter, ValidationError

from panelsim.errors import ProviderError, RefusedRequest, TransientError
from panelsim.model.base import Frozen
from panelsim.model.call import (
    ChatCall,
    Completion,
    EmbeddingCall,
    FinishReason,
    ModelRef,
    TokenLogprob,
    Usage,
)

TOLD_LENGTH = 300
"""Characters of a provider's own message that are shown."""

REASONS: Mapping[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "content_filter": "content_filter",
    "refusal": "refusal",
}

_SCHEMA: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


# ---- requests


def chat_body(call: ChatCall, *, limit: str = "max_tokens") -> dict[str, JsonValue]:
    """The request for `call`; `limit` is what the server calls the upper bound of the answer."""
    said: list[JsonValue] = [{"role": turn.role, "content": turn.content} for turn in call.messages]
    body: dict[str, JsonValue] = {
        "model": call.model.name,
        "messages": said,
        "temperature": call.sampling.temperature,
        limit: call.sampling.max_tokens,
        "seed": call.drawn_with,
    }
    if call.sampling.top_p < 1:  # some services refuse it beside a temperature
        body["top_p"] = call.sampling.top_p
    if call.sampling.stop:
        body["stop"] = list(call.sampling.stop)
    if call.top_logprobs:
        body["logprobs"] = True
        body["top_logprobs"] = call.top_logprobs
    if call.response_schema:
        schema = _SCHEMA.validate_json(call.response_schema)
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": schema, "strict": True},
        }
    return body


def embedding_body(call: EmbeddingCall) -> dict[str, JsonValue]:
    """The request for the embedding of one text."""
    return {"model": call.model.name, "input": call.text, "encoding_format": "float"}


# ---- replies


class _Part(Frozen, extra="ignore"):
    pass


class _Top(_Part):
    token: str
    logprob: float


class _Token(_Part):
    token: str
    logprob: float
    top_logprobs: tuple[_Top, ...] = ()


class _Logprobs(_Part):
    content: tuple[_Token, ...] | None = None


class _Aside(_Part):
    refusal: str | None = None


class _Said(_Part):
    content: str | None = None
    refusal: str | None = None
    provider_specific_fields: _Aside | None = None
    """Where litellm puts the refusal."""

    @property
    def refused(self) -> str | None:
        aside = self.provider_specific_fields
        return self.refusal or (aside.refusal if aside else None)


class _Choice(_Part):
    message: _Said
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None


class _Details(_Part):
    cached_tokens: int | None = None


class _Usage(_Part):
    prompt_tokens: int = 0
    completion_tokens: int | None = None
    prompt_tokens_details: _Details | None = None


class _ChatReply(_Part):
    model: str | None = None
    choices: tuple[_Choice, ...] = ()
    usage: _Usage | None = None


class _Vector(_Part):
    embedding: tuple[float, ...]


class _EmbeddingReply(_Part):
    model: str | None = None
    data: tuple[_Vector, ...] = ()
    usage: _Usage | None = None


_Reply = TypeVar("_Reply", _ChatReply, _EmbeddingReply)


def read_chat(model: ModelRef, content: bytes) -> Completion:
    """The completion in a chat reply. Raises `TransientError` if there is none to be read."""
    reply = _read(_ChatReply, model, content)
    if not reply.choices:
        raise TransientError(f"{model} replied without any choice; expected one", maybe_billed=True)
    choice = reply.choices[0]
    refused = choice.message.refused
    return Completion(
        text=refused or choice.message.content or "",
        finish_reason="refusal" if refused else REASONS.get(choice.finish_reason or "stop", "stop"),
        usage=_usage(reply.usage),
        logprobs=_logprobs(choice.logprobs),
        reported_model=reply.model or "",
    )


def read_embedding(model: ModelRef, content: bytes) -> Completion:
    """The completion in an embedding reply. Raises `TransientError` if there is none to be read."""
    reply = _read(_EmbeddingReply, model, content)
    if not reply.data:
        raise TransientError(f"{model} replied without any embedding; expected one", maybe_billed=True)
    return Completion(
        vector=reply.data[0].embedding, usage=_usage(reply.usage), reported_model=reply.model or ""
    )


def _read(form: type[_Reply], model: ModelRef, content: bytes) -> _Reply:
    try:
        return form.model_validate_json(content)
    except ValidationError:
        pass
    try:
        # half an emoji in a token is legal JSON but not legal text
        whole = json.dumps(json.loads(content), ensure_ascii=False).encode("utf-8", "replace")
        return form.model_validate_json(whole)
    except ValueError:
        start = content[:80].decode("utf-8", "replace")
        raise TransientError(
            f"the reply of {model} cannot be read as a {form.__name__.strip('_')}: it starts {start!r}",
            maybe_billed=True,
        ) from None


def _logprobs(found: _Logprobs | None) -> tuple[TokenLogprob, ...]:
    return tuple(
        TokenLogprob(
            token=token.token,
            logprob=token.logprob,
            top=tuple((top.token, top.logprob) for top in token.top_logprobs),
        )
        for token in (found.content if found else None) or ()
    )


def _usage(found: _Usage | None) -> Usage:
    if found is None:
        return Usage()
    details = found.prompt_tokens_details
    return Usage(
        prompt_tokens=found.prompt_tokens,
        cached_tokens=(details.cached_tokens if details else None) or 0,
        completion_tokens=found.completion_tokens or 0,
    )


# ---- errors


class _Told(_Part):
    message: str
    code: str | int | None = None


class _Error(_Part):
    error: _Told


_ERROR = TypeAdapter(_Error)


def error_of(
    model: ModelRef, status: int, told: str, *, retry_after: float | None, key_name: str
) -> ProviderError:
    """The error for an HTTP status of 300 or more; `told` is the provider's own message."""
    where = f" at {model.base_url}" if model.base_url else ""
    said = " ".join(told.split())[:TOLD_LENGTH]
    if status == 429 and "insufficient_quota" not in told and "exceeded your current quota" not in told:
        return TransientError(
            f"{model}{where} asks for fewer requests (429)", retry_after=retry_after, throttled=True
        )
    if status in {503, 529}:
        text = f"{model}{where} has no room now ({status}): {said}"
        return TransientError(text, retry_after=retry_after, overloaded=True)
    if status in {408, 409} or status >= 500:
        return TransientError(f"{model}{where} failed ({status}): {said}", retry_after=retry_after)
    if status < 400:
        return RefusedRequest(f"{model}{where} redirects ({status}), which is not followed; correct base_url")
    sentences = {
        401: f"the key for {model}{where} was not accepted (401); set {key_name} to a valid one",
        403: f"the key for {model}{where} may not use this model (403); check the rights of {key_name}",
        404: f"{model}{where} was not found (404); check the model's name and the base URL: {said}",
        429: f"the quota behind {key_name} is used up, so {model}{where} refuses (429); check its billing",
    }
    return RefusedRequest(sentences.get(status, f"{model}{where} refused the request ({status}): {said}"))


def told_by(content: bytes) -> str:
    """What a provider says in the body of an error: its code and message, or the text as it is."""
    try:
        told = _ERROR.validate_json(content)
    except ValidationError:
        return content[: 4 * TOLD_LENGTH].decode("utf-8", "replace")
    return f"{told.error.code or ''} {told.error.message}".strip()


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """What `Retry-After` (or `retry-after-ms`) asks for, in seconds; None if it asks for nothing readable."""
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        return max(0.0, float(headers["retry-after"])) if "retry-after" in headers else None
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(headers["retry-after"])
    except (KeyError, ValueError):
        return None
    return max(0.0, (until - datetime.now(UTC)).total_seconds()) if until.tzinfo else None
