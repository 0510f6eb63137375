"""The benchmark `traits`: who follows its traits passes, and each defect turns its own gates red."""

import re
from collections.abc import Callable
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import yaml

from panelsim.analysis.readings import MIDPOINT, alpha_of_people
from panelsim.errors import InputError
from panelsim.evaluation import compare, score_run, traits
from panelsim.evaluation.finding import measured
from panelsim.evaluation.traits import DESIRABLE, INSTRUMENT
from panelsim.evaluation.traits_design import L18, designed, levels_of
from panelsim.files.folders import shipped_folder
from panelsim.model.benchmark import Outcome
from panelsim.model.call import Call, ChatCall
from panelsim.model.inventory import Instrument, Item
from panelsim.model.panel import DOMAINS
from panelsim.service.evals import load_run, prepare, replay_benchmark, save_run
from tests.app.scored import Scored, reds
from tests.core.inventories import weighed

FOLDER = shipped_folder("evals") / "traits"
JOB = prepare(str(FOLDER), model="scripted/sensible")
PANEL = JOB.material.panel
assert PANEL is not None
DESIGN = designed(PANEL, 2.0)
JUDGED = Instrument.model_validate_json(JOB.material.rows[0][INSTRUMENT])
ITEMS = {item.text: item for item in JUDGED.items}
LEVELS = {one.id: one.traits.domains for one in DESIGN.respondents}
IDS = list(LEVELS)
OTHERS = (12, 7, 16, 8, 6, 14, 17, 13, 5, 3, 10, 0, 1, 15, 9, 2, 4, 11)
"""Whose levels each buyer has who has a personality of its own: no trait of it has an r above 1/6 with one
that was put."""
STRANGERS = {who: IDS[at] for who, at in zip(IDS, OTHERS, strict=True)}


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Intervals from fewer draws: what is planted lies far from every bound."""
    monkeypatch.setattr(traits, "measured", partial(measured, draws=30))


class Heard(NamedTuple):
    """An item as a respondent hears it."""

    who: str
    item: Item
    is_own: bool
    """Whether it speaks in the first person."""


Mind = Callable[[Heard], float]


def following(levels: dict[str, float], item: Item, size: float = 0.5) -> float:
    """An answer `size` points off the middle for each standard deviation, on the side of the item's key."""
    return MIDPOINT + item.key * size * levels[item.scale]


def sound(heard: Heard) -> float:
    return following(LEVELS[heard.who], heard.item)


def answered_by(mind: Mind) -> Scored:
    said: dict[str, Outcome] = {}
    for trial in JOB.trials:
        script = trial.start()
        calls = next(script)
        while trial.id not in said:
            try:
                calls = script.send(
                    tuple(weighed(float(np.clip(mind(heard_in(one)), 1, 5))) for one in calls)
                )
            except StopIteration as end:
                said[trial.id] = end.value
    return Scored(JOB.benchmark, JOB.material.rows, PANEL, said)


def heard_in(call: Call) -> Heard:
    assert isinstance(call, ChatCall)
    (text,) = re.findall(r'"(.*)"', call.messages[-1].content)
    return Heard(call.lane, ITEMS[text], call.messages[0].content.startswith("You are the person"))


def test_who_follows_its_traits_passes_every_gate() -> None:
    evidence = answered_by(sound)
    assert evidence.missed == {}
    found = {name: one.value for name, one in evidence.figures.items()}
    # every scale is a line through its own levels and no other's; both methods draw the same one
    assert found["trait_rho"] == pytest.approx(1)
    assert found["right_side"] == 1
    assert found["leak"] == pytest.approx(0, abs=1e-6)
    assert (found["convergent"], found["alpha"]) == pytest.approx((1, 1))
    # in the whole design two traits have r = 0, so two scales have none either
    assert (found["gap"], found["acquiescence"], found["desirability"]) == pytest.approx((1, 0, 0), abs=1e-6)


def test_who_agrees_with_everything_turns_both_agreement_gates_red_and_no_other() -> None:
    evidence = answered_by(lambda heard: sound(heard) + 1.2)
    assert evidence.missed == reds("acquiescence", "acquiescence_own")
    # of three levels one third stands at 4 and is cut at 5 on the side that agrees: 1.2 - .2 / 2 x 2 / 3
    assert evidence.value("acquiescence") == pytest.approx(1.2 - 0.1 * 2 / 3, abs=0.01)


def test_who_ignores_what_was_asserted_and_is_somebody_else_turns_the_read_back_red_and_no_other() -> None:
    evidence = answered_by(lambda heard: following(LEVELS[STRANGERS[heard.who]], heard.item))
    assert evidence.missed == reds("trait_rho", "own_slope", "right_side")
    # no whole profile comes back, and scores lie about as far from the levels as two levels from each other
    assert evidence.value("whole_profiles") < 0.2
    assert evidence.value("level_error") > 1


def test_who_tells_nice_from_unpleasant_alone_shows_one_axis_and_nothing_else_to_tell_apart() -> None:
    evidence = answered_by(
        lambda heard: MIDPOINT + heard.item.key * 0.5 * LEVELS[heard.who]["honesty_humility"]
    )
    found = {name: one.value for name, one in evidence.figures.items()}
    # six scales are one: all variance on one axis; every r across methods is 1
    names = ("first_axis", "convergent", "discriminant", "gap")
    assert [found[name] for name in names] == pytest.approx([1, 1, 1, 0], abs=1e-6)
    assert (found["alpha"], found["acquiescence"], found["desirability"]) == pytest.approx(
        (1, 0, 0), abs=1e-6
    )
    assert set(evidence.missed) == {"trait_rho", "own_slope", "right_side", "leak", "gap"}


def test_who_answers_one_thing_whatever_it_is_has_no_gate_to_hide_behind() -> None:
    found = answered_by(lambda heard: MIDPOINT).missed
    assert found == reds("trait_rho", "own_slope", "right_side") | {
        "alpha": "not_computed", "gap": "not_computed",
    }  # fmt: skip


def test_who_hardly_moves_turns_the_size_red_and_no_other() -> None:
    evidence = answered_by(lambda heard: following(LEVELS[heard.who], heard.item, size=0.1))
    assert evidence.missed == reds("own_slope")


def test_who_paints_itself_well_in_the_first_person_turns_desirability_red_and_no_other() -> None:
    def paints(heard: Heard) -> float:
        gain = 0.6 * heard.item.key if heard.is_own and heard.item.scale in DESIRABLE else 0.0
        return sound(heard) + gain

    assert answered_by(paints).missed == reds("desirability")


def test_who_paints_itself_as_well_in_the_third_person_is_not_told_from_who_is_so() -> None:
    def paints(heard: Heard) -> float:
        return sound(heard) + (0.6 * heard.item.key if heard.item.scale in DESIRABLE else 0.0)

    assert answered_by(paints).value("desirability") == pytest.approx(0, abs=1e-6)


def test_who_mixes_two_domains_turns_the_leak_red_and_no_other() -> None:
    mixed = {"extraversion": "agreeableness", "agreeableness": "extraversion"}

    def mixes(heard: Heard) -> float:
        own = LEVELS[heard.who]
        other = mixed.get(heard.item.scale)
        level = own[heard.item.scale] if other is None else 0.6 * own[heard.item.scale] + 0.4 * own[other]
        return MIDPOINT + heard.item.key * 0.5 * level

    evidence = answered_by(mixes)
    assert evidence.missed == reds("leak")
    # two of thirty pairs have .4 of the slope that the first item of a trait has alone, the others none
    assert 0 < evidence.value("other_slope") < evidence.value("own_slope") / 10
    # r of .6 a + .4 b with b, where a and b are unrelated and spread alike
    assert evidence.value("leak") == pytest.approx(0.4 / (0.36 + 0.16) ** 0.5, abs=1e-4)


def test_who_says_of_itself_what_no_judge_says_turns_the_gap_red_and_no_other() -> None:
    def differs(heard: Heard) -> float:
        return following(LEVELS[STRANGERS[heard.who] if heard.is_own else heard.who], heard.item)

    evidence = answered_by(differs)
    assert evidence.missed == reds("gap")
    assert evidence.value("convergent") < 0.2


def test_whose_items_go_against_each_other_turns_alpha_red_and_no_other() -> None:
    against: dict[str, int] = {}
    for name in DOMAINS:
        # of two items keyed up one follows something else, one its contrary: the scale moves by the other two
        one, other = (item.id for item in JUDGED.items_of(name) if item.key == 1)
        against |= {one: 1, other: -1}

    def torn(heard: Heard) -> float:
        if heard.is_own or heard.item.id not in against:
            return following(LEVELS[heard.who], heard.item, size=0.5 if heard.is_own else 1.0)
        stranger = LEVELS[STRANGERS[heard.who]][heard.item.scale]
        return MIDPOINT + against[heard.item.id] * stranger

    assert answered_by(torn).missed == reds("alpha")


def test_who_refuses_passes_no_gate() -> None:
    run = replay_benchmark(prepare(str(FOLDER), model="scripted/refuses"))
    card = score_run(run)
    assert {one.state for one in card.gates} == {"red", "not_computed"}
    assert card.figure("missing_share").value == 1


# ---- the design


def test_no_two_traits_go_together_nor_one_with_the_persona() -> None:
    for one, other in combinations(range(7), 2):
        pairs = [(run[one], run[other]) for run in L18]
        assert {pair: pairs.count(pair) for pair in pairs} == dict.fromkeys(pairs, 2)
        assert len(set(pairs)) == 9
    assert np.corrcoef(levels_of(DESIGN), rowvar=False) == pytest.approx(np.eye(6))
    assert {one.decision for one in DESIGN.respondents} == {DESIGN.respondents[0].decision}


@pytest.mark.parametrize("n", [9, 20])
def test_a_panel_that_holds_no_whole_design_is_refused(tmp_path: Path, n: int) -> None:
    with pytest.raises(InputError, match="expected a multiple of 6 for each of 3 personas"):
        prepare(str(own_folder(tmp_path, {"n": n})))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"settings": {"per_scale": 3}}, "settings.per_scale: .*found 3, expected an even number"),
        (
            {"settings": {"per_scale": 2, "own_per_scale": 4}},
            "own_per_scale is 4, expected at most per_scale, 2",
        ),
        ({"settings": {"levels": 2}}, "settings.levels"),
        ({"data": "items.csv"}, "expected neither data nor reference"),
    ],
)
def test_a_mistake_in_the_settings_is_told_with_what_was_expected(
    tmp_path: Path, change: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        prepare(str(own_folder(tmp_path, change)))


# ---- what is kept


def test_ceilings_of_people_are_those_of_the_items_that_are_asked() -> None:
    stated = JOB.benchmark.ceilings
    alphas = [alpha_of_people(norm, JUDGED.items_of(norm.scale)) for norm in JUDGED.norms]
    assert stated["alpha"].value == pytest.approx(np.mean(alphas), abs=0.005)
    leans = []
    for name in DOMAINS:
        halves = [[one.mean for one in JUDGED.items_of(name) if one.key == key] for key in (1, -1)]
        leans.append(np.mean([np.mean([x for x in half if x is not None]) for half in halves]) - MIDPOINT)
    assert stated["acquiescence"].value == pytest.approx(np.mean(leans), abs=0.005)


def test_a_kept_run_is_scored_by_the_items_that_were_asked_and_other_items_are_named(tmp_path: Path) -> None:
    run, _ = save_run(replay_benchmark(JOB), tmp_path)
    assert score_run(load_run("last", tmp_path)) == score_run(run)
    other = run.model_copy(
        update={"rows": ({INSTRUMENT: JUDGED.model_copy(update={"people": 1}).model_dump_json()},)}
    )
    assert [(one.kind, one.name) for one in compare(run, other).changes] == [("data", "items")]


def own_folder(tmp_path: Path, change: dict[str, object]) -> Path:
    shipped = yaml.safe_load((FOLDER / "benchmark.yaml").read_text("utf-8"))
    folder = tmp_path / "traits"
    folder.mkdir()
    for name in ("panel.yaml", "profiles"):
        (folder / name).symlink_to(FOLDER / name)
    (folder / "benchmark.yaml").write_text(yaml.safe_dump(shipped | change))
    return folder
