"""The told sections: generated words beside the figures, each traceable to its call."""

from collections.abc import Mapping, Sequence

from panelsim.model.analysis import Analysis, Verbatim
from panelsim.model.panel import Panel, Respondent
from panelsim.model.report import Comprehension, PlayedBack, Quote, StimulusVoices, ToldSection, Voices
from panelsim.model.study import MessageTest

PER_SIDE = 2
"""Reactions shown for and against a stimulus."""
PLAYED_BACK = 3
"""Comprehension answers shown per stimulus; all are in the transcripts."""


def told_sections(
    study: MessageTest, panel: Panel, analysis: Analysis, points: int
) -> tuple[ToldSection, ...]:
    """Reactions for and against, then what was understood; sections without an answer are left out."""
    who = {person.id: person for person in panel.respondents if person.arm == "target"}
    said = [v for v in analysis.verbatims if v.respondent in who]
    variants = [stimulus.id for stimulus in study.stimuli if stimulus.role == "variant"]
    voices = [_voices(v, [x for x in said if x.stimulus == v], who, points) for v in variants]
    played = [_played_back(v, [x for x in said if x.stimulus == v], who) for v in variants]
    sections: list[ToldSection] = []
    if any(entry.highest or entry.lowest for entry in voices):
        sections.append(Voices(measure=study.rule.measure, voices=tuple(voices)))
    if any(entry.answers for entry in played):
        sections.append(Comprehension(meaning=study.meaning, played_back=tuple(played)))
    return tuple(sections)


def _voices(
    stimulus: str, said: Sequence[Verbatim], who: Mapping[str, Respondent], points: int
) -> StimulusVoices:
    rated = [(v.rating, v) for v in said if v.question != "comprehension" and v.rating is not None]
    downwards = [v for _, v in sorted(rated, key=lambda pair: -pair[0])]
    per_side = min(PER_SIDE, (len(downwards) + 1) // 2)
    highest = _spread(downwards, per_side)
    lowest = _spread([v for v in reversed(downwards) if v not in highest], per_side)
    return StimulusVoices(
        stimulus=stimulus,
        highest=tuple(_quote(v, who) for v in highest),
        lowest=tuple(_quote(v, who) for v in lowest),
        note=_note([rating for rating, _ in rated], (points + 1) / 2),
    )


def _note(ratings: Sequence[float], midpoint: float) -> str:
    if not ratings:
        return "No reaction was paired with a rating."
    if min(ratings) >= midpoint:
        return (
            "Nobody rated it below the middle of the scale; the lowest ratings are shown as the other side."
        )
    if max(ratings) <= midpoint:
        return (
            "Nobody rated it above the middle of the scale; the highest ratings are shown as the other side."
        )
    return ""


def _spread(said: Sequence[Verbatim], n: int) -> list[Verbatim]:
    """The first `n`, those of a persona not yet heard before those of one already heard."""
    heard: set[str] = set()
    fresh: list[Verbatim] = []
    again: list[Verbatim] = []
    for verbatim in said:
        (again if verbatim.persona in heard else fresh).append(verbatim)
        heard.add(verbatim.persona)
    return [*fresh, *again][:n]


def _played_back(stimulus: str, said: Sequence[Verbatim], who: Mapping[str, Respondent]) -> PlayedBack:
    answers = [v for v in said if v.question == "comprehension"]
    shown = _spread(answers, PLAYED_BACK)
    return PlayedBack(stimulus=stimulus, quotes=tuple(_quote(v, who) for v in shown), answers=len(answers))


def _quote(verbatim: Verbatim, who: Mapping[str, Respondent]) -> Quote:
    person = who[verbatim.respondent]
    return Quote(
        respondent=person.id,
        name=person.name,
        title=person.title,
        persona=person.persona,
        text=verbatim.text,
        rating=verbatim.rating,
        call_key=verbatim.call_key,
    )
