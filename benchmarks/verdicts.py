"""How often each verdict is given in worlds whose truth is known, and how well intervals cover it.

Prints the tables of docs/design/verdict.md: `python benchmarks/verdicts.py [runs]`, ten minutes for 400.
"""

import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.core.simulated import World, simulate

from panelsim.analysis import analyse
from panelsim.metrics import bootstrap
from panelsim.model.analysis import VerdictWord

WORDS: tuple[VerdictWord, ...] = ("clear_lead", "lean", "no_difference", "cannot_say")
NULL = World()

WORLDS = {
    "two equal variants, n = 24": NULL,
    "two equal variants, n = 12": replace(NULL, n=12),
    "two equal variants, n = 96": replace(NULL, n=96),
    "two equal variants, ratings only": replace(NULL, paired=False),
    "two equal variants, strong first slot": replace(NULL, slot=0.3),
    "four equal variants": replace(NULL, worth=dict.fromkeys("abcd", 3.2)),
    "winner by 0.1 points": replace(NULL, worth={"a": 3.3, "b": 3.2}),
    "winner by 0.3 points": replace(NULL, worth={"a": 3.5, "b": 3.2}),
    "winner by 0.6 points": replace(NULL, worth={"a": 3.8, "b": 3.2}),
    "winner by 0.6 points, ratings only": replace(NULL, worth={"a": 3.8, "b": 3.2}, paired=False),
    "winner of four by 0.6 points": replace(NULL, worth={"a": 3.8, "b": 3.2, "c": 3.2, "d": 3.2}),
    "winner, but buyers ignore the ICP": replace(NULL, worth={"a": 3.8, "b": 3.2}, anti=0.0),
    "winner, but the decoy is as good": replace(NULL, worth={"a": 3.8, "b": 3.2}, decoy=3.5),
    "always the first slot": replace(NULL, worth={"a": 3.8, "b": 3.2}, always_first=True),
}


def verdicts(runs: int) -> None:
    print(f"| world | {' | '.join(WORDS)} |")
    for name, world in WORLDS.items():
        counts: Counter[VerdictWord] = Counter()
        for seed in range(runs):
            run = simulate(world, seed)
            analysis = analyse(run.study, run.panel, run.plan, run.transcripts, draws=400)
            counts[analysis.verdict.word] += 1
        print(f"| {name} | {' | '.join(f'{100 * counts[word] / runs:.1f}%' for word in WORDS)} |", flush=True)


def covers(personas: int, n: int, between: float, *, redrawn: bool, whole: bool, runs: int) -> float:
    """Share of 90% intervals that hold the truth; personas are redrawn in each run, or the same ones."""
    rng = np.random.Generator(np.random.PCG64([personas, n, int(100 * between)]))
    fixed = between * rng.standard_normal(personas)
    codes = np.arange(n) % personas
    kept = bootstrap.MIN_CLUSTERS
    bootstrap.MIN_CLUSTERS = 2 if whole else 10_000
    hits = 0
    for _ in range(runs):
        means = between * rng.standard_normal(personas) if redrawn else fixed
        truth = 0.0 if redrawn else float(np.bincount(codes, minlength=personas) @ fixed) / n
        values = means[codes] + 0.4 * rng.standard_normal(n)
        resamples = bootstrap.resamples_of([str(code) for code in codes], rng, 1000)
        present, weights = np.ones(n, dtype=np.bool_), np.ones(n)
        estimate = bootstrap.estimate_mean(
            resamples, values, weights, present, bounds=bootstrap.Bounds(-9, 9), confidence=0.9
        )
        hits += estimate is not None and estimate.low <= truth <= estimate.high
    bootstrap.MIN_CLUSTERS = kept
    return hits / runs


def coverage(runs: int) -> None:
    print("| personas | n | SD between personas | truth | respondents drawn | personas drawn |")
    for personas, n in ((1, 24), (3, 12), (3, 24), (3, 96), (6, 24), (8, 24), (12, 24)):
        for between in (0.0, 0.3):
            for redrawn in (False, True):
                truth = "all possible personas" if redrawn else "these personas"
                by = [
                    covers(personas, n, between, redrawn=redrawn, whole=whole, runs=runs)
                    if personas > 1 or not whole
                    else None
                    for whole in (False, True)
                ]
                shown = " | ".join("-" if one is None else f"{100 * one:.0f}%" for one in by)
                print(f"| {personas} | {n} | {between} | {truth} | {shown} |", flush=True)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    coverage(max(count, 1000))
    verdicts(count)
