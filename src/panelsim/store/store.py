"""The store: completions by call key, and runs; everything else is derived from them."""

import hashlib
import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import Self

from pydantic import TypeAdapter
from sqlalchemy import Engine, RowMapping, delete, func, insert, select, update

from panelsim.errors import InputError, StoreError
from panelsim.keys import canonical_json, content_key
from panelsim.model.call import Call, Completion
from panelsim.store.records import BadRow, Failure, Run, RunState
from panelsim.store.sqlite import open_engine, sentences
from panelsim.store.tables import completions, failures, prompt_sets, runs
from panelsim.store.writer import Row, Writer

KEYS_PER_QUERY = 500
KEPT_READ = 4096
"""Completions that are kept once read."""

_FIND = f"SELECT {completions.c.completion.name} FROM {completions.name} WHERE {completions.c.key.name} = ?"  # noqa: S608
"""Written out because a warm run asks it thousands of times; building the statement took most of the time."""


class _AbsentError(Exception):
    """No completion has this key; raised so that its absence is not remembered."""


class Store:
    """A store on disk. Every method raises `StoreError` if the file cannot be read or written."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.place = engine.url.database or ""
        """The file's path."""
        self._reader = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._reading = threading.Lock()
        self._writer: Writer | None = None
        # a stored completion never changes, and the anchors of a scale are read for every answer
        self._recent = lru_cache(maxsize=KEPT_READ)(self._read)

    @classmethod
    def open(cls, url: str) -> Self:
        """The store at `sqlite:///PATH`, made if it is not there. Raises `StoreError`."""
        return cls(open_engine(url))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Commits what is still queued and lets the file go."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        with self._reading:
            self._reader.close()
        self._engine.dispose()

    # --- completions

    def get(self, key: str) -> Completion | None:
        """The completion stored under `key`, or None."""
        try:
            return self._recent(key)
        except _AbsentError:
            return None

    def _read(self, key: str) -> Completion:
        with self._reading, sentences(self.place):
            text: str | None = self._reader.exec_driver_sql(_FIND, (key,)).scalar_one_or_none()
        if text is None:
            raise _AbsentError
        return Completion.model_validate_json(text)

    def get_many(self, keys: Iterable[str]) -> dict[str, Completion]:
        """The completions stored under `keys`; those that are not there are left out."""
        wanted = list(dict.fromkeys(keys))
        found: dict[str, Completion] = {}
        for start in range(0, len(wanted), KEYS_PER_QUERY):
            part = wanted[start : start + KEYS_PER_QUERY]
            query = select(completions.c.key, completions.c.completion).where(completions.c.key.in_(part))
            with self._reading, sentences(self.place):
                rows = self._reader.execute(query).all()
            found.update({row.key: Completion.model_validate_json(row.completion) for row in rows})
        return found

    async def put(self, key: str, call: Call, completion: Completion) -> None:
        """Stores `completion`, unless the key has one already; returns once it is committed."""
        if self._writer is None:
            self._writer = Writer(self._engine, self.place)
        said = completion.model_dump_json()
        await self._writer.put(Row(key, call.model_dump_json(), said, _digest(said), _now().isoformat()))

    def count(self) -> int:
        """How many completions are stored."""
        with self._reading, sentences(self.place):
            return self._reader.execute(select(func.count()).select_from(completions)).scalar_one()

    def verify(self) -> tuple[BadRow, ...]:
        """The rows whose call does not give their key, or whose completion does not give its digest."""
        return tuple(bad for bad in map(_problem, self._all_completions()) if bad is not None)

    def _all_completions(self) -> Iterator[RowMapping]:
        with self._engine.connect() as connection, sentences(self.place):
            yield from connection.execution_options(yield_per=1000).execute(select(completions)).mappings()

    # --- runs

    def save_run(self, run: Run) -> None:
        """Stores a new run. Raises `InputError` if its id is taken."""
        row = {
            "id": run.id,
            "study": run.study.model_dump_json(),
            "panel": run.panel.model_dump_json(),
            "sources": run.sources.model_dump_json(),
            "asking": run.asking.model_dump_json(),
            "state": run.state,
            "created_at": run.created_at.isoformat(),
            "finished_at": run.finished_at.isoformat() if run.finished_at else None,
            "version": run.version,
            "prompts_hash": run.prompts_hash,
        }
        with sentences(self.place), self._engine.begin() as connection:
            written = connection.execute(insert(runs).prefix_with("OR IGNORE").values(row)).rowcount
        if not written:
            raise InputError(
                f"run {run.id!r} is in the store {self.place} already; resume it or choose another id"
            )

    def run(self, run_id: str) -> Run:
        """The run with this id. Raises `InputError` if there is none."""
        with self._reading, sentences(self.place):
            row = self._reader.execute(select(runs).where(runs.c.id == run_id)).mappings().one_or_none()
            known = [] if row else list(self._reader.execute(select(runs.c.id)).scalars())
        if row is None:
            near = get_close_matches(run_id, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else "; `panelsim runs list` shows those that are"
            raise InputError(f"run {run_id!r} is not in the store {self.place}{hint}")
        return _run(row)

    def runs(self) -> tuple[Run, ...]:
        """All runs, newest first."""
        with self._reading, sentences(self.place):
            rows = (
                self._reader.execute(select(runs).order_by(runs.c.created_at.desc(), runs.c.id))
                .mappings()
                .all()
            )
        return tuple(_run(row) for row in rows)

    def set_state(self, run_id: str, state: RunState) -> None:
        """Sets a run's state, and its end unless it is running. Raises `InputError` for an unknown id."""
        ended = None if state == "running" else _now().isoformat()
        change = update(runs).where(runs.c.id == run_id).values(state=state, finished_at=ended)
        with sentences(self.place), self._engine.begin() as connection:
            changed = connection.execute(change).rowcount
        if not changed:
            raise InputError(f"run {run_id!r} is not in the store {self.place}")

    def set_failures(self, run_id: str, reasons: Mapping[str, str]) -> None:
        """Replaces the failed sessions of a run: session id to reason."""
        rows = [{"run_id": run_id, "session": session, "reason": why} for session, why in reasons.items()]
        with sentences(self.place), self._engine.begin() as connection:
            connection.execute(delete(failures).where(failures.c.run_id == run_id))
            if rows:
                connection.execute(insert(failures), rows)

    def failures(self, run_id: str) -> tuple[Failure, ...]:
        """The failed sessions of a run, by session id."""
        query = select(failures.c.session, failures.c.reason).where(failures.c.run_id == run_id)
        with self._reading, sentences(self.place):
            rows = self._reader.execute(query.order_by(failures.c.session)).all()
        return tuple(Failure(row.session, row.reason) for row in rows)

    # --- prompts

    def save_prompts(self, texts: Mapping[str, str]) -> str:
        """Keeps a set of prompt files (id to text) once and returns its hash."""
        text = canonical_json(dict(texts))
        key = content_key("prompts1", dict(texts))
        row = {"hash": key, "texts": text}
        with sentences(self.place), self._engine.begin() as connection:
            connection.execute(insert(prompt_sets).prefix_with("OR IGNORE").values(row))
        return key

    def prompts(self, prompts_hash: str) -> dict[str, str]:
        """The prompt files kept under `prompts_hash`. Raises `StoreError` if they are not there."""
        query = select(prompt_sets.c.texts).where(prompt_sets.c.hash == prompts_hash)
        with self._reading, sentences(self.place):
            text = self._reader.execute(query).scalar_one_or_none()
        if text is None:
            raise StoreError(
                f"the store {self.place} has no prompt files {prompts_hash!r}; the run cannot be replayed"
            )
        return _TEXTS.validate_json(text)


_TEXTS: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])


def _run(row: RowMapping) -> Run:
    texts = {name: json.loads(row[name]) for name in ("study", "panel", "sources", "asking")}
    return Run.model_validate({**row, **texts})


def _problem(row: RowMapping) -> BadRow | None:
    key: str = row["key"]
    if _digest(row["completion"]) != row["digest"]:
        return BadRow(key, "the completion is not the one that was stored")
    try:
        derived = content_key(key.partition(":")[0], json.loads(row["call"]))
    except ValueError:
        return BadRow(key, "the call is not JSON")
    return None if derived == key else BadRow(key, f"the call gives the key {derived}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC)
