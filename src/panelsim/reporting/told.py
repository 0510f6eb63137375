"""The told sections: generated words beside the figures, each traceable to its call."""

from collections.abc import Mapping, Sequence

from panelsim.model.analysis import Analysis, Verbatim
from panelsim.model.panel import Panel, Respondent
from panelsim.model.plan import Transcript
from panelsim.model.report import Comprehension, PlayedBack, Quote, StimulusVoices, ToldSection, Voices
from panelsim.model.response import TextAnswer
from panelsim.model.study import MessageTest

COMPREHENSION = "comprehension"
PLAYED_BACK = 3
"""Comprehension answers shown per stimulus; all are in the transcripts."""


def told_sections(
    study: MessageTest, panel: Panel, transcripts: Sequence[Transcript], analysis: Analysis, points: int
) -> tuple[ToldSection, ...]:
    """Reactions for and against, then what was understood; a section without an answer is left out."""
    who = {person.id: person for person in panel.respondents if person.arm == "target"}
    variants = [stimulus.id for stimulus in study.stimuli if stimulus.role == "variant"]
    voices = tuple(
        _voices(name, [one for one in analysis.verbatims if one.stimulus == name], who, (points + 1) / 2)
        for name in variants
    )
    played = _played_back(variants, transcripts, who)
    sections: list[ToldSection] = []
    if any((*entry.highest, *entry.lowest, *entry.unrated) for entry in voices):
        sections.append(Voices(measure=study.rule.measure, voices=voices))
    if any(entry.answers for entry in played):
        sections.append(Comprehension(meaning=study.meaning, played_back=played))
    return tuple(sections)


def _voices(
    stimulus: str, said: Sequence[Verbatim], who: Mapping[str, Respondent], midpoint: float
) -> StimulusVoices:
    quotes = {
        stance: tuple(
            _quote(who[one.respondent], one.text, one.rating, one.call_key)
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


def _played_back(
    variants: Sequence[str], transcripts: Sequence[Transcript], who: Mapping[str, Respondent]
) -> tuple[PlayedBack, ...]:
    answers: dict[str, list[Quote]] = {name: [] for name in variants}
    for transcript in transcripts:
        for one in transcript.responses:
            is_wanted = one.question == COMPREHENSION and one.respondent in who and len(one.shown) == 1
            if is_wanted and one.shown[0] in answers and isinstance(one.answer, TextAnswer):
                key = one.call_keys[-1] if one.call_keys else ""
                answers[one.shown[0]].append(_quote(who[one.respondent], one.answer.text, None, key))
    return tuple(
        PlayedBack(stimulus=name, quotes=tuple(_spread(said, PLAYED_BACK)), answers=len(said))
        for name, said in answers.items()
    )


def _spread(said: Sequence[Quote], n: int) -> list[Quote]:
    """The first `n`, with new personas and new words before those already heard."""
    heard: set[str] = set()
    fresh: list[Quote] = []
    again: list[Quote] = []
    for quote in said:
        if {quote.persona, quote.text} & heard:
            again.append(quote)
        else:
            fresh.append(quote)
            heard |= {quote.persona, quote.text}
    return [*fresh, *again][:n]


def _quote(person: Respondent, text: str, rating: float | None, call_key: str) -> Quote:
    return Quote(
        respondent=person.id,
        name=person.name,
        title=person.title,
        persona=person.persona,
        text=text,
        rating=rating,
        call_key=call_key,
    )
