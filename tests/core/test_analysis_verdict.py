from dataclasses import replace

import numpy as np
import pytest

from panelsim.analysis import analyse
from panelsim.errors import InputError
from panelsim.metrics.inference import sign_flip_p
from panelsim.model.analysis import Analysis, ControlName, ControlState
from panelsim.model.plan import Transcript
from panelsim.model.study import Controls
from panelsim.planning.plan import plan_study
from tests.builders import listed
from tests.core.simulated import Run, World, rating_answer, simulate

STRONG = World(worth={"a": 3.8, "b": 3.0})


def analysed(world: World, seed: int = 1) -> Analysis:
    return analysed_run(simulate(world, seed))


def analysed_run(run: Run) -> Analysis:
    return analyse(run.study, run.panel, run.plan, run.transcripts, draws=400)


def state(analysis: Analysis, name: ControlName) -> ControlState:
    return next(control.state for control in analysis.controls if control.name == name)


def test_a_strong_winner_is_a_clear_lead_and_every_control_passes() -> None:
    found = analysed(STRONG)
    assert found.verdict.word == "clear_lead"
    assert found.verdict.leader == "a"
    assert found.verdict.not_separable == ()
    assert {control.state for control in found.controls} == {"passed"}
    assert found.verdict.next_step.startswith("Ship 'a'")


def test_the_winner_is_the_same_wherever_it_stands_in_the_study() -> None:
    assert analysed(World(worth={"b": 3.0, "a": 3.8})).verdict.leader == "a"


def test_the_same_transcripts_give_the_same_analysis() -> None:
    run = simulate(STRONG)
    assert analysed_run(run) == analysed_run(run)


def test_an_always_first_panel_cannot_say_and_reads_as_position_alone() -> None:
    found = analysed(replace(STRONG, always_first=True))
    assert found.preference is not None
    assert found.preference.first_slot_bias is not None
    assert found.preference.order_consistency is not None
    assert found.preference.first_slot_bias.value == 0.5
    assert found.preference.order_consistency.value == 0
    assert [pair.win_share.value for pair in found.preference.pairs if pair.win_share] == [0.5, 0.5, 0.5]
    assert found.verdict.word == "cannot_say"
    assert any("0% of the preference in pairs survived" in reason for reason in found.verdict.reasons)


def test_a_preferred_decoy_voids_the_verdict_and_is_named_first() -> None:
    found = analysed(replace(STRONG, decoy=4.3))
    assert state(found, "decoy") == "failed"
    assert found.verdict.word == "cannot_say"
    assert found.verdict.reasons[0].startswith("Control decoy failed")
    assert "'decoy'" in found.verdict.reasons[0]


def test_buyers_who_ignore_the_icp_void_the_verdict() -> None:
    found = analysed(replace(STRONG, anti=0.0))
    assert state(found, "anti_icp") == "failed"
    assert found.verdict.word == "cannot_say"


def test_shuffled_words_that_please_as_much_void_the_verdict() -> None:
    found = analysed(replace(STRONG, shuffled=3.9))
    assert state(found, "shuffled") == "failed"
    assert found.verdict.word == "cannot_say"


def test_a_copy_rated_otherwise_than_its_original_voids_the_verdict() -> None:
    run = simulate(STRONG)
    far = analysed_run(relabelled(run, "decoy", "copy"))
    assert state(far, "duplicate") == "failed"
    assert far.verdict.word == "cannot_say"


def relabelled(run: Run, one: str, other: str) -> Run:
    """The run with the answers to two stimuli exchanged."""
    swap = {one: other, other: one}
    sessions = []
    for session in run.transcripts:
        (response,) = session.responses
        shown = tuple(swap.get(name, name) for name in response.shown)
        answer = response.answer
        if answer.kind == "choice":
            answer = answer.model_copy(update={"options": shown})
        changed = response.model_copy(update={"shown": shown, "answer": answer})
        sessions.append(session.model_copy(update={"responses": (changed,)}))
    return replace(run, transcripts=tuple(sessions))


def test_a_third_of_the_answers_missing_cannot_say() -> None:
    found = analysed(replace(STRONG, missing=0.3))
    assert found.verdict.word == "cannot_say"
    assert any("of all answers are missing" in reason for reason in found.verdict.reasons)


def test_missing_pairs_cannot_hide_among_many_ratings() -> None:
    run = simulate(STRONG)
    kept = [session for session in run.transcripts if session.assignment.kind == "monadic"]
    pairs = [session for session in run.transcripts if session.assignment.kind == "paired"]
    found = analysed_run(replace(run, transcripts=(*kept, *pairs[len(pairs) // 4 :])))
    assert found.quality.missing / found.quality.asked > 0.1
    assert any("of the pairs are missing" in reason for reason in found.verdict.reasons)


def test_a_planned_session_that_was_not_held_is_missing_as_failed() -> None:
    run = simulate(STRONG)
    found = analysed_run(replace(run, transcripts=run.transcripts[1:]))
    assert found.quality.missing_reasons == (("failed", 1),)
    assert found.quality.asked == len(run.plan)


def test_answers_that_lay_outside_the_scale_cannot_say() -> None:
    found = analysed(replace(STRONG, valid_mass=0.4))
    assert found.quality.valid_mass == 0.4
    assert any("40% of the answer probability" in reason for reason in found.verdict.reasons)


def test_ratings_that_contradict_the_pairs_cannot_say() -> None:
    run = simulate(STRONG)
    sessions = []
    for session in run.transcripts:
        (response,) = session.responses
        if response.answer.kind == "choice" and set(response.shown) == {"a", "b"}:
            turned = response.answer.model_copy(update={"shares": response.answer.shares[::-1]})
            response = response.model_copy(update={"answer": turned})
        sessions.append(session.model_copy(update={"responses": (response,)}))
    found = analysed_run(replace(run, transcripts=tuple(sessions)))
    assert found.verdict.leader == "b"
    assert found.verdict.word == "cannot_say"
    assert any("the ratings of relevance favour 'a'" in reason for reason in found.verdict.reasons)


@pytest.mark.parametrize("name", ["duplicate", "decoy", "shuffled", "anti_icp"])
def test_a_control_switched_off_limits_a_clear_lead_to_a_lean(name: ControlName) -> None:
    found = analysed(replace(STRONG, controls=Controls.model_validate({name: False})))
    assert state(found, name) == "off"
    assert found.verdict.word == "lean"
    assert f"Without the control {name}" in found.verdict.reasons[0]


def test_a_control_without_answers_is_not_computed_and_never_passed() -> None:
    run = simulate(STRONG)
    kept = tuple(session for session in run.transcripts if session.responses[0].shown != ("mixed",))
    found = analysed_run(replace(run, transcripts=kept))
    assert state(found, "shuffled") == "not_computed"
    assert found.verdict.word == "cannot_say"


def test_a_control_that_was_never_planned_is_not_computed() -> None:
    run = simulate(STRONG)
    plan = listed(
        tuple(one for one in run.plan.stimuli if one.role != "shuffled"),
        (one for one in run.plan if one.kind != "monadic" or one.stimulus != "mixed"),
    )
    kept = tuple(session for session in run.transcripts if session.responses[0].shown != ("mixed",))
    found = analysed_run(replace(run, plan=plan, transcripts=kept))
    assert state(found, "shuffled") == "not_computed"


def test_ratings_alone_decide_where_no_pairs_are_asked() -> None:
    found = analysed(replace(STRONG, paired=False))
    assert found.preference is None
    assert {contrast.measure for contrast in found.contrasts} == {"relevance"}
    assert found.verdict.word == "clear_lead"


def test_pairs_alone_decide_where_no_ratings_are_asked_and_give_a_lean_at_most() -> None:
    found = analysed(replace(STRONG, monadic=False))
    assert {contrast.measure for contrast in found.contrasts} == {"preference"}
    assert state(found, "shuffled") == state(found, "anti_icp") == "off"
    assert found.verdict.word == "lean"


def test_two_equal_leaders_above_a_third_are_no_difference_and_the_third_is_separable() -> None:
    found = analysed(World(worth={"a": 3.6, "b": 3.6, "c": 2.8}, taste=0.2))
    assert found.verdict.word == "no_difference"
    assert found.verdict.leader in {"a", "b"}
    assert len(found.verdict.not_separable) == 1
    assert "c" not in found.verdict.not_separable


def test_a_lead_too_small_to_matter_is_no_difference_however_certain() -> None:
    # Liking differs by .02 with hardly any noise: p is small, but 51.5% of pairs is below the rule's 55%.
    found = analysed(World(worth={"a": 3.22, "b": 3.2}, taste=0.001, noise=0.001))
    assert found.contrasts[0].p_holm < 0.01
    assert found.verdict.word == "no_difference"
    assert found.verdict.not_separable == ("b",)


def test_personas_that_prefer_different_texts_ask_for_a_split_message() -> None:
    likes = {("target-0", "a"): 1.2, ("target-1", "b"): 1.2}
    found = analysed(World(worth={"a": 3.0, "b": 3.0}, by_persona=likes))
    assert dict(found.verdict.by_persona)["target-0"] == "a"
    assert dict(found.verdict.by_persona)["target-1"] == "b"
    assert found.verdict.next_step.startswith("Split the message")


def test_equal_variants_win_clearly_in_at_most_five_of_a_hundred_panels() -> None:
    # The decision alone, without the rest of the analysis: p < .05 and a mean win share above .55.
    rng = np.random.Generator(np.random.PCG64(11))
    shares = 1 / (1 + np.exp(-3 * 0.5 * rng.standard_normal((400, 24)))) - 0.5
    winners = [abs(row.mean()) > 0.05 and sign_flip_p(row, rng, 999) < 0.05 for row in shares]
    assert 0.02 <= np.mean(winners) <= 0.05 + 2 * 0.011  # two standard errors of a 5% share of 400


def test_equal_variants_rarely_win_clearly_in_whole_runs() -> None:
    words = [analysed(World(), seed).verdict.word for seed in range(60)]
    assert words.count("clear_lead") <= 3  # 5% of 60; docs/design/verdict.md has 400 runs
    assert words.count("no_difference") > 30


def test_one_respondent_gives_intervals_over_the_whole_range_and_no_verdict() -> None:
    run = simulate(World(n=2, personas=1))
    first = run.panel.respondents[0].id
    panel = run.panel.model_copy(update={"respondents": run.panel.respondents[:1]})
    kept = tuple(session for session in run.transcripts if session.assignment.respondent == first)
    plan = listed(run.plan.stimuli, (session.assignment for session in kept))
    found = analysed_run(replace(run, panel=panel, plan=plan, transcripts=kept))
    assert found.cells[0].estimate is not None
    assert (found.cells[0].estimate.low, found.cells[0].estimate.high) == (1, 5)
    assert found.verdict.word == "cannot_say"


def test_a_run_without_any_answer_cannot_say_and_names_no_leader() -> None:
    run = simulate(STRONG)
    found = analysed_run(replace(run, transcripts=()))
    assert found.verdict.word == "cannot_say"
    assert found.verdict.leader is None
    assert found.quality.missing == found.quality.asked
    assert all(cell.estimate is None for cell in found.cells)
    assert {control.state for control in found.controls} == {"not_computed"}


def test_a_rule_on_a_measure_that_is_not_asked_is_refused() -> None:
    run = simulate(STRONG)
    study = run.study.model_copy(update={"measures": ("clarity",)})
    with pytest.raises(InputError, match="the rule's measure 'relevance' is not in"):
        analysed_run(replace(run, study=study))


def test_a_transcript_of_a_stranger_is_refused() -> None:
    run = simulate(STRONG)
    panel = run.panel.model_copy(update={"respondents": run.panel.respondents[1:]})
    with pytest.raises(InputError, match=r"\['target-0-00'\], who are not in panel"):
        analysed_run(replace(run, panel=panel))


def test_a_lead_in_pairs_against_which_the_ratings_point_is_a_lean_at_most() -> None:
    # Pairs follow b's lead of .6; the ratings of b are lowered by .65 and point to a, not significantly.
    run = simulate(World(worth={"a": 3.2, "b": 3.8}))
    sessions = []
    for session in run.transcripts:
        (response,) = session.responses
        if response.answer.kind == "rating" and response.shown == ("b",):
            lowered = rating_answer(response.answer.value - 0.65)
            response = response.model_copy(update={"answer": lowered})
        sessions.append(session.model_copy(update={"responses": (response,)}))
    found = analysed_run(replace(run, transcripts=tuple(sessions)))
    by_measure = {contrast.measure: contrast for contrast in found.contrasts}
    assert by_measure["relevance"].difference.value < 0
    assert by_measure["relevance"].p_holm > 0.05
    assert by_measure["preference"].p_holm < 0.05
    assert found.verdict.word == "lean"


def test_a_transcript_that_shows_an_unplanned_stimulus_is_refused() -> None:
    run = simulate(STRONG)
    plan = replace(run.plan, stimuli=run.plan.stimuli[:-1])
    with pytest.raises(InputError, match=r"transcripts show \['mixed'\], which the plan does not hold"):
        analysed_run(replace(run, plan=plan))


def test_the_plan_that_panelsim_makes_gives_every_control_something_to_read() -> None:
    run = simulate(STRONG)
    planned = plan_study(run.study, run.panel, ("Solutions for solutions",))
    renamed = {"control-duplicate": "copy", "control-decoy": "decoy", "control-shuffled": "mixed"}
    known = {
        (session.assignment.respondent, session.responses[0].shown, session.responses[0].question): session
        for session in run.transcripts
    }
    sessions = []
    for one in planned:
        assert one.kind == "monadic" or one.kind == "paired"
        shown = (one.stimulus,) if one.kind == "monadic" else (one.first, one.second)
        question = "relevance" if one.kind == "monadic" else "preference"
        old = known[one.respondent, tuple(renamed.get(name, name) for name in shown), question].responses[0]
        answer = old.answer
        if answer.kind == "choice":
            answer = answer.model_copy(update={"options": shown})
        response = old.model_copy(update={"shown": shown, "answer": answer, "wording": one.wording})
        sessions.append(Transcript(assignment=one, turns=(), responses=(response,)))
    found = analysed_run(replace(run, plan=planned, transcripts=tuple(sessions)))
    assert {control.state for control in found.controls} == {"passed"}
    assert "Pairs of 'a' against decoy" in next(one.found for one in found.controls if one.name == "decoy")
    assert found.quality.missing == 0
    assert found.verdict.word == "clear_lead"
