"""Report files: a report rendered in every format, and the study that repeats it, written to a folder."""

import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

import yaml
from pydantic import JsonValue
from yaml.nodes import ScalarNode

from panelsim.drawing import Draw
from panelsim.errors import InputError
from panelsim.model.report import Report
from panelsim.model.study import InterviewStudy, MessageTest
from panelsim.reporting.formats import FORMATS, FormatName

FILES: tuple[FormatName, ...] = ("html", "markdown", "json", "csv", "transcripts")
"""What every report folder holds."""
STUDY = "study.yaml"
HEADER = "# Written by panelsim. It repeats this run: panelsim run study.yaml\n"
"""Marks a study file as ours to overwrite."""


def write_report(
    report: Report,
    study: MessageTest | InterviewStudy,
    folder: Path,
    draw: Draw | None,
    forms: Iterable[FormatName] = FILES,
) -> tuple[Path, ...]:
    """Writes the report's files and the study into `folder`, each whole or not at all; returns their paths.

    An interview has no table of answers, so no CSV. A study file that a person wrote is not overwritten.
    Raises `InputError` if the folder cannot be written.
    """
    check_folder(folder)
    wanted = [FORMATS[form] for form in forms if form != "csv" or report.study_kind == "message_test"]
    written = [write_text(folder / form.file, form.render(report, draw)) for form in wanted]
    place = folder / STUDY
    text = study_yaml(study, folder)
    if place.exists() and not _is_ours(place):
        place = folder / f"study-{report.run_id}.yaml"
    return (*written, write_text(place, text))


def check_folder(folder: Path) -> None:
    """Makes `folder` if it is missing. Raises `InputError` if no file can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"--out {folder}: nothing can be written there ({error.strerror}); name another folder"
        ) from error


def write_text(path: Path, text: str) -> Path:
    """Writes `text` to `path`, whole or not at all. Raises `InputError` if it cannot be written."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fresh.write_text(text, encoding="utf-8", newline="")
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise InputError(
            f"{path} cannot be written ({error.strerror}); the run is kept: write it again with "
            "`panelsim report last --out FILE`"
        ) from error
    return path


def study_yaml(study: MessageTest | InterviewStudy, folder: Path) -> str:
    """The study as YAML that reads back equal; the path of a panel's file starts at `folder`."""
    fields = _without_blanks(study.model_dump(mode="json", exclude_none=True))
    prefix, _, name = (
        study.panel.rpartition(":") if study.panel.startswith("persona:") else ("", "", study.panel)
    )
    if name.endswith((".yaml", ".yml")):
        place = os.path.relpath(name, folder.resolve())
        fields["panel"] = f"{prefix}:{place}" if prefix else place
    text: str = yaml.dump(fields, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return HEADER + text


def _without_blanks(fields: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The study's fields less empty texts and the role that every listed stimulus has."""
    kept = {name: value for name, value in fields.items() if value != ""}
    match kept.get("stimuli"):
        case list(stimuli):
            kept["stimuli"] = [
                {"id": one["id"], "text": one["text"]} if isinstance(one, dict) else one for one in stimuli
            ]
    return kept


class _Dumper(yaml.SafeDumper):
    """Quotes every text but plain words, so that none can read back as a number or a truth value."""


def _text(dumper: yaml.SafeDumper, text: str) -> ScalarNode:
    plain = re.fullmatch(r"[a-z][a-z0-9_./-]*", text) is not None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _text)


def _is_ours(path: Path) -> bool:
    return path.read_text(encoding="utf-8", errors="replace").startswith(HEADER.partition(".")[0])
