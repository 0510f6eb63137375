"""Past A/B results whose truth is known: a question mark is worth EFFECT in log odds, all else is noise."""

import numpy as np

from panelsim.model.calibration import PastResults, PastTest, PastVariant

EFFECT = 0.5
SPREAD = 0.2
"""SD of what a text is worth beside its question mark: a difference has sqrt(2) times that."""
WORDS = ("report", "deal", "margin", "cash", "team", "forecast", "number", "tool", "week", "plan", "quota")


def past_tests(n: int, seed: int = 1, variants: int = 2, shown: int = 4000) -> tuple[PastTest, ...]:
    """`n` tests of texts that are all different, half of them questions, clicked at about 3%."""
    rng = np.random.default_rng(seed)
    tests = []
    for number in range(n):
        made = []
        for letter in range(variants):
            asks = bool(rng.integers(2))
            picked = " ".join(rng.choice(WORDS, 4))
            text = f"{picked} {number} {'xyzw'[letter]}{'?' if asks else '.'}"
            odds = -3.5 + EFFECT * asks + SPREAD * rng.normal()
            acted = int(rng.binomial(shown, 1 / (1 + np.exp(-odds))))
            made.append(PastVariant(text, shown, acted))
        tests.append(PastTest(f"t{number}", tuple(made), f"2026-01-{number % 28 + 1:02d}"))
    return tuple(tests)


def past_results(tests: tuple[PastTest, ...]) -> PastResults:
    """The tests as read from a file."""
    return PastResults("past.csv", "0" * 64, "headline", "clicks", tests)


def as_csv(tests: tuple[PastTest, ...], channel: str = "headline") -> str:
    """The tests as a file."""
    lines = ["test,text,impressions,clicks,date,channel"]
    lines += [
        f'{test.id},"{one.text}",{one.shown},{one.acted},{test.date},{channel}'
        for test in tests
        for one in test.variants
    ]
    return "\n".join(lines) + "\n"
