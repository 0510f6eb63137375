"""The form of a store: made, recognised, refused if it is newer, brought up to date."""

from pathlib import Path

from sqlalchemy import Connection, Engine, insert, inspect, select, text

from panelsim.errors import StoreError
from panelsim.store.database import Database, lock_of
from panelsim.store.tables import SCHEMA_VERSION, alembic_version, metadata, schema_version

MIGRATIONS = Path(__file__).parent / "migrations"


def form_of(connection: Connection) -> int:
    """The number of the form of the tables that are there; 0 if there are none."""
    if not inspect(connection).has_table(schema_version.name):
        return 0
    return connection.execute(select(schema_version.c.version)).scalar_one_or_none() or 0


def bring_up_to_date(database: Database) -> int:
    """Makes or migrates the tables; returns the form that was found. Raises `StoreError` if it is newer.

    One process does it and the others wait: a write lock on SQLite, an advisory lock on PostgreSQL.
    """
    with database.read() as connection:
        found = form_of(connection)
    if found == SCHEMA_VERSION:
        return found
    _refuse_newer(found, database.place)
    with database.write() as connection:
        if database.is_shared:
            lock = lock_of("migrate", "")
            connection.execute(text("SELECT pg_advisory_xact_lock(:kind, :name)"), lock)
        found = form_of(connection)  # another process may have been first
        _refuse_newer(found, database.place)
        if found == 0:
            make(connection)
        elif found < SCHEMA_VERSION:
            try:
                migrate(connection)
            except ValueError as error:
                raise StoreError(
                    f"the store {database.place} cannot be brought from form {found} to {SCHEMA_VERSION} "
                    f"({error}); nothing in it was changed"
                ) from error
    if 0 < found < SCHEMA_VERSION and not database.is_shared:
        _shrink(database.engine)
    return found


def make(connection: Connection) -> None:
    """The tables of the present form, in an empty database."""
    metadata.create_all(connection)
    connection.execute(insert(schema_version).values(id=1, version=SCHEMA_VERSION))
    connection.execute(insert(alembic_version).values(version_num=f"{SCHEMA_VERSION:04}"))


def migrate(connection: Connection) -> None:
    """Runs the migrations that are missing, inside the connection's transaction."""
    # dear to import, and most processes never need it
    from alembic import command
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    context = MigrationContext.configure(connection)
    if not context.get_current_heads():
        # form 1 was made without alembic
        context.stamp(ScriptDirectory.from_config(config), f"{form_of(connection):04}")
    command.upgrade(config, "head")


def _refuse_newer(found: int, place: str) -> None:
    if found > SCHEMA_VERSION:
        raise StoreError(
            f"the store {place} has form {found} and this panelsim reads up to {SCHEMA_VERSION}; "
            "upgrade panelsim or choose another store with PANELSIM_STORE"
        )


def _shrink(engine: Engine) -> None:
    with engine.execution_options(panelsim_reading=True).connect() as connection:
        connection.exec_driver_sql("VACUUM")
