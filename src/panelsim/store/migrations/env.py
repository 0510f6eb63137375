"""How migrations are run: on the connection, and in the transaction, that the store was opened with."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
