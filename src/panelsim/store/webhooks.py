"""Webhooks in the store: where an account wants to be told, and the secrets that sign it."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, RowMapping, delete, func, insert, select, tuple_, update

from panelsim.store.database import Database
from panelsim.store.records import Webhook
from panelsim.store.runs import now_text
from panelsim.store.tables import webhooks

OWN = ""
"""In place of an address: the account's own secret, which signs the callbacks of its runs."""


class Webhooks:
    """The webhooks of a store. No method but those for sending reaches another account's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_webhook(self, webhook: Webhook, most: int) -> Webhook | None:
        """Keeps a webhook, or finds the one of that id; None if the account has `most` already."""
        row = _row_of(webhook)
        mine = (webhooks.c.account == webhook.account, webhooks.c.url != OWN)
        with self._database.write() as connection:
            self._database.queue_up(connection, f"webhooks {webhook.account}")
            kept = connection.execute(select(webhooks).where(webhooks.c.id == webhook.id)).mappings().first()
            if kept is not None:
                return _webhook_of(kept)
            count: int = connection.execute(select(func.count()).where(*mine)).scalar_one()
            if count >= most:
                return None
            connection.execute(insert(webhooks).values(row))
        return webhook

    def own_webhook(self, made: Webhook) -> Webhook:
        """The row of an account's own secret, which is `made` if there is none yet."""
        row = _row_of(made) | {"url": OWN}
        mine = select(webhooks).where(webhooks.c.account == made.account, webhooks.c.url == OWN)
        with self._database.read() as connection:
            kept = connection.execute(mine).mappings().first()
        if kept is not None:
            return _webhook_of(kept)
        with self._database.write() as connection:
            self._database.queue_up(connection, f"webhooks {made.account}")
            kept = connection.execute(mine).mappings().first()
            if kept is None:
                connection.execute(insert(webhooks).values(row))
        return made if kept is None else _webhook_of(kept)

    def webhooks(
        self, account: str, limit: int = 1000, *, after: Sequence[str] | None = None
    ) -> tuple[Webhook, ...]:
        """At most `limit` webhooks of an account, oldest first; `after`: after (created_at, id) there."""
        query = select(webhooks).where(webhooks.c.account == account, webhooks.c.url != OWN)
        if after is not None:
            query = query.where(tuple_(webhooks.c.created_at, webhooks.c.id) > tuple(after))
        with self._database.read() as connection:
            found = connection.execute(query.order_by(webhooks.c.created_at, webhooks.c.id).limit(limit))
            return tuple(_webhook_of(row) for row in found.mappings())

    def webhook(self, account: str, webhook_id: str) -> Webhook | None:
        """A webhook of this account; None if there is none."""
        with self._database.read() as connection:
            row = connection.execute(select(webhooks).where(*_mine(account, webhook_id))).mappings().first()
        return None if row is None else _webhook_of(row)

    def rotate_webhook(self, account: str, webhook_id: str, secret: str) -> Webhook | None:
        """Gives a webhook, or the account itself, another secret; the one before is kept beside it."""
        change = update(webhooks).where(webhooks.c.account == account, webhooks.c.id == webhook_id)
        values = {"old_secret": webhooks.c.secret, "secret": secret, "rotated_at": now_text()}
        query = select(webhooks).where(webhooks.c.account == account, webhooks.c.id == webhook_id)
        with self._database.write() as connection:
            connection.execute(change.where(webhooks.c.secret != secret).values(values))
            row = connection.execute(query).mappings().first()
        return None if row is None else _webhook_of(row)

    def drop_webhook(self, account: str, webhook_id: str) -> bool:
        """Deletes a webhook; False if there is none."""
        with self._database.write() as connection:
            return connection.execute(delete(webhooks).where(*_mine(account, webhook_id))).rowcount == 1

    def disable_webhook(self, webhook_id: str) -> None:
        """Sends it nothing more: its receiver said that it is gone."""
        alive = (webhooks.c.id == webhook_id) & webhooks.c.disabled_at.is_(None)
        with self._database.write() as connection:
            connection.execute(update(webhooks).where(alive).values(disabled_at=now_text()))


def _mine(account: str, webhook_id: str) -> tuple[ColumnElement[bool], ...]:
    return (webhooks.c.account == account, webhooks.c.id == webhook_id, webhooks.c.url != OWN)


def _row_of(webhook: Webhook) -> dict[str, str | None]:
    return {
        "id": webhook.id,
        "account": webhook.account,
        "url": webhook.url,
        "events": " ".join(webhook.events),
        "secret": webhook.secret,
        "created_at": webhook.created_at.isoformat(),
    }


def _webhook_of(row: RowMapping) -> Webhook:
    return Webhook.model_validate(dict(row) | {"events": tuple(row["events"].split())})
