"""The command `ask`: one more question to respondents of a run."""

from typing import Annotated

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded
from panelsim.cli.options import WHO

EPILOG = (
    "**Who**: `panel`, a respondent (`vp-sales-03`), a persona or an ICP by its id, or `persona:ID`, "
    "`icp:ID`, `role:NAME`. They have their card and what they said in the run before them; an interview is "
    "carried on. The run itself does not change.\n\n"
    '**Example**: `panelsim ask last "What would make you say no?" --to vp-sales`'
)


@guarded
def ask(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's id, or `last`.")],
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What they are asked.")],
    *,
    to: Annotated[str, typer.Option(help="Who is asked; see below.", rich_help_panel=WHO)] = "panel",
    respondents: Annotated[
        int,
        typer.Option(
            "--n", min=1, max=50, help="Respondents at most, in the order of the panel.", rich_help_panel=WHO
        ),
    ] = 5,
    max_cost_usd: options.MaxCost = 0.5,
    as_json: options.AsJson = False,
) -> None:
    """Ask the same simulated respondents one more question, once their run has ended."""
    from panelsim.cli import output
    from panelsim.cli.runlist import find_run
    from panelsim.execution.loop import run_loop
    from panelsim.model.response import Missing, TextAnswer
    from panelsim.reporting.words import count
    from panelsim.service.asking_again import Question, ask_here
    from panelsim.service.workspace import observed, open_workspace

    with open_workspace() as opened, observed(opened) as workspace:
        found = find_run(run, workspace)
        asked = run_loop(ask_here(found, Question(question, to, respondents, max_cost_usd), workspace))
    if as_json:
        output.print_json({"simulated": True, **asked.model_dump(mode="json")})
        return
    console = output.out()
    console.print(
        f"Simulated, not people. {len(asked.answers)} of {asked.matched} respondents of run {asked.run_id}, "
        f"each played by {asked.model}.",
        markup=False,
    )
    for one in asked.answers:
        console.print(f"\n{one.name}, {one.title} ({one.respondent}):", markup=False)
        match one.answer:
            case TextAnswer():
                console.print(one.answer.text, markup=False)
            case Missing():
                console.print(f"No answer ({one.answer.reason}): {one.answer.raw}", markup=False)
            case _:
                pass
    made = count(asked.made, "call")
    output.err().print(
        f"{made} made ({output.dollars(asked.cost_usd)}); kept as {asked.id}.",
        markup=False,
    )
