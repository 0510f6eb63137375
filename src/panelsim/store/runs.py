"""Runs in the store: what was asked, how far it is, what failed, and what somebody wants of it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from difflib import get_close_matches

from pydantic import TypeAdapter
from sqlalchemy import RowMapping, Table, Update, delete, insert, select, update

from panelsim.errors import InputError, StoreError
from panelsim.keys import canonical_json, content_key
from panelsim.model.progress import ENDED, Progress, RunState, Wish
from panelsim.store.coding import CODER
from panelsim.store.database import Database
from panelsim.store.records import Failure, Run, RunHead
from panelsim.store.tables import estimates, failures, parts, prompt_sets, requests, runs

COLUMNS = {"id", "state", "account", "created_at", "finished_at"}
"""Fields of a run that have a column; the rest is its body."""
HEAD = [runs.c[name] for name in RunHead.model_fields]

_TEXTS: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])
_WISH: TypeAdapter[Wish] = TypeAdapter(Wish)


class Runs:
    """The runs of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.place = database.place

    def save_run(self, run: Run) -> None:
        """Stores a new run. Raises `InputError` if its id is taken."""
        with self._database.write() as connection:
            is_new = self._database.add_new(connection, runs, row_of(run))
        if not is_new:
            raise InputError(
                f"run {run.id!r} is in the store {self.place} already; resume it or choose another id"
            )

    def run(self, run_id: str) -> Run:
        """The run with this id. Raises `InputError` if there is none."""
        with self._database.read() as connection:
            row = connection.execute(select(runs).where(runs.c.id == run_id)).mappings().one_or_none()
            known = [] if row else list(connection.execute(select(runs.c.id)).scalars())
        if row is None:
            near = get_close_matches(run_id, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else "; `panelsim runs list` shows those that are"
            raise InputError(f"run {run_id!r} is not in the store {self.place}{hint}")
        return run_of(row)

    def runs(self) -> tuple[Run, ...]:
        """All runs, newest first."""
        query = select(runs).order_by(runs.c.created_at.desc(), runs.c.id.desc())
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(run_of(row) for row in rows)

    def head(self, run_id: str) -> RunHead:
        """One run as a list says it. Raises `InputError` if there is none of that id."""
        with self._database.read() as connection:
            row = connection.execute(select(*HEAD).where(runs.c.id == run_id)).mappings().one_or_none()
        return self.run(run_id).head if row is None else RunHead.model_validate(row)

    def heads(self) -> tuple[RunHead, ...]:
        """All runs as a list says them, newest first: their panels are not read."""
        query = select(*HEAD).order_by(runs.c.created_at.desc(), runs.c.id.desc())
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(RunHead.model_validate(row) for row in rows)

    def set_state(self, run_id: str, state: RunState) -> None:
        """Sets a run's state, and its end if that state ends it. Raises `InputError` for an unknown id.

        One that is queued owes its end to webhooks anew.
        """
        values = {"state": state, "finished_at": now_text() if state in ENDED else None}
        owing = update(requests).where(requests.c.run_id == run_id).values(owes=True)
        self._change(run_id, values, *((owing,) if state == "queued" else ()))

    def wish(self, run_id: str) -> Wish:
        """What somebody wants of a run. Raises `InputError` for an unknown id."""
        with self._database.read() as connection:
            found = connection.execute(select(runs.c.wish).where(runs.c.id == run_id)).scalar_one_or_none()
        if found is None:
            raise InputError(f"run {run_id!r} is not in the store {self.place}")
        return _WISH.validate_python(found)

    def set_wish(self, run_id: str, wish: Wish) -> None:
        """Tells whoever drives a run what is wanted of it. Raises `InputError` for an unknown id."""
        self._change(run_id, {"wish": wish})

    def _change(self, run_id: str, values: Mapping[str, str | bool | None], *others: Update) -> None:
        with self._database.write() as connection:
            changed = connection.execute(update(runs).where(runs.c.id == run_id).values(values)).rowcount
            for other in others:
                connection.execute(other)
        if not changed:
            raise InputError(f"run {run_id!r} is not in the store {self.place}")

    # --- failures and parts

    def set_failures(self, run_id: str, reasons: Mapping[str, str], part: int = 0) -> None:
        """Replaces the failed sessions of a part of a run: session id to reason."""
        rows = [
            {"run_id": run_id, "part": part, "session": session, "reason": why}
            for session, why in reasons.items()
        ]
        old = delete(failures).where(failures.c.run_id == run_id, failures.c.part == part)
        with self._database.write() as connection:
            connection.execute(old)
            if rows:
                connection.execute(insert(failures), rows)

    def failures(self, run_id: str) -> tuple[Failure, ...]:
        """The failed sessions of a run, by session id."""
        query = select(failures.c.session, failures.c.reason).where(failures.c.run_id == run_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(failures.c.session)).all()
        return tuple(Failure(row.session, row.reason) for row in rows)

    def save_part(self, run_id: str, part: int, progress: Progress) -> None:
        """Keeps how far a part of a run is."""
        row = {"run_id": run_id, "part": part, "progress": progress.model_dump_json()}
        self._upsert(parts, row, "progress")

    def parts(self, run_id: str) -> dict[int, Progress]:
        """How far each part of a run is, as far as it was kept."""
        query = select(parts.c.part, parts.c.progress).where(parts.c.run_id == run_id).order_by(parts.c.part)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return {row.part: Progress.model_validate_json(row.progress) for row in rows}

    # --- prompts and estimates

    def save_prompts(self, texts: Mapping[str, str]) -> str:
        """Keeps a set of prompt files (id to text) once and returns its hash."""
        key = content_key("prompts1", dict(texts))
        row = {"hash": key, "texts": canonical_json(dict(texts))}
        with self._database.write() as connection:
            connection.execute(self._database.insert_new(prompt_sets).values(row))
        return key

    def prompts(self, prompts_hash: str) -> dict[str, str]:
        """The prompt files kept under `prompts_hash`. Raises `StoreError` if they are not there."""
        query = select(prompt_sets.c.texts).where(prompt_sets.c.hash == prompts_hash)
        with self._database.read() as connection:
            text = connection.execute(query).scalar_one_or_none()
        if text is None:
            raise StoreError(
                f"the store {self.place} has no prompt files {prompts_hash!r}; the run cannot be replayed"
            )
        return _TEXTS.validate_json(text)

    def save_estimate(self, run_id: str, text: str) -> None:
        """Keeps the estimate that was shown before a run, as the JSON text it came in."""
        self._upsert(estimates, {"run_id": run_id, "text": text}, "text")

    def estimate(self, run_id: str) -> str | None:
        """The estimate of a run, or None if none was kept."""
        query = select(estimates.c.text).where(estimates.c.run_id == run_id)
        with self._database.read() as connection:
            return connection.execute(query).scalar_one_or_none()

    def _upsert(self, table: Table, row: Mapping[str, object], changing: str) -> None:
        adding = self._database.insert(table).values(row)
        keys = [column.name for column in table.primary_key]
        with self._database.write() as connection:
            connection.execute(
                adding.on_conflict_do_update(index_elements=keys, set_={changing: row[changing]})
            )


def row_of(run: Run) -> dict[str, str | bytes | bool | None]:
    """A new run as a row of its table."""
    return {
        "id": run.id,
        "state": run.state,
        "wish": "run",
        "account": run.account,
        "study": run.study.id,
        "kind": run.study.kind,
        "model": str(run.asking.model),
        "created_at": run.created_at.astimezone(UTC).isoformat(),
        "finished_at": run.finished_at.astimezone(UTC).isoformat() if run.finished_at else None,
        "tells_uses": False,
        "body": CODER.squeeze(run.model_dump_json(exclude=COLUMNS).encode()),
    }


def run_of(row: RowMapping) -> Run:
    """The run in a row of the table."""
    columns = {name: row[name] for name in COLUMNS}
    return Run.model_validate(json.loads(CODER.expand(row["body"])) | columns)


def now_text() -> str:
    """Now, as times are stored."""
    return datetime.now(UTC).isoformat()
