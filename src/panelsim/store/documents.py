"""Documents in the store: what accounts keep by kind, id and version, as JSON."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, func, insert, select, tuple_

from panelsim.store.database import Database
from panelsim.store.runs import now_text
from panelsim.store.tables import documents


class Document(NamedTuple):
    """One version of what an account keeps."""

    kind: str
    id: str
    version: int
    created_at: str
    body: str
    """JSON."""


class Documents:
    """The documents of a store. No method reaches another account's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_document(
        self, account: str, kind: str, doc_id: str, body: str, *, after: int | None = None
    ) -> Document | None:
        """Keeps `body` as the next version of a document, 1 if it is new.

        With `after` only if the newest version is that one, 0 for none; None, and nothing is kept, otherwise.
        """
        mine = _mine(account, kind, doc_id)
        with self._database.write() as connection:
            self._database.queue_up(connection, f"documents {account} {kind} {doc_id}")
            newest = select(func.coalesce(func.max(documents.c.version), 0)).where(*mine)
            before: int = connection.execute(newest).scalar_one()
            if after is not None and before != after:
                return None
            version = before + 1
            made = Document(kind, doc_id, version, now_text(), body)
            connection.execute(insert(documents).values(made._asdict() | {"account": account}))
        return made

    def document(self, account: str, kind: str, doc_id: str, version: int | None = None) -> Document | None:
        """A document in its newest version, or in that one; None if there is none."""
        query = select(documents).where(*_mine(account, kind, doc_id))
        if version is not None:
            query = query.where(documents.c.version == version)
        query = query.order_by(documents.c.version.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Document(row.kind, row.id, row.version, row.created_at, row.body)

    def documents(self, account: str, kind: str, limit: int, after: str = "") -> tuple[Document, ...]:
        """The newest version of at most `limit` documents whose id comes after that one, by id."""
        newest = (
            select(documents.c.id, func.max(documents.c.version).label("version"))
            .where(documents.c.account == account, documents.c.kind == kind, documents.c.id > after)
            .group_by(documents.c.id)
            .order_by(documents.c.id)
            .limit(limit)
            .subquery()
        )
        query = (
            select(documents)
            .join(newest, (documents.c.id == newest.c.id) & (documents.c.version == newest.c.version))
            .where(documents.c.account == account, documents.c.kind == kind)
            .order_by(documents.c.id)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return tuple(Document(row.kind, row.id, row.version, row.created_at, row.body) for row in rows)

    def document_ids(self, account: str, kind: str) -> tuple[str, ...]:
        """The ids of an account's documents of a kind, in order."""
        query = select(documents.c.id).where(documents.c.account == account, documents.c.kind == kind)
        with self._database.read() as connection:
            return tuple(connection.execute(query.distinct().order_by(documents.c.id)).scalars())

    def newest_documents(
        self, account: str, kind: str, limit: int, before: tuple[str, str] | None = None
    ) -> tuple[Document, ...]:
        """As `documents`, those that changed last first; `before`: those after (created_at, id) there."""
        newest = (
            select(documents.c.id, func.max(documents.c.version).label("version"))
            .where(documents.c.account == account, documents.c.kind == kind)
            .group_by(documents.c.id)
            .subquery()
        )
        query = (
            select(documents)
            .join(newest, (documents.c.id == newest.c.id) & (documents.c.version == newest.c.version))
            .where(documents.c.account == account, documents.c.kind == kind)
            .order_by(documents.c.created_at.desc(), documents.c.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(tuple_(documents.c.created_at, documents.c.id) < before)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return tuple(Document(row.kind, row.id, row.version, row.created_at, row.body) for row in rows)

    def versions(
        self, account: str, kind: str, doc_id: str, limit: int, before: int | None = None
    ) -> tuple[Document, ...]:
        """At most `limit` versions of a document, newest first, only those `before` that one if given."""
        query = select(documents).where(*_mine(account, kind, doc_id))
        if before is not None:
            query = query.where(documents.c.version < before)
        query = query.order_by(documents.c.version.desc()).limit(limit)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return tuple(Document(row.kind, row.id, row.version, row.created_at, row.body) for row in rows)

    def drop_document(self, account: str, kind: str, doc_id: str) -> bool:
        """Deletes all versions of a document; False if there is none. Runs keep what they were made with."""
        with self._database.write() as connection:
            return connection.execute(delete(documents).where(*_mine(account, kind, doc_id))).rowcount > 0


def _mine(account: str, kind: str, doc_id: str) -> tuple[ColumnElement[bool], ...]:
    return (documents.c.account == account, documents.c.kind == kind, documents.c.id == doc_id)
