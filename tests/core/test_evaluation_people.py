"""Benchmarks against answers of people: golden figures, and defects caught by the figure made for them."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelsim.errors import InputError
from panelsim.evaluation import Evidence, Findings, concepts, judge, surveys
from panelsim.evaluation.against import against, clusters_of, halves, pooled_others
from panelsim.evaluation.people import ANSWER, NOBODY, PEOPLE
from panelsim.files.benchmarks import read_benchmark
from panelsim.files.folders import shipped_folder
from panelsim.metrics.arrays import Floats
from panelsim.model.benchmark import Benchmark, Held, Outcome
from panelsim.model.plan import MonadicAssignment, Transcript
from panelsim.model.response import Missing, RatingAnswer, Response
from panelsim.model.table import Table
from tests.core.simulated import array

Rows = Sequence[Mapping[str, str]]
MIDDLING, LIKED, DISLIKED = (1, 2, 4, 2, 1), (0, 1, 2, 3, 4), (4, 3, 2, 1, 0)
"""Ten people each; means 3, 4 and 2."""


def said(part: str, respondent: str, item: str, shares: Floats | None) -> tuple[str, Outcome]:
    answer = Missing(reason="refused") if shares is None else RatingAnswer(distribution=tuple(shares))
    response = Response(respondent=respondent, question=ANSWER, shown=(item,), answer=answer, call_keys=())
    assignment = MonadicAssignment(
        respondent=respondent, stimulus=item, measures=(ANSWER,), open_questions=False, wording=0
    )
    held = Held(transcript=Transcript(assignment=assignment, turns=(), responses=(response,)))
    return f"{part}/{respondent}/{item}", held


def evidence(
    name: str,
    rows: Rows,
    panel: Mapping[str, Floats | None],
    nobody: Mapping[str, Floats | None] | None = None,
) -> Evidence:
    """What one respondent said, or in its absence somebody without a persona."""
    outcomes = [said(PEOPLE, "person-0", item, one) for item, one in panel.items()]
    outcomes += [said(NOBODY, NOBODY, item, one) for item, one in (nobody or {}).items()]
    return Evidence(Benchmark(id=name, title="t", question="q"), rows, None, dict(outcomes))


def value(found: Findings, name: str) -> float | None:
    return next(one.figure.value for one in found.figures if one.figure.name == name)


def concept(name: str, counts: Sequence[int]) -> dict[str, str]:
    cells = {f"n{point}": str(n) for point, n in enumerate(counts, start=1)}
    return {"concept": name, "text": f"an app called {name}", **cells}


# ---- golden figures


def test_the_length_of_a_text_stands_beside_the_panel() -> None:
    rows = [concept("a", MIDDLING), concept("b", LIKED), concept("c", DISLIKED)]
    for row, words in zip(rows, (4, 5, 9), strict=True):
        row["text"] = " ".join(["word"] * words)
    found = concepts.score(evidence("concepts", rows, {"a": array(*MIDDLING) / 10}))
    cells = {row[0]: row[1:] for row in found.tables[0].rows}["The longer text"]
    # means 3 4 2 and lengths 4 5 9, each less its mean: (0 1 -1) . (-2 -1 3) / sqrt(2 * 14) = -4 / 5.29
    assert cells == ("−0.76", *[""] * 5)


def test_figures_of_three_concepts_by_hand() -> None:
    rows = [concept("a", MIDDLING), concept("b", LIKED), concept("c", DISLIKED)]
    shares = {name: array(*counts) / 10 for name, counts in (("a", MIDDLING), ("c", DISLIKED))}
    found = concepts.score(evidence("concepts", rows, {**shares, "b": shares["a"]}, {"a": shares["a"]}))
    # a and c exact; b is said .1 .2 .4 .2 .1 and is 0 .1 .2 .3 .4: cumulated gaps .1 .2 .4 .3 0
    assert value(found, "ks") == pytest.approx((1 + 0.6 + 1) / 3, abs=1e-6)
    assert value(found, "wasserstein") == pytest.approx(0.25 / 3, abs=1e-6)
    # SD of b: said sqrt(.1*4 + .2 + .2 + .1*4) = sqrt(1.2), is sqrt(.1*4 + .2*1 + .4*1) = 1
    assert value(found, "sd_ratio") == pytest.approx((2 + 1.2**0.5) / 3, abs=1e-6)
    assert value(found, "ends") == pytest.approx((0.2 - 0.4) / 3, abs=1e-6)
    # means said 3 3 2, are 3 4 2: r = 1 / (sqrt(6/9) sqrt(2)); SDs sqrt(1/3) and 1
    assert value(found, "mean_correlation") == pytest.approx(0.866025, abs=1e-6)
    assert value(found, "means_sd_ratio") == pytest.approx(0.577350, abs=1e-6)
    # error variances 1.2/9, 1/9, 1/9, mean .118519; the means vary by 1: sqrt(1 - .118519)
    assert value(found, "mean_ceiling") == pytest.approx(0.938872, abs=1e-6)
    # the other two pooled: for a even, largest gap .1; for b .25 .25 .3 .15 .05, gap .5;
    # for c .05 .15 .3 .25 .25, gap .5
    assert value(found, "gain_over_pooled") == pytest.approx((0.1 + 0.1 + 0.5) / 3, abs=1e-6)
    # nobody: a exact; b and c without an answer, so even: largest gaps .3 and .3
    assert value(found, "gain_over_nobody") == pytest.approx((0 + (0.6 - 0.7) + (1 - 0.7)) / 3, abs=1e-6)


def survey(study: str, outcome: str, counts: str) -> dict[str, str]:
    return {
        "study": study, "outcome": outcome, "text": "", "question": "Is it?", "low": "no", "high": "yes",
        "counts": counts,
    }  # fmt: skip


def test_studies_count_the_same_however_many_outcomes_they_have() -> None:
    rows = [
        survey("s", "one", "1 2 4 2 1"),
        survey("s", "two", "0 1 2 3 4"),
        survey("t", "only", "30 70"),
    ]
    middling = array(*MIDDLING) / 10
    panel = {"row-2": middling, "row-3": middling, "row-4": array(0.9, 0.1)}
    found = surveys.score(evidence("surveys", rows, panel, {"row-2": middling}))
    # s: (1 + .6) / 2 = .8; t: 1 - |.3 - .9| = .4
    assert value(found, "ks") == pytest.approx(0.6)
    # nobody: s: 1 and, even, .7; t: even, .8. (0 - .1) / 2 = -.05; .4 - .8 = -.4
    assert value(found, "gain_over_nobody") == pytest.approx(-0.225)
    # no other study has as many points, so the pooled one is even: s .9 and .7; t .8
    assert value(found, "gain_over_pooled") == pytest.approx(((0.1 - 0.1) / 2 - 0.4) / 2)
    assert [row[:3] for row in found.tables[1].rows] == [
        ("s", "one", "10"), ("s", "two", "10"), ("t", "only", "100"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("studies", "told"),
    [
        # t and v have two points, as each other; s and u alone have five and three
        (
            ("s", "t", "u", "v"),
            "No other study has one for 2 of 4 outcomes: there all points count as ",
        ),
        (("t", "v"), "with as many points; every outcome has one."),
        # of one study alone there are no other studies, whatever the points
        (("t",), "No other study has one for 1 of 1 outcome:"),
    ],
)
def test_the_note_says_for_how_many_outcomes_the_pooled_predictor_knows_nothing(
    studies: tuple[str, ...], told: str
) -> None:
    counts = {"s": "1 2 4 2 1", "t": "30 70", "u": "1 2 3", "v": "60 40"}
    found = surveys.score(evidence("surveys", [survey(name, "one", counts[name]) for name in studies], {}))
    assert told in found.notes[-1]


def test_versions_of_a_question_are_averaged_into_its_outcome() -> None:
    rows = [survey("s", "one", "50 50"), survey("s", "one", "50 50"), survey("t", "only", "30 70")]
    panel = {"row-2": array(1, 0), "row-3": array(0, 1), "row-4": array(0.3, 0.7)}
    assert value(surveys.score(evidence("surveys", rows, panel)), "ks") == 1.0


# ---- planted defects


def world(size: int = 30) -> list[dict[str, str]]:
    """Concepts whose means go from about 2 to 4, 60 people each."""
    rng = np.random.default_rng(4)
    points = np.arange(1, 6)
    rows = []
    for at in range(size):
        weights = np.exp(-(((points - (2 + 2 * at / size)) / 1.4) ** 2) / 2)
        rows.append(concept(f"c{at}", rng.multinomial(60, weights / weights.sum()).tolist()))
    return rows


def people_of(row: Mapping[str, str]) -> Floats:
    counts = array(*(float(row[f"n{point}"]) for point in range(1, 6)))
    shares: Floats = counts / counts.sum()
    return shares


def mean_of(shares: Floats) -> float:
    return float(shares @ np.arange(1, 6))


def spike(point: float) -> Floats:
    """All on the two points around `point`, with that mean."""
    low = min(4, int(point))
    shares = np.zeros(5)
    shares[low - 1 : low + 1] = 1 - (point - low), point - low
    return shares


def split(point: float) -> Floats:
    """All on both ends, with that mean."""
    high = (point - 1) / 4
    return array(1 - high, 0, 0, 0, high)


def states(respondent: Callable[[Floats], Floats | None]) -> dict[str, str]:
    """The shipped gates on a respondent that answers as `respondent` makes it of people's answers."""
    rows = world()
    panel = {row["concept"]: respondent(people_of(row)) for row in rows}
    found = concepts.score(evidence("concepts", rows, panel))
    by_name = {one.figure.name: one.figure for one in found.figures}
    gates = read_benchmark(shipped_folder("evals") / "concepts").gates
    return {
        gate.figure: judge(gate, by_name.get(gate.figure)).state
        for gate in gates
        if gate.figure != "missing_share"
    }


HOLDS = dict.fromkeys(
    ("mean_correlation", "mean_attainment", "gain_over_pooled", "sd_ratio", "ends"), "holds"
)


@pytest.mark.parametrize(
    ("respondent", "caught"),
    [
        pytest.param(lambda people: people, {}, id="answers as people do"),
        pytest.param(
            lambda people: spike(3.0),
            {"mean_correlation": "not_computed", "mean_attainment": "not_computed", "gain_over_pooled": "red",
             "sd_ratio": "red", "ends": "red"},
            id="always 3",
        ),
        pytest.param(
            lambda people: spike(mean_of(people)),
            {"gain_over_pooled": "red", "sd_ratio": "red", "ends": "red"},
            id="right on average and too sure: the means are right and must not be blamed",
        ),
        pytest.param(
            lambda people: split(mean_of(people)),
            {"gain_over_pooled": "red", "sd_ratio": "red", "ends": "red"},
            id="right on average, all or nothing",
        ),
        pytest.param(
            lambda people: people[::-1],
            {"mean_correlation": "red", "mean_attainment": "red", "gain_over_pooled": "red"},
            id="reads the scale backwards: the spread is right and must not be blamed",
        ),
        pytest.param(
            lambda people: None,
            dict.fromkeys(HOLDS, "not_computed"),
            id="refuses",
        ),
    ],
)  # fmt: skip
def test_a_defect_is_caught_by_the_gates_made_for_it_and_by_no_other(
    respondent: Callable[[Floats], Floats | None], caught: dict[str, str]
) -> None:
    assert states(respondent) == HOLDS | caught


def test_a_panel_that_is_nobody_in_disguise_gains_nothing_over_nobody() -> None:
    rows = [survey(f"s{at}", "one", "10 20 40 20 10") for at in range(4)]
    same = {f"row-{at}": array(0.2, 0.2, 0.2, 0.2, 0.2) for at in range(2, 6)}
    found = surveys.score(evidence("surveys", rows, same, same))
    assert value(found, "gain_over_nobody") == 0.0


def test_without_a_panel_nobody_is_scored_and_no_gain_is_claimed() -> None:
    rows = world(5)
    only = {row["concept"]: people_of(row) for row in rows}
    found = concepts.score(evidence("concepts", rows, {}, only))
    assert value(found, "ks") == 1.0
    assert value(found, "gain_over_nobody") is None
    assert "no panel was asked" in found.tables[0].rows[0][0]


# ---- predictors


COUNTS = st.lists(st.lists(st.integers(1, 30), min_size=5, max_size=5), min_size=3, max_size=8)


@given(COUNTS)
def test_who_answers_as_people_do_is_at_no_distance(counts: list[list[int]]) -> None:
    people = tuple(array(*one) / sum(one) for one in counts)
    found = against(people, people)
    assert found.ks == pytest.approx(1)
    assert found.sd_ratio == pytest.approx(1)
    for distances in (found.wasserstein, found.jensen_shannon, found.ends):
        assert distances == pytest.approx(0, abs=1e-9)


@given(COUNTS, st.lists(st.integers(1, 30), min_size=5, max_size=5))
def test_the_pooled_predictor_of_a_concept_does_not_see_its_answers(
    counts: list[list[int]], other: list[int]
) -> None:
    clusters = clusters_of("concepts", [f"c{at}" for at in range(len(counts))])
    people = [array(*one) / sum(one) for one in counts]
    before = pooled_others(tuple(people), clusters).distributions
    people[0] = array(*other) / sum(other)
    assert pooled_others(tuple(people), clusters).distributions[0] == pytest.approx(before[0])


def test_halves_of_people_hold_everybody_once() -> None:
    parted = halves((array(3, 0, 5, 2, 1),), splits=5)
    for one, other in zip(parted.one, parted.other, strict=True):
        # 5 of 11, and the other 6
        assert one[0] * 5 + other[0] * 6 == pytest.approx([3, 0, 5, 2, 1])


# ---- reading


OUTCOMES = Table(
    "outcomes.csv",
    {
        "study": ["s", "s", "t"],
        "dv": ["one", "two", "odd"],
        "scale_min": ["1.0", "0.0", "0.0"],
        "scale_max": ["5.0", "1.0", "100.0"],
        "human_hist": ['{"1": 3, "4": 7}', '{"0": 6, "1": 4}', '{"16.6667": 3}'],
    },
    (2, 3, 4),
)


def questions(study: str, outcome: str) -> Table:
    cells = {"study": study, "outcome": outcome, "text": "", "question": "Is it?", "low": "no", "high": "yes"}
    return Table("questions.csv", {name: [cell] for name, cell in cells.items()}, (2,))


def test_a_question_gets_the_answers_of_its_outcome_points_that_nobody_gave_included() -> None:
    assert surveys.rows_of((OUTCOMES, questions("s", "one")))[0]["counts"] == "3 0 0 7 0"
    assert surveys.rows_of((OUTCOMES, questions("s", "two")))[0]["counts"] == "6 4"


@pytest.mark.parametrize(
    ("study", "outcome", "sentence"),
    [
        ("s", "three", r"questions.csv, row 2: found the outcome 'three' of 's', expected one"),
        (
            "t",
            "odd",
            r"outcomes.csv, row 4, column 'human_hist': found the point 16.6667, expected whole points",
        ),
    ],
)
def test_a_question_without_answers_is_told_with_its_row(study: str, outcome: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        surveys.rows_of((OUTCOMES, questions(study, outcome)))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"n3": "many"}, "row 3, n1 to n5: found '0 1 many 3 4', expected 2 to 9 whole counts"),
        ({"text": " "}, "row 3 lacks text"),
        ({"concept": "a"}, "found 'a' twice"),
        (dict.fromkeys(("n2", "n3", "n4", "n5"), "0"), "expected the answers of 2 people or more"),
    ],
)
def test_a_concept_that_cannot_be_asked_is_told_with_its_row(change: dict[str, str], sentence: str) -> None:
    rows = [concept("a", MIDDLING), concept("b", LIKED) | change, concept("c", DISLIKED)]
    with pytest.raises(InputError, match=sentence):
        concepts.score(evidence("concepts", rows, {}))
