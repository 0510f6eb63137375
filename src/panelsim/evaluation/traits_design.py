"""The design of the benchmark `traits`: 18 profiles in which six traits vary and none goes with another."""

from collections import Counter

import numpy as np

from panelsim.errors import InputError
from panelsim.metrics.arrays import Floats
from panelsim.model.panel import DOMAINS, Decision, Hexaco, Panel

L18 = (
    "0021021", "0102102", "0210210", "0022110", "0100221", "0211002",
    "1001200", "1112011", "1220122", "1010101", "1121212", "1202020",
    "2000012", "2111120", "2222201", "2012222", "2120000", "2201111",
)  # fmt: skip
"""Seven factors of three levels in 18 runs, the first in blocks: every pair of levels of every two factors
stands in two runs (Taguchi's L18 without its factor of two levels). The first factor is the persona, the
others are the traits. Their levels are relabelled so that a redrawn panel can nearly always tell them apart:
as it is printed in books, one redrawn panel in ten cannot."""
BLOCKS = 3
RUNS = len(L18) // BLOCKS


def designed(panel: Panel, level: float) -> Panel:
    """The respondents of `panel` with all six traits at -level, 0 or +level, decisions in the middle.

    Respondents of the first persona get the first block, and so on. `InputError` unless all of the design's
    runs occur equally often: then no trait goes with another, nor with the persona.
    """
    blocks = {persona: at % BLOCKS for at, persona in enumerate(dict.fromkeys(panel.personas))}
    turns: Counter[str] = Counter()
    uses: Counter[str] = Counter()
    people = []
    for one in panel.respondents:
        run = L18[blocks[one.persona] * RUNS + turns[one.persona] % RUNS]
        turns[one.persona] += 1
        uses[run] += 1
        levels = {name: level * (int(digit) - 1) for name, digit in zip(DOMAINS, run[1:], strict=True)}
        people.append(
            one.model_copy(update={"traits": Hexaco.model_validate(levels), "decision": Decision()})
        )
    if len(uses) < len(L18) or len(set(uses.values())) > 1:
        raise InputError(
            f"panel {panel.id!r}: respondents by persona are {dict(turns)}, expected a multiple of "
            f"{RUNS} for each of {BLOCKS} personas"
        )
    return panel.model_copy(update={"respondents": tuple(people)})


def levels_of(panel: Panel) -> Floats:
    """(respondents, domains): the levels that the panel's respondents carry."""
    return np.array([list(one.traits.domains.values()) for one in panel.respondents], dtype=float)
