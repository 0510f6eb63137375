"""The tally of a run: what is counted as calls and sessions come and go, and told as progress."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from panelsim.execution.drive import Done, Failed, Listener, Session
from panelsim.execution.heard import Heard
from panelsim.model.call import Call, Completion, Usage
from panelsim.model.plan import Transcript
from panelsim.model.progress import Progress
from panelsim.model.response import Missing
from panelsim.telemetry import SILENT, Telemetry


class Tally(Listener[Transcript]):
    """Counts in plain numbers, because it is told of every call; `progress` puts them into a snapshot."""

    def __init__(
        self,
        sessions: int,
        calls: int,
        *,
        keeps: bool = False,
        telemetry: Telemetry = SILENT,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`keeps`: whether transcripts and what they heard are kept, for a run small enough."""
        self.transcripts: dict[str, Transcript] | None = {} if keeps else None
        """By session id."""
        self._telemetry = telemetry
        self.heard = Heard()
        self.failures: dict[str, str] = {}
        """Session id to the reason why its model could not be asked."""
        self.made = 0
        """Calls that were made now."""
        self._sessions, self._calls = sessions, calls
        self._began = self._done = self._answered = self._missing = self._waits = 0
        self._prompt = self._cached_tokens = self._completion = 0
        self._cost = 0.0
        self._note = ""
        self._is_sounding = False
        self._now = now
        self._since = now()
        self._ended: float | None = None

    def began(self, session: Session[Transcript], /) -> None:
        """A session was started."""
        self._began += 1
        self._telemetry.session_began(session.id)

    def ended(self, outcome: Done[Transcript] | Failed, /) -> None:
        """A session reached its end or could not be asked."""
        if isinstance(outcome, Failed):
            self.failures[outcome.id] = outcome.reason
            self._missing += outcome.questions
            self._telemetry.session_ended(outcome.id, outcome.reason)
            return
        self._telemetry.session_ended(outcome.id, None)
        self._done += 1
        if self.transcripts is not None:
            self.transcripts[outcome.id] = outcome.value
        for response in outcome.value.responses:
            if isinstance(response.answer, Missing):
                self._missing += 1

    def answered(self, call: Call, said: Completion, cached: bool) -> None:
        """A call has its stored completion; `cached` if it was not made now."""
        if self.transcripts is not None:
            self.heard.add(call.key, said)
        self._answered += not self._is_sounding
        if cached:
            return
        self.made += 1
        usage = said.usage
        self._prompt += usage.prompt_tokens
        self._cached_tokens += usage.cached_tokens
        self._completion += usage.completion_tokens
        self._cost += said.cost_usd

    def waiting(self, call: Call, attempt: int, seconds: float, reason: str) -> None:
        """An attempt failed and will be repeated after `seconds`."""
        self._telemetry.waiting(call, attempt, seconds, reason)
        self._waits += 1
        self._note = f"waiting {seconds:.0f} s: {reason}"

    @contextmanager
    def sounding(self) -> Iterator[None]:
        """Calls made while this lasts cost what they cost; they are counted when a session asks them."""
        self._is_sounding = True
        try:
            yield
        finally:
            self._is_sounding = False

    def close(self) -> None:
        """Nothing is under way any more; sessions that were left unfinished do not run on."""
        self._began = self._done + len(self.failures)
        self._ended = self._now()

    @property
    def done(self) -> int:
        """Sessions that reached their end."""
        return self._done

    def progress(self) -> Progress:
        """How far the run is by now."""
        failed = len(self.failures)
        return Progress(
            sessions=self._sessions,
            calls=self._calls,
            running=self._began - self._done - failed,
            done=self._done,
            failed=failed,
            answered=self._answered,
            cached=max(0, self._answered - self.made),
            missing=self._missing,
            waits=self._waits,
            usage=Usage(
                prompt_tokens=self._prompt,
                cached_tokens=self._cached_tokens,
                completion_tokens=self._completion,
            ),
            cost_usd=self._cost,
            seconds=(self._now() if self._ended is None else self._ended) - self._since,
            note=self._note,
        )
