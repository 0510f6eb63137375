"""The Markdown export: good in a pull request, with tables and no pictures."""

from typing import assert_never

from panelsim.model.discussion_report import Aired, DiscussionAnswer, DiscussionMethod, Shifts
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
    Quote,
    Report,
    Respondents,
    RunFacts,
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
from panelsim.reporting import markdown_committee, markdown_discussion, markdown_studies, words
from panelsim.reporting.markdown_recovery import readback_lines, recovery_tables, scale_tables
from panelsim.reporting.markdown_tables import (
    Lines,
    ablation_tables,
    cuts_table,
    escaped,
    grounding_table,
    objections_table,
    preferences_table,
    scores_table,
    table,
    top_box_table,
    trust_table,
)

MOST_CARDS = 100
"""Respondents in the table of cards; the others are in the JSON export."""


def render_markdown(report: Report) -> str:
    """The report as GitHub-flavoured Markdown. Transcripts are written out for interviews only."""
    banner = report.banner
    lines = [
        f"> **{banner.headline}.** {escaped(banner.sentence)}",
        f"> {banner.date} · {escaped(' · '.join(banner.sources))}",
        "",
        f"# {escaped(report.title)}",
    ]
    for measured in report.measured:
        lines += _section(measured, report)
    if report.told:
        lines += ["", "---", "", f"*{words.TOLD}*"]
    for section in (*report.told, *report.record):
        lines += _section(section, report)
    lines += ["", "---", "", f"*{words.FOOTER}* Run {escaped(report.run_id)}."]
    return "\n".join(lines) + "\n"


def _section(section: Section, report: Report) -> Lines:
    heading = (
        []
        if isinstance(
            section,
            Answer
            | Overview
            | CommitteeAnswer
            | Ablation
            | Readback
            | HypothesisAnswer
            | SurveyAnswer
            | DiscussionAnswer,
        )
        else ["", f"## {words.TITLES[section.kind]}", ""]
    )
    return [*heading, *_body(section, report)]


def _body(section: Section, report: Report) -> Lines:  # noqa: C901 (one arm per kind of section)
    match section:
        case Answer():
            return _answer(section, report)
        case CommitteeAnswer():
            return markdown_committee.outcome(section, report)
        case Committee():
            return markdown_committee.committee(section)
        case HypothesisAnswer():
            return markdown_studies.hypothesis_answer(section)
        case Positions():
            return markdown_studies.positions(section)
        case SurveyAnswer():
            return markdown_studies.survey_answer(section)
        case SurveyResults():
            return markdown_studies.survey_results(section)
        case SurveySaid():
            return _survey_said(section)
        case StudyMethod():
            return markdown_studies.method(section)
        case SeatTalk():
            return markdown_committee.seat_talk(section)
        case CommitteeMethod():
            return markdown_committee.method(section)
        case DiscussionAnswer():
            return markdown_discussion.answer(section, report)
        case Shifts():
            return markdown_discussion.shifts(section)
        case Aired():
            return markdown_discussion.aired(section)
        case DiscussionMethod():
            return markdown_discussion.method(section)
        case Scores():
            return scores_table(section)
        case TopBox():
            return top_box_table(section)
        case Preferences():
            return preferences_table(section)
        case Cuts():
            return cuts_table(section)
        case Trust():
            return trust_table(section)
        case Overview():
            return _overview(section)
        case Readback():
            return readback_lines(section)
        case Recovery():
            return recovery_tables(section)
        case ScaleScores():
            return scale_tables(section)
        case Ablation():
            return ablation_tables(section)
        case Voices():
            return _voices(section)
        case Comprehension():
            return _comprehension(section)
        case Objections():
            return objections_table(section)
        case Limits():
            return [f"- {sentence}" for sentence in section.sentences]
        case Grounding():
            return grounding_table(section)
        case Method():
            return _method(section)
        case Provenance():
            return _provenance(section)
        case Respondents():
            return _respondents(section, report)
        case Transcripts():
            return _transcripts(section, report)
        case _:
            assert_never(section)


def _answer(section: Answer, report: Report) -> Lines:
    texts = {stimulus.id: words.label_of(stimulus) for stimulus in report.stimuli}
    lines = ["", f"**{words.VERDICTS[section.word]}.** {escaped(section.sentence)}", ""]
    if section.word in ("clear_lead", "lean") and section.leader in texts:
        lines += [f"> {escaped(texts[section.leader])}", ""]
    variants = [stimulus for stimulus in report.stimuli if stimulus.role == "variant"]
    lines += [*(f"- **{escaped(one.id)}**: {escaped(texts[one.id])}" for one in variants), ""]
    lines += [f"**Do next:** {escaped(section.next_step)}", ""]
    lines += [f"- {escaped(reason)}" for reason in section.reasons]
    lines += [f"- {escaped(persona)} is led by {escaped(leader)}" for persona, leader in section.split]
    return lines


def _overview(section: Overview) -> Lines:
    questions = [f"{n}. {escaped(q.text)}" for n, q in enumerate(section.guide.questions, start=1)]
    return ["", f"**{words.overview(section)}**", "", *questions]


def _quote(quote: Quote) -> Lines:
    rated = "" if quote.rating is None else f", rated {words.fixed(quote.rating)}"
    who = f"{quote.name}, {quote.title} ({quote.persona}, {quote.respondent}{rated})"
    return [
        f"> {escaped(quote.text)}<br>",
        f"> — {escaped(who)}, simulated, call `{words.short(quote.call_key)}`",
        "",
    ]


def _survey_said(section: SurveySaid) -> Lines:
    lines: Lines = []
    for question, quotes in section.questions:
        lines += [f"### {escaped(question)}", "", *(line for quote in quotes for line in _quote(quote))]
    return lines[:-1]


def _voices(section: Voices) -> Lines:
    lines: Lines = []
    for entry in section.voices:
        lines += [f"### {escaped(entry.stimulus)}", ""]
        lines += [escaped(entry.note), ""] if entry.note else []
        sides = (
            ("Rated it highest", entry.highest),
            ("Rated it lowest", entry.lowest),
            ("Not rated", entry.unrated),
        )
        for side, quotes in sides:
            if quotes:
                lines += [f"**{side}**", "", *(line for quote in quotes for line in _quote(quote))]
    return lines[:-1]


def _comprehension(section: Comprehension) -> Lines:
    lines = [f"Meant: {escaped(section.meaning)}" if section.meaning else "The study states no meaning.", ""]
    for entry in section.played_back:
        lines += [f"### {escaped(entry.stimulus)}", ""]
        lines += [line for quote in entry.quotes for line in _quote(quote)]
    return lines[:-1]


def _method(section: Method) -> Lines:
    rule = section.rule
    switches = section.controls.model_dump()
    controls = [f"{label} {'on' if switches[name] else 'off'}" for name, label in words.CONTROLS.items()]
    target = words.count(section.respondents, "respondent")
    pairs = f"preference in pairs, beside ratings of {rule.measure}"
    voids = (
        "a control fails or cannot be computed",
        f"less than {words.percent(rule.min_order_consistency)} of the preference survives a swap of slots",
        f"more than {words.percent(rule.max_missing)} of answers are missing",
        f"less than {words.percent(rule.min_valid_mass)} of the probability is on valid answers",
    )
    return [
        "Set before the run.",
        "",
        f"- Asked: {target} of the target, {section.anti_respondents} outside the ICP",
        f"- Sessions: {section.sessions:,}, met as {escaped(section.channel)}",
        f"- Decided on: {escaped(pairs if section.design.paired else rule.measure)}",
        f"- Clear lead: Holm-corrected p below {rule.alpha} and a lead beyond the noise floor",
        f"- Lean: the same with p below {rule.lean_alpha}",
        f"- Cannot say: {words.listed(voids, 'or')}",
        f"- Controls: {', '.join(controls)}",
    ]


def _provenance(section: Provenance) -> Lines:
    facts = section.facts
    model = f"{facts.model.name}: {facts.model.size}; licence: {facts.model.licence}"
    rows = [
        ["Model", escaped(model)],
        ["Good for", escaped(facts.model.measured)],
        *([["Embeddings", escaped(facts.embedding_model)]] if facts.embedding_model else []),
        *([["Elicitation", escaped(words.elicitation(facts))]] if facts.elicit else []),
        ["Calls", f"{facts.calls:,}"],
        ["Tokens", words.tokens(facts.usage)],
        ["Cost", escaped(f"{words.dollars(facts.cost_usd)}, as first paid")],
        ["Seed", str(section.seed)],
        ["State", facts.state],
        ["Run again", escaped(facts.rerun)],
        ["Cite as", escaped(facts.cite)],
        *_files(facts),
        *[[f"Not finished: {escaped(one.session)}", escaped(one.reason)] for one in facts.failures],
        *([["Not finished", words.more_failures(facts)]] if facts.failures_omitted else []),
    ]
    return table(["", ""], rows, 2)


def _files(facts: RunFacts) -> list[list[str]]:
    named: list[tuple[str, int | None, str]] = [
        (f"{s.kind} {s.id}{f' of {s.date}' if s.date else ''}", s.version, s.key) for s in facts.sources
    ]
    named += [(f"prompt {p.id}", p.version, p.key) for p in facts.prompts]
    return [
        [escaped(name if version is None else f"{name} v{version}"), f"`{words.short(key)}`"]
        for name, version, key in named
    ]


def _respondents(section: Respondents, report: Report) -> Lines:
    rows = [
        [
            f"{escaped(r.name)}, {escaped(r.title)}<br>`{words.one_line(r.id)}`",
            f"{escaped(r.persona)}, {r.role}{', outside the ICP' if r.arm == 'anti' else ''}",
            f"{escaped(r.company.industry)}, {r.company.headcount:,} people, {escaped(r.company.place)}",
            "in the market" if r.in_market else "not in the market",
        ]
        for r in section.respondents[:MOST_CARDS]
    ]
    cards = table(["Respondent (simulated)", "Persona", "Company", "Situation"], rows, 4)
    left_out = len(section.respondents) - len(rows)
    more = [f"{words.count(left_out, 'more card')} in `report.json`.", ""] if left_out else []
    more += [words.cards_omitted(section.omitted, report), ""] if section.omitted else []
    return ["<details><summary>Cards</summary>", "", *cards, "", *more, "</details>"]


def _transcripts(section: Transcripts, report: Report) -> Lines:
    if report.study_kind == "discussion":
        return markdown_discussion.talks(section, report)
    if report.study_kind != "interview":
        sessions = words.count(section.sessions, "session")
        if section.omitted:
            return [f"{sessions}: the first in the HTML page, all in `transcripts.jsonl`."]
        return [f"{sessions}, in full in the HTML page and in `transcripts.jsonl`."]
    lines: Lines = []
    for transcript in section.transcripts:
        lines += [f"### {escaped(transcript.assignment.respondent)} (simulated)", ""]
        for turn in transcript.turns:
            key = f" `{words.short(turn.call_key)}`" if turn.call_key else ""
            lines += [f"**{turn.speaker}**: {escaped(turn.text)}{key}", ""]
            for ground in turn.grounds:
                lines += [f"> {escaped(words.ground_line(ground))}", ""]
        lines += [
            f"- {escaped(one.question)}: {words.answer_in_words(one.answer)}"
            for one in transcript.responses
            if one.answer.kind == "missing"
        ]
        lines += [""]
    if section.omitted:
        lines += [words.sessions_shown(len(section.transcripts), section.sessions), ""]
    return lines[:-1]
