"""Reading studies and interview guides, with the short forms that a file may use."""

import string
from pathlib import Path
from typing import TypeVar, assert_never, get_args

from pydantic import JsonValue

from panelsim.errors import InputError
from panelsim.files.calibrations import read_calibration
from panelsim.files.document import Document, parse_document
from panelsim.files.faults import path_text, unknown_id, validate
from panelsim.files.folders import files_in, read_text
from panelsim.files.profiles import is_path, resolve_file, shown
from panelsim.model.study import (
    AblationStudy,
    CommitteeStudy,
    ConceptTest,
    DiscussionStudy,
    Guide,
    HypothesisStudy,
    InterviewStudy,
    InventoryStudy,
    MessageTest,
    Study,
    StudyKind,
    SurveyStudy,
)

Shown = TypeVar("Shown", MessageTest, ConceptTest, AblationStudy)

MOST_POINTS = 11
"""Of a scale."""
OF_PROFILES = frozenset({"firmographics", "polarity", "committee_role", "personas", "icps"})
"""Fields by which a file shows that it is no study."""
KINDS: tuple[StudyKind, ...] = get_args(StudyKind)


def read_study(path: str | Path, kind_unless_stated: StudyKind = "message_test") -> Study:
    """The study in a file. `kind` may be left out of a message test, or what the caller takes for granted.

    Short forms: a stimulus or proposal may be its text alone, and gets the id a, b, c by its position; an
    interview's guide may be the name or path of a guide file, and a calibration is the path of its file; a
    committee's `n` may be called `companies`, and a concept test's `stimuli` may be called `concepts`;
    a hypothesis with one wording may call it `question`; a question of a survey gets the id q1, q2, and a
    scale may give `points`, `low` and `high` in place of its labels; a discussion's `n` is left out.
    """
    file = Path(path)
    document = parse_document(read_text(file), shown(file))
    if not isinstance(document.value, dict):
        raise InputError(f"{document.name}, line 1: found a list or a text, expected the fields of a study")
    fields = dict(document.value)
    if "kind" not in fields and fields.keys() & OF_PROFILES:
        raise InputError(
            f"{document.name}: found a profile (an ICP, a persona or a panel), expected a study, which has "
            "fields such as panel and stimuli"
        )
    stated = fields.setdefault("kind", kind_unless_stated)
    kind = next((one for one in KINDS if one == stated), None)
    if kind is None:
        raise unknown_id(document, ("kind",), str(stated), "kind of study", KINDS)
    return _read_kind(kind, document, fields, file.parent)


def read_guide(name_or_path: str, *, beside: Path | None = None) -> Guide:
    """The interview guide of that name, or in that file; a question may be its text alone."""
    path = resolve_file(name_or_path, "guide", files_in("personas", "guides"), beside)
    document = parse_document(read_text(path), shown(path))
    guide = validate(Guide, document, _with_question_ids(document.value))
    _check_unique(document, "questions", [question.id for question in guide.questions])
    return guide


def list_guides() -> tuple[str, ...]:
    """Names of the interview guides at hand."""
    return tuple(files_in("personas", "guides"))


def _read_kind(
    kind: StudyKind, document: Document, fields: dict[str, JsonValue], folder: Path
) -> Study:  # fmt: skip
    """The study of `kind` with these fields."""
    match kind:
        case "interview":
            return _read_interview(document, fields, folder)
        case "inventory":
            return validate(InventoryStudy, document._replace(value=fields), fields)
        case "hypothesis":
            return _read_hypothesis(document, fields)
        case "survey":
            return _read_survey(document, fields)
        case "concept_test":
            return _read_concepts(document, fields)
        case "committee":
            return _read_committee(document, fields)
        case "discussion":
            return _read_discussion(document, fields, folder)
        case "ablation":
            return _read_with_stimuli(AblationStudy, document, fields)
        case "message_test":
            return _read_message_test(document, fields, folder)
        case _:
            assert_never(kind)


def read_prompt_texts() -> dict[str, str]:
    """The text of every prompt file by path without suffix: `questions/rating.third_person`."""
    files = files_in("prompts", suffixes=(".md", ".yaml"))
    return {name: read_text(path) for name, path in files.items()}


def _read_message_test(document: Document, fields: dict[str, JsonValue], folder: Path) -> MessageTest:
    calibration = fields.get("calibration")
    if isinstance(calibration, str):
        made = read_calibration(folder / Path(calibration).expanduser())
        fields["calibration"] = made.model_dump(mode="json", by_alias=True)
    return _read_with_stimuli(MessageTest, document, fields)


def _read_with_stimuli(kind: type[Shown], document: Document, fields: dict[str, JsonValue]) -> Shown:
    stimuli = fields.get("stimuli")
    if isinstance(stimuli, list):
        fields["stimuli"] = [_with_id(stimulus, _letter(at)) for at, stimulus in enumerate(stimuli)]
    study = validate(kind, document._replace(value=fields), fields)
    _check_unique(document, "stimuli", [stimulus.id for stimulus in study.stimuli])
    return study


def _read_committee(document: Document, fields: dict[str, JsonValue]) -> CommitteeStudy:
    if "companies" in fields:
        _rename(document, fields, "companies", "n")
    proposals = fields.get("proposals")
    if isinstance(proposals, str):
        proposals = [proposals]
    if isinstance(proposals, list):
        fields["proposals"] = [_with_id(one, _letter(at)) for at, one in enumerate(proposals)]
    study = validate(CommitteeStudy, document._replace(value=fields), fields)
    _check_unique(document, "proposals", [one.id for one in study.proposals])
    return study


def _read_discussion(document: Document, fields: dict[str, JsonValue], folder: Path) -> DiscussionStudy:
    stimulus = fields.get("stimulus")
    if stimulus is not None:
        fields["stimulus"] = _with_id(stimulus, _letter(0))
    if fields.get("guide") is not None:
        fields["guide"] = _guide_of(document, fields["guide"], folder)
    return validate(DiscussionStudy, document._replace(value=fields), fields)


def _read_hypothesis(document: Document, fields: dict[str, JsonValue]) -> HypothesisStudy:
    if "question" in fields:
        _rename(document, fields, "question", "wordings")
        fields["wordings"] = [fields["wordings"]]
    return validate(HypothesisStudy, document._replace(value=fields), fields)


def _read_survey(document: Document, fields: dict[str, JsonValue]) -> SurveyStudy:
    questions = fields.get("questions")
    if isinstance(questions, list):
        fields["questions"] = [
            _with_labels(document, at, _with_id(one, f"q{at}")) for at, one in enumerate(questions, start=1)
        ]
    return validate(SurveyStudy, document._replace(value=fields), fields)


def _with_labels(document: Document, at: int, question: JsonValue) -> JsonValue:
    """A scale given by `points`, `low` and `high` with the labels that they stand for."""
    if not isinstance(question, dict) or question.get("type") != "scale" or "labels" in question:
        return question
    points, low, high = (question.get(name) for name in ("points", "low", "high"))
    if not isinstance(points, int) or not isinstance(low, str) or not isinstance(high, str):
        return question
    if not 2 <= points <= MOST_POINTS:
        place = ("questions", at - 1, "points")
        where = f"{document.where(place)}: {path_text(place)}"
        raise InputError(f"{where}: found {points}, expected 2 to {MOST_POINTS}")
    middle = [str(point) for point in range(2, points)]
    kept = {name: value for name, value in question.items() if name not in ("points", "low", "high")}
    return {**kept, "labels": [f"1, {low}", *middle, f"{points}, {high}"]}


def _read_concepts(document: Document, fields: dict[str, JsonValue]) -> ConceptTest:
    """A concept may be its description alone; `concepts` are the study's stimuli."""
    if "concepts" not in fields:
        return _read_with_stimuli(ConceptTest, document, fields)
    _rename(document, fields, "concepts", "stimuli")
    concepts = fields["stimuli"]
    fields["stimuli"] = [concepts] if isinstance(concepts, str | dict) else concepts
    return _read_with_stimuli(ConceptTest, document, fields)


def _rename(document: Document, fields: dict[str, JsonValue], found: str, meant: str) -> None:
    """The field `found` under the name `meant`. InputError if both are there."""
    if meant in fields:
        where = f"{document.where((found,))}: {found}"
        raise InputError(f"{where}: found `{meant}` too, which means the same, expected one of them")
    fields[meant] = fields.pop(found)


def _read_interview(document: Document, fields: dict[str, JsonValue], folder: Path) -> InterviewStudy:
    fields["guide"] = _guide_of(document, fields.get("guide"), folder)
    return validate(InterviewStudy, document._replace(value=fields), fields)


def _guide_of(document: Document, guide: JsonValue, folder: Path) -> JsonValue:
    """A guide by its name or path, or as it stands in the study."""
    if not isinstance(guide, str):
        return _with_question_ids(guide)
    if not is_path(guide) and guide not in list_guides():
        raise unknown_id(document, ("guide",), guide, "guide", list_guides())
    return read_guide(guide, beside=folder).model_dump(mode="json")


def _with_question_ids(guide: JsonValue) -> JsonValue:
    if not isinstance(guide, dict) or not isinstance(questions := guide.get("questions"), list):
        return guide
    return {**guide, "questions": [_with_id(question, f"q{at}") for at, question in enumerate(questions, 1)]}


def _with_id(item: JsonValue, name: str) -> JsonValue:
    """A text as `{id, text}`; fields without an id get one; the rest is left for validation to refuse."""
    if isinstance(item, str):
        return {"id": name, "text": item}
    return {"id": name, **item} if isinstance(item, dict) else item


def _letter(at: int) -> str:
    return string.ascii_lowercase[at] if at < len(string.ascii_lowercase) else f"s{at + 1}"


def _check_unique(document: Document, field: str, ids: list[str]) -> None:
    for at, found in enumerate(ids):
        if found in ids[:at]:
            place = (field, at)
            where = f"{document.where(place)}: {path_text(place)}"
            raise InputError(f"{where}: the id {found!r} appears twice, expected it once")
