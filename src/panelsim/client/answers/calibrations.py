"""What the service answers, from its OpenAPI document: written by a program, see tests/api/client_models.py.

Fixed words are plain texts here, because more of them may come at any time.
"""

from panelsim.client.wire import Answer


class DataFacts(Answer):
    """What a calibration was made from."""

    file: str
    """Its name, or what the caller called it."""
    sha256: str
    """Hash of its bytes."""
    channel: str
    """Where the texts were read."""
    outcome: str
    """What counts as success."""
    tests: int
    """Tests with two texts or more."""
    variants: int
    """Texts."""
    pairs: int
    """Pairs of texts of one test."""
    shown: int
    """Impressions."""
    acted: int
    """Clicks or conversions."""
    first_date: str
    """Of the earliest test; empty if the file states no dates."""
    last_date: str
    """Empty if the file states no dates."""
    left_out: tuple[tuple[str, int], ...] | None = None
    """Why rows or tests were left out, and how many."""


class Figure(Answer):
    """A figure measured on past tests, with its interval over groups of tests."""

    value: float
    """As measured."""
    low: float
    """Low end of its interval."""
    high: float
    """High end of its interval."""


class SubsetScore(Answer):
    """How one predictor did on one subset of the pairs."""

    subset: str
    """Which pairs."""
    pairs: int
    """Pairs that were scored."""
    groups: int
    """Independent groups of tests among them."""
    accuracy: Figure
    """Share of pairs whose observed winner was the likelier one; ties count half."""
    auc: Figure
    brier: Figure
    log_loss: Figure
    """In nats; a coin has .693."""


class PredictorScore(Answer):
    """A row of the calibration table: one predictor, scored on tests it was not fitted on."""

    name: str
    """Names it for programs."""
    label: str
    """In words."""
    is_baseline: bool
    """Whether it is a naive predictor, there to be beaten."""
    subsets: tuple[SubsetScore, ...]
    """Its figures on each subset."""


class ReliabilityBin(Answer):
    """Pairs whose likelier text was given about the same probability of winning."""

    low: float
    """Lowest probability in it."""
    high: float
    """Highest probability in it."""
    pairs: int
    """Pairs in it."""
    predicted: float
    """Mean probability of the likelier text."""
    observed: Figure
    """Share of pairs in which it won."""


class Coverage(Answer):
    """How often the observed difference lay inside its predicted interval."""

    stated: float
    """Share that the interval should hold."""
    observed: Figure


class PanelShare(Answer):
    """What the panel's answers add to the text, on the tests that the panel answered."""

    tests: int
    """Tests that the panel answered."""
    pairs: int
    """Their pairs."""
    without: PredictorScore
    alone: PredictorScore
    together: PredictorScore
    gain: Figure
    """Log loss without the panel minus log loss with it: above 0 if the panel helps."""


class LeakageChecks(Answer):
    """What was done so that no test was scored by a predictor that had seen it."""

    folds: int
    """Parts that were left out in turn."""
    groups: int
    """Independent groups of tests."""
    duplicate_texts: int
    """Texts that stand in more than one test; such tests share a group."""
    groups_in_both: int
    """Groups found on both sides of a fold; anything but 0 is a fault."""
    permuted: Figure
    """Mean AUC after outcomes were exchanged at random inside each test, with its 99% interval: not above .5
    if nothing leaks."""


class Badge(Answer):
    """Whether the calibration may be relied on, by the stated rule."""

    given: bool
    """Whether it may be relied on."""
    reason: str
    """One sentence: what it was checked on, or why there is no badge."""
    min_tests: int
    """Independent tests that a badge needs."""
    best_baseline: str
    """The naive predictor that did best."""
    gain: Figure
    """Log loss of the best baseline minus that of the predictor."""


class Evaluation(Answer):
    """Everything measured, by cross-validation grouped by test."""

    tests: int
    """Past tests."""
    pairs: int
    """Pairs of texts of one test."""
    confidence: float
    """Of every interval."""
    spread: float
    """SD of true differences in log odds between two texts of a test, noise taken off."""
    predictors: tuple[PredictorScore, ...]
    """Predictors side by side."""
    reliability: tuple[ReliabilityBin, ...]
    """Whether probabilities mean what they say."""
    calibration_error: float
    """Mean absolute distance between predicted and observed shares, weighted by pairs."""
    coverage: tuple[Coverage, ...]
    """Whether intervals hold what they should."""
    panel: PanelShare | None
    """What the panel adds; absent if none was asked."""
    leakage: LeakageChecks
    badge: Badge


class CalibrationView(Answer):
    """A calibration with all that was measured."""

    calibration_id: str
    """Give it as `calibration` of a message test."""
    object: str = "calibration"
    """What this is."""
    name: str
    """What the past tests were called when sent."""
    channel: str
    """Where the texts were read: message tests of other channels are refused."""
    badge: bool
    """Whether it beat naive predictors on tests it had not seen; without one, reports give no probability."""
    uses_vectors: bool
    """Whether texts are read with a sentence model."""
    uses_panel: bool
    """Whether it was made with a panel's answers."""
    key: str
    """Hash of its content, as reports name it."""
    created_at: str
    """UTC."""
    reason: str
    """Why it has the badge, or none."""
    data: DataFacts
    """What it was made from."""
    evaluation: Evaluation
    """Every predictor beside naive ones, on tests that it had not seen; reliability, coverage, leakage
    checks."""


class CalibrationHead(Answer):
    """A calibration in a list."""

    calibration_id: str
    """Give it as `calibration` of a message test."""
    object: str = "calibration"
    """What this is."""
    name: str
    """What the past tests were called when sent."""
    channel: str
    """Where the texts were read: message tests of other channels are refused."""
    badge: bool
    """Whether it beat naive predictors on tests it had not seen; without one, reports give no probability."""
    uses_vectors: bool
    """Whether texts are read with a sentence model."""
    uses_panel: bool
    """Whether it was made with a panel's answers."""
    key: str
    """Hash of its content, as reports name it."""
    created_at: str
    """UTC."""
