"""The command `interview`: respondents of one persona, asked along a guide."""

from typing import Annotated

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded
from panelsim.cli.options import HOW, WHO


@guarded
def interview(
    persona: Annotated[
        str,
        typer.Argument(
            metavar="PERSONA", help="A persona's name (`panelsim persona list`) or its YAML file."
        ),
    ],
    *,
    guide: Annotated[
        str,
        typer.Option(
            help="An interview guide's name or YAML file: questions and probes.", rich_help_panel=HOW
        ),
    ] = "buying-journey",
    n: Annotated[
        int, typer.Option("--n", min=1, max=100_000, help="Respondents to interview.", rich_help_panel=WHO)
    ] = 1,
    seed: options.Seed = 7,
    model: options.Model = "embedded/qwen2.5-1.5b",
    base_url: options.BaseUrl = "",
    temperature: options.Temperature = None,
    max_cost_usd: options.MaxCost = 2.0,
    fresh: options.Fresh = False,
    yes: options.Yes = False,
    out: options.Out = None,
    as_json: options.AsJson = False,
) -> None:
    """Interview simulated respondents of one persona, probing answers that stay vague.

    The default model runs on this machine at no cost. Interviews give words to think with, not findings.
    """
    from panelsim.cli.asking import Manner, ask_study
    from panelsim.cli.studies import persona_interview

    study = persona_interview(
        persona,
        guide,
        n,
        {
            "seed": seed,
            "model": model,
            "base_url": base_url,
            "temperature": temperature,
            "max_cost_usd": max_cost_usd,
        },
    )
    ask_study(study, Manner(out=out, as_json=as_json, yes=yes, fresh=fresh))
