"""Names for respondents: balanced, seldom repeated, and deciding nothing."""

from collections.abc import Mapping, Sequence

import numpy as np

from panelsim.errors import InputError
from panelsim.model.panel import Arm
from panelsim.model.sources import NameList
from panelsim.planning.facts import Listed, Whole
from panelsim.planning.streams import stream

GIVEN_STEP = 5
"""Given names of each sex that a persona has before it meets those of the next persona."""

FAMILY_STEP = 8
"""Family names that a persona has before it meets those of the next persona."""


class NamePool:
    """The names of one arm of a panel, shuffled by its seed.

    A name depends on the persona's position in the arm and the respondent's number alone, so that
    neither a larger panel nor a persona added at the end renames anyone.
    """

    def __init__(self, lists: Sequence[NameList], arm: Arm, seed: int) -> None:
        self._lists: Mapping[str, NameList] = {names.locale: _shuffled(names, arm, seed) for names in lists}

    def names(self, locale: str, position: int, numbers: Whole) -> Listed:
        """The names of those respondents of the persona at `position`, both from 0.

        Women's and men's given names come in turn. InputError if the locale has no names.
        """
        names = self._lists.get(locale)
        if names is None:
            known = ", ".join(sorted(self._lists))
            raise InputError(f"there are no names for locale {locale!r}, expected one of {known}")
        given = (*names.women, *names.men)
        women = (position + numbers) % 2 == 0
        turn = position * GIVEN_STEP + numbers // 2
        first = np.where(women, turn % len(names.women), len(names.women) + turn % len(names.men))
        last = (position * FAMILY_STEP + numbers) % len(names.family)
        pairs, codes = np.unique(first * len(names.family) + last, return_inverse=True)
        whole = (divmod(pair, len(names.family)) for pair in pairs.tolist())
        return Listed(
            tuple(f"{given[one]} {names.family[other]}" for one, other in whole), codes.astype(np.int64)
        )


def _shuffled(names: NameList, arm: Arm, seed: int) -> NameList:
    rng = stream(seed, "names", arm, names.locale)
    parts: dict[str, tuple[str, ...]] = {"women": names.women, "men": names.men, "family": names.family}
    return NameList(
        locale=names.locale,
        **{part: _by(rng.random(len(listed)).tolist(), listed) for part, listed in parts.items()},
    )


def _by(draws: Sequence[float], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(names[at] for at in sorted(range(len(names)), key=lambda at: draws[at]))
