"""Exports as Parquet, by way of DuckDB: the same lines, with columns for what is counted most."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import orjson

from panelsim.errors import InputError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LARGEST_LINE = 1 << 27
"""Bytes."""
ROWS_AT_ONCE = 1000

WRITE = """
COPY (
    SELECT line->>'kind' AS kind, line->>'key' AS key, (line->>'made_at')::BIGINT AS made_at,
        line->>'made_by' AS made_by, line->>'$.call.model.provider' AS provider,
        line->>'$.call.model.name' AS model, (line->'call')::VARCHAR AS call,
        line->>'$.completion.text' AS text, (line->>'$.completion.cost_usd')::DOUBLE AS cost_usd,
        (line->'completion')::VARCHAR AS completion,
        CASE WHEN line->>'kind' = 'completion' THEN NULL ELSE line::VARCHAR END AS line
    FROM (SELECT json AS line FROM read_ndjson_objects($source, maximum_object_size = $largest))
) TO '{target}' (FORMAT parquet, COMPRESSION zstd)
"""
READ = "SELECT key, made_at, made_by, call, completion, line FROM read_parquet($source)"


def write_parquet(lines: Iterable[bytes], target: Path) -> None:
    """Writes an export's lines, a row each. Raises `InputError` if DuckDB is not installed."""
    connect = _connect()
    with TemporaryDirectory(dir=target.parent, prefix=".panelsim-export-") as folder:
        source = Path(folder) / "lines.jsonl"
        with source.open("wb") as file:
            file.writelines(line + b"\n" for line in lines)
        with connect() as duck:
            statement = WRITE.format(target=str(target).replace("'", "''"))
            duck.execute(statement, {"source": str(source), "largest": LARGEST_LINE})


def read_parquet(source: Path) -> Iterator[bytes]:
    """The lines of an export. Raises `InputError` if DuckDB is not installed, or the file is no export."""
    connect = _connect()
    from duckdb import Error

    with connect() as duck:
        try:
            rows = duck.execute(READ, {"source": str(source)})
            while some := rows.fetchmany(ROWS_AT_ONCE):
                yield from (_line(*row) for row in some)
        except Error as error:
            raise InputError(f"{source} is not an export in Parquet: {str(error).splitlines()[0]}") from error


def _line(key: str, made_at: int, made_by: str, call: str, completion: str, line: str | None) -> bytes:
    if line is not None:
        return line.encode()
    return b'{"kind":"completion","key":%b,"made_at":%d,"made_by":%b,"call":%b,"completion":%b}' % (
        orjson.dumps(key),
        made_at,
        orjson.dumps(made_by),
        call.encode(),
        completion.encode(),
    )


def _connect() -> "Callable[[], DuckDBPyConnection]":
    try:
        import duckdb
    except ModuleNotFoundError as error:
        raise InputError("Parquet needs DuckDB; install it with: pip install 'panelsim[analysis]'") from error
    return lambda: duckdb.connect(config={"threads": "1", "autoinstall_known_extensions": "false"})
