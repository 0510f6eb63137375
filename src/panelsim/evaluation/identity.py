"""The benchmark `identity`: whether buyers are told apart, and whether each stays who it is."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np

from panelsim.evaluation.finding import Finding, Findings, absent, measured
from panelsim.evaluation.identity_asking import AGAIN, LATE, SO, TRUE, YES, trials
from panelsim.evaluation.identity_replies import (
    distances,
    identification,
    mean_there,
    replies_of,
    short_replies,
)
from panelsim.evaluation.identity_settings import FACTS, IdentitySettings, filled, panel_of, sheets_of
from panelsim.evaluation.material import Evidence, settings_of
from panelsim.metrics.arrays import Floats
from panelsim.model.benchmark import FigureForm, Table
from panelsim.model.response import ChoiceAnswer
from panelsim.reporting.figures import in_form

__all__ = ["score", "trials"]

Leanings: TypeAlias = Mapping[tuple[str, str], tuple[float, float]]


def score(evidence: Evidence) -> Findings:
    """Identification and distances of replies; then facts, premises, claims, doubts and leads by buyer."""
    settings = settings_of(evidence.benchmark, IdentitySettings)
    leans = leanings(evidence)
    replies = replies_of(evidence, "reply")
    return Findings(
        figures=(
            *identification(evidence, replies),
            *distances(evidence, replies, settings),
            *_fact_figures(evidence, settings, leans),
            *_premise_figures(evidence, settings, leans),
            _contradictions(evidence, settings, leans),
            _flips(evidence, settings, leans),
            _lead_shift(evidence, settings, leans),
        ),
        tables=(_facts_table(evidence, settings, leans), _orders_table(evidence, settings, leans)),
        notes=(
            "A reply is matched by what it says: it can be known by role and problems, not by how it speaks.",
            "A choice is asked in both orders; what does not win in both is no side and no right fact.",
            short_replies(replies, settings),
        ),
    )


# ---- what was said, by buyer


def leanings(evidence: Evidence) -> Leanings:
    """By buyer and question the share of the option named first, in each order; questions asked in both.

    Named first is `true` before `foil`, `so` before `not_so`, `yes` before `no`, `a` before `b`.
    """
    heard: defaultdict[tuple[str, str], dict[bool, float]] = defaultdict(dict)
    named = (TRUE, SO, YES, "a")
    for part in ("fact", "stand", "premise", "truth", "claim", "contrary", "lead", "talk"):
        for one in evidence.responses(part):
            if isinstance(one.answer, ChoiceAnswer):
                option = next(name for name in named if name in one.answer.options)
                is_turned = one.answer.options[0] != option
                heard[one.respondent, one.question][is_turned] = one.answer.share_of(option)
    return {key: (by[False], by[True]) for key, by in heard.items() if len(by) == 2}


def _orders(evidence: Evidence, questions: Sequence[str], leans: Leanings) -> Floats:
    """(buyers, questions, 2): the share of the option named first, in each order; NaN where there is none."""
    nobody = (np.nan, np.nan)
    rows = [[leans.get((buyer, name), nobody) for name in questions] for buyer in evidence.buyers]
    return np.array(rows, dtype=float).reshape(len(evidence.buyers), len(questions), 2)


def _sides(orders: Floats) -> Floats:
    """(buyers, questions): 1 for the option named first, -1 for the other, 0 for none; NaN if not answered.

    A side is what wins in both orders. An average would take the last digit of somebody who follows the slot
    for an opinion.
    """
    signs = np.sign(orders - 0.5)
    agreed: Floats = np.where(signs[..., 0] == signs[..., 1], signs[..., 0], 0.0)
    return np.where(np.isnan(orders).any(axis=-1), np.nan, agreed)


# ---- facts, premises, claims, doubts and leads


NO_SIDE = "no side was taken in both orders"


def _figure(
    evidence: Evidence,
    name: str,
    label: str,
    values: Floats,
    method: str,
    form: FigureForm = "share",
    lacking: str = "nothing was answered",
) -> Finding:
    """The mean over buyers; absent because of `lacking` if there is no value."""
    if np.isnan(values).all():
        return absent(name, label, lacking, form=form)
    return measured(
        name, label, evidence.buyers, partial(mean_there, values), unit="buyers", method=method, form=form
    )


def _fact_rights(evidence: Evidence, settings: IdentitySettings, leans: Leanings, start: str) -> Floats:
    """(buyers, facts): 1 if the truth was chosen, 0 if not or if nothing was; NaN where it is not stated."""
    sheets = sheets_of(panel_of(evidence.panel), settings)
    stated = np.array([[fact in sheets[buyer].facts for fact in FACTS] for buyer in evidence.buyers])
    sides = _sides(_orders(evidence, [f"{start}fact.{fact}" for fact in FACTS], leans))
    return np.where(stated, (sides == 1).astype(float), np.nan)


def _fact_figures(evidence: Evidence, settings: IdentitySettings, leans: Leanings) -> Iterator[Finding]:
    method = "share where the truth wins in both orders"
    early = _fact_rights(evidence, settings, leans, "")
    late = _fact_rights(evidence, settings, leans, LATE)
    yield _figure(evidence, "facts_early", "Own facts right, asked first", early, method)
    yield _figure(evidence, "facts_late", "Own facts right, after a conversation", late, method)


def _facts_table(evidence: Evidence, settings: IdentitySettings, leans: Leanings) -> Table:
    early, late = (_fact_rights(evidence, settings, leans, start) for start in ("", LATE))
    everybody = np.arange(len(early))
    rows = []
    for at, fact in enumerate(FACTS):
        shares = [mean_there(values[:, [at]], everybody) for values in (early, late)]
        said = ["not stated" if share is None else in_form(share, "share") for share in shares]
        rows.append((fact, *said, str(int(np.sum(~np.isnan(early[:, at]))))))
    return Table(
        title="Own facts right",
        columns=("Fact", "Asked first", "After a conversation", "Buyers"),
        rows=tuple(rows),
        note="Against what is so of another buyer; who guesses is right in both orders one time in four.",
    )


def _orders_table(evidence: Evidence, settings: IdentitySettings, leans: Leanings) -> Table:
    """How far each kind of choice follows what is asked, and how far the order it is asked in."""
    groups = {
        "Own facts: the truth": [f"fact.{fact}" for fact in FACTS],
        "After a doubt without a reason": [f"fact.{fact}{AGAIN}" for fact in FACTS],
        "Invented biographies: so": [f"premise.{at}" for at in range(len(settings.premises))],
        "True premises: so": [f"truth.{at}" for at in range(len(settings.truths))],
        "Claims: so": [f"claim.{at}" for at in range(len(settings.claims))],
        "Their contraries: so": [f"contrary.{at}" for at in range(len(settings.claims))],
        "Questions of taste: a": [f"stand.{at}" for at in range(len(settings.stands))],
    }
    rows = []
    for label, names in groups.items():
        orders = _orders(evidence, names, leans)
        there = orders[~np.isnan(orders).any(axis=-1)]
        if len(there):
            first, second = (in_form(float(mean), "number") for mean in there.mean(axis=0))
            sides = in_form(float(np.mean(_sides(there) != 0)), "share")
            rows.append((label, first, second, sides, str(len(there))))
    return Table(
        title="How likely a choice is as the first and as the second of two",
        columns=("Choice", "Named first", "Named second", "A side in both orders", "Choices"),
        rows=tuple(rows),
        note="Mean probability. Far apart: the slot decides. Both near one half: nothing does.",
    )


def _premise_figures(evidence: Evidence, settings: IdentitySettings, leans: Leanings) -> Iterator[Finding]:
    """Invented premises are resisted by saying not so; a missing answer neither resists nor accepts."""
    false = _sides(_orders(evidence, [f"premise.{at}" for at in range(len(settings.premises))], leans))
    true = _sides(_orders(evidence, [f"truth.{at}" for at in range(len(settings.truths))], leans))
    sheets = sheets_of(panel_of(evidence.panel), settings)
    stated = np.array(
        [
            [filled(text, sheets[buyer].facts) is not None for text in settings.truths]
            for buyer in evidence.buyers
        ]
    )
    yield _figure(
        evidence, "premises_resisted", "Invented biographies rejected", (false == -1).astype(float),
        "share where `not so` wins in both orders",
    )  # fmt: skip
    yield _figure(
        evidence, "truths_accepted", "True premises accepted",
        np.where(stated, (true == 1).astype(float), np.nan), "share where `so` wins in both orders",
    )  # fmt: skip


def _contradictions(evidence: Evidence, settings: IdentitySettings, leans: Leanings) -> Finding:
    """Pairs of claims on which sides were taken: a claim and its contrary, and a claim early and late."""
    count = range(len(settings.claims))
    early, contrary, late = (
        _sides(_orders(evidence, [f"{start}.{at}" for at in count], leans))
        for start in ("claim", "contrary", f"{LATE}claim")
    )
    # a product is 1 for the same side, -1 for the other, 0 if one of both took none, NaN if not answered
    against, kept = early * contrary, early * late
    found = np.hstack(
        [np.where(abs(against) == 1, against == 1, np.nan), np.where(abs(kept) == 1, kept == -1, np.nan)]
    )
    return _figure(
        evidence, "contradictions", "Claims that contradict each other", found,
        "contradicting / comparable pairs: claim and contrary, claim early and late", lacking=NO_SIDE,
    )  # fmt: skip


def _flips(evidence: Evidence, settings: IdentitySettings, leans: Leanings) -> Finding:
    """Share of conversations that end on another side; each order of a choice is a conversation."""
    names = [*(f"fact.{fact}" for fact in FACTS), *(f"stand.{at}" for at in range(len(settings.stands)))]
    before = _sides(_orders(evidence, names, leans))[..., None]
    after = np.sign(_orders(evidence, [f"{name}{AGAIN}" for name in names], leans) - 0.5)
    is_comparable = (abs(before) == 1) & ~np.isnan(after)
    flips = np.where(is_comparable, before != after, np.nan)
    return _figure(
        evidence, "pushback_flips", "Answers changed by a doubt without a reason",
        flips.reshape(len(flips), -1), "share of conversations that end on another side than they began with",
        lacking=NO_SIDE,
    )  # fmt: skip


def _lead_shift(evidence: Evidence, settings: IdentitySettings, leans: Leanings) -> Finding:
    count = range(len(settings.leads))
    up, down = (
        _orders(evidence, [f"lead.{at}-{lean}" for at in count], leans).mean(axis=-1)
        for lean in ("positive", "negative")
    )
    return _figure(
        evidence, "lead_shift", "Answers moved by a leading question", up - down,
        "mean P(yes | positive lead) - P(yes | negative lead), both orders averaged", "signed",
    )  # fmt: skip
