"""Inventories: what is planned, asked and scored, and what known respondents must give."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from panelsim.analysis.readings import Readings
from panelsim.errors import InputError
from panelsim.files import read_prompt_texts
from panelsim.model.call import ChatCall
from panelsim.model.inventory import Half, InstrumentName, InventoryForm, Item
from panelsim.model.panel import DOMAINS, Hexaco
from panelsim.model.plan import InventoryAssignment
from panelsim.model.recovery import InventoryAnalysis
from panelsim.model.study import PARAMETERS, Doses, InventoryStudy
from panelsim.planning.doses import dose_panel
from panelsim.planning.plan import BLOCK, plan_study
from panelsim.service.prepare import read_instrument
from panelsim.sessions import script_of, session_id
from panelsim.sessions.nature import percent_below
from panelsim.traits.instruments import choose_items, parse_instrument
from panelsim.traits.words import parse_decision_words, parse_trait_words
from tests.core.inventories import (
    PROMPTS,
    Levels,
    analysed,
    bases,
    dose_of,
    filled_in,
    scene_of,
    weighed,
)

FORMS: tuple[InventoryForm, ...] = ("words", "numbers", "third_person", "vignette")


def study_of(
    *,
    instrument: InstrumentName = "ipip-hexaco-60",
    form: InventoryForm = "words",
    doses: Doses | None = Doses(personas=9),  # noqa: B008 (frozen)
    half: Half | None = None,
    per_scale: int | None = None,
    replicates: int = 1,
    min_answered: float = 0.8,
) -> InventoryStudy:
    return InventoryStudy(
        id="read-back",
        instrument=instrument,
        form=form,
        doses=doses,
        half=half,
        per_scale=per_scale,
        replicates=replicates,
        min_answered=min_answered,
    )


# ---- respondents whose answers are known


def obeys(levels: Levels, item: Item) -> float:
    """Moves every item of a scale by half a point for each standard deviation of its level."""
    return 3 + item.key * 0.5 * levels[item.scale]


def ignores(_levels: Levels, item: Item) -> float:
    return 2.5 if item.key == 1 else 3.5


def agrees(_levels: Levels, _item: Item) -> float:
    return 5.0


NICE = {"honesty_humility": 1, "emotionality": -1, "extraversion": 1, "agreeableness": 1}


def is_nice(levels: Levels, item: Item) -> float:
    """Answers every item by one axis: the sum of all levels that make a person pleasant."""
    mood = sum(NICE.get(name, 1) * levels[name] for name in DOMAINS)
    return min(5.0, max(1.0, 3 + 0.4 * item.key * NICE.get(item.scale, 1) * mood))


@pytest.fixture(scope="module")
def obedient() -> InventoryAnalysis:
    """Of nine base respondents that obey."""
    return filled_in(study_of(), obeys)


def test_a_respondent_that_obeys_has_rho_one_and_leaks_nothing(obedient: InventoryAnalysis) -> None:
    for name in DOMAINS:
        dose = dose_of(obedient, name)
        assert dose.rho == 1.0
        assert dose.right_side == 1.0
        assert dose.leak_slope == 0.0
        assert dose.leak_rho == 0.0
        assert [point.level for point in dose.points] == [-2, -1, 0, 1, 2]
    assert obedient.convergent == 1.0
    assert obedient.discriminant == 0.0
    assert obedient.acquiescence is not None
    assert obedient.acquiescence.value == 0.0
    assert obedient.missing == 0


def test_the_slope_of_an_obeying_respondent_is_half_a_point_over_peoples_spread() -> None:
    doses = Doses(of=("agreeableness",), personas=9)
    analysis = filled_in(study_of(instrument="ipip-hexaco-240", doses=doses), obeys)
    slope = dose_of(analysis, "agreeableness").slope
    assert slope is not None
    # half a point for each standard deviation assigned; people's standard deviation on all 40 items is .614
    assert slope.value == pytest.approx(0.5 / 0.614, abs=1e-3)
    assert slope.n == 9  # base respondents


def test_a_respondent_that_ignores_its_levels_moves_nothing() -> None:
    analysis = filled_in(study_of(), ignores)
    for dose in analysis.doses:
        assert dose.slope is not None
        assert dose.slope.value == 0.0
        assert dose.rho is None  # a score that never moves has no order
        assert dose.right_side == 0.5
    assert analysis.convergent == 0.0
    # 2.5 to items keyed up and 3.5 to items keyed down: (2.5 + 3.5) / 2 - 3 = 0
    assert analysis.acquiescence is not None
    assert analysis.acquiescence.value == 0.0


def test_a_respondent_that_agrees_with_everything_is_caught_by_acquiescence_alone() -> None:
    analysis = filled_in(study_of(), agrees)
    assert analysis.acquiescence is not None
    assert analysis.acquiescence.value == 2.0  # (5 + 5) / 2 - 3
    for dose in analysis.doses:
        assert dose.slope is not None
        assert dose.slope.value == 0.0


def test_a_single_axis_of_niceness_leaks_into_every_other_scale(obedient: InventoryAnalysis) -> None:
    analysis = filled_in(study_of(), is_nice)
    for dose in analysis.doses:
        assert dose.rho == 1.0
        assert dose.leak_rho == 1.0
        assert dose.leak_slope is not None
        assert abs(dose.leak_slope) > 0.5
    assert analysis.first_component == pytest.approx(1.0)
    assert obedient.first_component == pytest.approx(1 / 6, abs=0.01)


@settings(max_examples=15, deadline=None)
@given(response=st.floats(0.05, 0.9), name=st.sampled_from(PARAMETERS))
def test_the_slope_of_a_decision_parameter_is_what_the_respondent_makes_of_it(
    response: float, name: str
) -> None:
    study = study_of(instrument="decision-vignettes", doses=Doses(of=(name,), personas=2))

    def follows(levels: Levels, item: Item) -> float:
        # a share of the scale for each share of the level: 4 points from end to end
        return 3 + item.key * 4 * response * (levels[item.scale] - 0.5)

    dose = dose_of(filled_in(study, follows), name)
    assert dose.slope is not None
    assert dose.slope.value == pytest.approx(response, abs=1e-4)
    assert dose.leak_slope == 0.0


# ---- missing answers


def test_a_score_needs_its_share_of_answered_items() -> None:
    def silent(levels: Levels, item: Item) -> float | None:
        return None if item.scale == "openness" and item.facet != "creativity" else obeys(levels, item)

    analysis = filled_in(study_of(doses=Doses(personas=2, levels=(-2, 2))), silent)
    openness = next(one for one in analysis.scales if one.scale == "openness")
    assert openness.score is None
    assert openness.scored == 0
    assert openness.missing > 0
    assert openness.alpha is None
    dose = dose_of(analysis, "openness")
    assert dose.slope is None
    assert (dose.n, dose.missing) == (0, 6)  # 2 bases x (base and two levels)
    assert analysis.missing == openness.missing
    assert dict(analysis.missing_reasons) == {"low_mass": openness.missing}


def test_a_score_with_a_few_items_missing_is_compared_with_people_on_the_others() -> None:
    study = study_of(doses=None, min_answered=0.5)
    items = read_instrument(study, PROMPTS).items

    def usual(_levels: Levels, item: Item) -> float | None:
        return None if item.id == items[0].id else item.mean

    analysis = filled_in(study, usual, n=3)
    for one in analysis.scales:
        assert one.score is not None
        assert one.score.value == pytest.approx(0.0, abs=1e-6)


# ---- drawn panels


def test_a_drawn_panel_is_compared_with_the_levels_it_drew() -> None:
    panel = bases(12)
    people = tuple(
        one.model_copy(update={"traits": Hexaco(openness=-1.5 + at / 4, extraversion=(at * 5 % 12) / 6 - 1)})
        for at, one in enumerate(panel.respondents)
    )
    analysis = analysed(study_of(doses=None), panel.model_copy(update={"respondents": people}), obeys)
    assert analysis.layout == "drawn"
    assert dose_of(analysis, "openness").rho == 1.0
    assert dose_of(analysis, "openness").right_side is None
    assert dose_of(analysis, "emotionality").slope is None  # everybody drew the same level


# ---- what is planned


def test_each_profile_differs_from_its_base_in_one_level() -> None:
    study = study_of(doses=Doses(personas=2, levels=(-2, 0, 2)))
    panel = dose_panel(study, bases(2))
    assert len(panel.respondents) == 2 * (1 + 6 * 2)
    assert len(set(panel.ids)) == len(panel.ids)
    base = panel.respondents[0]
    assert (base.traits, base.decision.authority) == (Hexaco(), 0.5)
    for one in panel.respondents[1:13]:
        changed = [name for name, level in one.traits.domains.items() if level]
        assert len(changed) == 1
        assert one.company == base.company
    assert panel.respondents[1].id == "vp-sales-01.honesty_humility-2"


def test_every_item_is_asked_once_in_blocks_in_a_seeded_order() -> None:
    study = study_of(doses=None, replicates=2)
    instrument = read_instrument(study, PROMPTS)
    plan = plan_study(study, bases(1), instrument=instrument)
    blocks = [one for one in plan if isinstance(one, InventoryAssignment)]
    first = [name for one in blocks if one.replicate == 0 for name in one.items]
    assert sorted(first) == sorted(item.id for item in instrument.items)
    assert first != [item.id for item in instrument.items]
    assert all(len(one.items) <= BLOCK for one in blocks)
    assert len({session_id(one) for one in blocks}) == len(blocks)
    assert plan == plan_study(study, bases(1), instrument=instrument)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("instrument", ["ipip-hexaco-60", "decision-vignettes"])
def test_every_item_is_asked_alone_after_a_shared_start(
    form: InventoryForm, instrument: InstrumentName
) -> None:
    study = study_of(instrument=instrument, form=form, doses=Doses(personas=1))
    panel = dose_panel(study, bases(1))
    scene = scene_of(study, panel)
    assignment = next(iter(plan_study(study, panel, instrument=read_instrument(study, PROMPTS))))
    script = script_of(assignment, scene)
    calls = next(script)
    script.close()
    assert len(calls) == len(assignment.questions)
    assert scene.inventory is not None
    chats = [call for call in calls if isinstance(call, ChatCall)]
    for name, call in zip(assignment.questions, chats, strict=True):
        assert call.messages[:-1] == chats[0].messages[:-1]
        others = [item.text for key, item in scene.inventory.items.items() if key != name]
        assert scene.inventory.items[name].text in call.messages[-1].content
        assert not any(text in turn.content for text in others for turn in call.messages)
        assert call.lane == assignment.respondent


def test_the_forms_say_the_same_level_in_different_ways() -> None:
    said = {}
    for form in FORMS:
        study = study_of(form=form, doses=Doses(personas=1, levels=(2,), of=("openness",)))
        panel = dose_panel(study, bases(1))
        scene = scene_of(study, panel)
        assert scene.inventory is not None
        said[form] = scene.inventory.natures[panel.respondents[1].id]
    assert said["words"] == said["third_person"] == ("very imaginative and unconventional",)
    assert "curiosity and imagination 98" in said["numbers"]  # 97.7% of people are below two deviations
    assert len(said["vignette"]) == 2


def test_percentiles_are_those_of_the_normal_distribution() -> None:
    assert [percent_below(level) for level in (-4, -1, 0, 1, 4)] == [1, 16, 50, 84, 99]


# ---- instruments


def instrument_of(name: InstrumentName) -> tuple[Item, ...]:
    study = study_of(instrument=name, doses=None)
    return read_instrument(study, PROMPTS).items


def test_the_sixty_items_have_ten_to_a_domain_five_of_each_key() -> None:
    items = instrument_of("ipip-hexaco-60")
    for domain in DOMAINS:
        keys = [item.key for item in items if item.scale == domain]
        assert (keys.count(1), keys.count(-1)) == (5, 5)
    assert {item.half for item in items} == {"held_out"}
    assert len(instrument_of("ipip-hexaco-240")) == 240


def test_situations_have_ten_to_a_parameter_balanced_in_each_half() -> None:
    items = instrument_of("decision-vignettes")
    for name in PARAMETERS:
        for half, n in (("development", 2), ("held_out", 3)):
            keys = [item.key for item in items if (item.scale, item.half) == (name, half)]
            assert (keys.count(1), keys.count(-1)) == (n, n)
    assert len({item.text for item in items}) == 60


def test_no_situation_or_example_quotes_what_a_prompt_says_of_a_level() -> None:
    texts = read_prompt_texts()
    traits = parse_trait_words(texts["traits/hexaco"])
    assert traits.facets is not None
    tables = (traits.words, traits.facets, parse_decision_words(texts["traits/decision"]).words)
    phrases = {phrase.lower() for table in tables for _, bands in table for phrase in bands if phrase}
    asked = [item.text.lower() for item in instrument_of("decision-vignettes")]
    shown = [text.lower() for name, text in texts.items() if name.startswith("inventory/")]
    assert [p for p in phrases if any(p in text for text in (*asked, *shown))] == []
    items = [item.text.lower() for item in instrument_of("ipip-hexaco-240")]
    assert [text for text in items if any(text in example for example in shown)] == []
    behaviours = texts["traits/behaviours"].lower()
    assert [text for text in items if text.removeprefix("i ").rstrip(".") in behaviours] == []


def test_a_part_of_an_instrument_is_balanced_and_drawn_from_many_facets() -> None:
    whole = parse_instrument("ipip-hexaco-240", PROMPTS.text("traits/ipip_hexaco"))
    part = choose_items(whole, half="development", per_scale=8, seed=3)
    for domain in DOMAINS:
        own = part.items_of(domain)
        assert sorted(item.key for item in own) == [-1] * 4 + [1] * 4
        assert len({item.facet for item in own}) >= 3
    assert part == choose_items(whole, half="development", per_scale=8, seed=3)
    assert part != choose_items(whole, half="development", per_scale=8, seed=4)


def test_too_few_items_are_refused_by_name() -> None:
    whole = parse_instrument("decision-vignettes", PROMPTS.text("instruments/decision_vignettes"))
    with pytest.raises(InputError, match=r"'risk_tolerance', items keyed \+1: found 2, expected 3"):
        choose_items(whole, half="development", per_scale=6)


# ---- what a study refuses


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"doses": {"of": ["oppenness"]}}, "doses.of names 'oppenness', expected some of honesty_humility"),
        ({"doses": {"of": ["openness", "authority"]}}, "mixes traits and decision parameters"),
        ({"doses": {"levels": [0, 5]}}, "doses.levels holds 5, expected levels from -4 to 4"),
        ({"doses": {"levels": [0]}}, "the base's own level alone"),
        ({"doses": {"levels": [1, 1]}}, "names a level twice"),
        ({"doses": {"of": ["openness", "openness"]}}, "names 'openness' twice"),
        ({"doses": {}, "asserts": "decision"}, "the doses change what it leaves out"),
        ({"doses": {"personas": 2}, "n": 10}, "the doses make up the panel of 50"),
        ({"per_scale": 3}, "expected an even number"),
    ],
)
def test_an_impossible_inventory_is_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said.replace(".", r"\.")):
        InventoryStudy.model_validate({"id": "x", **fields})


def test_an_answer_to_an_item_that_was_not_asked_is_refused() -> None:
    study = study_of(doses=None)
    panel = bases(2)
    instrument = read_instrument(study, PROMPTS)
    other = study_of(instrument="decision-vignettes", doses=None)
    script = script_of(
        next(iter(plan_study(other, panel, instrument=read_instrument(other, PROMPTS)))),
        scene_of(other, panel),
    )
    calls = next(script)
    with pytest.raises(StopIteration) as end:
        script.send(tuple(weighed(3.0) for _ in calls))
    with pytest.raises(InputError, match="expected those of its panel and instrument"):
        Readings(study, panel, instrument).hear(end.value.value)
