"""Grounding notes: what was said or written about buyers, its passages, and those given with a question."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from panelsim.model.account import Text
from panelsim.model.base import Frozen, Id
from panelsim.model.icp import Day

NoteKind = Literal["interview", "call", "review", "market", "lost_deal", "support"]
Side = Literal["us", "buyer"]
NoteBasis = Literal["observed", "invented"]

MOST_CHARACTERS = 200_000
"""Of a note's body."""


class Speaker(Frozen):
    """Who speaks behind a label that opens lines of a transcript."""

    label: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    side: Side
    """`buyer`: what is said may be given to respondents; `us`: it says what the buyer was asked."""


class Note(Frozen):
    """One interview, call, review or market note, with its source and date."""

    id: Id
    kind: NoteKind
    source: Text
    """Where it comes from: a system, a file, an address."""
    date: Day
    """When it was said or written."""
    who: Text
    """The role of who said it (`VP of Sales at a customer`), never a name."""
    personas: tuple[Id, ...] = ()
    """Personas it speaks of; empty: any in its ICPs."""
    icps: tuple[Id, ...] = ()
    """ICPs it speaks of; empty: any of its personas."""
    basis: NoteBasis = "observed"
    """`invented` marks an example: what rests on it does not count as observed."""
    speakers: tuple[Speaker, ...] = ()
    """The labels of a transcript; YAML may write `{Interviewer: us, Customer: buyer}`."""
    text: Annotated[str, StringConstraints(min_length=1, max_length=MOST_CHARACTERS)]
    """The body, with e-mail addresses and phone numbers already struck out."""

    @field_validator("speakers", mode="before")
    @classmethod
    def _by_label(cls, value: object) -> object:
        if isinstance(value, dict):
            return tuple({"label": label, "side": side} for label, side in value.items())
        return value

    @model_validator(mode="after")
    def _about_somebody(self) -> Self:
        if not self.personas and not self.icps:
            raise ValueError("the note names neither personas nor icps, expected whom it speaks of")
        labels = [one.label.casefold() for one in self.speakers]
        if len(set(labels)) < len(labels):
            raise ValueError("a speaker's label appears twice, expected it once")
        if self.speakers and not any(one.side == "buyer" for one in self.speakers):
            raise ValueError("no speaker is a buyer, expected at least one label with the side 'buyer'")
        return self

    def speaks_of(self, persona: str, icp: str) -> bool:
        """Whether the note is about that persona in that ICP; what it does not name does not narrow it."""
        return (not self.personas or persona in self.personas) and (not self.icps or icp in self.icps)


class Passage(Frozen):
    """A paragraph, a list item or a turn of a note, short enough to be given with a question."""

    note: Id
    place: str
    """`p3`: the third paragraph; `t5`: the fifth turn; `p3.2`: the second piece of a long one."""
    kind: NoteKind
    source: str
    date: Day
    who: str
    basis: NoteBasis
    text: str
    """On one line, with nothing in it that a model could take for a turn or a template."""
    asked: str = ""
    """What the buyer was asked before saying it; it helps to find the passage and is not shown."""
    key: str
    """Content key of the text."""

    @property
    def id(self) -> str:
        """Stable as long as the note's text is: `acme-call#t5`."""
        return f"{self.note}#{self.place}"


class Ground(Frozen):
    """A passage as it was given with a question."""

    note: str
    place: str
    kind: NoteKind
    who: str
    source: str
    date: Day
    basis: NoteBasis = "observed"
    text: str
    key: str
    quoted: Annotated[str, Field(exclude_if=lambda words: not words)] = ""
    """The longest run of five or more words that the answer repeats from the passage; empty if none."""
