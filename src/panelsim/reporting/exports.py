"""Exports: files with a line or more for every session, written as the transcripts go by."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from panelsim.model.inventory import Item
from panelsim.model.panel import Respondent
from panelsim.model.plan import Transcript
from panelsim.model.study import Stimulus

TextOf: TypeAlias = Callable[[Transcript], str]
"""The lines of one session."""


@dataclass(frozen=True)
class Origin:
    """What every line says of where it comes from."""

    run_id: str
    study: str
    """The study's id."""
    stimuli: Mapping[str, Stimulus]
    """By id; empty unless the study is a message test."""
    people: Mapping[str, Respondent]
    """The whole panel by id."""
    items: Mapping[str, Item] = field(default_factory=dict)
    """By id; empty unless the study is an inventory."""


class Export(NamedTuple):
    """A file of sessions: its head, and how each session is written below it."""

    file: str
    head: str
    writer: Callable[[Origin], TextOf]

    def pieces(self, origin: Origin, transcripts: Iterable[Transcript]) -> Iterator[str]:
        """The file's text, a session at a time; `transcripts` is iterated once and none is kept."""
        text_of = self.writer(origin)
        yield self.head
        for transcript in transcripts:
            yield text_of(transcript)
