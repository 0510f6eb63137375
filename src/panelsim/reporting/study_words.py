"""The words and number formats of hypotheses and surveys, shared by every report format."""

from collections.abc import Mapping

from panelsim.model.analysis import Estimate
from panelsim.model.hypothesis import HypothesisWord, Side
from panelsim.model.questionnaire import NO_ANSWER, NumberQuestion, OpenText, RatingScale
from panelsim.model.report import HypothesisAnswer, Positions, SurveyResults
from panelsim.model.survey import PositionEffect, QuestionResult, ReferenceDistances, SurveyWord
from panelsim.reporting.words import (
    fixed,
    interval,
    percent,
    percent_interval,
    probability,
    reasons,
    signed,
)

WORDS: Mapping[HypothesisWord, str] = {
    "supports_a": "Supports a",
    "supports_b": "Supports b",
    "leans_a": "Leans to a",
    "leans_b": "Leans to b",
    "no_difference": "No difference",
    "cannot_say": "Cannot say",
}
TONES: Mapping[HypothesisWord, str] = {
    "supports_a": "clear_lead",
    "supports_b": "clear_lead",
    "leans_a": "lean",
    "leans_b": "lean",
    "no_difference": "no_difference",
    "cannot_say": "cannot_say",
}
"""The word of a message test's verdict that is shown in the same colour."""


def share_in_words(answer: HypothesisAnswer) -> str:
    """`62% for a over b (55% to 70%)`."""
    if answer.share is None:
        return "No share: nobody answered in both orders."
    return f"{percent(answer.share.value)} for a over b ({percent_interval(answer.share)})"


def share_or_dash(share: Estimate | None) -> str:
    """A share with its interval, or a dash."""
    return "–" if share is None else f"{percent(share.value)} ({percent_interval(share)})"


SURVEY_WORDS: Mapping[SurveyWord, str] = {
    "stands": "Can be read",
    "stands_in_part": "Can be read in part",
    "cannot_say": "Cannot say",
}
SURVEY_TONES: Mapping[SurveyWord, str] = {
    "stands": "no_difference",
    "stands_in_part": "lean",
    "cannot_say": "cannot_say",
}
"""None of them is green: a survey has no right answer."""
TYPES: Mapping[str, str] = {
    "single": "one of several",
    "multiple": "all that apply",
    "scale": "scale",
    "number": "number",
    "open": "in words",
}


def choice_label(result: QuestionResult, choice: str) -> str:
    """What stands for a choice in a table: `4 (likely)` for a point of a scale."""
    question = result.question
    if isinstance(question, RatingScale) and choice != NO_ANSWER:
        return f"{choice} ({question.labels[int(choice) - 1]})"
    return choice


def choices_of(result: QuestionResult) -> tuple[str, ...]:
    """The choices of a closed question; nothing for a number or words."""
    question = result.question
    return () if isinstance(question, NumberQuestion | OpenText) else question.choices


def figures(result: QuestionResult) -> tuple[tuple[str, str], ...]:
    """The figures of a question as label and text."""
    unit = f" {result.question.unit}" if isinstance(result.question, NumberQuestion) else ""
    lost = f", {result.missing} missing ({reasons(result.missing_reasons)})" if result.missing else ""
    skipped = f", not put to {result.skipped}" if result.skipped else ""
    rows = [("Asked", f"{result.asked} ({TYPES[result.question.type]}){skipped}{lost}")]
    if result.mean is not None:
        rows.append(("Mean", f"{fixed(result.mean.value)}{unit} ({interval(result.mean)})"))
    if result.median is not None:
        rows.append(("Median", f"{fixed(result.median)}{unit}"))
    if result.sd is not None:
        rows.append(("SD of single answers", f"{fixed(result.sd)}{unit}"))
    if result.position is not None:
        rows.append(("Position effect", position_text(result.position)))
    if result.reference is not None:
        rows.append(("Beside people", reference_text(result.reference)))
    return tuple(rows)


def position_text(position: PositionEffect) -> str:
    """The figure with what the rule makes of it."""
    passed = "passes" if position.holds else "fails"
    if position.kind == "slots":
        return f"Cramer's V {fixed(position.value)}, p {probability(position.p or 0.0)}: {passed}"
    low, high = signed(position.low or 0.0), signed(position.high or 0.0)
    return f"pull of the first slot {signed(position.value)} ({low} to {high}): {passed}"


def reference_text(reference: ReferenceDistances) -> str:
    """The distances to people's answers: `own survey (n = 412): KS similarity 0.81, ...`."""
    asked = "" if reference.n is None else f" (n = {reference.n:,})"
    parts = [f"mean difference of shares {fixed(reference.mean_gap)}"]
    if reference.ks_similarity is not None:
        parts.insert(0, f"KS similarity {fixed(reference.ks_similarity)}")
    if reference.wasserstein is not None:
        parts.insert(1, f"Wasserstein {fixed(reference.wasserstein)}")
    if reference.jensen_shannon is not None:
        parts.append(f"Jensen-Shannon {fixed(reference.jensen_shannon)}")
    return f"{reference.source}{asked}: {', '.join(parts)}"


def people_share(result: QuestionResult, at: int) -> str:
    """People's share of the choice at a place; empty without a reference."""
    shares = () if result.reference is None else result.reference.shares
    return percent(shares[at]) if at < len(shares) else ""


def results_lede(section: SurveyResults) -> str:
    """What the tables of a survey show."""
    return (
        f"Mean probability of each answer over respondents, with the {percent(section.confidence)} "
        "simulation interval, and by persona. No share is one of a market."
    )


def side_text(section: Positions, side: Side) -> str:
    """The position behind a side."""
    return {"a": section.a, "b": section.b, "neither": section.neither}[side]


def positions_lede(section: Positions) -> str:
    """What the table of shares shows."""
    return (
        f"Mean probability of each answer over respondents, wordings and both orders, with the "
        f"{percent(section.confidence)} simulation interval."
    )
