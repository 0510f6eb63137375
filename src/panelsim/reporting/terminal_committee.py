"""The committee in the terminal: vetoes first, then champions, what the signer needs, and the seats."""

from collections.abc import Sequence

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from panelsim.model.analysis import VerdictWord
from panelsim.model.committee import OutcomeWord, StanceState
from panelsim.model.report import Committee, CommitteeAnswer, Quote, Report, SeatRow, SeatVoice
from panelsim.reporting import committee_words, words

MOST_PROPOSALS = 4
"""Tested proposals that fit beside each other in 80 columns."""
MOST_VOICES = 4

_TONES: dict[OutcomeWord | VerdictWord, str] = {
    "go_ahead": "bold green",
    "blocked": "bold red",
    "stuck": "bold yellow",
    "clear_lead": "bold green",
    "lean": "bold yellow",
    "no_difference": "bold blue",
    "cannot_say": "bold red",
}
_STANCE_TONES: dict[StanceState, str] = {
    "yes": "green",
    "no": "bold red",
    "unsure": "yellow",
    "unclear": "yellow",
    "position_bias": "dim",
    "missing": "dim",
}


def outcome(section: CommitteeAnswer, report: Report) -> Sequence[RenderableType]:
    """The verdict, and under it who blocks, who champions and what whoever signs needs."""
    several = len(section.proposals) > 1
    texts = {one.id: one.text for one in report.stimuli}
    word = committee_words.verdict(section.word).upper()
    parts: list[RenderableType] = [
        "",
        Text.assemble((word, _TONES[section.word]), f"  {words.one_line(section.sentence)}"),
        *(_indented(f"{one.proposal} “{texts[one.proposal]}”") for one in section.proposals),
        *(_indented(reason) for reason in section.reasons[:MOST_VOICES]),
    ]
    parts += _vetoes(section, several=several)
    champions = [_voiced(one, several=several) for one in section.champions]
    parts.append(_labelled("Would champion", "; ".join(champions[:MOST_VOICES]) or "nobody clearly"))
    for one in section.signers[:MOST_VOICES]:
        needs = "no words" if one.needs is None else _quoted(one.needs)
        parts.append(_labelled("Signer needs", f"{_voiced(one, several=several)}: {needs}"))
    if not section.signers:
        parts.append(_labelled("Signer needs", "nobody in this committee signs"))
    parts.append(_labelled("Next", words.one_line(section.next_step)))
    return parts


def _vetoes(section: CommitteeAnswer, *, several: bool) -> Sequence[RenderableType]:
    if not section.vetoes:
        return [_labelled("Would block", "nobody clearly")]
    parts: list[RenderableType] = []
    for one in section.vetoes[:MOST_VOICES]:
        heard = " (heard, but the run is void)" if section.is_void else ""
        said = f"{_voiced(one, several=several)}{heard}"
        parts.append(Text.assemble(("Would block: ", "bold red"), said))
        if one.said is not None:
            parts.append(_indented(_quoted(one.said)))
    if (left := len(section.vetoes) - MOST_VOICES) > 0:
        parts.append(_indented(f"{words.count(left, 'more veto', 'more vetoes')} in the files."))
    return parts


def _voiced(one: SeatVoice, *, several: bool) -> str:
    return f"{words.one_line(one.title)} ({committee_words.voice(one, several=several)})"


def _quoted(quote: Quote) -> str:
    return f"“{words.one_line(quote.text)}” (simulated, call {words.short(quote.call_key)})"


def _labelled(label: str, text: str) -> Text:
    return Text.assemble((f"{label}: ", "bold"), text)


def _indented(text: str) -> Padding:
    return Padding(Text(words.one_line(text)), (0, 0, 0, 2))


def committee(section: Committee) -> Sequence[RenderableType]:
    """Seats by tested proposals, and the odds of each."""
    shown = [one.id for one in section.proposals if one.role == "variant"][:MOST_PROPOSALS]
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, collapse_padding=True, show_edge=False)
    table.add_column("seat", no_wrap=True, overflow="ellipsis", min_width=18)
    table.add_column("part", no_wrap=True)
    for name in shown:
        table.add_column(Text(name), min_width=9, overflow="fold")
    for row in section.rows:
        table.add_row(*_row(row, shown))
    parts: list[RenderableType] = ["", table, Text("■ can stop it   ▲ may champion it", style="dim")]
    parts += _odds(section)
    tested = sum(one.role == "variant" for one in section.proposals)
    if tested > len(shown):
        more = words.count(tested - len(shown), "more proposal")
        parts.append(Text(f"{more} in the files.", style="dim"))
    return parts


def _row(row: SeatRow, shown: Sequence[str]) -> list[Text]:
    marks = ("■" if row.can_stop else "") + ("▲" if row.may_champion else "")
    part = f"{committee_words.AUTHORITIES[row.authority]} {marks}".strip()
    cells = {cell.proposal: cell for cell in row.cells}
    stances = [
        Text(committee_words.stance(cells[name]), style=_STANCE_TONES[committee_words.tone(cells[name])])
        for name in shown
    ]
    return [Text(words.one_line(row.title)), Text(part), *stances]


def _odds(section: Committee) -> Sequence[RenderableType]:
    if section.companies > 1:
        return [
            _labelled(one.proposal, f"{committee_words.counts(one)}; go ahead: {committee_words.going(one)}")
            for one in section.summaries
        ]
    return [
        _labelled(f"{one.proposal} in {one.account}", committee_words.odds(one)) for one in section.outcomes
    ]
