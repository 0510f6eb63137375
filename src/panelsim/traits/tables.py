"""Norms of the six domains and 24 facets of the IPIP-HEXACO, and how they correlate.

The items are those of the IPIP-HEXACO in the public domain (Ashton, Lee and Goldberg 2007, The IPIP-HEXACO
scales, Personality and Individual Differences 42(8), 1515-1526), ten to a facet; `prompts/traits` has them.
All figures were computed from the answers, 1 to 7, of 10,041 volunteers who filled in the 240 items online,
two thirds of them in the United States. Reversed items were turned first, and a scale is the mean of its
items. Volunteers are no sample of a population: openness, for one, is higher here than among students.
"""

from typing import Final, NamedTuple

from panelsim.model.panel import DOMAINS, FACETS

PEOPLE: Final = 10_041


class Norm(NamedTuple):
    """Mean and standard deviation of a scale on the answers 1 to 7, and Cronbach's alpha."""

    mean: float
    sd: float
    alpha: float

    @property
    def mean_1to5(self) -> float:
        """The mean on answers 1 to 5: 1 + (mean - 1) x 4/6."""
        return round(1 + (self.mean - 1) * 4 / 6, 3)

    @property
    def sd_1to5(self) -> float:
        """The standard deviation on answers 1 to 5."""
        return round(self.sd * 4 / 6, 3)


DOMAIN_NORMS: Final = {
    "honesty_humility": Norm(4.441, 0.807, 0.901),
    "emotionality": Norm(4.409, 0.889, 0.923),
    "extraversion": Norm(3.818, 1.015, 0.946),
    "agreeableness": Norm(4.008, 0.921, 0.937),
    "conscientiousness": Norm(4.11, 0.817, 0.923),
    "openness": Norm(5.249, 0.649, 0.881),
}

FACET_NORMS: Final = {
    "sincerity": Norm(4.38, 1.04, 0.786),
    "fairness": Norm(5.065, 1.14, 0.842),
    "greed_avoidance": Norm(4.224, 1.016, 0.774),
    "modesty": Norm(4.094, 1.107, 0.817),
    "fearfulness": Norm(4.096, 1.252, 0.88),
    "anxiety": Norm(4.704, 1.173, 0.869),
    "dependence": Norm(4.339, 1.054, 0.822),
    "sentimentality": Norm(4.497, 1.269, 0.866),
    "expressiveness": Norm(3.609, 1.17, 0.842),
    "social_boldness": Norm(3.836, 1.21, 0.86),
    "sociability": Norm(3.744, 1.298, 0.897),
    "liveliness": Norm(4.083, 1.101, 0.849),
    "forgiveness": Norm(4.081, 1.126, 0.846),
    "gentleness": Norm(4.256, 0.946, 0.784),
    "flexibility": Norm(3.741, 0.886, 0.738),
    "patience": Norm(3.955, 1.434, 0.93),
    "organization": Norm(3.664, 1.061, 0.834),
    "diligence": Norm(4.086, 1.128, 0.866),
    "perfectionism": Norm(4.808, 0.939, 0.824),
    "prudence": Norm(3.883, 1.044, 0.829),
    "aesthetic_appreciation": Norm(5.343, 0.896, 0.759),
    "inquisitiveness": Norm(5.275, 0.903, 0.759),
    "creativity": Norm(5.35, 0.858, 0.806),
    "unconventionality": Norm(5.03, 0.903, 0.788),
}

_DOMAINS: Final = """
175
-165 -164
448 -138 227
98 -175 105 92
-75 -144 303 99 125
"""
_FACETS: Final = """
402
505 344
338 374 546
-50 249 65 234
-157 154 -5 162 514
-248 196 -144 75 392 555
130 382 133 210 177 401 495
-30 -80 -228 -387 -267 -154 122 150
-14 -80 -273 -455 -444 -337 -52 78 771
73 119 -115 -108 -229 -166 280 304 646 654
135 51 -92 -209 -446 -489 -119 59 503 587 586
246 413 293 295 -22 -154 129 302 39 105 343 258
356 367 377 399 -133 -240 -37 252 -65 39 287 296 660
336 249 301 256 -199 -372 -127 140 65 175 365 350 578 660
193 203 207 167 -149 -457 -205 -49 -105 72 171 286 548 597 588
115 180 -69 7 -7 -88 -105 -36 -72 32 9 148 12 2 15 101
243 240 13 -73 -254 -254 -228 27 130 302 179 425 108 140 192 179 534
-58 52 -245 -207 -8 63 -52 -30 -14 71 -81 53 -191 -245 -267 -92 478 428
275 248 66 22 12 -270 -327 -94 -148 26 -77 104 96 115 210 331 522 523 404
83 158 40 63 -120 126 144 415 121 161 190 156 189 233 140 56 -24 122 122 -26
51 11 -8 -203 -268 -125 -189 29 141 273 25 131 32 -9 70 93 29 256 243 202 346
62 -6 -67 -279 -318 -192 -168 96 277 410 187 339 60 95 141 116 -11 267 231 122 381 459
46 -226 17 -366 -332 -115 -228 -51 241 271 -4 130 -94 -50 -32 -41 -237 8 13 -150 241 374 462
"""
# Below the diagonal, in thousandths, in the order of DOMAINS and FACETS.


def _matrix(below: str) -> tuple[tuple[float, ...], ...]:
    rows = [(), *(tuple(int(cell) / 1000 for cell in line.split()) for line in below.split("\n")[1:-1])]
    size = range(len(rows))
    return tuple(
        tuple(1.0 if row == column else rows[max(row, column)][min(row, column)] for column in size)
        for row in size
    )


DOMAIN_CORRELATIONS: Final = _matrix(_DOMAINS)
"""6 x 6, in the order of DOMAINS."""

FACET_CORRELATIONS: Final = _matrix(_FACETS)
"""24 x 24, in the order of FACETS."""

if tuple(DOMAIN_NORMS) != DOMAINS or tuple(FACET_NORMS) != FACETS:
    raise AssertionError("the norms are not in the order of the model's fields")
