"""Evaluations: the benchmarks at hand, the scorecards that ship with them, and replays."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query, Response
from pydantic import Field

from panelsim.api.caller import Admin, Reader
from panelsim.api.context import Api, ApiDep
from panelsim.api.paging import CursorText, Limit, Page, page_of, place_of
from panelsim.api.problems import COMMON, ApiError, problems
from panelsim.api.routes.runs import PAGE_POLICY
from panelsim.files.benchmarks import list_benchmarks
from panelsim.model.base import Frozen
from panelsim.model.benchmark import EvalReport, Gate, Scorecard
from panelsim.reporting.evals import EVAL_FORMATS, EvalFormat
from panelsim.service.child import run_apart
from panelsim.service.evals.replays import (
    AtHand,
    benchmark_at_hand,
    check_recorded,
    replay_scorecard,
    results_of,
)

router = APIRouter(tags=["evaluations"])

Form = Literal["json", "html", "md", "junit"]
FORMS: dict[Form, tuple[EvalFormat, str]] = {
    "json": ("json", "application/json"),
    "html": ("html", "text/html; charset=utf-8"),
    "md": ("markdown", "text/markdown; charset=utf-8"),
    "junit": ("junit", "application/xml"),
}
FormatQuery = Annotated[Form, Query(alias="format", description="As the command line writes reports.")]
BenchmarkId = Annotated[
    str, Path(alias="id", min_length=1, max_length=64, description="Of the benchmark.", examples=["upworthy"])
]
CONTENT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The report: `scorecards`, each with figures, gates and tables.",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "text/html": {"schema": {"type": "string"}},
            "text/markdown": {"schema": {"type": "string"}},
            "application/xml": {"schema": {"type": "string"}},
        },
    }
}


class EvaluationView(Frozen):
    """A benchmark."""

    id: str = Field(description="Names it.", examples=["upworthy"])
    object: Literal["evaluation"] = Field("evaluation", description="What this is.")
    version: int = Field(description="Of its texts and gates.", examples=[1])
    title: str = Field(description="In words.", examples=["Headline tests with people"])
    question: str = Field(
        description="What it answers.", examples=["Does the panel pick what people picked?"]
    )
    gates: tuple[Gate, ...] = Field(description="What must hold of which figure, and why.")
    model: str = Field(description="The model it is run on by default.", examples=["embedded/qwen2.5-1.5b"])
    recorded: tuple[str, ...] = Field(
        description="Models whose recordings ship: it can be replayed with these.",
        examples=[["embedded/qwen2.5-1.5b"]],
    )
    needs: str = Field(
        description="Answers of people that it needs and that do not ship; empty if none.", examples=[""]
    )
    has_data: bool = Field(
        description="Whether those are on the server; true if none are needed.", examples=[True]
    )


class Replay(Frozen):
    """What to replay."""

    benchmark: str = Field(max_length=64, description="Its id.", examples=["upworthy"])
    model: str = Field(
        "",
        max_length=200,
        description="One of `recorded`, or `scripted/NAME`; empty: the benchmark's own, else the first.",
        examples=["embedded/qwen2.5-1.5b"],
    )


@router.get(
    "/v1/evaluations",
    summary="List benchmarks",
    operation_id="list_evaluations",
    responses=problems(*COMMON),
)
def list_evaluations(
    api: ApiDep, _caller: Reader, limit: Limit = 20, cursor: CursorText = ""
) -> Page[EvaluationView]:
    """How consistent and how faithful panels are, measured: each with its gates and what it needs."""
    place = place_of(cursor, 1)
    names = [name for name in list_benchmarks() if place is None or name > place[0]][: limit + 1]
    views = [_view(benchmark_at_hand(name, api.workspace.settings.eval_data)) for name in names]
    return page_of(views, limit, names[:limit][-1:])


@router.get(
    "/v1/evaluations/{id}/results",
    summary="The scorecards of a benchmark",
    operation_id="get_evaluation_results",
    response_class=Response,
    responses={**CONTENT, **problems(*COMMON, "not_found")},
)
def get_evaluation_results(
    api: ApiDep, _caller: Reader, benchmark_id: BenchmarkId, form: FormatQuery = "json"
) -> Response:
    """The scorecards that ship with its recordings, one for each model."""
    _check_known(benchmark_id)
    return _shown(results_of(benchmark_id, api.workspace.settings.eval_data), form)


@router.post(
    "/v1/evaluations",
    summary="Replay a benchmark",
    operation_id="create_evaluation",
    response_class=Response,
    responses={**CONTENT, **problems(*COMMON, "not_found", "malformed_body", "body_too_large", "busy")},
)
def create_evaluation(
    api: ApiDep, _caller: Admin, wanted: Annotated[Replay, Body()], form: FormatQuery = "json"
) -> Response:
    """Plays a recording with the network off and scores it. Nothing is asked, kept or paid.

    Answers when it is scored, which takes about half a minute for the largest. One is played at a time.
    """
    _check_known(wanted.benchmark)
    return _shown((_replayed(api, wanted),), form)


def _replayed(api: Api, wanted: Replay) -> Scorecard:
    settings = api.workspace.settings
    check_recorded(wanted.benchmark, wanted.model, settings.eval_data)  # before a process is started for it
    text = run_apart(replay_scorecard, wanted.benchmark, wanted.model, settings.eval_data)
    return Scorecard.model_validate_json(text)


def _check_known(name: str) -> None:
    if name not in list_benchmarks():
        raise ApiError("not_found", f"there is no benchmark {name!r}; GET /v1/evaluations lists them")


def _shown(cards: tuple[Scorecard, ...], form: Form) -> Response:
    name, media = FORMS[form]
    text = EVAL_FORMATS[name].render(EvalReport(scorecards=cards))
    headers = {"Content-Security-Policy": PAGE_POLICY} if form == "html" else {}
    return Response(text, 200, headers, media)


def _view(at_hand: AtHand) -> EvaluationView:
    one = at_hand.benchmark
    return EvaluationView(
        id=one.id,
        version=one.version,
        title=one.title,
        question=one.question,
        gates=one.gates,
        model=one.model,
        recorded=at_hand.recorded,
        needs="" if one.reference is None else one.reference.what,
        has_data=at_hand.has_data,
    )
