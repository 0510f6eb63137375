"""The group `eval`: benchmarks run from recordings or asked, reported, recorded and compared."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded

app = typer.Typer(no_args_is_help=True, help="How consistent and how faithful the panel is, measured.")

FormatName = Literal["terminal", "md", "json", "junit", "html"]
EXITS = (
    "**Exit codes**: 0 every gate holds; 100 a gate does not hold or could not be computed; anything else is "
    "broken and says nothing about the panel: 1 a recording lacks a call or holds one that nobody asks, "
    "2 what was named is wrong or not there, 3 the model could not be asked, 4 the cap was reached."
)

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME...]", help="Benchmarks or their folders; all if none is named."),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A benchmark or its folder.")]
RunName = Annotated[
    str,
    typer.Argument(metavar="RUN", help="An evaluation's id, `last`, a benchmark for its newest, or a file."),
]
Model = Annotated[
    str,
    typer.Option(help="PROVIDER/NAME in place of the benchmark's own model.", rich_help_panel=options.MODEL),
]
Format = Annotated[
    FormatName,
    typer.Option("--format", "-f", help="What to print on stdout.", rich_help_panel=options.RESULT),
]
Out = Annotated[
    Path | None,
    typer.Option(
        help="Folder for the report in every format; none is written if not given.",
        rich_help_panel=options.RESULT,
    ),
]
Data = Annotated[
    Path | None,
    typer.Option(
        help="Folder with the answers of people that some benchmarks need; PANELSIM_EVAL_DATA if not given.",
        rich_help_panel=options.HOW,
    ),
]
AllowAmber = Annotated[
    bool,
    typer.Option(
        "--allow-amber",
        help="Let a gate pass that is missed by less than its interval.",
        rich_help_panel=options.RESULT,
    ),
]


@app.command("list")
@guarded
def list_evals(*, as_json: options.AsJson = False) -> None:
    """List the benchmarks: what each answers, its gates, and the models it was recorded with."""
    from panelsim.cli.evaluating import show_benchmarks

    show_benchmarks(as_json=as_json)


@app.command("run", epilog=EXITS)
@guarded
def run(
    names: Names = None,
    *,
    model: Model = "",
    base_url: options.BaseUrl = "",
    live: Annotated[
        bool,
        typer.Option(
            "--live", help="Ask the model instead of playing a recording.", rich_help_panel=options.HOW
        ),
    ] = False,
    data: Data = None,
    check_results: Annotated[
        bool,
        typer.Option(
            "--check-results",
            help="Play every recording and ask only whether each figure is the one kept with it: then 0, "
            "else 1, whatever the gates say.",
            rich_help_panel=options.RESULT,
        ),
    ] = False,
    allow_amber: AllowAmber = False,
    form: Format = "terminal",
    out: Out = None,
) -> None:
    """Run benchmarks from their recordings, with the network off, and judge their gates.

    The same recording always gives the same figures. A model without a recording is asked with --live;
    scripted respondents need neither. Every run is kept: `eval report` and `eval compare` ask nothing.
    Benchmarks whose data are not at hand are left out with the reason, unless they are named.
    """
    from panelsim.cli.evaluating import Wanted, run_benchmarks

    wanted = Wanted(model, base_url, live, data, check_results, allow_amber, form, out)
    run_benchmarks(tuple(names or ()), wanted)


@app.command("record", epilog=EXITS)
@guarded
def record(
    name: Name,
    *,
    model: Model = "",
    base_url: options.BaseUrl = "",
    form: Format = "terminal",
) -> None:
    """Ask a benchmark's model anew and keep what it says beside the benchmark, with the scorecard.

    No key, cookie or organisation is kept. A paid model costs up to the benchmark's max_cost_usd. An earlier
    recording stays if the new one could not be played or is too large.
    """
    from panelsim.cli.evaluating import record_one

    record_one(name, model, base_url, form)


@app.command("report", epilog=EXITS)
@guarded
def report(
    run: RunName = "last",
    *,
    allow_amber: AllowAmber = False,
    form: Format = "terminal",
    out: Out = None,
) -> None:
    """Score a kept evaluation again, by today's metrics and its own gates, and show it. Asks nothing."""
    from panelsim.cli.evaluating import report_one

    report_one(run, form, out, allow_amber=allow_amber)


@app.command("compare")
@guarded
def compare(
    before: Annotated[str, typer.Argument(metavar="RUN", help="The evaluation to compare with.")],
    after: Annotated[str, typer.Argument(metavar="RUN", help="The evaluation that is compared.")],
    *,
    form: Format = "terminal",
    out: Out = None,
) -> None:
    """Name what differs between two evaluations of a benchmark, and what moved by how much.

    Model, prompts, personas, panel, settings and data are compared by their content. Asks nothing.
    """
    from panelsim.cli.evaluating import compare_two

    compare_two(before, after, form, out)
