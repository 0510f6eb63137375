"""Calibrating from the command line: results read, texts encoded, the panel asked, the table shown."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from pydantic import JsonValue
from rich.console import Console
from rich.markdown import Markdown

from panelsim.calibration.pairs import Pairs
from panelsim.calibration.panel import PanelColumns
from panelsim.cli import output
from panelsim.cli.asking import check_access, estimate_line
from panelsim.cli.edge import Stopped
from panelsim.cli.progress import pull_progress
from panelsim.errors import InputError
from panelsim.files.results import Wanted, read_results
from panelsim.files.writing import check_folder
from panelsim.metrics.arrays import Floats
from panelsim.model.calibration import Calibration, Outcome, PanelFacts, PastResults
from panelsim.model.call import ModelRef
from panelsim.model.study import Elicitation, Frame
from panelsim.providers.catalogue import DEFAULT_EMBEDDING, entry_of
from panelsim.providers.model_files import is_pulled, pull
from panelsim.reporting.calibration import render_calibration
from panelsim.service.calibrate import build_calibration, checked_pairs, encode_pairs, write_calibration
from panelsim.service.models import pull_models
from panelsim.service.panel_answers import (
    Asked,
    PanelWish,
    ask_panel,
    estimate_answers,
    panel_columns,
    studies_of,
)
from panelsim.service.typed import pairs_in
from panelsim.service.vectors import sentence_model
from panelsim.service.workspace import Workspace, observed, open_workspace
from panelsim.settings import Settings

FOLDER = Path("panelsim-calibration")
PANEL, MODEL = "sales-trio", "embedded/qwen2.5-1.5b"
TOLD_EVERY = 10
"""Tests between two lines of progress."""


@dataclass(frozen=True)
class Request:
    """What was typed."""

    results: Path
    columns: tuple[str, ...]
    where: tuple[str, ...]
    channel: str
    outcome: Outcome | None
    skip_bad: bool
    vectors: bool
    panel: str
    n: int
    panel_tests: int
    stored_only: bool
    measures: str
    pairs: bool
    elicit: Elicitation | None
    frame: Frame | None
    seed: int
    model: str
    base_url: str
    max_cost_usd: float
    yes: bool
    out: Path | None
    as_json: bool

    @property
    def wanted(self) -> Wanted:
        """What is read of the file. InputError for a mapping that is none."""
        columns = {field: column for column, field in pairs_in(self.columns, "--map", "Headline=text")}
        where = dict(pairs_in(self.where, "--where", "device=desktop"))
        return Wanted(columns, where, self.channel.strip(), self.outcome, self.skip_bad)

    @property
    def wish(self) -> PanelWish | None:
        """How the panel is asked; None if none was named."""
        if not self.panel and not self.model:
            return None
        measures = tuple(name.strip() for name in self.measures.split(",") if name.strip())
        if not measures:
            raise InputError("--measures names no measure, for example relevance,clarity")
        return PanelWish(
            panel=self.panel or PANEL,
            model=self.model or MODEL,
            base_url=self.base_url,
            n=self.n,
            measures=measures,
            paired=self.pairs,
            elicit=self.elicit,
            frame=self.frame,
            seed=self.seed,
            max_cost_usd=self.max_cost_usd,
            most_tests=self.panel_tests,
            stored_only=self.stored_only,
        )


def calibrate_file(request: Request) -> None:
    """Builds, writes and shows the calibration of a results file."""
    console = output.err()
    results = read_results(request.results, request.wanted)
    pairs = checked_pairs(results)
    check_folder(request.out or FOLDER)
    console.print(_intake(results, pairs), markup=False)
    with open_workspace() as opened, observed(opened) as workspace:
        wish = request.wish
        asked = studies_of(results, wish) if wish is not None else ()
        ref, vectors = _vectors(pairs, request, workspace.settings, console)
        panel = None
        if wish is not None:
            panel = _panel(results, asked, wish, request, workspace, console)
    console.print("Fitting and checking on tests that no fit has seen.", markup=False)
    calibration = build_calibration(
        results, pairs, vectors=vectors, embedding_model=ref, panel=panel, seed=request.seed
    )
    files = write_calibration(calibration, request.out or FOLDER)
    _show(calibration, files, as_json=request.as_json)


def _intake(results: PastResults, pairs: Pairs) -> str:
    left = "".join(f"; {count:,} {why} left out" for why, count in results.left_out)
    return f"{len(results.tests):,} past tests of {results.channel!r}, {len(pairs):,} pairs{left}."


def _vectors(
    pairs: Pairs, request: Request, settings: Settings, console: Console
) -> tuple[ModelRef | None, Floats | None]:
    if not request.vectors:
        return None, None
    if not is_pulled(DEFAULT_EMBEDDING, settings.cache_dir):
        with pull_progress(console, entry_of(DEFAULT_EMBEDDING)) as progress:
            pull(DEFAULT_EMBEDDING, settings.cache_dir, progress)
    ref = sentence_model(settings)
    console.print(f"Reading {len(pairs.texts):,} texts with {ref}.", markup=False)
    return ref, encode_pairs(pairs, ref, settings)


def _panel(
    results: PastResults,
    asked: Sequence[Asked],
    wish: PanelWish,
    request: Request,
    workspace: Workspace,
    console: Console,
) -> tuple[PanelColumns, PanelFacts]:
    first = asked[0].study
    check_access(first, workspace.settings)
    pull_models(first, workspace.settings, lambda entry: pull_progress(console, entry))
    if not wish.stored_only and not wish.model.startswith("scripted/"):
        _settle(asked, wish, request, workspace, console)

    def tell(done: int, total: int) -> None:
        if done % TOLD_EVERY == 0 or done == total:
            console.print(f"Panel: {done:,} of {total:,} past tests.", markup=False)

    answers = ask_panel(asked, wish, workspace, tell)
    console.print(
        f"Panel: {answers.calls_made:,} calls made ({output.dollars(answers.cost_usd)}); "
        f"{len(answers.analyses):,} of {len(results.tests):,} tests are answered in full.",
        markup=False,
    )
    return panel_columns(results, answers), answers.facts


def _settle(
    asked: Sequence[Asked], wish: PanelWish, request: Request, workspace: Workspace, console: Console
) -> None:
    estimate = estimate_answers(asked, workspace)
    console.print(f"{len(asked):,} past tests to ask. {estimate_line(estimate)}", markup=False)
    if not estimate.likely.cost_usd or request.yes or not (sys.stdin.isatty() and console.is_terminal):
        return
    cap = output.dollars(wish.max_cost_usd)
    if not typer.confirm(f"Ask, and never spend more than {cap}?", default=True, err=True):
        raise Stopped("Nothing was asked and nothing was spent.")


def _show(calibration: Calibration, files: Sequence[Path], *, as_json: bool) -> None:
    if as_json:
        paths: dict[str, JsonValue] = {path.name: str(path) for path in files}
        output.print_json(
            {
                "key": calibration.key,
                "badge": calibration.evaluation.badge.given,
                "reason": calibration.evaluation.badge.reason,
                "data": calibration.data.model_dump(mode="json"),
                "evaluation": calibration.evaluation.model_dump(mode="json"),
                "files": paths,
            }
        )
        return
    console = output.out()
    page = render_calibration(calibration)
    if console.is_terminal:
        Console().print(Markdown(page))
    else:
        sys.stdout.write(page)
    for path in files:
        console.print(str(path), markup=False)
