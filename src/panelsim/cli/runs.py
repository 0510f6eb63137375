"""The commands `run`, `estimate`, `report` and `runs`: studies in files, runs in the store."""

import sys
from pathlib import Path
from typing import Annotated

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
    fresh: options.Fresh = False,
    yes: options.Yes = False,
    out: options.Out = None,
    as_json: options.AsJson = False,
) -> None:
    """Ask the study in a file. Costs what the study's model costs; known answers are free."""
    from panelsim.cli.asking import Manner, ask_study
    from panelsim.cli.studies import study_at

    ask_study(study_at(study), Manner(out=out, as_json=as_json, yes=yes, fresh=fresh))


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

    text = stored.report_text(run, form)
    if out is None:
        sys.stdout.write(text)
    else:
        stored.write_to(out, text)


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


@app.command("resume")
@guarded
def resume(
    run: RunName,
    *,
    max_cost_usd: Annotated[
        float | None,
        typer.Option(min=0, help="Another cap for what is still to be asked, in US dollars."),
    ] = None,
    yes: options.Yes = False,
    out: options.Out = None,
    as_json: options.AsJson = False,
) -> None:
    """Go on with a run that was interrupted, stopped by its cap, or left answers missing.

    Answers that are kept are not asked again and cost nothing. Do not resume a run that is still running.
    """
    from panelsim.cli.asking import Manner, resume_run

    resume_run(run, max_cost_usd, Manner(out=out, as_json=as_json, yes=yes))
