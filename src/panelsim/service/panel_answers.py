"""The panel's answers to past tests: each test is a study of its own, kept and capped like any other."""

import re
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from panelsim.analysis import analyse
from panelsim.calibration.apply import panel_gap
from panelsim.calibration.panel import PanelColumns
from panelsim.errors import BudgetError, InputError
from panelsim.model.analysis import Analysis
from panelsim.model.calibration import PanelFacts, PastResults, PastTest
from panelsim.model.plan import PREFERENCE
from panelsim.model.study import (
    Controls,
    DecisionRule,
    Design,
    Elicitation,
    Frame,
    MessageTest,
    Stimulus,
)
from panelsim.planning.plan import check_stimuli
from panelsim.providers.prices import PICO
from panelsim.service.estimate import CostEstimate, estimate_prepared
from panelsim.service.outcome import StoredTranscripts
from panelsim.service.prepare import Job, build_job, panel_facts, prepare
from panelsim.service.run import OnEvent, execute, ignore, new_run
from panelsim.service.workspace import Workspace

MOST_VARIANTS = 8
"""Texts that one study shows; tests of more are not asked."""
DRAWS = 200
"""Redrawn panels behind an interval that nobody reads here."""
ESTIMATED = 5
"""Tests that are played for an estimate; the others are scaled by their sessions."""


@dataclass(frozen=True)
class PanelWish:
    """Which panel answers the past tests, and how."""

    panel: str
    model: str
    base_url: str = ""
    n: int = 12
    measures: tuple[str, ...] = ("relevance", "clarity", "believability")
    paired: bool = True
    elicit: Elicitation | None = None
    frame: Frame | None = None
    seed: int = 7
    max_cost_usd: float = 2.0
    most_tests: int = 0
    """Tests to ask, spread evenly over the file; 0 for all."""
    stored_only: bool = False
    """Whether nothing is asked: what is not in the store stays missing."""

    @property
    def features(self) -> tuple[str, ...]:
        """What is read from the answers."""
        return (*self.measures, *((PREFERENCE,) if self.paired else ()))


class Asked(NamedTuple):
    """A past test as a study."""

    place: int
    """Of the test in the results."""
    study: MessageTest


def studies_of(results: PastResults, wish: PanelWish) -> tuple[Asked, ...]:
    """The studies that ask the panel about the tests; tests that no study can hold are left out.

    InputError if a field of the wish is wrong.
    """
    places = list(range(len(results.tests)))
    if wish.most_tests and wish.most_tests < len(places):
        chosen = np.linspace(0, len(places) - 1, wish.most_tests).round().astype(int)
        places = [int(place) for place in chosen]
    found = []
    for place in places:
        test = results.tests[place]
        if len(test.variants) <= MOST_VARIANTS:
            study = _study(test, results, wish)
            if _can_be_asked(study):
                found.append(Asked(place, study))
    if not found:
        raise InputError(
            f"{results.name}: no test can be asked of a panel, expected 2 to {MOST_VARIANTS} texts"
        )
    return tuple(found)


def _study(test: PastTest, results: PastResults, wish: PanelWish) -> MessageTest:
    """The test as a study without controls: what people did is known."""
    name = re.sub(r"[^a-z0-9]+", "-", test.id.lower()).strip("-")[:40] or "test"
    stimuli = tuple(
        Stimulus(id=letter, text=variant.text)
        for letter, variant in zip(string.ascii_lowercase, test.variants, strict=False)
    )
    return MessageTest(
        id=f"calibrate-{name}",
        title=f"Past test {test.id}",
        panel=wish.panel,
        n=wish.n,
        model=wish.model,
        base_url=wish.base_url,
        seed=wish.seed,
        max_cost_usd=wish.max_cost_usd,
        stimuli=stimuli,
        channel=results.channel,
        measures=wish.measures,
        elicit=wish.elicit,
        frame=wish.frame,
        design=Design(paired=wish.paired, open_questions=False),
        controls=Controls(duplicate=False, decoy=False, shuffled=False, anti_icp=False),
        rule=DecisionRule(measure=wish.measures[0]),
    )


def _can_be_asked(study: MessageTest) -> bool:
    try:
        check_stimuli(study)
    except InputError:
        return False
    return True


def estimate_answers(asked: Sequence[Asked], workspace: Workspace) -> CostEstimate:
    """What asking takes, scaled from a few tests spread over the file, kept answers of those aside."""
    chosen = [asked[int(at)] for at in np.linspace(0, len(asked) - 1, min(ESTIMATED, len(asked))).round()]
    estimates = [estimate_prepared(prepare(one.study, workspace), workspace) for one in chosen]
    total = estimates[0]
    for other in estimates[1:]:
        total = _sum(total, other)
    factor = _texts(asked) / _texts(chosen)
    return total if factor == 1 else total.times(factor)


def _texts(asked: Sequence[Asked]) -> int:
    return sum(len(one.study.stimuli) for one in asked)


def _sum(one: CostEstimate, other: CostEstimate) -> CostEstimate:
    def plus(name: str) -> object:
        a, b = getattr(one, name), getattr(other, name)
        seconds = None if a.seconds is None or b.seconds is None else a.seconds + b.seconds
        return a.model_copy(
            update={
                "calls": a.calls + b.calls,
                "prompt_tokens": a.prompt_tokens + b.prompt_tokens,
                "completion_tokens": a.completion_tokens + b.completion_tokens,
                "cost_usd": a.cost_usd + b.cost_usd,
                "seconds": seconds,
            }
        )

    return one.model_copy(
        update={
            "sessions": one.sessions + other.sessions,
            "known_calls": one.known_calls + other.known_calls,
            **{name: plus(name) for name in ("low", "likely", "high")},
        }
    )


class Answers(NamedTuple):
    """What the panel said of past tests."""

    analyses: dict[int, Analysis]
    """By place of the test in the results; tests with answers missing are absent."""
    facts: PanelFacts
    calls_made: int
    cost_usd: float
    runs: tuple[str, ...]
    """Ids of the runs that were made now."""


def ask_panel(
    asked: Sequence[Asked],
    wish: PanelWish,
    workspace: Workspace,
    on_test: Callable[[int, int], None],
    on_event: OnEvent = ignore,
) -> Answers:
    """The panel's answers, from the store where they are known; the cap holds for all tests together.

    `on_test` is told how many tests are answered, of how many. Raises `BudgetError` at the cap; what was
    answered is kept.
    """
    analyses: dict[int, Analysis] = {}
    runs: list[str] = []
    made, spent = 0, 0.0
    first, prompts = prepare(asked[0].study, workspace), workspace.prompts()
    for number, one in enumerate(asked, start=1):
        left = wish.max_cost_usd - spent
        study = one.study.model_copy(update={"max_cost_usd": max(0.0, left)})
        job = build_job(study, first.sources, first.panel, first.asking, prompts)
        if not _is_answered(job, workspace) and not wish.stored_only:
            run = new_run(job, workspace)
            runs.append(run.id)
            try:
                made += execute(job, run, workspace, on_event).made
            except BudgetError as error:
                raise BudgetError(
                    f"{error} ({number - 1:,} of {len(asked):,} tests are answered and kept)"
                ) from error
            spent += workspace.store.spent(run.id).pico / PICO
        if _is_answered(job, workspace):
            said = StoredTranscripts(job, workspace.store, {})
            analyses[one.place] = analyse(one.study, job.panel, job.plan, said, draws=DRAWS)
        on_test(number, len(asked))
    facts = panel_facts(first, workspace.prompts()).model_copy(update={"features": wish.features})
    return Answers(analyses, facts, made, spent, tuple(runs))


def _is_answered(job: Job, workspace: Workspace) -> bool:
    return not StoredTranscripts(job, workspace.store, {}).failures


def panel_columns(results: PastResults, answers: Answers) -> PanelColumns:
    """What the panel said of each pair, in the order of the pairs."""
    names = answers.facts.features
    rows = [_gaps(answers.analyses.get(place), names, pair) for place, pair in _pairs(results)]
    values = np.array([row or [0.0] * len(names) for row in rows], dtype=np.float64)
    return PanelColumns(names, values, np.array([row is not None for row in rows]))


def _pairs(results: PastResults) -> Iterator[tuple[int, tuple[str, str]]]:
    for place, test in enumerate(results.tests):
        letters = string.ascii_lowercase[: len(test.variants)]
        for one, other in combinations(letters, 2):
            yield place, (one, other)


def _gaps(analysis: Analysis | None, names: Sequence[str], pair: tuple[str, str]) -> list[float] | None:
    if analysis is None:
        return None
    gaps = [panel_gap(analysis, name, *pair) for name in names]
    known = [gap for gap in gaps if gap is not None]
    return known if len(known) == len(gaps) else None
