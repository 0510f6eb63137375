"""Reports of large runs: small pages that say what they leave out, exports that hold everything."""

import csv
from collections.abc import Iterator
from itertools import count, islice

import pytest

from panelsim.model.panel import Panel
from panelsim.model.plan import InterviewAssignment, Transcript
from panelsim.model.report import Report, Respondents, Transcripts
from panelsim.reporting.build import MOST_RESPONDENTS, build_interview_report, build_report
from panelsim.reporting.csv import Row
from panelsim.reporting.exports import Export, Origin
from panelsim.reporting.formats import FORMATS
from panelsim.reporting.gleaning import MOST_TRANSCRIPTS
from panelsim.reporting.json import read_json
from tests import builders
from tests.core.generated import STUDY, Run, run_of
from tests.golden_reports import render

MORE = 5
"""Respondents beyond what a report holds."""


def large_panel(size: int) -> Panel:
    like = builders.panel().respondents[0]
    people = tuple(like.model_copy(update={"id": f"vp-sales-{place:06d}"}) for place in range(size))
    return Panel(id="large", seed=7, respondents=people)


def interviews(panel: Panel) -> Iterator[Transcript]:
    said = builders.interviews()[0]
    for person in panel.respondents:
        responses = tuple(one.model_copy(update={"respondent": person.id}) for one in said.responses)
        assignment = InterviewAssignment(respondent=person.id)
        yield said.model_copy(update={"assignment": assignment, "responses": responses})


@pytest.fixture(scope="module")
def interviewed() -> Report:
    panel = large_panel(MOST_RESPONDENTS + MORE)
    return build_interview_report(builders.interview_study(), panel, interviews(panel), builders.facts())


@pytest.fixture(scope="module")
def tested() -> Report:
    run = run_of(MOST_RESPONDENTS + MORE)
    analysis = builders.analysis().model_copy(update={"verbatims": ()})
    return build_report(builders.message_test(), run.panel, run.plan, run, analysis, builders.facts())


def sections(report: Report) -> tuple[Respondents, Transcripts]:
    (people,) = [one for one in report.record if isinstance(one, Respondents)]
    (said,) = [one for one in report.record if isinstance(one, Transcripts)]
    return people, said


def test_a_report_holds_the_first_sessions_and_cards_and_counts_the_others(tested: Report) -> None:
    people, said = sections(tested)
    assert (len(people.respondents), people.omitted) == (MOST_RESPONDENTS, MORE)
    # five sessions a respondent
    assert (len(said.transcripts), said.omitted) == (
        MOST_TRANSCRIPTS,
        5 * (MOST_RESPONDENTS + MORE) - MOST_TRANSCRIPTS,
    )
    assert said.sessions == 10_025
    assert read_json(render(tested, "json")) == tested


def test_what_is_left_out_is_said_in_words(tested: Report, interviewed: Report) -> None:
    page = render(tested, "html")
    # five sessions of each of 400 respondents
    assert "2,000 of 10,025 sessions are shown here; all are in transcripts.jsonl." in page
    assert "2,005 cards: who was simulated" in page
    assert "5 respondents without a card in this report; responses.csv names all." in page
    text = render(tested, "markdown")
    assert "10,025 sessions: the first in the HTML page, all in `transcripts.jsonl`." in text
    assert "5 respondents without a card in this report; responses.csv names all." in text
    assert "2,000 of 2,005 sessions are shown here" in render(interviewed, "markdown")
    assert "400 of 2,005 sessions are shown here" in render(interviewed, "html")
    assert "5 respondents without a card in this report; transcripts.jsonl names all." in render(
        interviewed, "html"
    )
    assert "2,002 more interviews in the files." in render(interviewed, "terminal")


def test_a_report_that_leaves_nothing_out_counts_nothing_left_out() -> None:
    panel = large_panel(3)
    report = build_interview_report(builders.interview_study(), panel, interviews(panel), builders.facts())
    assert "omitted" not in render(report, "json")


def test_counts_are_of_all_sessions_and_not_of_those_that_are_held(interviewed: Report) -> None:
    (overview,) = interviewed.measured
    assert overview.kind == "overview"
    # one answer and one refusal each
    assert (overview.interviews, overview.answers, overview.missing) == (2_005, 2_005, 2_005)
    assert interviewed.banner.sentence.startswith("2,005 respondents")


def test_failures_that_are_not_listed_are_counted() -> None:
    facts = builders.facts().model_copy(update={"failures_omitted": 8_999})
    panel = large_panel(2)
    report = build_interview_report(builders.interview_study(), panel, interviews(panel), facts)
    for name in ("html", "markdown"):
        text = render(report, name)
        assert "8,999 more sessions, each with its reason in transcripts.jsonl." in text
        assert "9,000 sessions not finished" in text
    assert "9,000 sessions not finished" in render(report, "terminal")


def test_an_export_is_written_session_by_session_and_never_waits_for_the_last() -> None:
    said = builders.interviews()[0]
    endless = (said for _ in count())
    people = {one.id: one for one in builders.panel().respondents}
    origin = Origin(run_id="run-0001", study="large", stimuli={}, people=people)
    for name in ("csv", "transcripts"):
        form = FORMATS[name]
        assert isinstance(form, Export)
        head, *lines = islice(form.pieces(origin, endless), 4)
        assert head == (f"{','.join(Row._fields)}\n" if name == "csv" else "")
        assert lines == [lines[0]] * 3


def test_the_table_has_every_respondent_of_a_large_run_with_its_weight() -> None:
    run = run_of(MOST_RESPONDENTS + MORE)
    people = {one.id: one for one in run.panel.respondents}
    stimuli = {one.id: one for one in run.plan.stimuli}
    form = FORMATS["csv"]
    assert isinstance(form, Export)
    lines = csv.reader(form.pieces(Origin("run-0001", STUDY.id, stimuli, people), _rated(run)))
    rows = [Row(*line) for line in lines][1:]
    assert len(rows) == 5 * len(people)
    assert {row.respondent: float(row.weight) for row in rows} == {
        one.id: one.weight for one in people.values()
    }


def _rated(run: Run) -> Iterator[Transcript]:
    """The sessions without their words: one line each."""
    return (one.model_copy(update={"responses": one.responses[-1:]}) for one in run)


def test_tokens_say_how_many_came_from_the_provider_s_cache() -> None:
    panel = large_panel(2)
    report = build_interview_report(builders.interview_study(), panel, interviews(panel), builders.facts())
    for name in ("html", "markdown"):
        assert "81,204 in (60,100 from the provider’s cache), 9,310 out" in render(report, name)
