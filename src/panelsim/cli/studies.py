"""Studies made from what was typed, and studies read from files, with panel paths that can be found again."""

import re
import string
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import JsonValue, ValidationError

from panelsim.errors import InputError
from panelsim.files import read_guide, read_study
from panelsim.files.calibrations import read_calibration
from panelsim.files.folders import read_text
from panelsim.model.study import (
    INTENT,
    LONGEST_CONCEPT,
    LONGEST_TEXT,
    AblationStudy,
    Carried,
    CommitteeStudy,
    ConceptTest,
    DiscussionStudy,
    HypothesisStudy,
    InterviewStudy,
    InventoryStudy,
    MessageTest,
    Study,
    StudyBase,
    SurveyStudy,
)
from panelsim.reporting.words import count
from panelsim.service.sources import PERSONA

FEWEST, MOST = 2, 8
LONGEST_NAME = 8
"""Words before a colon that are read as the name of a concept."""
LONGEST_ID = 48

AnyStudy = TypeVar("AnyStudy", bound=StudyBase)


def headline_test(
    headlines: Sequence[str], panel: str, measures: str, options: Mapping[str, JsonValue]
) -> MessageTest:
    """The test of `headlines`, which get the ids a, b, c. Raises `InputError`."""
    if not FEWEST <= len(headlines) <= MOST:
        raise InputError(f"found {count(len(headlines), 'headline')}, expected {FEWEST} to {MOST} to compare")
    names = [name.strip() for name in measures.split(",") if name.strip()]
    if not names:
        raise InputError("--measures names no measure, for example relevance,clarity")
    stimuli = _as_stimuli(_lettered(headlines, "headline"))
    rule: JsonValue = {"measure": "relevance" if "relevance" in names else names[0]}
    fields: dict[str, JsonValue] = {
        **options,
        "id": slug(headlines[0]),
        "title": "Headline test",
        "panel": _panel_at(panel, Path.cwd()),
        "stimuli": stimuli,
        "measures": [*names],
        "rule": rule,
    }
    return _validated(MessageTest, fields)


def concept_test(
    concepts: Sequence[str], panel: str, measures: str, options: Mapping[str, JsonValue]
) -> ConceptTest:
    """The test of `concepts`, which get the ids a, b, c. Raises `InputError`.

    A concept is `NAME: DESCRIPTION`, a description alone, or the path of a .md or .txt file whose first line
    is the name.
    """
    if not 1 <= len(concepts) <= MOST:
        raise InputError(f"found {count(len(concepts), 'concept')}, expected 1 to {MOST}")
    names = [name.strip() for name in measures.split(",") if name.strip()]
    if not names:
        raise InputError("--measures names no measure, for example purchase_intent,relevance")
    named = [_concept(text) for text in concepts]
    lettered = _lettered([text for _, text in named], "concept", LONGEST_CONCEPT)
    stimuli: list[JsonValue] = [
        {"id": letter, "text": text, "name": name}
        for (letter, text), (name, _) in zip(lettered, named, strict=True)
    ]
    fields: dict[str, JsonValue] = {
        **options,
        "id": slug(named[0][0] or named[0][1], "concept-test"),
        "title": "Concept test",
        "panel": _panel_at(panel, Path.cwd()),
        "stimuli": stimuli,
        "measures": [*names],
        "rule": {"measure": INTENT if INTENT in names else names[0]},
    }
    return _validated(ConceptTest, fields)


def _concept(text: str) -> tuple[str, str]:
    """The name, empty if there is none, and the description."""
    if text.endswith((".md", ".txt")) and "\n" not in text:
        head, _, rest = read_text(Path(text).expanduser()).strip().partition("\n")
        return head.lstrip("# ").strip(), rest.strip()
    name, colon, rest = text.partition(": ")
    is_name = colon and 0 < len(name.split()) <= LONGEST_NAME and rest.strip()
    return (name.strip(), rest.strip()) if is_name else ("", text)


def two_sided(wordings: Sequence[str], panel: str, options: Mapping[str, JsonValue]) -> HypothesisStudy:
    """The hypothesis in one to three wordings. Raises `InputError`."""
    fields: dict[str, JsonValue] = {
        **options,
        "id": slug(wordings[0], "hypothesis"),
        "title": "Hypothesis",
        "panel": _panel_at(panel, Path.cwd()),
        "wordings": [*wordings],
    }
    return _validated(HypothesisStudy, fields)


def survey_at(path: Path, panel: str | None, options: Mapping[str, JsonValue]) -> SurveyStudy:
    """The survey in a file, with what was typed in place of what it says. Raises `InputError`."""
    study = read_study(path, "survey")
    if not isinstance(study, SurveyStudy):
        raise InputError(f"{path}: study {study.id!r} is of kind {study.kind}, expected a survey")
    at = _panel_at(study.panel, path.resolve().parent) if panel is None else _panel_at(panel, Path.cwd())
    stated = {name: value for name, value in options.items() if value is not None}
    return _validated(SurveyStudy, {**study.model_dump(mode="json"), "panel": at, **stated})


def committee_study(proposals: Sequence[str], panel: str, options: Mapping[str, JsonValue]) -> CommitteeStudy:
    """The study of `proposals`, which get the ids a, b, c. Raises `InputError`."""
    if not 1 <= len(proposals) <= MOST:
        raise InputError(f"found {count(len(proposals), 'proposal')}, expected 1 to {MOST}")
    fields: dict[str, JsonValue] = {
        **options,
        "id": slug(proposals[0], "committee"),
        "title": "Buying committee",
        "panel": _panel_at(panel, Path.cwd()),
        "proposals": _as_stimuli(_lettered(proposals, "proposal")),
    }
    return _validated(CommitteeStudy, fields)


def discussion_of(text: str, panel: str, guide: str, options: Mapping[str, JsonValue]) -> DiscussionStudy:
    """Groups that talk about `text`, along a guide (a name or a file), or both. Raises `InputError`."""
    asked = read_guide(guide, beside=Path.cwd()) if guide else None
    fields: dict[str, JsonValue] = {
        **options,
        "id": slug(text or (asked.id if asked else ""), "discussion"),
        "title": "Group discussion",
        "panel": _panel_at(panel, Path.cwd()),
    }
    if text:
        letter, said = _lettered([text], "text")[0]
        fields["stimulus"] = {"id": letter, "text": said}
    if asked is not None:
        fields["guide"] = asked.model_dump(mode="json")
    return _validated(DiscussionStudy, fields)


def _lettered(texts: Sequence[str], noun: str, longest: int = LONGEST_TEXT) -> list[tuple[str, str]]:
    """Texts with the ids a, b, c. Raises `InputError` for one that nobody could read."""
    for place, text in enumerate(texts, start=1):
        if len(text) > longest:
            raise InputError(f"{noun} {place} has {len(text):,} characters, expected at most {longest:,}")
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise InputError(f"{noun} {place} is not valid Unicode text, expected UTF-8")
        if not text.strip():
            raise InputError(f"{noun} {place} is empty, expected some words")
    return [(letter, text.strip()) for letter, text in zip(string.ascii_lowercase, texts, strict=False)]


def _as_stimuli(lettered: Sequence[tuple[str, str]]) -> list[JsonValue]:
    return [{"id": letter, "text": text} for letter, text in lettered]


def persona_interview(persona: str, guide: str, n: int, options: Mapping[str, JsonValue]) -> InterviewStudy:
    """Interviews of respondents drawn from one persona (a name or a file). Raises `InputError`."""
    asked = read_guide(guide, beside=Path.cwd())
    fields: dict[str, JsonValue] = {
        **options,
        "id": f"{slug(Path(persona).stem)}-{asked.id}"[:64],
        "panel": _panel_at(PERSONA + persona, Path.cwd()),
        "guide": asked.model_dump(mode="json"),
        "n": n,
    }
    return _validated(InterviewStudy, fields)


def read_back(panel: str, doses: int, options: Mapping[str, JsonValue]) -> InventoryStudy:
    """An inventory of `panel`, by doses of that many base respondents if any. Raises `InputError`."""
    drawn = {name: value for name, value in options.items() if not (doses and name == "n")}
    fields: dict[str, JsonValue] = {
        **drawn,
        "id": f"{slug(Path(panel).stem)}-{options['instrument']}"[:64],
        "title": "Inventory",
        "panel": _panel_at(panel, Path.cwd()),
    }
    if doses:
        fields["doses"] = {"personas": doses}
    return _validated(InventoryStudy, fields)


def ablation_of(
    study: Study, *, n: int | None, carried: Carried, wordings: int, replicates: int
) -> AblationStudy:
    """The ablation of a message test. Raises `InputError` for another kind of study."""
    if not isinstance(study, MessageTest):
        raise InputError(f"study {study.id!r} is of kind {study.kind}, expected a message_test to take apart")
    same = study.model_dump(
        include={"panel", "stimuli", "channel", "elicit", "frame", "model", "embedding_model", "base_url",
                 "temperature", "seed", "max_cost_usd"}
    )  # fmt: skip
    own: dict[str, JsonValue] = {
        "id": f"{study.id[:LONGEST_ID]}-ablation",
        "title": f"Ablation of {study.title or study.id}",
        "n": study.n if n is None else n,
        "measure": study.rule.measure,
        "carried": carried,
        "wordings": wordings,
        "replicates": replicates,
    }
    return _validated(AblationStudy, same | own)


def study_at(path: Path) -> Study:
    """The study in a file; a panel's file is looked for beside it."""
    study = read_study(path)
    return study.model_copy(update={"panel": _panel_at(study.panel, path.resolve().parent)})


def calibrated_study(study: AnyStudy, path: Path | None) -> AnyStudy:
    """`study` with the calibration in a file, in place of its own if it has one. Raises `InputError`."""
    if path is None:
        return study
    if not isinstance(study, MessageTest):
        raise InputError(
            f"--calibration {path}: study {study.id!r} compares no texts, expected a message test"
        )
    return study.model_copy(update={"calibration": read_calibration(path)})


def slug(text: str, otherwise: str = "headline-test") -> str:
    """An id from the words of `text`: `forecasts-your-cfo-believes`; `otherwise` if it has none."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall(r"[a-z0-9]+", plain))
    return words[:LONGEST_ID].strip("-") or otherwise


def _panel_at(panel: str, folder: Path) -> str:
    """`panel` with its file's path written out from `folder`, so that it means the same from anywhere."""
    kind = PERSONA if panel.startswith(PERSONA) else ""
    name = panel.removeprefix(kind)
    if not name.endswith((".yaml", ".yml")):
        return panel
    return f"{kind}{(folder / Path(name).expanduser()).resolve()}"


def _validated(noun: type[AnyStudy], fields: Mapping[str, JsonValue]) -> AnyStudy:
    try:
        return noun.model_validate(dict(fields))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if not first["loc"]:  # a rule over several fields says itself what is wrong
            raise InputError(first["msg"].removeprefix("Value error, ")) from error
        place = ".".join(str(part) for part in first["loc"])
        found = repr(first["input"])
        shown = found if len(found) <= 60 else f"{found[:57]}..."
        expected = re.sub(r"^(?:Input|String|Value) should (?:be |have )?", "", first["msg"])
        raise InputError(f"{place}: found {shown}, expected {expected}") from error
