"""Points that fill a cube evenly: the first n of them for any n, unlike plain random numbers.

The sequence is Sobol's with the direction numbers of Joe and Kuo (2008, SIAM J. Sci. Comput. 30(5),
2635-2654, their table new-joe-kuo-6), its digits scrambled by a random linear matrix and a random shift
(Matousek 1998, J. Complexity 14(4), 527-556). Every aligned block of 2^k points has one point in each of 2^k
equal slices of every axis, so the mean of a panel of n is off by about 1/n and not by 1/sqrt(n).

Left in its order, the sequence puts every second point into the same half of an axis, and every second
respondent gets the same kind of name, ICP or wording. So the order within blocks of 256 is shuffled by
swapping the halves of each block, of each half and so on at random (as Burley 2020, JCGT 9(4), 1-20, does):
whoever is taken in turns is taken at random, and aligned blocks stay as even as they were.

Whole numbers only until the last step, so the same seed gives the same points on every machine.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""One row a point, each coordinate inside (0, 1)."""

_Words = NDArray[np.uint32]

BITS: Final = 32
SHUFFLED_BITS: Final = 8
"""Blocks of 2^8 points are shuffled within."""

_TABLE: Final[tuple[tuple[int, tuple[int, ...]], ...]] = (
    (1, (1,)),
    (3, (1,)),
    (7, (1, 3)),
    (11, (1, 3, 1)),
    (13, (1, 1, 1)),
    (19, (1, 1, 3, 3)),
    (25, (1, 3, 5, 13)),
    (37, (1, 1, 5, 5, 17)),
    (41, (1, 1, 5, 5, 5)),
    (47, (1, 1, 7, 11, 19)),
    (55, (1, 1, 5, 1, 1)),
    (59, (1, 1, 1, 3, 11)),
    (61, (1, 3, 5, 5, 31)),
    (67, (1, 3, 3, 9, 7, 49)),
    (91, (1, 1, 1, 15, 21, 21)),
    (97, (1, 3, 1, 13, 27, 49)),
    (103, (1, 1, 1, 15, 7, 5)),
    (109, (1, 3, 1, 15, 13, 25)),
    (115, (1, 1, 5, 5, 19, 61)),
    (131, (1, 3, 7, 11, 23, 15, 103)),
    (137, (1, 3, 7, 13, 13, 15, 69)),
    (143, (1, 1, 3, 13, 7, 35, 63)),
    (145, (1, 3, 5, 9, 1, 25, 53)),
    (157, (1, 3, 1, 13, 9, 35, 107)),
    (167, (1, 3, 1, 5, 27, 61, 31)),
    (171, (1, 1, 5, 11, 19, 41, 61)),
    (185, (1, 3, 5, 3, 3, 13, 69)),
    (191, (1, 1, 7, 13, 1, 19, 1)),
    (193, (1, 3, 7, 5, 13, 19, 59)),
    (203, (1, 1, 3, 9, 25, 29, 41)),
    (211, (1, 3, 5, 13, 23, 1, 55)),
    (213, (1, 3, 7, 3, 13, 59, 17)),
    (229, (1, 3, 1, 3, 5, 53, 69)),
    (239, (1, 1, 5, 5, 23, 33, 13)),
    (241, (1, 1, 7, 7, 1, 61, 123)),
    (247, (1, 1, 7, 9, 13, 61, 49)),
)  # fmt: skip
"""For each axis its primitive polynomial over GF(2) as bits, and its first direction numbers."""

MOST_AXES: Final = len(_TABLE)


def even_points(n: int, axes: int, rng: np.random.Generator) -> Points:
    """The first `n` points of the sequence that `rng` scrambles, in `axes` dimensions (at most MOST_AXES).

    A larger `n` begins with the same points.
    """
    steps, shift = _scrambled(axes, rng)
    points = shift[np.newaxis, :]
    block = 1 << SHUFFLED_BITS
    while len(points) < max(n, block):
        points = np.concatenate((points, points ^ steps[:, len(points).bit_length() - 1]))
    order = _shuffled(-(-n // block), rng)[:n]
    return np.asarray((points[order] + 0.5) * 2.0**-BITS, dtype=np.float64)


def _scrambled(axes: int, rng: np.random.Generator) -> tuple[_Words, _Words]:
    """The direction numbers of each axis (axes x 32), multiplied by its matrix, and each axis's shift."""
    shift = rng.integers(0, 1 << BITS, size=MOST_AXES, dtype=np.uint32)
    # row r of a matrix decides digit r (the first is the highest) from itself and random ones above it
    rows = rng.integers(0, 1 << BITS, size=(MOST_AXES, BITS), dtype=np.uint32)
    digit = np.uint32(1) << np.arange(BITS - 1, -1, -1, dtype=np.uint32)
    above = ~((digit << np.uint32(1)) - np.uint32(1))
    rows = (rows & above) | digit
    plain = np.array([_directions(*entry) for entry in _TABLE[:axes]], dtype=np.uint32)
    kept = plain[:, np.newaxis, :] & rows[:axes, :, np.newaxis]
    parity = np.bitwise_count(kept).astype(np.uint32) & np.uint32(1)
    return np.bitwise_or.reduce(parity * digit[:, np.newaxis], axis=1), shift[:axes]


def _directions(polynomial: int, first: tuple[int, ...]) -> list[int]:
    """The 32 direction numbers of an axis, by the recurrence of Bratley and Fox (1988, ACM TOMS 14(1))."""
    degree = polynomial.bit_length() - 1
    numbers = list(first) if degree else [1] * BITS  # the first axis has no polynomial: its numbers are all 1
    for at in range(len(numbers), BITS):
        number = numbers[at - degree] ^ (numbers[at - degree] << degree)
        for back in range(1, degree):
            if polynomial >> (degree - back) & 1:
                number ^= numbers[at - back] << back
        numbers.append(number)
    return [number << (BITS - 1 - at) for at, number in enumerate(numbers)]


def _shuffled(blocks: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Places of so many blocks of points, the halves of each block, of each half and so on swapped or not."""
    size = 1 << SHUFFLED_BITS
    swaps = rng.integers(0, 2, size=(blocks, size), dtype=np.int64)
    place = np.arange(size)
    within = np.zeros((blocks, size), dtype=np.int64)
    for bit in range(SHUFFLED_BITS):
        # parts of 2^(bit + 1) points; their swaps lie at 2^(7 - bit) and after, a heap with its root at 1
        part = (size >> (bit + 1)) + (place >> (bit + 1))
        within |= ((place >> bit & 1) ^ swaps[:, part]) << bit
    return (within + size * np.arange(blocks)[:, np.newaxis]).ravel()
