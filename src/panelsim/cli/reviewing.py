"""Showing which profiles are to be read again."""

from datetime import UTC, date, datetime, timedelta

import typer
from pydantic import JsonValue

from panelsim.cli import output
from panelsim.cli.comparing import short
from panelsim.errors import InputError
from panelsim.files import list_icps, list_panels, list_personas, read_icp, read_panel_spec, read_persona
from panelsim.planning.reviews import Dated, Due, State, reviews

EXIT_OVERDUE = 1
SAID: dict[State, str] = {
    "overdue": "overdue",
    "never": "never reviewed: no date is set",
    "soon": "due soon",
    "later": "later",
    "retired": "retired",
}


def show_reviews(on: str, within: int, *, everything: bool, as_json: bool) -> None:
    """Prints the reviews that are due; exits with 1 if one is overdue."""
    day = _day(on)
    found = reviews(_profiles(), day.isoformat(), (day + timedelta(days=within)).isoformat())
    shown = [due for due in found if everything or due.state in ("overdue", "never", "soon")]
    overdue = sum(due.state == "overdue" for due in found)
    if as_json:
        reviewed: list[JsonValue] = [due.model_dump(mode="json") for due in shown]
        output.print_json({"on": day.isoformat(), "overdue": overdue, "profiles": reviewed})
    else:
        _print(shown, day)
        left = len(found) - len(shown)
        typer.echo(
            f"{overdue} of {len(found)} overdue on {day.isoformat()}"
            + (f"; {left} due after {within} days or retired." if left else ".")
        )
    if overdue:
        raise typer.Exit(EXIT_OVERDUE)


def _print(shown: list[Due], day: date) -> None:
    if not shown:
        return
    rows = [
        (
            due.kind if due.kind != "icp" else "ICP",
            due.id,
            str(due.version),
            due.status or "-",
            due.review_due or "-",
            _said(due, day),
            short(due.content),
        )
        for due in shown
    ]
    output.print_table(("Kind", "Profile", "Version", "Status", "Review due", "State", "Content"), rows)
    typer.echo("")


def _said(due: Due, day: date) -> str:
    if due.review_due is None or due.state == "retired":
        return SAID[due.state]
    days = (date.fromisoformat(due.review_due) - day).days
    far = f"{abs(days):,} day{'' if abs(days) == 1 else 's'}"
    return f"overdue by {far}" if days < 0 else f"{SAID[due.state]}, in {far}" if days else "due today"


def _day(on: str) -> date:
    if not on:
        return datetime.now(UTC).date()
    try:
        day = date.fromisoformat(on)
    except ValueError:
        day = None
    if day is None or day.isoformat() != on:
        raise InputError(f"--on {on!r}, expected a day such as 2027-03-31")
    return day


def _profiles() -> list[Dated]:
    return [
        *(read_icp(name) for name in list_icps()),
        *(read_persona(name) for name in list_personas()),
        *(read_panel_spec(name).spec for name in list_panels()),
    ]
