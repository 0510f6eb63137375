"""What a line knows of one model's limits, and the calls to that model that wait."""

from asyncio import Future
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from panelsim.model.call import Call, ChatCall, Usage
from panelsim.providers.clock import Clock
from panelsim.providers.fair_queue import FairQueue
from panelsim.providers.rates import REQUESTS, TOKENS, Bucket, Leftover, told
from panelsim.providers.width import Round

BYTES_PER_TOKEN = 4
"""To estimate a prompt's tokens where a rate of tokens is stated; corrected by what the reply says."""
USUAL_ANSWER = 50.0
"""Tokens of an answer, until there were some."""
RECENT = 0.05
"""Weight of the newest call in the averages."""


class Pause(NamedTuple):
    """Time that must pass before the next call: some seconds, or as long as it takes to lease permits."""

    seconds: float
    lease: Bucket | None = None


NO_PAUSE = Pause(0.0)


@dataclass(slots=True)
class Ticket:
    """A call that may be sent now."""

    meter: "Meter"
    round: Round
    tokens: float
    """Set aside for it where a rate of tokens is stated."""
    pauses: int
    """How many pauses the line had made since it was last answered."""


@dataclass(slots=True)
class Waiter:
    """A call that waits."""

    given: Future[Ticket]
    tokens: float


class Meter:
    """One model: its stated rates, what its provider's headers say is left, and its queue."""

    def __init__(self, requests: Bucket | None, tokens: Bucket | None, clock: Clock) -> None:
        self.tokens = tokens
        self._buckets = [(bucket, bucket is tokens) for bucket in (requests, tokens) if bucket is not None]
        self._left = ((REQUESTS, Leftover(clock)), (TOKENS, Leftover(clock)))
        self._is_told = False
        """Whether the provider's headers say anything."""
        self.is_free = not self._buckets
        """Whether nothing but the line holds a call back."""
        self._queue: FairQueue[Waiter] = FairQueue()
        self._head: Waiter | None = None
        self.under_way = 0
        self._tokens_per_call = 0.0
        self._answer = USUAL_ANSWER

    def add(self, run: str, waiter: Waiter) -> None:
        """Puts `waiter` in the queue."""
        self._queue.add(run, waiter)

    def head(self) -> Waiter | None:
        """Who is next; stays next until it is sent."""
        while self._head is None or self._head.given.done():
            self._head = self._queue.take()
            if self._head is None:
                return None
        return self._head

    def pause(self, tokens: float) -> Pause:
        """What must pass before a call of `tokens` may be sent."""
        if self.is_free:
            return NO_PAUSE
        longest = max(left.seconds_until_one() for _, left in self._left) if self._is_told else 0.0
        for bucket, counts_tokens in self._buckets:
            permits = tokens if counts_tokens else 1.0
            if bucket.must_lease(permits):
                return Pause(0.0, bucket)
            longest = max(longest, bucket.seconds_until(permits))
        return Pause(longest)

    def sent(self, tokens: float) -> None:
        """Notes a call that is sent."""
        self.under_way += 1
        if self.is_free:
            return
        for bucket, counts_tokens in self._buckets:
            bucket.take(tokens if counts_tokens else 1.0)
        for _, left in self._left:
            left.take()

    def estimate(self, call: Call) -> float:
        """Tokens that `call` will probably use; 0 where no rate of tokens is stated."""
        if self.tokens is None:
            return 0.0
        if not isinstance(call, ChatCall):
            return len(call.text.encode("utf-8", "replace")) / BYTES_PER_TOKEN
        said = sum(len(message.content.encode("utf-8", "replace")) for message in call.messages)
        schema = len(call.response_schema)
        return (said + schema) / BYTES_PER_TOKEN + min(self._answer, call.sampling.max_tokens)

    def back(self, tokens: float, usage: Usage | None) -> None:
        """Notes a call that is back; without `usage` what was set aside counts as used."""
        self.under_way -= 1
        if self.is_free or usage is None:
            return
        used = usage.prompt_tokens + usage.completion_tokens
        if not used:
            return
        before = self._tokens_per_call or used
        self._tokens_per_call = before + RECENT * (used - before)
        self._answer += RECENT * (usage.completion_tokens - self._answer)
        if self.tokens is not None:
            self.tokens.give_back(tokens - used)

    def hear(self, headers: Mapping[str, str]) -> None:
        """Notes what the headers of a reply, whose call still counts as under way, say of the limits."""
        for names, left in self._left:
            found = told(headers, names)
            if found is None:
                continue
            self._is_told, self.is_free = True, False
            per_call = 1.0 if names is REQUESTS else self._tokens_per_call
            if per_call:
                left.hear(found, self.under_way - 1, per_call)
