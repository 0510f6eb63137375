"""Names for respondents: balanced, repeated no more than needed, and deciding nothing."""

from collections import Counter
from collections.abc import Sequence

from panelsim.errors import InputError
from panelsim.model.persona import Persona
from panelsim.model.sources import NameList
from panelsim.planning.streams import stream


class NamePool:
    """Hands out names within one panel; every other respondent of a persona gets a woman's given name."""

    def __init__(self, lists: Sequence[NameList], seed: int) -> None:
        self._lists = {names.locale: names for names in lists}
        self._seed = seed
        self._orders: dict[str, tuple[Sequence[str], Sequence[str], Sequence[str]]] = {}
        self._uses: Counter[str] = Counter()

    def take(self, persona: Persona, number: int) -> str:
        """A name for the persona's respondent `number`; InputError if its locale has no names."""
        women, men, family = self._orders.setdefault(persona.id, self._order(persona))
        given = (women, men)[number % 2]
        return f"{self._least_used(given)} {self._least_used(family)}"

    def _order(self, persona: Persona) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
        names = self._lists.get(persona.locale)
        if names is None:
            known = ", ".join(sorted(self._lists))
            raise InputError(f"persona {persona.id!r}: no names for locale {persona.locale!r}, expected one of {known}")
        rng = stream(self._seed, "names", persona.id)
        women, men, family = (_shuffled(part, rng.random(len(part)).tolist()) for part in (names.women, names.men, names.family))
        return (men, women, family) if rng.random() < 0.5 else (women, men, family)

    def _least_used(self, names: Sequence[str]) -> str:
        name = min(names, key=self._uses.__getitem__)
        self._uses[name] += 1
        return name


def _shuffled(names: Sequence[str], draws: Sequence[float]) -> tuple[str, ...]:
    return tuple(names[at] for at in sorted(range(len(names)), key=lambda at: draws[at]))
