"""The tables of the store, and the version of their form."""

from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, Text

SCHEMA_VERSION = 1
"""Raised with every change to the tables below; a store with a higher one is refused."""

metadata = MetaData()

schema_version = Table(
    "schema_version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
)

completions = Table(
    "completions",
    metadata,
    Column("key", String, primary_key=True),
    Column("call", Text, nullable=False),
    Column("completion", Text, nullable=False),
    Column("digest", String, nullable=False),  # of the completion's text: the key only covers the call
    Column("created_at", String, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("study", Text, nullable=False),
    Column("panel", Text, nullable=False),
    Column("sources", Text, nullable=False),
    Column("asking", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("created_at", String, nullable=False),
    Column("finished_at", String),
    Column("version", String, nullable=False),
    Column("prompts_hash", String, nullable=False),
)

prompt_sets = Table(
    "prompt_sets",
    metadata,
    Column("hash", String, primary_key=True),
    Column("texts", Text, nullable=False),
)

failures = Table(
    "failures",
    metadata,
    Column("run_id", String, ForeignKey("runs.id"), primary_key=True),
    Column("session", String, primary_key=True),
    Column("reason", Text, nullable=False),
)
