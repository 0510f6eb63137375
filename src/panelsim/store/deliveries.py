"""Deliveries in the store: one message for each end of a run and receiver, kept until it has arrived."""

import time
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    Connection,
    RowMapping,
    Update,
    delete,
    func,
    insert,
    select,
    true,
    tuple_,
    update,
)

from panelsim.model.progress import ENDED
from panelsim.store.database import Database
from panelsim.store.records import Attempt, Delivery, DeliveryState, RunHead, attempts_of
from panelsim.store.runs import HEAD, now_text
from panelsim.store.tables import deliveries, documents, requests, runs

MOST_ATTEMPTS = 50
"""Attempts to send a message that are kept: a message may be replayed without end."""


class NewDelivery(NamedTuple):
    """A message to one receiver."""

    id: str
    webhook: str
    """Empty: the callback of the run's request."""
    url: str
    kind: str
    body: str


class Due(NamedTuple):
    """A message that this process alone may send now."""

    id: str
    account: str
    webhook: str
    run_id: str
    url: str
    body: str
    attempts: int
    """This one included: who ends it names it, so that one who was given up on ends nothing."""


class Attempted(NamedTuple):
    """What came of an attempt."""

    state: DeliveryState
    status: int | None
    error: str
    wait_s: float = 0.0
    """Until the next one."""
    made: Attempt | None = None
    """How it went; absent if nobody was called."""


class Deliveries:
    """The deliveries of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- messages are made

    def owe_end(self, run_id: str) -> None:
        """Lets the end of a run be told that is driven once more without being queued."""
        with self._database.write() as connection:
            connection.execute(update(requests).where(requests.c.run_id == run_id).values(owes=True))

    def untold_ends(self, limit: int) -> tuple[RunHead, ...]:
        """At most `limit` runs of requests that have ended and of which nobody was told yet."""
        query = (
            select(*HEAD)
            .join(requests, requests.c.run_id == runs.c.id)
            .where(requests.c.owes == true())  # as the index has it
            .where(runs.c.state.in_(sorted(ENDED)))
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(RunHead.model_validate(row) for row in rows)

    def tell_end(self, head: RunHead, made: Sequence[NewDelivery]) -> bool:
        """Keeps the messages of a run's end, once; False if it was told already or the run went on."""
        ended = select(runs.c.finished_at).where(runs.c.id == head.id).with_for_update()
        owing = update(requests).where(requests.c.run_id == head.id, requests.c.owes == true())
        created, now = now_text(), _now()
        with self._database.write() as connection:
            row = connection.execute(ended).one_or_none()
            if row is None or row.finished_at is None:
                return False
            if datetime.fromisoformat(row.finished_at) != head.finished_at:
                return False
            if connection.execute(owing.values(owes=False)).rowcount != 1:
                return False
            for one in made:
                values = {
                    **one._asdict(),
                    "account": head.account,
                    "run_id": head.id,
                    "state": "pending",
                    "attempts": 0,
                    "next_at": now,
                    "error": "",
                    "created_at": created,
                }
                connection.execute(insert(deliveries).values(values))
        return True

    # --- messages are sent

    def next_due_s(self) -> float | None:
        """Seconds until the next message is due, 0 or less if one is; None if none is pending."""
        query = select(deliveries.c.next_at).where(deliveries.c.state == "pending")
        with self._database.read() as connection:
            at = connection.execute(query.order_by(deliveries.c.next_at).limit(1)).scalar_one_or_none()
        return None if at is None else (at - _now()) / 1000

    def claim_due(self, limit: int, lease_s: float, *, busy: Collection[str] = ()) -> tuple[Due, ...]:
        """Takes at most `limit` messages that are due, none of the accounts `busy`.

        Nobody else gets them for `lease_s` seconds, after which they are due again: whoever took them died.
        """
        now = _now()
        query = (
            select(deliveries)
            .where(deliveries.c.state == "pending", deliveries.c.next_at <= now)
            .where(deliveries.c.account.not_in(sorted(busy)))
            .order_by(deliveries.c.next_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        with self._database.write() as connection:
            rows = connection.execute(query).mappings().all()
            taken = update(deliveries).where(deliveries.c.id.in_([row["id"] for row in rows]))
            values = {"attempts": deliveries.c.attempts + 1, "next_at": now + round(lease_s * 1000)}
            if rows:
                connection.execute(taken.values(values))
        return tuple(
            Due(**{name: row[name] for name in Due._fields} | {"attempts": row["attempts"] + 1})
            for row in rows
        )

    def end_attempt(self, due: Due, came: Attempted) -> bool:
        """Keeps what came of an attempt; False if it was given up on meanwhile."""
        values = {"state": came.state, "status": came.status, "error": came.error}
        times = {
            "next_at": _now() + round(came.wait_s * 1000),
            "delivered_at": now_text() if came.state == "delivered" else None,
        }
        with self._database.write() as connection:
            is_held = connection.execute(_held(due).values(values | times)).rowcount == 1
            if came.made is not None:
                self._keep_attempt(connection, due, came.made)
        return is_held

    def _keep_attempt(self, connection: Connection, due: Due, made: Attempt) -> None:
        """Adds an attempt to those of its message, of which the last ones are kept."""
        kind = attempts_of(due.run_id)
        mine = (documents.c.account == due.account, documents.c.kind == kind, documents.c.id == due.id)
        self._database.queue_up(connection, f"attempts {due.id}")
        if connection.execute(select(deliveries.c.id).where(deliveries.c.id == due.id)).first() is None:
            return  # its run was swept away meanwhile
        newest = select(func.coalesce(func.max(documents.c.version), 0)).where(*mine)
        version: int = connection.execute(newest).scalar_one() + 1
        row = {
            "account": due.account,
            "kind": kind,
            "id": due.id,
            "version": version,
            "created_at": now_text(),
            "body": made.model_dump_json(),
        }
        connection.execute(insert(documents).values(row))
        connection.execute(delete(documents).where(*mine, documents.c.version <= version - MOST_ATTEMPTS))

    def release(self, due: Due) -> None:
        """Gives a message back that was taken and not sent."""
        values = {"attempts": deliveries.c.attempts - 1, "next_at": _now()}
        with self._database.write() as connection:
            connection.execute(_held(due).values(values))

    # --- messages are looked at

    def deliveries_of(
        self, account: str, limit: int, *, before: Sequence[str] | None = None, state: str = ""
    ) -> tuple[Delivery, ...]:
        """At most `limit` deliveries of an account, newest first; `before`: after (created_at, id) there."""
        query = select(deliveries).where(deliveries.c.account == account)
        if before is not None:
            query = query.where(tuple_(deliveries.c.created_at, deliveries.c.id) < tuple(before))
        if state:
            query = query.where(deliveries.c.state == state)
        query = query.order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            return tuple(_delivery_of(row) for row in connection.execute(query).mappings())

    def delivery(self, account: str, delivery_id: str) -> Delivery | None:
        """A delivery of this account; None if there is none."""
        query = select(deliveries).where(deliveries.c.id == delivery_id, deliveries.c.account == account)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else _delivery_of(row)

    def attempts_to_send(self, delivery: Delivery) -> tuple[Attempt, ...]:
        """The last attempts to send a message, newest first, those before a replay too."""
        mine = (documents.c.account == delivery.account, documents.c.id == delivery.id)
        query = select(documents.c.body).where(*mine, documents.c.kind == attempts_of(delivery.run_id))
        with self._database.read() as connection:
            bodies = connection.execute(query.order_by(documents.c.version.desc())).scalars().all()
        return tuple(Attempt.model_validate_json(body) for body in bodies)

    def replay(self, account: str, delivery_id: str) -> bool:
        """Lets a message that is not pending be sent again, with all its attempts; False if it is pending."""
        change = update(deliveries).where(
            deliveries.c.id == delivery_id, deliveries.c.account == account, deliveries.c.state != "pending"
        )
        values = {"state": "pending", "attempts": 0, "next_at": _now(), "delivered_at": None}
        with self._database.write() as connection:
            return connection.execute(change.values(values)).rowcount == 1


def _held(due: Due) -> Update:
    return update(deliveries).where(
        deliveries.c.id == due.id, deliveries.c.state == "pending", deliveries.c.attempts == due.attempts
    )


def _delivery_of(row: RowMapping) -> Delivery:
    return Delivery.model_validate(dict(row))


def _now() -> int:
    return round(time.time() * 1000)
