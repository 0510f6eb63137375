"""The HTML export: one self-contained page, with drawn charts if a drawing function is given."""

from collections.abc import Mapping
from typing import assert_never

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from panelsim.model.discussion_report import Aired, DiscussionAnswer, DiscussionMethod, Shifts
from panelsim.model.panel import Respondent
from panelsim.model.recovery import Readback, Recovery, ScaleScores
from panelsim.model.report import (
    Ablation,
    Answer,
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
from panelsim.reporting import committee_words, discussion_words, inventory_words, study_words, words
from panelsim.reporting.charts import Chart, Draw, preference_chart, recovery_chart, score_chart

MOST_RESPONDENTS = 400
"""Respondents whose card and transcripts the page holds; the others are in the JSON and JSONL exports."""


def _printable(value: object) -> object:
    return words.plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("panelsim.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        fixed=words.fixed,
        signed=words.signed,
        percent=words.percent,
        interval=words.interval,
        percent_interval=words.percent_interval,
        signed_interval=words.signed_interval,
        lead=words.lead,
        probability=words.probability,
        counted=words.count,
        listed=words.listed,
        reasons=words.reasons,
        short=words.short,
        dollars=words.dollars,
        session_title=words.session_title,
        answer_in_words=words.answer_in_words,
        traits_in_words=words.traits_in_words,
        decision_in_words=words.decision_in_words,
        named=inventory_words.named,
        figure=inventory_words.figure,
        signed_figure=inventory_words.signed_figure,
        slope_interval=inventory_words.slope_interval,
    )
    made.globals.update(
        words=words,
        committee=committee_words,
        inventory_words=inventory_words,
        study_words=study_words,
        talk=discussion_words,
    )
    return made


ENVIRONMENT = _environment()
"""Templates of pages: strict about names, every text escaped and printable."""


def render_html(report: Report, draw: Draw | None = None) -> str:
    """The page as text. Without `draw` the tables stand alone and a sentence says how to get charts."""
    blocks = {section.kind: _block(section, report, draw) for section in report.sections}
    trust = next((section for section in report.measured if isinstance(section, Trust)), None)
    provenance = next(section for section in report.record if isinstance(section, Provenance))
    return ENVIRONMENT.get_template("page.html").render(
        report=report,
        facts=provenance.facts,
        trust=trust,
        hero=blocks[report.measured[0].kind],
        measured=[(section.kind, blocks[section.kind]) for section in report.measured[1:]],
        told=[(section.kind, blocks[section.kind]) for section in report.told],
        record=[(section.kind, blocks[section.kind]) for section in report.record],
    )


def _block(section: Section, report: Report, draw: Draw | None) -> Markup:
    template: str = section.kind
    values: dict[str, object] = {"section": section, "report": report, "texts": _texts(report)}
    match section:
        case Scores():
            values.update(chart=_drawn(score_chart(section), draw), can_draw=draw is not None)
        case Preferences():
            values.update(chart=_drawn(preference_chart(section), draw), can_draw=draw is not None)
        case Recovery():
            values.update(chart=_drawn(recovery_chart(section), draw), can_draw=draw is not None)
        case Respondents():
            values.update(cards=section.respondents[:MOST_RESPONDENTS])
        case Transcripts() if report.study_kind == "discussion":
            template = "talks"
            values.update(
                talks=[discussion_words.talk_of(one, _people(report)) for one in section.transcripts]
            )
        case Transcripts():
            people = _people(report)
            groups = words.by_respondent(section.transcripts)
            known = [(name, said) for name, said in groups.items() if name in people][:MOST_RESPONDENTS]
            values.update(
                groups=known,
                shown=sum(len(said) for _, said in known),
                left_out=len(groups) - len(known),
                people=people,
            )
        case (
            Answer()
            | TopBox()
            | Cuts()
            | Trust()
            | Overview()
            | Readback()
            | ScaleScores()
            | DiscussionAnswer()
            | Shifts()
            | Aired()
            | DiscussionMethod()
            | CommitteeAnswer()
            | Committee()
            | HypothesisAnswer()
            | Positions()
            | SurveyAnswer()
            | SurveyResults()
            | SurveySaid()
            | StudyMethod()
            | SeatTalk()
            | CommitteeMethod()
            | Ablation()
            | Voices()
            | Comprehension()
            | Objections()
            | Limits()
            | Grounding()
            | Method()
            | Provenance()
        ):
            pass
        case _:
            assert_never(section)
    return Markup(ENVIRONMENT.get_template(f"{template}.html").render(values))  # noqa: S704 (autoescaped)


def _drawn(chart: Chart | None, draw: Draw | None) -> Chart | None:
    if chart is None or draw is None:
        return None
    # The drawing function escapes what it writes; nothing but stimulus ids and figures went in.
    wide, narrow = Markup(draw(chart.wide)), Markup(draw(chart.narrow))  # noqa: S704
    return chart._replace(wide=wide, narrow=narrow)


def _texts(report: Report) -> Mapping[str, str]:
    return {stimulus.id: words.label_of(stimulus) for stimulus in report.stimuli}


def _people(report: Report) -> Mapping[str, Respondent]:
    return {
        person.id: person
        for section in report.record
        if isinstance(section, Respondents)
        for person in section.respondents
    }
