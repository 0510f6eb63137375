"""Concept tests: one plan, analysis and report with headline tests; a longer stimulus and a battery."""

import pytest
from pydantic import ValidationError

from panelsim.analysis import analyse
from panelsim.errors import InputError
from panelsim.model.analysis import Analysis
from panelsim.model.call import Call, ChatCall
from panelsim.model.plan import MonadicAssignment, PairedAssignment
from panelsim.model.report import Report, TopBox
from panelsim.model.study import BATTERY, ConceptTest, Design, Elicitation, MessageTest, Stimulus
from panelsim.reporting.build import build_report
from panelsim.reporting.words import label_of
from tests import builders
from tests.core.asked import few, job_of, transcripts_and_calls, transcripts_of

GUARD = Stimulus(
    id="guard",
    name="Forecast Guard",
    text="Reads the CRM each night and marks every deal in the sales pipeline whose forecast will slip.\n"
    "Sales managers see the risk before the forecast call.\nFor 60 reps: 24,000 dollars a year.",
)
COACH = Stimulus(
    id="coach",
    name="Quota Coach",
    text="Listens to sales calls and tells each rep which deal in the pipeline lacks a next step. "
    "Works with the CRM that the reps already use. For 60 reps: 18,000 dollars a year.",
)


def study_of(*concepts: Stimulus, n: int = 12) -> ConceptTest:
    return ConceptTest.model_validate(
        {"id": "concepts", "n": n, "stimuli": [one.model_dump() for one in concepts]}
    )


def analysis_of(study: ConceptTest, mind: str, elicit: Elicitation = "logprob") -> Analysis:
    job = job_of(study, mind=mind, elicit=elicit)
    return analyse(study, job.panel, job.plan, transcripts_of(job), draws=200)


def concept_report() -> Report:
    """Two concepts, with few of the transcripts."""
    study = study_of(GUARD, COACH, n=6)
    job = job_of(study)
    said = transcripts_of(job)
    analysis = analyse(study, job.panel, job.plan, said, draws=200)
    shown = few(said, (0, 5, 6))
    return build_report(study, job.panel, job.plan, shown, analysis, builders.facts(), job.sources.personas)


def test_every_concept_is_rated_on_the_battery_and_compared_in_both_orders() -> None:
    plan = job_of(study_of(GUARD, COACH)).plan
    alone = [one for one in plan if isinstance(one, MonadicAssignment) and one.stimulus == "guard"]
    assert alone[0].measures == BATTERY
    pairs = {one.shown for one in plan if isinstance(one, PairedAssignment)}
    assert {("guard", "coach"), ("coach", "guard"), ("guard", "control-decoy")} <= pairs


def test_a_concept_is_shown_by_name_and_whole_and_never_called_a_headline() -> None:
    calls: list[Call] = []
    transcripts_and_calls(job_of(study_of(GUARD, COACH, n=2)), calls)
    shown = [call.messages[-1].content for call in calls if isinstance(call, ChatCall)]
    assert any(f'Concept: "Forecast Guard. {GUARD.text}"' in text for text in shown)
    assert any(f'A: "Quota Coach. {COACH.text}"\nB: "Forecast Guard. {GUARD.text}"' in text for text in shown)
    prompts = "\n".join(
        message.content for call in calls if isinstance(call, ChatCall) for message in call.messages
    )
    assert "eadline" not in prompts


@pytest.mark.parametrize("elicit", ["logprob", "direct", "reaction"])
def test_every_elicitation_gives_an_answer_to_every_question(elicit: Elicitation) -> None:
    said = transcripts_of(job_of(study_of(GUARD, COACH, n=2), elicit=elicit))
    assert {one.answer.kind for transcript in said for one in transcript.responses} == {
        "rating",
        "choice",
        "text",
    }


def test_a_first_slot_respondent_gets_no_verdict() -> None:
    verdict = analysis_of(study_of(GUARD, COACH), "always-first").verdict
    assert verdict.word == "cannot_say"
    assert any("survived a swap" in reason for reason in verdict.reasons)


def test_a_respondent_who_ignores_the_buyer_gets_no_verdict() -> None:
    found = analysis_of(study_of(GUARD, COACH), "blind")
    assert found.verdict.word == "cannot_say"
    assert {one.name: one.state for one in found.controls}["anti_icp"] == "failed"


def test_the_top_two_boxes_have_an_interval_around_their_mean() -> None:
    found = analysis_of(study_of(GUARD, COACH), "noisy")
    boxes = {one.stimulus: one for one in found.cells if one.measure == "purchase_intent"}
    box = boxes["guard"].top_box
    assert box is not None
    assert box.value == pytest.approx(boxes["guard"].top_two, abs=1e-6)
    assert box.low < box.value < box.high
    assert all(one.top_box is None for one in found.cells if one.measure == "relevance")


def test_one_concept_stands_against_its_decoy_and_in_no_pair_with_another() -> None:
    study = study_of(GUARD)
    assert not any(isinstance(one, PairedAssignment) for one in job_of(study).plan)
    found = analysis_of(study, "sensible")
    assert found.verdict.word == "clear_lead"
    assert [(one.leader, one.other) for one in found.contrasts] == [("guard", "control-decoy")]
    assert "nothing more is known" in found.verdict.next_step


def test_one_concept_that_is_no_better_than_the_decoy_gets_no_verdict() -> None:
    assert analysis_of(study_of(GUARD), "agreeable").verdict.word == "cannot_say"


def test_one_concept_without_a_decoy_has_nothing_to_be_held_against() -> None:
    study = study_of(GUARD)
    study = study.model_copy(update={"controls": study.controls.model_copy(update={"decoy": False})})
    verdict = analysis_of(study, "sensible").verdict
    assert verdict.word == "cannot_say"
    assert "no decoy" in verdict.reasons[0]


def test_pairs_of_one_concept_are_refused() -> None:
    with pytest.raises(ValidationError, match="has no other to stand in a pair with"):
        ConceptTest(id="one", stimuli=(GUARD,), design=Design(paired=True))


def test_a_concept_may_have_5000_characters_and_a_headline_2000() -> None:
    long = Stimulus(id="long", text="word " * 1000)
    assert study_of(long).stimuli[0].text == long.text
    with pytest.raises(ValidationError, match="has 5,000 characters, expected at most 2,000"):
        MessageTest(id="m", stimuli=(long, GUARD))
    with pytest.raises(ValidationError, match="at most 5000"):
        Stimulus(id="longer", text="word " * 1001)


def test_a_rule_that_is_stated_in_part_still_reads_purchase_intent() -> None:
    fields = {"id": "c", "stimuli": [GUARD.model_dump()], "rule": {"alpha": 0.01}}
    assert ConceptTest.model_validate(fields).rule.measure == "purchase_intent"


def test_the_decoy_is_a_concept_of_its_own_file() -> None:
    (decoy,) = (one for one in job_of(study_of(GUARD)).plan.stimuli if one.role == "decoy")
    assert len(decoy.text.split()) > 30


def test_two_concepts_of_the_same_text_are_refused() -> None:
    with pytest.raises(InputError, match="are the same concept"):
        job_of(study_of(GUARD, COACH.model_copy(update={"text": GUARD.text})))


def test_the_report_names_concepts_and_holds_them_whole() -> None:
    report = concept_report()
    (box,) = (section for section in report.measured if isinstance(section, TopBox))
    names = {row.stimulus.name for row in box.rows if row.stimulus.role == "variant"}
    assert names == {"Forecast Guard", "Quota Coach"}
    assert {row.stimulus.text for row in box.rows} >= {GUARD.text, COACH.text}
    assert label_of(Stimulus(id="x", text="word " * 900)).endswith("…")
