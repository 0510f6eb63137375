"""The benchmark `stability`: whether a panel says again what it said, in other words and another order."""

from collections.abc import Iterator
from functools import partial
from itertools import combinations
from typing import Protocol

import numpy as np

from panelsim.evaluation.finding import Finding, Findings, measured
from panelsim.evaluation.material import Evidence, Material, Trial, held_trial, session_trial, settings_of
from panelsim.evaluation.stability_settings import StabilitySettings, stimuli_of
from panelsim.metrics.agreement import icc, krippendorff_alpha, majority_share
from panelsim.metrics.arrays import Floats, Ints
from panelsim.metrics.choice import first_slot_bias, order_consistency, winners
from panelsim.metrics.components import component_shares, crossed_components, dependability
from panelsim.metrics.invariance import (
    flip_rate,
    mean_shift,
    repeat_spread,
    scale_pull,
    scale_reversal_shift,
    slot_test,
)
from panelsim.model.benchmark import Held, Outcome, Table
from panelsim.model.measure import POINTS
from panelsim.model.plan import MonadicAssignment, PairedAssignment, Transcript, Turn
from panelsim.model.response import ChoiceAnswer, RatingAnswer, Response
from panelsim.model.study import Stimulus
from panelsim.questions.choice import LogprobChoice
from panelsim.reporting.figures import in_form
from panelsim.script import Script
from panelsim.sessions.ask import ask
from panelsim.sessions.scene import Scene

WORDINGS = 3
WIDTH = POINTS - 1
PICK = "pick"


class Reading(Protocol):
    """A statistic of two readings of one scale."""

    def __call__(self, plain: Floats, reversed_scale: Floats, /, *, low: float, high: float) -> float:
        """The statistic."""
        ...


# ---- asking


def trials(material: Material) -> Iterator[Trial]:
    """Repeats and verdicts drawn at the study's temperature; wordings, orders, slots and scales read at 0."""
    settings = settings_of(material.benchmark, StabilitySettings)
    stimuli = stimuli_of(settings)
    scene = material.scene(stimuli, (settings.measure,))
    spoken = material.scene(stimuli, (settings.measure,), elicit="direct")
    plain = material.scene(stimuli, (settings.measure,), frame="first_person")
    measure = plain.measures[settings.measure]
    swapped = measure.model_copy(update={"low": measure.high, "high": measure.low})
    turned = material.scene(
        stimuli, (settings.measure,), frame="first_person", measures_as={measure.id: swapped}
    )
    warm = material.asking.temperature
    for buyer in material.buyers:
        for stimulus in stimuli:
            for again in range(settings.repeats):
                rated = _rated(buyer, stimulus.id, settings, replicate=again)
                yield session_trial("repeat", rated, spoken, temperature=warm)
            for wording in range(WORDINGS):
                yield session_trial(
                    f"wording/{wording}", _rated(buyer, stimulus.id, settings, wording=wording), scene
                )
            yield session_trial("scale/plain", _rated(buyer, stimulus.id, settings), plain)
            yield session_trial("scale/turned", _rated(buyer, stimulus.id, settings), turned)
        for pair in combinations([one.id for one in stimuli], 2):
            for first, second in (pair, pair[::-1]):
                yield session_trial("order", _paired(buyer, first, second), scene)
                for again in range(settings.repeats):
                    assignment = _paired(buyer, first, second, again)
                    yield session_trial("verdict", assignment, spoken, temperature=warm)
        yield from _slot_trials(buyer, stimuli[: settings.slots], scene)


def _rated(
    buyer: str, stimulus: str, settings: StabilitySettings, *, wording: int = 0, replicate: int = 0
) -> MonadicAssignment:
    return MonadicAssignment(
        respondent=buyer,
        stimulus=stimulus,
        measures=(settings.measure,),
        open_questions=False,
        wording=wording,
        replicate=replicate,
    )


def _paired(buyer: str, first: str, second: str, replicate: int = 0) -> PairedAssignment:
    return PairedAssignment(respondent=buyer, first=first, second=second, wording=0, replicate=replicate)


def _slot_trials(buyer: str, stimuli: tuple[Stimulus, ...], scene: Scene) -> Iterator[Trial]:
    """A Latin square: each rotation once, so that every headline stands in every slot."""
    for turn in range(len(stimuli)):
        shown = tuple(one.id for one in (*stimuli[turn:], *stimuli[:turn]))
        yield held_trial(f"slots/{buyer}/{turn}", buyer, scene, partial(_pick, buyer, shown, scene))


def _pick(buyer: str, shown: tuple[str, ...], scene: Scene) -> Script[Outcome]:
    """Which of several, in the order of `shown`."""
    question = LogprobChoice(id=PICK, options=shown)
    messages = scene.prompts.render(
        "questions/pick",
        buyer=scene.buyers[buyer],
        channel=scene.channel,
        letters=question.letters,
        headlines=tuple(scene.stimuli[name].text for name in shown),
    )
    call = scene.call(messages, question.form, lane=buyer, purpose="stability/pick")
    asked = yield from ask(question, call, scene.prompts)
    response = Response(
        respondent=buyer, question=PICK, shown=shown, answer=asked.answer, call_keys=asked.keys
    )
    turn = Turn(speaker="respondent", text=asked.said.text, call_key=asked.keys[-1])
    assignment = PairedAssignment(respondent=buyer, first=shown[0], second=shown[1], wording=0)
    return Held(transcript=Transcript(assignment=assignment, turns=(turn,), responses=(response,)))


# ---- scoring


def score(evidence: Evidence) -> Findings:
    """Reliability over repeats, then invariance to wording, order, slot and scale; buyers are drawn again."""
    settings = settings_of(evidence.benchmark, StabilitySettings)
    repeats = _rating_array(evidence, "repeat", settings, by="replicate", size=settings.repeats)
    wordings = _rating_array(evidence, "wording", settings, by="wording", size=WORDINGS)
    scales = [
        _rating_array(evidence, f"scale/{name}", settings, by="replicate", size=1)[:, :, 0]
        for name in ("plain", "turned")
    ]
    order = _order_array(evidence, "order", settings, 1)
    verdicts = _order_array(evidence, "verdict", settings, settings.repeats)
    return Findings(
        figures=(
            *_repeat_figures(evidence, repeats),
            *_wording_figures(evidence, wordings),
            *_order_figures(evidence, order[..., 0]),
            _verdict_flips(evidence, verdicts),
            *_slot_figures(evidence, settings),
            *_scale_figures(evidence, scales[0], scales[1]),
        ),
        tables=(_components_table(repeats),),
        notes=(
            "Repeats and verdicts are single answers drawn at the study's temperature.",
            "A rating read from log-probabilities is the same each time, which says nothing about agreement.",
            "An ICC is high only if buyers or headlines differ: read it beside the buyers' share.",
        ),
    )


def _rating_array(
    evidence: Evidence, part: str, settings: StabilitySettings, *, by: str, size: int
) -> Floats:
    """(buyers, headlines, size) ratings, NaN where missing."""
    stimuli = [one.id for one in stimuli_of(settings)]
    values = np.full((len(evidence.buyers), len(stimuli), size), np.nan)
    place = {buyer: at for at, buyer in enumerate(evidence.buyers)}
    for one in evidence.responses(part):
        if isinstance(one.answer, RatingAnswer):
            third = one.wording if by == "wording" else one.replicate
            values[place[one.respondent], stimuli.index(one.shown[0]), third] = one.answer.value
    return values


def _order_array(evidence: Evidence, part: str, settings: StabilitySettings, repeats: int) -> Floats:
    """(buyers, pairs, 2, repeats): share of the pair's first, shown first and second; NaN if missing."""
    pairs = list(combinations([one.id for one in stimuli_of(settings)], 2))
    values = np.full((len(evidence.buyers), len(pairs), 2, repeats), np.nan)
    place = {buyer: at for at, buyer in enumerate(evidence.buyers)}
    for one in evidence.responses(part):
        if isinstance(one.answer, ChoiceAnswer):
            is_turned = one.shown not in pairs
            pair = one.shown[::-1] if is_turned else one.shown
            share = one.answer.share_of(pair[0])
            values[place[one.respondent], pairs.index((pair[0], pair[1])), int(is_turned), one.replicate] = (
                share
            )
    return values


def _whole(table: Floats) -> Floats:
    """The rows with no value missing."""
    rows: Floats = table[~np.isnan(table).any(axis=1)]
    return rows


def _rows(values: Floats, places: Ints) -> Floats:
    """Rows of buyers by headlines, columns the last axis, whole ones only."""
    return _whole(values[places].reshape(-1, values.shape[-1]))


def _icc_of(values: Floats, places: Ints) -> float | None:
    rows = _rows(values, places)
    found = icc(rows) if len(rows) > 1 and rows.shape[1] > 1 else None
    return None if found is None else found.single


def _alpha_of(values: Floats, places: Ints) -> float | None:
    rows = _rows(values, places)
    return krippendorff_alpha(np.rint(rows).tolist()) if len(rows) else None


def _shift_of(values: Floats, places: Ints) -> float | None:
    rows = _rows(values, places)
    return mean_shift(rows, width=WIDTH) if len(rows) else None


def _complete(values: Floats, places: Ints) -> Floats:
    """Buyers with every answer, among those at `places`."""
    drawn = values[places]
    kept: Floats = drawn[~np.isnan(drawn.reshape(len(drawn), -1)).any(axis=1)]
    return kept


def _buyer_share(values: Floats, places: Ints) -> float | None:
    kept = _complete(values, places)
    shares = component_shares(crossed_components(kept)) if len(kept) > 1 else None
    return None if shares is None else shares[0,] + shares[0, 1]


def _dependability_of(values: Floats, places: Ints) -> float | None:
    kept = _complete(values, places)
    if len(kept) < 2:
        return None
    parts = crossed_components(kept)
    error = parts[0, 1, 2] + parts[0, 2] + parts[1, 2]
    return dependability(parts[1,], parts[0, 1], error, buyers=values.shape[0], repeats=values.shape[2])


def _majority_of(values: Floats, places: Ints) -> float | None:
    rows = _rows(values, places)
    return majority_share(np.rint(rows)) if len(rows) else None


def _spread_of(values: Floats, places: Ints) -> float | None:
    rows = _rows(values, places)
    return repeat_spread(rows, width=WIDTH) if len(rows) else None


def _repeat_figures(evidence: Evidence, values: Floats) -> Iterator[Finding]:
    for name, label, statistic, method, form in (
        ("retest_icc", "Test-retest of a rating", _icc_of, "ICC(A,1) over repeats", "number"),
        ("retest_alpha", "Test-retest of a rating, ordinal", _alpha_of, "Krippendorff's alpha", "number"),
        ("repeat_majority", "Most frequent of the repeats", _majority_of, "its share; never alone", "share"),
        ("repeat_spread", "Spread of the repeats", _spread_of, "mean SD over repeats / width", "share"),
        ("buyer_share", "Variance that is the buyers'", _buyer_share, "components of repeats", "share"),
        ("dependability", "Ranking of headlines by the panel", _dependability_of, "E rho^2", "number"),
    ):
        yield measured(
            name, label, evidence.buyers, partial(statistic, values), unit="buyers", method=method,
            form="share" if form == "share" else "number",
        )  # fmt: skip


def _wording_figures(evidence: Evidence, values: Floats) -> Iterator[Finding]:
    signs = _signs(values)
    yield measured(
        "wording_icc", "Same rating in another wording", evidence.buyers, partial(_icc_of, values),
        unit="buyers", method="ICC(A,1) over wordings",
    )  # fmt: skip
    yield measured(
        "wording_shift", "Rating moved by the wording", evidence.buyers, partial(_shift_of, values),
        unit="buyers", method="mean |difference| / width", form="share",
    )  # fmt: skip
    yield measured(
        "wording_flips", "Winner changed by the wording", evidence.buyers, partial(_flips_of, signs),
        unit="buyers", method="flip rate over pairs of headlines and wordings", form="share",
    )  # fmt: skip


def _signs(values: Floats) -> Floats:
    """(buyers, pairs, wordings): which of two headlines is rated higher; NaN where one is missing."""
    pairs = list(combinations(range(values.shape[1]), 2))
    gaps = np.stack([values[:, i] - values[:, j] for i, j in pairs], axis=1)
    signs: Floats = np.where(np.isnan(gaps), np.nan, np.sign(np.round(gaps, 9)))
    return signs


def _flips_of(signs: Floats, places: Ints) -> float | None:
    """Flips among rows that ever had a winner: who always ties never changes sides, and says nothing."""
    rows = _rows(signs, places)
    rows = rows[(rows != 0).any(axis=1)]
    return flip_rate(rows) if len(rows) else None


def _order_figures(evidence: Evidence, values: Floats) -> Iterator[Finding]:
    """`values` (buyers, pairs, 2)."""

    def mean_of(read: str, places: Ints) -> float | None:
        rows = _rows(values, places)
        if not len(rows):
            return None
        first, second = rows[:, 0], rows[:, 1]
        if read == "consistency":
            return float(order_consistency(first, second).mean())
        if read == "bias":
            return float(first_slot_bias(first, second).mean())
        return float(np.mean(winners(first) == winners(second)))

    for name, label, read, method, form in (
        (
            "order_consistency",
            "Preference that survives a swap",
            "consistency",
            "1 - |a first - a second|",
            "share",
        ),
        ("first_slot_bias", "Pull of the first slot", "bias", "P(first) - .5", "signed"),
        ("same_winner", "Same winner in both orders", "winner", "share of pairs", "share"),
    ):
        yield measured(
            name, label, evidence.buyers, partial(mean_of, read),
            unit="buyers", method=method, form="signed" if form == "signed" else "share",
        )  # fmt: skip


def _verdict_flips(evidence: Evidence, values: Floats) -> Finding:
    """`values` (buyers, pairs, 2, repeats): both orders averaged, then the winner of each repeat."""
    return measured(
        "verdict_flips", "Winner changed by asking again", evidence.buyers,
        partial(_flips_of, np.where(np.isnan(both := values.mean(axis=2)), np.nan, winners(both))),
        unit="buyers", method="flip rate over pairs of repeats, both orders averaged", form="share",
    )  # fmt: skip


def _slot_figures(evidence: Evidence, settings: StabilitySettings) -> Iterator[Finding]:
    """Of whole squares: with a rotation missing, what is liked stands in some slots more often."""
    chosen = np.full((len(evidence.buyers), settings.slots, settings.slots), np.nan)
    place = {buyer: at for at, buyer in enumerate(evidence.buyers)}
    first = [one.id for one in stimuli_of(settings)]
    for one in evidence.responses("slots"):
        if isinstance(one.answer, ChoiceAnswer):
            chosen[place[one.respondent], first.index(one.shown[0])] = one.answer.shares
    squares = chosen.sum(axis=1)
    label = f"Pull of {settings.slots} slots"

    def v_of(places: Ints) -> float | None:
        rows = _whole(squares[places])
        return slot_test(rows.sum(axis=0)).cramers_v if len(rows) else None

    yield measured(
        "slot_v", label, evidence.buyers, v_of, unit="buyers",
        method="Cramer's V of chosen slots over a Latin square",
    )  # fmt: skip


def _scale_figures(evidence: Evidence, plain: Floats, turned: Floats) -> Iterator[Finding]:
    """`plain`, `turned` (buyers, headlines), the second as given on the scale whose ends were swapped."""
    both = np.stack([plain, turned], axis=-1)
    for name, label, statistic in (
        ("scale_reversal", "Rating that does not turn with its scale", scale_reversal_shift),
        ("scale_pull", "Pull of the scale's high end", scale_pull),
    ):

        def read(places: Ints, statistic: Reading = statistic) -> float | None:
            rows = _rows(both, places)
            return statistic(rows[:, 0], rows[:, 1], low=1, high=POINTS) if len(rows) else None

        yield measured(
            name, label, evidence.buyers, read, unit="buyers",
            method="y + y_rev - (max + min), over width",
            form="share" if name == "scale_reversal" else "signed",
        )  # fmt: skip


def _components_table(values: Floats) -> Table:
    names = {
        (0,): "buyers", (1,): "headlines", (2,): "repeats", (0, 1): "buyers x headlines",
        (0, 2): "buyers x repeats", (1, 2): "headlines x repeats", (0, 1, 2): "the rest",
    }  # fmt: skip
    kept = _complete(values, np.arange(len(values)))
    parts = crossed_components(kept) if len(kept) > 1 else {}
    shares = component_shares(parts) or {}
    return Table(
        title="Where the variance of repeated ratings lies",
        columns=("Source", "Variance", "Share"),
        rows=tuple(
            (name, in_form(parts[effect], "number"), in_form(shares[effect], "share"))
            for effect, name in names.items()
            if effect in shares
        ),
        note="Crossed random effects, by expected mean squares; buyers with every answer only.",
    )
