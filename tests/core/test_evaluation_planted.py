"""Planted defects, figure by figure: each defect moves the figures made for it and no other.

What a panel said is written down directly, sound or with one defect at a time, and scored as a kept run is.
Every figure of `stability`, `upworthy` and `concepts` is moved by a defect here; those of the other
benchmarks are by respondents with a defect (tests/app/test_evals_*.py).
"""

from collections.abc import Iterator, Mapping
from functools import cache, partial
from itertools import combinations, permutations
from typing import NamedTuple

import numpy as np
import pytest

from panelsim.evaluation import Evidence, concepts, finding, stability, upworthy
from panelsim.evaluation.scoring import missing_share
from panelsim.files.folders import shipped_folder
from panelsim.metrics.arrays import Floats
from panelsim.model.benchmark import Benchmark, Held, Outcome
from panelsim.model.plan import MonadicAssignment, PairedAssignment, Transcript
from panelsim.model.response import AnswerOrMissing, ChoiceAnswer, Missing, RatingAnswer, Response
from panelsim.service.evals import prepare
from tests.core.simulated import array
from tests.core.test_evaluation_people import evidence, people_of, spike, world

JOB = prepare(str(shipped_folder("evals") / "stability"), model="scripted/sensible")
PANEL = JOB.material.panel
assert PANEL is not None
BUYERS = tuple(one.id for one in PANEL.respondents)
HEADLINES = tuple(f"h{at}" for at in range(4))
REPEATS = WORDINGS = 3
SMALL, LARGE = 0.06, 0.1
Values = Mapping[str, float | None]


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values are compared, not intervals."""
    monkeypatch.setattr(finding, "redrawn", lambda n, draws=0: np.zeros((1, n), dtype=np.int64))


def moved(sound: Values, spoilt: Values, by: float) -> set[str]:
    """Figures that changed by more, or that are there in one only."""
    found = set()
    for name, value in sound.items():
        other = spoilt[name]
        if value is None or other is None:
            found |= set() if value is other else {name}
        elif abs(value - other) > by:
            found.add(name)
    return found


# ---- stability


class Defect(NamedTuple):
    """What is wrong with the panel; all 0: nothing."""

    noise: float = 0.0
    """Share of repeated ratings that are two points off."""
    wording: float = 0.0
    """SD of what a wording does to a rating."""
    slot: float = 0.0
    """Share of every choice that goes to the first slot."""
    fickle: float = 0.0
    """Share of repeated verdicts that go to the other headline, in both orders."""
    scale: float = 0.0
    """Points by which a rating is drawn to the scale's high end."""
    sameness: bool = False
    """Whether buyers are one."""
    quarrel: bool = False
    """Whether every buyer ranks the headlines in its own way."""
    silence: float = 0.0
    """Share of answers missing."""


def opinions(defect: Defect, dice: np.random.Generator) -> Floats:
    """(buyers, headlines): whole points, all four of a buyer different; the panel agrees on the best two."""
    base = array(2, 1, 5, 4)
    if defect.quarrel:
        every = list(permutations(base))
        return np.array([every[at] for at in dice.choice(len(every), len(BUYERS), replace=False)])
    turned = base[[1, 0, 3, 2]]
    return np.array([base if defect.sameness or at % 2 else turned for at in range(len(BUYERS))])


def spoken(part: str, response: Response) -> tuple[str, Outcome]:
    pair = (*response.shown, "")[:2]
    assignment = (
        MonadicAssignment(respondent=response.respondent, stimulus=pair[0], measures=("relevance",),
                          open_questions=False, wording=response.wording, replicate=response.replicate)
        if isinstance(response.answer, RatingAnswer)
        else PairedAssignment(respondent=response.respondent, first=pair[0], second=pair[1], wording=0)
    )  # fmt: skip
    name = f"{part}/{response.respondent}/{'.'.join(response.shown)}/{response.wording}/{response.replicate}"
    return name, Held(transcript=Transcript(assignment=assignment, turns=(), responses=(response,)))


class Teller(NamedTuple):
    """Answers with a defect, drawn with the same dice whatever it is."""

    defect: Defect
    dice: np.random.Generator

    def said(
        self,
        part: str,
        who: str,
        shown: tuple[str, ...],
        answer: AnswerOrMissing,
        *,
        wording: int = 0,
        replicate: int = 0,
    ) -> tuple[str, Outcome]:
        lost: AnswerOrMissing = Missing(reason="refused")
        response = Response(
            respondent=who, question="relevance" if len(shown) == 1 else "preference", shown=shown,
            answer=lost if self.dice.random() < self.defect.silence else answer, call_keys=(),
            wording=wording, replicate=replicate,
        )  # fmt: skip
        return spoken(part, response)

    def chosen(self, shown: tuple[str, ...], best: str, sure: float) -> ChoiceAnswer:
        slot, rest = self.defect.slot, (1 - sure) / (len(shown) - 1)
        shares = [
            slot * (at == 0) + (1 - slot) * (sure if one == best else rest) for at, one in enumerate(shown)
        ]
        return ChoiceAnswer(options=shown, shares=tuple(shares))

    def ratings(self, who: str, one: str, value: float) -> Iterator[tuple[str, Outcome]]:
        off = 2 if value < 3 else -2
        for again in range(REPEATS):
            now = value + off * (self.dice.random() < self.defect.noise)
            yield self.said("repeat", who, (one,), rated(now), replicate=again)
        for wording in range(WORDINGS):
            now = value + self.dice.normal(0, 1) * self.defect.wording
            yield self.said(f"wording/{wording}", who, (one,), rated(now), wording=wording)
        yield self.said("scale/plain", who, (one,), rated(value + self.defect.scale))
        yield self.said("scale/turned", who, (one,), rated(6 - value + self.defect.scale))

    def choices(self, who: str, liking: Mapping[str, float]) -> Iterator[tuple[str, Outcome]]:
        for pair in combinations(HEADLINES, 2):
            best, other = sorted(pair, key=liking.__getitem__, reverse=True)
            turns = self.dice.random(REPEATS) < self.defect.fickle
            for shown in (pair, pair[::-1]):
                yield self.said("order", who, shown, self.chosen(shown, best, 0.95))
                for again in range(REPEATS):
                    winner = other if turns[again] else best
                    yield self.said("verdict", who, shown, self.chosen(shown, winner, 1.0), replicate=again)
        best = max(liking, key=liking.__getitem__)
        for turn in range(len(HEADLINES)):
            row = (*HEADLINES[turn:], *HEADLINES[:turn])
            yield self.said("slots", who, row, self.chosen(row, best, 0.95))


def rated(value: float) -> RatingAnswer:
    return RatingAnswer(distribution=tuple(spike(float(np.clip(value, 1, 5)))))


def answers(defect: Defect, seed: int) -> Iterator[tuple[str, Outcome]]:
    """All that the panel says."""
    teller = Teller(defect, np.random.default_rng(seed))
    for row, who in zip(opinions(defect, teller.dice), BUYERS, strict=True):
        liking = dict(zip(HEADLINES, row.tolist(), strict=True))
        for one, value in liking.items():
            yield from teller.ratings(who, one, value)
        yield from teller.choices(who, liking)


@cache
def stability_of(defect: Defect, seed: int) -> Values:
    told = Evidence(JOB.benchmark, (), PANEL, dict(answers(defect, seed)))
    found = (*stability.score(told).figures, missing_share(told.said.values()))
    return {one.figure.name: one.figure.value for one in found}


STABILITY: Mapping[str, tuple[Defect, set[str], set[str]]] = {
    "repeats differ": (
        Defect(noise=0.4),
        {"retest_icc", "retest_alpha", "repeat_majority", "repeat_spread"},
        {"buyer_share", "dependability"},
    ),
    "wordings differ": (Defect(wording=1.5), {"wording_icc", "wording_shift", "wording_flips"}, set()),
    "the first slot wins": (
        Defect(slot=0.6), {"order_consistency", "first_slot_bias", "same_winner", "slot_v"}, set()
    ),
    "verdicts change": (Defect(fickle=0.3), {"verdict_flips"}, set()),
    "the scale draws": (Defect(scale=0.9), {"scale_reversal", "scale_pull"}, set()),
    "buyers are one": (Defect(sameness=True), {"buyer_share"}, set()),
    "buyers agree on nothing": (Defect(quarrel=True), {"dependability", "buyer_share"}, set()),
    "answers are missing": (
        Defect(silence=0.15), {"missing_share"}, {"buyer_share", "dependability"}
    ),
}  # fmt: skip
"""The defect, what it must move, and what contains it by definition: shares of a variance that has noise in
it; whole buyers only."""


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("case", STABILITY)
def test_a_defect_moves_its_figures_of_stability_and_no_other(case: str, seed: int) -> None:
    defect, must, may = STABILITY[case]
    sound, spoilt = stability_of(Defect(), seed), stability_of(defect, seed)
    assert must - moved(sound, spoilt, LARGE) == set()
    assert moved(sound, spoilt, SMALL) - must - may == set()


def test_every_figure_of_stability_is_moved_by_a_defect() -> None:
    assert {name for _, must, _ in STABILITY.values() for name in must} == set(stability_of(Defect(), 0))


# ---- upworthy


class Reader(NamedTuple):
    """How often of ten it names the winner, how sure it is, and what the first slot adds."""

    of_ten: int = 8
    sure: float = 0.8
    slot: float = 0.0


PAIRS = 80
BENCHMARK = Benchmark(id="upworthy", title="t", question="q", settings={"readers": 1})


def pairs() -> list[dict[str, str]]:
    """Pairs of texts that tell nothing of who wins; each is in every split."""
    dice = np.random.default_rng(2)
    return [
        {"pair_id": f"p{at}", "test_id": f"t{at}", "headline_a": "a" * int(dice.integers(20, 60)),
         "headline_b": "b" * int(dice.integers(20, 60)), "winner": "ab"[int(dice.integers(2))],
         "splits": "fdr p05 all"}
        for at in range(PAIRS)
    ]  # fmt: skip


def upworthy_of(reader: Reader) -> Values:
    said: dict[str, Outcome] = {}
    for at, row in enumerate(rows := pairs()):
        is_right = at * 7 % 10 < reader.of_ten
        p = reader.sure if (row["winner"] == "a") == is_right else 1 - reader.sure
        names = (f"{row['pair_id']}.a", f"{row['pair_id']}.b")
        for shown, share in ((names, p + reader.slot), (names[::-1], p - reader.slot)):
            shares = {names[0]: share, names[1]: 1 - share}
            answer = ChoiceAnswer(options=shown, shares=tuple(shares[one] for one in shown))
            one = Response(
                respondent="reader-0", question="preference", shown=shown, answer=answer, call_keys=()
            )
            said.update([spoken("pairs", one)])
    found = upworthy.score(Evidence(BENCHMARK, rows, None, said))
    return {one.figure.name: one.figure.value for one in found.figures}


def each(*names: str) -> set[str]:
    """The figures of every split."""
    return {f"{name}{end}" for name in names for end in ("", "_p05", "_all")}


UPWORTHY = {
    "it knows nothing": (
        Reader(of_ten=5),
        each("accuracy", "brier", "log_loss", "calibration_error", "gain_over_longer", "gain_over_text"),
    ),
    "it is far too sure": (Reader(sure=0.999), each("brier", "log_loss", "calibration_error")),
    "the first slot draws": (Reader(slot=0.15), {"order_consistency", "first_slot_bias"}),
}


@pytest.mark.parametrize("case", UPWORTHY)
def test_a_defect_moves_its_figures_of_upworthy_and_no_other(case: str) -> None:
    reader, must = UPWORTHY[case]
    assert moved(upworthy_of(Reader()), upworthy_of(reader), 0.02) == must


def test_every_figure_of_upworthy_is_moved_by_a_defect() -> None:
    # those of memory are in tests/app/test_evals_upworthy.py
    assert {name for _, must in UPWORTHY.values() for name in must} == set(upworthy_of(Reader()))


# ---- concepts, whose distances are those of surveys too


def people_asked(sure: str = "", *, nobody: str = "", few: bool = False) -> Values:
    """What a respondent with a defect comes to; a sound one answers as people do but for a tenth."""
    rows = world()
    if few:
        rows = [
            {**row, **{f"n{at}": str(-(-int(row[f"n{at}"]) // 12)) for at in range(1, 6)}} for row in rows
        ]
    pooled = np.mean([people_of(row) for row in rows], axis=0)

    def answered(how: str, row: Mapping[str, str]) -> Floats:
        shares = 0.9 * people_of(row) + 0.02
        spoilt: dict[str, Floats] = {
            "": shares,
            "too sure": spike(float(shares @ np.arange(1, 6))),
            "backwards": shares[::-1],
            "all alike": 0.3 * shares + 0.7 * pooled,
        }
        return spoilt[how]

    panel, other = (
        {row["concept"]: answered(how, row) for row in rows} for how in (sure, nobody or "all alike")
    )
    found = concepts.score(evidence("concepts", rows, panel, other))
    return {one.figure.name: one.figure.value for one in found.figures}


DISTANCES = {"ks", "wasserstein", "jensen_shannon", "gain_over_pooled", "gain_over_nobody"}
CONCEPTS = {
    "it is too sure": (partial(people_asked, "too sure"), {*DISTANCES, "sd_ratio", "ends"}, set[str]()),
    "it reads the scale backwards": (
        partial(people_asked, "backwards"), {*DISTANCES, "mean_correlation", "mean_attainment"}, set[str]()
    ),
    "it tells concepts hardly apart": (
        partial(people_asked, "all alike"), {"means_sd_ratio"}, {*DISTANCES, "sd_ratio"}
    ),
    "nobody is too sure": (partial(people_asked, nobody="too sure"), {"gain_over_nobody"}, set[str]()),
    "few people were asked": (
        partial(people_asked, few=True),
        {"mean_ceiling"},
        {*DISTANCES, "mean_attainment", "mean_correlation", "means_sd_ratio", "sd_ratio", "ends"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CONCEPTS)
def test_a_defect_moves_its_figures_of_concepts_and_no_other(case: str) -> None:
    spoilt, must, may = CONCEPTS[case]
    before, after = people_asked(), spoilt()
    assert must - moved(before, after, 0.05) == set()
    assert moved(before, after, 0.05) - must - may == set()


def test_every_figure_of_concepts_is_moved_by_a_defect() -> None:
    assert {name for _, must, _ in CONCEPTS.values() for name in must} == set(people_asked())
