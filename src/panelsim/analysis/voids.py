"""Why a verdict is void, in the sentences that all kinds of studies share."""

from collections.abc import Iterator

from panelsim.analysis.words import percent


def missing_voids(what: str, asked: int, missing: int, most: float) -> Iterator[str]:
    """A sentence if more than the share `most` of what was asked is missing."""
    if asked and missing / asked > most:
        yield (
            f"{percent(missing / asked)} of {what} are missing ({missing} of {asked}); "
            f"the rule allows {percent(most)}."
        )


def mass_voids(mass: float | None, least: float, valid: str = "valid answers") -> Iterator[str]:
    """A sentence if less than `least` of the probability lay on `valid`; none if it was not measured."""
    if mass is not None and mass < least:
        yield (
            f"Only {percent(mass)} of the answer probability lay on {valid}; "
            f"the rule asks for {percent(least)}."
        )
