"""The told sections: generated words beside the figures, each traceable to its call."""

from collections.abc import Mapping, Sequence
from typing import Literal

from panelsim.model.analysis import Analysis, Verbatim
from panelsim.model.panel import Panel, Respondent
from panelsim.model.report import Comprehension, Objections, StimulusVoices, ToldSection, Voices
from panelsim.model.study import StimulusTest
from panelsim.reporting.gleaning import Gleaning, quote_of


def told_sections(
    study: StimulusTest, panel: Panel, gleaning: Gleaning, analysis: Analysis, points: int
) -> tuple[ToldSection, ...]:
    """Reactions for and against, what was understood, and objections; what has no answer is left out."""
    who = panel.people("target")
    variants = [stimulus.id for stimulus in study.stimuli if stimulus.role == "variant"]
    voices = tuple(
        _voices(name, [one for one in analysis.verbatims if one.stimulus == name], who, (points + 1) / 2)
        for name in variants
    )
    played = gleaning.played_back
    sections: list[ToldSection] = []
    if any((*entry.highest, *entry.lowest, *entry.unrated) for entry in voices):
        sections.append(Voices(measure=study.rule.measure, voices=voices))
    if any(entry.answers for entry in played):
        sections.append(Comprehension(meaning=study.meaning, played_back=played))
    return (*sections, *objections_of(gleaning, "reactions"))


def objections_of(gleaning: Gleaning, said_in: Literal["reactions", "answers"]) -> tuple[ToldSection, ...]:
    """Objections that were expected, beside those that were raised; nothing if nobody said anything."""
    heard = gleaning.objections
    return (Objections(said_in=said_in, heard=heard),) if heard else ()


def _voices(
    stimulus: str, said: Sequence[Verbatim], who: Mapping[str, Respondent], midpoint: float
) -> StimulusVoices:
    quotes = {
        stance: tuple(
            quote_of(who[one.respondent], one.text, one.rating, one.call_key)
            for one in said
            if one.stance == stance
        )
        for stance in ("for", "against", "unrated")
    }
    return StimulusVoices(
        stimulus=stimulus,
        highest=quotes["for"],
        lowest=quotes["against"],
        unrated=quotes["unrated"],
        note=_note([one.rating for one in said if one.rating is not None], midpoint),
    )


def _note(ratings: Sequence[float], midpoint: float) -> str:
    """The quotes hold the highest and the lowest rating, so they tell whether one side is empty."""
    if not ratings:
        return ""
    if min(ratings) >= midpoint:
        return (
            "Nobody rated it below the middle of the scale; the lowest ratings are shown as the other side."
        )
    if max(ratings) <= midpoint:
        return (
            "Nobody rated it above the middle of the scale; the highest ratings are shown as the other side."
        )
    return ""
