"""The tables of the Markdown export, and the escaping of every text in it."""

import re
from collections.abc import Iterable, Sequence

from panelsim.model.analysis import Cell, Cut, Pair
from panelsim.model.report import (
    Ablation,
    Check,
    Cuts,
    Grounding,
    Objections,
    Preferences,
    ScoreRow,
    Scores,
    TopBox,
    Trust,
)
from panelsim.reporting import words

Lines = list[str]

_MARKS = re.compile(r"([\\*_\[\]#~$!])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "`": "&#96;", "@": "&#64;"})
_LEADING = re.compile(r"^(\d+)([.)])|^([-+=])")


def escaped(text: str) -> str:
    """`text` on one line, shown as it is: no markup, no HTML, no table cell, no mention of a user."""
    safe = _MARKS.sub(r"\\\1", words.one_line(text)).translate(_ENTITIES)
    return _LEADING.sub(lambda found: rf"\{found[3]}" if found[3] else rf"{found[1]}\{found[2]}", safe)


def table(header: Sequence[str], rows: Iterable[Sequence[str]], numbers_from: int = 1) -> Lines:
    """A table whose columns from `numbers_from` on are set to the right; cells are Markdown already."""
    rule = ["---" if column < numbers_from else "---:" for column in range(len(header))]
    return [f"| {' | '.join(row)} |" for row in (header, rule, *rows)]


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "not asked"
    if cell.estimate is None:
        return f"no answer ({cell.missing} of {cell.asked} missing)"
    lost = f" ({cell.missing} of {cell.asked} missing)" if cell.missing else ""
    return f"**{words.fixed(cell.estimate.value)}** {words.interval(cell.estimate)}{lost}"


def _score_row(row: ScoreRow, measures: Sequence[str]) -> list[str]:
    cells = {cell.measure: cell for cell in row.cells}
    is_control = row.standing == "control"
    standing = words.ROLES[row.stimulus.role] if is_control else words.STANDINGS[row.standing]
    name = f"**{escaped(row.stimulus.id)}** ({standing})<br>{escaped(words.label_of(row.stimulus))}"
    return [name, *(_cell(cells.get(measure)) for measure in measures)]


def scores_table(section: Scores) -> Lines:
    """Stimuli by measures, then the leader against each other variant."""
    header = ["Stimulus", *(escaped(measure) for measure in section.measures)]
    coverage = words.percent(section.confidence)
    lines = [
        f"Mean rating from 1 to {section.points} with the {coverage} simulation interval.",
        f"Decided on {escaped(section.decided_on)}.",
        "",
        *table(header, [_score_row(row, section.measures) for row in section.rows]),
    ]
    if not section.rows:
        lines = [words.NO_RATINGS]
    if section.anti_rows:
        lines += ["", "The same, rated by respondents outside the ICP (control):", ""]
        lines += table(header, [_score_row(row, section.measures) for row in section.anti_rows])
    if section.contrasts:
        lines += ["", "How far ahead:", ""]
        lines += table(
            ["Contrast", "On", "Lead", "Interval", "p, Holm"],
            [
                [
                    f"{escaped(one.leader)} against {escaped(one.other)}",
                    escaped(one.measure),
                    *words.lead(one),
                    words.probability(one.p_holm),
                ]
                for one in section.contrasts
            ],
            2,
        )
    return lines


def top_box_table(section: TopBox) -> Lines:
    """The two highest points in the target and outside the ICP, then what each concept says."""
    rows = [
        [
            f"**{escaped(row.stimulus.id)}** {escaped(row.stimulus.name)}".rstrip(),
            words.share_or_none(row.target),
            words.share_or_none(row.anti, "not asked"),
        ]
        for row in section.rows
    ]
    described: Lines = []
    for row in section.rows:
        if row.stimulus.role == "variant":
            described += ["", f"> **{escaped(row.stimulus.id)}**: {escaped(row.stimulus.shown)}"]
    return [
        words.top_box_lede(section),
        "",
        *table(["Concept", "Target", "Outside the ICP"], rows),
        *described,
    ]


def _pair(pair: Pair) -> list[str]:
    kept = "not computed" if pair.order_consistency is None else words.percent(pair.order_consistency)
    won = ["no answer", ""]
    if pair.win_share is not None:
        won = [f"**{words.percent(pair.win_share.value)}**", words.percent_interval(pair.win_share)]
    return [
        f"{escaped(pair.first)} over {escaped(pair.second)}",
        *won,
        kept,
        f"{pair.missing} of {pair.asked}",
    ]


def preferences_table(section: Preferences) -> Lines:
    """Strengths, then every pair."""
    ranked = sorted(section.preference.strengths, key=lambda strength: -strength[1].value)
    return [
        "Every pair was asked in both orders.",
        "",
        *table(
            ["Variant", "Win probability", "Interval"],
            [
                [escaped(name), f"**{words.percent(e.value)}**", words.percent_interval(e)]
                for name, e in ranked
            ],
        ),
        "",
        *table(
            ["Pair", "First wins", "Interval", "Survives a swap", "Missing"],
            [_pair(pair) for pair in section.preference.pairs],
        ),
    ]


def cuts_table(section: Cuts) -> Lines:
    """One row per segment."""
    header = ["Segment", "n", *(escaped(name) for name in section.variants), "Leader"]
    rows = [_cut(cut, section.variants) for cut in section.cuts]
    return [f"Mean {escaped(section.measure)} by segment.", "", *table(header, rows)]


def _cut(cut: Cut, variants: Sequence[str]) -> list[str]:
    cells = {cell.stimulus: cell.estimate for cell in cut.cells}
    figures = []
    for name in variants:
        figure = cells.get(name)
        figures.append("no answer" if figure is None else words.fixed(figure.value))
    return [
        f"{escaped(cut.value)} ({cut.dimension.replace('icp', 'ICP').replace(' x ', ' × ')})",
        str(cut.n),
        *figures,
        escaped(cut.leader) if cut.leader else "none beyond noise",
    ]


def ablation_tables(section: Ablation) -> Lines:
    """The answer, the sources of variance, and what each treatment gave."""
    found = section.analysis
    sources = [
        [words.SOURCES[one.name], f"**{words.percent(one.share.value)}**", words.percent_interval(one.share)]
        for one in (*found.sources, *found.swapped)
    ]
    stimuli = [escaped(name) for name, _ in found.treatments[0].means] if found.treatments else []
    treated = [
        [
            words.TREATMENTS[row.treatment],
            *(f"{words.fixed(mean.value)} {words.interval(mean)}" for _, mean in row.means),
            "" if row.moved is None else words.fixed(row.moved.value),
        ]
        for row in found.treatments
    ]
    what = words.CARRIED[found.carried]
    lines = ["", f"**{escaped(section.answer)}**", "", *(f"- {escaped(one)}" for one in section.reasons)]
    if sources:
        lines += ["", f"Shares of the variance of one rating of {escaped(found.measure)}:", ""]
        lines += table(["Source", "Share", "Interval"], sources)
        lines += ["", f"Mean {escaped(found.measure)} by whose {what} respondents carry:", ""]
        lines += table([what.capitalize(), *stimuli, "Moved by"], treated)
    return lines


def objections_table(section: Objections) -> Lines:
    """One row per persona and expected objection, with the first words that raised it."""
    rows = [
        [
            escaped(one.title),
            escaped(one.expected),
            f"{one.raised} of {one.of}",
            "" if one.quote is None else f"“{escaped(one.quote.text)}” `{words.short(one.quote.call_key)}`",
        ]
        for one in section.heard
    ]
    how = "a reaction" if section.said_in == "reactions" else "an answer"
    header = ["Persona", "Expected objection", "Raised", "First"]
    return [words.LIKE.format(how), "", *table(header, rows, 4)]


def trust_table(section: Trust) -> Lines:
    """One row per check, then the calibration."""
    rows = [_check(check) for check in section.checks]
    calibration = f"Calibration: this panel was **{escaped(section.calibration)}**."
    return [*table(["", "Check", "Found"], rows, 3), "", calibration]


def _check(check: Check) -> list[str]:
    state = f"{words.MARKS[check.state]} {words.STATES[check.state]}"
    return [state, check.label, f"{escaped(check.found)}<br>*{escaped(check.expectation)}*"]


def grounding_table(section: Grounding) -> Lines:
    """What each persona rests on, then where that comes from."""
    rows = [
        [
            f"**{escaped(one.persona)}**<br>{escaped(words.grounding(one))}",
            words.fixed(one.index),
            *(str(n) for n in (one.observed, one.inferred, one.invented, one.unsaid)),
            one.oldest or "no date",
        ]
        for one in section.personas
    ]
    header = ["Persona", "Index", "Observed", "Inferred", "Invented", "Not said", "Oldest source"]
    sources = [
        f"- {escaped(one.persona)}: {escaped(words.ground_source(source))}"
        for one in section.personas
        for source in one.sources
    ]
    return [
        f"**{escaped(words.groundings(section))}** {words.GROUNDING}",
        "",
        *table(header, rows),
        *(["", *sources] if sources else []),
    ]
