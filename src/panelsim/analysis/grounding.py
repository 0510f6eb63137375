"""The grounding index: how much of what a persona says was observed, inferred or invented."""

from collections.abc import Iterator, Sequence
from typing import get_args

from panelsim.model.persona import Basis, Persona
from panelsim.model.report import GroundingSource, PersonaGrounding

CONTENT_FIELDS = (
    "committee_role", "authority", "function", "responsibilities", "kpis", "goals", "pains", "motivations",
    "values", "fears", "journey", "channels", "objections", "triggers", "in_market_share", "hexaco",
    "decision", "communication_style", "demographics",
)  # fmt: skip
"""Fields that claim something of a buyer. Names, dates, locale and where a persona is valid claim nothing."""

WEIGHTS: dict[Basis, float] = {"observed": 1.0, "inferred": 0.5, "invented": 0.0}
"""What one field adds to the index; a field of no stated basis adds nothing."""

_STRONGEST_LAST: tuple[Basis, ...] = tuple(reversed(get_args(Basis)))


def stated_fields(persona: Persona) -> tuple[str, ...]:
    """Content fields that differ from their default, or that provenance names."""
    named = {name for entry in persona.provenance for name in entry.fields}
    fields = type(persona).model_fields
    return tuple(
        name
        for name in CONTENT_FIELDS
        if name in named or fields[name].is_required() or getattr(persona, name) != fields[name].default
    )


def basis_of(persona: Persona, field: str) -> Basis | None:
    """What a field rests on; the weakest of several entries, for it claims no more. None: nothing is said.

    Problems that all come with a quote speak for themselves.
    """
    found = [entry.basis for entry in persona.provenance if field in entry.fields]
    if field == "pains" and not found and persona.pains and all(pain.quote for pain in persona.pains):
        return "observed"
    return min(found, key=_STRONGEST_LAST.index) if found else None


def ground(persona: Persona) -> PersonaGrounding:
    """The persona's grounding index with its counts and sources.

    index = (observed + inferred / 2) / stated, from 0 (a guess) to 1 (all of it observed), where each is a
    number of content fields and stated = observed + inferred + invented + unsaid. The half is a convention
    of panelsim, not a finding: it ranks personas by what they rest on and measures no likeness to people.
    """
    fields = stated_fields(persona)
    bases = [basis_of(persona, field) for field in fields]
    counts = {basis: bases.count(basis) for basis in WEIGHTS}
    points = sum(WEIGHTS[basis] * n for basis, n in counts.items())
    sources = tuple(_sources(persona))
    dates = [source.date for source in sources if source.date]
    return PersonaGrounding(
        persona=persona.id,
        index=points / len(fields),
        observed=counts["observed"],
        inferred=counts["inferred"],
        invented=counts["invented"],
        unsaid=bases.count(None),
        sources=sources,
        oldest=min(dates, default=None),
        quotes=sum(bool(pain.quote) for pain in persona.pains),
    )


def ground_all(personas: Sequence[Persona]) -> tuple[PersonaGrounding, ...]:
    """The grounding of each persona, in their order."""
    return tuple(ground(persona) for persona in personas)


def _sources(persona: Persona) -> Iterator[GroundingSource]:
    """Where the fields and the quotes come from, each source once."""
    seen: set[GroundingSource] = set()
    told = [
        GroundingSource(basis=entry.basis, source=entry.source, date=entry.date)
        for entry in persona.provenance
        if entry.source
    ]
    told += [
        GroundingSource(basis="observed", source=pain.source, date=pain.date)
        for pain in persona.pains
        if pain.quote
    ]
    for source in told:
        if source not in seen:
            seen.add(source)
            yield source
