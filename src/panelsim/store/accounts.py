"""Accounts in the store: their API keys, what they asked for, and what they may still spend."""

import time
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import (
    Connection,
    Row,
    RowMapping,
    Select,
    Table,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)

from panelsim.errors import BudgetError
from panelsim.model.progress import ENDED
from panelsim.store.database import Database
from panelsim.store.records import PICO, ApiKey, RunHead, RunRequest
from panelsim.store.runs import HEAD, now_text
from panelsim.store.tables import api_keys, deliveries, leases, requests, runs, spends

LAPSED_S = 3600
"""After so long a reservation without a run counts no more: whoever made it has died."""


class Month(NamedTuple):
    """What an account has done with a month's money, in picodollars."""

    spent: int
    """With what may have been billed beyond it."""
    reserved: int
    """Set aside for runs that have not ended."""


class Accounts:
    """The accounts of a store. An account is whatever keys share: its runs and documents are its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- keys

    def add_api_key(self, key: ApiKey, digest: str) -> None:
        """Keeps a key under the SHA-256 of its secret; the secret itself is never kept."""
        row = key.model_dump(mode="json") | {"scopes": " ".join(key.scopes), "digest": digest}
        with self._database.write() as connection:
            connection.execute(insert(api_keys).values(row))

    def api_key(self, digest: str) -> ApiKey | None:
        """The key whose secret has this SHA-256, revoked or not; None if there is none."""
        query = select(api_keys).where(api_keys.c.digest == digest)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else _key_of(row)

    def api_keys(self) -> tuple[ApiKey, ...]:
        """All keys, oldest first, the revoked ones too."""
        query = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)
        with self._database.read() as connection:
            return tuple(_key_of(row) for row in connection.execute(query).mappings())

    def revoke_api_key(self, key_id: str) -> bool:
        """Ends a key; False if there is none of that id that is alive."""
        alive = (api_keys.c.id == key_id) & api_keys.c.revoked_at.is_(None)
        with self._database.write() as connection:
            ended = connection.execute(update(api_keys).where(alive).values(revoked_at=now_text())).rowcount
        return ended == 1

    # --- the whole

    def states(self) -> tuple[dict[str, int], dict[str, int]]:
        """How many runs, and how many deliveries of webhooks, are in which state."""
        with self._database.read() as connection:
            of_runs, of_deliveries = (
                {row[0]: int(row[1]) for row in connection.execute(_count_of(table))}
                for table in (runs, deliveries)
            )
        return of_runs, of_deliveries

    # --- runs of an account

    def heads_of(
        self,
        account: str,
        limit: int,
        *,
        before: tuple[str, str] | None = None,
        state: str = "",
        kind: str = "",
    ) -> tuple[RunHead, ...]:
        """At most `limit` runs of an account, newest first; `before`: those after (created_at, id) there."""
        query = select(*HEAD).where(runs.c.account == account)
        if before is not None:
            query = query.where(tuple_(runs.c.created_at, runs.c.id) < before)
        if state:
            query = query.where(runs.c.state == state)
        if kind:
            query = query.where(runs.c.kind == kind)
        query = query.order_by(runs.c.created_at.desc(), runs.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(RunHead.model_validate(row) for row in rows)

    def head_of(self, account: str, run_id: str) -> RunHead | None:
        """A run of this account; None if there is none, whoever else has one of that id."""
        query = select(*HEAD).where(runs.c.id == run_id, runs.c.account == account)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else RunHead.model_validate(row)

    def request_of(self, run_id: str) -> RunRequest | None:
        """What was asked for with a run; None for a run that no request made."""
        query = select(requests).where(requests.c.run_id == run_id)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else _request_of(row)

    def requests_of(self, run_ids: tuple[str, ...]) -> dict[str, RunRequest]:
        """As `request_of` of several runs, in one query."""
        query = select(requests).where(requests.c.run_id.in_(run_ids))
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return {row["run_id"]: _request_of(row) for row in rows}

    def save_request(self, request: RunRequest, cap: int | None) -> None:
        """Keeps what was asked for with a run, and sets aside what it may spend.

        Raises `BudgetError` if the account's month could then come to more than `cap` picodollars: what was
        spent since the first of the month (UTC), and what runs that have not ended may still spend. Exact
        across processes: reservations of one account queue up.
        """
        row = request.model_dump() | {"at": round(time.time() * 1000)}
        with self._database.write() as connection:
            if cap is not None:
                self._database.queue_up(connection, f"account {request.account}")
                exposed = sum(self._month_of(connection, request.account))
                if exposed + request.reserved > cap:
                    raise BudgetError(
                        f"the key's monthly cap of ${cap / PICO:.2f} could be passed: ${exposed / PICO:.4f} "
                        f"are spent or set aside this month, and this may spend up to "
                        f"${request.reserved / PICO:.2f}; lower max_cost_usd or raise the cap"
                    )
            # what is owed of a run that is kept already changes with its state only
            adding = self._database.insert(requests).values(row | {"owes": True})
            connection.execute(adding.on_conflict_do_update(index_elements=["run_id"], set_=row))

    def drop_request(self, name: str) -> None:
        """Forgets a request that was for no run; what it spent is in the books."""
        with self._database.write() as connection:
            connection.execute(delete(requests).where(requests.c.run_id == name))

    def exposed_of(self, account: str) -> int:
        """Picodollars that an account has spent this month (UTC), or may still spend in what is under way."""
        with self._database.read() as connection:
            return sum(self._month_of(connection, account))

    def month_of(self, account: str) -> Month:
        """What an account has spent this month (UTC), and what its open runs may still spend."""
        with self._database.read() as connection:
            return self._month_of(connection, account)

    def _month_of(self, connection: Connection, account: str) -> Month:
        month = f"{datetime.now(UTC):%Y-%m}-01"
        mine = (spends.c.account == account) & (spends.c.day >= month)
        spent = connection.execute(
            select(func.coalesce(func.sum(spends.c.pico + spends.c.unsettled_pico), 0)).where(mine)
        ).scalar_one()
        # without a run: it is being made, or there will be none, as for a conversation
        has_no_run = runs.c.id.is_(None) & (requests.c.at > round((time.time() - LAPSED_S) * 1000))
        open_runs: list[Row[tuple[str, int]]] = list(
            connection.execute(
                select(requests.c.run_id, requests.c.reserved)
                .join(runs, runs.c.id == requests.c.run_id, isouter=True)
                .where(requests.c.account == account, runs.c.state.not_in(sorted(ENDED)) | has_no_run)
            )
        )
        used: dict[str, int] = {}
        if open_runs:
            ids = [row.run_id for row in open_runs]
            sums = (
                select(leases.c.run_id, func.sum(leases.c.spent))
                .where(leases.c.run_id.in_(ids))
                .group_by(leases.c.run_id)
            )
            used = {run_id: int(pico) for run_id, pico in connection.execute(sums)}
        left = (max(0, int(row.reserved) - used.get(row.run_id, 0)) for row in open_runs)
        return Month(int(spent), sum(left))


def _count_of(table: Table) -> "Select[str, int]":
    return select(table.c.state, func.count()).group_by(table.c.state)


def _key_of(row: RowMapping) -> ApiKey:
    fields = {name: row[name] for name in ApiKey.model_fields}
    return ApiKey.model_validate(fields | {"scopes": tuple(row["scopes"].split())})


def _request_of(row: RowMapping) -> RunRequest:
    return RunRequest.model_validate({name: row[name] for name in RunRequest.model_fields})
