"""Objections in private and in the group: which expected ones were raised where, and which stayed private."""

from collections.abc import Iterator, Sequence

from panelsim.analysis.discussion.hearing import DiscussionHearing, Said
from panelsim.analysis.objections import like
from panelsim.model.discussion import AiredObjection, KeptObjection
from panelsim.model.persona import Persona


def aired_of(hearing: DiscussionHearing, personas: Sequence[Persona]) -> tuple[AiredObjection, ...]:
    """The objections that each persona's file expects, by members who raised one like it."""
    members: dict[str, list[str]] = {}
    for person in hearing.panel.respondents:
        members.setdefault(person.persona, []).append(person.id)
    return tuple(row for persona in personas for row in _rows(hearing, persona, members.get(persona.id, [])))


def _rows(hearing: DiscussionHearing, persona: Persona, members: Sequence[str]) -> Iterator[AiredObjection]:
    if not members:
        return
    private = [_raised(hearing.private.get(one, []), persona) for one in members]
    public = [_raised(hearing.own_turns(one), persona) for one in members]
    for expected in persona.objections:
        alone, aloud = ([expected in raised for raised in where] for where in (private, public))
        yield AiredObjection(
            persona=persona.id,
            title=persona.title,
            expected=expected,
            private=sum(alone),
            public=sum(aloud),
            both=sum(one and other for one, other in zip(alone, aloud, strict=True)),
            of=len(members),
        )


def _raised(said: Sequence[Said], persona: Persona) -> set[str | None]:
    return {like(one.text, persona.objections) for one in said}


def kept_of(hearing: DiscussionHearing) -> tuple[KeptObjection, ...]:
    """Objections raised in private, like which the member said nothing aloud."""
    return tuple(
        KeptObjection(respondent=member, text=said.text, call_key=said.call_key)
        for member, said in hearing.objections.items()
        if not any(like(turn.text, (said.text,)) for turn in hearing.own_turns(member))
    )
