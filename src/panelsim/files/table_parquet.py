"""Parquet as a table of text cells, by way of DuckDB."""

from pathlib import Path

from panelsim.errors import InputError
from panelsim.files.table_forms import JOINED_BY
from panelsim.model.table import Table

NESTED = ("STRUCT", "MAP", "UNION")


def read_parquet(path: Path, name: str) -> Table:
    """The table in a Parquet file; a list becomes its texts with semicolons between them.

    InputError if DuckDB is not installed, the file is no Parquet, or a column has parts of its own.
    """
    try:
        import duckdb
    except ModuleNotFoundError as error:
        raise InputError("Parquet needs DuckDB; install it with: pip install 'panelsim[analysis]'") from error
    with duckdb.connect(config={"threads": "1", "autoinstall_known_extensions": "false"}) as duck:
        try:
            described = duck.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
            kinds = {str(one[0]): str(one[1]) for one in described}
            _refuse_nested(kinds, name)
            wanted = ", ".join(_as_text(column, kind) for column, kind in kinds.items())
            query = f"SELECT {wanted} FROM read_parquet(?)"  # noqa: S608 - names of columns, quoted
            rows = duck.execute(query, [str(path)]).fetchall()
        except duckdb.Error as error:
            said = str(error).splitlines()[0]
            raise InputError(f"{name}: the file cannot be read as Parquet: {said}") from error
    cells = [
        ["" if cell is None else str(cell).strip() for cell in column] for column in zip(*rows, strict=True)
    ]
    return Table(name, dict(zip(kinds, cells or [[] for _ in kinds], strict=True)), range(1, len(rows) + 1))


def _refuse_nested(kinds: dict[str, str], name: str) -> None:
    for column, kind in kinds.items():
        if kind.startswith(NESTED) or kind.endswith("[][]"):
            raise InputError(
                f"{name}: column {column!r}: found {kind}, "
                "expected texts, numbers, truth values or lists of texts"
            )


def _as_text(column: str, kind: str) -> str:
    quoted = '"' + column.replace('"', '""') + '"'
    return f"array_to_string({quoted}, '{JOINED_BY}')" if kind.endswith("[]") else f"{quoted}::VARCHAR"
