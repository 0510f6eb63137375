"""Answers and refusals in the shape of the OpenAI protocol."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import Field, JsonValue

from panelsim.api.problems import KINDS, Code, FieldProblem, Refusal, headers_of, request_id_of
from panelsim.model.base import Frozen
from panelsim.model.conversation import Conversation
from panelsim.model.response import Missing, TextAnswer
from panelsim.service.sources import PERSONA


class Tokens(Frozen):
    """Tokens of all calls behind an answer, as the model counted them."""

    prompt_tokens: int = Field(description="Sent.", examples=[612])
    completion_tokens: int = Field(description="Written.", examples=[58])
    total_tokens: int = Field(description="Both.", examples=[670])
    prompt_tokens_details: dict[str, int] = Field(
        description="`cached_tokens`: served from the model's prompt cache.", examples=[{"cached_tokens": 0}]
    )


class Traced(Frozen):
    """What stands behind an answer."""

    simulated: Literal[True] = Field(True, description="No person was asked.")
    conversation: str = Field(description="Under which it is kept.", examples=["conv_4b5c6d7e8f90"])
    respondent: str = Field(description="Who answered.", examples=["vp-sales-01"])
    name: str = Field(description="An invented one.", examples=["Jonas Weber"])
    title: str = Field(description="Of the respondent.", examples=["VP of Sales"])
    model: str = Field(description="The language model behind it.", examples=["embedded/qwen2.5-1.5b"])
    call_keys: tuple[str, ...] = Field(description="Of the calls, in order.", examples=[["call1:4b5c..."]])
    cost_usd: float = Field(description="US dollars; 0 if the answer was known already.", examples=[0.0])
    missing: str = Field(
        "", description="Why there is no answer: refused, unreadable, cut_off; else empty.", examples=[""]
    )


class SaidMessage(Frozen):
    """What the persona said."""

    role: Literal["assistant"] = Field("assistant", description="Always this.")
    content: str | None = Field(
        description="Null if there is no answer.", examples=["In March we lost a week."]
    )
    refusal: str | None = Field(None, description="What the model said instead, if it refused.")


FinishReason = Literal["stop", "length", "content_filter"]


class Choice(Frozen):
    """The one answer."""

    index: Literal[0] = Field(0, description="There is one choice.")
    message: SaidMessage = Field(description="What was said.")
    finish_reason: FinishReason = Field(description="`length`: cut off.", examples=["stop"])
    logprobs: None = Field(None, description="Not told.")


class ChatCompletion(Frozen):
    """The answer of a persona."""

    id: str = Field(description="Names the exchange.", examples=["chatcmpl-4b5c6d7e8f90a1b2c3d4e5f6"])
    object: Literal["chat.completion"] = "chat.completion"
    created: int = Field(description="Seconds since 1970.", examples=[1795860000])
    model: str = Field(description="As it was asked for.", examples=["persona:vp-sales"])
    system_fingerprint: str = Field(description="Hash of all prompt files.", examples=["prompts1:4b5c..."])
    choices: tuple[Choice, ...] = Field(description="One.")
    usage: Tokens = Field(description="Tokens behind the answer.")
    panelsim: Traced = Field(description="What stands behind the answer.")


class ListedModel(Frozen):
    """A persona as a model."""

    id: str = Field(description="To be asked for.", examples=["persona:vp-sales"])
    object: Literal["model"] = "model"
    created: int = Field(0, description="Not known.")
    owned_by: Literal["panelsim"] = Field("panelsim", description="Always this.")


class ModelList(Frozen):
    """All personas."""

    object: Literal["list"] = "list"
    data: tuple[ListedModel, ...] = Field(description="By id.")


def completion_of(kept: Conversation) -> ChatCompletion:
    """An exchange as OpenAI clients read it."""
    answer, usage = kept.answer, kept.usage
    missing = answer if isinstance(answer, Missing) else None
    refused = missing is not None and missing.reason == "refused"
    return ChatCompletion(
        id=kept.exchange,
        created=_seconds(kept.created_at),
        model=f"{PERSONA}{kept.persona}",
        system_fingerprint=kept.prompts_hash,
        choices=(
            Choice(
                message=SaidMessage(
                    content=answer.text if isinstance(answer, TextAnswer) else None,
                    refusal=missing.raw if missing is not None and refused else None,
                ),
                finish_reason=_finish_reason(kept.finish_reason),
            ),
        ),
        usage=Tokens(
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            total_tokens=usage.prompt_tokens + usage.completion_tokens,
            prompt_tokens_details={"cached_tokens": usage.cached_tokens},
        ),
        panelsim=Traced(
            conversation=kept.id,
            respondent=kept.respondent,
            name=kept.name,
            title=kept.title,
            model=str(kept.model),
            call_keys=kept.call_keys,
            cost_usd=kept.cost_usd,
            missing="" if missing is None else missing.reason,
        ),
    )


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _finish_reason(reason: str) -> FinishReason:
    return "length" if reason == "length" else "content_filter" if reason == "content_filter" else "stop"


_PIECE = re.compile(r"\s*\S+|\s+$")


def chunks_of(whole: ChatCompletion, *, include_usage: bool) -> Iterator[dict[str, JsonValue]]:
    """An answer in pieces of one word, as a stream tells it."""
    (choice,) = whole.choices
    rest: dict[str, JsonValue] = {"usage": None} if include_usage else {}

    def chunk(delta: dict[str, JsonValue], reason: str | None = None) -> dict[str, JsonValue]:
        told: JsonValue = [{"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}]
        return {**chunk_head(whole), "choices": told, **rest}

    yield chunk({"role": "assistant", "content": ""})
    for piece in _PIECE.findall(choice.message.content or ""):
        yield chunk({"content": piece})
    if choice.message.refusal is not None:
        yield chunk({"refusal": choice.message.refusal})
    traced: JsonValue = whole.panelsim.model_dump(mode="json")
    yield {**chunk({}, choice.finish_reason), "panelsim": traced}
    if include_usage:
        usage: JsonValue = whole.usage.model_dump(mode="json")
        yield {**chunk_head(whole), "choices": [], "usage": usage}


def chunk_head(whole: ChatCompletion) -> dict[str, JsonValue]:
    """What every piece of an answer says of it."""
    return {
        "id": whole.id,
        "object": "chat.completion.chunk",
        "created": whole.created,
        "model": whole.model,
        "system_fingerprint": whole.system_fingerprint,
    }


# ---- errors


class OpenAIProblem(Frozen):
    """A refusal in the shape that OpenAI clients read."""

    message: str = Field(description="What, where and what was expected.", examples=["no persona is called"])
    type: str = Field(description="`invalid_request_error` or `server_error`.", examples=["server_error"])
    param: str | None = Field(description="The field that is wrong; null if none is.", examples=["messages"])
    code: Code = Field(description="As everywhere in the service.", examples=["invalid_request"])
    request_id: str = Field(description="Also in the header X-Request-Id.", examples=["req_4b5c"])
    retryable: bool = Field(description="Whether the same request may work later.", examples=[False])
    errors: tuple[FieldProblem, ...] = Field(description="All fields that are wrong.", examples=[[]])


class OpenAIError(Frozen):
    """The body of a refusal."""

    error: OpenAIProblem = Field(description="Why.")


def openai_response(request: Request, refusal: Refusal) -> JSONResponse:
    """A refusal in OpenAI's shape, with our code in it."""
    kind = KINDS[refusal.code]
    body = openai_error(refusal, request_id_of(request))
    return JSONResponse(body.model_dump(mode="json"), kind.status, headers_of(refusal))


def openai_error(refusal: Refusal, request_id: str) -> OpenAIError:
    """The body of a refusal."""
    kind = KINDS[refusal.code]
    return OpenAIError(
        error=OpenAIProblem(
            message=refusal.detail.removeprefix("body."),
            type="server_error" if kind.status >= 500 else "invalid_request_error",
            param=refusal.param.removeprefix("body.") or None,
            code=refusal.code,
            request_id=request_id,
            retryable=kind.retryable,
            errors=refusal.errors,
        )
    )
