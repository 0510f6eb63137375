"""Conversations: what was said with personas, each answer traceable to its calls and prompts."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime, Field

from panelsim.api.caller import Reader, Writer
from panelsim.api.context import ApiDep
from panelsim.api.paging import CursorText, Limit, Page, page_of, place_of
from panelsim.api.problems import COMMON, ApiError, problems
from panelsim.api.views import PromptView, prompt_views
from panelsim.model.base import Frozen
from panelsim.model.conversation import Conversation
from panelsim.service.talking import KIND, conversations_of

router = APIRouter(tags=["chat"])

ConversationId = Annotated[
    str,
    Path(
        min_length=1,
        max_length=100,
        description="Of the conversation, as an answer tells it in `panelsim.conversation`.",
        examples=["conv_4b5c6d7e8f90a1b2c3d4e5f6"],
    ),
]


class TurnView(Frozen):
    """One thing that was said."""

    speaker: str = Field(description="`interviewer` or `respondent`.", examples=["respondent"])
    text: str = Field(description="The words.", examples=["In March we lost a week."])
    call_key: str = Field(
        description="Of the call that gave the answer; empty for the interviewer, and for an answer that the "
        "caller sent and no respondent gave.",
        examples=["call1:4b5c..."],
    )


class ConversationHead(Frozen):
    """A conversation in a list."""

    id: str = Field(description="Names it.", examples=["conv_4b5c6d7e8f90a1b2c3d4e5f6"])
    persona: str = Field(description="Who was drawn from.", examples=["vp-sales"])
    respondent: str = Field(description="Who answered.", examples=["vp-sales-01"])
    model: str = Field(description="The language model behind it.", examples=["embedded/qwen2.5-1.5b"])
    exchanges: int = Field(description="Answers that were asked for.", examples=[3])
    changed_at: AwareDatetime = Field(
        description="When the last exchange was, UTC.", examples=["2026-11-28T10:15:00+00:00"]
    )


class ConversationView(ConversationHead):
    """A conversation as it is after its last exchange, or after an earlier one."""

    simulated: bool = Field(True, description="Always true: no person was asked.")
    exchange: str = Field(description="The last one's id.", examples=["chatcmpl-4b5c6d7e8f90"])
    name: str = Field(description="Of the respondent, an invented one.", examples=["Jonas Weber"])
    title: str = Field(description="Of the respondent.", examples=["VP of Sales"])
    company: str = Field(description="Of the respondent.", examples=["software, 240 people, Germany"])
    persona_version: int = Field(description="Of the persona's file.", examples=[2])
    persona_hash: str = Field(description="Of the persona's content.", examples=["persona1:4b5c..."])
    seed: int = Field(description="Of the draw.", examples=[7])
    note: str = Field(description="The interviewer's note on the situation.", examples=[""])
    turns: tuple[TurnView, ...] = Field(description="All that was said.")
    missing: str = Field(description="Why the last question has no answer; else empty.", examples=[""])
    prompts: tuple[PromptView, ...] = Field(description="The prompt files that were rendered.")
    prompts_hash: str = Field(description="Of all prompt files.", examples=["prompts1:4b5c..."])
    prompt_tokens: int = Field(description="Of the last exchange.", examples=[612])
    completion_tokens: int = Field(description="Of the last exchange.", examples=[58])
    cost_usd: float = Field(description="Of the last exchange, US dollars.", examples=[0.0])
    metadata: dict[str, str] = Field(description="As given with the last exchange.", examples=[{}])


@router.get(
    "/v1/conversations",
    summary="List conversations",
    operation_id="list_conversations",
    responses=problems(*COMMON),
)
def list_conversations(
    api: ApiDep, caller: Reader, limit: Limit = 20, cursor: CursorText = ""
) -> Page[ConversationHead]:
    """The account's conversations, those that went on last first."""
    place = place_of(cursor, 2)
    before = None if place is None else (place[0], place[1])
    kept = conversations_of(api.workspace.store, caller.account, limit + 1, before)
    heads = [_head(Conversation.model_validate_json(one.body), one.version) for one in kept]
    shown = kept[:limit]
    return page_of(heads, limit, [shown[-1].created_at, shown[-1].id] if shown else [])


@router.get(
    "/v1/conversations/{conversation_id}",
    summary="Read a conversation",
    operation_id="get_conversation",
    responses=problems(*COMMON, "not_found"),
)
def get_conversation(
    api: ApiDep,
    caller: Reader,
    conversation_id: ConversationId,
    exchange: Annotated[
        int | None,
        Query(
            ge=1,
            le=2**31 - 1,
            description="As it was after so many exchanges; absent: after the last.",
            examples=[2],
        ),
    ] = None,
) -> ConversationView:
    """All that was said, with the calls and prompt versions behind it."""
    document = api.workspace.store.document(caller.account, KIND, conversation_id, exchange)
    if document is None:
        raise _unknown(conversation_id)
    kept = Conversation.model_validate_json(document.body)
    return ConversationView(
        **_head(kept, document.version).model_dump(),
        exchange=kept.exchange,
        name=kept.name,
        title=kept.title,
        company=kept.company,
        persona_version=kept.persona_version,
        persona_hash=kept.persona_hash,
        seed=kept.seed,
        note=kept.note,
        turns=tuple(
            TurnView(speaker=turn.speaker, text=turn.text, call_key=turn.call_key) for turn in kept.turns
        ),
        missing=kept.answer.reason if kept.answer.kind == "missing" else "",
        prompts=prompt_views(kept.prompts),
        prompts_hash=kept.prompts_hash,
        prompt_tokens=kept.usage.prompt_tokens,
        completion_tokens=kept.usage.completion_tokens,
        cost_usd=kept.cost_usd,
        metadata=kept.metadata,
    )


@router.delete(
    "/v1/conversations/{conversation_id}",
    status_code=204,
    summary="Delete a conversation",
    operation_id="delete_conversation",
    responses=problems(*COMMON, "not_found"),
)
def delete_conversation(api: ApiDep, caller: Writer, conversation_id: ConversationId) -> Response:
    """Forgets it; what it cost stays in the books, and its calls until the store is swept."""
    if not api.workspace.store.drop_document(caller.account, KIND, conversation_id):
        raise _unknown(conversation_id)
    return Response(status_code=204)


def _unknown(conversation_id: str) -> ApiError:
    return ApiError(
        "not_found",
        f"no conversation {conversation_id!r} is known to this key",
        param="path.conversation_id",
    )


def _head(kept: Conversation, exchanges: int) -> ConversationHead:
    return ConversationHead(
        id=kept.id,
        persona=kept.persona,
        respondent=kept.respondent,
        model=str(kept.model),
        exchanges=exchanges,
        changed_at=kept.created_at,
    )
