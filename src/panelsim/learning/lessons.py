"""Lessons: everything that closed deals say of an ICP, and the ICP they speak for."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from panelsim.learning.choosing import Choice, Settled, choose, with_choices
from panelsim.learning.columns import Column, Deals, Excluded, Outcome, columns_of, deals_of
from panelsim.learning.effects import (
    CONFIDENCE,
    Contrast,
    Effect,
    Suspect,
    contrast_between,
    effects_of,
    suspects_of,
)
from panelsim.learning.evidence import Evidence, Tested, corrected, tested_of, without
from panelsim.learning.holdout import Rival, Trial, try_out
from panelsim.model.icp import ICP
from panelsim.model.table import Table
from panelsim.planning.accounts import Facts, Source, read_facts, sources_of
from panelsim.planning.predicates import holds_for


class Asked(NamedTuple):
    """What is to be learned from, and how."""

    outcome: Outcome
    leaks: tuple[str, ...] = ()
    """Columns that are filled only after the outcome, as the user knows."""
    without: tuple[str, ...] = ()
    """Columns to leave out for other reasons."""
    allow_leaks: bool = False
    """Whether suspects are learned from all the same."""
    seed: int = 7


class Added(NamedTuple):
    """A condition that is proposed, and what the deals say of it."""

    choice: Choice
    contrast: Contrast
    """Deals where it holds against the others where its column is known: the deals it was chosen by."""
    folds: int
    """In how many folds a condition on the same column was chosen for the same place."""

    def words(self, source: str) -> str:
        """What the deals say, in one phrase."""
        one = self.contrast
        others = f"{one.won_others / max(1, one.n_others):.0%} of the others"
        return f"won {one.won / max(1, one.n):.0%} of {one.n:,} deals where it holds, {others}; {source}"


class Lessons(NamedTuple):
    """What was learned."""

    icp: ICP
    deals: Deals
    excluded: tuple[Excluded, ...]
    suspects: tuple[Suspect, ...]
    effects: tuple[Effect, ...]
    """Of the columns that were tried, the smallest p first."""
    tested: tuple[Tested, ...]
    """The criteria that the ICP has, as far as the deals can judge them."""
    added: tuple[Added, ...]
    removed: tuple[str, ...]
    """Must-haves of the ICP that mislead: `must_have[1]`."""
    trial: Trial
    proposed: ICP | None
    """Absent if the ICP stays as it is."""
    verdict: str
    """What was found, in one sentence."""


def learn(icp: ICP, table: Table, columns: Mapping[str, str], asked: Asked, rival: Rival | None) -> Lessons:
    """What the closed deals of a table say of the ICP; `columns` as for `sources_of`.

    A change is proposed only if it holds: on held-out deals the changed ICP's area under the curve lies above
    .5 with its whole interval, and above that of the ICP as it is. InputError if the outcome is not plain, a
    named column does not exist, or too few deals were closed.
    """
    deals = deals_of(table, asked.outcome)
    sources = sources_of(deals.table, icp, columns)
    tried, excluded, suspects = _columns(deals, icp, sources, asked)
    evidence = _evidence(icp, deals, tried, sources, {one.name for one in excluded})
    rows, rng = np.ones(len(deals.won), dtype=np.bool_), np.random.default_rng(asked.seed)
    found = corrected(effects_of(tried, deals.won, rng), tested_of(evidence, rows, rng))
    trial = try_out(evidence, rival, asked.seed)
    wanted = choose(evidence, rows, np.random.default_rng(asked.seed))
    changes = bool(wanted.choices or wanted.removed)
    holds = trial.proposed.auc.low > 0.5 and trial.proposed.auc.value > trial.now.auc.value
    settled = wanted if changes and holds else Settled((), ())
    return Lessons(
        icp=icp,
        deals=deals,
        excluded=excluded,
        suspects=suspects,
        effects=found.effects,
        tested=found.tested,
        added=tuple(_added(one, evidence, trial) for one in settled.choices),
        removed=settled.removed,
        trial=trial,
        proposed=_proposed(icp, tried, settled) if settled != Settled((), ()) else None,
        verdict=_verdict(found.effects, settled, changes=changes),
    )


def _proposed(icp: ICP, tried: Sequence[Column], settled: Settled) -> ICP:
    changed = with_choices(without(icp, settled.removed), tried, settled.choices)
    return changed.model_copy(update={"version": icp.version + 1, "status": "draft"})


def _added(choice: Choice, evidence: Evidence, trial: Trial) -> Added:
    place, field = choice.place, choice.predicate.field
    facts = evidence.known[field]
    each = [value is not None and holds_for(choice.predicate, value) for value in facts.values]
    inside, known = np.asarray(each, dtype=np.bool_)[facts.codes], facts.known()
    contrast = contrast_between("holds", inside[known], evidence.won[known], CONFIDENCE)
    chosen = [{(one.place, one.predicate.field) for one in fold} for fold in trial.chosen]
    return Added(choice, contrast, sum((place, field) in fold for fold in chosen))


def _columns(
    deals: Deals, icp: ICP, sources: Mapping[str, Source], asked: Asked
) -> tuple[tuple[Column, ...], tuple[Excluded, ...], tuple[Suspect, ...]]:
    reasons: dict[str, str] = {}
    for names, reason in ((asked.leaks, "named under --leaks"), (asked.without, "named under --without")):
        for name in names:
            deals.table.column(name)
            reasons[name] = reason
    reasons[asked.outcome.column] = "it is the outcome"
    columns, excluded = columns_of(deals, icp, sources, reasons)
    suspects = tuple(suspects_of(deals, columns, excluded))
    certain = {one.column for one in suspects if one.certain}
    if not asked.allow_leaks:
        shut = tuple(Excluded(one.source, "a leak, it seems") for one in columns if one.source in certain)
        columns = tuple(one for one in columns if one.source not in certain)
        excluded = (*excluded, *shut)
    return columns, excluded, suspects


def _evidence(
    icp: ICP, deals: Deals, tried: Sequence[Column], sources: Mapping[str, Source], shut: set[str]
) -> Evidence:
    """The facts of the ICP's own fields and of each column tried; a column that is shut out is not known."""
    known: dict[str, Facts] = {}
    wanted = {
        field: (source, icp.fields[field]) for field, source in sources.items() if source.column not in shut
    }
    wanted |= {one.name: (Source(one.source), one.field) for one in tried if one.name not in sources}
    for name, (source, field) in wanted.items():
        known[name], faults = read_facts(deals.table, source, name, field)
        deals.table.checked(faults, skip_bad=False)
    return Evidence(icp, tuple(tried), known, deals.won)


def _verdict(effects: Sequence[Effect], settled: Settled, *, changes: bool) -> str:
    separating, tried = sum(one.separates for one in effects), len(effects)
    many = f"{separating} of {tried} columns {'separates' if separating == 1 else 'separate'}"
    if separating == 0:
        many = f"none of {tried} columns separates"
    many = f"{many} won from lost after correction"
    parts = [f"{len(settled.choices)} to add"] if settled.choices else []
    parts += [f"{len(settled.removed)} to take out"] if settled.removed else []
    if parts:
        return f"{many}; conditions proposed: {', '.join(parts)}."
    if changes:
        return f"{many}, but what they suggest does not hold on held-out deals; the ICP stays as it is."
    return f"{many}; the ICP stays as it is."
