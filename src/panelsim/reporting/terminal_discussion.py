"""The discussion in the terminal: the verdict, who moved, and the words of the first group."""

from collections.abc import Sequence

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from panelsim.model.discussion import DiscussionWord
from panelsim.model.discussion_report import DiscussionAnswer, Shifts
from panelsim.model.report import Report, Respondents, Transcripts
from panelsim.reporting import discussion_words, words
from panelsim.reporting.discussion_words import talk_of

MOST_MEMBERS = 16
SHOWN_GROUPS = 1

_TONES: dict[DiscussionWord, str] = {
    "rose": "bold green",
    "fell": "bold red",
    "converged": "bold green",
    "parted": "bold yellow",
    "moved": "bold yellow",
    "held": "bold blue",
    "cannot_say": "bold red",
}


def answer(section: DiscussionAnswer, report: Report) -> Sequence[RenderableType]:
    """The verdict and its reasons."""
    word = discussion_words.VERDICTS[section.word].upper()
    return [
        "",
        Text.assemble((word, _TONES[section.word]), f"  {words.one_line(section.sentence)}"),
        *(_indented(f"“{one.text}”") for one in report.stimuli),
        *(_indented(reason) for reason in section.reasons),
        Text.assemble(("Next: ", "bold"), words.one_line(section.next_step)),
    ]


def shifts(section: Shifts) -> Sequence[RenderableType]:
    """Each member before and after."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, collapse_padding=True, show_edge=False)
    table.add_column("member", no_wrap=True, overflow="ellipsis")
    for name in ("before", "after", "shift", "interval", "again", "unrelated"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in section.rows[:MOST_MEMBERS]:
        one = row.shift
        value, interval = discussion_words.shift(row)
        table.add_row(
            Text(words.one_line(f"{one.group} {row.name}")),
            discussion_words.rating(one.before),
            discussion_words.rating(one.after),
            Text(value, style="bold" if one.has_moved else ""),
            interval,
            discussion_words.rating(one.retest),
            discussion_words.rating(one.unrelated),
        )
    left = len(section.rows) + section.omitted - MOST_MEMBERS
    told = f"Private ratings of {section.measure}; again and unrelated are the controls."
    parts: list[RenderableType] = ["", table, Text(words.one_line(told), style="dim")]
    return [*parts, *([Text(f"{words.count(left, 'more member')} in the files.")] if left > 0 else [])]


def talks(section: Transcripts, report: Report) -> Sequence[RenderableType]:
    """What the first group said; the others are in the files."""
    people = {
        person.id: person
        for one in report.record
        if isinstance(one, Respondents)
        for person in one.respondents
    }
    parts: list[RenderableType] = []
    for transcript in section.transcripts[:SHOWN_GROUPS]:
        talk = talk_of(transcript, people)
        parts += ["", Text(f"Group {words.one_line(talk.group)} (simulated)", style="bold")]
        for round_ in talk.rounds:
            parts.append(_indented(round_.question, style="dim"))
            for person, turn in round_.turns:
                said = Text.assemble((words.one_line(person.name), "bold"), f": {words.one_line(turn.text)}")
                parts.append(Padding(said, (0, 0, 0, 4)))
    left = section.sessions - SHOWN_GROUPS
    return [*parts, *([Text(f"{words.count(left, 'more group')} in the files.")] if left > 0 else []), ""]


def _indented(text: str, style: str = "") -> Padding:
    return Padding(Text(words.one_line(text), style=style), (0, 0, 0, 2))
