"""The sections of hypotheses and surveys in the Markdown export."""

from panelsim.model.report import HypothesisAnswer, Positions, StudyMethod, SurveyAnswer, SurveyResults
from panelsim.model.survey import QuestionResult
from panelsim.reporting import study_words, words
from panelsim.reporting.markdown_tables import Lines, escaped, table


def hypothesis_answer(section: HypothesisAnswer) -> Lines:
    """The verdict, the question, the share and what to do next."""
    return [
        "",
        f"**{study_words.WORDS[section.word]}.** {escaped(section.sentence)}",
        "",
        f"> {escaped(section.question)}",
        "",
        f"- a: {escaped(section.a)}",
        f"- b: {escaped(section.b)}",
        f"- {study_words.share_in_words(section)}",
        "",
        f"**Do next:** {escaped(section.next_step)}",
        "",
        *(f"- {escaped(reason)}" for reason in section.reasons),
    ]


def positions(section: Positions) -> Lines:
    """Shares of the answers, then the share for a over b by wording and by segment."""
    sides = [
        [f"{side}: {escaped(study_words.side_text(section, side))}", study_words.share_or_dash(share)]
        for side, share in section.sides
    ]
    wordings = [[escaped(one.text), study_words.share_or_dash(one.share)] for one in section.wordings]
    cuts = [
        [one.dimension, escaped(one.value), str(one.n), study_words.share_or_dash(one.share)]
        for one in section.cuts
    ]
    return [
        study_words.positions_lede(section),
        "",
        *table(["Answer", "Share"], sides),
        "",
        *table(["Wording", "For a over b"], wordings),
        "",
        *table(["Segment", "", "n", "For a over b"], cuts, 2),
    ]


def method(section: StudyMethod) -> Lines:
    """Design and rule as a list."""
    return [
        "Set before the run.",
        "",
        *(f"- {escaped(label)}: {escaped(text)}" for label, text in section.facts),
    ]


def survey_answer(section: SurveyAnswer) -> Lines:
    """How much of the questionnaire can be read."""
    lost = (
        f", {section.missing} missing ({words.reasons(section.missing_reasons)})" if section.missing else ""
    )
    people = words.count(section.respondents, "respondent")
    return [
        "",
        f"**{study_words.SURVEY_WORDS[section.word]}.** {escaped(section.sentence)}",
        "",
        f"{people}, {words.count(section.answers, 'answer')}{lost}.",
    ]


def survey_results(section: SurveyResults) -> Lines:
    """Every question with its figures, shares and personas."""
    lines: Lines = [study_words.results_lede(section)]
    for result in section.results:
        lines += ["", f"### {escaped(result.question.id)}: {escaped(result.question.text)}", ""]
        lines += [f"**Cannot say.** {escaped(reason)}" for reason in result.reasons]
        lines += [""] if result.reasons else []
        lines += [f"- {label}: {escaped(text)}" for label, text in study_words.figures(result)]
        if result.shares or any(one.mean is not None for one in result.cuts):
            lines += ["", *_shares(result)]
    return lines


def _shares(result: QuestionResult) -> Lines:
    people = ["People"] if result.reference is not None else []
    header = ["Answer", "Panel", *people, *(escaped(one.persona) for one in result.cuts)]
    rows = []
    for at, one in enumerate(result.shares):
        row = [escaped(study_words.choice_label(result, one.option)), study_words.share_or_dash(one.share)]
        row += [study_words.people_share(result, at)] if people else []
        row += [words.percent(cut.shares[at]) if at < len(cut.shares) else "–" for cut in result.cuts]
        rows.append(row)
    if result.mean is not None:
        means = ["–" if cut.mean is None else words.fixed(cut.mean) for cut in result.cuts]
        rows.append(["Mean", words.fixed(result.mean.value), *([""] if people else []), *means])
    return table(header, rows)
