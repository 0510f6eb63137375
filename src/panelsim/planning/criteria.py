"""The criteria of an ICP: what each asks of an account, and how it is judged over all accounts at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from panelsim.metrics.arrays import Floats
from panelsim.model.account import Predicate
from panelsim.model.icp import ICP, Polarity, ScoredNote
from panelsim.model.ranges import Range
from panelsim.planning.accounts import Facts
from panelsim.planning.micro import range_text
from panelsim.planning.predicates import Fact, folded, holds_for

Part = Literal["deal_breaker", "must_have", "profile"]
"""A deal-breaker rules out; a must-have counts double; the rest of the profile counts once."""

States: TypeAlias = NDArray[np.int8]
"""(accounts,): PASS, FAIL or UNKNOWN. A deal-breaker passes when it does not apply."""
PASS, FAIL, UNKNOWN = 1, 0, -1

Known: TypeAlias = Mapping[str, Facts]
"""What is known of the accounts, by field; fields that no column holds are absent."""
Test: TypeAlias = Callable[[Fact], bool]


class Criterion(NamedTuple):
    """One thing that an ICP asks of an account."""

    name: str
    """Where the ICP states it: `firmographics.headcount`, `must_have[0]`."""
    says: str
    """What it asks: `50-500 employees`."""
    part: Part
    fields: tuple[str, ...]
    """The account fields that decide it, the first one first."""
    judge: Callable[[Known, int], States]
    """From what is known of so many accounts to the state of each."""
    grade: Callable[[Known, int], Floats] | None = None
    """(accounts,): how far it is met, 0 to 1; absent: yes or no, as the state says."""


def criteria_of(icp: ICP) -> tuple[Criterion, ...]:
    """What the ICP asks of an account: deal-breakers first, then must-haves, then the profile."""
    return (*_breakers(icp), *_musts(icp), *_profile(icp))


def _breakers(icp: ICP) -> Iterator[Criterion]:
    for at, predicate in enumerate(icp.deal_breaker):
        yield Criterion(
            f"deal_breaker[{at}]",
            f"not {predicate.words()}",
            "deal_breaker",
            (predicate.field,),
            _inverse(_by_field(predicate.field, _of(predicate))),
        )
    banned = icp.technographics.must_not_use
    if banned:
        yield Criterion(
            "technographics.must_not_use",
            f"none of {', '.join(banned)}",
            "deal_breaker",
            ("stack", "incumbent"),
            _inverse(_either("stack", "incumbent", _any_of(banned))),
        )


def _musts(icp: ICP) -> Iterator[Criterion]:
    for at, predicate in enumerate(icp.must_have):
        judge = _by_field(predicate.field, _of(predicate))
        yield Criterion(f"must_have[{at}]", predicate.words(), "must_have", (predicate.field,), judge)


def _profile(icp: ICP) -> Iterator[Criterion]:
    firm, growth, tools = icp.firmographics, icp.growth, icp.technographics
    if firm.industries:
        names = tuple(one.name for one in firm.industries)
        codes = tuple(
            code for one in firm.industries if one.code for code in (one.code, one.code.split()[-1])
        )
        yield _one_of("firmographics.industries", "industry", names, also=codes)
    yield from _range("firmographics.headcount", "headcount", firm.headcount)
    yield from _range("firmographics.revenue", "revenue_musd", firm.revenue)
    yield from _range("firmographics.market_share", "market_share", firm.market_share)
    yield from _range("firmographics.sales_team", "sales_team", firm.sales_team)
    yield from _place(icp)
    if icp.budget:
        least, unit = icp.budget.range.min, icp.budget.range.unit
        says = f"at least {least:g} {unit}"
        yield _profile_of(
            "budget.range", says, "budget", lambda fact: isinstance(fact, float) and fact >= least
        )
    yield from _range("growth.rate", "growth_rate", growth.rate)
    if growth.stages:
        yield _one_of("growth.stages", "growth_stage", growth.stages)
    if growth.funding:
        yield _one_of("growth.funding", "funding_stage", growth.funding)
    if growth.signals:
        yield _one_of("growth.signals", "signals", growth.signals)
    if icp.structure:
        yield _one_of("structure", "structure", (icp.structure,))
    if tools.uses:
        yield _one_of("technographics.uses", "stack", tools.uses)
    if tools.incumbents:
        says = f"replaces one of {', '.join(tools.incumbents)}"
        judge = _either("incumbent", "stack", _any_of(tools.incumbents))
        yield Criterion("technographics.incumbents", says, "profile", ("incumbent", "stack"), judge)
    yield from _note("problem_fit", icp.problem_fit, icp.polarity)
    yield from _note("success_potential", icp.success_potential, icp.polarity)


def _profile_of(name: str, says: str, field: str, test: Test) -> Criterion:
    return Criterion(name, says, "profile", (field,), _by_field(field, test))


def _one_of(name: str, field: str, texts: Sequence[str], also: Sequence[str] = ()) -> Criterion:
    return _profile_of(name, f"one of {', '.join(texts)}", field, _any_of((*texts, *also)))


def _range(name: str, field: str, stated: Range | None) -> Iterator[Criterion]:
    if stated is not None:
        low, high = stated.min, stated.max
        yield _profile_of(
            name, range_text(stated), field, lambda fact: isinstance(fact, float) and low <= fact <= high
        )


def _place(icp: ICP) -> Iterator[Criterion]:
    """Countries decide where they are stated and known; a region outside those stated fails alone."""
    countries, regions = icp.firmographics.countries, icp.firmographics.regions
    if countries and regions:
        in_country, in_region = (
            _by_field("country", _any_of(countries)),
            _by_field("region", _any_of(regions)),
        )

        def judge(known: Known, n: int) -> States:
            by_country, by_region = in_country(known, n), in_region(known, n)
            beyond = (by_country == UNKNOWN) & (by_region == FAIL)
            return np.where(beyond, np.int8(FAIL), by_country)

        says = f"in {', '.join(countries)}"
        yield Criterion("firmographics.countries", says, "profile", ("country", "region"), judge)
    elif countries:
        yield _one_of("firmographics.countries", "country", countries)
    elif regions:
        yield _one_of("firmographics.regions", "region", regions)


def _note(name: str, note: ScoredNote | None, polarity: Polarity) -> Iterator[Criterion]:
    """The account's own score where it has one, else the score that the ICP gives to all of its kind.

    In a negative ICP the notes say how little we can do for such companies, not who they are: no criterion.
    """
    if note is None or polarity == "negative":
        return

    def scores(known: Known, n: int) -> Floats:
        if name not in known:
            return np.full(n, note.score)
        return np.where(known[name].known(), known[name].numbers(), note.score)

    yield Criterion(
        name,
        f"{note.score:g} of 5: {note.note}",
        "profile",
        (name,),
        lambda known, n: (scores(known, n) >= 3).astype(np.int8),
        lambda known, n: (scores(known, n) - 1) / 4,
    )


def _of(predicate: Predicate) -> Test:
    return lambda fact: holds_for(predicate, fact)


def _any_of(texts: Sequence[str]) -> Test:
    wanted = folded(tuple(texts))
    return lambda fact: bool(folded(fact) & wanted)


def _by_field(field: str, test: Test) -> Callable[[Known, int], States]:
    """Judges each distinct fact once."""

    def judge(known: Known, n: int) -> States:
        facts = known.get(field)
        if facts is None:
            return np.full(n, UNKNOWN, dtype=np.int8)
        each = [UNKNOWN if value is None else int(test(value)) for value in facts.values]
        states: States = np.asarray(each, dtype=np.int8)[facts.codes]
        return states

    return judge


def _either(first: str, second: str, test: Test) -> Callable[[Known, int], States]:
    """True if either field says so, false if the first one is known and neither does."""
    by_first, by_second = _by_field(first, test), _by_field(second, test)

    def judge(known: Known, n: int) -> States:
        return np.where(by_second(known, n) == PASS, np.int8(PASS), by_first(known, n))

    return judge


def _inverse(judge: Callable[[Known, int], States]) -> Callable[[Known, int], States]:
    """What was true fails, what was false passes; unknown stays so."""
    turned = np.asarray([PASS, FAIL, UNKNOWN], dtype=np.int8)  # by 0, 1 and -1, which is the last place
    return lambda known, n: turned[judge(known, n)]
