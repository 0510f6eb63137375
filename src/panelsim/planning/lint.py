"""Reading personas critically: what is missing, vague, contradictory or past its date."""

from collections.abc import Iterator, Sequence
from itertools import chain

from panelsim.model.icp import ICP
from panelsim.model.persona import Persona
from panelsim.planning.findings import Finding, Need, errors_first, missing, overdue, vague
from panelsim.planning.lint_icps import lint_icp
from panelsim.planning.persona_rules import (
    demographic_findings,
    market_findings,
    provenance_findings,
    role_findings,
    spread_findings,
)
from panelsim.planning.predicates import can_hold

__all__ = ["Finding", "lint_icp", "lint_persona"]


def lint_persona(persona: Persona, icps: Sequence[ICP] = (), *, today: str = "") -> tuple[Finding, ...]:
    """What to mend in a persona, errors first. `icps` are those known; `today` as for `lint_icp`."""
    return errors_first(
        chain(
            missing(persona.id, persona, _NEEDS, ("icps",)),
            vague(persona.id, persona),
            role_findings(persona),
            market_findings(persona),
            provenance_findings(persona),
            demographic_findings(persona),
            spread_findings(persona),
            mapping_findings(persona, icps),
            overdue(persona.id, persona.review_due, today),
        )
    )


_NEEDS = {
    "function": Need("two people of one title differ by department", "name the department"),
    "icps": Need(
        "a buyer without a company is a cliché: the company decides what the buyer can pay, run and fear",
        "start from an ICP: name the one this buyer works in",
    ),
    "responsibilities": Need(
        "what a buyer answers for decides what is relevant", "name what the buyer answers for"
    ),
    "kpis": Need(
        "claims are read against the buyer's own figures", "name the figures the buyer is judged by"
    ),
    "goals": Need("a message is weighed by what it helps with", "name what the buyer wants this year"),
    "pains": Need("a headline lands where it hurts", "name problems in the buyer's own words"),
    "motivations": Need(
        "two buyers with one goal want it for different reasons", "name what moves the buyer, with weights"
    ),
    "values": Need(
        "what a buyer holds dear decides between equals", "name what the buyer holds dear at work"
    ),
    "fears": Need(
        "most purchases fail of doubt, not of price",
        "name what the buyer fears if nothing or the wrong thing is done",
    ),
    "journey.research": Need(
        "where one looks decides what one has read before", "say how the buyer looks for a solution"
    ),
    "journey.trusted_sources": Need("a claim is worth what its source is", "name whom the buyer believes"),
    "journey.influencers": Need("few buyers decide alone", "name who sways the buyer"),
    "channels": Need("a message is seen in a place", "name where the buyer can be reached"),
    "objections": Need(
        "expected objections are compared with those raised", "name the first reasons to say no"
    ),
    "triggers": Need("without one nobody is in the market", "name what makes the buyer look"),
    "communication_style": Need("all buyers would talk alike", "say how the buyer talks"),
    "provenance": Need(
        "invented fields look like observed ones", "say which fields are observed, inferred or invented"
    ),
    "review_due": Need("a profile without a date is never read again", "set a date within half a year"),
}


def mapping_findings(persona: Persona, icps: Sequence[ICP], *, only_known: bool = False) -> Iterator[Finding]:
    """ICPs that a persona names but cannot exist in; unless `only_known`, also those that are not there."""
    known = {icp.id: icp for icp in icps}
    for at, name in enumerate(persona.icps):
        icp, where = known.get(name), f"{persona.id}: icps[{at}]"
        if icp is not None:
            yield from _broken_rules(persona, icp, where)
        elif not only_known:
            yield Finding(
                level="error",
                where=where,
                what=f"there is no ICP {name!r}",
                why="no company can be drawn for this buyer",
                fix=f"use one of {', '.join(known)}" if known else "write that ICP first",
            )


def _broken_rules(persona: Persona, icp: ICP, where: str) -> Iterator[Finding]:
    for predicate in persona.valid_in:
        if can_hold(predicate, icp) is False:
            yield Finding(
                level="error",
                where=where,
                what=f"the persona needs {predicate.words()}, which no company of {icp.id} has",
                why="the buyer would be drawn into companies where the job does not exist",
                fix=f"take {icp.id} out of icps, or change valid_in",
            )
