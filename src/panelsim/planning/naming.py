"""Names for respondents: balanced, seldom repeated, and deciding nothing."""

from collections.abc import Mapping, Sequence

from panelsim.errors import InputError
from panelsim.model.panel import Arm
from panelsim.model.sources import NameList
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

    def name(self, locale: str, position: int, number: int) -> str:
        """The name of respondent `number` of the persona at `position`, both from 0.

        Women's and men's given names come in turn. InputError if the locale has no names.
        """
        names = self._lists.get(locale)
        if names is None:
            known = ", ".join(sorted(self._lists))
            raise InputError(f"there are no names for locale {locale!r}, expected one of {known}")
        given = (names.women, names.men)[(position + number) % 2]
        first = given[(position * GIVEN_STEP + number // 2) % len(given)]
        return f"{first} {names.family[(position * FAMILY_STEP + number) % len(names.family)]}"


def _shuffled(names: NameList, arm: Arm, seed: int) -> NameList:
    rng = stream(seed, "names", arm, names.locale)
    parts: dict[str, tuple[str, ...]] = {"women": names.women, "men": names.men, "family": names.family}
    return NameList(
        locale=names.locale,
        **{part: _by(rng.random(len(listed)).tolist(), listed) for part, listed in parts.items()},
    )


def _by(draws: Sequence[float], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(names[at] for at in sorted(range(len(names)), key=lambda at: draws[at]))
