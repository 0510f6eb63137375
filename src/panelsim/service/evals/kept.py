"""Evaluations on disk: every run with all that was said, and the scorecard that ships with a recording."""

import re
from pathlib import Path

from pydantic import ValidationError

from panelsim.errors import InputError
from panelsim.model.benchmark import EvalRun, Scorecard
from panelsim.model.call import ModelRef
from panelsim.recording.files import read_lines, write_lines
from panelsim.reporting.figures import in_form
from panelsim.service.evals.prepare import EvalJob, slug

SUFFIX = ".json.zst"
KEPT = re.compile(r"(?P<began>\d+-\d+)-(?P<benchmark>.+?)(?:-(?P<number>\d+))?")
"""The name of a kept evaluation; the second of one benchmark in a second ends in `-2`."""
RESULTS = "results"
EQUAL = 1e-6
"""How far apart two figures may be that are the same."""


def save_run(run: EvalRun, folder: Path) -> tuple[EvalRun, Path]:
    """Keeps `run` in `folder` under an id of its own; returns it with that id."""
    base, number = run.facts.run_id, 1
    name = base
    while (folder / f"{name}{SUFFIX}").exists():
        number += 1
        name = f"{base}-{number}"
    kept = run.model_copy(update={"facts": run.facts.model_copy(update={"run_id": name})})
    path = folder / f"{name}{SUFFIX}"
    write_lines(path, [kept.model_dump_json().encode()])
    return kept, path


def load_run(name: str, folder: Path) -> EvalRun:
    """The run of that id, `last` for the newest, a benchmark's name for its newest, or the path of a file.

    Raises `InputError` if there is none or it cannot be read.
    """
    path = _find(name, folder)
    text = b"\n".join(read_lines(path))
    try:
        return EvalRun.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise InputError(f"{path} is not a kept evaluation: {where}: {first['msg']}") from None


def _find(name: str, folder: Path) -> Path:
    given = Path(name)
    if given.is_file():
        return given
    kept = sorted(folder.glob(f"*{SUFFIX}"))
    exact = folder / f"{name}{SUFFIX}"
    if exact in kept:
        return exact
    mine = [path for path in kept if name in ("last", _parts(path)[1])]
    if mine:
        return max(mine, key=_age)
    known = ", ".join(path.name.removesuffix(SUFFIX) for path in kept[-5:]) or "there are none yet"
    raise InputError(f"there is no evaluation {name!r}, expected a file, `last`, or one of: {known}")


def _parts(path: Path) -> tuple[str, str, int]:
    """When a kept evaluation began, its benchmark, and which of that second it is."""
    found = KEPT.fullmatch(path.name.removesuffix(SUFFIX))
    return ("", "", 1) if found is None else (found["began"], found["benchmark"], int(found["number"] or 1))


def _age(path: Path) -> tuple[str, int, int]:
    """Greater for a newer one; a file system may tell no two times of a few milliseconds apart."""
    began, _, number = _parts(path)
    return began, path.stat().st_mtime_ns, number


# ---- what ships with a recording


def result_file(job: EvalJob) -> Path:
    """Where the scorecard of the job's recording is."""
    return job.folder / RESULTS / f"{slug(job.material.asking.model)}.json"


def write_result(job: EvalJob, scorecard: Scorecard) -> Path:
    """Keeps the scorecard beside the recording that it was made from."""
    path = result_file(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(scorecard.model_dump_json(indent=1, by_alias=True) + "\n", encoding="utf-8")
    return path


def read_result(job: EvalJob) -> Scorecard | None:
    """The scorecard that was kept with the recording; None if there is none."""
    path = result_file(job)
    if not path.is_file():
        return None
    try:
        return Scorecard.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise InputError(f"{path} is not a scorecard: {error.errors()[0]['msg']}") from error


def differences(kept: Scorecard, found: Scorecard) -> tuple[str, ...]:
    """A sentence for each figure that is not the one that was kept."""
    old, new = {one.name: one for one in kept.figures}, {one.name: one for one in found.figures}
    told = []
    for name in dict.fromkeys((*old, *new)):
        a, b = old.get(name), new.get(name)
        if a is None or b is None:
            told.append(f"{name}: {'was not kept' if a is None else 'is gone'}")
            continue
        for what, x, y in (
            ("", a.value, b.value),
            ("'s low end", a.low, b.low),
            ("'s high end", a.high, b.high),
        ):
            if (x is None) != (y is None) or (x is not None and y is not None and abs(x - y) > EQUAL):
                shown = ["none" if one is None else in_form(one, "number") for one in (x, y)]
                told.append(f"{name}{what}: {shown[0]} was kept, {shown[1]} found")
                break
    return tuple(told)


def recorded_refs(folder: Path) -> list[ModelRef]:
    """The models whose scorecards are kept in a benchmark's folder."""
    return [card.facts.model for card in kept_results(folder)]


def kept_results(folder: Path) -> tuple[Scorecard, ...]:
    """The scorecards that are kept in a benchmark's folder."""
    files = sorted((folder / RESULTS).glob("*.json"))
    return tuple(Scorecard.model_validate_json(path.read_bytes()) for path in files)
