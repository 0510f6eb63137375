"""Matched accounts as data and as a table for a spreadsheet."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from panelsim.model.table import Table
from panelsim.planning.criteria import FAIL, PASS, UNKNOWN
from panelsim.planning.matching import Match
from panelsim.reporting.csv import guarded, line_of
from panelsim.service.accounts import Matched

STATES = {PASS: "pass", FAIL: "fail", UNKNOWN: "unknown"}


def matched_lines(table: Table, match: Match) -> Iterator[str]:
    """CSV, best account first: every column of the table, then rank, row, verdict, fit and each criterion.

    Text that a spreadsheet would run gets a leading apostrophe.
    """
    criteria = [criterion.name for criterion in match.criteria]
    added = ("rank", "row", "verdict", "fit_low", "fit_high", *criteria)
    yield line_of([*map(guarded, table.columns), *(f"panelsim {name}" for name in added)])
    columns = list(table.columns.values())
    low, high, verdicts = match.low.tolist(), match.high.tolist(), match.verdicts.tolist()
    states = [[STATES[state] for state in row] for row in match.states.T.tolist()]
    for rank, at in enumerate(match.order.tolist(), start=1):
        own = [guarded(cells[at]) if cells[at] else "" for cells in columns]
        found = [
            str(rank),
            str(table.rows[at]),
            match.names[verdicts[at]],
            f"{low[at]:.3f}",
            f"{high[at]:.3f}",
        ]
        yield line_of([*own, *found, *states[at]])


class Shown(NamedTuple):
    """What a view of matched accounts is made from."""

    table: Table
    match: Match
    label: str
    """The column that names an account."""
    place: str
    """The column that says where an account is; empty if there is none."""
    notes: Sequence[str]


def shown_of(matched: Matched, ids: str = "") -> Shown:
    """What a view of matched accounts is made from; `ids` is the column that names them, else the first."""
    place = next((matched.sources[one].column for one in ("region", "country") if one in matched.sources), "")
    label = ids or next(iter(matched.table.columns))
    return Shown(matched.table, matched.match, label, place, matched.notes)


def matched_json(shown: Shown, top: int) -> JsonValue:
    """What was found: the counts, each criterion, and the best `top` accounts."""
    table, match = shown.table, shown.match
    verdicts: dict[str, JsonValue] = dict(match.counts())
    places: dict[str, JsonValue] = {name: dict(counts) for name, counts in by_place(shown)}
    return {
        "icp": match.icp.id,
        "version": match.icp.version,
        "polarity": match.icp.polarity,
        "meaning": meaning_of(match),
        "accounts": len(table.rows),
        "left_out": table.skipped,
        "verdicts": verdicts,
        "criteria": [_criterion(match, at) for at in range(len(match.criteria))],
        "places": places,
        "top": [_account(shown, at, rank) for rank, at in enumerate(match.order[:top].tolist(), start=1)],
        "notes": list(shown.notes),
    }


def meaning_of(match: Match) -> str:
    """How the verdicts of this ICP are meant, in one sentence."""
    if match.icp.polarity == "negative":
        return (
            f"{match.icp.id} describes companies we do not sell to, so the meaning is turned round: "
            "fit is 1 less the likeness, and accounts to avoid come last."
        )
    return "Fit is the share of what the ICP asks that an account meets, must-haves counted twice."


def by_place(shown: Shown, most: int = 12) -> Sequence[tuple[str, dict[str, int]]]:
    """The counts of each verdict in the `most` frequent places; nothing if no column says where."""
    if not shown.place:
        return ()
    cells, match = shown.table.column(shown.place), shown.match
    frequent = [place for place, _ in Counter(cells).most_common(most)]
    found = {place: dict.fromkeys(match.names, 0) for place in frequent}
    for (cell, verdict), count in Counter(zip(cells, match.verdicts.tolist(), strict=True)).items():
        if cell in found:
            found[cell][match.names[verdict]] = count
    return [(place or "not known", counts) for place, counts in found.items()]


def states_of(match: Match, at: int, wanted: int) -> tuple[str, ...]:
    """The criteria that account `at` fails, or that are not known of it, by name."""
    states = match.states[:, at].tolist()
    return tuple(one.name for one, state in zip(match.criteria, states, strict=True) if state == wanted)


def _criterion(match: Match, at: int) -> JsonValue:
    one = match.criteria[at]
    passed, failed, unknown = match.tally(at)
    counts: dict[str, JsonValue] = {"pass": passed, "fail": failed, "unknown": unknown}
    return {"name": one.name, "asks": one.says, "part": one.part, **counts}


def _account(shown: Shown, at: int, rank: int) -> JsonValue:
    match = shown.match
    states: dict[str, JsonValue] = {
        one.name: STATES[state]
        for one, state in zip(match.criteria, match.states[:, at].tolist(), strict=True)
    }
    return {
        "rank": rank,
        "row": shown.table.rows[at],
        "account": shown.table.column(shown.label)[at],
        "verdict": match.names[int(match.verdicts[at])],
        "fit_low": round(float(match.low[at]), 4),
        "fit_high": round(float(match.high[at]), 4),
        "criteria": states,
    }
