"""Outcomes: what was said in a run, derived from the store by replaying its plan."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice

import numpy as np

from panelsim.errors import NotStored
from panelsim.execution.replay import WINDOW, replay_all
from panelsim.model.call import Completion, Usage
from panelsim.model.plan import Assignment, Transcript
from panelsim.providers.prices import PICO
from panelsim.service.prepare import Job
from panelsim.sessions import failed_transcript, script_of, session_id
from panelsim.store import Run, Store

NOT_ASKED = "the run was stopped before this session"
KEPT = 5_000
"""Sessions of a run whose transcripts are kept once they are read; a larger run is replayed each time."""


@dataclass(frozen=True)
class Outcome:
    """A run as the store has it: nothing is asked, and a session that never finished is a failure."""

    run: Run
    job: Job
    transcripts: "StoredTranscripts"
    """One per assignment, in the order of the plan; those of failed sessions hold only Missing."""

    @property
    def failures(self) -> Mapping[str, str]:
        """Session id to reason."""
        return self.transcripts.read().failures

    @property
    def calls(self) -> int:
        """Different calls behind the transcripts."""
        return self.transcripts.read().calls

    @property
    def usage(self) -> Usage:
        """Tokens of these calls, each counted once."""
        return self.transcripts.read().usage

    @property
    def cost_usd(self) -> float:
        """What these calls cost when they were made, in dollars."""
        return self.transcripts.read().cost_usd


def recall_job(run: Run, job: Job, store: Store) -> Outcome:
    """The outcome of `run`, which has `job`; replayed when its transcripts are read."""
    reasons = {failure.session: failure.reason for failure in store.failures(run.id)}
    return Outcome(run, job, StoredTranscripts(job, store, reasons))


@dataclass(frozen=True)
class Totals:
    """What one reading of all transcripts came to."""

    failures: Mapping[str, str]
    calls: int
    usage: Usage
    cost_usd: float


class StoredTranscripts:
    """The transcripts of a run: sized, iterated any number of times, a window of sessions held at a time.

    Those of a run of up to 5,000 sessions are kept after the first reading.
    """

    def __init__(self, job: Job, store: Store, reasons: Mapping[str, str]) -> None:
        self._job = job
        self._store = store
        self._reasons = reasons
        self._kept: list[Transcript] | None = None
        self._totals: Totals | None = None

    def __len__(self) -> int:
        return len(self._job.plan)

    def __iter__(self) -> Iterator[Transcript]:
        return iter(self._kept) if self._kept is not None else self._replayed()

    def read(self) -> Totals:
        """The totals, from a reading of all transcripts if there was none yet."""
        if self._totals is None:
            for _ in self:
                pass
        if self._totals is None:
            raise RuntimeError("a reading of all transcripts left no totals")
        return self._totals

    def _replayed(self) -> Iterator[Transcript]:
        ledger = _Heard()
        failures: dict[str, str] = {}
        kept: list[Transcript] | None = [] if len(self) <= KEPT else None
        for window in _windows(self._job.plan):
            starts = [partial(script_of, assignment, self._job.scene) for assignment in window]
            values = replay_all(starts, self._store.get_many, ledger.add)
            for assignment, value in zip(window, values, strict=True):
                transcript = value
                if isinstance(transcript, NotStored):
                    name = session_id(assignment)
                    failures[name] = self._reasons.get(name, NOT_ASKED)
                    transcript = failed_transcript(assignment, failures[name])
                if kept is not None:
                    kept.append(transcript)
                yield transcript
        self._kept = kept
        self._totals = ledger.totals(failures)


def _windows(assignments: Iterable[Assignment]) -> Iterator[list[Assignment]]:
    source = iter(assignments)
    while window := list(islice(source, WINDOW)):
        yield window


class _Heard:
    """Tokens and cost of the calls heard, as columns: 32 bytes a call, a call heard twice counted once."""

    def __init__(self) -> None:
        self._keys = array("Q")
        self._tokens = (array("Q"), array("Q"), array("Q"))
        self._pico = array("Q")

    def add(self, key: str, said: Completion) -> None:
        """Takes one completion in; the first 64 bits of its key tell it apart."""
        self._keys.append(int(key[-64:-48], 16))
        prompt, cached, completion = self._tokens
        prompt.append(said.usage.prompt_tokens)
        cached.append(said.usage.cached_tokens)
        completion.append(said.usage.completion_tokens)
        self._pico.append(round(said.cost_usd * PICO))

    def totals(self, failures: Mapping[str, str]) -> Totals:
        """The sums over different calls."""
        first = np.unique(np.frombuffer(self._keys, dtype=np.uint64), return_index=True)[1]
        sums = [int(np.frombuffer(column, dtype=np.uint64)[first].sum()) for column in self._tokens]
        cost = int(np.frombuffer(self._pico, dtype=np.uint64)[first].sum())
        usage = Usage(prompt_tokens=sums[0], cached_tokens=sums[1], completion_tokens=sums[2])
        return Totals(failures, len(first), usage, cost / PICO)
