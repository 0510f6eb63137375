"""Report files: a report rendered in every format, and the study that repeats it, written to a folder."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import yaml
from pydantic import JsonValue
from yaml.nodes import ScalarNode

from panelsim.calibration.apply import short_key
from panelsim.drawing import Draw
from panelsim.files.calibrations import calibration_text
from panelsim.files.writing import check_folder, whole_file, write_file
from panelsim.model.analysis import Analysis
from panelsim.model.calibration import Calibration
from panelsim.model.report import Report
from panelsim.model.study import MessageTest, Study
from panelsim.reporting.exports import Export
from panelsim.reporting.formats import FORMATS, FormatName, Page
from panelsim.service.outcome import Outcome
from panelsim.service.reports import Tap, origin_of, report_of, table_of

FILES: tuple[FormatName, ...] = ("html", "markdown", "json", "csv", "transcripts")
"""What every report folder holds."""
STUDY = "study.yaml"
HEADER = "# Written by panelsim. It repeats this run: panelsim run study.yaml\n"
"""Marks a study file as ours to overwrite."""
KEPT = "; the run is kept: write it again with `panelsim report last --out FILE`"
_LAST = frozenset({"model", "embedding_model", "base_url", "temperature", "seed", "max_cost_usd"})


class Written(NamedTuple):
    """A report that was written."""

    report: Report
    analysis: Analysis | None
    """Absent for interviews."""
    files: tuple[Path, ...]


def write_report(
    outcome: Outcome, folder: Path, draw: Draw | None, forms: Iterable[FormatName] = FILES
) -> Written:
    """Writes the run's report in each of `forms` and its study into `folder`, each file whole or not at all.

    Tables and transcripts are written while the transcripts are read for the analysis, so a run of any size
    is read once. An interview has no table of answers, so no CSV. A study file that a person wrote is not
    overwritten. Raises `InputError` if the folder cannot be written.
    """
    check_folder(folder)
    study = outcome.job.study
    tables = {"csv": table_of(study)}
    named = (tables.get(name, name) for name in forms)
    wanted = [FORMATS[name] for name in named if name is not None]
    with ExitStack() as files:
        exports = [form for form in wanted if isinstance(form, Export)]
        taps = [files.enter_context(_written(folder / one.file, one, outcome)) for one in exports]
        report, analysis = report_of(outcome, *taps)
    for form in wanted:
        if isinstance(form, Page):
            write_text(folder / form.file, form.render(report, draw))
    place = folder / STUDY
    text = study_yaml(study, folder)
    beside = _write_calibration(study, folder)
    if place.exists() and not _is_ours(place):
        place = folder / f"study-{report.run_id}.yaml"
    written = (*(folder / form.file for form in wanted), write_text(place, text), *beside)
    return Written(report, analysis, written)


def _write_calibration(study: Study, folder: Path) -> tuple[Path, ...]:
    """Writes the calibration that the study names beside it, if it names one."""
    if not isinstance(study, MessageTest) or study.calibration is None:
        return ()
    text = calibration_text(study.calibration)
    return (write_text(folder / calibration_name(study.calibration), text),)


@contextmanager
def _written(path: Path, export: Export, outcome: Outcome) -> Iterator[Tap]:
    """Writes each transcript that is told, and keeps the file if nothing fails until the end."""
    text_of = export.writer(origin_of(outcome))
    with whole_file(path, hint=KEPT) as write:
        write(export.head)
        yield lambda transcript: write(text_of(transcript))


def write_text(path: Path, text: str) -> Path:
    """Writes `text` to `path`, whole or not at all. Raises `InputError` if it cannot be written."""
    return write_pieces(path, (text,))


def write_pieces(path: Path, pieces: Iterable[str]) -> Path:
    """Writes `pieces` to `path`, whole or not at all. Raises `InputError` if it cannot be written."""
    return write_file(path, pieces, hint=KEPT)


def study_yaml(study: Study, folder: Path) -> str:
    """The study as YAML that reads back equal; the path of a panel's file starts at `folder`."""
    fields = _without_blanks(_in_order(study.model_dump(mode="json", exclude_none=True)))
    if isinstance(study, MessageTest) and study.calibration is not None:
        fields["calibration"] = calibration_name(study.calibration)
    prefix, _, name = (
        study.panel.rpartition(":") if study.panel.startswith("persona:") else ("", "", study.panel)
    )
    if name.endswith((".yaml", ".yml")):
        place = os.path.relpath(name, folder.resolve())
        fields["panel"] = f"{prefix}:{place}" if prefix else place
    text: str = yaml.dump(fields, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return HEADER + text


def calibration_name(calibration: Calibration) -> str:
    """The name of a calibration's file beside the study that uses it."""
    return f"calibration-{short_key(calibration)}.json"


def _in_order(fields: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The study's kind first, and how its model is asked last."""
    names = sorted(fields, key=lambda name: (name in _LAST) - (name == "kind"))
    return {name: fields[name] for name in names}


def _without_blanks(fields: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The study's fields less empty texts and the role that every listed stimulus has."""
    kept = {name: value for name, value in fields.items() if value != ""}
    for shown in ("stimuli", "proposals"):
        match kept.get(shown):
            case list(stimuli):
                kept[shown] = [
                    {key: one[key] for key in ("id", "name", "text") if key in one}
                    if isinstance(one, dict)
                    else one
                    for one in stimuli
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
