"""Benchmarks: what is measured of a panel and a model, what must hold, and how an evaluation came out."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import ConfigDict, Field, JsonValue, model_validator

from panelsim.model.base import Frozen, Id
from panelsim.model.call import ModelRef
from panelsim.model.panel import Panel
from panelsim.model.plan import Transcript
from panelsim.model.report import PromptFacts, SourceFacts
from panelsim.model.study import Elicitation, Frame


class Ceiling(Frozen):
    """What people, or the best possible predictor, reach on the same figure."""

    value: float
    what: str
    """Who reached it, in a few words."""
    source: str
    """Where it is published, or how it was computed."""


class Gate(Frozen):
    """What must hold of a figure. Never a blend of several."""

    figure: Id
    """The figure that it holds for."""
    at_least: float | None = None
    """The value must not be below."""
    at_most: float | None = None
    """The value must not be above."""
    low_at_least: float | None = None
    """The low end of the interval must not be below."""
    high_at_most: float | None = None
    """The high end of the interval must not be above."""
    why: str = ""
    """Where the threshold comes from."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        bounds = (self.at_least, self.at_most, self.low_at_least, self.high_at_most)
        if all(bound is None for bound in bounds):
            expected = "at_least, at_most, low_at_least or high_at_most"
            raise ValueError(f"the gate on {self.figure!r} has no bound, expected {expected}")
        return self


class Reference(Frozen):
    """Answers of people that do not ship: what is read from a folder that the user names."""

    files: Annotated[tuple[str, ...], Field(min_length=1)]
    """All of them, in the order in which the scorer reads them."""
    what: str
    """What they hold, in a few words."""
    source: str
    """Where they come from."""
    licence: str
    """On what terms they may be used."""


class Benchmark(Frozen):
    """A folder of `evals/`: what is run, on which panel, and its gates."""

    id: Id
    version: Annotated[int, Field(ge=1)] = 1
    title: str
    question: str
    """What the benchmark answers, in one sentence."""
    model: str = "embedded/qwen2.5-1.5b"
    """The model it was recorded with and is run on unless another is named: PROVIDER/NAME."""
    base_url: str = ""
    embedding_model: str = ""
    """What embeds texts, PROVIDER/NAME; empty if the benchmark embeds none."""
    panel: str = ""
    """A panel's name or file; empty if no panel is asked."""
    n: Annotated[int, Field(ge=1, le=10_000)] = 9
    """Respondents drawn from the panel."""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 7
    elicit: Elicitation = "logprob"
    frame: Frame = "third_person"
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.7
    channel: str = "landing page headline"
    data: str = ""
    """A CSV file beside the benchmark; empty if there is none."""
    reference: Reference | None = None
    """Data that do not ship, in place of `data`; absent if the benchmark needs none."""
    settings: dict[str, JsonValue] = Field(default_factory=dict)
    """What only this benchmark's scorer knows."""
    ceilings: dict[str, Ceiling] = Field(default_factory=dict)
    """By figure."""
    gates: tuple[Gate, ...] = ()
    recording: Literal["http", "calls"] = "http"
    """How the model's answers are kept: its server's traffic, or completions by call, for large panels."""
    max_cost_usd: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 2.0

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if self.data and self.reference is not None:
            raise ValueError("names both data and reference, expected one of them")
        return self


FigureForm = Literal["number", "share", "signed"]


class Figure(Frozen):
    """One figure with its interval, or why it could not be computed."""

    name: Id
    label: str
    form: FigureForm = "number"
    value: float | None
    """Absent if it could not be computed; `reason` says why."""
    low: float | None = None
    high: float | None = None
    """The interval; absent for a figure that has none."""
    confidence: float = 0.90
    n: int = 0
    unit: str = ""
    """What n counts and what is drawn again for the interval: `buyers`, `stories`."""
    method: str = ""
    reason: str = ""
    ceiling: Ceiling | None = None


GateState = Literal["holds", "amber", "red", "not_computed"]
"""`amber`: missed, but the interval reaches the bound; `red`: missed by the whole interval."""


class GateResult(Frozen):
    """A gate with what was found."""

    gate: Gate
    state: GateState
    found: str
    """One sentence with the figure, its interval and the bound."""


class Table(Frozen):
    """Figures side by side, as text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


class EvalFacts(Frozen):
    """How an evaluation was made."""

    run_id: str
    created_at: str
    """ISO 8601 text with zone."""
    panelsim_version: str
    model: ModelRef
    embedding_model: ModelRef
    mode: Literal["replayed", "asked"]
    calls: int
    """Calls that were answered, those of scripted respondents left out."""
    asked: int
    """Answers that were wanted."""
    missing: int
    missing_reasons: tuple[tuple[str, int], ...] = ()
    prompts: tuple[PromptFacts, ...] = ()
    sources: tuple[SourceFacts, ...] = ()
    """Panel, ICPs and personas behind the respondents."""
    recordings: tuple[str, ...] = ()
    """Names of the files that were played."""


ScorecardSchema = Literal["panelsim.scorecard/1"]


class Scorecard(Frozen):
    """The result of one benchmark: figures, gates and tables, and no total."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_alias=True, validate_by_name=True)

    schema_name: Annotated[ScorecardSchema, Field(alias="schema")] = "panelsim.scorecard/1"
    benchmark: Id
    version: int
    title: str
    question: str
    facts: EvalFacts
    figures: tuple[Figure, ...]
    gates: tuple[GateResult, ...]
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    """What to know when reading the figures, one sentence each."""

    @property
    def holds(self) -> bool:
        """Whether every gate holds; one that could not be computed does not."""
        return all(gate.state == "holds" for gate in self.gates)

    def figure(self, name: str) -> Figure:
        """The figure of that name. KeyError names those there are."""
        for one in self.figures:
            if one.name == name:
                return one
        raise KeyError(
            f"{self.benchmark} has no figure {name!r}; it has {[one.name for one in self.figures]}"
        )


class Vector(Frozen):
    """The vector of a text."""

    kind: Literal["vector"] = "vector"
    text: str
    values: tuple[float, ...]


class Unheld(Frozen):
    """A trial whose model could not be asked."""

    kind: Literal["unheld"] = "unheld"
    reason: str
    questions: int = 1
    """Answers that are missing."""


class Held(Frozen):
    """A session that was held."""

    kind: Literal["held"] = "held"
    transcript: Transcript


Outcome: TypeAlias = Annotated[Held | Vector | Unheld, Field(discriminator="kind")]

EvalRunSchema = Literal["panelsim.eval/1"]


class EvalRun(Frozen):
    """An evaluation as it is kept: all that was said, so that it is scored again without a call."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_alias=True, validate_by_name=True)

    schema_name: Annotated[EvalRunSchema, Field(alias="schema")] = "panelsim.eval/1"
    benchmark: Benchmark
    facts: EvalFacts
    rows: tuple[dict[str, str], ...]
    """The benchmark's data file."""
    panel: Panel | None
    """Absent if no panel was asked."""
    said: tuple[tuple[str, Outcome], ...]
    """By trial."""


ShiftState = Literal["moved", "within_noise", "differs", "not_computed"]
"""`differs`: not the same, and without an interval to say whether that is noise."""


class Shift(Frozen):
    """How one figure differs between two evaluations."""

    figure: str
    label: str
    form: FigureForm
    before: float | None
    after: float | None
    shift: float | None
    low: float | None
    high: float | None
    """The interval of the shift; absent if one of both has no interval."""
    paired: bool
    """Whether both were measured on the same units, which then were drawn again together."""
    state: ShiftState
    gates: tuple[GateState | None, GateState | None] = (None, None)
    """The figure's gate before and after; absent where there is none."""


class Change(Frozen):
    """Something that the two evaluations do not share."""

    kind: Literal["model", "prompt", "persona", "icp", "panel", "benchmark", "panelsim", "data", "guide"]
    name: str
    before: str
    after: str


class Comparison(Frozen):
    """Two evaluations of one benchmark: what was changed, and what moved with it."""

    benchmark: Id
    before: EvalFacts
    after: EvalFacts
    changes: tuple[Change, ...]
    shifts: tuple[Shift, ...]


class EvalReport(Frozen):
    """What is shown of evaluations: scorecards, comparisons, or both."""

    scorecards: tuple[Scorecard, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
