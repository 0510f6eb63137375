"""What this server can ask: its models, and the measures that texts can be rated on."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from panelsim.api.caller import Reader
from panelsim.api.context import ApiDep
from panelsim.api.paging import Page
from panelsim.api.problems import COMMON, problems
from panelsim.model.base import Frozen
from panelsim.model.measure import POINTS
from panelsim.providers.catalogue import CATALOGUE, ModelEntry, ModelKind
from panelsim.providers.model_files import is_pulled
from panelsim.providers.scripted_minds import MINDS
from panelsim.sessions.scene import read_measures
from panelsim.settings import Settings

router = APIRouter(tags=["catalogue"])


class ModelView(Frozen):
    """A model that studies may name."""

    name: str = Field(
        description="PROVIDER/NAME; `*` stands for any name that the provider knows.",
        examples=["embedded/qwen2.5-1.5b"],
    )
    kind: ModelKind = Field(
        description="`chat` speaks for respondents; `embedding` reads texts.", examples=["chat"]
    )
    title: str = Field(description="In words.", examples=["Qwen2.5-Coder 1.5B Instruct, Q4_K_M"])
    is_here: bool | None = Field(
        description="Whether the server can ask it now; null: not known before it is asked.", examples=[True]
    )
    is_free: bool = Field(description="Whether asking costs nothing.", examples=[True])
    tried: bool = Field(description="Whether it was run and measured with panelsim.", examples=[True])
    good_for: str = Field(description="What was measured, in a sentence.", examples=["Modest signal: ..."])
    licence: str = Field(description="Of its file; empty if there is none.", examples=["Apache-2.0"])
    bytes: int | None = Field(description="Of its file; null if not known or none.", examples=[1117320768])


class MeasureView(Frozen):
    """What a text can be rated on."""

    id: str = Field(description="Give it among `measures` of a message test.", examples=["relevance"])
    version: int = Field(description="Of its wordings.", examples=[1])
    label: str = Field(description="In words.", examples=["Relevance"])
    points: int = Field(description="Of the scale.", examples=[POINTS])
    low: str = Field(description="What 1 means.", examples=["not at all relevant"])
    high: str = Field(description="What the highest point means.", examples=["extremely relevant"])
    question: str = Field(
        description="The first of its wordings, as put to the buyer.", examples=["How relevant is it?"]
    )


@router.get("/v1/models", summary="List models", operation_id="list_models", responses=problems(*COMMON))
def list_models(api: ApiDep, _caller: Reader) -> Page[ModelView]:
    """The catalogue with what was measured of each, scripted respondents, and providers elsewhere."""
    settings = api.workspace.settings
    found = [
        *(_embedded(entry, settings) for entry in CATALOGUE),
        *map(_scripted, MINDS),
        *_elsewhere(settings),
    ]
    return Page(data=tuple(found), has_more=False, next_cursor=None)


@router.get(
    "/v1/measures", summary="List measures", operation_id="list_measures", responses=problems(*COMMON)
)
def list_measures(api: ApiDep, _caller: Reader) -> Page[MeasureView]:
    """What texts can be rated on, from 1 to 5."""
    prompts = api.workspace.prompts()
    names = tuple(name.removeprefix("measures/") for name in prompts.ids("measures"))
    found = tuple(
        MeasureView(
            id=one.id,
            version=one.version,
            label=one.label,
            points=POINTS,
            low=one.low,
            high=one.high,
            question=one.wordings.first_person[0],
        )
        for one in read_measures(prompts, names).values()
    )
    return Page(data=found, has_more=False, next_cursor=None)


def _embedded(entry: ModelEntry, settings: Settings) -> ModelView:
    return ModelView(
        name=f"embedded/{entry.name}",
        kind=entry.kind,
        title=entry.title,
        is_here=is_pulled(entry.name, settings.cache_dir),
        is_free=True,
        tried=entry.tried,
        good_for=entry.good_for,
        licence=entry.licence,
        bytes=entry.bytes,
    )


def _scripted(name: str) -> ModelView:
    return _unfiled(
        f"scripted/{name}",
        "Respondents that answer by rule, with no model",
        "Trying calls and checking the controls at no cost. Never read its numbers as findings.",
        is_here=True,
    )


def _elsewhere(settings: Settings) -> tuple[ModelView, ...]:
    paid = "What the provider charges, within max_cost_usd; its price must be known. Let the controls decide."
    has_key = settings.openai_api_key is not None
    return (
        _unfiled("openai/*", "Models of the OpenAI API", paid, is_here=has_key),
        _unfiled("litellm/*", "Models of other providers, by way of litellm", paid, is_here=None),
    )


def _unfiled(name: str, title: str, good_for: str, *, is_here: bool | None) -> ModelView:
    kind: Literal["chat"] = "chat"
    is_ours = name.startswith("scripted/")
    return ModelView(
        name=name,
        kind=kind,
        title=title,
        is_here=is_here,
        is_free=is_ours,
        tried=is_ours,
        good_for=good_for,
        licence="",
        bytes=None,
    )
