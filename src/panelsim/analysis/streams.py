"""Random streams of an analysis: one per use, so that a new figure changes no old one."""

import numpy as np

from panelsim.keys import content_key


def stream(seed: int, use: str) -> np.random.Generator:
    """The generator of `use` under the study's seed; PCG64, the same on every machine."""
    digest = content_key("stream1", [seed, use]).partition(":")[2]
    return np.random.Generator(np.random.PCG64(int(digest[:32], 16)))
