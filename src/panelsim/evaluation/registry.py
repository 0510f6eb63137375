"""The scorers by benchmark, listed by hand: what each asks, and what it reads from the answers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from panelsim.errors import InputError
from panelsim.evaluation import concepts, identity, instrument, stability, surveys, traits, upworthy
from panelsim.evaluation.finding import Findings
from panelsim.evaluation.material import Evidence, Material, Trial
from panelsim.model.benchmark import Benchmark, Outcome
from panelsim.model.table import Table
from panelsim.prompts import Prompts


class Scorer(NamedTuple):
    """One benchmark's code."""

    trials: Callable[[Material], Iterator[Trial]]
    score: Callable[[Evidence], Findings]
    rows: Callable[[Sequence[Table]], tuple[dict[str, str], ...]] | None = None
    """The benchmark's rows from its reference files; absent for a benchmark that needs none."""
    shipped: Callable[[Benchmark, Prompts], tuple[dict[str, str], ...]] | None = None
    """Its rows from shipped files, kept with a run so that it is scored by what was asked; absent for a
    benchmark that reads none."""
    owed: tuple[str, ...] = ()
    """Parts whose answers the models owe, if others are scripted whatever model is asked; all if empty."""

    def owed_of(self, said: Mapping[str, Outcome]) -> list[Outcome]:
        """What the models were asked, and answered or did not."""
        return [one for name, one in said.items() if not self.owed or name.partition("/")[0] in self.owed]


SCORERS: Mapping[str, Scorer] = {
    "concepts": Scorer(concepts.trials, concepts.score, concepts.rows_of),
    "identity": Scorer(identity.trials, identity.score),
    "instrument": Scorer(instrument.trials, instrument.score, owed=instrument.OWED),
    "stability": Scorer(stability.trials, stability.score),
    "surveys": Scorer(surveys.trials, surveys.score, surveys.rows_of),
    "traits": Scorer(traits.trials, traits.score, shipped=traits.rows),
    "upworthy": Scorer(upworthy.trials, upworthy.score),
}


def scorer_of(benchmark_id: str) -> Scorer:
    """The scorer of a benchmark. Raises `InputError` if none is registered."""
    if benchmark_id not in SCORERS:
        near = get_close_matches(benchmark_id, SCORERS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(f"no scorer is registered for {benchmark_id!r}; there are {sorted(SCORERS)}{hint}")
    return SCORERS[benchmark_id]
