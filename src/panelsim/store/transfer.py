"""Export and import: what is in a store as JSON, one self-describing line each, in bounded memory."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import lru_cache
from itertools import groupby
from typing import Annotated, Literal, NamedTuple, TypeAlias

import orjson
from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy import Connection, RowMapping, Table, select

from panelsim import __version__
from panelsim.errors import InputError, StoreError
from panelsim.keys import canonical_json, content_key
from panelsim.model.base import Frozen
from panelsim.model.call import Call, Completion
from panelsim.model.progress import Wish
from panelsim.store.batch import Batch
from panelsim.store.coding import CODER, Damaged, check, key_of
from panelsim.store.database import Database
from panelsim.store.records import Run
from panelsim.store.runs import row_of, run_of
from panelsim.store.tables import (
    blocks,
    completions,
    estimates,
    events,
    failures,
    leases,
    parts,
    prompt_sets,
    runs,
    spends,
    uses,
)

FORMAT = 1
"""Of the lines; a file with a higher one is refused."""
LINES_AT_ONCE = 1000
OF_A_RUN: dict[str, Table] = {
    table.name: table for table in (failures, parts, events, estimates, leases, spends, uses)
}
Cells: TypeAlias = dict[str, str | int | bool]


class HeadLine(Frozen):
    """The first line of a file."""

    kind: Literal["store"] = "store"
    format: int = FORMAT
    version: str = __version__
    """Of the panelsim that wrote it."""


class PromptsLine(Frozen):
    """A set of prompt files."""

    kind: Literal["prompts"] = "prompts"
    hash: str
    texts: dict[str, str]


class RunLine(Frozen):
    """A run with all that is kept of it but its completions."""

    kind: Literal["run"] = "run"
    run: Run
    wish: Wish
    tells_uses: bool
    rows: dict[str, tuple[Cells, ...]]
    """Rows of other tables, by the table's name."""


class CompletionLine(Frozen):
    """A completion with its call."""

    kind: Literal["completion"] = "completion"
    key: str
    made_at: int
    """Milliseconds since 1970."""
    made_by: str
    """The id of a run; empty if no run made it."""
    call: Call
    completion: Completion


Line: TypeAlias = Annotated[HeadLine | PromptsLine | RunLine | CompletionLine, Field(discriminator="kind")]
_LINE: TypeAdapter[Line] = TypeAdapter(Line)


class Moved(NamedTuple):
    """What was written to a file, or found in one."""

    runs: int
    completions: int


# --- out


def export_lines(database: Database) -> Iterator[bytes]:
    """The whole store, a JSON line each: prompt files, runs, completions. Raises `StoreError` if damaged."""
    yield HeadLine().model_dump_json().encode()
    with database.read() as connection:
        for row in connection.execute(select(prompt_sets)).all():
            yield PromptsLine(hash=row.hash, texts=orjson.loads(row.texts)).model_dump_json().encode()
        for run_id in connection.execute(select(runs.c.id).order_by(runs.c.created_at)).scalars().all():
            yield _run_line(connection, run_id).model_dump_json().encode()
    yield from _completion_lines(database)


def _run_line(connection: Connection, run_id: str) -> RunLine:
    row = connection.execute(select(runs).where(runs.c.id == run_id)).mappings().one()
    rows = {
        name: tuple(
            dict(found)
            for found in connection.execute(select(table).where(table.c.run_id == run_id)).mappings()
        )
        for name, table in OF_A_RUN.items()
    }
    return RunLine(run=run_of(row), wish=row["wish"], tells_uses=row["tells_uses"], rows=rows)


def _completion_lines(database: Database) -> Iterator[bytes]:
    with database.stream() as rows, database.read() as others:

        @lru_cache(maxsize=16)
        def block_of(number: int) -> tuple[list[bytes], RowMapping]:
            block = others.execute(select(blocks).where(blocks.c.id == number)).mappings().one()
            return CODER.calls(block["calls"]), block

        with closing(rows.execute(select(completions))) as found:
            for row in found.mappings():
                calls, block = block_of(row["block"])
                yield _completion_line(row, calls, block, database.place)


def _completion_line(row: RowMapping, calls: Sequence[bytes], block: RowMapping, place: str) -> bytes:
    key = key_of(row["form"], row["head"], row["tail"])
    try:
        check(key, row["said"], row["digest"])
        said = CODER.unpack(row["said"]).model_dump_json().encode()
        call = calls[row["place"]]
    except (Damaged, IndexError) as error:
        raise StoreError(
            f"the completion {key} in the store {place} is damaged ({error}); `panelsim store verify` names "
            "all that are, `panelsim store verify --drop` removes them"
        ) from error
    return b'{"kind":"completion","key":"%b","made_at":%d,"made_by":%b,"call":%b,"completion":%b}' % (
        str(key).encode(),
        block["made_at"],
        orjson.dumps(block["run_id"]),
        call,
        said,
    )


# --- in


def import_lines(database: Database, lines: Iterable[bytes], source: str) -> Moved:
    """Adds what is not there yet; returns what the lines held. Raises `InputError` that names a bad line.

    Each completion's key is derived anew from its call. What came before a bad line is kept.
    """
    n_runs = n_completions = 0
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    for kind, group in groupby((_read(line, number, source) for number, line in numbered), key=type):
        if kind is CompletionLine:
            some: list[CompletionLine] = []
            for one in group:
                if isinstance(one, CompletionLine):
                    some.append(one)
                if len(some) == LINES_AT_ONCE:
                    _add_completions(database, some)
                    n_completions += len(some)
                    some = []
            _add_completions(database, some)
            n_completions += len(some)
            continue
        for one in group:
            n_runs += isinstance(one, RunLine)
            _add(database, one)
    return Moved(n_runs, n_completions)


def _read(line: bytes, number: int, source: str) -> Line:
    place = f"{source}, line {number}"
    try:
        read = _LINE.validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise InputError(
            f"{place} is not a line of a store's export: {where or 'it'}: {first['msg']}"
        ) from None
    if number == 1 and not isinstance(read, HeadLine):
        raise InputError(f'{place} is not the head of a store\'s export: expected "kind":"store"')
    if isinstance(read, HeadLine) and read.format > FORMAT:
        raise InputError(f"{place} has format {read.format} and this panelsim reads up to {FORMAT}")
    if isinstance(read, CompletionLine) and read.call.key != read.key:
        raise InputError(f"{place} has the key {read.key}, but its call gives {read.call.key}")
    if isinstance(read, PromptsLine) and content_key("prompts1", dict(read.texts)) != read.hash:
        raise InputError(f"{place} has the hash {read.hash}, but its texts do not give it")
    if isinstance(read, RunLine) and (wrong := _wrong_cells(read)):
        raise InputError(f"{place}: {wrong}")
    return read


def _wrong_cells(line: RunLine) -> str:
    for name, rows in line.rows.items():
        if name not in OF_A_RUN:
            return f"no table {name!r} is kept of a run; expected one of {sorted(OF_A_RUN)}"
        expected = set(OF_A_RUN[name].c.keys())
        for row in rows:
            if set(row) != expected or row["run_id"] != line.run.id:
                return f"a row of {name!r} is not one of run {line.run.id!r} with {sorted(expected)}"
    return ""


def _add(database: Database, line: Line) -> None:
    with database.write() as connection:
        if isinstance(line, PromptsLine):
            row = {"hash": line.hash, "texts": canonical_json(dict(line.texts))}
            connection.execute(database.insert_new(prompt_sets).values(row))
        if isinstance(line, RunLine):
            _add_run(connection, database, line)


def _add_run(connection: Connection, database: Database, line: RunLine) -> None:
    run_row = row_of(line.run) | {"wish": line.wish, "tells_uses": line.tells_uses}
    if not database.add_new(connection, runs, run_row):
        return  # what is kept of a run belongs together: the one that is here goes on as it is
    for name, rows in line.rows.items():
        for row in rows:
            connection.execute(database.insert_new(OF_A_RUN[name]).values(row))


def _add_completions(database: Database, lines: Sequence[CompletionLine]) -> None:
    with database.write() as connection:
        for made_at, of_block in groupby(lines, key=lambda line: line.made_at):
            batch = Batch(database.place, made_at)
            for line in of_block:
                batch.place(line.key, line.made_by, line.call, line.completion)
            batch.write(connection, database)
