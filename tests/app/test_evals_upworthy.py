"""The benchmark `upworthy`: its draws, its ceilings, and respondents that know too much or nothing."""

import math
import zlib
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from panelsim.errors import InputError
from panelsim.evaluation.gates import judge
from panelsim.evaluation.material import settings_of
from panelsim.evaluation.scoring import missing_share
from panelsim.evaluation.upworthy import UpworthySettings, score
from panelsim.evaluation.upworthy_memory import (
    GAIN,
    MemorySettings,
    halves,
    lines_of,
    memory_figures,
    recited_of,
)
from panelsim.evaluation.upworthy_splits import SPLITS, ceilings_of, places_of
from panelsim.files.folders import shipped_folder
from panelsim.metrics.rates import two_proportions
from panelsim.model.benchmark import Figure, Outcome
from panelsim.model.call import ChatCall, Completion, TokenLogprob
from panelsim.service.evals import prepare
from tests.app.scored import Scored

JOB = prepare(str(shipped_folder("evals") / "upworthy"), model="scripted/sensible")
ROWS = JOB.material.rows
PAIR = {frozenset((row["headline_a"], row["headline_b"])): row for row in ROWS}
REST = {
    halves("", row[f"headline_{side}"]).first: halves("", row[f"headline_{side}"]).rest
    for row in ROWS
    for side in "ab"
}
Words = Callable[[str], str]
"""What is said to the first half of a headline."""


def memory() -> MemorySettings:
    found = settings_of(JOB.benchmark, UpworthySettings).memory
    assert found is not None
    return found


def silent(first: str) -> str:
    del first
    return "and nobody knew what would come after that"


def recites(first: str) -> str:
    return REST.get(first, silent(first))


def says_all_of_it(first: str) -> str:
    return f'"{first} {recites(first)}"'


def guesses(first: str) -> str:
    """Whatever was invented, and what was published: as if halves told the rest."""
    invented = {halves("", text).first: halves("", text).rest for text in memory().invented}
    return invented.get(first, recites(first))


def is_right(pair: str, of_ten: int) -> bool:
    return zlib.crc32(pair.encode()) % 10 < of_ten


def run(part: str, answer: Callable[[ChatCall], Completion]) -> dict[str, Outcome]:
    """What is said in the trials of a part."""
    said: dict[str, Outcome] = {}
    for trial in JOB.trials:
        if not trial.id.startswith(part):
            continue
        script = trial.start()
        calls = next(script)
        while trial.id not in said:
            try:
                calls = script.send(tuple(answer(call) for call in calls if isinstance(call, ChatCall)))
            except StopIteration as end:
                said[trial.id] = end.value
    return said


def quoted(call: ChatCall) -> list[str]:
    """Texts in quotation marks, one a line."""
    lines = call.messages[-1].content.splitlines()
    return [line.partition('"')[2].rpartition('"')[0] for line in lines if '"' in line]


@cache
def pairs_said(of_ten: int, sure: float) -> dict[str, Outcome]:
    """A reader who names the winner of so many pairs in ten, with that probability."""

    def answer(call: ChatCall) -> Completion:
        first, second = quoted(call)
        row = PAIR[frozenset((first, second))]
        a_won = row[f"headline_{row['winner']}"] == first
        share = sure if a_won == is_right(row["pair_id"], of_ten) else 1 - sure
        top = (("A", math.log(share)), ("B", math.log(1 - share)))
        return Completion(text="A", logprobs=(TokenLogprob(token="A", logprob=top[0][1], top=top),))

    return run("pairs/", answer)


def asked(words: Words, *, of_ten: int = 8, sure: float = 0.8) -> Scored:
    """The same reader, who goes on with a headline as `words` says."""
    told = run("memory/", lambda call: Completion(text=words(quoted(call)[0])))
    return Scored(JOB.benchmark, ROWS, None, {**pairs_said(of_ten, sure), **told})


def recalled(words: Words) -> dict[str, Figure]:
    """The figures of the probe alone."""
    found = memory_figures(recited_of(asked(words), ROWS, memory()))
    return {one.figure.name: one.figure for one in found}


def recital_gate(found: dict[str, Figure]) -> str:
    (gate,) = [one for one in JOB.benchmark.gates if one.figure == GAIN]
    return judge(gate, found[GAIN]).state


# ---- memory


def test_who_knows_what_people_click_and_recites_nothing_passes_every_gate() -> None:
    assert asked(silent).missed == {}


def test_who_has_learned_the_headlines_by_heart_is_caught_by_the_probe_and_by_no_other_gate() -> None:
    evidence = asked(recites)
    assert evidence.missed == {"recited_gain": "red"}


@pytest.mark.parametrize("words", [recites, says_all_of_it])
def test_the_rest_counts_whether_or_not_the_beginning_is_said_again(words: Words) -> None:
    found = recalled(words)
    assert (found["recited"].value, found["recited_invented"].value) == (1, 0)
    assert found["overlap_gain"].low is not None
    assert found["overlap_gain"].low > 0.8


def test_what_is_guessed_of_invented_headlines_as_well_is_no_memory() -> None:
    found = recalled(guesses)
    assert found["recited_gain"].value == 0  # 100 of 100 less 50 of 50
    assert recital_gate(found) == "holds"


def test_who_remembers_the_winners_alone_shows_it_in_winners_beyond_losers() -> None:
    won = {halves("", row[f"headline_{row['winner']}"]).first for row in ROWS}
    lost = {halves("", row["headline_b" if row["winner"] == "a" else "headline_a"]).first for row in ROWS}
    found = recalled(lambda first: recites(first) if first in won - lost else silent(first))
    assert found["recited"].value == pytest.approx(0.5, abs=0.05)
    assert found["recall_of_winners"].low is not None
    assert found["recall_of_winners"].low > 0.7


def test_a_few_recited_headlines_are_amber_not_red() -> None:
    some = [line.first for line in lines_of(ROWS, memory())][:7]
    found = recalled(lambda first: recites(first) if first in some else silent(first))
    assert recital_gate(found) == "amber"  # 7 of 100 less 0 of 50: .07 (.01 to .12)


def test_who_will_not_recite_is_not_taken_for_one_who_does() -> None:
    evidence = asked(lambda first: first[:0])
    found = memory_figures(recited_of(evidence, ROWS, memory()))
    assert next(found).figure.value == 0
    lost = missing_share(evidence.said.values()).figure.value
    assert lost == pytest.approx(150 / (2 * len(ROWS) + 150), abs=1e-6)


def test_nothing_asked_is_no_figure() -> None:
    evidence = Scored(JOB.benchmark, ROWS, None, pairs_said(8, 0.8))
    assert recited_of(evidence, ROWS, memory()) is None
    assert {one.figure.value for one in memory_figures(None)} == {None}


# ---- splits


def test_each_split_is_scored_by_its_own_pairs_and_misses_its_own_gate() -> None:
    evidence = asked(silent, of_ten=3)
    found = evidence.figures
    for split in SPLITS:
        own = [ROWS[at]["pair_id"] for at in places_of(ROWS, split)]
        share = float(np.mean([is_right(pair, 3) for pair in own]))
        assert found[f"accuracy{split.ending}"].value == pytest.approx(share, abs=1e-6)
        assert found[f"accuracy{split.ending}"].n == len(own)  # one pair a story
        # right .2 ^ 2 = .04, wrong .8 ^ 2 = .64
        assert found[f"brier{split.ending}"].value == pytest.approx(0.64 - 0.6 * share, abs=1e-6)
    assert {"accuracy", "accuracy_p05", "accuracy_all", "brier", "brier_all"} <= set(evidence.missed)


def test_the_shipped_pairs_are_what_their_split_says() -> None:
    counts = [
        np.array([float(row[name]) for row in ROWS]) for name in ("clicks_a", "imp_a", "clicks_b", "imp_b")
    ]
    p = two_proportions(*counts).p
    fdr, p05, fair = (places_of(ROWS, split) for split in SPLITS)
    assert [len(fdr), len(p05), len(fair)] == [100, 100, 150]
    assert (p[p05] < 0.05).all()
    assert (p[fdr] < 0.01).all()
    assert 0.2 < np.mean(p[fair] < 0.05) < 0.4  # 28% of all pairs of the archive
    for places in (fdr, p05, fair):
        assert len({ROWS[at]["story_id"] for at in places}) == len(places)
    for row in ROWS:
        ahead = int(row["clicks_a"]) * int(row["imp_b"]) > int(row["clicks_b"]) * int(row["imp_a"])
        assert row["winner"] == ("a" if ahead else "b")


def test_the_shipped_ceilings_are_those_of_the_shipped_pairs() -> None:
    found = ceilings_of(ROWS)
    for split in SPLITS:
        stated = JOB.benchmark.ceilings[f"accuracy{split.ending}"].value
        assert stated == pytest.approx(found[split.name], abs=5e-4)


def test_a_ceiling_is_the_share_that_somebody_has_right_who_knows_the_truth() -> None:
    dice = np.random.default_rng(5)
    n, shown = 6000, 3000
    truth = dice.normal(0, 0.3, n)
    rates = [1 / (1 + np.exp(4 - sign * truth / 2)) for sign in (1, -1)]
    clicks = [dice.binomial(shown, rate) for rate in rates]
    rows = [
        {"clicks_a": str(a), "imp_a": str(shown), "clicks_b": str(b), "imp_b": str(shown), "splits": "all"}
        for a, b in zip(*clicks, strict=True)
    ]
    right = np.mean(np.where(clicks[0] == clicks[1], 0.5, (truth > 0) == (clicks[0] > clicks[1])))
    assert ceilings_of(rows) == {"all": pytest.approx(right, abs=0.015)}


def test_without_clicks_or_a_fair_draw_there_is_no_ceiling() -> None:
    assert ceilings_of([{"splits": "all"}] * 3) == {}
    assert ceilings_of([{**ROWS[0], "splits": "fdr"}] * 3) == {}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"splits": "fdr 5%"}, "has the splits 'fdr 5%'; expected some of fdr, p05, all"),
        ({"splits": ""}, "has the splits ''"),
        ({"headline_a": "Twice", "headline_b": "Twice"}, "has one headline twice; expected two"),
        ({"imp_a": "0"}, "has imp_a '0'; expected a whole number, impressions above 0"),
        ({"clicks_b": "many"}, "has clicks_b 'many'"),
    ],
)
def test_a_row_that_cannot_be_scored_is_told_with_its_line(change: dict[str, str], sentence: str) -> None:
    rows = ({**ROWS[0], **change}, *ROWS[1:])
    with pytest.raises(InputError, match="line 2 ") as told:
        score(Scored(JOB.benchmark, rows, None, {}))
    assert sentence in str(told.value)
