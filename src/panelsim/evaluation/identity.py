"""The benchmark `identity`: whether buyers are told apart, and whether each stays who it is."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from panelsim.evaluation.finding import Finding, Findings, measured
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

DIGITS = 6
"""Of a leaning: who follows the slot alone stands at one half, whatever the last bits of a logarithm."""


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
        tables=(_facts_table(evidence, settings, leans),),
        notes=(
            "A reply is matched by what it says: it can be known by role and problems, not by how it speaks.",
            "Choices are asked in both orders and averaged; one without an answer in either order has none.",
            short_replies(replies, settings),
        ),
    )


# ---- what was said, by buyer


def leanings(evidence: Evidence) -> dict[tuple[str, str], float]:
    """By buyer and question the share of the option named first, both orders averaged; whole ones only.

    Options by name: `true` before `foil`, `so` before `not_so`, `yes` before `no`, `a` before `b`.
    """
    heard: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    named = (TRUE, SO, YES, "a")
    for part in ("fact", "stand", "premise", "truth", "claim", "contrary", "lead", "talk"):
        for one in evidence.responses(part):
            if isinstance(one.answer, ChoiceAnswer):
                option = next(name for name in named if name in one.answer.options)
                heard[one.respondent, one.question].append(one.answer.share_of(option))
    return {key: round(float(np.mean(shares)), DIGITS) for key, shares in heard.items() if len(shares) == 2}


def _table_of(evidence: Evidence, questions: Sequence[str], leans: Mapping[tuple[str, str], float]) -> Floats:
    """(buyers, questions): the leaning, NaN where there is none."""
    return np.array(
        [[leans.get((buyer, name), np.nan) for name in questions] for buyer in evidence.buyers], dtype=float
    ).reshape(len(evidence.buyers), len(questions))


def _side(leaning: Floats) -> Floats:
    """1 for the option named first, -1 for the other, NaN for neither and for no answer."""
    sides: Floats = np.where(leaning > 0.5, 1.0, np.where(leaning < 0.5, -1.0, np.nan))
    return sides


# ---- facts, premises, claims, doubts and leads


def _figure(
    evidence: Evidence, name: str, label: str, values: Floats, method: str, form: FigureForm = "share"
) -> Finding:
    return measured(
        name, label, evidence.buyers, partial(mean_there, values), unit="buyers", method=method, form=form
    )


def _fact_rights(
    evidence: Evidence, settings: IdentitySettings, leans: Mapping[tuple[str, str], float], start: str
) -> Floats:
    """(buyers, facts): 1 if the truth was chosen, 0 if not or if nothing was; NaN where it is not stated."""
    sheets = sheets_of(panel_of(evidence.panel), settings)
    return np.array(
        [
            [
                float(leans.get((buyer, f"{start}fact.{fact}"), 0.0) > 0.5)
                if fact in sheets[buyer].facts
                else np.nan
                for fact in FACTS
            ]
            for buyer in evidence.buyers
        ]
    )


def _fact_figures(
    evidence: Evidence, settings: IdentitySettings, leans: Mapping[tuple[str, str], float]
) -> Iterator[Finding]:
    method = "share where the truth has more than half, both orders averaged"
    early = _fact_rights(evidence, settings, leans, "")
    late = _fact_rights(evidence, settings, leans, LATE)
    yield _figure(evidence, "facts_early", "Own facts right, asked first", early, method)
    yield _figure(evidence, "facts_late", "Own facts right, after a conversation", late, method)


def _facts_table(
    evidence: Evidence, settings: IdentitySettings, leans: Mapping[tuple[str, str], float]
) -> Table:
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
        note="A fact against one that is so of another buyer; who guesses has one half.",
    )


def _premise_figures(
    evidence: Evidence, settings: IdentitySettings, leans: Mapping[tuple[str, str], float]
) -> Iterator[Finding]:
    """Invented premises are resisted by saying not so; a missing answer neither resists nor accepts."""
    false = _table_of(evidence, [f"premise.{at}" for at in range(len(settings.premises))], leans)
    true = _table_of(evidence, [f"truth.{at}" for at in range(len(settings.truths))], leans)
    sheets = sheets_of(panel_of(evidence.panel), settings)
    stated = np.array(
        [
            [filled(text, sheets[buyer].facts) is not None for text in settings.truths]
            for buyer in evidence.buyers
        ]
    )
    half = "more than half, both orders averaged"
    yield _figure(
        evidence, "premises_resisted", "Invented biographies rejected", (false < 0.5).astype(float),
        f"share where `not so` has {half}",
    )  # fmt: skip
    yield _figure(
        evidence, "truths_accepted", "True premises accepted", np.where(stated, true > 0.5, np.nan),
        f"share where `so` has {half}",
    )  # fmt: skip


def _contradictions(
    evidence: Evidence, settings: IdentitySettings, leans: Mapping[tuple[str, str], float]
) -> Finding:
    """Pairs of claims on which sides were taken: a claim and its contrary, and a claim early and late."""
    count = range(len(settings.claims))
    early, contrary, late = (
        _side(_table_of(evidence, [f"{start}.{at}" for at in count], leans))
        for start in ("claim", "contrary", f"{LATE}claim")
    )
    against = np.where(np.isnan(early + contrary), np.nan, early == contrary)
    changed = np.where(np.isnan(early + late), np.nan, early != late)
    return _figure(
        evidence, "contradictions", "Claims that contradict each other", np.hstack([against, changed]),
        "contradicting / comparable pairs: claim and contrary, claim early and late",
    )  # fmt: skip


def _flips(evidence: Evidence, settings: IdentitySettings, leans: Mapping[tuple[str, str], float]) -> Finding:
    names = [*(f"fact.{fact}" for fact in FACTS), *(f"stand.{at}" for at in range(len(settings.stands)))]
    before = _side(_table_of(evidence, names, leans))
    after = _side(_table_of(evidence, [f"{name}{AGAIN}" for name in names], leans))
    flips = np.where(np.isnan(before + after), np.nan, before != after)
    return _figure(
        evidence, "pushback_flips", "Answers changed by a doubt without a reason", flips,
        "share of pairs whose side changes; pairs without a side left out",
    )  # fmt: skip


def _lead_shift(
    evidence: Evidence, settings: IdentitySettings, leans: Mapping[tuple[str, str], float]
) -> Finding:
    count = range(len(settings.leads))
    up, down = (
        _table_of(evidence, [f"lead.{at}-{lean}" for at in count], leans) for lean in ("positive", "negative")
    )
    return _figure(
        evidence, "lead_shift", "Answers moved by a leading question", up - down,
        "mean P(yes | positive lead) - P(yes | negative lead)", "signed",
    )  # fmt: skip
