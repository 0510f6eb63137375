"""Events of runs: one growing row of them per run, for whoever watches from another process."""

from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import func, insert, select

from panelsim.model.progress import Event
from panelsim.store.database import Database
from panelsim.store.records import StoredEvent
from panelsim.store.runs import now_text
from panelsim.store.tables import events

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


class Events:
    """The events of a store's runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append_event(self, run_id: str, event: Event) -> int:
        """Adds an event and returns its number; whoever has seen it has seen all that have a smaller one."""
        last = select(func.coalesce(func.max(events.c.seq), 0)).where(events.c.run_id == run_id)
        with self._database.write() as connection:
            self._database.queue_up(connection, f"events {run_id}")
            seq: int = connection.execute(last).scalar_one() + 1
            row = {"run_id": run_id, "seq": seq, "at": now_text(), "event": event.model_dump_json()}
            connection.execute(insert(events).values(row))
        return seq

    def last_event(self, run_id: str) -> int:
        """The number of a run's newest event; 0 if it has none."""
        with self._database.read() as connection:
            last = select(func.coalesce(func.max(events.c.seq), 0)).where(events.c.run_id == run_id)
            return int(connection.execute(last).scalar_one())

    def events(self, run_id: str, after: int = 0, limit: int = 1000) -> tuple[StoredEvent, ...]:
        """The first `limit` events of a run whose number is greater than `after`, in their order."""
        query = (
            select(events)
            .where(events.c.run_id == run_id, events.c.seq > after)
            .order_by(events.c.seq)
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return tuple(
            StoredEvent(row.seq, datetime.fromisoformat(row.at), _EVENT.validate_json(row.event))
            for row in rows
        )
