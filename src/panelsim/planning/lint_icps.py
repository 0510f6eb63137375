"""Reading ICPs critically: the clarity checklist for one ICP, and for the set that is used together."""

from collections.abc import Iterator, Sequence
from itertools import chain

from panelsim.model.icp import ICP
from panelsim.model.persona import Persona
from panelsim.model.ranges import Range
from panelsim.planning.conflicts import clash, conflicts_in, contradictions_in
from panelsim.planning.findings import Finding, Need, errors_first, missing, overdue, vague
from panelsim.planning.micro import excess_of

MOST_CRITERIA = 5
"""Must-haves and deal-breakers together: three and two are the usual advice."""

LEAST_FIRMOGRAPHICS = 3
"""Of five firmographic criteria: fewer leave an ICP too wide."""

MOST_ICPS = 3
MOST_PERSONAS = 7


def lint_icp(
    icp: ICP, others: Sequence[ICP] = (), personas: Sequence[Persona] = (), *, today: str = ""
) -> tuple[Finding, ...]:
    """What to mend in an ICP, errors first. `others` are the ICPs used beside it, itself not among them.

    `today` is a date as YYYY-MM-DD; without it, review dates are not read. A micro-ICP is compared with its
    parent if that is among `others`.
    """
    alike = 1 + sum(other.polarity == icp.polarity and other.id != icp.id for other in others)
    return errors_first(
        chain(
            _alone(icp, others, personas, today),
            _overlaps(icp, others),
            _too_many(icp.id, alike if icp.polarity == "positive" else 0),
        )
    )


def lint_icps(
    icps: Sequence[ICP],
    personas: Sequence[Persona] = (),
    parents: Sequence[ICP] = (),
    *,
    today: str = "",
    together: bool = True,
) -> tuple[Finding, ...]:
    """What to mend in ICPs that are used together, errors first; an overlap of two is told once.

    `parents` are the parents of micro-ICPs that are not in use themselves. ICPs that are merely at hand, not
    used `together`, cannot be too many.
    """
    return errors_first(
        chain(
            *(_alone(icp, (*icps, *parents), personas, today) for icp in icps),
            *(_overlaps(icp, icps[at + 1 :]) for at, icp in enumerate(icps)),
            _too_many("all", sum(icp.polarity == "positive" for icp in icps) if together else 0),
            _homeless(icps, personas),
        )
    )


def _alone(icp: ICP, others: Sequence[ICP], personas: Sequence[Persona], today: str) -> Iterator[Finding]:
    """What an ICP says of itself, beside its parent if that is among `others`, and of its personas."""
    return chain(
        missing(icp.id, icp, _NEEDS, _REQUIRED),
        vague(icp.id, icp),
        _criteria(icp),
        contradictions_in(icp),
        conflicts_in(icp),
        _beyond_parent(icp, others),
        _buyers(icp, personas),
        overdue(icp.id, icp.review_due, today),
    )


_NEEDS = {
    "firmographics.industries": Need(
        "no company can be drawn, and every account would pass", "name one to four industries"
    ),
    "firmographics.headcount": Need(
        "no company can be drawn, and every account would pass", "give a range such as 50-500 employees"
    ),
    "firmographics.revenue": Need(
        "headcount alone says little of what is affordable", "give a range such as 10-100 MUSD"
    ),
    "firmographics.countries|regions": Need(
        "no company can be drawn, and every account would pass", "name the countries or regions you sell in"
    ),
    "budget": Need(
        "a good match that cannot pay is no customer",
        "give a range such as 10-60 kUSD/year and what loosens the purse",
    ),
    "technographics.uses": Need("tools in use drive objections", "name the tools these companies run"),
    "technographics.incumbents": Need("a purchase replaces something", "name what you would replace"),
    "growth.stages": Need(
        "a start-up and a mature firm buy differently", "say how far these companies have grown"
    ),
    "growth.signals": Need(
        "without signals nobody knows whom to call first", "name events that show they are ready now"
    ),
    "challenges": Need("a company without a problem buys nothing", "name problems you heard from customers"),
    "initiatives": Need(
        "money follows what is decided already", "name what these companies have set out to do"
    ),
    "structure": Need("it decides who can say no", "say flat, hierarchical or decentralised"),
    "behaviour.pains": Need("people act on what hurts", "name what hurts the people in these companies"),
    "behaviour.triggers": Need(
        "without a trigger nobody is in the market", "name what sets a purchase going"
    ),
    "behaviour.decision_process": Need(
        "a message for one reader fails in a committee", "say who decides, and how"
    ),
    "must_have": Need(
        "an account that lacks what every customer has would still pass",
        "state up to three conditions that every customer meets",
    ),
    "deal_breaker": Need(
        "nothing says whom to leave alone, so sales chases everybody",
        "state up to two conditions that rule a company out",
    ),
    "review_due": Need("a profile without a date is never read again", "set a date within half a year"),
}
_REQUIRED = ("firmographics.industries", "firmographics.headcount", "firmographics.countries|regions")
"""Without these no respondent can be drawn."""


def _criteria(icp: ICP) -> Iterator[Finding]:
    conditions = len(icp.must_have) + len(icp.deal_breaker)
    if conditions > MOST_CRITERIA:
        yield Finding(
            level="warning",
            where=f"{icp.id}: must_have, deal_breaker",
            what=f"{conditions} conditions, more than {MOST_CRITERIA}",
            why="each further condition leaves fewer accounts, and nobody remembers the sixth",
            fix="keep three must-haves and two deal-breakers",
        )
    firm = icp.firmographics
    place = firm.countries or firm.regions
    count = sum(map(bool, (firm.industries, firm.headcount, firm.revenue, firm.market_share, place)))
    if count < LEAST_FIRMOGRAPHICS:
        yield Finding(
            level="warning",
            where=f"{icp.id}: firmographics",
            what=f"{count} of industries, headcount, revenue, market share and place are stated",
            why="a profile that wide fits companies that have nothing in common",
            fix=f"state at least {LEAST_FIRMOGRAPHICS}",
        )


def _beyond_parent(icp: ICP, others: Sequence[ICP]) -> Iterator[Finding]:
    parent = next((other for other in others if other.id == icp.parent), None)
    if parent is None:
        return
    if parent.polarity != icp.polarity:
        yield Finding(
            level="error",
            where=f"{icp.id}: polarity",
            what=f"it is {icp.polarity}, its parent {parent.id} is {parent.polarity}",
            why="a part of those we sell to cannot be those we do not sell to",
            fix="take out the parent, or the polarity",
        )
    for excess in excess_of(icp, parent):
        yield Finding(
            level="error",
            where=f"{icp.id}: {excess.field}",
            what=f"{excess.child} reaches beyond {excess.parent} of its parent {parent.id}",
            why="a micro-ICP is a part of its parent: its companies must fit there too",
            fix=excess.fix,
        )


def _overlaps(icp: ICP, others: Sequence[ICP]) -> Iterator[Finding]:
    for other in others:
        if other.id in (icp.id, icp.parent) or other.parent == icp.id or not _overlap(icp, other):
            continue
        control = other.polarity != icp.polarity
        opposite = ", which is meant as its opposite" if control else ""
        yield Finding(
            level="error" if control else "warning",
            where=f"{icp.id}: firmographics",
            what=f"industries, headcount and places overlap with {other.id}{opposite}",
            why="a control that fits the target controls nothing"
            if control
            else "one company would count twice, and no message can be meant for one of the two",
            fix="part the two by industry, headcount or place, or merge them",
        )


def _overlap(one: ICP, other: ICP) -> bool:
    """Whether a company could be in both, as far as industry, headcount and place tell."""
    a, b = one.firmographics, other.firmographics
    industries = clash([item.name for item in a.industries], [item.name for item in b.industries])
    places = clash(a.countries or a.regions, b.countries or b.regions)
    if a.headcount is None or b.headcount is None:
        return False
    return bool(industries and places) and _meet(a.headcount, b.headcount)


def _meet(one: Range, other: Range) -> bool:
    return one.min <= other.max and other.min <= one.max


def _too_many(where: str, count: int) -> Iterator[Finding]:
    if count > MOST_ICPS:
        yield Finding(
            level="warning",
            where=where,
            what=f"{count} ICPs are in use, more than {MOST_ICPS}",
            why="who sells to everybody has no ideal customer; each profile needs its own messages",
            fix="keep the ones that buy and stay",
        )


def _homeless(icps: Sequence[ICP], personas: Sequence[Persona]) -> Iterator[Finding]:
    ids = {icp.id for icp in icps}
    for persona in personas:
        if persona.icps and not ids & set(persona.icps):
            yield Finding(
                level="warning",
                where=f"{persona.id}: icps",
                what=f"it belongs to {', '.join(persona.icps)}, none of which is among those read",
                why="companies come first: a buyer whose company is left out cannot be asked",
                fix="name that ICP too, or add one of those read to the persona",
            )


def _buyers(icp: ICP, personas: Sequence[Persona]) -> Iterator[Finding]:
    inside = sum(icp.id in persona.icps for persona in personas)
    if inside > MOST_PERSONAS:
        yield Finding(
            level="warning",
            where=icp.id,
            what=f"{inside} personas belong to it, more than {MOST_PERSONAS}",
            why="nobody writes for eight readers; those that decide alike need one message",
            fix="merge those that decide alike",
        )
    if personas and not inside:
        yield Finding(
            level="warning",
            where=icp.id,
            what="no persona belongs to it",
            why="companies do not read: without a buyer nobody can be asked",
            fix="add a persona, or name this ICP in one",
        )
