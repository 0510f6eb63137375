"""Evidence: an ICP beside closed deals, and how the criteria that it has already separate won from lost."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from panelsim.learning.columns import Column
from panelsim.learning.effects import ALPHA, CONFIDENCE, Contrast, Effect, contrast_between
from panelsim.metrics.arrays import Flags
from panelsim.metrics.inference import holm
from panelsim.metrics.separation import levels_p
from panelsim.model.icp import ICP
from panelsim.planning.accounts import Facts
from panelsim.planning.criteria import FAIL, PASS, Criterion, criteria_of


class Evidence(NamedTuple):
    """Everything that conditions are chosen from."""

    icp: ICP
    columns: Sequence[Column]
    """The columns that are tried."""
    known: dict[str, Facts]
    """Facts of all deals: the ICP's own fields, and each column under its name."""
    won: Flags

    def criteria(self) -> list[Criterion]:
        """The criteria of the ICP that the deals can judge."""
        return [one for one in criteria_of(self.icp) if set(one.fields) & set(self.known)]


class Tested(NamedTuple):
    """How a criterion that the ICP has separates won from lost."""

    criterion: str
    says: str
    contrast: Contrast
    """Deals that pass, and deals that fail."""
    p: float
    p_holm: float

    @property
    def misleads(self) -> bool:
        """Whether it is a must-have of which the deals that meet it are won less often, beyond chance."""
        worse = self.p_holm <= ALPHA and self.contrast.difference.value < 0
        return worse and self.criterion.startswith("must_have")


def states_of(criteria: Sequence[Criterion], evidence: Evidence) -> NDArray[np.int8]:
    """(criteria, deals): the state of each criterion."""
    return np.stack([one.judge(evidence.known, len(evidence.won)) for one in criteria])


def tested_of(evidence: Evidence, rows: Flags, rng: np.random.Generator) -> tuple[Tested, ...]:
    """The ICP's criteria of which some of the deals in `rows` pass and some fail, not corrected yet."""
    criteria = evidence.criteria()
    if not criteria:
        return ()
    found: list[Tested] = []
    for criterion, state in zip(criteria, states_of(criteria, evidence), strict=True):
        passing, judged = (state == PASS)[rows], ((state == PASS) | (state == FAIL))[rows]
        if passing.any() and (judged & ~passing).any():
            inside, won = passing[judged], evidence.won[rows][judged]
            contrast = contrast_between("passes", inside, won, CONFIDENCE)
            p = levels_p(inside.astype(np.int64), won, rng)
            found.append(Tested(criterion.name, criterion.says, contrast, p, p))
    return tuple(found)


class Corrected(NamedTuple):
    """Columns and criteria with p-values corrected together."""

    effects: tuple[Effect, ...]
    tested: tuple[Tested, ...]


def corrected(effects: Sequence[Effect], tested: Sequence[Tested]) -> Corrected:
    """Holm's correction over columns and criteria as one family, because one reader acts on all of them."""
    ps = holm([*(one.p for one in effects), *(one.p for one in tested)])
    return Corrected(
        tuple(one._replace(p_holm=p) for one, p in zip(effects, ps[: len(effects)], strict=True)),
        tuple(one._replace(p_holm=p) for one, p in zip(tested, ps[len(effects) :], strict=True)),
    )


def without(icp: ICP, removed: Sequence[str]) -> ICP:
    """The ICP less some of its must-haves, named `must_have[0]`."""
    kept = tuple(one for at, one in enumerate(icp.must_have) if f"must_have[{at}]" not in removed)
    return icp.model_copy(update={"must_have": kept})
