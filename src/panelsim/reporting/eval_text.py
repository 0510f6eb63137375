"""The sentences of an evaluation's report that every format says alike."""

from collections import Counter

from panelsim.model.benchmark import Comparison, EvalFacts, Figure, GateState, Scorecard, Shift
from panelsim.reporting.figures import SHIFTS, STATES, in_form
from panelsim.reporting.words import count, listed, one_line, reasons, short

ORDER: tuple[GateState, ...] = ("red", "amber", "not_computed", "holds")


def standing(card: Scorecard) -> str:
    """`2 red, 1 amber, 7 hold`: counts side by side, never one score."""
    counts = Counter(gate.state for gate in card.gates)
    said = [
        f"{counts[state]} {'hold' if state == 'holds' else STATES[state]}" for state in ORDER if counts[state]
    ]
    return ", ".join(said) or "no gates"


def worst(card: Scorecard) -> GateState:
    """The worst state of the card's gates: what colours its line."""
    states = [gate.state for gate in card.gates]
    return min(states, key=ORDER.index) if states else "holds"


def made_by(facts: EvalFacts) -> str:
    """How the evaluation was made, in one sentence."""
    how = "replayed from recordings with the network off" if facts.mode == "replayed" else "asked"
    if facts.model.provider == "scripted":
        how = "a rule and no model"
    lost = f", {facts.missing} missing ({reasons(facts.missing_reasons)})" if facts.missing else ""
    return (
        f"{facts.model}, {how}: {count(facts.calls, 'call')}, {count(facts.asked, 'answer')}{lost}. "
        f"{facts.created_at[:10]}, panelsim {facts.panelsim_version}, run {facts.run_id}."
    )


def sources(facts: EvalFacts) -> str:
    """The profiles and prompts behind the figures, with versions and hashes."""
    named = [(f"{one.kind} {one.id}", one.version, one.key) for one in facts.sources]
    named += [(f"prompt {one.id}", one.version, one.key) for one in facts.prompts]
    return one_line(
        " · ".join(
            f"{name}{'' if version is None else f' v{version}'} ({short(key)})"
            for name, version, key in named
        )
    )


def behind(figure: Figure) -> str:
    """`9 buyers; ICC(A,1) over repeats`."""
    units = f"{figure.n:,} {figure.unit}" if figure.n else ""
    return "; ".join(part for part in (units, figure.method) if part)


def ceiling(figure: Figure) -> str:
    """`0.65: people, 13 days apart (Henry et al. 2022)`; empty if none is known."""
    if figure.ceiling is None:
        return ""
    top = figure.ceiling
    return f"{in_form(top.value, figure.form)}: {top.what} ({top.source})"


def ceilings(card: Scorecard) -> tuple[str, ...]:
    """Whose each ceiling is, a line for each figure that has one."""
    return tuple(f"{one.label}, {ceiling(one)}" for one in card.figures if one.ceiling is not None)


def shifted(shift: Shift) -> str:
    """`0.42 → 0.61, +0.19 (+0.02 to +0.31)`, or that it was not computed."""
    before, after = (
        "not computed" if value is None else in_form(value, shift.form)
        for value in (shift.before, shift.after)
    )
    if shift.shift is None:
        return f"{before} → {after}"
    return f"{before} → {after}, {gap_of(shift)}"


def gap_of(shift: Shift) -> str:
    """`+0.19 (+0.02 to +0.31)`, `+12.0 points (+3.1 to +20.4)`; empty if it was not computed."""
    if shift.shift is None:
        return ""
    gap = points(shift.shift, shift.form)
    if shift.low is None or shift.high is None:
        return f"{gap}, no interval"
    low, high = (points(end, shift.form).removesuffix(" points") for end in (shift.low, shift.high))
    return f"{gap} ({low} to {high})"


def value_of(value: float | None, shift: Shift) -> str:
    """A figure before or after, as people write it; a dash if it was not computed."""
    return "–" if value is None else in_form(value, shift.form)


def points(gap: float, form: str) -> str:
    """A difference with its sign: `+0.12`, or `+12 points` between shares."""
    if form == "share":
        text = f"{gap * 100:+.1f}"
        return f"{'0.0' if float(text) == 0 else text.replace('-', '−')} points"
    return in_form(gap, "signed")


def summary(comparison: Comparison) -> str:
    """What was changed, and how much of it moved, in one sentence."""
    moved = [one.label for one in comparison.shifts if one.state == "moved"]
    kinds = Counter(one.kind for one in comparison.changes)
    what = listed([count(n, kind) for kind, n in kinds.items()])
    changed = f"Changed: {what}." if what else "Nothing was changed."
    if not moved:
        return f"{changed} No figure moved beyond its noise."
    return f"{changed} {count(len(moved), 'figure')} of {len(comparison.shifts)} moved beyond the noise."


def gates_of(shift: Shift) -> str:
    """`holds → red` for a figure whose gate changed or stayed; empty without a gate."""
    before, after = (None if state is None else STATES[state] for state in shift.gates)
    if before is None and after is None:
        return ""
    return before or after or "" if before == after else f"{before or 'no gate'} → {after or 'no gate'}"


def pairing(comparison: Comparison) -> str:
    """How the intervals were made, in one sentence."""
    paired = sum(one.paired for one in comparison.shifts)
    return (
        f"{paired} of {len(comparison.shifts)} figures were measured on the same units in both runs: these "
        "were drawn again together, and the interval is that of the paired difference."
    )


def state_of(shift: Shift) -> str:
    """Whether the figure moved, in words."""
    return SHIFTS[shift.state]
