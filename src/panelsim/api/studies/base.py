"""What requests for studies have in common: texts that can be shown, and the fields of every study."""

import re
import string
import unicodedata
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Discriminator, Field, Tag, ValidationError

from panelsim.errors import InputError
from panelsim.model.base import Frozen, Id
from panelsim.model.study import Guide, GuideQuestion, Study, StudyBase

AnyStudy = TypeVar("AnyStudy", bound=StudyBase)

LONGEST_ID = 48


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


def text_or_object(value: object) -> str:
    """Tells a text alone from an object."""
    return "text" if isinstance(value, str) else "object"


Variants = Annotated[
    tuple[
        Annotated[
            Annotated[ShownText, Tag("text")] | Annotated[Variant, Tag("object")],
            Discriminator(text_or_object),
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

    def common(self) -> dict[str, Any]:
        """The fields that every study has."""
        names = ("title", "panel", "model", "temperature", "seed", "max_cost_usd", "notes")
        return {name: getattr(self, name) for name in names}


Guided = Annotated[
    tuple[
        Annotated[
            Annotated[ShownText, Tag("text")] | Annotated[GuideQuestion, Tag("object")],
            Discriminator(text_or_object),
        ],
        ...,
    ],
    Field(max_length=40),
]
"""Questions of a guide."""


def guide_of(questions: Guided, opening: str, max_turns: int) -> Guide:
    """The guide of some questions; plain ones get the ids q1, q2. Raises `InputError`."""
    asked = [
        one if isinstance(one, GuideQuestion) else GuideQuestion(id=f"q{place}", text=one)
        for place, one in enumerate(questions, start=1)
    ]
    check_unique([one.id for one in asked], "questions")
    return Guide(id="questions", opening=opening, questions=tuple(asked), max_turns=max_turns)


def lettered(texts: tuple[str | Variant, ...]) -> list[dict[str, str]]:
    """Texts with the ids a, b, c, unless they bring their own. Raises `InputError`."""
    letters = string.ascii_lowercase
    found = [
        {"id": one.id, "text": one.text} if isinstance(one, Variant) else {"id": letters[place], "text": one}
        for place, one in enumerate(texts)
    ]
    check_unique([one["id"] for one in found], "variants")
    return found


def check_unique(ids: list[str], where: str) -> None:
    """Raises `InputError` if an id stands twice."""
    for place, one in enumerate(ids):
        if one in ids[:place]:
            raise InputError(f"{where} has the id {one!r} twice, expected each once")


def valid_study(noun: type[AnyStudy], fields: dict[str, Any], named_after: str) -> AnyStudy:
    """The study of these fields, its id made from `named_after`. Raises `InputError`."""
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
