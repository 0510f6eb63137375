"""Tables of the benchmark `traits`: what each trait moves, and how each domain is read."""

from collections.abc import Mapping

import numpy as np

from panelsim.analysis.readings import alpha_of_people
from panelsim.metrics.arrays import Floats
from panelsim.metrics.dose import partial_slopes, spearman
from panelsim.metrics.reliability import cronbach_alpha
from panelsim.model.benchmark import Table
from panelsim.model.inventory import Instrument
from panelsim.model.panel import DOMAINS
from panelsim.reporting.figures import in_form

NOTHING = "–"
LETTERS = "HEXACO"
"""Of the domains, in their order."""


def alphas_table(
    levels: Floats, scores: Floats, answers: Mapping[str, Floats], instrument: Instrument
) -> Table:
    """By domain: mean score at each level, rho, and alpha beside that of people on the same items."""
    steps = np.unique(levels)
    norms = {norm.scale: norm for norm in instrument.norms}
    rows = []
    for at, name in enumerate(DOMAINS):
        assigned, read, items = levels[:, at], scores[:, at], answers[name]
        there = ~np.isnan(read)
        curve = [_mean(read[there & (assigned == step)]) for step in steps]
        alpha = cronbach_alpha(items[~np.isnan(items).any(axis=1)])
        people = alpha_of_people(norms[name], instrument.items_of(name))
        rho = spearman(assigned[there], read[there])
        said = (in_form(one, "number") if one is not None else NOTHING for one in (rho, alpha, people))
        rows.append((name.replace("_", " "), *curve, *said))
    return Table(
        title="Trait by trait, a judge's answers",
        columns=("Trait", *(f"At {in_form(step, 'signed')}" for step in steps), "rho", "alpha", "of people"),
        rows=tuple(rows),
        note="Scores against people. Alpha of people on the same items follows from the norms; these buyers "
        "differ more than people do, so theirs can be higher.",
    )


def _mean(values: Floats) -> str:
    return in_form(float(values.mean()), "signed") if len(values) else NOTHING


def slopes_table(levels: Floats, scores: Floats) -> Table:
    """Slope of every scale on every trait, all traits at once."""
    whole = ~np.isnan(scores).any(axis=1)
    slopes = partial_slopes(levels[whole], scores[whole]) if whole.sum() > len(DOMAINS) else None
    names = [f"{letter} {name.replace('_', ' ')}" for letter, name in zip(LETTERS, DOMAINS, strict=True)]
    rows = () if slopes is None else tuple(
        (name, *(in_form(float(one), "signed") for one in slopes[:, at])) for at, name in enumerate(names)
    )  # fmt: skip
    return Table(
        title="What one standard deviation of a trait moves",
        columns=("Asserted", *(f"on {letter}" for letter in LETTERS)),
        rows=rows,
        note="A full response is 1 on the own scale and 0 on the others.",
    )
