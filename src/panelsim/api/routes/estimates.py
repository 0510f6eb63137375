"""Estimates: what a study will take, before anything is asked. They cost nothing."""

from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import Field

from panelsim.api.asked import study_of
from panelsim.api.caller import Reader
from panelsim.api.context import ApiDep
from panelsim.api.problems import COMMON, problems
from panelsim.api.studies import AnyRequest
from panelsim.model.base import Frozen
from panelsim.service.estimate import CostEstimate

router = APIRouter(tags=["estimates"])


class Course(Frozen):
    """What one course of a run takes."""

    calls: int = Field(description="Calls to the model.", examples=[540])
    prompt_tokens: int = Field(description="Tokens that are sent; four characters each.", examples=[310000])
    completion_tokens: int = Field(description="Tokens that are written.", examples=[9000])
    cost_usd: float = Field(description="US dollars.", examples=[0.07])
    seconds: float | None = Field(
        description="On two cores; null for models that run elsewhere.", examples=[400.0]
    )


class Estimate(Frozen):
    """What a study will take."""

    sessions: int = Field(description="Sessions of respondents.", examples=[216])
    low: Course = Field(description="If respondents answer at once and briefly.")
    likely: Course = Field(description="In between.")
    high: Course = Field(description="If every one must be asked again and uses every token.")
    max_cost_usd: float = Field(description="The cap of the request: the run stops before.", examples=[2.0])
    fits_cap: bool = Field(description="Whether even the high course stays within the cap.", examples=[True])


@router.post(
    "/v1/estimates",
    summary="Estimate a study",
    operation_id="create_estimate",
    responses=problems(*COMMON, "malformed_body", "body_too_large"),
)
def create_estimate(
    api: ApiDep, caller: Reader, wanted: Annotated[AnyRequest, Body(discriminator="kind")]
) -> Estimate:
    """Calls, tokens, dollars and seconds of any kind of study. Nothing is asked, kept or paid."""
    found = api.starter.estimate(study_of(api, caller.account, wanted), caller.account)
    return estimate_view(found, wanted.max_cost_usd)


def estimate_view(found: CostEstimate, cap_usd: float) -> Estimate:
    """An estimate as callers see it."""
    low, likely, high = (
        Course.model_validate(one.model_dump()) for one in (found.low, found.likely, found.high)
    )
    return Estimate(
        sessions=found.sessions,
        low=low,
        likely=likely,
        high=high,
        max_cost_usd=cap_usd,
        fits_cap=high.cost_usd <= cap_usd,
    )
