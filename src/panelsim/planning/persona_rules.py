"""Rules of a persona alone: its role fits its authority, and what it rests on is said field by field."""

from collections.abc import Iterator

from panelsim.analysis.grounding import CONTENT_FIELDS, basis_of, stated_fields
from panelsim.model.persona import Authority, Persona
from panelsim.planning.finding import Finding

EMPTY = ("", (), None)
"""What a field holds that says nothing; 0 says something."""

DECIDES: dict[Authority, tuple[float, float]] = {
    "recommends": (0.0, 0.6),
    "influences": (0.0, 0.6),
    "approves": (0.4, 1.0),
    "signs": (0.4, 1.0),
    "blocks": (0.0, 1.0),
}
"""Range of `decision.authority` that fits what a persona may do."""


def role_findings(persona: Persona) -> Iterator[Finding]:
    """Where role, authority and decision contradict each other."""
    authority, where = persona.authority, f"{persona.id}: authority"
    if persona.committee_role == "economic" and authority in ("recommends", "influences"):
        what = f"an economic buyer who only {authority} holds no money"
        yield _warning(where, what, "let the persona approve or sign, or give it another role")
    if persona.committee_role == "blocker" and authority != "blocks":
        yield _warning(where, f"a blocker who {authority}", "write blocks, or give it another role")
    low, high = DECIDES[authority]
    if not low <= persona.decision.authority <= high:
        what = f"{persona.decision.authority:g}, but the persona {authority}"
        yield _warning(f"{persona.id}: decision.authority", what, f"give a value from {low:g} to {high:g}")


def market_findings(persona: Persona) -> Iterator[Finding]:
    """Where the share in the market and the triggers contradict each other."""
    if persona.triggers and persona.in_market_share == 0:
        what = "nobody is in the market, though triggers are named"
        yield _warning(f"{persona.id}: in_market_share", what, "give the share for whom a trigger occurred")


def provenance_findings(persona: Persona) -> Iterator[Finding]:
    """Fields that rest on nothing stated, and entries that cannot be checked."""
    if not persona.provenance:
        return  # said once, as a field that is missing
    stated = stated_fields(persona)
    unsaid = [field for field in stated if basis_of(persona, field) is None]
    if unsaid:
        what = f"what {', '.join(unsaid)} {'rests' if len(unsaid) == 1 else 'rest'} on is not said"
        yield _warning(f"{persona.id}: provenance", what, "name them as observed, inferred or invented")
    for at, entry in enumerate(persona.provenance):
        where = f"{persona.id}: provenance[{at}]"
        if entry.basis != "invented" and entry.date is None:
            what = f"{entry.basis} on no stated date"
            yield _warning(where, what, "add the date, so that a review can tell what is old")
        if entry.basis == "inferred" and not entry.source:
            yield _warning(where, "inferred from no stated source", "say what it was inferred from")
        blank = [name for name in entry.fields if name in CONTENT_FIELDS and getattr(persona, name) in EMPTY]
        if blank:
            what = (
                f"{', '.join(blank)} is named but empty"
                if len(blank) == 1
                else f"{', '.join(blank)} are empty"
            )
            yield _warning(where, what, "fill it in, or name it no longer")


def demographic_findings(persona: Persona) -> Iterator[Finding]:
    """Age and schooling that nobody observed."""
    if persona.demographics is not None and basis_of(persona, "demographics") != "observed":
        what = "age, schooling or career is stated but was not observed"
        yield _warning(
            f"{persona.id}: demographics", what, "leave it out: it invites stereotypes and changes answers"
        )


def _warning(where: str, what: str, fix: str) -> Finding:
    return Finding(level="warning", where=where, what=what, fix=fix)
