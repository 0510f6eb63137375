"""Options that hold two sides, as they are typed: `Employees=headcount`."""

from collections.abc import Mapping, Sequence

from panelsim.errors import InputError


def pairs_in(typed: Sequence[str], option: str, example: str) -> list[tuple[str, str]]:
    """The two sides of each; the last = parts them. InputError if one has not two sides."""
    found = []
    for one in typed:
        left, _, right = one.rpartition("=")
        if not left.strip() or not right.strip():
            raise InputError(f"{option} {one}: expected two sides, such as {example}")
        found.append((left.strip(), right.strip()))
    return found


def mapping(typed: Sequence[str]) -> Mapping[str, str]:
    """What `--map` says: a column and the field it holds. InputError if a column is mapped twice."""
    found: dict[str, str] = {}
    for column, field in pairs_in(typed, "--map", "Employees=headcount"):
        if column in found:
            raise InputError(f"--map {column}={field}: the column {column!r} is mapped twice, expected once")
        found[column] = field
    return found
