"""Reading benchmarks: the folders of `evals/` that hold a `benchmark.yaml`, with their data and prompts."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from panelsim.errors import InputError, NeedsData
from panelsim.files.document import parse_document
from panelsim.files.faults import did_you_mean, validate
from panelsim.files.folders import folders, read_text
from panelsim.files.profiles import shown
from panelsim.files.tables import read_table
from panelsim.model.benchmark import Benchmark, Reference
from panelsim.model.table import Table

FILE = "benchmark.yaml"


def list_benchmarks() -> tuple[str, ...]:
    """Names of the benchmarks at hand: one's own in `evals/`, then the shipped ones."""
    found = {path.parent.name for folder in folders("evals") for path in folder.glob(f"*/{FILE}")}
    return tuple(sorted(found))


def benchmark_folder(name_or_path: str) -> Path:
    """The folder of a benchmark by name, or by a path to it or to its `benchmark.yaml`."""
    given = Path(name_or_path)
    if given.name == FILE and given.is_file():
        return given.parent
    if (given / FILE).is_file():
        return given
    for folder in folders("evals"):
        if (folder / name_or_path / FILE).is_file():
            return folder / name_or_path
    known = list_benchmarks()
    hint = did_you_mean(name_or_path, known)
    raise InputError(f"there is no benchmark {name_or_path!r}, expected one of {', '.join(known)}{hint}")


def read_benchmark(folder: Path) -> Benchmark:
    """The benchmark in `folder`, whose name must be its id. Raises `InputError` with file and line."""
    document = parse_document(read_text(folder / FILE), shown(folder / FILE))
    benchmark = validate(Benchmark, document, document.value)
    if benchmark.id != folder.resolve().name:
        where = document.where(("id",))
        raise InputError(f"{where}: id: found {benchmark.id!r}, expected the folder's name, {folder.name!r}")
    return benchmark


def read_rows(benchmark: Benchmark, folder: Path) -> tuple[dict[str, str], ...]:
    """The rows of the benchmark's data file; empty if it has none. Raises `InputError` for a ragged row."""
    if not benchmark.data:
        return ()
    path = folder / benchmark.data
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""), strict=True)
    rows: list[dict[str, str]] = []
    try:
        for row in reader:
            if None in row or None in row.values():
                where = f"{shown(path)}, line {reader.line_num}"
                raise InputError(f"{where}: the row has another number of cells than the head")
            rows.append(row)
    except csv.Error as error:
        raise InputError(f"{shown(path)}, line {reader.line_num}: not CSV: {error}") from error
    return tuple(rows)


def has_reference(benchmark: Benchmark, data: Path | None) -> bool:
    """Whether the answers of people that the benchmark needs are in `data`; true if it needs none."""
    return (
        benchmark.reference is None or _reference_folder(benchmark.id, benchmark.reference, data) is not None
    )


def read_reference(benchmark: Benchmark, data: Path | None) -> tuple[Table, ...]:
    """The tables of the benchmark's reference, from `data/NAME` or `data` itself; none if it needs none.

    Raises `NeedsData` that says what is expected and where it comes from if a file is not there, `InputError`
    if `data` is no folder or a file cannot be read.
    """
    reference = benchmark.reference
    if reference is None:
        return ()
    if data is not None and not data.is_dir():
        raise InputError(f"{data} is no folder, expected the one that holds the data of evaluations")
    folder = _reference_folder(benchmark.id, reference, data)
    if folder is None:
        looked = "no folder was named" if data is None else f"not in {data / benchmark.id} or {data}"
        raise NeedsData(
            f"benchmark {benchmark.id!r} needs data that do not ship: {reference.what}. Expected "
            f"{' and '.join(reference.files)} in the folder that --data or PANELSIM_EVAL_DATA names "
            f"({looked}). Source: {reference.source}. Terms: {reference.licence}"
        )
    return tuple(read_table(folder / name) for name in reference.files)


def _reference_folder(name: str, reference: Reference, data: Path | None) -> Path | None:
    """Where all files of the reference are; None if they are nowhere."""
    places = () if data is None else (data / name, data)
    return next((one for one in places if all((one / file).is_file() for file in reference.files)), None)


def read_own_prompts(folder: Path) -> Mapping[str, str]:
    """Prompt files that the benchmark brings, by their path below its folder `prompts` without suffix."""
    root = folder / "prompts"
    return {
        path.relative_to(root).with_suffix("").as_posix(): read_text(path)
        for path in sorted(root.rglob("*"))
        if path.suffix in (".md", ".yaml") and path.is_file()
    }
