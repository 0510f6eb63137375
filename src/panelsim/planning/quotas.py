"""How many respondents each persona gives, by weight and within quotas."""

import math
from collections.abc import Sequence
from fractions import Fraction

from panelsim.errors import InputError
from panelsim.model.panel import PersonaShare


def apportion(shares: Sequence[PersonaShare], n: int) -> tuple[int, ...]:
    """Respondents per persona, `n` in all.

    Everyone gets the least their quota asks; each further place goes to the persona furthest below
    weight / total weight x n that still has room, the earlier one if two are equally far. Without quotas
    this is the method of largest remainders. InputError if no counts meet all quotas.
    """
    least = [max(share.min or 0, _ceiling((share.min_share or 0.0) * n)) for share in shares]
    most = [
        min(
            n if share.max is None else share.max,
            n if share.max_share is None else _floor(share.max_share * n),
        )
        for share in shares
    ]
    _check(shares, n, least, most)
    # as the weights are written: 0.1 is a tenth, so that equal remainders are equal
    weights = [Fraction(repr(share.weight)) for share in shares]
    due = [weight * n / sum(weights) for weight in weights]
    counts = _filled(n, due, least, most)
    for _ in range(n - sum(counts)):
        open_places = [at for at in range(len(shares)) if counts[at] < most[at]]
        counts[max(open_places, key=lambda at: due[at] - counts[at])] += 1
    return tuple(counts)


def _filled(n: int, due: Sequence[Fraction], least: Sequence[int], most: Sequence[int]) -> list[int]:
    """The counts after most of the places: at most one for each persona is left.

    Given one by one, all places to personas more than some gap below their due come before the others; this
    is how the counts stand after the last of them, for the least whole gap that gives nobody too many.
    """

    def given(gap: int) -> list[int]:
        return [
            min(high, max(low, math.ceil(share - gap)))
            for share, low, high in zip(due, least, most, strict=True)
        ]

    low, high = -n - 1, n + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if sum(given(middle)) <= n else (middle, high)
    return given(high)


def _check(shares: Sequence[PersonaShare], n: int, least: Sequence[int], most: Sequence[int]) -> None:
    for share, low, high in zip(shares, least, most, strict=True):
        if low > high:
            quotas = f"its quotas ask at least {low} and at most {high} of {n} respondents"
            raise InputError(f"persona {share.persona!r}: {quotas}, expected quotas that can both be met")
    if sum(least) > n:
        raise InputError(
            f"the quotas ask at least {sum(least)} respondents, expected at most the panel's {n}"
        )
    if sum(most) < n:
        raise InputError(
            f"the quotas allow at most {sum(most)} respondents, expected at least the panel's {n}"
        )


def _ceiling(value: float) -> int:
    """Rounded up, unless only a float's last digits are over: 0.1 x 30 is 3, not 4."""
    return math.ceil(round(value, 9))


def _floor(value: float) -> int:
    return math.floor(round(value, 9))
