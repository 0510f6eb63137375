"""The program `panelsim`: its commands, listed by hand. Imports nothing dear, so that --help is quick."""

from typing import Annotated

import typer

from panelsim import __version__
from panelsim.cli import (
    ablate,
    ask,
    calibrate,
    committee,
    concept,
    discuss,
    doctor,
    evals,
    hypothesis,
    icps,
    init,
    interview,
    inventory,
    keeping,
    keys,
    matrix,
    mcp,
    models,
    notes,
    openapi,
    personas,
    review,
    runs,
    serve,
    survey,
    test,
    worker,
)
from panelsim.cli.edge import end_on_sigterm
from panelsim.execution.collecting import rare_collections

EPILOG = (
    "**Exit codes**: 0 done; 1 findings of a lint or check; 2 wrong input; 3 the model's side or the store "
    "failed; 4 the cost cap is reached; 5 done, but with answers missing; 100 a gate of an evaluation does "
    "not hold; 130 interrupted or cancelled. "
    "Whatever was answered is kept and never paid for twice. Everything panelsim says of buyers is "
    "simulated: no person was asked."
)

app = typer.Typer(
    name="panelsim",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EPILOG,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"panelsim {__version__}")
        raise typer.Exit


@app.callback()
def panelsim(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Simulate a panel of B2B buyers with language models, and know when to believe it.

    Start with:  `panelsim test "Forecasts your CFO believes" "Sell more with less effort"`
    """


ASKING = "Ask a panel"
RESULTS = "Look at what was said"
REALITY = "Compare with people"
EDITING = "Edit who is asked"
SERVICE = "Serve many"
MACHINE = "This machine"

app.command("test", rich_help_panel=ASKING, epilog=test.EPILOG)(test.ask_headlines)
app.command("concept", rich_help_panel=ASKING, epilog=concept.EPILOG)(concept.ask_concepts)
app.command("hypothesis", rich_help_panel=ASKING, epilog=hypothesis.EPILOG)(hypothesis.ask_hypothesis)
app.command("survey", rich_help_panel=ASKING, epilog=survey.EPILOG)(survey.ask_survey)
app.command(rich_help_panel=ASKING)(runs.run)
app.command(rich_help_panel=ASKING, epilog=committee.EPILOG)(committee.committee)
app.command(rich_help_panel=ASKING)(interview.interview)
app.command(rich_help_panel=ASKING, epilog=discuss.EPILOG)(discuss.discuss)
app.command(rich_help_panel=ASKING, epilog=inventory.EPILOG)(inventory.inventory)
app.command(rich_help_panel=ASKING, epilog=ablate.EPILOG)(ablate.ablate)
app.command(rich_help_panel=ASKING)(runs.estimate)
app.command(rich_help_panel=RESULTS)(runs.report)
app.command(rich_help_panel=RESULTS, epilog=ask.EPILOG)(ask.ask)
app.add_typer(runs.app, name="runs", rich_help_panel=RESULTS)
app.command(rich_help_panel=RESULTS)(runs.usage)
app.command(rich_help_panel=REALITY, epilog=calibrate.EPILOG)(calibrate.calibrate)
app.add_typer(evals.app, name="eval", rich_help_panel=REALITY)
app.command(rich_help_panel=EDITING)(init.init)
app.add_typer(personas.personas, name="persona", rich_help_panel=EDITING)
app.add_typer(icps.app, name="icp", rich_help_panel=EDITING)
app.add_typer(personas.panels, name="panel", rich_help_panel=EDITING)
app.command(rich_help_panel=EDITING, epilog=matrix.EPILOG)(matrix.matrix)
app.command(rich_help_panel=EDITING, epilog=review.EPILOG)(review.review)
app.add_typer(notes.app, name="notes", rich_help_panel=EDITING)
app.command(rich_help_panel=SERVICE, epilog=serve.EPILOG)(serve.serve)
app.add_typer(keys.app, name="keys", rich_help_panel=SERVICE)
app.command(rich_help_panel=SERVICE, epilog=mcp.EPILOG)(mcp.mcp)
app.command(rich_help_panel=SERVICE)(openapi.openapi)
app.command(rich_help_panel=SERVICE, epilog=worker.EPILOG)(worker.worker)
app.add_typer(models.app, name="models", rich_help_panel=MACHINE)
app.command(rich_help_panel=MACHINE)(doctor.doctor)
app.add_typer(keeping.app, name="store", rich_help_panel=MACHINE)


def main() -> None:
    """Runs the program; ends the process with a documented exit code."""
    end_on_sigterm()
    with rare_collections():
        app()
