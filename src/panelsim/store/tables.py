"""The tables of the store, and the number of their form."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    true,
)

SCHEMA_VERSION = 3
"""Raised with every change to the tables below, with a migration; a store with a higher one is refused."""

metadata = MetaData()

Serial = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit number; on SQLite the row's own, so that rows in its order are written one after the other."""

schema_version = Table(
    "schema_version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
)

completions = Table(
    "completions",
    metadata,
    Column("head", BigInteger, primary_key=True, autoincrement=False),  # the digest's first 8 bytes
    Column("tail", LargeBinary, nullable=False),  # its other 24 bytes
    Column("form", SmallInteger, nullable=False),  # the number in the key's prefix: 1 for call1
    Column("block", BigInteger, nullable=False),
    Column("place", SmallInteger, nullable=False),  # of the call in the block
    Column("digest", LargeBinary, nullable=False),  # of `said` and the key: the key only covers the call
    Column("said", LargeBinary, nullable=False),
)

blocks = Table(
    "blocks",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=False),
    Column("run_id", String, nullable=False),  # who had them made; empty if no run did
    Column("made_at", BigInteger, nullable=False),  # milliseconds since 1970
    Column("calls", LargeBinary, nullable=False),
)

uses = Table(
    "uses",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("maker", String, primary_key=True),  # the run whose completions it was answered with
)

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("wish", String, nullable=False),
    Column("account", String, nullable=False),
    Column("study", String, nullable=False),  # its id; this and the next two are told without the body
    Column("kind", String, nullable=False),
    Column("model", String, nullable=False),
    Column("created_at", String, nullable=False),
    Column("finished_at", String),
    Column("tells_uses", Boolean, nullable=False),  # whether `uses` has all that it used
    Column("body", LargeBinary, nullable=False),  # the rest of the run, as compressed JSON
)
runs_by_account = Index("runs_by_account", runs.c.account, runs.c.created_at, runs.c.id)

prompt_sets = Table(
    "prompt_sets",
    metadata,
    Column("hash", String, primary_key=True),
    Column("texts", Text, nullable=False),
)

failures = Table(
    "failures",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("session", String, primary_key=True),
    Column("reason", Text, nullable=False),
)

parts = Table(
    "parts",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("progress", Text, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    Column("event", Text, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("holder", String, primary_key=True),
    Column("leased", BigInteger, nullable=False),  # picodollars, as all money here
    Column("spent", BigInteger, nullable=False),
    Column("is_open", Boolean, nullable=False),
)

spends = Table(
    "spends",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("holder", String, primary_key=True),
    Column("day", String, primary_key=True),  # UTC
    Column("model", String, primary_key=True),  # empty for money spent without a completion
    Column("account", String, nullable=False),
    Column("calls", BigInteger, nullable=False),
    Column("pico", BigInteger, nullable=False),
    Column("unsettled_pico", BigInteger, nullable=False),
)

buckets = Table(
    "buckets",
    metadata,
    Column("name", String, primary_key=True),
    Column("permits", Double, nullable=False),
    Column("at", Double, nullable=False),  # seconds since 1970
)

estimates = Table(
    "estimates",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("text", Text, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("account", String, nullable=False),  # whose runs and profiles it reaches
    Column("name", String, nullable=False),
    Column("prefix", String, nullable=False),  # the secret's beginning, to tell keys apart
    Column("digest", String, nullable=False, unique=True),  # SHA-256 of the secret, which is not kept
    Column("scopes", String, nullable=False),  # separated by blanks
    Column("rpm", Integer, nullable=False),
    Column("cap", BigInteger),  # picodollars a month; none: no cap
    Column("created_at", String, nullable=False),
    Column("revoked_at", String),
)

requests = Table(
    "requests",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("callback_url", String, nullable=False),  # empty: none
    Column("reserved", BigInteger, nullable=False),  # picodollars that the run may spend at most
    Column("at", BigInteger, nullable=False),  # milliseconds since 1970: when it was last set aside
    Column("owes", Boolean, nullable=False),  # whether the run's end is still to be told to webhooks
    Column("body", Text, nullable=False),  # what a view of the run says of its request, as JSON
)
requests_by_account = Index("requests_by_account", requests.c.account)
# runs under way, and no others: they are looked through every second
requests_owing = Index(
    "requests_owing",
    requests.c.run_id,
    sqlite_where=requests.c.owes == true(),
    postgresql_where=requests.c.owes == true(),
)

replies = Table(
    "replies",
    metadata,
    Column("account", String, primary_key=True),
    Column("key", String, primary_key=True),  # the Idempotency-Key
    Column("fingerprint", String, nullable=False),  # of method, path and body
    Column("subject", String, nullable=False),  # the id of what the request makes, chosen before it is made
    Column("status", Integer),  # absent while the request is under way
    Column("body", Text, nullable=False),
    Column("at", BigInteger, nullable=False),  # milliseconds since 1970: begun, or ended
)

documents = Table(
    "documents",
    metadata,
    Column("account", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("created_at", String, nullable=False),
    Column("body", Text, nullable=False),  # JSON
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("url", String, nullable=False),  # empty: the account's own, which signs its runs' callbacks
    Column("events", String, nullable=False),  # kinds, separated by blanks
    Column("secret", String, nullable=False),  # signing needs it whole
    Column("old_secret", String),  # the one before, which signs too for a while after...
    Column("rotated_at", String),  # ...this
    Column("created_at", String, nullable=False),
    Column("disabled_at", String),
)
webhooks_by_account = Index("webhooks_by_account", webhooks.c.account)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String, primary_key=True),  # the webhook-id: the same for every attempt
    Column("account", String, nullable=False),
    Column("webhook", String, nullable=False),  # empty: the callback of the run's request
    Column("run_id", String, nullable=False),
    Column("url", String, nullable=False),
    Column("kind", String, nullable=False),  # of the event
    Column("body", Text, nullable=False),
    Column("state", String, nullable=False),  # pending, delivered, dead
    Column("attempts", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),  # milliseconds since 1970; while sent: when it is given up
    Column("status", Integer),  # of the last answer; absent if none came
    Column("error", Text, nullable=False),
    Column("created_at", String, nullable=False),
    Column("delivered_at", String),
)
deliveries_due = Index("deliveries_due", deliveries.c.state, deliveries.c.next_at)
deliveries_by_account = Index(
    "deliveries_by_account", deliveries.c.account, deliveries.c.created_at, deliveries.c.id
)
deliveries_by_run = Index("deliveries_by_run", deliveries.c.run_id)

alembic_version = Table(
    "alembic_version",
    metadata,
    Column("version_num", String(32), primary_key=True),
)
