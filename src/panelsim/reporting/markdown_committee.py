"""The committee in Markdown."""

from collections.abc import Sequence

from panelsim.model.report import (
    Committee,
    CommitteeAnswer,
    CommitteeMethod,
    Quote,
    Report,
    SeatRow,
    SeatSaid,
    SeatTalk,
    SeatVoice,
)
from panelsim.model.study import Stimulus
from panelsim.reporting import committee_words, words
from panelsim.reporting.markdown_tables import Lines, escaped, table


def outcome(section: CommitteeAnswer, report: Report) -> Lines:
    """The verdict, then vetoes, champions and what whoever signs needs."""
    texts = {one.id: one.text for one in report.stimuli if one.role == "variant"}
    several = len(texts) > 1
    lines = ["", f"**{committee_words.verdict(section.word)}.** {escaped(section.sentence)}", ""]
    for one in section.proposals:
        said = f" ({committee_words.OUTCOMES[one.word]})" if several else ""
        lines += [f"> **{escaped(one.proposal)}**{said}: {escaped(texts[one.proposal])}", ""]
    lines += [f"**Do next:** {escaped(section.next_step)}", ""]
    lines += [f"- {escaped(reason)}" for reason in section.reasons]
    lines += ["", "### Who would block", ""]
    lines += ["The run is void: this is what was heard, and no finding.", ""] if section.is_void else []
    lines += _voices(section.vetoes, "said", several=several) or ["Nobody clearly.", ""]
    lines += ["### Who would champion", ""]
    lines += _voices(section.champions, "said", several=several) or ["Nobody clearly.", ""]
    lines += ["### What whoever signs needs", ""]
    lines += _voices(section.signers, "needs", several=several) or ["Nobody in this committee signs.", ""]
    return lines[:-1]


def _voices(voices: Sequence[SeatVoice], kind: str, *, several: bool) -> Lines:
    lines: Lines = []
    for one in voices:
        quote = one.said if kind == "said" else one.needs
        lines += [f"**{escaped(one.title)}** ({escaped(committee_words.voice(one, several=several))})", ""]
        lines += _quote(quote) if quote is not None else ["No words.", ""]
    return lines


def _quote(quote: Quote) -> Lines:
    who = f"{quote.name}, {quote.title} ({quote.respondent})"
    return [
        f"> {escaped(quote.text)}<br>",
        f"> — {escaped(who)}, simulated, call `{words.short(quote.call_key)}`",
        "",
    ]


def committee(section: Committee) -> Lines:
    """Seats by proposals, then the outcome of each proposal and company."""
    header = ["Seat", "Part", *(_column(one) for one in section.proposals)]
    lines = [
        *(escaped(sentence) for sentence in committee_words.structures(section.structures)),
        "",
        "Probability of the stance; under it that of yes with yes in the first slot / in the second.",
        "",
        *table(header, [_row(row) for row in section.rows], 2),
        "",
        *_summaries(section),
        "",
        committee_words.FORMULA,
    ]
    if section.contrasts:
        lines += ["", "How far ahead:", ""]
        lines += table(
            ["Contrast", "More chance to go ahead", "Interval", "p, Holm"],
            [
                [
                    f"{escaped(one.leader)} against {escaped(one.other)}",
                    words.percent(one.difference.value),
                    words.percent_interval(one.difference) if one.difference.n > 1 else "one company",
                    words.probability(one.p_holm),
                ]
                for one in section.contrasts
            ],
        )
    return lines


def _column(stimulus: Stimulus) -> str:
    return escaped(stimulus.id if stimulus.role == "variant" else committee_words.CONTROLS[stimulus.role])


def _row(row: SeatRow) -> list[str]:
    can = [word for word, on in (("can stop it", row.can_stop), ("may champion it", row.may_champion)) if on]
    part = f"{committee_words.COMMITTEE_ROLES[row.role]}, {committee_words.AUTHORITIES[row.authority]}"
    cells = []
    for cell in row.cells:
        both = committee_words.orders(cell)
        cells.append(f"**{committee_words.stance(cell)}**" + (f"<br>{both}" if both else ""))
    return [escaped(row.title), part + (f"<br>*{', '.join(can)}*" if can else ""), *cells]


def _summaries(section: Committee) -> Lines:
    lines = table(
        ["Proposal", "CommitteeAnswer", "Companies", "Would go ahead"],
        [
            [
                escaped(one.proposal),
                f"**{committee_words.OUTCOMES[one.word]}**",
                escaped(committee_words.counts(one)),
                escaped(committee_words.going(one)),
            ]
            for one in section.summaries
        ],
        4,
    )
    lines += ["", "Company by company:", ""]
    lines += table(
        ["Company", "Proposal", "CommitteeAnswer", "Odds", "Why"],
        [
            [
                escaped(one.account),
                escaped(one.proposal),
                committee_words.OUTCOMES[one.word],
                committee_words.odds(one),
                escaped(one.reason),
            ]
            for one in section.outcomes
        ],
        5,
    )
    if section.omitted:
        lines += ["", f"{words.count(section.omitted, 'more outcome')} left out."]
    return lines


def seat_talk(section: SeatTalk) -> Lines:
    """What every seat said, then objections expected against raised."""
    lines: Lines = []
    for talk in section.talks:
        lines += [f"### {escaped(talk.proposal)}", ""]
        for said in talk.seats:
            lines += _said(said)
    if section.expected:
        lines += ["### Objections expected and raised", ""]
        lines += table(
            ["Seat", "Expected", "Raised"],
            [
                [escaped(one.title), escaped(one.expected), f"{one.raised} of {one.of}"]
                for one in section.expected
            ],
            2,
        )
        lines.append("")
    if section.new:
        lines += ["Unlike any that was expected:", "", *(line for one in section.new for line in _quote(one))]
    if section.new_omitted:
        lines += [f"{words.count(section.new_omitted, 'more objection')} in `transcripts.jsonl`.", ""]
    return lines[:-1]


def _said(said: SeatSaid) -> Lines:
    who = f"{said.name}, {said.title} ({said.respondent})"
    lines = [f"**{escaped(who)}**: {committee_words.STANCES[said.state]}", ""]
    for label, quote in (("Why", said.reason), ("Objects", said.objection), ("Needs", said.condition)):
        text = (
            "no answer" if quote is None else f"{escaped(quote.text)} (call `{words.short(quote.call_key)}`)"
        )
        lines.append(f"- {label}: {text}")
    return [*lines, ""]


def method(section: CommitteeMethod) -> Lines:
    """The design and the rule."""
    rows = [f"- {label}: {escaped(text)}" for label, text in committee_words.method_rows(section)]
    return ["Set before the run.", "", *rows]
