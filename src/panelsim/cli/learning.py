"""Learning from closed deals on the command line: what separates, what holds, and what is proposed."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import typer
from pydantic import JsonValue

from panelsim.cli import output
from panelsim.errors import InputError
from panelsim.learning.effects import Contrast
from panelsim.learning.holdout import FOLDS, Held, Trial
from panelsim.learning.lessons import Asked, Lessons
from panelsim.metrics.separation import Between
from panelsim.service.accounts import Files
from panelsim.service.learning import Learned, learn_file, write_proposal
from panelsim.service.rivals import MISSING


def learn(
    name: str, files: Files, columns: Mapping[str, str], asked: Asked, out: Path | None, *, as_json: bool
) -> None:
    """Learns, prints what was found, and writes the proposal to `out` if there is one."""
    if out is not None and out.suffix.lower() not in (".yaml", ".yml"):
        raise InputError(f"--out {out}: expected a file that ends in .yaml")
    if out is not None and out.exists():
        raise InputError(f"--out {out}: the file is there already and is not overwritten; name another one")
    learned = learn_file(name, files, columns, asked)
    if as_json:
        output.print_json(as_data(learned))
    else:
        _print(learned, asked)
    if out is not None and learned.proposal:
        write_proposal(learned, out)
        output.err().print(f"Written: {out}", markup=False)
    elif out is not None:
        output.err().print(f"Nothing to propose, so {out} was not written.", markup=False)


def _print(learned: Learned, asked: Asked) -> None:
    lessons = learned.lessons
    won = lessons.deals.won
    typer.echo(
        f"{lessons.icp.title} ({lessons.icp.id} v{lessons.icp.version}): {int(won.sum()):,} won and "
        f"{int((~won).sum()):,} lost deals ({won.mean():.1%} won); {lessons.deals.open:,} open ones left out."
    )
    for note in learned.notes:
        typer.echo(f"Note: {note}")
    leaks = {one.column for one in lessons.suspects if one.certain}
    for title, rows in (
        ("Not learned from", [(one.name, one.reason) for one in lessons.excluded if one.name not in leaks]),
        ("Leaks, it seems", [(one.column, one.why) for one in lessons.suspects if one.certain]),
        ("To ask about", [(one.column, one.why) for one in lessons.suspects if not one.certain]),
    ):
        if rows:
            typer.echo("")
            output.print_table((title, "Why"), rows)
    _print_effects(lessons)
    _print_trial(lessons.trial, asked.seed)
    typer.echo(f"\nResult: {lessons.verdict}")
    _print_proposal(learned)


def _print_effects(lessons: Lessons) -> None:
    family = len(lessons.effects) + len(lessons.tested)
    head = ("Group", "Won", "Others won", "Difference (95%)", "Odds ratio (95%)", "p", f"p, Holm of {family}")
    typer.echo("")
    output.print_table(
        ("Column tried", "Area alone", *head),
        (
            (one.column, f"{one.auc:.3f}", *_contrast(one.contrast), _p(one.p), _p(one.p_holm))
            for one in lessons.effects
        ),
    )
    if lessons.tested:
        typer.echo("")
        output.print_table(
            ("Criterion it has", "Asks", *head),
            (
                (one.criterion, one.says[:60], *_contrast(one.contrast), _p(one.p), _p(one.p_holm))
                for one in lessons.tested
            ),
        )


def _contrast(one: Contrast) -> Sequence[str]:
    return (
        one.group[:40],
        f"{one.won:,}/{one.n:,}",
        f"{one.won_others:,}/{one.n_others:,}",
        _between(one.difference, "+.1%"),
        _between(one.odds, ".2f"),
    )


def _print_trial(trial: Trial, seed: int) -> None:
    typer.echo(f"\nOn held-out deals ({FOLDS} folds, seed {seed}):")
    rows = [("proposed ICP", *_held(trial.proposed)), ("ICP as it is", *_held(trial.now))]
    if trial.rival is not None:
        rows.append(("logistic regression", *_held(trial.rival)))
    output.print_table(("Scored by", "Area (95%)", "Best third won", "Rest won", "Lift (95%)"), rows)
    if trial.rival_ahead is None:
        typer.echo(f"Logistic regression {MISSING}.")
    else:
        typer.echo(f"Logistic regression less proposed ICP: {_between(trial.rival_ahead, '+.3f')} of area.")


def _held(held: Held) -> Sequence[str]:
    lift = held.lift
    return (
        _between(held.auc, ".3f"),
        f"{lift.rate_top:.1%} of {lift.n_top:,}",
        f"{lift.rate_rest:.1%}",
        _between(lift.difference, "+.1%"),
    )


def _print_proposal(learned: Learned) -> None:
    lessons = learned.lessons
    for one in lessons.added:
        typer.echo(f"  add to {one.choice.place}: {one.choice.predicate.words()}")
        typer.echo(f"      {one.words(f'chosen in {one.folds} of {FOLDS} folds')}")
    for name in lessons.removed:
        typer.echo(f"  take out: {name}")
    if learned.diff:
        typer.echo("")
        typer.echo(learned.diff, nl=False)
        typer.echo(
            "\nNothing was changed. --out writes the proposal; a person reads it and puts it in place."
        )


def _between(one: Between, form: str) -> str:
    return f"{one.value:{form}} [{one.low:{form}}, {one.high:{form}}]"


def _p(p: float) -> str:
    return "<0.0001" if p < 0.0001 else f"{p:.4f}"


def as_data(learned: Learned) -> JsonValue:
    """Everything that was found, as JSON."""
    lessons = learned.lessons
    trial = lessons.trial
    won = lessons.deals.won
    held: dict[str, JsonValue] = {
        "proposed": _held_data(trial.proposed),
        "as_it_is": _held_data(trial.now),
        "logistic_regression": MISSING if trial.rival is None else _held_data(trial.rival),
        "logistic_regression_ahead": trial.rival_ahead and _between_data(trial.rival_ahead),
        "folds": FOLDS,
    }
    return {
        "icp": lessons.icp.id,
        "version": lessons.icp.version,
        "won": int(won.sum()),
        "lost": int((~won).sum()),
        "open": lessons.deals.open,
        "not_learned_from": [{"column": one.name, "why": one.reason} for one in lessons.excluded],
        "suspects": [
            {"column": one.column, "why": one.why, "certain": one.certain} for one in lessons.suspects
        ],
        "columns": [
            {
                "column": one.column,
                "auc_alone": one.auc,
                "test": one.test,
                **_told(one.contrast, one.p, one.p_holm),
            }
            for one in lessons.effects
        ],
        "criteria": [
            {"criterion": one.criterion, "asks": one.says, **_told(one.contrast, one.p, one.p_holm)}
            for one in lessons.tested
        ],
        "held_out": held,
        "added": list(_added(lessons)),
        "removed": list(lessons.removed),
        "result": lessons.verdict,
        "proposal": learned.proposal,
        "diff": learned.diff,
        "notes": list(learned.notes),
    }


def _added(lessons: Lessons) -> Iterator[JsonValue]:
    for one in lessons.added:
        predicate: JsonValue = one.choice.predicate.model_dump(mode="json", exclude_defaults=True)
        yield {
            "place": one.choice.place,
            "condition": predicate,
            "won": one.contrast.won,
            "n": one.contrast.n,
            "folds": one.folds,
        }


def _told(contrast: Contrast, p: float, p_holm: float) -> dict[str, JsonValue]:
    return {
        "group": contrast.group,
        "n": contrast.n,
        "won": contrast.won,
        "n_others": contrast.n_others,
        "won_others": contrast.won_others,
        "difference": _between_data(contrast.difference),
        "odds_ratio": _between_data(contrast.odds),
        "p": p,
        "p_holm": p_holm,
    }


def _held_data(held: Held) -> JsonValue:
    lift = held.lift
    return {
        "auc": _between_data(held.auc),
        "won_of_best_third": lift.rate_top,
        "won_of_rest": lift.rate_rest,
        "lift": _between_data(lift.difference),
    }


def _between_data(one: Between) -> JsonValue:
    return {"value": one.value, "low": one.low, "high": one.high if one.high != float("inf") else None}
