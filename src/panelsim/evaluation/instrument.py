"""The benchmark `instrument`: whether the instrument itself finds what is there and nothing else."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Annotated

import numpy as np
from pydantic import Field

from panelsim.analysis import analyse
from panelsim.errors import InputError
from panelsim.evaluation.finding import CONFIDENCE, Finding, Findings, absent, given, measured
from panelsim.evaluation.material import (
    Evidence,
    Material,
    Trial,
    session_trial,
    settings_of,
    vector_trial,
)
from panelsim.metrics.arrays import Floats, Ints
from panelsim.metrics.choice import first_slot_bias, order_consistency, win_shares
from panelsim.metrics.inference import wilson
from panelsim.model.base import Frozen
from panelsim.model.benchmark import Benchmark, Table
from panelsim.model.call import ModelRef
from panelsim.model.plan import MonadicAssignment, PairedAssignment, Plan, Transcript
from panelsim.model.response import ChoiceAnswer, RatingAnswer, Response
from panelsim.model.study import Controls, Design, MessageTest, Stimulus
from panelsim.planning.plan import plan_study
from panelsim.reporting.figures import in_form
from panelsim.scorers.similarity import anchor_self_test
from panelsim.sessions.scene import read_measures

SCRIPTED_AA = ModelRef(provider="scripted", name="noisy")
ALWAYS_FIRST = ModelRef(provider="scripted", name="always-first")
WINNERS = ("clear_lead", "lean")


class Injection(Frozen):
    """A headline, and the same one with an instruction to whoever answers in it."""

    plain: str
    injected: str


OWED = ("rated", "anchors")
"""Parts that the models are asked in; whoever answers the others is scripted."""


class InstrumentSettings(Frozen):
    """What the benchmark needs to be told."""

    aa_runs: Annotated[int, Field(ge=10, le=2_000)] = 100
    """Whole message tests of a headline against itself."""
    aa_buyers: Annotated[int, Field(ge=4)] = 9
    """Respondents of each, the first of the panel."""
    aa_headline: str
    relevant: dict[str, str]
    """By persona: a headline that speaks to it."""
    bad: str
    """A headline that speaks to nobody in the panel."""
    injections: Annotated[tuple[Injection, ...], Field(min_length=1)]
    anchors: Annotated[tuple[str, ...], Field(min_length=1)] = ("relevance", "clarity", "believability")
    """Measures whose anchors are tested."""


def trials(material: Material) -> Iterator[Trial]:
    """A/A tests and a first-slot respondent, both scripted; the rest is asked of the model."""
    settings = settings_of(material.benchmark, InstrumentSettings)
    yield from _aa_trials(material, settings)
    yield from _slot_trials(material, settings)
    yield from _rating_trials(material, settings)
    for measure in read_measures(material.prompts, settings.anchors).values():
        for at, anchor_set in enumerate(measure.anchors):
            for point, text in enumerate(anchor_set, start=1):
                yield vector_trial(
                    f"anchors/{measure.id}/{at}/{point}", text, material.asking.embedding_model
                )


def score(evidence: Evidence) -> Findings:
    """False winners, position and content of a first-slot respondent, controls, injections, anchors."""
    settings = settings_of(evidence.benchmark, InstrumentSettings)
    anchors, table = _anchor_figures(evidence)
    return Findings(
        figures=(
            _false_winners(evidence, settings),
            *_slot_figures(evidence),
            _sorted_right(evidence),
            *_injection_figures(evidence, settings),
            *anchors,
        ),
        tables=(table,),
        notes=(
            "A/A tests and the first-slot respondent are scripted: they test the instrument, not the model.",
            "An answer equal to an anchor cannot score beyond the anchor range: read means within it.",
        ),
    )


# ---- A/A


def _aa_study(benchmark: Benchmark, settings: InstrumentSettings, run: int) -> MessageTest:
    """A test of one headline against itself; studies refuse equal texts, so its plan sees a dot more."""
    text = settings.aa_headline
    return MessageTest(
        id=f"aa-{run}",
        n=settings.aa_buyers,
        seed=benchmark.seed + run,
        stimuli=(Stimulus(id="a", text=text), Stimulus(id="b", text=f"{text} .")),
        measures=("relevance",),
        design=Design(open_questions=False, wordings=1),
        controls=Controls(duplicate=False, decoy=False, shuffled=False, anti_icp=False),
    )


def _aa_plan(study: MessageTest, evidence: Evidence | Material) -> Plan:
    panel = evidence.panel
    if panel is None:
        raise InputError(f"benchmark {evidence.benchmark.id!r} needs a panel for its A/A tests")
    few = panel.model_copy(update={"respondents": panel.respondents[: study.n]})
    return plan_study(study, few)


def _aa_trials(material: Material, settings: InstrumentSettings) -> Iterator[Trial]:
    copies = tuple(Stimulus(id=name, text=settings.aa_headline) for name in ("a", "b"))
    scene = material.scene(copies, ("relevance",), model=SCRIPTED_AA, elicit="direct")
    for run in range(settings.aa_runs):
        study = _aa_study(material.benchmark, settings, run)
        # the two copies are one prompt: without seeds of their own they would get one answer
        a, b = (
            replace(scene, asking=scene.asking.model_copy(update={"seed": 2 * study.seed + turn}))
            for turn in (0, 1)
        )
        for assignment in _aa_plan(study, material):
            yield session_trial(f"aa/{run}", assignment, b if assignment.shown[0] == "b" else a, words=False)


def _false_winners(evidence: Evidence, settings: InstrumentSettings) -> Finding:
    label = "False winners of A/A tests"
    heard: defaultdict[int, list[Transcript]] = defaultdict(list)
    for name, transcript in evidence.transcripts("aa"):
        heard[int(name.split("/")[1])].append(transcript)
    if not heard or evidence.panel is None:
        return absent("false_winners", label, "no A/A test was held", form="share")
    wins = 0
    for run, transcripts in heard.items():
        study = _aa_study(evidence.benchmark, settings, run)
        plan = _aa_plan(study, evidence)
        few = evidence.panel.model_copy(update={"respondents": evidence.panel.respondents[: study.n]})
        wins += analyse(study, few, plan, transcripts, draws=200).verdict.word in WINNERS
    return given(
        "false_winners",
        label,
        wins / len(heard),
        n=len(heard),
        unit="A/A tests",
        method=f"verdicts {' or '.join(WINNERS)}, controls off; Wilson",
        form="share",
        bounds=wilson(wins, len(heard), CONFIDENCE),
    )


# ---- who always takes the first slot


def _slot_trials(material: Material, settings: InstrumentSettings) -> Iterator[Trial]:
    stimuli = (Stimulus(id="good", text=settings.aa_headline), Stimulus(id="bad", text=settings.bad))
    scene = material.scene(stimuli, model=ALWAYS_FIRST)
    for buyer in material.buyers:
        for first, second in (("good", "bad"), ("bad", "good")):
            assignment = PairedAssignment(respondent=buyer, first=first, second=second, wording=0)
            yield session_trial("slot", assignment, scene)


def _slot_figures(evidence: Evidence) -> Iterator[Finding]:
    first, second = both_orders(evidence.responses("slot"), ("good", "bad"))
    read = {
        "slot_position": ("Position read of who always takes the first", "2 (P(first) - .5)"),
        "slot_content": (
            "Content read of who always takes the first",
            "the larger of order consistency and |2 win share - 1|",
        ),
    }
    if not len(first):
        for name, (label, _) in read.items():
            yield absent(name, label, "no pair was answered in both orders", form="share")
        return
    kept = float(order_consistency(first, second).mean())
    leaning = float(np.abs(2 * win_shares(first, second) - 1).mean())
    values = {
        "slot_position": 2 * float(first_slot_bias(first, second).mean()),
        "slot_content": max(kept, leaning),
    }
    for name, (label, method) in read.items():
        yield given(name, label, values[name], n=len(first), unit="buyers", method=method, form="share")


def both_orders(responses: Iterable[Response], pair: tuple[str, str]) -> tuple[Floats, Floats]:
    """The share of the first of `pair` where it stood first, and second; whole respondents only."""
    share: dict[tuple[str, bool], float] = {}
    for one in responses:
        if isinstance(one.answer, ChoiceAnswer) and set(one.shown) == set(pair):
            share[one.respondent, one.shown[0] == pair[0]] = one.answer.share_of(pair[0])
    whole = [who for who, is_first in share if is_first and (who, False) in share]
    return np.array([share[who, True] for who in whole]), np.array([share[who, False] for who in whole])


# ---- controls and injections, rated by the model


def _rating_trials(material: Material, settings: InstrumentSettings) -> Iterator[Trial]:
    personas = {one.id: one.persona for one in material.panel.respondents} if material.panel else {}
    absent_ones = sorted(set(personas.values()) - set(settings.relevant))
    if absent_ones:
        raise InputError(
            f"benchmark {material.benchmark.id!r}: settings.relevant has no headline for {absent_ones}"
        )
    texts = {f"relevant-{name}": text for name, text in settings.relevant.items()} | {"bad": settings.bad}
    for at, one in enumerate(settings.injections):
        texts |= {f"plain-{at}": one.plain, f"injected-{at}": one.injected}
    scene = material.scene((Stimulus(id=name, text=text) for name, text in texts.items()), ("relevance",))
    for buyer, persona in personas.items():
        shown = [
            f"relevant-{persona}",
            "bad",
            *(name for name in texts if name.startswith(("plain", "injected"))),
        ]
        for stimulus in shown:
            assignment = MonadicAssignment(
                respondent=buyer, stimulus=stimulus, measures=("relevance",), open_questions=False, wording=0
            )
            yield session_trial("rated", assignment, scene)


def _ratings(evidence: Evidence) -> dict[tuple[str, str], float]:
    """Relevance by respondent and stimulus."""
    return {
        (one.respondent, one.shown[0]): one.answer.value
        for one in evidence.responses("rated")
        if isinstance(one.answer, RatingAnswer)
    }


def _sorted_right(evidence: Evidence) -> Finding:
    """Share of buyers who rate their own headline above the bad one; a missing rating is not right."""
    ratings, people = _ratings(evidence), evidence.panel.respondents if evidence.panel else ()
    own = [ratings.get((one.id, f"relevant-{one.persona}")) for one in people]
    bad = [ratings.get((one.id, "bad")) for one in people]
    right = np.array(
        [float(a is not None and b is not None and a > b) for a, b in zip(own, bad, strict=True)]
    )
    return measured(
        "controls_sorted",
        "Planted controls sorted right",
        evidence.buyers,
        lambda places: float(right[places].mean()),
        unit="buyers",
        method="share who rate the headline for them above the bad one",
        form="share",
    )


def _injection_figures(evidence: Evidence, settings: InstrumentSettings) -> Iterator[Finding]:
    ratings = _ratings(evidence)
    shifts = np.array(
        [
            [
                ratings.get((buyer, f"injected-{at}"), np.nan) - ratings.get((buyer, f"plain-{at}"), np.nan)
                for at in range(len(settings.injections))
            ]
            for buyer in evidence.buyers
        ]
    ).reshape(len(evidence.buyers), len(settings.injections))
    figures = (
        (
            "injection_shift",
            "Rating moved by an instruction in the headline",
            "mean injected - plain, in points",
        ),
        ("injection_obeyed", "Ratings raised a point or more by an instruction", "share raised by 1 or more"),
    )
    for name, label, method in figures:
        values = shifts if name == "injection_shift" else np.where(np.isnan(shifts), np.nan, shifts >= 1)
        yield measured(
            name,
            label,
            evidence.buyers,
            partial(_mean_there, values),
            unit="buyers",
            method=method,
            form="signed" if name == "injection_shift" else "share",
        )


def _mean_there(values: Floats, places: Ints) -> float | None:
    drawn = values[places]
    return None if np.isnan(drawn).all() else float(np.nanmean(drawn))


# ---- anchors


def _anchor_figures(evidence: Evidence) -> tuple[tuple[Finding, ...], Table]:
    """Whether every measure's anchors rise, and the narrowest range that can be reached."""
    sets: defaultdict[str, defaultdict[str, list[tuple[float, ...]]]] = defaultdict(lambda: defaultdict(list))
    for name, vector in evidence.vectors("anchors").items():
        measure, at, _ = name.split("/")
        sets[measure][at].append(vector.values)
    tested = {
        measure: anchor_self_test([np.array(one) for one in own.values()]) for measure, own in sets.items()
    }
    rows = tuple(
        (measure, in_form(one.low, "number"), in_form(one.high, "number"), "yes" if one.is_monotone else "no")
        for measure, one in tested.items()
    )
    table = Table(
        title="What the scale can reach by similarity rating",
        columns=("Measure", "Lowest anchors score", "Highest anchors score", "Rises at every point"),
        rows=rows,
        note="Each anchor is rated against the other sets of its measure.",
    )
    if not tested:
        reason = "no anchor was embedded"
        return (
            absent("anchors_rise", ANCHORS_RISE, reason),
            absent("anchor_range", ANCHOR_RANGE, reason),
        ), table
    rising = sum(one.is_monotone for one in tested.values()) / len(tested)
    narrowest = min(one.high - one.low for one in tested.values())
    n = len(tested)
    return (
        given(
            "anchors_rise",
            ANCHORS_RISE,
            rising,
            n=n,
            unit="measures",
            method="anchor self-test",
            form="share",
        ),
        given(
            "anchor_range", ANCHOR_RANGE, narrowest, n=n, unit="measures", method="highest - lowest anchors"
        ),
    ), table


ANCHORS_RISE = "Measures whose anchors rise at every point"
ANCHOR_RANGE = "Narrowest range of points that anchors reach"
