"""The sections of hypotheses and surveys in the terminal export."""

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from panelsim.model.report import HypothesisAnswer, Positions, Report, SurveyAnswer, SurveyResults
from panelsim.reporting import study_words, words

TONES: Mapping[str, str] = {
    "clear_lead": "bold green",
    "lean": "bold yellow",
    "no_difference": "bold blue",
    "cannot_say": "bold red",
}
BAR = 12
"""Characters of a bar that stands for all."""
WIDEST = 44
"""Characters of a position or a question in a table."""


def plain_table(*columns: str) -> Table:
    """A table whose columns but the first are set to the right."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, collapse_padding=True, show_edge=False)
    for at, name in enumerate(columns):
        table.add_column(name, justify="right" if at else "left", no_wrap=True, overflow="ellipsis")
    return table


def cut(text: str, most: int = WIDEST) -> str:
    """`text` on one line of at most `most` characters."""
    line = words.one_line(text)
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def indented(text: str) -> Padding:
    """A line set in by two."""
    return Padding(Text(words.one_line(text)), (0, 0, 0, 2))


def hypothesis_answer(section: HypothesisAnswer) -> Sequence[RenderableType]:
    """The verdict, the question and its positions, and what to do next."""
    tone = TONES[study_words.TONES[section.word]]
    verdict = Text.assemble(
        (study_words.WORDS[section.word].upper(), tone), f"  {words.one_line(section.sentence)}"
    )
    return [
        "",
        verdict,
        indented(f"“{section.question}”"),
        indented(f"a: {section.a}"),
        indented(f"b: {section.b}"),
        indented(study_words.share_in_words(section)),
        *(indented(reason) for reason in section.reasons[:3]),
        Text.assemble(("Next: ", "bold"), words.one_line(section.next_step)),
    ]


def positions(section: Positions) -> Sequence[RenderableType]:
    """Shares of the answers, and the share for a over b by persona."""
    table = plain_table("answer", "share")
    for side, share in section.sides:
        text = cut(f"{side}: {study_words.side_text(section, side)}")
        table.add_row(Text(text), study_words.share_or_dash(share))
    cuts = plain_table("persona", "n", "a over b")
    for one in section.cuts:
        if one.dimension == "persona":
            cuts.add_row(Text(cut(one.value)), str(one.n), study_words.share_or_dash(one.share))
    return ["", table, "", cuts]


def survey_answer(section: SurveyAnswer, report: Report) -> Sequence[RenderableType]:
    """How much of the questionnaire can be read."""
    tone = TONES[study_words.SURVEY_TONES[section.word]]
    lost = (
        f", {section.missing} missing ({words.reasons(section.missing_reasons)})" if section.missing else ""
    )
    return [
        "",
        Text(words.one_line(report.title), style="bold"),
        Text.assemble(
            (study_words.SURVEY_WORDS[section.word].upper(), tone), f"  {words.one_line(section.sentence)}"
        ),
        Text(f"{words.count(section.answers, 'answer')}{lost}."),
    ]


def survey_results(section: SurveyResults) -> Sequence[RenderableType]:
    """Every question with its shares; those that cannot be read say why."""
    parts: list[RenderableType] = []
    for result in section.results:
        title = f"{words.one_line(result.question.id)}: {words.one_line(result.question.text)}"
        parts += ["", Text(title, style="bold")]
        parts += [
            Padding(Text(f"Cannot say: {words.one_line(reason)}", style="red"), (0, 0, 0, 2))
            for reason in result.reasons
        ]
        parts += [indented(f"{label}: {text}") for label, text in study_words.figures(result)]
        if result.shares:
            table = plain_table("answer", "share", "")
            for one in result.shares:
                label = Text(cut(study_words.choice_label(result, one.option), 36))
                bar = Text("█" * round(one.share.value * BAR))
                table.add_row(label, study_words.share_or_dash(one.share), bar)
            table.columns[2].justify = "left"
            parts.append(Padding(table, (0, 0, 0, 2)))
    return parts
