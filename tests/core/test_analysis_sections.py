from dataclasses import replace

import numpy as np
import pytest

from panelsim.analysis import analyse
from panelsim.model.analysis import Analysis, Control
from panelsim.model.plan import MonadicAssignment
from panelsim.model.response import ChoiceAnswer, Response, TextAnswer
from tests.builders import listed
from tests.core.simulated import Run, World, rating_answer, simulate

THREE = World(worth={"a": 3.8, "b": 3.3, "c": 2.9})


def analysed(run: Run) -> Analysis:
    return analyse(run.study, run.panel, run.plan, run.transcripts, draws=400)


def rated(run: Run, values: dict[str, float]) -> Run:
    """The run with the ratings of some respondents and stimuli (`respondent/stimulus`) replaced."""
    sessions = []
    for session in run.transcripts:
        (response,) = session.responses
        value = values.get(f"{response.respondent}/{response.shown[0]}")
        if value is not None and response.question == "relevance":
            response = response.model_copy(update={"answer": rating_answer(value)})
        sessions.append(session.model_copy(update={"responses": (response,)}))
    return replace(run, transcripts=tuple(sessions))


def test_a_cell_is_the_weighted_mean_of_its_respondents() -> None:
    run = simulate(World(n=3, controls=THREE.controls))
    names = [one.id for one in run.panel.respondents if one.arm == "target"]
    heavy = run.panel.respondents[0].model_copy(update={"weight": 3.0})
    run = replace(
        run, panel=run.panel.model_copy(update={"respondents": (heavy, *run.panel.respondents[1:])})
    )
    found = analysed(rated(run, {f"{names[0]}/a": 5.0, f"{names[1]}/a": 2.0, f"{names[2]}/a": 3.0}))
    cell = next(cell for cell in found.cells if cell.stimulus == "a")
    assert cell.estimate is not None
    assert cell.estimate.value == 4.0  # (3 * 5 + 2 + 3) / 5
    assert cell.distribution == pytest.approx((0, 0.2, 0.2, 0, 0.6))
    assert cell.top_two == pytest.approx(0.6)
    assert (cell.asked, cell.missing, cell.estimate.n) == (3, 0, 3)


def test_cells_count_what_is_missing_and_why() -> None:
    found = analysed(simulate(replace(THREE, missing=0.2)))
    for cell in (*found.cells, *found.anti_cells):
        assert cell.asked == (24 if cell in found.cells else 12)
        assert cell.missing == dict(cell.missing_reasons).get("refused", 0)
        assert cell.estimate is None or cell.estimate.n == cell.asked - cell.missing


def test_the_leader_is_contrasted_with_every_other_variant_in_both_designs() -> None:
    found = analysed(simulate(THREE))
    assert [(one.measure, one.leader, one.other) for one in found.contrasts] == [
        ("preference", "a", "b"),
        ("preference", "a", "c"),
        ("relevance", "a", "b"),
        ("relevance", "a", "c"),
    ]
    assert {one.blocks for one in found.contrasts} == {"24 respondents", "9 persona-wording blocks"}
    assert all(one.p <= one.p_holm for one in found.contrasts)


def test_a_contrast_is_made_within_respondents_who_answered_both() -> None:
    run = simulate(THREE)
    # Everybody's base differs, the difference within each is .5: its interval has no width.
    values: dict[str, float] = {}
    for place, one in enumerate(run.panel.respondents):
        base = 1.5 + 0.1 * place
        values |= {f"{one.id}/a": base + 0.5, f"{one.id}/b": base}
    found = analysed(rated(run, values))
    contrast = next(one for one in found.contrasts if (one.measure, one.other) == ("relevance", "b"))
    assert contrast.difference.value == contrast.difference.low == contrast.difference.high == 0.5
    assert contrast.p == 0.003906  # all 9 blocks lean one way: 2 of 512


def test_strengths_are_ranked_and_average_one_half() -> None:
    found = analysed(simulate(THREE))
    assert found.preference is not None
    names = [name for name, _ in found.preference.strengths]
    assert names == ["a", "b", "c"]
    assert sum(one.value for _, one in found.preference.strengths) == pytest.approx(1.5, abs=1e-5)
    assert all(one.low <= one.value <= one.high for _, one in found.preference.strengths)


def test_a_first_slot_pull_is_seen_as_bias_and_leaves_the_win_share_of_equals_at_one_half() -> None:
    pulled = analysed(simulate(World(slot=0.4, taste=0.0, noise=0.0))).preference
    assert pulled is not None
    assert pulled.first_slot_bias is not None
    # Equal liking, pull .4: share of the first slot 1 / (1 + exp(-1.2)) = .7685, minus .5
    assert pulled.first_slot_bias.value == pytest.approx(0.268525, abs=1e-6)
    assert pulled.pairs[0].win_share is not None
    assert pulled.pairs[0].win_share.value == pytest.approx(0.5)


def test_order_consistency_speaks_of_variants_and_not_of_copies() -> None:
    # Between a text and its copy only the slot decides: the pair is listed, but not in the panel's figure.
    found = analysed(simulate(World(worth={"a": 4.5, "b": 1.5}, slot=0.4, taste=0.1))).preference
    assert found is not None
    assert found.order_consistency is not None
    assert found.order_consistency.value > 0.99
    copies = next(pair for pair in found.pairs if "copy" in (pair.first, pair.second))
    assert copies.order_consistency is not None
    assert copies.order_consistency < 0.5


def test_replicates_are_averaged_within_a_respondent_and_add_no_respondents() -> None:
    run = simulate(World(n=6))
    again = []
    for session in run.transcripts:
        assignment = session.assignment.model_copy(update={"replicate": 1})
        responses = tuple(one.model_copy(update={"replicate": 1}) for one in session.responses)
        again.append(session.model_copy(update={"assignment": assignment, "responses": responses}))
    plan = listed(run.plan.stimuli, (*run.plan, *(one.assignment for one in again)))
    once, twice = analysed(run), analysed(replace(run, plan=plan, transcripts=(*run.transcripts, *again)))
    assert [cell.estimate for cell in twice.cells] == [cell.estimate for cell in once.cells]
    assert twice.cells[0].asked == 2 * once.cells[0].asked
    assert twice.verdict == once.verdict


def test_cuts_cover_every_segment_of_every_dimension_and_add_up_to_the_panel() -> None:
    found = analysed(simulate(THREE))
    sizes: dict[str, list[int]] = {}
    for cut in found.cuts:
        sizes.setdefault(cut.dimension, []).append(cut.n)
    assert sizes == {"icp": [24], "persona": [8, 8, 8], "role": [8, 16], "icp x persona x role": [8, 8, 8]}
    assert all(cut.leader == "a" for cut in found.cuts if cut.dimension == "icp")


def test_a_segment_of_fewer_than_five_has_figures_and_no_leader() -> None:
    found = analysed(simulate(World(worth={"a": 4.5, "b": 1.5}, n=12)))
    personas = [cut for cut in found.cuts if cut.dimension == "persona"]
    assert [cut.n for cut in personas] == [4, 4, 4]
    assert {cut.leader for cut in personas} == {None}
    assert all(cell.estimate is not None for cut in personas for cell in cut.cells)
    assert found.verdict.by_persona == ()


def test_quality_reads_the_noise_of_copies_wordings_and_respondents() -> None:
    run = simulate(World(worth={"a": 3.0, "b": 3.0}, n=6))
    # Wording w adds w / 10 to everything; the copy is asked in the next wording: 0 -> 1 -> 2 -> 0.
    values = {}
    for session in run.transcripts:
        one = session.assignment
        if isinstance(one, MonadicAssignment):
            values[f"{one.respondent}/{one.stimulus}"] = 3 + one.wording / 10
    quality = analysed(rated(run, values)).quality
    # Six respondents in three personas: wordings 0 and 1. Means -.05 and +.05 from the grand mean: SD .0707
    assert quality.wording_sd == pytest.approx(0.070711, abs=1e-6)
    assert quality.between_respondent_sd == pytest.approx(
        0.054772, abs=1e-6
    )  # 3.0 three times, 3.1 three times
    assert quality.scale_range_used == (3.0, 3.2)
    # A minus its copy is 3.0 - 3.1 or 3.1 - 3.2: always -.1
    assert quality.noise_floor == pytest.approx(0.1)
    assert quality.preference_noise_floor == 0
    assert quality.valid_mass is None


def spoken(run: Run, said: dict[str, str]) -> Run:
    """The run with reactions of some respondents to variant a."""
    sessions = []
    for session in run.transcripts:
        responses = session.responses
        name = session.assignment.respondent
        if (
            isinstance(session.assignment, MonadicAssignment)
            and session.assignment.stimulus == "a"
            and name in said
        ):
            reaction = Response(
                respondent=name,
                question="reaction",
                shown=("a",),
                answer=TextAnswer(text=said[name]),
                call_keys=(f"call1:{name}",),
            )
            responses = (reaction, *responses)
        sessions.append(session.model_copy(update={"responses": responses}))
    return replace(run, transcripts=tuple(sessions))


def test_verbatims_quote_two_for_and_two_against_from_different_personas_unaltered() -> None:
    run = simulate(World(n=6))
    names = [one.id for one in run.panel.respondents if one.arm == "target"]
    # Ratings 4.5 4.4 4.3 | 4.2 2.0 1.9; personas 0 1 2 0 1 2
    ratings = dict(zip((f"{name}/a" for name in names), (4.5, 4.4, 4.3, 4.2, 2.0, 1.9), strict=True))
    run = spoken(rated(run, ratings), {name: f'  "{name}"\n<b>said</b> ' for name in names})
    found = analysed(run).verbatims
    assert [(one.respondent, one.stance) for one in found] == [
        (names[0], "for"),
        (names[1], "for"),
        (names[5], "against"),
        (names[4], "against"),
    ]
    assert found[0].text == f'  "{names[0]}"\n<b>said</b> '
    assert found[0].call_key == f"call1:{names[0]}"
    assert [one.rating for one in found] == pytest.approx([4.5, 4.4, 1.9, 2.0])


def test_the_second_verbatim_of_a_side_comes_from_another_persona() -> None:
    run = simulate(World(n=12))
    people = [one for one in run.panel.respondents if one.arm == "target"]
    same = [one.id for one in people if one.persona == "target-0"]
    rest = [one.id for one in people if one.persona != "target-0"]
    ratings = {f"{name}/a": 5.0 for name in same} | {f"{name}/a": 3.0 for name in rest}
    found = analysed(spoken(rated(run, ratings), {one.id: one.id for one in people})).verbatims
    assert [one.persona for one in found if one.stance == "for"] == ["target-0", "target-1"]


def test_a_reaction_without_ratings_takes_no_side() -> None:
    run = simulate(World(n=6))
    name = run.panel.respondents[0].id
    run = spoken(run, {name: "Fine."})
    sessions = tuple(
        session.model_copy(
            update={"responses": tuple(one for one in session.responses if one.question != "relevance")}
        )
        for session in run.transcripts
    )
    (found,) = analysed(replace(run, transcripts=sessions)).verbatims
    assert (found.stance, found.rating) == ("unrated", None)


def test_figures_do_not_depend_on_the_order_in_which_sessions_ended() -> None:
    run = simulate(THREE)
    order = np.random.Generator(np.random.PCG64(2)).permutation(len(run.transcripts))
    mixed = replace(run, transcripts=tuple(run.transcripts[place] for place in order))
    assert analysed(mixed) == analysed(run)


def preferred(run: Run, first: str, second: str, shares: dict[str, tuple[float, float]]) -> Run:
    """The run with some respondents' shares of `first` (standing first, standing second) replaced."""
    sessions = []
    for session in run.transcripts:
        (response,) = session.responses
        if response.respondent in shares and set(response.shown) == {first, second}:
            share = shares[response.respondent][response.shown.index(first)]
            given = (share, 1 - share) if response.shown[0] == first else (1 - share, share)
            answer = ChoiceAnswer(options=response.shown, shares=given)
            response = response.model_copy(update={"answer": answer})
        sessions.append(session.model_copy(update={"responses": (response,)}))
    return replace(run, transcripts=tuple(sessions))


def target(run: Run) -> list[str]:
    return [one.id for one in run.panel.respondents if one.arm == "target"]


def found_control(analysis: Analysis, name: str) -> Control:
    return next(control for control in analysis.controls if control.name == name)


def test_a_respondent_with_an_answer_in_one_order_only_is_left_out_of_the_pair() -> None:
    run = simulate(World(worth={"a": 4.0, "b": 2.0}))
    kept = tuple(
        session
        for session in run.transcripts
        if not (session.assignment.respondent == target(run)[0] and session.responses[0].shown == ("b", "a"))
    )
    found = analysed(replace(run, transcripts=kept)).preference
    assert found is not None
    assert found.pairs[0].win_share is not None
    assert (found.pairs[0].asked, found.pairs[0].missing, found.pairs[0].win_share.n) == (48, 1, 23)


def test_a_lead_within_the_noise_floor_of_the_copies_is_no_difference() -> None:
    # a leads b by .3 for everybody; a and its copy differ by 1 either way, in turn: 0 on average, +-1 wide.
    run = simulate(World(paired=False))
    values: dict[str, float] = {}
    for place, name in enumerate(target(run)):
        values |= {f"{name}/a": 3.5, f"{name}/b": 3.2, f"{name}/copy": 4.5 if place % 2 else 2.5}
    found = analysed(rated(run, values))
    assert found.contrasts[0].p_holm < 0.01
    assert found.quality.noise_floor is not None
    assert 0.3 < found.quality.noise_floor < 0.5  # 1.71 * 1 / sqrt(24) = .35
    assert found_control(found, "duplicate").state == "passed"
    assert found.verdict.word == "no_difference"
    assert "within the noise floor" in found.verdict.reasons[0]


def test_a_copy_that_differs_by_little_passes_even_if_it_always_differs() -> None:
    run = simulate(World())
    values = {f"{name}/a": 3.5 for name in target(run)} | {f"{name}/copy": 3.42 for name in target(run)}
    assert found_control(analysed(rated(run, values)), "duplicate").state == "passed"


def test_a_copy_that_differs_by_much_but_either_way_passes() -> None:
    # Differences of +2 for 14 and -2 for 10: mean .33, above the .1 that is too little to matter.
    run = simulate(World())
    values = {f"{name}/a": 3.0 for name in target(run)}
    values |= {f"{name}/copy": 1.0 if place < 14 else 5.0 for place, name in enumerate(target(run))}
    control = found_control(analysed(rated(run, values)), "duplicate")
    assert control.estimate is not None
    assert control.estimate.value > 0.1
    assert control.state == "passed"


def test_a_decoy_that_is_rated_low_but_preferred_in_pairs_fails() -> None:
    run = simulate(THREE)
    found = found_control(
        analysed(preferred(run, "a", "decoy", dict.fromkeys(target(run), (0.3, 0.2)))), "decoy"
    )
    assert found.state == "failed"
    assert found.found.startswith("Pairs of 'a' against decoy 'decoy': 25%")


def test_a_decoy_that_may_be_as_good_fails_even_if_its_mean_is_lower() -> None:
    run = simulate(World())
    values: dict[str, float] = {}
    for place, name in enumerate(target(run)):
        values |= {f"{name}/a": 3.0, f"{name}/b": 3.0, f"{name}/decoy": 1.0 if place < 14 else 5.0}
    control = found_control(analysed(rated(run, values)), "decoy")
    assert control.estimate is not None
    assert control.estimate.value > 0.1
    assert control.state == "failed"


def test_p_values_are_corrected_for_the_number_of_variants_on_one_measure() -> None:
    found = analysed(simulate(THREE))
    for measure in ("preference", "relevance"):
        raw, corrected = zip(
            *((one.p, one.p_holm) for one in found.contrasts if one.measure == measure), strict=True
        )
        assert min(corrected) == pytest.approx(2 * min(raw))  # Holm: the smaller of two is doubled


def test_a_segment_has_a_leader_only_beyond_the_floor_and_above_zero() -> None:
    run = simulate(World(n=24))
    small = dict.fromkeys(target(run), (0.53, 0.53))
    torn = {name: (0.95, 0.95) if place % 8 < 5 else (0.0, 0.0) for place, name in enumerate(target(run))}
    sure = dict.fromkeys(target(run), (0.7, 0.7))
    leaders = [
        {cut.leader for cut in analysed(preferred(run, "a", "b", shares)).cuts if cut.dimension == "icp"}
        for shares in (small, torn, sure)
    ]
    # 53% is below the rule's 55%; 15 of 24 at .95 are 59%, lead .094 with a standard error of .096.
    assert leaders == [{None}, {None}, {"a"}]


def test_weights_count_in_the_strengths() -> None:
    run = simulate(World(n=2, personas=1))
    one, other = target(run)
    run = preferred(run, "a", "b", {one: (1, 1), other: (0, 0)})
    heavy = run.panel.respondents[0].model_copy(update={"weight": 3.0})
    panel = run.panel.model_copy(update={"respondents": (heavy, *run.panel.respondents[1:])})
    found = analysed(replace(run, panel=panel)).preference
    assert found is not None
    # Wins 3 to 1, with half a win for each: 3.5 / 5
    assert dict(found.strengths)["a"].value == pytest.approx(0.7)


def test_another_seed_draws_the_panel_again_otherwise() -> None:
    run = simulate(THREE)
    other = replace(run, study=run.study.model_copy(update={"seed": 99}))
    one, two = analysed(run).cells[0].estimate, analysed(other).cells[0].estimate
    assert one is not None
    assert two is not None
    assert one.value == two.value
    assert (one.low, one.high) != (two.low, two.high)


def test_anti_icp_buyers_who_may_rate_as_high_fail_the_control_even_if_their_mean_is_lower() -> None:
    run = simulate(World())
    values = {f"{name}/{variant}": 3.2 for name in target(run) for variant in "ab"}
    anti = [one.id for one in run.panel.respondents if one.arm == "anti"]
    # Seven at 1 and five at 5: mean 2.67, .53 below the target, standard error 2.06 / sqrt(12) = .59
    values |= {f"{name}/{v}": 1.0 if place < 7 else 5.0 for place, name in enumerate(anti) for v in "ab"}
    control = found_control(analysed(rated(run, values)), "anti_icp")
    assert control.estimate is not None
    assert control.estimate.value == pytest.approx(0.533333)
    assert control.estimate.n == 36
    assert control.state == "failed"


def test_valid_mass_is_that_of_the_weaker_kind_of_answer() -> None:
    run = simulate(World(valid_mass=0.9))
    sessions = []
    for session in run.transcripts:
        (response,) = session.responses
        if response.answer.kind == "choice":
            weak = response.answer.model_copy(update={"valid_mass": 0.6})
            response = response.model_copy(update={"answer": weak})
        sessions.append(session.model_copy(update={"responses": (response,)}))
    assert analysed(replace(run, transcripts=tuple(sessions))).quality.valid_mass == 0.6
