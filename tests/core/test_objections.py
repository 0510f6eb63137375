"""Objections that a persona's file expects, looked for in what respondents say."""

import pytest

from panelsim.analysis.objections import like
from panelsim.model.plan import MonadicAssignment, Transcript
from panelsim.model.report import Report
from panelsim.model.response import Response, TextAnswer
from panelsim.reporting.build import build_interview_report, build_report
from panelsim.reporting.gleaning import glean
from panelsim.reporting.markdown import render_markdown
from tests import builders
from tests.profiles import persona

EXPECTED = ("no time for a rollout this quarter", "reps will not use one more tool")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        # content words, cut to five letters: time rollo quart | reps use tool
        ("We have no time before the quarter ends.", EXPECTED[0]),  # 2 of 3
        ("My reps hate every tool.", EXPECTED[1]),  # 2 of 3
        ("It takes time.", None),  # 1 of 3
        ("Sounds useful.", None),
    ],
)
def test_words_are_like_an_objection_if_they_share_half_of_its_content(said: str, found: str | None) -> None:
    assert like(said, EXPECTED) == found


def reaction(respondent: str, text: str) -> Transcript:
    assignment = MonadicAssignment(
        respondent=respondent, stimulus="outcome", measures=(), open_questions=True, wording=0
    )
    said = Response(
        respondent=respondent, question="reaction", shown=("outcome",), answer=TextAnswer(text=text),
        call_keys=("call1:abc",),
    )  # fmt: skip
    return Transcript(assignment=assignment, turns=(), responses=(said,))


def test_expected_objections_are_counted_beside_all_reactions_of_their_persona() -> None:
    panel = builders.panel()
    one, other = [who for who in panel.respondents if who.arm == "target"][:2]
    buyer = persona(one.persona).model_copy(update={"objections": EXPECTED})
    said = [
        reaction(one.id, "No time this quarter, sorry."),
        reaction(one.id, "I like it."),
        reaction(other.id, "No time this quarter."),  # of another persona, unless it is the same
    ]
    of = sum(panel.people()[transcript.assignment.respondent].persona == one.persona for transcript in said)
    raised = 1 + (other.persona == one.persona)
    found = glean(builders.message_test(), panel, said, (buyer,)).objections
    assert [(each.expected, each.raised, each.of) for each in found] == [
        (EXPECTED[0], raised, of),
        (EXPECTED[1], 0, of),
    ]
    assert found[0].quote is not None
    assert found[0].quote.text == "No time this quarter, sorry."
    assert found[1].quote is None


def report_of(text: str) -> Report:
    panel = builders.panel()
    who = next(one for one in panel.respondents if one.arm == "target")
    buyer = persona(who.persona).model_copy(update={"objections": EXPECTED})
    return build_report(
        builders.message_test(), panel, builders.plan(), [reaction(who.id, text)], builders.analysis(),
        builders.facts(), (buyer,),
    )  # fmt: skip


def test_the_report_shows_what_was_expected_beside_what_was_raised() -> None:
    text = render_markdown(report_of("There is no time this quarter."))
    assert "## Objections expected and raised" in text
    assert "| no time for a rollout this quarter | 1 of 1 | “There is no time this quarter." in text
    assert "| reps will not use one more tool | 0 of 1 |" in text


def test_interview_answers_are_looked_through_too() -> None:
    panel, said = builders.panel(), builders.interviews()
    asked = {transcript.assignment.respondent for transcript in said}
    buyers = {who.persona for who in panel.respondents if who.id in asked}
    personas = tuple(persona(name).model_copy(update={"objections": EXPECTED}) for name in sorted(buyers))
    report = build_interview_report(builders.interview_study(), panel, said, builders.facts(), personas)
    (section,) = [one for one in report.told if one.kind == "objections"]
    assert section.said_in == "answers"
    assert all(one.of > 0 for one in section.heard)
