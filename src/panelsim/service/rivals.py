"""The logistic regression that learned criteria are measured against, from the `analysis` extra."""

from panelsim.learning.holdout import Rival
from panelsim.metrics.arrays import Flags, Floats

MISSING = "not compared: scikit-learn is not installed (pip install 'panelsim[analysis]')"
"""What is said in place of its figures."""


def logistic_rival() -> Rival | None:
    """An L2-regularised logistic regression (scikit-learn, C = 1); None if scikit-learn is not installed."""
    try:
        from sklearn.linear_model import LogisticRegression
        from threadpoolctl import threadpool_limits
    except ModuleNotFoundError:
        return None

    def score(training: Floats, won: Flags, held: Floats) -> Floats:
        # the matrices are small: more threads than one wait for each other
        with threadpool_limits(limits=1):
            model = LogisticRegression(C=1.0, max_iter=2000).fit(training, won)
            scores: Floats = model.decision_function(held)
        return scores

    return score
