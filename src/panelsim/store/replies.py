"""Replies in the store: what a request with an Idempotency-Key was answered, so that it is done once."""

import time
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, select, update

from panelsim.store.database import Database
from panelsim.store.tables import replies


class Reply(NamedTuple):
    """What is known of a request under its key."""

    fingerprint: str
    """Of method, path and body."""
    subject: str
    """The id of what the request makes, chosen beforehand: whoever goes on after a crash makes the same."""
    status: int | None
    """Absent while the request is under way."""
    body: str
    at: float
    """Seconds since 1970: when it was begun, or ended."""


class Replies:
    """The replies of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin_reply(self, account: str, key: str, fingerprint: str, subject: str) -> Reply | None:
        """Takes the key for a new request; what is known of it instead if it was taken before."""
        row = {
            "account": account,
            "key": key,
            "fingerprint": fingerprint,
            "subject": subject,
            "status": None,
            "body": "",
            "at": _now(),
        }
        with self._database.write() as connection:
            if self._database.add_new(connection, replies, row):
                return None
        return self.reply(account, key) or self.begin_reply(account, key, fingerprint, subject)

    def reply(self, account: str, key: str) -> Reply | None:
        """What is known under a key; None if nothing is."""
        with self._database.read() as connection:
            row = connection.execute(select(replies).where(*_mine(account, key))).one_or_none()
        return (
            None if row is None else Reply(row.fingerprint, row.subject, row.status, row.body, row.at / 1000)
        )

    def take_over_reply(self, account: str, key: str, begun_at: float) -> bool:
        """Takes a request over that was begun then and never answered; False if another was quicker."""
        stale = (replies.c.status.is_(None), replies.c.at == round(begun_at * 1000))
        with self._database.write() as connection:
            change = update(replies).where(*_mine(account, key), *stale).values(at=_now())
            return connection.execute(change).rowcount == 1

    def touch_reply(self, account: str, key: str) -> None:
        """Says that a request is still under way, so that nobody takes it over."""
        with self._database.write() as connection:
            change = update(replies).where(*_mine(account, key), replies.c.status.is_(None))
            connection.execute(change.values(at=_now()))

    def end_reply(self, account: str, key: str, status: int, body: str) -> None:
        """Keeps the answer."""
        with self._database.write() as connection:
            change = update(replies).where(*_mine(account, key))
            connection.execute(change.values(status=status, body=body, at=_now()))

    def lapse_reply(self, account: str, key: str) -> None:
        """Marks a request as given up half-way: the next one with its key goes on with the same subject."""
        with self._database.write() as connection:
            connection.execute(update(replies).where(*_mine(account, key)).values(at=0))

    def drop_reply(self, account: str, key: str) -> None:
        """Forgets a request that was refused: nothing was made."""
        with self._database.write() as connection:
            connection.execute(delete(replies).where(*_mine(account, key)))

    def sweep_replies(self, older_than_s: float) -> int:
        """Forgets what was answered longer ago; returns how many."""
        old = replies.c.at < _now() - round(older_than_s * 1000)
        with self._database.write() as connection:
            return connection.execute(delete(replies).where(old)).rowcount


def _mine(account: str, key: str) -> tuple[ColumnElement[bool], ...]:
    return (replies.c.account == account, replies.c.key == key)


def _now() -> int:
    return round(time.time() * 1000)
