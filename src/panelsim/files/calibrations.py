"""Reading and writing calibration files: JSON that names the hash of its own content."""

from pathlib import Path

from pydantic import ValidationError

from panelsim.errors import InputError
from panelsim.files.folders import read_text
from panelsim.files.profiles import shown
from panelsim.model.base import Frozen
from panelsim.model.calibration import Calibration


class _Stored(Frozen):
    """The file: the content hash, and what it is of."""

    key: str
    calibration: Calibration


def read_calibration(path: Path) -> Calibration:
    """The calibration in a JSON file that `panelsim calibrate` wrote. InputError if it is none."""
    name = shown(path)
    if path.is_dir():
        raise InputError(f"{name}: found a folder, expected the file that `panelsim calibrate` wrote in it")
    if not path.is_file():
        raise InputError(f"{name}: there is no such file, expected one that `panelsim calibrate` wrote")
    return calibration_in(read_text(path), name)


def calibration_in(text: str, name: str) -> Calibration:
    """The calibration in a file's text; `name` is what errors call it. InputError if it is none."""
    try:
        return parse_calibration(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InputError(
            f"{name}: no calibration file of this form ({place}: {first['msg']}); expected one that "
            "`panelsim calibrate` wrote"
        ) from error
    except ValueError as error:
        raise InputError(f"{name}: {error}") from error


def parse_calibration(text: str) -> Calibration:
    """The calibration in a file's text. ValueError if its content is not what its own hash says."""
    stored = _Stored.model_validate_json(text)
    if stored.calibration.key != stored.key:
        raise ValueError(
            f"its content has the hash {stored.calibration.key}, expected the {stored.key} that it names: it "
            "was changed after it was made; make it again with `panelsim calibrate`"
        )
    return stored.calibration


def calibration_text(calibration: Calibration) -> str:
    """The text of a calibration file: the content hash, and what it is of."""
    return (
        _Stored(key=calibration.key, calibration=calibration).model_dump_json(indent=1, by_alias=True) + "\n"
    )
