"""The engine's own tables: workflows of runs and parts in a database, kept by DBOS and read only here."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pydantic import JsonValue, TypeAdapter
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from panelsim.errors import InputError, StoreError
from panelsim.execution.part import Part

if TYPE_CHECKING:
    from dbos import WorkflowStatus

T = TypeVar("T")

APPLICATION = "panelsim"
PROTOCOL = "panelsim-parts-1"
"""Version of what a workflow's arguments and results mean. It is not panelsim's: a run brings its own panel
and prompts, so a newer panelsim finishes what an older one began. It changes only with the arguments."""
SCHEMA = "panelsim_engine"
RUNS, PARTS, PARKED = "panelsim-runs", "panelsim-parts", "panelsim-parked"
"""Queues. Nobody serves the last one: parts of a paused run wait there."""
RUN_PANEL, RUN_PART = "run_panel", "run_part"
LOCKS = 0x70616E65
"""The first half of the names of advisory locks; the second is 0 for the tables, or an executor's mark."""
RUNS_AT_ONCE, PARTS_AT_ONCE = 32, 8
"""Of one worker. The calls of all its parts share the worker's lines, so a part more costs memory only."""
POLLED_S = 0.1
PAGE = 1000
AWAY_S = 1.0
"""Seconds between attempts to reach a database that is away."""

OPEN = ["ENQUEUED", "PENDING", "DELAYED"]
_OUTPUT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


class Shape(NamedTuple):
    """What a run is driven by; kept with its workflow, so that every worker cuts the same parts."""

    respondents: int
    calls_per_respondent: float
    calls_per_part: int
    cap_usd: float


class PartRow(NamedTuple):
    """A part's workflow as the database has it."""

    id: str
    status: str
    queue: str
    executor: str
    output: dict[str, JsonValue] | None = None
    error: str = ""


class Attempt(NamedTuple):
    """One driving of a run: a run that is resumed after its end is driven anew, over what is known."""

    run_id: str
    number: int

    @property
    def id(self) -> str:
        """Of the workflow that drives the run."""
        return f"run/{self.run_id}/{self.number}"

    @property
    def prefix(self) -> str:
        """What the ids of its parts begin with."""
        return f"part/{self.run_id}/{self.number}/"


class System:
    """Blocking reads and writes of the engine's tables; raises `StoreError` if the database is away."""

    def __init__(self, url: str) -> None:
        check_installed()
        from dbos import DBOSClient, DBOSPortableJSONSerializer

        self.place = make_url(url).render_as_string(hide_password=True)
        self._client = self._guard(
            lambda: DBOSClient(
                system_database_url=url,
                system_database_pool_size=4,
                serializer=DBOSPortableJSONSerializer(),
                dbos_system_schema=SCHEMA,
                application_name=APPLICATION,
                retry_connection_errors=False,
                lazy=True,
            )
        )

    def close(self) -> None:
        """Lets the database go."""
        self._client.destroy()

    def open_queues(self) -> None:
        """Makes the queues or sets their widths; a worker that starts after that serves them at once."""
        for queue, width in ((RUNS, RUNS_AT_ONCE), (PARTS, PARTS_AT_ONCE)):
            self._guard(
                partial(
                    self._client.register_queue,
                    queue,
                    worker_concurrency=width,
                    polling_interval_sec=POLLED_S,
                )
            )

    def enqueue_run(self, attempt: Attempt, shape: Shape) -> None:
        """Queues the driving of a run; does nothing if it is queued, under way or over."""
        self._enqueue(attempt.id, RUN_PANEL, RUNS, 1, attempt.run_id, attempt.number, *shape)

    def enqueue_parts(self, attempt: Attempt, parts: Iterable[Part], cap_usd: float) -> None:
        """Queues parts; those that are there already are left alone.

        The first parts of every run go before the second ones of any: a small run is not held up by a large.
        """
        for part in parts:
            key, place = f"{attempt.prefix}{part.index}", (part.index, part.start, part.stop)
            self._enqueue(key, RUN_PART, PARTS, part.index + 1, attempt.run_id, *place, cap_usd)

    def _enqueue(self, key: str, name: str, queue: str, priority: int, *args: JsonValue) -> None:
        self._guard(
            lambda: self._client.enqueue(
                {
                    "workflow_name": name,
                    "queue_name": queue,
                    "workflow_id": key,
                    "app_version": PROTOCOL,
                    "priority": priority,
                },
                *args,
            )
        )

    def last_attempt(self, run_id: str) -> tuple[Attempt, bool] | None:
        """The newest driving of a run and whether it is still open; None if there was none."""
        rows = self._list(workflow_id_prefix=f"run/{run_id}/")
        if not rows:
            return None
        numbered = {int(row.workflow_id.rpartition("/")[2]): row.status for row in rows}
        newest = max(numbered)
        return Attempt(run_id, newest), numbered[newest] in OPEN

    def outcome(self, attempt: Attempt) -> PartRow | None:
        """The driving of a run, with what it returned once it is over."""
        rows = self.parts([attempt.id])
        return rows[0] if rows else None

    def withdraw(self, attempt: Attempt) -> None:
        """Ends the driving of a run where it is; what was answered is kept."""
        self.drop([attempt.id, *(row.id for row in self.open_parts(attempt))])

    def open_parts(self, attempt: Attempt) -> list[PartRow]:
        """The parts that are queued or under way, without what they returned."""
        return [_row(one) for one in self._list(workflow_id_prefix=attempt.prefix, status=OPEN)]

    def parts(self, keys: list[str]) -> list[PartRow]:
        """Parts by id, with what they returned."""
        return [_row(one) for one in self._list(workflow_ids=keys, load_output=True)] if keys else []

    def all_parts(self, attempt: Attempt) -> list[PartRow]:
        """All parts that were ever queued, with what they returned."""
        rows: list[PartRow] = []
        while page := self._list(
            workflow_id_prefix=attempt.prefix, load_output=True, limit=PAGE, offset=len(rows)
        ):
            rows += map(_row, page)
        return rows

    def held(self, executor: str | None = None) -> list[PartRow]:
        """Runs and parts that an executor has taken: those of one, or of all."""
        return [_row(one) for one in self._list(status=["PENDING"], executor_id=executor)]

    def move(self, keys: list[str], queue: str) -> None:
        """Puts open runs or parts back in a queue; who works on them is not their owner any more."""
        if keys:
            self._guard(lambda: self._client.resume_workflows(keys, queue_name=queue))

    def give_back(self, rows: Iterable[PartRow]) -> int:
        """Puts runs and parts back in the queues they were taken from; returns how many."""
        rows = list(rows)
        for queue in (RUNS, PARTS):
            self.move([row.id for row in rows if row.id.startswith("run/") == (queue == RUNS)], queue)
        return len(rows)

    def drop(self, keys: list[str]) -> None:
        """Ends queued parts without driving them."""
        if keys:
            self._guard(lambda: self._client.cancel_workflows(keys))

    def _list(
        self,
        *,
        workflow_id_prefix: str | None = None,
        workflow_ids: list[str] | None = None,
        status: str | list[str] | None = None,
        executor_id: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
        load_output: bool = False,
    ) -> "list[WorkflowStatus]":
        rows = self._guard(
            lambda: self._client.list_workflows(
                workflow_id_prefix=workflow_id_prefix,
                workflow_ids=workflow_ids,
                status=status,
                executor_id=executor_id,
                name=[RUN_PANEL, RUN_PART],
                limit=limit,
                offset=offset,
                load_input=False,
                load_output=load_output,
            )
        )
        # the prefix is a LIKE pattern to some databases
        return [row for row in rows if row.workflow_id.startswith(workflow_id_prefix or "")]

    def _guard(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except SQLAlchemyError as error:
            told = " ".join(str(getattr(error, "orig", None) or error).split())[:200]
            raise StoreError(f"the engine's tables at {self.place} cannot be reached: {told}") from error


def _row(one: "WorkflowStatus") -> PartRow:
    output = None if one.output is None else _OUTPUT.validate_python(one.output)
    error = "" if one.error is None else str(one.error)
    return PartRow(one.workflow_id, one.status, one.queue_name or "", one.executor_id or "", output, error)


def check_installed() -> None:
    """Raises `InputError` if the library of the durable engine is not there."""
    try:
        import dbos  # noqa: F401
    except ImportError as error:
        raise InputError(
            "the durable engine needs DBOS, which is not installed; install it with: "
            "pip install 'panelsim[workers]'"
        ) from error


async def patiently(act: Callable[[], T]) -> T:
    """The value of a blocking `act` in a thread, tried until the database is there."""
    is_told = False
    while True:
        try:
            return await asyncio.to_thread(act)
        except StoreError as error:
            if not is_told:
                logging.getLogger(__name__).warning("%s; waiting for it", error)
            is_told = True
            await asyncio.sleep(AWAY_S)


def system_url(store_url: str) -> str:
    """Where a store's engine has its tables: a schema of the same Postgres, or a file beside SQLite's."""
    url = make_url(store_url)
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise InputError("the durable engine needs a store on disk, not one in memory")
        path = Path(url.database)
        return f"sqlite:///{path.with_name(f'{path.stem}.engine{path.suffix}')}"
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def is_embedded(url: str) -> bool:
    """Whether the engine's tables are a file of one process."""
    return url.startswith("sqlite")
