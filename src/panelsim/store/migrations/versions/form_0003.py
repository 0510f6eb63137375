"""Form 3: keys of the API, what was asked with them, documents of accounts, webhooks and their deliveries."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Makes the tables that the service needs; nothing that was there changes."""
    op.create_index("runs_by_account", "runs", ["account", "created_at", "id"])
    op.create_table(
        "api_keys",
        _name("id"),
        *(_text(name) for name in ("account", "name", "prefix")),
        sa.Column("digest", sa.String, nullable=False, unique=True),
        _text("scopes"),
        sa.Column("rpm", sa.Integer, nullable=False),
        sa.Column("cap", sa.BigInteger),
        _text("created_at"),
        sa.Column("revoked_at", sa.String),
    )
    op.create_table(
        "requests",
        _name("run_id"),
        _text("account"),
        _text("callback_url"),
        sa.Column("reserved", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("owes", sa.Boolean, nullable=False),
        _long("body"),
    )
    op.create_index("requests_by_account", "requests", ["account"])
    owing = sa.column("owes", sa.Boolean) == sa.true()
    op.create_index("requests_owing", "requests", ["run_id"], sqlite_where=owing, postgresql_where=owing)
    op.create_table(
        "replies",
        _name("account"),
        _name("key"),
        _text("fingerprint"),
        _text("subject"),
        sa.Column("status", sa.Integer),
        _long("body"),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "documents",
        *(_name(name) for name in ("account", "kind", "id")),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        _text("created_at"),
        _long("body"),
    )
    _make_webhooks()
    op.execute("UPDATE schema_version SET version = 3")


def _make_webhooks() -> None:
    op.create_table(
        "webhooks",
        _name("id"),
        *(_text(name) for name in ("account", "url", "events", "secret")),
        *(sa.Column(name, sa.String) for name in ("old_secret", "rotated_at")),
        _text("created_at"),
        sa.Column("disabled_at", sa.String),
    )
    op.create_index("webhooks_by_account", "webhooks", ["account"])
    op.create_table(
        "deliveries",
        _name("id"),
        *(_text(name) for name in ("account", "webhook", "run_id", "url", "kind")),
        _long("body"),
        _text("state"),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Integer),
        _long("error"),
        _text("created_at"),
        sa.Column("delivered_at", sa.String),
    )
    op.create_index("deliveries_due", "deliveries", ["state", "next_at"])
    op.create_index("deliveries_by_account", "deliveries", ["account", "created_at", "id"])
    op.create_index("deliveries_by_run", "deliveries", ["run_id"])


def _name(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.String, primary_key=True)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.String, nullable=False)


def _long(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False)
