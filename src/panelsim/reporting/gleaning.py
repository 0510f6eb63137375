"""What a report keeps of the transcripts as they go by: the first sessions, a few quotes and counts."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from panelsim.analysis.objections import like
from panelsim.model.panel import Panel, Respondent
from panelsim.model.persona import Persona
from panelsim.model.plan import COMPREHENSION, REACTION, Transcript
from panelsim.model.report import HeardObjection, PlayedBack, Quote
from panelsim.model.response import Missing, Response, TextAnswer
from panelsim.model.study import StimulusTest, Study

MOST_TRANSCRIPTS = 2_000
"""Sessions that a report holds in full; the others are only in the exports."""
PLAYED_BACK = 3
"""Comprehension answers shown per stimulus; all are in the transcripts."""


class _Said(NamedTuple):
    person: Respondent
    text: str
    call_key: str


class _Spread:
    """The first answers to one stimulus, with new personas and new words before those already heard."""

    def __init__(self) -> None:
        self.answers = 0
        self._heard: set[str] = set()
        self._fresh: list[_Said] = []
        self._again: list[_Said] = []

    def hear(self, said: _Said) -> None:
        """Counts one answer, and keeps it if it may be shown."""
        self.answers += 1
        if len(self._fresh) == PLAYED_BACK:
            return
        marks = {said.person.persona, said.text}
        if marks & self._heard:
            self._again = [*self._again, said][:PLAYED_BACK]
        else:
            self._fresh.append(said)
            self._heard |= marks

    def shown(self) -> tuple[Quote, ...]:
        """The answers that are shown."""
        return tuple(
            quote_of(said.person, said.text, None, said.call_key)
            for said in [*self._fresh, *self._again][:PLAYED_BACK]
        )


class _Heard:
    """Objections of one persona as they are raised."""

    def __init__(self, persona: Persona) -> None:
        self._persona = persona
        self._raised: Counter[str] = Counter()
        self._first: dict[str, Quote] = {}
        self._of = 0

    def hear(self, said: _Said) -> None:
        """Counts one text, and the expected objection that it is like."""
        self._of += 1
        found = like(said.text, self._persona.objections)
        if found is not None:
            self._raised[found] += 1
            self._first.setdefault(found, quote_of(said.person, said.text, None, said.call_key))

    def heard(self) -> Iterator[HeardObjection]:
        """What was expected, the most raised first."""
        for expected in sorted(
            self._persona.objections if self._of else (), key=lambda one: -self._raised[one]
        ):
            yield HeardObjection(
                persona=self._persona.id,
                title=self._persona.title,
                expected=expected,
                raised=self._raised[expected],
                of=self._of,
                quote=self._first.get(expected),
            )


class Gleaning:
    """Of a run's transcripts what its report needs, in memory that does not grow with the run."""

    def __init__(self, study: Study, panel: Panel, personas: Sequence[Persona] = ()) -> None:
        """`personas` are those whose expected objections are looked for in reactions and answers."""
        self.sessions = 0
        self.answers = 0
        """Responses that are not missing."""
        self.missing: Counter[str] = Counter()
        """Missing responses by reason."""
        self.asked: set[str] = set()
        """Respondents with a session."""
        self.transcripts: list[Transcript] = []
        """The first ones."""
        stimuli = study.stimuli if isinstance(study, StimulusTest) else ()
        self._played = {one.id: _Spread() for one in stimuli if one.role == "variant"}
        self._objecting = {one.id: _Heard(one) for one in personas}
        self._objects_in = REACTION if isinstance(study, StimulusTest) else ""
        """The question whose words are looked through; empty: every answer in words."""
        self._people = panel.people("target")

    def hear(self, transcript: Transcript) -> None:
        """Takes one session in."""
        self.sessions += 1
        self.asked.add(transcript.assignment.respondent)
        if len(self.transcripts) < MOST_TRANSCRIPTS:
            self.transcripts.append(transcript)
        for response in transcript.responses:
            if isinstance(response.answer, Missing):
                self.missing[response.answer.reason] += 1
            else:
                self.answers += 1
            if isinstance(response.answer, TextAnswer):
                self._hear(response, response.answer)

    def _hear(self, response: Response, answer: TextAnswer) -> None:
        person = self._people.get(response.respondent)
        if person is not None and self._objects_in in ("", response.question):
            key = response.call_keys[-1] if response.call_keys else ""
            heard = self._objecting.get(person.persona)
            if heard is not None:
                heard.hear(_Said(person, answer.text, key))
        if response.question != COMPREHENSION:
            return
        spread = self._played.get(response.shown[0]) if len(response.shown) == 1 else None
        if person is not None and spread is not None:
            key = response.call_keys[-1] if response.call_keys else ""
            spread.hear(_Said(person, answer.text, key))

    @property
    def objections(self) -> tuple[HeardObjection, ...]:
        """Expected objections of every persona that said anything."""
        return tuple(one for heard in self._objecting.values() for one in heard.heard())

    @property
    def omitted(self) -> int:
        """Sessions that are not among `transcripts`."""
        return self.sessions - len(self.transcripts)

    @property
    def played_back(self) -> tuple[PlayedBack, ...]:
        """What respondents say each variant offers."""
        return tuple(
            PlayedBack(stimulus=name, quotes=spread.shown(), answers=spread.answers)
            for name, spread in self._played.items()
        )


def glean(
    study: Study, panel: Panel, transcripts: Iterable[Transcript], personas: Sequence[Persona] = ()
) -> Gleaning:
    """All that a report needs of `transcripts`, from one pass over them."""
    gleaning = Gleaning(study, panel, personas)
    for transcript in transcripts:
        gleaning.hear(transcript)
    return gleaning


def quote_of(person: Respondent, text: str, rating: float | None, call_key: str) -> Quote:
    """Words of `person`."""
    return Quote(
        respondent=person.id,
        name=person.name,
        title=person.title,
        persona=person.persona,
        text=text,
        rating=rating,
        call_key=call_key,
    )
