"""What callers see of a run: its state, how far it is, and what it comes to in flat words and numbers."""

import json
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import add
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, JsonValue

from panelsim.api.context import Api
from panelsim.model.base import Frozen
from panelsim.model.progress import ENDED, Progress, RunState
from panelsim.model.report import PromptFacts
from panelsim.providers.prices import PICO
from panelsim.service.control import shown_state
from panelsim.store import RunHead, RunRequest


class Counts(Frozen):
    """How far a run is."""

    sessions: int = Field(description="Sessions that are planned.", examples=[36])
    running: int = Field(description="Sessions under way.", examples=[8])
    done: int = Field(description="Sessions that reached their end.", examples=[20])
    failed: int = Field(description="Sessions whose model could not be asked.", examples=[0])
    calls: int = Field(description="Calls that are planned; re-asks and probes come on top.", examples=[500])
    answered: int = Field(description="Calls with an answer that is kept.", examples=[310])
    missing: int = Field(description="Questions without a usable answer so far.", examples=[2])


class RunLinks(Frozen):
    """Where to go on."""

    self: str = Field(description="This resource.", examples=["/v1/runs/20261128-101500-4b5c6d7e8f"])
    events: str = Field(description="Server-sent events.", examples=["/v1/runs/.../events"])
    summary: str = Field(
        description="The flat summary, once the run has ended.", examples=["/v1/runs/.../summary"]
    )
    report: str = Field(description="The report, in several formats.", examples=["/v1/runs/.../report"])


class RunView(Frozen):
    """A run."""

    id: str = Field(description="Names the run for ever.", examples=["20261128-101500-4b5c6d7e8f"])
    object: Literal["run"] = Field("run", description="What this is.")
    kind: str = Field(description="Of the study.", examples=["message_test"])
    title: str = Field(description="As given with the request.", examples=["Spring campaign"])
    state: RunState = Field(
        description="The one authority on how the run is: `queued`, `running`, `paused`, then `done` (every "
        "session ended), `partial` (some failed), `stopped` (by the cost cap), `cancelled`, `interrupted` or "
        "`failed`. All but `done` can be resumed.",
        examples=["running"],
    )
    has_ended: bool = Field(description="Whether nothing more happens by itself.", examples=[False])
    simulated: Literal[True] = Field(True, description="No person was asked.")
    panel: str = Field(description="Who is asked.", examples=["sales-trio"])
    respondents: int | None = Field(description="How many respondents, controls included.", examples=[36])
    model: str = Field(description="Who speaks for them.", examples=["embedded/qwen2.5-1.5b"])
    counts: Counts
    cost_usd: float = Field(description="US dollars so far, all attempts included.", examples=[0.0])
    max_cost_usd: float | None = Field(description="US dollars that it may cost at most.", examples=[2.0])
    seconds_left: float | None = Field(
        description="A rough guess at the pace so far; null before there is one.", examples=[41.5]
    )
    created_at: AwareDatetime = Field(description="UTC.", examples=["2026-11-28T10:15:00+00:00"])
    finished_at: AwareDatetime | None = Field(
        description="UTC; null while it has not ended.", examples=[None]
    )
    metadata: dict[str, str] = Field(
        description="As given with the request.", examples=[{"campaign": "spring"}]
    )
    links: RunLinks


class PromptView(Frozen):
    """A prompt file that was rendered."""

    id: str = Field(description="Its place below `prompts/`.", examples=["sessions/interview"])
    version: int = Field(description="Raised with every change of its text.", examples=[4])
    key: str = Field(description="Content hash of its text and parts.", examples=["prompt1:4b5c..."])


def prompt_views(facts: Iterable[PromptFacts]) -> tuple[PromptView, ...]:
    """Prompt files as callers see them."""
    return tuple(PromptView(id=one.id, version=one.version, key=one.key) for one in facts)


Text = Annotated[str, Field(examples=[""])]


class Summary(Frozen):
    """What a run comes to in words and numbers only, for tools that cannot look into nested answers.

    A text that does not apply is empty, a number that does not apply is null. Kinds other than message tests
    fill what they have.
    """

    run_id: str = Field(description="The run.", examples=["20261128-101500-4b5c6d7e8f"])
    kind: str = Field(description="Of the study.", examples=["message_test"])
    state: RunState = Field(description="Of the run.", examples=["done"])
    simulated: Literal[True] = Field(True, description="No person was asked.")
    verdict: str = Field(
        description="The verdict's word: of a test `clear_lead`, `lean`, `no_difference` or "
        "`cannot_say`; of other kinds their own, `cannot_say` among them; empty for interviews.",
        examples=["clear_lead"],
    )
    sentence: str = Field(description="The answer in a sentence.", examples=["A leads."])
    winner_id: str = Field(description="Only with `clear_lead`.", examples=["a"])
    winner_text: str = Field(description="Only with `clear_lead`.", examples=["Forecasts your CFO believes"])
    leader_id: str = Field(description="Whoever has the highest figure, told apart or not.", examples=["a"])
    lead_points: float | None = Field(
        description="The leader's distance from its nearest rival: win share in points of 100, or scale "
        "points if no pairs were asked.",
        examples=[12.5],
    )
    interval_low: float | None = Field(description="Low end of its simulation interval.", examples=[4.1])
    interval_high: float | None = Field(description="High end of its simulation interval.", examples=[20.3])
    top_objection: str = Field(
        description="Of the objections that the personas expect, the one raised most.",
        examples=["We tried that and nobody used it"],
    )
    suggested_rewrite: str = Field(
        "", description="Empty: no text is proposed that no panel has rated.", examples=[""]
    )
    next_step: str = Field(description="What to do now.", examples=["Test the two with people."])
    trust_level: Literal["void", "limited", "checked", ""] = Field(
        description="`void`: a check failed; `limited`: one is off or could not be computed; `checked`: all "
        "held. None of them compares with people; see `calibrated`.",
        examples=["checked"],
    )
    calibrated: Literal["yes", "no"] = Field(
        description="Whether a calibration on past tests with people was applied.", examples=["no"]
    )
    respondents: int = Field(description="How many were asked, controls included.", examples=[36])
    missing: int = Field(description="Sessions without an answer.", examples=[0])
    cost_usd: float = Field(description="US dollars of the answers behind it.", examples=[0.0])
    report_url: str = Field(description="The report as a page.", examples=["/v1/runs/.../report?format=html"])


def view_of(api: Api, head: RunHead, request: RunRequest | None) -> RunView:
    """A run as its account sees it, read without its panel."""
    store = api.workspace.store
    told: Mapping[str, JsonValue] = {} if request is None else json.loads(request.body)
    parts = reduce(add, store.parts(head.id).values(), Progress())
    # parts that were not begun are not kept yet
    planned = {name: max(getattr(parts, name), _whole(told.get(name))) for name in ("sessions", "calls")}
    progress = parts.model_copy(update=planned)
    state = shown_state(head, store, is_pooled=True)
    spent = store.spent(head.id)
    path = f"/v1/runs/{head.id}"
    metadata, respondents, cap = told.get("metadata"), told.get("respondents"), told.get("max_cost_usd")
    return RunView(
        id=head.id,
        kind=head.kind,
        title=str(told.get("title", "")),
        state=state,
        has_ended=state in ENDED,
        panel=str(told.get("panel", "")),
        respondents=respondents if isinstance(respondents, int) else None,
        model=head.model,
        counts=_counts(progress),
        cost_usd=spent.pico / PICO,
        max_cost_usd=float(cap) if isinstance(cap, int | float) else None,
        seconds_left=None if state in ENDED else progress.seconds_left,
        created_at=head.created_at,
        finished_at=head.finished_at,
        metadata={str(key): str(value) for key, value in metadata.items()}
        if isinstance(metadata, dict)
        else {},
        links=RunLinks(
            self=api.link(path),
            events=api.link(f"{path}/events"),
            summary=api.link(f"{path}/summary"),
            report=api.link(f"{path}/report"),
        ),
    )


def _whole(number: JsonValue) -> int:
    return number if isinstance(number, int) else 0


def _counts(progress: Progress) -> Counts:
    return Counts(**{name: getattr(progress, name) for name in Counts.model_fields})
