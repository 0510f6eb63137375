"""The terminal export: one screen with the answer, the scores and whether to believe them."""

import io
from collections.abc import Sequence
from typing import assert_never

from rich import box
from rich.columns import Columns
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from panelsim.model.analysis import VerdictWord
from panelsim.model.discussion_report import Aired, DiscussionAnswer, DiscussionMethod, Shifts
from panelsim.model.recovery import Readback, Recovery, ScaleScores
from panelsim.model.report import (
    Ablation,
    Answer,
    CheckState,
    Committee,
    CommitteeAnswer,
    CommitteeMethod,
    Comprehension,
    Cuts,
    Grounding,
    HypothesisAnswer,
    Limits,
    Method,
    Objections,
    Overview,
    Positions,
    Preferences,
    Provenance,
    Report,
    Respondents,
    ScoreRow,
    Scores,
    SeatTalk,
    Section,
    StudyMethod,
    SurveyAnswer,
    SurveyResults,
    SurveySaid,
    TopBox,
    Transcripts,
    Trust,
    Voices,
)
from panelsim.reporting import (
    inventory_words,
    terminal_committee,
    terminal_discussion,
    terminal_studies,
    words,
)

MOST_MEASURES = 3
"""Measures that fit beside each other in 80 columns."""

_TONES: dict[VerdictWord, str] = {
    "clear_lead": "bold green",
    "lean": "bold yellow",
    "no_difference": "bold blue",
    "cannot_say": "bold red",
}
_STATE_TONES: dict[CheckState, str] = {
    "passed": "green",
    "failed": "bold red",
    "not_computed": "yellow",
    "off": "dim",
    "noted": "",
}


BAR = 20
"""Characters of a bar that stands for all."""
SHOWN_INTERVIEWS = 3
"""Interviews whose words are printed."""


def render_terminal(
    report: Report, *, width: int = 80, colour: bool = False, files: Sequence[str] = ()
) -> str:
    """The report at `width` columns; plain text unless `colour`. `files` says where the exports are."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    banner = Text.assemble((f"{report.banner.headline}. ", "bold"), words.one_line(report.banner.sentence))
    console.print(banner)
    sources = words.one_line(" · ".join((report.banner.date, *report.banner.sources)))
    console.print(Text(sources, style="dim"))
    for section in report.sections:
        for part in _parts(section, report):
            console.print(part)
    for name in files:
        console.print(Text(words.one_line(name)), soft_wrap=True)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def _parts(section: Section, report: Report) -> Sequence[RenderableType]:  # noqa: C901 (one arm per kind)
    match section:
        case Answer():
            return _answer(section, report)
        case Overview():
            return _overview(section, report)
        case Readback():
            return _readback(section, report)
        case Recovery():
            return _recovery(section)
        case ScaleScores():
            return _scale_scores(section)
        case CommitteeAnswer():
            return terminal_committee.outcome(section, report)
        case Committee():
            return terminal_committee.committee(section)
        case DiscussionAnswer():
            return terminal_discussion.answer(section, report)
        case Shifts():
            return terminal_discussion.shifts(section)
        case HypothesisAnswer():
            return terminal_studies.hypothesis_answer(section)
        case Positions():
            return terminal_studies.positions(section)
        case SurveyAnswer():
            return terminal_studies.survey_answer(section, report)
        case SurveyResults():
            return terminal_studies.survey_results(section)
        case Ablation():
            return _ablation(section)
        case Scores():
            return _scores(section)
        case TopBox():
            return _top_box(section)
        case Preferences():
            return _preferences(section)
        case Trust():
            return _trust(section)
        case Provenance():
            return _provenance(section)
        case Transcripts() if report.study_kind == "discussion":
            return terminal_discussion.talks(section, report)
        case Transcripts():
            return _conversations(section) if report.study_kind == "interview" else ()
        case Grounding():
            said = words.one_line(words.groundings(section))
            return [Text(f"Grounding: {said[:1].lower()}{said[1:]}")]
        case (
            Cuts()
            | Voices()
            | Comprehension()
            | Objections()
            | SeatTalk()
            | Limits()
            | Method()
            | CommitteeMethod()
            | Aired()
            | DiscussionMethod()
            | StudyMethod()
            | SurveySaid()
            | Respondents()
        ):
            return ()  # One screen: these are in the files.
        case _:
            assert_never(section)


def _answer(section: Answer, report: Report) -> Sequence[RenderableType]:
    verdict = Text.assemble(
        (words.VERDICTS[section.word].upper(), _TONES[section.word]), f"  {words.one_line(section.sentence)}"
    )
    parts: list[RenderableType] = ["", verdict]
    parts += [
        _indented(f"{stimulus.id}: “{words.one_line(words.label_of(stimulus))}”")
        for stimulus in report.stimuli
        if stimulus.role == "variant"
    ]
    parts += [_indented(reason) for reason in section.reasons[:3]]
    parts.append(Text.assemble(("Next: ", "bold"), words.one_line(section.next_step)))
    return parts


def _ablation(section: Ablation) -> Sequence[RenderableType]:
    """The answer, and each source of variance with a bar."""
    parts: list[RenderableType] = ["", Text(words.one_line(section.answer), style="bold")]
    parts += [_indented(reason) for reason in section.reasons]
    shares = Table(box=None, pad_edge=False, header_style="dim")
    shares.add_column("Share of the variance of a rating", no_wrap=True)
    shares.add_column("")
    shares.add_column("interval", no_wrap=True, justify="right")
    shares.add_column("")
    for source in (*section.analysis.sources, *section.analysis.swapped):
        share = Text(words.percent(source.share.value), style="bold")
        bar = "█" * round(source.share.value * BAR)
        shares.add_row(words.SOURCES[source.name], share, words.percent_interval(source.share), bar)
    return [*parts, "", shares, ""] if shares.rows else parts


def _overview(section: Overview, report: Report) -> Sequence[RenderableType]:
    lost = (
        f", {section.missing} missing ({words.reasons(section.missing_reasons)})" if section.missing else ""
    )
    said = f"{words.count(section.interviews, 'interview')}, {words.count(section.answers, 'answer')}{lost}."
    return ["", Text(words.one_line(report.title), style="bold"), Text(said)]


def _readback(section: Readback, report: Report) -> Sequence[RenderableType]:
    facts = [
        Text.assemble((f"{label}: ", "dim"), words.one_line(text))
        for label, text in inventory_words.readback(section)
    ]
    title = Text(words.one_line(report.title), style="bold")
    return ["", title, Text(section.sentence), "", *facts]


def _plain_table(*columns: str) -> Table:
    """A table whose columns but the first are set to the right."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, collapse_padding=True, show_edge=False)
    for at, name in enumerate(columns):
        table.add_column(name, justify="right" if at else "left", no_wrap=True)
    return table


def _recovery(section: Recovery) -> Sequence[RenderableType]:
    table = _plain_table("assigned", "slope", "interval", "rho", "right side", "leaks", "n")
    for dose in section.doses:
        slope = dose.slope
        table.add_row(
            inventory_words.named(dose.assigned),
            inventory_words.signed_figure(None if slope is None else slope.value),
            "–" if slope is None else inventory_words.slope_interval(slope),
            inventory_words.signed_figure(dose.rho),
            "–" if dose.right_side is None else words.percent(dose.right_side),
            inventory_words.signed_figure(dose.leak_slope),
            str(dose.n),
        )
    told = f"Slopes in {inventory_words.UNITS[section.unit]}; leaks: the largest slope on another scale."
    return ["", table, Text(told, style="dim")]


def _scale_scores(section: ScaleScores) -> Sequence[RenderableType]:
    table = _plain_table("scale", "items", "mean score", "alpha", "scored", "missing")
    for one in section.scales:
        score = None if one.score is None else one.score.value
        table.add_row(
            inventory_words.named(one.scale),
            str(one.items),
            inventory_words.score(score, section.unit),
            inventory_words.figure(one.alpha),
            str(one.scored),
            f"{one.missing} of {one.asked}",
        )
    return ["", table, ""]


def _conversations(section: Transcripts) -> Sequence[RenderableType]:
    """What was said in the first interviews; the others are in the files."""
    parts: list[RenderableType] = []
    for transcript in section.transcripts[:SHOWN_INTERVIEWS]:
        parts += ["", Text(f"{words.one_line(transcript.assignment.respondent)} (simulated)", style="bold")]
        for turn in transcript.turns:
            is_answer = turn.speaker == "respondent"
            line = Text(words.one_line(turn.text), style="" if is_answer else "dim")
            parts.append(Padding(line, (0, 0, 0, 4 if is_answer else 2)))
            parts += [
                Padding(Text(words.ground_line(ground), style="dim italic"), (0, 0, 0, 6))
                for ground in turn.grounds
            ]
    left = section.sessions - SHOWN_INTERVIEWS
    return [*parts, *([Text(f"{words.count(left, 'more interview')} in the files.")] if left > 0 else []), ""]


def _indented(text: str) -> Padding:
    return Padding(Text(words.one_line(text)), (0, 0, 0, 2))


def _scores(section: Scores) -> Sequence[RenderableType]:
    if not section.rows:
        return ["", Text(words.NO_RATINGS)]
    shown = sorted(section.measures, key=lambda measure: measure != section.rule_measure)[:MOST_MEASURES]
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, collapse_padding=True, show_edge=False)
    table.add_column("stimulus", no_wrap=True, overflow="ellipsis")
    table.add_column("", no_wrap=True, min_width=7)
    for measure in shown:
        table.add_column(Text(words.one_line(measure)), justify="right", no_wrap=True, min_width=14)
    for row in section.rows:
        table.add_row(*_row(row, shown), style="dim" if row.standing == "control" else "")
    parts: list[RenderableType] = ["", table]
    if hidden := len(section.measures) - len(shown):
        parts.append(Text(f"{words.count(hidden, 'more measure')} in the files.", style="dim"))
    return parts


def _row(row: ScoreRow, measures: Sequence[str]) -> list[Text]:
    cells = {cell.measure: cell for cell in row.cells}
    figures = []
    for measure in measures:
        cell = cells.get(measure)
        if cell is None or cell.estimate is None:
            figures.append(Text("not asked" if cell is None else "no answer"))
        else:
            e = cell.estimate
            figures.append(Text(f"{words.fixed(e.value)} {words.fixed(e.low)}–{words.fixed(e.high)}"))
    return [Text(words.one_line(row.stimulus.id)), Text(words.STANDINGS[row.standing]), *figures]


def _top_box(section: TopBox) -> Sequence[RenderableType]:
    said = ", ".join(
        f"{row.stimulus.id} {words.share_or_none(row.target)}"
        for row in section.rows
        if row.stimulus.role in ("variant", "decoy")
    )
    measure = words.one_line(section.measure).replace("_", " ")
    return ["", Text(f"Two highest points of {measure}: {words.one_line(said)}")]


def _preferences(section: Preferences) -> Sequence[RenderableType]:
    ranked = sorted(section.preference.strengths, key=lambda strength: -strength[1].value)
    said = ", ".join(f"{name} {words.percent(e.value)} ({words.percent_interval(e)})" for name, e in ranked)
    return [Text(f"Preferred in pairs: {words.one_line(said)}")] if said else []


def _trust(section: Trust) -> Sequence[RenderableType]:
    entries = []
    for check in section.checks:
        if check.is_control or check.state in ("passed", "failed"):
            figure = "" if check.is_control or not check.figure else f" {check.figure}"
            said = f"{words.MARKS[check.state]} {check.label}{figure} {words.STATES[check.state]}"
            entries.append(Text(said, style=_STATE_TONES[check.state]))
    entries.append(Text(f"· {section.calibration}"))
    return ["", Columns(entries, padding=(0, 3)), ""]


def _provenance(section: Provenance) -> Sequence[RenderableType]:
    facts = section.facts
    cost = f"{facts.calls:,} calls, {words.dollars(facts.cost_usd)} as first paid, {facts.state}"
    lost = f" ({words.count(facts.failed, 'session')} not finished)" if facts.failures else ""
    return [Text(f"{cost}{lost}. Run {words.one_line(facts.run_id)}.", style="dim")]
