"""Reading labels (digits, letters) from the alternatives a model weighed for one token."""

import math

from panelsim.model.call import TokenLogprob

MIN_MASS = 0.05
"""Below this share of probability on valid labels an answer is Missing, not a distribution."""


def label_masses(token: TokenLogprob, labels: tuple[str, ...]) -> tuple[float, ...]:
    """Probability of each label: the sum over the spellings of its token (`4`, ` 4`, `"4`, `A.`).

    Sums of exp(log-probability) over the listed alternatives; what is not listed counts as no label.
    """
    masses = dict.fromkeys(labels, 0.0)
    alternatives = token.top or ((token.token, token.logprob),)
    for text, logprob in alternatives:
        label = text.strip(" \t\n\"'().:*▁Ġ").upper()
        if label in masses:
            masses[label] += math.exp(logprob)
    return tuple(masses[label] for label in labels)
