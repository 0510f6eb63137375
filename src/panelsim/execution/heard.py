"""What was heard: tokens and cost of the calls behind a run, each call counted once."""

from array import array
from dataclasses import dataclass

import numpy as np

from panelsim.model.call import Completion, Usage
from panelsim.providers.prices import PICO


@dataclass(frozen=True)
class Totals:
    """What the calls behind some transcripts come to."""

    calls: int
    """Different ones."""
    usage: Usage
    cost_usd: float
    """What they cost when they were made."""


class Heard:
    """Columns of 40 bytes a call, so that a million of them can be told apart in memory."""

    def __init__(self) -> None:
        self._keys = array("Q")
        self._tokens = (array("Q"), array("Q"), array("Q"))
        self._pico = array("Q")

    def add(self, key: str, said: Completion) -> None:
        """Takes one completion in; the first 64 bits of its key's digest tell it apart."""
        usage = said.usage
        prompt, cached, completion = self._tokens
        self._keys.append(int(key[-64:-48], 16))
        prompt.append(usage.prompt_tokens)
        cached.append(usage.cached_tokens)
        completion.append(usage.completion_tokens)
        self._pico.append(round(said.cost_usd * PICO))

    def totals(self) -> Totals:
        """The sums over different calls."""
        first = np.unique(np.frombuffer(self._keys, dtype=np.uint64), return_index=True)[1]
        prompt, cached, completion = (_sum(column, first) for column in self._tokens)
        usage = Usage(prompt_tokens=prompt, cached_tokens=cached, completion_tokens=completion)
        return Totals(len(first), usage, _sum(self._pico, first) / PICO)


def _sum(column: "array[int]", rows: "np.ndarray[tuple[int], np.dtype[np.intp]]") -> int:
    return int(np.frombuffer(column, dtype=np.uint64)[rows].sum())
