"""Random streams: one for each thing that is drawn, made from the seed and the thing's ids."""

import hashlib

import numpy as np


def stream(seed: int, *ids: str) -> np.random.Generator:
    """The random stream of the thing with these ids: the same on every machine, unlike that of any other."""
    digest = hashlib.sha256("\x00".join(ids).encode()).digest()
    words = tuple(int.from_bytes(digest[at : at + 4], "big") for at in range(0, 16, 4))
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=words)))
