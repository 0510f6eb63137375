"""Calibrations: past A/B results, what was learned from them about texts and panels, and how well it held."""

from typing import Annotated, Literal, NamedTuple

from pydantic import ConfigDict, Field, JsonValue

from panelsim.keys import content_key
from panelsim.model.base import Frozen

CALIBRATION_PREFIX = "calibration1"
CalibrationSchema = Literal["panelsim.calibration/1"]
"""Names the form of a calibration file; a form that old readers cannot read gets a new number."""

Outcome = Literal["clicks", "conversions"]
Subset = Literal["all", "p<.05", "FDR 5%"]
"""Which pairs: all, those with p below .05, those that stay at a false discovery rate of 5%."""


class PastVariant(NamedTuple):
    """One text of a past test, and what people did."""

    text: str
    shown: int
    """Impressions, at least 1."""
    acted: int
    """Clicks or conversions, at most `shown`."""


class PastTest(NamedTuple):
    """One past A/B test: at least two different texts shown to people of the same kind at the same time."""

    id: str
    variants: tuple[PastVariant, ...]
    date: str = ""
    """YYYY-MM-DD; empty if not known."""
    group: str = ""
    """Tests of one group (a story, a campaign) are never parted between training and testing."""


class PastResults(NamedTuple):
    """The tests of a results file, and what was left out of it."""

    name: str
    """The file, as messages name it."""
    sha256: str
    channel: str
    outcome: Outcome
    tests: tuple[PastTest, ...]
    left_out: tuple[tuple[str, int], ...] = ()
    """(why, how many), in plain words."""


class Figure(Frozen):
    """A figure measured on past tests, with its interval over groups of tests."""

    value: float
    """As measured."""
    low: float
    """Low end of its interval."""
    high: float
    """High end of its interval."""


class SubsetScore(Frozen):
    """How one predictor did on one subset of the pairs."""

    subset: Subset
    """Which pairs."""
    pairs: Annotated[int, Field(ge=1)]
    """Pairs that were scored."""
    groups: Annotated[int, Field(ge=1)]
    """Independent groups of tests among them."""
    accuracy: Figure
    """Share of pairs whose observed winner was the likelier one; ties count half."""
    auc: Figure
    brier: Figure
    log_loss: Figure
    """In nats; a coin has .693."""


PredictorName = Literal["coin", "longer", "tfidf", "surface", "text", "panel", "text+panel"]


class PredictorScore(Frozen):
    """A row of the calibration table: one predictor, scored on tests it was not fitted on."""

    name: PredictorName
    """Names it for programs."""
    label: str
    """In words."""
    is_baseline: bool
    """Whether it is a naive predictor, there to be beaten."""
    subsets: tuple[SubsetScore, ...]
    """Its figures on each subset."""

    def on(self, subset: Subset) -> SubsetScore | None:
        """Its figures on one subset; None if the subset holds no pair."""
        return next((one for one in self.subsets if one.subset == subset), None)


class ReliabilityBin(Frozen):
    """Pairs whose likelier text was given about the same probability of winning."""

    low: float
    """Lowest probability in it."""
    high: float
    """Highest probability in it."""
    pairs: Annotated[int, Field(ge=1)]
    """Pairs in it."""
    predicted: float
    """Mean probability of the likelier text."""
    observed: Figure
    """Share of pairs in which it won."""


class Coverage(Frozen):
    """How often the observed difference lay inside its predicted interval."""

    stated: float
    """Share that the interval should hold."""
    observed: Figure


class PanelShare(Frozen):
    """What the panel's answers add to the text, on the tests that the panel answered."""

    tests: Annotated[int, Field(ge=1)]
    """Tests that the panel answered."""
    pairs: Annotated[int, Field(ge=1)]
    """Their pairs."""
    without: PredictorScore
    alone: PredictorScore
    together: PredictorScore
    gain: Figure
    """Log loss without the panel minus log loss with it: above 0 if the panel helps."""


class LeakageChecks(Frozen):
    """What was done so that no test was scored by a predictor that had seen it."""

    folds: int
    """Parts that were left out in turn."""
    groups: int
    """Independent groups of tests."""
    duplicate_texts: int
    """Texts that stand in more than one test; such tests share a group."""
    groups_in_both: Annotated[int, Field(ge=0)]
    """Groups found on both sides of a fold; anything but 0 is a fault."""
    permuted: Figure
    """Mean AUC after outcomes were exchanged at random inside each test, with its 99% interval: not above .5
    if nothing leaks."""

    @property
    def passed(self) -> bool:
        """Whether no group was on both sides and exchanged outcomes could not be predicted."""
        return self.groups_in_both == 0 and self.permuted.low <= 0.5


class Badge(Frozen):
    """Whether the calibration may be relied on, by the stated rule."""

    given: bool
    """Whether it may be relied on."""
    reason: str
    """One sentence: what it was checked on, or why there is no badge."""
    min_tests: int
    """Independent tests that a badge needs."""
    best_baseline: PredictorName
    """The naive predictor that did best."""
    gain: Figure
    """Log loss of the best baseline minus that of the predictor."""


class Evaluation(Frozen):
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

    def row(self, name: PredictorName) -> PredictorScore:
        """The table's row of that predictor."""
        return next(one for one in self.predictors if one.name == name)


class DataFacts(Frozen):
    """What a calibration was made from."""

    file: str
    """Its name, or what the caller called it."""
    sha256: str
    """Hash of its bytes."""
    channel: str
    """Where the texts were read."""
    outcome: Outcome
    """What counts as success."""
    tests: Annotated[int, Field(ge=1)]
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
    left_out: tuple[tuple[str, int], ...] = ()
    """Why rows or tests were left out, and how many."""


class PanelFacts(Frozen):
    """Which panel's answers a calibration was made with; it holds for no other."""

    model: str
    """PROVIDER/NAME, with the hash of the file for a model of this machine."""
    elicit: str
    frame: str
    panel: str
    panel_key: str
    n: int
    prompts: tuple[tuple[str, str], ...]
    """(id, content key) of each prompt file that was rendered."""
    features: tuple[str, ...]
    """What was read from the answers: measures, and `preference` for pairs."""


class Coefficients(Frozen):
    """A linear score of a text; a pair's difference in log odds is score(a) - score(b)."""

    surface: tuple[tuple[str, float], ...]
    """(feature, weight) on the feature as it is computed."""
    embedding: tuple[float, ...] = ()
    """One weight per dimension of the sentence vector; empty if none was used."""
    panel: tuple[tuple[str, float], ...] = ()
    """(panel feature, weight) on the difference between the two texts."""
    spread: Annotated[float, Field(gt=0)]
    """SD of the true difference around the predicted one, in log odds."""


class Calibration(Frozen):
    """A calibration file: what was learned, from what, and how well it held on tests it had not seen."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_alias=True, validate_by_name=True)

    schema_name: Annotated[CalibrationSchema, Field(alias="schema")] = "panelsim.calibration/1"
    created: str
    """Day, YYYY-MM-DD."""
    panelsim_version: str
    seed: int
    data: DataFacts
    embedding_model: str
    """PROVIDER/NAME@HASH of the sentence model; empty if none was used."""
    panel: PanelFacts | None
    """Absent if the calibration reads texts alone."""
    evaluation: Evaluation
    coefficients: Coefficients

    @property
    def key(self) -> str:
        """The content hash: of everything in the file."""
        value: JsonValue = self.model_dump(mode="json")
        return content_key(CALIBRATION_PREFIX, value)


class PairProbability(Frozen):
    """What a calibration says of two variants of a later study."""

    first: str
    second: str
    probability: Annotated[float, Field(ge=0, le=1)]
    """That `first` really beats `second` with people of the calibration's channel."""


class AppliedCalibration(Frozen):
    """A calibration as a report uses and names it."""

    key: str
    channel: str
    tests: int
    badge: bool
    uses_panel: bool
    auc: Figure
    pairs: tuple[PairProbability, ...]
    """Empty without a badge."""
    reason: str
    """Why no probability is given; empty if one is."""
