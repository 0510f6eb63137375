"""Outcomes: what was said in a run, derived from the store by replaying its plan."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from panelsim.errors import NotStored
from panelsim.execution.heard import Heard, Totals
from panelsim.execution.replay import WINDOW, replay_all
from panelsim.model.call import Usage
from panelsim.model.plan import Assignment, Transcript
from panelsim.service.prepare import Job
from panelsim.service.vectors import stored_vectors
from panelsim.sessions import failed_transcript, script_of, session_id
from panelsim.store import Run, Store

NOT_ASKED = "the run was stopped before this session"
KEPT = 5_000
"""Sessions of a run whose transcripts are kept once they are read; a larger run is replayed each time."""


@dataclass(frozen=True)
class Outcome:
    """A run as the store has it: nothing is asked, and a session that never finished is a failure."""

    run: Run = field(repr=False)
    job: Job = field(repr=False)
    transcripts: "StoredTranscripts"
    """One per assignment, in the order of the plan; those of failed sessions hold only Missing."""
    vectors: Mapping[str, tuple[float, ...]] | None = field(default=None, repr=False)
    """Sentence vectors of the variants by text, for the study's calibration; None if they are not stored."""

    @property
    def failures(self) -> Mapping[str, str]:
        """Session id to reason."""
        return self.transcripts.failures

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
    return Outcome(run, job, StoredTranscripts(job, store, reasons), stored_vectors(job.study, store))


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
        self._failures: Mapping[str, str] = {}

    def keep(self, transcripts: list[Transcript], totals: Totals) -> None:
        """Takes in what was heard just now, when no session failed: reading it again would say the same."""
        self._kept, self._totals = transcripts, totals

    def __len__(self) -> int:
        return len(self._job.plan)

    def __iter__(self) -> Iterator[Transcript]:
        return iter(self._kept) if self._kept is not None else self._replayed()

    @property
    def failures(self) -> Mapping[str, str]:
        """The sessions that have no transcript: id to reason."""
        self.read()
        return self._failures

    def read(self) -> Totals:
        """The totals, from a reading of all transcripts if there was none yet."""
        if self._totals is None:
            for _ in self:
                pass
        if self._totals is None:
            raise RuntimeError("a reading of all transcripts left no totals")
        return self._totals

    def _replayed(self) -> Iterator[Transcript]:
        heard = Heard()
        failures: dict[str, str] = {}
        kept: list[Transcript] | None = [] if len(self) <= KEPT else None
        for window in _windows(self._job.plan):
            starts = [partial(script_of, assignment, self._job.scene) for assignment in window]
            values = replay_all(starts, self._store.get_many, heard.add)
            for assignment, value in zip(window, values, strict=True):
                transcript = value
                if isinstance(transcript, NotStored):
                    name = session_id(assignment)
                    failures[name] = self._reasons.get(name, NOT_ASKED)
                    transcript = failed_transcript(assignment, failures[name])
                if kept is not None:
                    kept.append(transcript)
                yield transcript
        self._kept, self._failures, self._totals = kept, failures, heard.totals()


def _windows(assignments: Iterable[Assignment]) -> Iterator[list[Assignment]]:
    source = iter(assignments)
    while window := list(islice(source, WINDOW)):
        yield window
