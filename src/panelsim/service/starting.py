"""Starting runs for accounts: checked, its money set aside, kept and queued for the workers."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import JsonValue

from panelsim.errors import InputError
from panelsim.model.study import Study
from panelsim.providers import parse_model_ref
from panelsim.providers.catalogue import CATALOGUE
from panelsim.providers.prices import PICO
from panelsim.service.apart import is_paid
from panelsim.service.estimate import CostEstimate, estimate_prepared, estimate_study
from panelsim.service.library import AccountShelf, sources_of
from panelsim.service.models import missing_models
from panelsim.service.parts import planned_calls
from panelsim.service.pool import Queue
from panelsim.service.prepare import Job, prepare
from panelsim.service.run import job_of, new_run
from panelsim.service.usage import save_estimate
from panelsim.service.vectors import keep_vectors
from panelsim.service.workspace import Workspace
from panelsim.store import Run, RunRequest


@dataclass(frozen=True)
class Wanted:
    """A run that an account wants."""

    study: Study
    account: str
    callback_url: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    cap: int | None = None
    """Picodollars that the account may spend in a month."""


def new_run_id() -> str:
    """An id that nobody can guess and that sorts by time."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(5)}"


class Starter:
    """Starts the runs of a service."""

    def __init__(self, workspace: Workspace, queue: Queue) -> None:
        self._workspace = workspace
        self._queue = queue

    def shelf(self, account: str) -> AccountShelf:
        """The profiles that an account's studies may name."""
        return AccountShelf(self._workspace.store, account)

    def prepare(self, study: Study, account: str) -> Job:
        """The job of an account's study. Raises `InputError` for whatever is wrong with it."""
        check_models(study)
        missing = missing_models(study, self._workspace.settings)
        if missing:
            raise InputError(
                f"model {missing[0].name!r} is not on the server yet; whoever runs it can fetch it with: "
                f"panelsim models pull {missing[0].name}"
            )
        sources = sources_of(study.panel, self.shelf(account), notes=study.notes)
        return prepare(study, self._workspace, sources=sources, account=account)

    def estimate(self, study: Study, account: str) -> CostEstimate:
        """What an account's study will take; nothing is kept and nothing is paid."""
        check_models(study)
        sources = sources_of(study.panel, self.shelf(account), notes=study.notes)
        return estimate_study(study, self._workspace, sources=sources, fresh=True)

    def start(self, wanted: Wanted, run_id: str) -> Run:
        """Queues the run of that id; one that was kept before is queued if it was not.

        Raises `InputError` for what is wrong with the study and `BudgetError` if the account's month could
        not pay for it; nothing is kept then.
        """
        store = self._workspace.store
        head = store.head_of(wanted.account, run_id)
        if head is not None:
            run = store.run(run_id)
            self._queue.add(job_of(run, self._workspace), run)
            return run
        job = self.prepare(wanted.study, wanted.account)
        study = wanted.study
        estimate = None
        if job.asking.model.provider != "scripted":
            estimate = estimate_prepared(job, self._workspace, fresh=True)
        told: dict[str, JsonValue] = {
            "title": study.title,
            "panel": study.panel,
            "n": study.n,
            "max_cost_usd": study.max_cost_usd,
            "respondents": len(job.panel.respondents),
            "sessions": len(job.plan),
            "calls": planned_calls(job),
            "metadata": dict(wanted.metadata),
        }
        store.save_request(
            RunRequest(
                run_id=run_id,
                account=wanted.account,
                callback_url=wanted.callback_url,
                reserved=round(study.max_cost_usd * PICO) if is_paid(job.asking, self._workspace) else 0,
                body=json.dumps(told, ensure_ascii=False),
            ),
            wanted.cap,
        )
        run = new_run(job, self._workspace, account=wanted.account, run_id=run_id)
        if estimate is not None:
            save_estimate(run, estimate, store)
        keep_vectors(job.study, self._workspace)
        self._queue.add(job, run)
        return run

    def again(self, run: Run, cap: int | None) -> None:
        """Queues a run once more that ended before its time. Raises `BudgetError` as `start`."""
        kept = self._workspace.store.request_of(run.id)
        if kept is not None:
            self._workspace.store.save_request(kept, cap)
        self._queue.add(job_of(run, self._workspace), run)

    def take_up(self) -> int:
        """Queues what was kept and not queued when a server died in between; returns how many runs."""
        found = 0
        for head in self._workspace.store.heads():
            if head.state == "queued" and not self._queue.knows(head.id):
                run = self._workspace.store.run(head.id)
                self._queue.add(job_of(run, self._workspace), run)
                found += 1
        return found


def check_models(study: Study) -> None:
    """Raises `InputError` for a model that only the service itself may choose: a file, or another server."""
    if study.base_url:
        raise InputError("base_url is given, expected none: the service chooses where a model is asked")
    for name in (study.model, getattr(study, "embedding_model", None)):
        if name is None:
            continue
        ref = parse_model_ref(name)
        known = {entry.name for entry in CATALOGUE}
        if ref.provider == "embedded" and ref.name not in known:
            raise InputError(
                f"model {name[:80]!r} is not in the catalogue, expected one of {', '.join(sorted(known))}"
            )
