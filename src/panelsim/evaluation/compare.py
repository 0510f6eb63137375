"""Two evaluations of one benchmark: what was changed between them, and what moved with it."""

from collections.abc import Iterator, Mapping

import numpy as np

from panelsim.errors import InputError
from panelsim.evaluation.finding import CONFIDENCE, Finding
from panelsim.evaluation.gates import judge
from panelsim.evaluation.scoring import findings_of
from panelsim.keys import content_key
from panelsim.metrics.bootstrap import interval_of, rounded
from panelsim.model.benchmark import Change, Comparison, EvalRun, GateState, Shift, ShiftState
from panelsim.reporting.figures import bound_of

SHOWN = 12
"""Digits of a content key."""
SAME = 5e-4
"""How far apart two figures may be that no report tells apart."""


def compare(before: EvalRun, after: EvalRun) -> Comparison:
    """What differs between two runs of a benchmark, and the shift of every figure with its interval.

    Nothing is asked. If both were measured on the same units these are drawn again together, and the interval
    is that of the paired difference; else each run's draws stand for themselves. InputError for runs of
    different benchmarks.
    """
    if before.benchmark.id != after.benchmark.id:
        raise InputError(
            f"run {before.facts.run_id!r} is of {before.benchmark.id!r} and {after.facts.run_id!r} of "
            f"{after.benchmark.id!r}; expected two runs of one benchmark"
        )
    old = {one.figure.name: one for one in findings_of(before)}
    new = {one.figure.name: one for one in findings_of(after)}
    return Comparison(
        benchmark=after.benchmark.id,
        before=before.facts,
        after=after.facts,
        changes=tuple(changes_between(before, after)),
        shifts=tuple(
            _shift(name, old.get(name), new.get(name), before, after) for name in dict.fromkeys((*old, *new))
        ),
    )


# ---- what was changed


def changes_between(before: EvalRun, after: EvalRun) -> Iterator[Change]:
    """Models, prompts, personas, panels, data, settings and versions that the runs do not share."""
    embeds = any(run.benchmark.embedding_model for run in (before, after))
    for name in ("model", "embedding_model") if embeds else ("model",):
        old, new = (str(getattr(run.facts, name)) for run in (before, after))
        if old != new:
            yield Change(kind="model", name=name.replace("_", " "), before=old, after=new)
    yield from _differing("prompt", _prompts(before), _prompts(after))
    for kind in ("persona", "icp", "panel", "guide"):
        yield from _differing(kind, _sources(before, kind), _sources(after, kind))
    yield from _differing("benchmark", _settings(before), _settings(after))
    yield from _differing("benchmark", _gates(before), _gates(after))
    data = [short(content_key("rows1", [dict(row) for row in run.rows])) for run in (before, after)]
    if data[0] != data[1]:
        yield Change(kind="data", name=_data_of(after), before=data[0], after=data[1])
    versions = [run.facts.panelsim_version for run in (before, after)]
    if versions[0] != versions[1]:
        yield Change(kind="panelsim", name="panelsim", before=versions[0], after=versions[1])


def _data_of(run: EvalRun) -> str:
    reference = run.benchmark.reference
    return run.benchmark.data or "items" if reference is None else ", ".join(reference.files)


def _differing(kind: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield Change.model_validate(
                {
                    "kind": kind,
                    "name": name,
                    "before": old.get(name, "absent"),
                    "after": new.get(name, "absent"),
                }
            )


def _prompts(run: EvalRun) -> dict[str, str]:
    return {one.id: f"v{one.version} {short(one.key)}" for one in run.facts.prompts}


def _sources(run: EvalRun, kind: str) -> dict[str, str]:
    return {
        one.id: f"{'' if one.version is None else f'v{one.version} '}{short(one.key)}"
        for one in run.facts.sources
        if one.kind == kind
    }


def _settings(run: EvalRun) -> dict[str, str]:
    """What decides the calls and is not named elsewhere."""
    kept = run.benchmark.model_dump(
        mode="json",
        exclude={"gates", "ceilings", "title", "question", "model", "embedding_model", "data", "reference"},
    )
    own = kept.pop("settings")
    flat = {**kept, **{f"settings.{name}": value for name, value in own.items()}}
    return {name: _brief(value) for name, value in flat.items()}


def _gates(run: EvalRun) -> dict[str, str]:
    """The bounds on each figure: a changed one changes no figure, and may turn a gate."""
    found: dict[str, str] = {}
    for gate in run.benchmark.gates:
        name = f"gate on {gate.figure}"
        found[name] = "; ".join(filter(None, (found.get(name, ""), bound_of(gate))))
    return found


def _brief(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else short(content_key("setting1", text))


def short(key: str) -> str:
    """The first digits of a content key, without its prefix."""
    return key.rpartition(":")[2][:SHOWN]


# ---- what moved


def _shift(name: str, old: Finding | None, new: Finding | None, before: EvalRun, after: EvalRun) -> Shift:
    known = new or old
    if known is None:
        raise InputError(f"no run has a figure {name!r}")
    a = None if old is None else old.figure.value
    b = None if new is None else new.figure.value
    gates = (_gate(old, before), _gate(new, after))
    if old is None or new is None or a is None or b is None:
        return Shift(
            figure=name, label=known.figure.label, form=known.figure.form, before=a, after=b,
            shift=None, low=None, high=None, paired=False, state="not_computed", gates=gates,
        )  # fmt: skip
    paired = bool(old.units) and old.units == new.units
    bounds = _interval(old, new, paired=paired)
    low, high = bounds or (None, None)
    state: ShiftState = "moved" if bounds and (bounds[0] > 0 or bounds[1] < 0) else "within_noise"
    if bounds is None and abs(b - a) > SAME:
        state = "differs"
    return Shift(
        figure=name, label=known.figure.label, form=known.figure.form, before=a, after=b,
        shift=rounded(b - a), low=low, high=high, paired=paired, state=state, gates=gates,
    )  # fmt: skip


def _interval(old: Finding, new: Finding, *, paired: bool) -> tuple[float, float] | None:
    """The interval of the shift; none if one of both figures has no draws."""
    if not len(old.draws) or not len(new.draws):
        return None
    size = min(len(old.draws), len(new.draws))
    first = old.draws[:size]
    second = new.draws[:size]
    if not paired:
        second = np.random.default_rng(1).permutation(second)
    gaps = (second - first)[~np.isnan(second - first)]
    if len(gaps) < 0.9 * size:
        return None
    freedom = min(len(old.units), len(new.units)) - 1
    low, high = interval_of(gaps, freedom, CONFIDENCE)
    value = (new.figure.value or 0.0) - (old.figure.value or 0.0)
    return rounded(min(low, value)), rounded(max(high, value))


def _gate(finding: Finding | None, run: EvalRun) -> GateState | None:
    """The worst state of the run's own gates on the figure."""
    if finding is None:
        return None
    order: tuple[GateState, ...] = ("not_computed", "red", "amber", "holds")
    states = [
        judge(gate, finding.figure).state
        for gate in run.benchmark.gates
        if gate.figure == finding.figure.name
    ]
    return min(states, key=order.index) if states else None
