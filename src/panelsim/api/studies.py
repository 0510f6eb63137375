"""What callers ask for: one request model per kind of study, each of which becomes a study of the core."""

import re
import string
import unicodedata
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import AfterValidator, Discriminator, Field, Tag, ValidationError

from panelsim.errors import InputError
from panelsim.model.base import Frozen, Id
from panelsim.model.study import (
    CommitteeControls,
    CommitteeDesign,
    CommitteeRule,
    CommitteeStudy,
    Controls,
    DecisionRule,
    Design,
    Elicitation,
    Frame,
    Guide,
    GuideQuestion,
    InterviewStudy,
    MessageTest,
    Study,
    StudyBase,
)

AnyStudy = TypeVar("AnyStudy", bound=StudyBase)

LONGEST_ID = 48
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


def _readable(text: str) -> str:
    if not text.strip():
        raise ValueError("the text is empty, expected some words")
    if any(unicodedata.category(one) == "Cc" and one not in "\n\t" for one in text):
        raise ValueError("the text holds control characters, expected plain text")
    return text.strip()


Words = Annotated[str, AfterValidator(_readable)]
ShownText = Annotated[Words, Field(min_length=1, max_length=2000)]


class Variant(Frozen):
    """One text to compare."""

    id: Id = Field(description="Your name for it; it comes back in the report.", examples=["a"])
    text: ShownText = Field(description="What respondents read.", examples=["Forecasts your CFO believes"])


def _form(value: object) -> str:
    return "text" if isinstance(value, str) else "object"


Variants = Annotated[
    tuple[
        Annotated[
            Annotated[ShownText, Tag("text")] | Annotated[Variant, Tag("object")], Discriminator(_form)
        ],
        ...,
    ],
    Field(
        description="The texts; plain ones get the ids a, b, c.",
        examples=[["Forecasts your CFO believes", "Sell more with less effort"]],
    ),
]


class StudyRequest(Frozen):
    """What every kind of study may be given."""

    title: str = Field("", max_length=200, description="Shown on the report.", examples=["Spring campaign"])
    panel: str = Field(
        "sales-trio",
        max_length=80,
        description="Who is asked: the id of a panel (`GET /v1/panels`), or `persona:ID` for one persona.",
        examples=["sales-trio"],
    )
    model: str = Field(
        "embedded/qwen2.5-1.5b",
        max_length=200,
        description="PROVIDER/NAME of the language model that speaks for the panel.",
        examples=["embedded/qwen2.5-1.5b", "openai/gpt-4o-mini"],
    )
    temperature: float | None = Field(
        None, ge=0, le=2, description="Of spoken answers; null: 0.7.", examples=[0.7]
    )
    seed: int = Field(
        7,
        ge=0,
        le=2**31 - 1,
        description="The same seed draws the same panel and asks the same.",
        examples=[7],
    )
    max_cost_usd: float = Field(
        2.0,
        ge=0,
        le=1_000_000,
        allow_inf_nan=False,
        description="The most the run may ever cost, in US dollars; it stops before.",
        examples=[2.0],
    )
    notes: bool = Field(True, description="Whether notes on the personas are given with questions.")
    callback_url: str = Field(
        "",
        max_length=2000,
        description="An https address that is sent one signed webhook when the run has ended.",
        examples=["https://example.com/hooks/panelsim"],
    )
    metadata: dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=500)]] = Field(
        default_factory=dict,
        max_length=16,
        description="Up to 16 texts of your own, returned with the run.",
        examples=[{"campaign": "spring"}],
    )

    def study(self) -> Study:
        """The study that is asked for. Raises `InputError`."""
        raise NotImplementedError

    def _common(self) -> dict[str, Any]:
        names = ("title", "panel", "model", "temperature", "seed", "max_cost_usd", "notes")
        return {name: getattr(self, name) for name in names}


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
        stimuli = _lettered(self.variants)
        rule = self.decision_rule or DecisionRule(
            measure="relevance" if "relevance" in self.measures else self.measures[0]
        )
        same = {name: getattr(self, name) for name in OF_MESSAGE_TESTS}
        return _study(
            MessageTest, self._common() | same | {"stimuli": stimuli, "rule": rule}, stimuli[0]["text"]
        )


class CommitteeRequest(StudyRequest):
    """Proposals before buying committees."""

    kind: Literal["committee"] = "committee"
    panel: str = Field(
        "sales-committee",
        max_length=80,
        description="Its personas are the seats of every company.",
        examples=["sales-committee"],
    )
    proposals: Annotated[Variants, Field(min_length=1, max_length=8)]
    companies: int = Field(1, ge=1, le=1000, description="Committees that judge.", examples=[3])
    channel: str = Field("sales proposal", max_length=200, description="How it reaches the committee.",
                         examples=["sales proposal"])  # fmt: skip
    elicit: Elicitation | None = Field(None, description="How stances are read; null: what suits the model.")
    frame: Frame | None = Field(None, description="How stances are put; null: what suits the model.")
    design: CommitteeDesign = Field(CommitteeDesign(), description="How a committee is asked.")
    controls: CommitteeControls = Field(CommitteeControls(), description="Which controls run beside.")
    decision_rule: CommitteeRule = Field(CommitteeRule(), description="Thresholds, fixed before the run.")

    def study(self) -> Study:
        """The study that is asked for. Raises `InputError`."""
        proposals = _lettered(self.proposals)
        same = {name: getattr(self, name) for name in ("channel", "elicit", "frame", "design", "controls")}
        own = {"n": self.companies, "proposals": proposals, "rule": self.decision_rule}
        return _study(CommitteeStudy, self._common() | same | own, proposals[0]["text"])


class InterviewRequest(StudyRequest):
    """Interviews along a guide."""

    kind: Literal["interview"] = "interview"
    n: int = Field(3, ge=1, le=1000, description="Respondents to interview.", examples=[3])
    questions: Annotated[
        tuple[
            Annotated[
                Annotated[ShownText, Tag("text")] | Annotated[GuideQuestion, Tag("object")],
                Discriminator(_form),
            ],
            ...,
        ],
        Field(min_length=1, max_length=40),
    ] = Field(
        description="What is asked, in order; a question may bring probes for vague answers.",
        examples=[["What went wrong with the last tool you bought?"]],
    )
    opening: str = Field("", max_length=2000, description="Said before the first question.", examples=[""])
    max_turns: int = Field(20, ge=1, le=100, description="Answers after which it ends.", examples=[20])

    def study(self) -> Study:
        """The study that is asked for. Raises `InputError`."""
        questions = [
            one if isinstance(one, GuideQuestion) else GuideQuestion(id=f"q{place}", text=one)
            for place, one in enumerate(self.questions, start=1)
        ]
        _check_unique([one.id for one in questions], "questions")
        guide = Guide(
            id="questions", opening=self.opening, questions=tuple(questions), max_turns=self.max_turns
        )
        return _study(InterviewStudy, self._common() | {"n": self.n, "guide": guide}, questions[0].text)


class NamedMessageTest(MessageTestRequest):
    """A headline or message test, by its kind."""

    kind: Literal["message_test"] = Field(description="Which kind of study this is.")


class NamedCommittee(CommitteeRequest):
    """Proposals before buying committees, by their kind."""

    kind: Literal["committee"] = Field(description="Which kind of study this is.")


class NamedInterview(InterviewRequest):
    """Interviews along a guide, by their kind."""

    kind: Literal["interview"] = Field(description="Which kind of study this is.")


AnyRequest: TypeAlias = Annotated[
    NamedMessageTest | NamedCommittee | NamedInterview, Field(discriminator="kind")
]
"""A request of any kind, which it names."""


def _lettered(texts: tuple[str | Variant, ...]) -> list[dict[str, str]]:
    letters = string.ascii_lowercase
    found = [
        {"id": one.id, "text": one.text} if isinstance(one, Variant) else {"id": letters[place], "text": one}
        for place, one in enumerate(texts)
    ]
    _check_unique([one["id"] for one in found], "variants")
    return found


def _check_unique(ids: list[str], where: str) -> None:
    for place, one in enumerate(ids):
        if one in ids[:place]:
            raise InputError(f"{where} has the id {one!r} twice, expected each once")


def _study(noun: type[AnyStudy], fields: dict[str, Any], named_after: str) -> AnyStudy:
    try:
        return noun.model_validate({**fields, "id": _slug(named_after)})
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{where or 'the request'}: {first['msg'].removeprefix('Value error, ')}") from error


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall(r"[a-z0-9]+", plain))
    return words[:LONGEST_ID].strip("-") or "study"
