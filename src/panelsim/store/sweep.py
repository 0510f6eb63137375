"""The sweep: runs that ended long ago, and the completions that no run which stays was answered with."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, exists, func, select

from panelsim.errors import RunBusy
from panelsim.model.progress import ENDED
from panelsim.store.claims import claim
from panelsim.store.database import READING, Database
from panelsim.store.records import Swept, asks_of, attempts_of
from panelsim.store.tables import (
    blocks,
    completions,
    deliveries,
    documents,
    estimates,
    events,
    failures,
    leases,
    parts,
    requests,
    runs,
    uses,
)

BLOCKS_AT_ONCE = 5000
"""In one transaction, so that nobody who writes waits for long."""

OF_A_RUN = (failures, parts, events, estimates, leases, requests, deliveries)
"""What is deleted with a run; what it spent stays in the books."""


class _Old(NamedTuple):
    runs: tuple[str, ...]
    cut_ms: int


def sweep(database: Database, cut: datetime, *, dry_run: bool) -> Swept:
    """Deletes runs that ended before `cut`, then completions made before it that no other run needs.

    A completion is needed if its maker stays, if a run that stays used one of its maker's, or if a run stays
    that does not tell what it used. Runs that another process drives stay. With `dry_run` it only counts.
    """
    with ExitStack() as claims:
        old = _Old(_old_runs(database, cut, claims), int(cut.timestamp() * 1000))
        counted = _count(database, old)
        if not dry_run:
            _delete_runs(database, old.runs)
            _delete_blocks(database, _Old((), old.cut_ms))
    if not dry_run and (counted.runs or counted.completions):
        _shrink(database)
    return counted


def _old_runs(database: Database, cut: datetime, claims: ExitStack) -> tuple[str, ...]:
    query = select(runs.c.id, runs.c.finished_at).where(runs.c.state.in_(sorted(ENDED)))
    with database.read() as connection:
        rows = connection.execute(query.order_by(runs.c.id)).all()
    old = []
    for run_id, finished_at in rows:
        if finished_at is None or datetime.fromisoformat(finished_at) >= cut:
            continue
        try:
            claims.enter_context(claim(database, run_id))
        except RunBusy:
            continue
        old.append(run_id)
    return tuple(old)


def _unneeded(old: _Old) -> ColumnElement[bool]:
    stays = runs.c.id.not_in(old.runs)
    made_by_a_kept_run = exists().where(runs.c.id == blocks.c.run_id, stays)
    used_by_a_kept_run = exists().where(uses.c.maker == blocks.c.run_id, uses.c.run_id == runs.c.id, stays)
    one_does_not_tell = exists().where(runs.c.tells_uses.is_(False), stays)
    return (blocks.c.made_at < old.cut_ms) & ~made_by_a_kept_run & ~used_by_a_kept_run & ~one_does_not_tell


def _count(database: Database, old: _Old) -> Swept:
    ids = select(blocks.c.id).where(_unneeded(old))
    said = select(func.count(), func.coalesce(func.sum(func.length(completions.c.said)), 0)).where(
        completions.c.block.in_(ids)
    )
    calls = select(func.coalesce(func.sum(func.length(blocks.c.calls)), 0)).where(_unneeded(old))
    with database.read() as connection:
        n, size = connection.execute(said).one()
        return Swept(old.runs, n, int(size) + int(connection.execute(calls).scalar_one()))


def _delete_runs(database: Database, run_ids: tuple[str, ...]) -> None:
    with database.write() as connection:
        for run_id in run_ids:
            for table in OF_A_RUN:
                connection.execute(delete(table).where(table.c.run_id == run_id))
            connection.execute(delete(uses).where(uses.c.run_id == run_id))
            kinds = (asks_of(run_id), attempts_of(run_id))
            connection.execute(delete(documents).where(documents.c.kind.in_(kinds)))
            connection.execute(delete(runs).where(runs.c.id == run_id))


def _delete_blocks(database: Database, old: _Old) -> None:
    some = select(blocks.c.id).where(_unneeded(old)).order_by(blocks.c.id).limit(BLOCKS_AT_ONCE)
    found: Sequence[int] = (0,)
    while found:
        with database.write() as connection:
            if database.is_shared:
                # nobody may begin to use what is being deleted: whoever is about to, waits and looks again
                connection.exec_driver_sql("LOCK TABLE completions, uses IN SHARE ROW EXCLUSIVE MODE")
            found = connection.execute(some).scalars().all()
            connection.execute(delete(completions).where(completions.c.block.in_(found)))
            connection.execute(delete(blocks).where(blocks.c.id.in_(found)))


def _shrink(database: Database) -> None:
    """Gives the space back: to the disk on SQLite, to the next rows on a server."""
    options = {"isolation_level": "AUTOCOMMIT"} if database.is_shared else {READING: True}
    with database.sentences(), database.engine.execution_options(**options).connect() as connection:
        for table in ("completions", "blocks") if database.is_shared else ("",):
            connection.exec_driver_sql(f"VACUUM {table}")
