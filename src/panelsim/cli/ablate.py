"""The command `ablate`: a headline test asked again without traits and with swapped ones."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded
from panelsim.cli.options import HOW, WHO

CarriedName = Literal["traits", "decision", "both"]

EPILOG = "**Calls**: three times respondents × headlines × wordings × replicates, one rating each."


@guarded
def ablate(
    study: Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="The YAML file of a message test.")],
    *,
    n: Annotated[
        int | None,
        typer.Option(
            "--n", min=4, max=10_000, help="Respondents; the test's if not given.", rich_help_panel=WHO
        ),
    ] = None,
    carried: Annotated[
        CarriedName,
        typer.Option(
            "--what", help="What is taken away and swapped: HEXACO levels, decision parameters, or both.",
            rich_help_panel=HOW,
        ),
    ] = "both",
    wordings: Annotated[
        int, typer.Option(min=1, max=3, help="Wordings that everybody is asked.", rich_help_panel=HOW)
    ] = 3,
    replicates: Annotated[
        int, typer.Option(min=1, max=20, help="How often each is repeated.", rich_help_panel=HOW)
    ] = 2,
    fresh: options.Fresh = False,
    yes: options.Yes = False,
    database: options.Database = "",
    engine: options.Engine = None,
    out: options.Out = None,
    as_json: options.AsJson = False,
) -> None:  # fmt: skip
    """Say how much of a rating comes from persona, traits, wording and chance.

    The headlines of a test are rated by each respondent with its own traits, with none, and with those of
    another respondent. Controls and pairs are left out: this looks at the panel, not at the headlines.
    """
    from panelsim.cli.asking import Manner, ask_study
    from panelsim.cli.studies import ablation_of, study_at

    asked = ablation_of(study_at(study), n=n, carried=carried, wordings=wordings, replicates=replicates)
    ask_study(asked, Manner(out, as_json, yes, fresh, database, engine))
