"""Form 1: completions as text under their whole key, runs as one column per part."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes the tables of form 1."""
    op.create_table(
        "schema_version",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "completions",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("call", sa.Text, nullable=False),
        sa.Column("completion", sa.Text, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("created_at", sa.String, nullable=False),
    )
    texts = [sa.Column(name, sa.Text, nullable=False) for name in ("study", "panel", "sources", "asking")]
    op.create_table(
        "runs",
        sa.Column("id", sa.String, primary_key=True),
        *texts,
        sa.Column("state", sa.String, nullable=False),
        sa.Column("created_at", sa.String, nullable=False),
        sa.Column("finished_at", sa.String),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("prompts_hash", sa.String, nullable=False),
    )
    op.create_table(
        "prompt_sets",
        sa.Column("hash", sa.String, primary_key=True),
        sa.Column("texts", sa.Text, nullable=False),
    )
    op.create_table(
        "failures",
        sa.Column("run_id", sa.String, sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("session", sa.String, primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.execute("INSERT INTO schema_version (id, version) VALUES (1, 1)")
