from typing import TypeVar

import pytest

from panelsim.model.analysis import VerdictWord
from panelsim.model.report import (
    Answer,
    Comprehension,
    Cuts,
    Limits,
    Overview,
    Report,
    Respondents,
    Scores,
    Transcripts,
    Trust,
    Voices,
)
from panelsim.reporting.build import build_interview_report, build_report
from tests import builders
from tests.golden_reports import message_report

S = TypeVar("S")


def report_of(word: VerdictWord = "clear_lead") -> Report:
    return build_report(
        builders.message_test(),
        builders.panel(),
        builders.plan(),
        builders.transcripts(),
        builders.analysis(word),
        builders.facts(),
    )


def one(report: Report, kind: type[S]) -> S:
    (section,) = [section for section in report.sections if isinstance(section, kind)]
    return section


def test_figures_and_generated_words_stand_in_different_parts() -> None:
    report = report_of()
    assert [section.kind for section in report.measured] == [
        "answer",
        "scores",
        "preferences",
        "cuts",
        "trust",
    ]
    assert [section.kind for section in report.told] == ["voices", "comprehension"]


def test_banner_says_that_nobody_was_asked_and_which_profiles_were_used() -> None:
    banner = report_of().banner
    assert banner.headline == "Simulated, not people"
    assert "6 respondents" in banner.sentence  # 8 in the panel, 2 of them outside the ICP
    assert banner.date == "2026-02-03"
    assert [source.split(" (")[0] for source in banner.sources] == [
        "ICP b2b-saas-midmarket v3",
        "panel sales-trio v1",
    ]


@pytest.mark.parametrize(
    ("word", "standings"),
    [
        ("clear_lead", ["leads", "behind", "behind"]),
        ("lean", ["leads", "not_separable", "behind"]),
        ("no_difference", ["not_separable", "not_separable", "not_separable"]),
        ("cannot_say", ["not_ranked", "not_ranked", "not_ranked"]),
    ],
)
def test_only_what_the_verdict_separates_is_ranked(word: VerdictWord, standings: list[str]) -> None:
    rows = one(report_of(word), Scores).rows
    assert [row.standing for row in rows] == [*standings, "control", "control", "control"]


def test_variants_keep_the_order_of_the_study_when_the_run_cannot_say() -> None:
    rows = one(report_of("cannot_say"), Scores).rows
    assert [row.stimulus.id for row in rows[:3]] == ["outcome", "speed", "proof"]


def test_a_run_that_cannot_say_names_no_leader() -> None:
    report = report_of("cannot_say")
    assert one(report, Scores).leader is None
    assert "outcome" not in one(report, Answer).sentence


def test_the_message_is_split_only_if_personas_are_led_by_different_variants() -> None:
    assert dict(one(report_of("clear_lead"), Cuts).split)["revops"] == "speed"
    assert one(report_of("lean"), Cuts).split == ()


def test_a_failed_control_is_among_the_checks() -> None:
    checks = {check.name: check for check in one(report_of("cannot_say"), Trust).checks}
    assert checks["decoy"].state == "failed"
    assert checks["duplicate"].state == "passed"


def test_checks_compare_with_the_rule_that_was_set_before_the_run() -> None:
    checks = {check.name: check for check in one(report_of(), Trust).checks}
    assert (checks["order_consistency"].state, checks["order_consistency"].figure) == ("passed", "83%")
    assert (checks["missing"].state, checks["missing"].figure) == ("passed", "1%")  # 1 / 198 = 0.5%
    assert checks["noise_floor"].state == "noted"


def test_a_panel_that_was_never_calibrated_says_so() -> None:
    assert one(report_of(), Trust).calibration == "never checked against reality"


def test_both_sides_are_heard_for_every_variant_with_respondent_and_call() -> None:
    for entry in one(report_of(), Voices).voices:
        assert entry.highest
        assert entry.lowest
        assert all(quote.call_key.startswith("call1:") for quote in (*entry.highest, *entry.lowest))


def test_a_variant_that_nobody_dislikes_is_told_apart_from_one_that_splits() -> None:
    notes = {entry.stimulus: entry.note for entry in one(report_of(), Voices).voices}
    # outcome 3.82 and 2.72 lie on both sides of the middle 3; proof reaches 3.31 and 2.21.
    assert notes == {"outcome": "", "speed": "", "proof": ""}


def test_what_was_understood_is_shown_beside_what_was_meant() -> None:
    section = one(report_of(), Comprehension)
    assert section.meaning == "It warns about slipping deals early enough to act."
    first = section.played_back[0]
    assert (first.answers, len(first.quotes)) == (6, 3)  # six target respondents, three shown
    assert len({quote.persona for quote in first.quotes}) == 3


def test_limits_name_the_simulation_interval_and_no_margin_of_error_is_claimed() -> None:
    text = " ".join(one(report_of(), Limits).sentences)
    assert "simulation interval" in text
    assert "not a margin of error" in text


def test_a_partial_run_says_how_many_sessions_are_not_finished() -> None:
    assert any("1 session not finished" in sentence for sentence in one(report_of(), Limits).sentences)


def test_every_transcript_is_in_the_report() -> None:
    assert one(report_of(), Transcripts).transcripts == builders.transcripts()


def test_an_interview_report_counts_answers_and_keeps_whoever_was_interviewed() -> None:
    report = build_interview_report(
        builders.interview_study(), builders.panel(), builders.interviews(), builders.facts()
    )
    overview = one(report, Overview)
    assert (overview.interviews, overview.answers, overview.missing) == (2, 2, 2)
    assert [person.id for person in one(report, Respondents).respondents] == ["vp-sales-01", "vp-sales-02"]
    assert report.told == ()


def test_equal_runs_give_equal_reports() -> None:
    assert message_report() == message_report()
