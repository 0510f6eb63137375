"""Showing what was spent, and how good the estimates were."""

from collections.abc import Callable

from pydantic import JsonValue

from panelsim.cli import output
from panelsim.service import usage
from panelsim.service.usage import By, Compared, Course, RunningError, Spend
from panelsim.service.workspace import open_workspace

TITLES: dict[By, str] = {"day": "Day (UTC)", "run": "Run", "model": "Model", "account": "Account"}


def show_usage(by: By, *, as_json: bool) -> None:
    """What was spent, as a table with its total or as JSON."""
    with open_workspace() as workspace:
        rows = workspace.store.spending()
        place = workspace.store.place
    spends = usage.spends_by(by, rows)
    total = Spend(
        "Total",
        sum(one.calls for one in spends),
        sum(one.cost_usd for one in spends),
        sum(one.unsettled_usd for one in spends),
    )
    if as_json:
        told: list[JsonValue] = [{by: one.name, **_figures(one)} for one in spends]
        output.print_json({"by": by, "rows": told, "total": _figures(total)})
        return
    if not spends:
        output.err().print(f"No call was made yet, so nothing is spent ({place}).", markup=False)
        return
    output.print_table(
        (TITLES[by], "Calls", "US dollars", "May have been billed beyond"),
        (
            (one.name, f"{one.calls:,}", output.dollars(one.cost_usd), _unsettled(one))
            for one in (*spends, total)
        ),
    )


def _figures(one: Spend) -> dict[str, JsonValue]:
    return {"calls": one.calls, "cost_usd": one.cost_usd, "unsettled_usd": one.unsettled_usd}


def _unsettled(one: Spend) -> str:
    return output.dollars(one.unsettled_usd) if one.unsettled_usd else ""


def show_estimates(*, as_json: bool) -> None:
    """The estimates of past runs beside what the runs took, and how far they were off."""
    with open_workspace() as workspace:
        compared = usage.compare_all(workspace.store)
    errors = usage.errors_of(compared)
    if as_json:
        told: list[JsonValue] = [compared_json(one) for one in compared]
        off: dict[str, JsonValue] = {name: error_json(error) for name, error in errors.items()}
        output.print_json({"runs": told, "running_error": off})
        return
    if not compared:
        output.err().print("No run has an estimate yet: it is kept when a run is started.", markup=False)
        return
    output.print_table(
        ("Run", "Model", "State", "Calls expected", "Made", "Dollars expected", "Spent"),
        (
            (
                one.run_id,
                one.model,
                one.state,
                span(one.calls, lambda value: f"{value:,.0f}"),
                f"{one.calls.actual:,.0f}",
                span(one.cost_usd, output.dollars),
                output.dollars(one.cost_usd.actual),
            )
            for one in compared
        ),
    )
    for told_of, error in (("calls", errors["calls"]), ("dollars", errors["cost_usd"])):
        output.out().print(error_sentence(error, told_of), markup=False)


def span(course: Course, tell: Callable[[float], str]) -> str:
    """`likely (low to high)`."""
    return f"{tell(course.likely)} ({tell(course.low)} to {tell(course.high)})"


def course_json(course: Course) -> dict[str, JsonValue]:
    """What was expected, what came, and how they compare."""
    return {**course._asdict(), "is_within": course.is_within, "ratio": course.ratio}


def compared_json(one: Compared) -> dict[str, JsonValue]:
    """A run's estimate beside what it took, flat but for the two figures."""
    return {
        "run_id": one.run_id,
        "model": one.model,
        "state": one.state,
        "calls": course_json(one.calls),
        "cost_usd": course_json(one.cost_usd),
    }


def error_json(error: RunningError | None) -> JsonValue:
    """The running error; null if no run can tell."""
    return None if error is None else {**error._asdict(), "is_few": error.is_few}


def error_sentence(error: RunningError | None, what: str) -> str:
    """How far past estimates of calls or dollars were off, with how many runs say so."""
    if error is None:
        return f"No run that is done tells how good the estimates of {what} are."
    runs = "1 run" if error.n == 1 else f"{error.n} runs"
    few = " Too few to rely on." if error.is_few else ""
    return (
        f"Estimates of {what}: {runs} took {error.ratio:.2f} times the likely figure (median); "
        f"{error.within} of {error.n} came between low and high.{few}"
    )
