"""Requests for tests of texts: headlines and messages, and product concepts."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from panelsim.api.studies.base import (
    StudyRequest,
    Variant,
    Variants,
    Words,
    lettered,
    text_or_object,
    valid_study,
)
from panelsim.model.base import Frozen, Id
from panelsim.model.study import (
    BATTERY,
    ConceptTest,
    Controls,
    DecisionRule,
    Design,
    Elicitation,
    Frame,
    MessageTest,
    Study,
)

OF_MESSAGE_TESTS = (
    "n",
    "meaning",
    "channel",
    "measures",
    "elicit",
    "frame",
    "embedding_model",
    "design",
    "controls",
)
"""Fields of a message test that a request has under the same name."""


class MessageTestRequest(StudyRequest):
    """A headline or message test."""

    kind: Literal["message_test"] = "message_test"
    variants: Annotated[Variants, Field(min_length=2, max_length=8)]
    n: int = Field(
        24, ge=2, le=10_000, description="Respondents; the control group adds half as many.", examples=[24]
    )
    meaning: str = Field("", max_length=2000, description="What a reader should understand.", examples=[""])
    channel: str = Field(
        "landing page headline",
        max_length=200,
        description="Where the reader meets the text.",
        examples=["landing page headline"],
    )
    measures: Annotated[tuple[Id, ...], Field(min_length=1, max_length=10)] = Field(
        ("relevance", "clarity", "believability"),
        description="What each text is rated on, from 1 to 5.",
        examples=[["relevance", "clarity", "believability"]],
    )
    elicit: Elicitation | None = Field(None, description="How ratings are read; null: what suits the model.")
    frame: Frame | None = Field(None, description="How ratings are put; null: what suits the model.")
    embedding_model: str | None = Field(
        None, max_length=200, description="For `elicit: reaction`; null: the embedded sentence model."
    )
    calibration: str = Field(
        "",
        max_length=64,
        description="The id of one of your calibrations of this channel (`GET /v1/calibrations`): the report "
        "then gives the probability that a text really beats another; empty: none.",
        examples=["cal-4b5c6d7e8f901234"],
    )
    design: Design = Field(Design(), description="How texts are shown.")
    controls: Controls = Field(Controls(), description="Which controls run beside the texts.")
    decision_rule: DecisionRule | None = Field(
        None, description="Thresholds of the verdict, fixed before the run; null: the defaults."
    )

    def study(self) -> Study:
        """The study that is asked for. Raises `InputError`."""
        stimuli = lettered(self.variants)
        rule = self.decision_rule or DecisionRule(
            measure="relevance" if "relevance" in self.measures else self.measures[0]
        )
        same = {name: getattr(self, name) for name in OF_MESSAGE_TESTS}
        return valid_study(
            MessageTest, self.common() | same | {"stimuli": stimuli, "rule": rule}, stimuli[0]["text"]
        )


LongText = Annotated[Words, Field(min_length=1, max_length=5000)]


class Concept(Frozen):
    """One product or service concept."""

    id: Id = Field(description="Your name for it; it comes back in the report.", examples=["a"])
    name: str = Field(
        "", max_length=200, description="Shown above its description.", examples=["Forecast Guard"]
    )
    text: LongText = Field(
        description="What it is, for whom, at what price.",
        examples=["Marks the deals that will slip, two weeks before they do. 24,000 dollars a year."],
    )


Concepts = Annotated[
    tuple[
        Annotated[
            Annotated[LongText, Tag("text")] | Annotated[Concept, Tag("object")],
            Discriminator(text_or_object),
        ],
        ...,
    ],
    Field(
        min_length=1,
        max_length=8,
        description="One to eight; plain texts get the ids a, b, c. One alone is read against its controls.",
        examples=[["Forecast Guard: marks the deals that will slip. 24,000 dollars a year."]],
    ),
]


class ConceptTestRequest(StudyRequest):
    """A test of product or service concepts."""

    kind: Literal["concept_test"] = "concept_test"
    concepts: Concepts
    n: int = Field(
        24, ge=2, le=10_000, description="Respondents; the control group adds half as many.", examples=[24]
    )
    channel: str = Field(
        "product concept", max_length=200, description="How it is introduced.", examples=["product concept"]
    )
    measures: Annotated[tuple[Id, ...], Field(min_length=1, max_length=10)] = Field(
        BATTERY, description="What each concept is rated on, from 1 to 5.", examples=[list(BATTERY)]
    )
    elicit: Elicitation | None = Field(None, description="How ratings are read; null: what suits the model.")
    frame: Frame | None = Field(None, description="How ratings are put; null: what suits the model.")
    controls: Controls = Field(Controls(), description="Which controls run beside the concepts.")
    decision_rule: DecisionRule | None = Field(
        None, description="Thresholds of the verdict, fixed before the run; null: the defaults."
    )

    def study(self) -> Study:
        """The study that is asked for. Raises `InputError`."""
        stimuli = lettered(tuple(_plain(one) for one in self.concepts))
        for one, concept in zip(stimuli, self.concepts, strict=True):
            if isinstance(concept, Concept) and concept.name:
                one["name"] = concept.name
        fields: dict[str, Any] = {
            name: getattr(self, name) for name in ("n", "channel", "measures", "elicit", "frame", "controls")
        }
        if self.decision_rule is not None:
            fields["rule"] = self.decision_rule
        return valid_study(ConceptTest, self.common() | fields | {"stimuli": stimuli}, stimuli[0]["text"])


def _plain(concept: str | Concept) -> str | Variant:
    return concept if isinstance(concept, str) else Variant.model_construct(id=concept.id, text=concept.text)
