"""Form 2: keys in bytes, completions packed, calls in blocks; parts, events, money and permits of runs.

Everything of form 1 is kept under the same keys. A completion whose digest did not fit gets one that cannot
fit, so that verification still names it.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from alembic import op

from panelsim.model.call import Completion
from panelsim.store.coding import CODER, PLAIN, Key, digest_of, read_key

revision = "0002"
down_revision = "0001"

CALLS_PER_BLOCK = 64
WRONG_DIGEST = bytes(8)
BODY = ("study", "panel", "sources", "asking")

OLD_COMPLETIONS = sa.table(
    "completions", *(sa.column(name) for name in ("key", "call", "completion", "digest", "created_at"))
)


def upgrade() -> None:
    """Makes the tables of form 2, moves what was there, and drops the tables of form 1."""
    _make_new_tables()
    _make_changed_tables()
    connection = op.get_bind()
    _move_completions(connection)
    _move_runs(connection)
    for name in ("failures", "runs", "completions"):
        op.drop_table(name)
        op.rename_table(f"{name}_2", name)
    op.execute("UPDATE schema_version SET version = 2")


def _name(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.String, primary_key=True)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.String, nullable=False)


def _long(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str, *, is_key: bool = False) -> "sa.Column[int]":
    if is_key:
        return sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=False)
    return sa.Column(name, sa.BigInteger, nullable=False)


def _part() -> "sa.Column[int]":
    return sa.Column("part", sa.Integer, primary_key=True, autoincrement=False)


def _bytes(name: str) -> "sa.Column[bytes]":
    return sa.Column(name, sa.LargeBinary, nullable=False)


def _flag(name: str) -> "sa.Column[bool]":
    return sa.Column(name, sa.Boolean, nullable=False)


def _make_new_tables() -> None:
    serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "blocks",
        sa.Column("id", serial, primary_key=True, autoincrement=False),
        _text("run_id"),
        _number("made_at"),
        _bytes("calls"),
    )
    op.create_table("uses", _name("run_id"), _name("maker"))
    op.create_table("parts", _name("run_id"), _part(), _long("progress"))
    op.create_table("events", _name("run_id"), _number("seq", is_key=True), _text("at"), _long("event"))
    op.create_table(
        "leases", _name("run_id"), _name("holder"), _number("leased"), _number("spent"), _flag("is_open")
    )
    op.create_table(
        "spends",
        *(_name(name) for name in ("run_id", "holder", "day", "model")),
        _text("account"),
        *(_number(name) for name in ("calls", "pico", "unsettled_pico")),
    )
    op.create_table(
        "buckets",
        _name("name"),
        sa.Column("permits", sa.Double, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
    )
    op.create_table("estimates", _name("run_id"), _long("text"))


def _make_changed_tables() -> None:
    op.create_table(
        "completions_2",
        _number("head", is_key=True),
        _bytes("tail"),
        sa.Column("form", sa.SmallInteger, nullable=False),
        _number("block"),
        sa.Column("place", sa.SmallInteger, nullable=False),
        _bytes("digest"),
        _bytes("said"),
    )
    op.create_table(
        "runs_2",
        _name("id"),
        *(_text(name) for name in ("state", "wish", "account", "study", "kind", "model", "created_at")),
        sa.Column("finished_at", sa.String),
        _flag("tells_uses"),
        _bytes("body"),
    )
    op.create_table("failures_2", _name("run_id"), _part(), _name("session"), _long("reason"))


def _move_completions(connection: sa.Connection) -> None:
    old = OLD_COMPLETIONS
    keys = connection.execute(sa.select(old.c.key).order_by(old.c.created_at)).scalars().all()
    add_block = sa.text("INSERT INTO blocks (id, run_id, made_at, calls) VALUES (:id, '', :made_at, :calls)")
    add_rows = sa.text(
        "INSERT INTO completions_2 (head, tail, form, block, place, digest, said) "
        "VALUES (:head, :tail, :form, :block, :place, :digest, :said)"
    )
    for number, start in enumerate(range(0, len(keys), CALLS_PER_BLOCK)):
        some = keys[start : start + CALLS_PER_BLOCK]
        rows = connection.execute(sa.select(old).where(old.c.key.in_(some))).mappings().all()
        # what has no key that a call can have was never found and is left behind
        known = [(key, row) for row in rows if (key := read_key(row["key"])) is not None]
        if not known:
            continue
        made_at = min(int(datetime.fromisoformat(row["created_at"]).timestamp() * 1000) for _, row in known)
        block = (made_at << 21) | (number & 0x1FFFFF)
        calls = CODER.block([row["call"].replace("\n", " ").encode() for _, row in known])
        connection.execute(add_block, {"id": block, "made_at": made_at, "calls": calls})
        moved = [_moved(key, row, block, place) for place, (key, row) in enumerate(known)]
        connection.execute(add_rows, moved)


def _moved(key: Key, row: sa.RowMapping, block: int, place: int) -> dict[str, int | bytes]:
    text: str = row["completion"]
    fits = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() == row["digest"]
    try:
        said = CODER.pack(Completion.model_validate_json(text))
    except ValueError:
        said, fits = PLAIN + text.encode("utf-8", "replace"), False
    return {
        "head": key.head,
        "tail": key.tail,
        "form": key.form,
        "block": block,
        "place": place,
        "digest": digest_of(key, said) if fits else WRONG_DIGEST,
        "said": said,
    }


def _move_runs(connection: sa.Connection) -> None:
    add = sa.text(
        "INSERT INTO runs_2 (id, state, wish, account, study, kind, model, created_at, finished_at, "
        "tells_uses, body) VALUES (:id, :state, 'run', 'local', :study, :kind, :model, :created_at, "
        ":finished_at, :tells_uses, :body)"
    )
    for row in _old_runs(connection):
        body = {name: json.loads(row[name]) for name in BODY} | {
            "version": row["version"],
            "prompts_hash": row["prompts_hash"],
        }
        packed = CODER.squeeze(json.dumps(body, ensure_ascii=False).encode())
        columns = {name: row[name] for name in ("id", "state", "created_at", "finished_at")}
        model = body["asking"]["model"]
        told = {
            "study": body["study"]["id"],
            "kind": body["study"]["kind"],
            "model": f"{model['provider']}/{model['name']}",
        }
        connection.execute(add, columns | told | {"tells_uses": True, "body": packed})
    # who made a completion was not kept: all runs may have used what anybody made
    op.execute("INSERT INTO uses (run_id, maker) SELECT id, '' FROM runs")
    op.execute(
        "INSERT INTO failures_2 (run_id, part, session, reason) "
        "SELECT run_id, 0, session, reason FROM failures"
    )


def _old_runs(connection: sa.Connection) -> Iterator[sa.RowMapping]:
    for run_id in connection.execute(sa.text("SELECT id FROM runs")).scalars().all():
        yield (
            connection.execute(sa.text("SELECT * FROM runs WHERE id = :id"), {"id": run_id}).mappings().one()
        )
