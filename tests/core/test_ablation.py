from collections.abc import Callable, Iterator

import pytest

from panelsim.analysis.ablation import AblationHearing, analyse_ablation
from panelsim.errors import InputError
from panelsim.model.analysis import AblationAnalysis
from panelsim.model.panel import Panel, Respondent
from panelsim.model.plan import Assignment, InterviewAssignment, MonadicAssignment, Transcript
from panelsim.model.response import AnswerOrMissing, Missing, Response
from panelsim.model.study import AblationStudy, Carried, Stimulus
from panelsim.planning.ablation import add_twins
from panelsim.planning.draw import draw_panel
from panelsim.planning.plan import plan_study
from panelsim.reporting.ablation import ablation_report
from panelsim.reporting.gleaning import glean
from panelsim.reporting.markdown import render_markdown
from tests import builders
from tests.core.simulated import rating_answer
from tests.profiles import persona, sources

Opinion = Callable[[Respondent, MonadicAssignment], float]
STIMULI = (Stimulus(id="a", text="Ship on Friday"), Stimulus(id="b", text="Sleep on Sunday"))


def study(carried: Carried = "both", replicates: int = 1) -> AblationStudy:
    return AblationStudy(id="s", n=12, stimuli=STIMULI, carried=carried, replicates=replicates)


def panel(asked: AblationStudy) -> Panel:
    return add_twins(draw_panel(sources(persona("boss"), persona("clerk")), asked.n, 3), asked)


def transcripts(
    asked: AblationStudy, people: Panel, opinion: Opinion, missing: frozenset[str] = frozenset()
) -> Iterator[Transcript]:
    by_id = {one.id: one for one in people.respondents}
    for assignment in plan_study(asked, people):
        assert isinstance(assignment, MonadicAssignment)
        answer: AnswerOrMissing = rating_answer(opinion(by_id[assignment.respondent], assignment))
        if assignment.respondent in missing:
            answer = Missing(reason="refused")
        yield said(assignment, answer, asked.measure)


def said(assignment: Assignment, answer: AnswerOrMissing, measure: str) -> Transcript:
    response = Response(
        respondent=assignment.respondent,
        question=measure,
        shown=assignment.shown,
        answer=answer,
        call_keys=(),
    )
    return Transcript(assignment=assignment, turns=(), responses=(response,))


def analysed(opinion: Opinion, asked: AblationStudy | None = None) -> AblationAnalysis:
    asked = asked or study()
    people = panel(asked)
    hearing = AblationHearing(asked, people)
    for one in transcripts(asked, people, opinion):
        hearing.hear(one)
    return analyse_ablation(hearing)


def share(found: AblationAnalysis, name: str) -> float:
    return next(one.share.value for one in (*found.sources, *found.swapped) if one.name == name)


def test_twins_differ_from_their_originals_in_traits_alone() -> None:
    people = panel(study()).respondents
    originals = {one.id: one for one in people if one.twin is None}
    assert [one.twin.treatment if one.twin else "on" for one in people] == ["on"] * 12 + ["off"] * 12 + [
        "shuffled"
    ] * 12
    for twin in people:
        if twin.twin is not None:
            same = originals[twin.twin.of]
            change = {"id": same.id, "twin": None, "traits": same.traits, "decision": same.decision}
            assert twin.model_copy(update=change) == same


def test_nobody_keeps_their_own_traits_and_every_donor_gives_once() -> None:
    people = panel(study()).respondents
    swapped = [one for one in people if one.twin is not None and one.twin.treatment == "shuffled"]
    donors = [one.twin.traits_of for one in swapped if one.twin]
    assert sorted(donors) == sorted(one.id for one in people if one.twin is None)
    assert all(one.twin.of != one.twin.traits_of for one in swapped if one.twin)
    by_id = {one.id: one for one in people}
    assert all(one.traits == by_id[one.twin.traits_of].traits for one in swapped if one.twin)


def test_what_is_not_carried_stays() -> None:
    for one in panel(study("traits")).respondents[12:]:
        assert one.twin is not None
        assert one.decision == next(p.decision for p in panel(study()).respondents if p.id == one.twin.of)


def test_three_respondents_are_too_few_to_swap() -> None:
    drawn = draw_panel(sources(), 3, 1)
    with pytest.raises(InputError, match="3 respondents, expected at least 4"):
        add_twins(drawn, study())


def test_every_question_is_asked_of_everybody_in_every_wording_once_per_replicate() -> None:
    asked = study(replicates=2)
    plan = plan_study(asked, panel(asked))
    assert len(plan) == 36 * 2 * 3 * 2  # twins and originals x stimuli x wordings x replicates
    one = [a for a in plan.assignments_of(0, 1) if isinstance(a, MonadicAssignment)]
    assert len({(a.stimulus, a.replicate) for a in one}) == len(one)
    assert {(a.wording, a.replicate % 3) for a in one} == {(0, 0), (1, 1), (2, 2)}


def test_a_respondent_who_follows_its_traits_is_seen_to() -> None:
    found = analysed(lambda who, a: 3 + 0.5 * who.traits.extraversion + (a.stimulus == "a") * 0.1)
    assert share(found, "carried") > 0.5
    assert share(found, "carried_stimulus") == pytest.approx(0, abs=1e-9)
    moved = [row.moved.value for row in found.treatments if row.moved]
    assert min(moved) > 0.15


def test_a_respondent_who_ignores_its_traits_is_seen_to() -> None:
    found = analysed(lambda who, a: 2 + who.company.headcount % 3 * 0.4 + (a.stimulus == "b") * 0.5)
    assert share(found, "carried") == share(found, "carried_stimulus") == 0
    assert share(found, "stimulus") > 0.2
    assert share(found, "respondent") > 0.2
    assert {row.leader for row in found.treatments} == {"b"}
    assert all(row.moved is None or row.moved.value == 0 for row in found.treatments)


def test_traits_that_reorder_the_stimuli_are_told_from_traits_that_lift_them() -> None:
    found = analysed(lambda who, a: 3 + (1 if a.stimulus == "a" else -1) * 0.4 * who.traits.openness)
    assert share(found, "carried_stimulus") > 0.5
    assert share(found, "carried") < 0.1


def test_wording_and_chance_are_told_apart() -> None:
    asked = study(replicates=2)
    found = analysed(lambda _, a: 2 + 0.8 * a.wording, asked)
    assert share(found, "wording") == pytest.approx(1)
    assert found.replicate_noise == 0
    noisy = analysed(lambda _, a: 3 + (0.5 if a.replicate >= 3 else -0.5), asked)
    assert share(noisy, "replicate") == pytest.approx(1)
    assert noisy.replicate_noise == pytest.approx(1.0)


def test_missing_answers_leave_their_respondent_out_and_are_counted() -> None:
    asked, lost = study(), "boss-02.off"
    people = panel(asked)
    hearing = AblationHearing(asked, people)
    for one in transcripts(asked, people, lambda who, _: 3 + 0.2 * who.traits.openness, frozenset({lost})):
        hearing.hear(one)
    found = analyse_ablation(hearing)
    assert (found.respondents, found.complete) == (12, 11)
    assert (found.asked, found.missing) == (36 * 6, 6)
    assert found.missing_reasons == (("refused", 6),)


def test_sessions_that_were_not_held_count_as_failed() -> None:
    asked = study()
    found = analyse_ablation(AblationHearing(asked, panel(asked)))
    assert found.missing_reasons == (("failed", 36 * 6),)
    assert not found.sources
    assert not found.swapped
    assert not found.treatments


def test_a_transcript_that_was_not_planned_is_refused() -> None:
    asked = study()
    hearing = AblationHearing(asked, panel(asked))
    with pytest.raises(InputError, match=r"'boss-01' \(interview\), which the plan does not hold"):
        hearing.hear(said(InterviewAssignment(respondent="boss-01"), Missing(reason="refused"), "relevance"))


def test_the_report_says_what_the_traits_do() -> None:
    asked = study()
    people = panel(asked)
    all_said = list(transcripts(asked, people, lambda who, _: 3 + 0.5 * who.traits.extraversion))
    hearing = AblationHearing(asked, people)
    for one in all_said:
        hearing.hear(one)
    found = analyse_ablation(hearing)
    report = ablation_report(asked, people, glean(asked, people, all_said), found, builders.facts())
    text = render_markdown(report)
    assert "Traits and decision parameters carry" in text
    assert "Swapping them: how high a respondent rates" in text
    assert "Without traits and decision parameters a rating moves by" in text
