"""Rules of a persona alone: its role fits its authority, and what it rests on is said field by field."""

from collections.abc import Iterator

from panelsim.analysis.grounding import CONTENT_FIELDS, basis_of, stated_fields
from panelsim.model.panel import DOMAINS
from panelsim.model.persona import Authority, Persona
from panelsim.planning.findings import Finding

EMPTY = ("", (), None)
"""What a field holds that says nothing; 0 says something."""

SCALE_END = 4.0
"""Where drawn trait levels are cut off, in standard deviations."""

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
        why = "the report would cut by a role that decides nothing"
        yield _warning(where, what, why, "let the persona approve or sign, or give it another role")
    if persona.committee_role == "blocker" and authority != "blocks":
        why = "interviews would say one thing and the role another"
        yield _warning(where, f"a blocker who {authority}", why, "write blocks, or give it another role")
    low, high = DECIDES[authority]
    if not low <= persona.decision.authority <= high:
        what = f"{persona.decision.authority:g}, but the persona {authority}"
        why = "prompts would say that the buyer decides alone, and that others decide"
        fix = f"give a value from {low:g} to {high:g}"
        yield _warning(f"{persona.id}: decision.authority", what, why, fix)


def market_findings(persona: Persona) -> Iterator[Finding]:
    """Where the share in the market and the triggers contradict each other."""
    if persona.triggers and persona.in_market_share == 0:
        what = "nobody is in the market, though triggers are named"
        why = "no trigger is ever drawn"
        fix = "give the share for whom a trigger occurred"
        yield _warning(f"{persona.id}: in_market_share", what, why, fix)


def provenance_findings(persona: Persona) -> Iterator[Finding]:
    """Fields that rest on nothing stated, and entries that cannot be checked."""
    if not persona.provenance:
        return  # said once, as a field that is missing
    stated = stated_fields(persona)
    unsaid = [field for field in stated if basis_of(persona, field) is None]
    if unsaid:
        what = f"what {', '.join(unsaid)} {'rests' if len(unsaid) == 1 else 'rest'} on is not said"
        why = "they count as invented in every report"
        fix = "name them as observed, inferred or invented"
        yield _warning(f"{persona.id}: provenance", what, why, fix)
    for at, entry in enumerate(persona.provenance):
        where = f"{persona.id}: provenance[{at}]"
        if entry.basis != "invented" and entry.date is None:
            what = f"{entry.basis} on no stated date"
            yield _warning(where, what, "nobody can tell whether it is old", "add the date")
        if entry.basis == "inferred" and not entry.source:
            why = "nobody can check it"
            yield _warning(where, "inferred from no stated source", why, "say what it was inferred from")
        blank = [name for name in entry.fields if name in CONTENT_FIELDS and getattr(persona, name) in EMPTY]
        if blank:
            what = (
                f"{', '.join(blank)} is named but empty"
                if len(blank) == 1
                else f"{', '.join(blank)} are empty"
            )
            why = "it counts as stated, and the grounding index is wrong"
            yield _warning(where, what, why, "fill it in, or name it no longer")


def demographic_findings(persona: Persona) -> Iterator[Finding]:
    """Age and schooling that nobody observed."""
    if persona.demographics is not None and basis_of(persona, "demographics") != "observed":
        what = "age, schooling or career is stated but was not observed"
        why = "it invites stereotypes, and models answer to them"
        yield _warning(f"{persona.id}: demographics", what, why, "leave it out, or say who observed it")


def spread_findings(persona: Persona) -> Iterator[Finding]:
    """Levels so far out that draws are cut off at the end of the scale and no longer average the level."""
    reach = max(SCALE_END - 2 * persona.trait_spread, 0.0)
    for domain in DOMAINS if persona.trait_spread else ():
        level = getattr(persona.hexaco, domain) or 0.0
        if abs(level) > reach:
            spread = persona.trait_spread
            what = f"{domain} {level:+g} with spread {spread:g} is cut off at {SCALE_END:g}"
            why = "the mean of the draws is not the level that is stated"
            fix = f"keep levels within {reach:g} of 0, or make the spread smaller"
            yield _warning(f"{persona.id}: trait_spread", what, why, fix)


def _warning(where: str, what: str, why: str, fix: str) -> Finding:
    return Finding(level="warning", where=where, what=what, why=why, fix=fix)
