"""How far do assigned traits and decision parameters come back from the answers? Prints Markdown tables.

    python benchmarks/traits.py [--studies dose-traits ...] [--table]

Each study of `evals/traits/` is an ordinary one: `panelsim run evals/traits/NAME.yaml` gives its report.
Figures are kept in `evals/traits/results.json` by study, with date, calls and seconds; what was answered
before is not asked again, and `--table` asks nothing. Names may be the beginning of several.
"""

import argparse
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue

from panelsim.analysis.inventory import inventory_analysis
from panelsim.analysis.readings import Readings
from panelsim.cli.studies import study_at
from panelsim.errors import InputError
from panelsim.model.base import Frozen
from panelsim.model.recovery import InventoryAnalysis
from panelsim.model.study import InventoryStudy
from panelsim.service.prepare import prepare
from panelsim.service.run import execute, new_run
from panelsim.service.workspace import open_workspace

HERE = Path(__file__).resolve().parents[1] / "evals" / "traits"
RESULTS = HERE / "results.json"


class Result(Frozen):
    """What one study gave."""

    study: str
    model: str
    instrument: str
    half: str
    form: str
    date: str
    calls: int
    """Different calls behind the figures."""
    seconds: float
    """Of the run that asked them; 0 if none was asked."""
    analysis: InventoryAnalysis

    @property
    def own_slope(self) -> float:
        """Mean slope of what was assigned on its own scale."""
        slopes = [dose.slope.value for dose in self.analysis.doses if dose.slope is not None]
        return sum(slopes) / len(slopes) if slopes else 0.0

    @property
    def other_slope(self) -> float:
        """Mean amount of the slope on the other scales."""
        slopes = [
            abs(one.slope.value)
            for dose in self.analysis.doses
            for one in dose.responses
            if one.measured != dose.assigned and one.slope is not None
        ]
        return sum(slopes) / len(slopes) if slopes else 0.0

    @property
    def right_side(self) -> float:
        """Mean share of profiles on the right side of their base."""
        shares = [dose.right_side or 0.0 for dose in self.analysis.doses]
        return sum(shares) / len(shares) if shares else 0.0


def ask(path: Path, known: Result | None) -> Result:
    """The study in `path`, asked where it was not before. Raises `InputError`."""
    study = study_at(path)
    if not isinstance(study, InventoryStudy):
        raise InputError(f"{path} is a {study.kind}, expected an inventory")
    with open_workspace() as workspace:
        job = prepare(study, workspace)
        started = time.monotonic()
        ended = execute(job, new_run(job, workspace), workspace)
        seconds = time.monotonic() - started
        if job.instrument is None:
            raise InputError(f"{path} has no instrument, expected items")
        readings = Readings(study, job.panel, job.instrument)
        for transcript in ended.outcome.transcripts:
            readings.hear(transcript)
        calls = ended.outcome.calls
    is_whole = ended.made == calls
    return Result(
        study=study.id,
        model=study.model,
        instrument=study.instrument,
        half=study.half or "all",
        form=study.form,
        date=f"{datetime.now(UTC):%Y-%m-%d}" if ended.made or known is None else known.date,
        calls=calls,
        seconds=round(seconds if is_whole else known.seconds if known else 0.0),
        analysis=inventory_analysis(readings),
    )


def read_results() -> dict[str, Result]:
    """What is kept, by study."""
    if not RESULTS.exists():
        return {}
    kept: dict[str, JsonValue] = json.loads(RESULTS.read_text("utf-8"))
    return {name: Result.model_validate(value) for name, value in kept.items()}


def write_results(results: dict[str, Result]) -> None:
    """Keeps `results`."""
    kept = {name: results[name].model_dump(mode="json") for name in sorted(results)}
    RESULTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")


# ---- tables


def print_forms(results: Sequence[Result]) -> None:
    """One row for each study: how much of what was assigned came back."""
    print(
        "| study | form | own slope | other slopes | own rho | right side | lean | axis | missing | calls "
        "| s |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for one in results:
        found = one.analysis
        lean = 0.0 if found.acquiescence is None else found.acquiescence.value
        cells = (
            one.study,
            one.form,
            f"{one.own_slope:+.2f}",
            f"{one.other_slope:.2f}",
            f"{found.convergent or 0:+.2f}",
            f"{one.right_side:.2f}",
            f"{lean:+.2f}",
            "–" if found.first_component is None else f"{found.first_component:.2f}",
            str(found.missing),
            str(one.calls),
            f"{one.seconds:.0f}" if one.seconds else "–",
        )
        print(f"| {' | '.join(cells)} |")


def print_doses(result: Result) -> None:
    """The dose-response table of one study."""
    found = result.analysis
    levels = sorted({point.level for dose in found.doses for point in dose.points})
    print(f"\n{result.study}, form `{result.form}`, {result.calls} calls, {result.date}:\n")
    curve = " | ".join(f"at {level:g}" for level in levels)
    print(
        f"| assigned | {curve} | slope | 90% | rho | right side | largest other slope | alpha | n | missing |"
    )
    print(f"|{'---|' * (len(levels) + 9)}")
    for dose in found.doses:
        scores = {point.level: f"{point.score:+.2f}" for point in dose.points}
        scale = next((one for one in found.scales if one.scale == dose.assigned), None)
        slope = dose.slope
        has_interval = slope is not None and slope.n > 1
        leaks = [one for one in dose.responses if one.measured != dose.assigned and one.slope is not None]
        worst = max(leaks, key=lambda one: abs(one.slope.value) if one.slope else 0.0, default=None)
        cells = (
            dose.assigned.replace("_", " "),
            *(scores.get(level, "–") for level in levels),
            "–" if slope is None else f"**{slope.value:+.2f}**",
            f"{slope.low:+.2f} to {slope.high:+.2f}" if slope is not None and has_interval else "–",
            "–" if dose.rho is None else f"{dose.rho:+.2f}",
            "–" if dose.right_side is None else f"{dose.right_side:.2f}",
            "–"
            if worst is None or worst.slope is None
            else f"{worst.slope.value:+.2f} ({worst.measured.replace('_', ' ')})",
            "–" if scale is None or scale.alpha is None else f"{scale.alpha:.2f}",
            str(dose.n),
            str(dose.missing),
        )
        print(f"| {' | '.join(cells)} |")
    print(f"\n| slope on | {' | '.join(one.scale.replace('_', ' ') for one in found.scales)} |")
    print(f"|{'---|' * (len(found.scales) + 1)}")
    for dose in found.doses:
        slopes = ("–" if one.slope is None else f"{one.slope.value:+.2f}" for one in dose.responses)
        print(f"| {dose.assigned.replace('_', ' ')} | {' | '.join(slopes)} |")


def main() -> None:
    """Asks the studies named, or prints what is kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--studies", nargs="*", default=[""], help="names, or beginnings of names; all if not given"
    )
    parser.add_argument("--table", action="store_true", help="ask nothing, print what is kept")
    wanted = parser.parse_args()
    results = read_results()
    beginnings = tuple(wanted.studies)
    if not wanted.table:
        for path in sorted(HERE.glob("d*.yaml")):
            if path.stem.startswith(beginnings):
                results[path.stem] = ask(path, results.get(path.stem))
                write_results(results)
    chosen = [one for name, one in sorted(results.items()) if name.startswith(beginnings)]
    print_forms(chosen)
    for one in chosen:
        print_doses(one)


if __name__ == "__main__":
    main()
