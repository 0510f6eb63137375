"""The commands `run`, `estimate`, `report`, `usage` and `runs`: studies in files, runs in the store."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded

app = typer.Typer(no_args_is_help=True, help="Runs in the store: what was asked, and going on with it.")

StudyFile = Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="A study's YAML file.")]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, or `last` for the newest.")]


@guarded
def run(
    study: StudyFile,
    *,
    calibration: options.CalibrationFile = None,
    fresh: options.Fresh = False,
    yes: options.Yes = False,
    database: options.Database = "",
    engine: options.Engine = None,
    out: options.Out = None,
    as_json: options.AsJson = False,
) -> None:
    """Ask the study in a file. Costs what the study's model costs; known answers are free."""
    from panelsim.cli.asking import Manner, ask_study
    from panelsim.cli.studies import calibrated_study, study_at

    asked = calibrated_study(study_at(study), calibration)
    ask_study(asked, Manner(out, as_json, yes, fresh, database, engine))


@guarded
def estimate(study: StudyFile, *, as_json: options.AsJson = False) -> None:
    """Say what a study would take in calls, tokens, dollars and time. Asks nothing and costs nothing."""
    from panelsim.cli import estimates
    from panelsim.cli.studies import study_at

    estimates.show(study_at(study), as_json=as_json)


@guarded
def report(
    run: RunName,
    *,
    form: Annotated[options.FormatName, typer.Option("--format", "-f", help="What to write.")] = "md",
    out: Annotated[Path | None, typer.Option(help="File to write; stdout if not given.")] = None,
) -> None:
    """Write the report of a stored run. Works offline, asks nothing and costs nothing."""
    from panelsim.cli import stored

    pieces = stored.report_pieces(run, form)
    if out is None:
        sys.stdout.writelines(pieces)
    else:
        stored.write_to(out, pieces)


@app.command("list")
@guarded
def list_runs(*, as_json: options.AsJson = False) -> None:
    """List the runs in the store, newest first."""
    from panelsim.cli import runlist

    runlist.show_runs(as_json=as_json)


@app.command("show")
@guarded
def show_run(run: RunName, *, as_json: options.AsJson = False) -> None:
    """Show a run's verdict and facts, from the store alone."""
    from panelsim.cli import stored

    stored.show_run(run, as_json=as_json)


@app.command("watch")
@guarded
def watch(
    run: RunName,
    *,
    after: Annotated[
        int, typer.Option(min=0, help="Leave out events up to this number, as `--json` names it.")
    ] = 0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print each event as one line of JSON on stdout.")
    ] = False,
) -> None:
    """Follow a run that another process or a pool of workers drives, until it ends.

    Exits as the run does. Ctrl-C stops watching; the run goes on.
    """
    from panelsim.cli.watch import watch_run

    watch_run(run, after, as_json=as_json)


@app.command("pause")
@guarded
def pause(run: RunName, *, as_json: options.AsJson = False) -> None:
    """Let a run that is under way send no more calls until it is resumed.

    Calls under way come in and are kept. Whoever drives the run obeys within a second and waits.
    """
    from panelsim.cli.watch import pause_run

    pause_run(run, as_json=as_json)


@app.command("cancel")
@guarded
def cancel(run: RunName, *, as_json: options.AsJson = False) -> None:
    """End a run, whoever drives it. What was answered is kept, and the run can be resumed."""
    from panelsim.cli.watch import cancel_run

    cancel_run(run, as_json=as_json)


@app.command("resume")
@guarded
def resume(
    run: RunName,
    *,
    max_cost_usd: Annotated[
        float | None,
        typer.Option(min=0, help="Another cap for the whole run, what it has cost included, in US dollars."),
    ] = None,
    yes: options.Yes = False,
    database: options.Database = "",
    engine: options.Engine = None,
    out: options.Out = None,
    as_json: options.AsJson = False,
) -> None:
    """Go on with a run that was paused, cancelled, interrupted, stopped by its cap, or left answers missing.

    A paused run goes on where it is driven; any other that did not end well is driven here. Answers that are
    kept are not asked again and cost nothing.
    """
    from panelsim.cli.asking import Manner, resume_run

    resume_run(run, max_cost_usd, Manner(out, as_json, yes, database=database, engine=engine))


@guarded
def usage(
    *,
    by: Annotated[
        Literal["day", "run", "model", "account"], typer.Option(help="What the sums are over.")
    ] = "day",
    estimates: Annotated[
        bool, typer.Option("--estimates", help="Compare what runs took with what was expected.")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Show what was spent, from the store: every call that was made, in runs that ended and that did not."""
    from panelsim.cli.usage import show_estimates, show_usage

    if estimates:
        show_estimates(as_json=as_json)
    else:
        show_usage(by, as_json=as_json)
