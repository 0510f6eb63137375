"""Options that several commands share, described once."""

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

ElicitName = Literal["reaction", "logprob", "direct"]
LetterElicitName = Literal["logprob", "direct"]
FrameName = Literal["first_person", "few_shot", "third_person"]
EngineName = Literal["local", "durable"]
FormatName = Literal["html", "md", "json", "csv", "jsonl"]

WHO = "Who is asked"
HOW = "How it is asked"
MODEL = "Which model, at what cost"
RESULT = "What comes out"
POOL = "Who does the work"

Panel: TypeAlias = Annotated[
    str,
    typer.Option(help="A panel's name (`panelsim panel list`) or its YAML file.", rich_help_panel=WHO),
]
Respondents: TypeAlias = Annotated[
    int,
    typer.Option(
        "--n",
        min=2,
        max=100_000,
        help="Respondents; half as many from outside the ICP are added as a control.",
        rich_help_panel=WHO,
    ),
]
Meaning: TypeAlias = Annotated[
    str,
    typer.Option(help="What a reader should understand; playback is read against it.", rich_help_panel=HOW),
]
Model: TypeAlias = Annotated[
    str,
    typer.Option(
        help="PROVIDER/NAME: embedded/… runs on this machine at no cost, openai/… and litellm/… are paid.",
        rich_help_panel=MODEL,
    ),
]
BaseUrl: TypeAlias = Annotated[
    str,
    typer.Option(
        help="Endpoint of an OpenAI-compatible server, for example http://localhost:11434/v1.",
        rich_help_panel=MODEL,
    ),
]
MaxCost: TypeAlias = Annotated[
    float,
    typer.Option(
        min=0,
        help="Hard cap in US dollars: no call is sent that could pass it.",
        rich_help_panel=MODEL,
    ),
]
Temperature: TypeAlias = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=2,
        help="How freely the model words spoken answers, 0 to 2; 0.7 if not given.",
        rich_help_panel=MODEL,
    ),
]
Seed: TypeAlias = Annotated[
    int,
    typer.Option(
        min=0,
        max=2**31 - 1,
        help="The same seed draws the same panel and the same plan.",
        rich_help_panel=WHO,
    ),
]
Out: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        help="Folder for the report's files; ./panelsim-report/RUN if not given.", rich_help_panel=RESULT
    ),
]
AsJson: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--json", help="Print one JSON object on stdout and nothing else there.", rich_help_panel=RESULT
    ),
]
Yes: TypeAlias = Annotated[
    bool, typer.Option("--yes", "-y", help="Ask nothing before a paid run.", rich_help_panel=MODEL)
]
CalibrationFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--calibration",
        metavar="FILE",
        help="A file that `panelsim calibrate` wrote: the report names it and says P(a beats b).",
        rich_help_panel=HOW,
    ),
]
Elicit: TypeAlias = Annotated[
    ElicitName | None,
    typer.Option(
        help="How an answer is read: in words placed on the scale (reaction), as the probability of each "
        "letter (logprob), or as the letter named (direct); what suits the model if not given.",
        rich_help_panel=HOW,
    ),
]
LetterElicit: TypeAlias = Annotated[
    LetterElicitName | None,
    typer.Option(
        help="How an answer is read: as the probability of each letter (logprob), or as the letter named "
        "(direct); what suits the model if not given.",
        rich_help_panel=HOW,
    ),
]
Frame: TypeAlias = Annotated[
    FrameName | None,
    typer.Option(
        help="Who is asked: the buyer (first_person), the buyer after worked examples (few_shot), or a judge "
        "of the buyer (third_person); what suits the model if not given.",
        rich_help_panel=HOW,
    ),
]
Fresh: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--fresh", help="Use no answer that was given before: everybody is asked anew.", rich_help_panel=HOW
    ),
]
Database: TypeAlias = Annotated[
    str,
    typer.Option(
        "--database",
        metavar="URL",
        help="Ask together with the workers on this store, postgresql://USER@HOST/NAME.",
        rich_help_panel=POOL,
    ),
]
ServedStore: TypeAlias = Annotated[
    str,
    typer.Option(
        "--database",
        metavar="URL",
        help="The store to serve, postgresql://USER@HOST/NAME; PANELSIM_STORE if not given.",
        rich_help_panel=POOL,
    ),
]
Engine: TypeAlias = Annotated[
    EngineName | None,
    typer.Option(
        "--engine",
        help="local: this process alone; durable: any worker on the store, and this one. local without "
        "--database.",
        rich_help_panel=POOL,
    ),
]
