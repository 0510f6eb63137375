"""The benchmark `traits`: whether levels that a prompt asserts come back from an inventory, each alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field, field_validator

from panelsim.analysis.inventory import leans_of
from panelsim.analysis.readings import Readings, turned
from panelsim.errors import InputError
from panelsim.evaluation.finding import Finding, Findings, measured
from panelsim.evaluation.material import Evidence, Material, Trial, session_trial, settings_of
from panelsim.evaluation.traits_design import designed, levels_of
from panelsim.evaluation.traits_tables import alphas_table, slopes_table
from panelsim.metrics.arrays import Flags, Floats, Ints
from panelsim.metrics.dose import (
    mean_error,
    partial_slopes,
    right_side_share,
    spearman,
    whole_profile_share,
)
from panelsim.metrics.reliability import convergent_discriminant, cronbach_alpha, first_component_share
from panelsim.model.base import Frozen
from panelsim.model.benchmark import Benchmark, FigureForm
from panelsim.model.inventory import Instrument, InventoryForm, Item
from panelsim.model.panel import DOMAINS, Panel
from panelsim.model.plan import InventoryAssignment
from panelsim.model.study import InventoryStudy
from panelsim.prompts import Prompts
from panelsim.sessions.nature import Natures
from panelsim.sessions.scene import Inventory
from panelsim.traits.instruments import choose_items, file_of, parse_instrument

INSTRUMENT = "instrument"
"""The column of the benchmark's only row."""
JUDGED, OWN = "judged", "own"
FORMS: dict[str, InventoryForm] = {JUDGED: "third_person", OWN: "words"}
DESIRABLE = ("honesty_humility", "extraversion", "agreeableness", "conscientiousness", "openness")
"""Domains whose upper pole people call the better one. Of emotionality neither pole is."""


class TraitsSettings(Frozen):
    """What the benchmark needs to be told."""

    instrument: Literal["ipip-hexaco-60", "ipip-hexaco-240"] = "ipip-hexaco-60"
    level: Annotated[float, Field(gt=0, le=4)] = 2.0
    """Standard deviations of a trait that is asserted, up or down."""
    per_scale: Annotated[int, Field(ge=2, le=40)] = 4
    """Items of each domain that a judge answers for every buyer, half of each key."""
    own_per_scale: Annotated[int, Field(ge=2, le=40)] = 2
    """Of these, the items that the buyer answers too, in the first person."""

    @field_validator("per_scale", "own_per_scale")
    @classmethod
    def _even(cls, items: int) -> int:
        if items % 2:
            raise ValueError(f"found {items}, expected an even number, half of each key")
        return items


# ---- asking


def rows(benchmark: Benchmark, prompts: Prompts) -> tuple[dict[str, str], ...]:
    """One row: the items that are asked, with keys and norms, so that a kept run is scored by them."""
    settings = settings_of(benchmark, TraitsSettings)
    if settings.own_per_scale > settings.per_scale:
        raise InputError(
            f"benchmark {benchmark.id!r}: settings.own_per_scale is {settings.own_per_scale}, expected "
            f"at most per_scale, {settings.per_scale}"
        )
    whole = parse_instrument(settings.instrument, prompts.text(file_of(settings.instrument)))
    chosen = choose_items(whole, per_scale=settings.per_scale, seed=benchmark.seed)
    return ({INSTRUMENT: chosen.model_dump_json()},)


def trials(material: Material) -> Iterator[Trial]:
    """Every buyer of the design: all items put to a judge, some of them to the buyer."""
    asked = _asked(material)
    for part, form in FORMS.items():
        instrument = asked.instruments[part]
        inventory = Inventory(
            kind=instrument.kind,
            form=form,
            items={item.id: item for item in instrument.items},
            natures=Natures(asked.panel.people(), form, "traits", material.prompts),
        )
        scene = material.scene((), inventory=inventory)
        names = tuple(item.id for item in instrument.items)
        for buyer in material.buyers:
            assignment = InventoryAssignment(respondent=buyer, block=0, items=names)
            yield session_trial(part, assignment, scene, words=False)


class _Asked(NamedTuple):
    """Who was asked what."""

    panel: Panel
    """As designed, not as drawn."""
    instruments: dict[str, Instrument]
    """By part."""
    studies: dict[str, InventoryStudy]


def _asked(evidence: Evidence | Material) -> _Asked:
    """The same from what a benchmark asks with and from what an evaluation keeps."""
    benchmark = evidence.benchmark
    settings = settings_of(benchmark, TraitsSettings)
    if evidence.panel is None or not evidence.rows:
        raise InputError(f"benchmark {benchmark.id!r} needs a panel and an inventory, expected both")
    judged = Instrument.model_validate_json(evidence.rows[0][INSTRUMENT])
    own = choose_items(judged, per_scale=settings.own_per_scale, seed=benchmark.seed)
    studies = {
        part: InventoryStudy(id=part, instrument=settings.instrument, form=form)
        for part, form in FORMS.items()
    }
    return _Asked(designed(evidence.panel, settings.level), {JUDGED: judged, OWN: own}, studies)


# ---- scoring


class Read(NamedTuple):
    """What was read of each buyer, NaN where it is missing; rows are buyers, columns domains."""

    levels: Floats
    """Assigned."""
    judged: Floats
    own: Floats
    same: Floats
    """Judged on the items that the buyers answered too."""
    answers: dict[str, Floats]
    """(buyers, items) by domain, judged, turned by key."""
    leans: dict[str, Floats]
    """(buyers,) by part."""


def score(evidence: Evidence) -> Findings:
    """Order, size and side of what comes back; what leaks; how items and methods agree; how answers lean."""
    asked = _asked(evidence)
    read = read_of(evidence)
    return Findings(
        figures=(
            *_recovery(evidence, read),
            *_agreement(evidence, read),
            *_leaning(evidence, read),
        ),
        tables=(
            slopes_table(read.levels, read.judged),
            alphas_table(read.levels, read.judged, read.answers, asked.instruments[JUDGED]),
        ),
        notes=(
            "All six traits of a buyer are asserted at once: what leaks is not that of a lone trait.",
            "Scores are standard scores against people; a judge's answers, unless it is said otherwise.",
            f"With three levels rho can reach {spearman_limit(read.levels):.2f} and no more.",
        ),
    )


def spearman_limit(levels: Floats) -> float:
    """The rho of scores that are in the right order throughout: levels are tied, scores are not."""
    column = np.sort(levels[:, 0])
    return spearman(column, np.arange(len(column), dtype=float)) or 0.0


def read_of(evidence: Evidence) -> Read:
    """Scores, answers and leans of every buyer."""
    asked = _asked(evidence)
    heard = {}
    for part in FORMS:
        heard[part] = Readings(asked.studies[part], asked.panel, asked.instruments[part])
        for _, transcript in evidence.transcripts(part):
            heard[part].hear(transcript)
    judged, own = heard[JUDGED], heard[OWN]
    few = {name: asked.instruments[OWN].items_of(name) for name in DOMAINS}
    return Read(
        levels=levels_of(asked.panel),
        judged=_columns(judged),
        own=_columns(own),
        same=_columns(judged, few),
        answers={name: _turned(judged, name) for name in DOMAINS},
        leans={part: _filled(*leans_of(one)) for part, one in heard.items()},
    )


def _filled(values: Floats, present: Flags) -> Floats:
    filled: Floats = np.where(present, values, np.nan)
    return filled


def _columns(readings: Readings, items: Mapping[str, tuple[Item, ...]] | None = None) -> Floats:
    found = [readings.scores(name, () if items is None else items[name]) for name in DOMAINS]
    return np.stack([_filled(one.values, one.present) for one in found], axis=1)


def _turned(readings: Readings, scale: str) -> Floats:
    items = readings.instrument.items_of(scale)
    answers, present = readings.columns_of(items)
    return _filled(turned(answers, items), present)


def _whole(places: Ints, *tables: Floats) -> list[Floats] | None:
    """The rows at `places` with nothing missing in any of `tables`; None for fewer than three."""
    drawn = [table[places] for table in tables]
    kept = ~np.any([np.isnan(one).any(axis=1) for one in drawn], axis=0)
    return [one[kept] for one in drawn] if kept.sum() > 2 else None


def _over(read: Callable[..., float | None], *tables: Floats) -> Callable[[Ints], float | None]:
    """`read` of the whole rows of `tables`, as a statistic."""

    def statistic(places: Ints) -> float | None:
        rows = _whole(places, *tables)
        return None if rows is None else read(*rows)

    return statistic


def mean_rho(levels: Floats, scores: Floats) -> float:
    """Spearman's rho of assigned and measured, mean over domains; one that never moves counts 0."""
    pairs = zip(levels.T, scores.T, strict=True)
    return float(np.mean([spearman(assigned, read) or 0.0 for assigned, read in pairs]))


def own_slope(levels: Floats, scores: Floats) -> float | None:
    """Mean slope of a scale on its own trait."""
    slopes = partial_slopes(levels, scores)
    return None if slopes is None else float(np.diag(slopes).mean())


def _others(table: Floats) -> Floats:
    """The amounts off the diagonal."""
    amounts: Floats = np.abs(table[~np.eye(len(table), dtype=np.bool_)])
    return amounts


def other_slope(levels: Floats, scores: Floats) -> float | None:
    """Mean amount of the slope of a scale on another trait."""
    slopes = partial_slopes(levels, scores)
    return None if slopes is None else float(_others(slopes).mean())


def leak_of(levels: Floats, scores: Floats) -> float | None:
    """The largest amount of a standardised slope of a scale on another trait: b sd(level) / sd(score).

    In the whole design, where no trait goes with another, it is the correlation of the two; in an unbalanced
    draw it may pass 1 and is held there. A scale that never moves holds no leak.
    """
    slopes = partial_slopes(levels, scores)
    if slopes is None:
        return None
    spreads = scores.std(axis=0)
    moving = np.where(spreads < MOVES, np.inf, spreads)
    return min(1.0, float(_others(slopes * levels.std(axis=0) / moving[:, None]).max()))


def right_side(levels: Floats, scores: Floats) -> float | None:
    """Share of asserted levels whose score is on their side of those who are average in the trait."""
    shares = []
    for assigned, read in zip(levels.T, scores.T, strict=True):
        middle = assigned == 0
        share = (
            right_side_share(assigned[~middle], read[~middle] - read[middle].mean()) if any(middle) else None
        )
        if share is None:
            return None
        shares.append(share)
    return float(np.mean(shares))


def whole_profiles(levels: Floats, scores: Floats) -> float | None:
    """Share of buyers with all that was asserted of them on its side of those who are average in it."""
    middle = [scores[levels[:, at] == 0, at] for at in range(levels.shape[1])]
    if not all(len(one) for one in middle):
        return None
    return whole_profile_share(levels, scores - np.array([one.mean() for one in middle]))


MOVES = 1e-9


def _recovery(evidence: Evidence, read: Read) -> Iterator[Finding]:
    figures: Sequence[tuple[str, str, Callable[..., float | None], str]] = (
        ("trait_rho", "Traits come back in order", mean_rho, "Spearman's rho, mean over domains"),
        ("own_slope", "Traits come back in size", own_slope, "slope on the own trait, mean over domains"),
        ("right_side", "Traits come back on the right side", right_side, "share of asserted levels"),
        ("whole_profiles", "All of a buyer's traits on the right side", whole_profiles, "share of buyers"),
        ("level_error", "Distance of what comes back", mean_error, "mean |score - level|, in SD of people"),
        ("other_slope", "Other scales moved by a trait", other_slope, "mean |slope| of 30 pairs"),
        ("leak", "The other scale moved most", leak_of, "largest |r| of 30 pairs, by partial slopes"),
    )
    for name, label, statistic, method in figures:
        form: FigureForm = "share" if name in ("right_side", "whole_profiles") else "number"
        yield _finding(evidence, name, label, _over(statistic, read.levels, read.judged), method, form)


def _agreement(evidence: Evidence, read: Read) -> Iterator[Finding]:
    tables = [read.answers[name] for name in DOMAINS]
    yield _finding(
        evidence, "alpha", "Items of a domain hang together", partial(_alpha, tables),
        "Cronbach's alpha, mean over domains",
    )  # fmt: skip
    yield _finding(
        evidence, "first_axis", "Variance on one common axis", _over(first_component_share, read.judged),
        "largest eigenvalue of the correlations / 6; 17% if traits are unrelated", "share",
    )  # fmt: skip
    for name, label, method in (
        ("convergent", "A trait agrees across methods", "mean r of a scale, judged and in the first person"),
        ("discriminant", "Different traits agree across methods", "mean |r| of two scales, judged and first"),
        ("gap", "Convergent minus discriminant", "over the heteromethod block"),
    ):
        yield _finding(evidence, name, label, _over(partial(_validity, name), read.judged, read.own), method)


def _alpha(tables: Sequence[Floats], places: Ints) -> float | None:
    """Mean over domains; absent if one of them has none."""
    found = []
    for table in tables:
        rows = _whole(places, table)
        alpha = None if rows is None else cronbach_alpha(rows[0])
        if alpha is None:
            return None
        found.append(alpha)
    return float(np.mean(found))


def _validity(name: str, judged: Floats, own: Floats) -> float | None:
    found = convergent_discriminant(judged, own)
    return None if found is None else {**found._asdict(), "gap": found.gap}[name]


def _leaning(evidence: Evidence, read: Read) -> Iterator[Finding]:
    better = [DOMAINS.index(name) for name in DESIRABLE]
    points, people = "mean (x + x_reversed) / 2 - 3, in points", "in SD of people"
    for name, label, values, method in (
        ("acquiescence", "Agreement with both keys, a judge", read.leans[JUDGED][:, None], points),
        ("acquiescence_own", "Agreement with both keys, first person", read.leans[OWN][:, None], points),
        (
            "desirability",
            "Painted better in the first person",
            (read.own - read.same)[:, better],
            f"first person minus a judge, same items, desirable poles, {people}",
        ),
    ):
        yield _finding(evidence, name, label, _over(_mean, values), method, "signed")


def _mean(rows: Floats) -> float:
    return float(rows.mean())


def _finding(
    evidence: Evidence,
    name: str,
    label: str,
    statistic: Callable[[Ints], float | None],
    method: str,
    form: FigureForm = "number",
) -> Finding:
    return measured(name, label, evidence.buyers, statistic, unit="buyers", method=method, form=form)
