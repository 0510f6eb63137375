"""Money and rates that all processes share: leases under a run's cap, what was spent, and token buckets."""

import time

from sqlalchemy import Connection, case, func, select, text, update

from panelsim.store.database import Database
from panelsim.store.records import Spender, Spending, Spent
from panelsim.store.tables import buckets, leases, spends

LONGEST_REFILL_S = 60.0
"""A bucket is refilled for no longer at once, whatever a clock says."""


class Ledger:
    """The money and the permits of a store's runs. All money is in picodollars."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lease(self, spender: Spender, wanted: int, cap: int) -> int:
        """Grants at most `wanted`, so that what the run has spent and may still spend stays within `cap`.

        0 if nothing is left. Exact across processes: an open lease counts as spent, whatever became of its
        holder.
        """
        with self._database.write() as connection:
            self._database.queue_up(connection, f"money {spender.run_id}")
            granted = max(0, min(wanted, cap - self._exposed(connection, spender.run_id)))
            if granted:
                self._grant(connection, spender, granted)
        return granted

    def _exposed(self, connection: Connection, run_id: str) -> int:
        """What is spent, and what open leases allow."""
        rows = connection.execute(select(leases).where(leases.c.run_id == run_id)).all()
        return sum(max(row.leased, row.spent) if row.is_open else row.spent for row in rows)

    def _grant(self, connection: Connection, spender: Spender, granted: int) -> None:
        # a holder that spent before it leased anything, or closed its lease, starts from what it has spent
        row = {**spender._asdict(), "leased": granted, "spent": 0, "is_open": True}
        start = case(
            (leases.c.is_open & (leases.c.leased > leases.c.spent), leases.c.leased), else_=leases.c.spent
        )
        connection.execute(
            self._database.insert(leases)
            .values(row)
            .on_conflict_do_update(
                index_elements=["run_id", "holder"], set_={"leased": start + granted, "is_open": True}
            )
        )

    def close_lease(self, spender: Spender) -> None:
        """Gives back what was leased and not spent."""
        mine = (leases.c.run_id == spender.run_id) & (leases.c.holder == spender.holder)
        with self._database.write() as connection:
            connection.execute(update(leases).where(mine).values(is_open=False, leased=leases.c.spent))

    def spent(self, run_id: str) -> Spent:
        """What a run has cost, and what it may have cost beyond that."""
        sums = select(
            func.coalesce(func.sum(spends.c.calls), 0), func.coalesce(func.sum(spends.c.pico), 0)
        ).where(spends.c.run_id == run_id)
        with self._database.read() as connection:
            calls, pico = connection.execute(sums).one()
            exposed = self._exposed(connection, run_id)
        return Spent(int(calls), int(pico), max(0, exposed - int(pico)))

    def spending(self, account: str | None = None, since: str = "") -> tuple[Spending, ...]:
        """What was spent by day, account, model and run, in that order.

        `account`: by that one alone; `since`: on days from that one on (UTC, `2026-11-23`).
        """
        wanted = spends.c.day >= since
        if account is not None:
            wanted = wanted & (spends.c.account == account)
        by = (spends.c.day, spends.c.account, spends.c.model, spends.c.run_id)
        sums = (func.sum(spends.c.calls), func.sum(spends.c.pico), func.sum(spends.c.unsettled_pico))
        with self._database.read() as connection:
            rows = connection.execute(select(*by, *sums).where(wanted).group_by(*by).order_by(*by)).all()
        return tuple(
            Spending(day, account, model, run_id, int(calls), int(pico), int(unsettled))
            for day, account, model, run_id, calls, pico, unsettled in rows
        )

    def take_permits(self, bucket: str, wanted: int, per_minute: float, burst: float) -> int:
        """Takes at most `wanted` whole permits from a bucket that all processes share.

        It holds at most `burst` and gains `per_minute` a minute. A clock that jumps gives at most a minute's
        permits and takes none.
        """
        mine = buckets.c.name == bucket
        with self._database.write() as connection:
            now = self._now(connection)
            row = {"name": bucket, "permits": burst, "at": now}
            connection.execute(self._database.insert_new(buckets).values(row))
            found = connection.execute(select(buckets).where(mine).with_for_update()).one()
            # on a server, another process may have taken its turn since
            now = self._now(connection)
            elapsed = min(max(now - found.at, 0.0), LONGEST_REFILL_S)
            permits = min(burst, found.permits + elapsed * per_minute / 60)
            granted = max(0, min(wanted, int(permits)))
            change = update(buckets).where(mine).values(permits=permits - granted, at=now)
            connection.execute(change)
        return granted

    def _now(self, connection: Connection) -> float:
        """Seconds since 1970 by the one clock that all have in common."""
        if self._database.is_shared:
            query = text("SELECT extract(epoch FROM clock_timestamp())::float8")
            return float(connection.execute(query).scalar_one())
        return time.time()
