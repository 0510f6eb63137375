"""Estimates: what a study will take in calls, tokens, money and time, before anything is asked.

A sample of the plan's sessions is played with scripted answers, three times: `low` with respondents who
answer at once and briefly, `high` with respondents who must be asked again or probed each time and use every
token they may, `likely` in between. Nothing is sent.

Prompt tokens that a provider serves from its cache are cheaper where the price table says so. `low` counts on
it for all that a prompt repeats of the one before it from the same respondent, `likely` only within a
session, because sessions may be asked side by side, `high` never.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from panelsim.execution.drive import drive
from panelsim.model.base import Frozen
from panelsim.model.call import Call, ChatCall, Completion, ModelRef, Usage
from panelsim.model.plan import Plan
from panelsim.model.sources import PanelSources
from panelsim.model.study import InterviewStudy, Study
from panelsim.providers import parse_model_ref
from panelsim.providers.prices import PICO, PriceTable, cost_pico, parse_prices, price_of
from panelsim.providers.scripted import Scripted
from panelsim.service.models import stood_in
from panelsim.service.prepare import Job, build_job, prepare
from panelsim.service.workspace import Workspace
from panelsim.sessions import script_of

MOST_SESSIONS = 200
"""Sessions that are played; the others are scaled, each kind of session by its own number."""
MOST_DRAWN = 5_000
"""Respondents that are drawn and planned for an estimate alone."""
CHARACTERS_PER_TOKEN = 4
USUAL_LENGTH = 0.75
"""Likely length of an answer in words, as a share of the most it may have."""
LIKELY_ASIDE = 0.1
"""How far the likely figures lie from a run without re-asks and probes to one with all of them."""
PROMPT_PER_S, GENERATED_PER_S = 66.0, 30.0
"""Tokens a second of the default embedded model on two cores, as measured; other machines differ."""
LABEL_TOKENS = 8
"""An answer of at most this many tokens is a label, not words."""
CACHED_FROM, CACHED_STEP = 1024, 128
"""Tokens a repeated beginning must have to be cached, and the steps in which it is
(https://platform.openai.com/docs/guides/prompt-caching)."""
CACHING = frozenset({"openai", "azure", "deepseek", "gemini"})
"""Vendors that cache what prompts repeat without being asked to; others are never counted on."""

Caching = Literal["lane", "session", "never"]
"""For what is repeated of the prompt before: of the same respondent, only in the same session, or not."""
Known = Callable[[str], Completion | None]


class Amount(Frozen):
    """What one course of a run takes."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float
    seconds: float | None
    """On a machine with two cores, very roughly; absent for models that run elsewhere or are scripted."""

    def times(self, factor: float) -> "Amount":
        """What a run takes that is `factor` times as large."""
        return Amount(
            calls=round(self.calls * factor),
            prompt_tokens=round(self.prompt_tokens * factor),
            completion_tokens=round(self.completion_tokens * factor),
            cost_usd=self.cost_usd * factor,
            seconds=None if self.seconds is None else self.seconds * factor,
        )


class CostEstimate(Frozen):
    """What a study will take; answers that are kept already cost nothing and are not counted."""

    sessions: int
    known_calls: int
    """Calls whose answers are kept already."""
    low: Amount
    likely: Amount
    high: Amount
    is_drawn: bool = True
    """Whether the study's own panel was drawn; if not, kept answers could not be looked for."""

    def times(self, factor: float) -> "CostEstimate":
        """The estimate of a study with `factor` times the respondents, none of whom was drawn."""
        return CostEstimate(
            sessions=round(self.sessions * factor),
            known_calls=0,
            low=self.low.times(factor),
            likely=self.likely.times(factor),
            high=self.high.times(factor),
            is_drawn=False,
        )


def nothing_known(_key: str) -> Completion | None:
    """A store with nothing in it."""
    return None


def estimate_study(
    study: Study, workspace: Workspace, *, sources: PanelSources | None = None, fresh: bool = False
) -> CostEstimate:
    """The estimate of `study`; a model that is not on this machine yet is stood in for.

    A study of more than `MOST_DRAWN` respondents is estimated from a panel of that size. `sources` as in
    `prepare`; `fresh`: answers that are kept are not counted on. Raises `InputError` for whatever is wrong
    with the study, and if the price of a model is not known.
    """
    asked = parse_model_ref(study.model, study.base_url)
    prices = parse_prices(workspace.settings.prices)
    is_timed = asked.provider == "embedded"
    ready = stood_in(study, workspace.settings)
    if study.n <= MOST_DRAWN:
        known = nothing_known if fresh else workspace.store.get
        return estimate_job(prepare(ready, workspace, sources=sources), prices, known, is_timed=is_timed)
    fewer = prepare(ready.model_copy(update={"n": MOST_DRAWN}), workspace, sources=sources)
    return estimate_job(fewer, prices, is_timed=is_timed).times(study.n / MOST_DRAWN)


def estimate_prepared(job: Job, workspace: Workspace, *, fresh: bool = False) -> CostEstimate:
    """The estimate of a job that is about to be asked; `fresh`: answers that are kept are not counted on.

    Raises `InputError` if the price of a model is not known.
    """
    # with prompts of its own: rendering for an estimate must not count as use in the run
    own = build_job(job.study, job.sources, job.panel, job.asking, workspace.prompts())
    prices = parse_prices(workspace.settings.prices)
    known = nothing_known if fresh else workspace.store.get
    return estimate_job(own, prices, known, is_timed=job.asking.model.provider == "embedded")


def estimate_job(
    job: Job, prices: PriceTable, known: Known = nothing_known, *, is_timed: bool = False
) -> CostEstimate:
    """The estimate of `job`, in seconds too if `is_timed`.

    Raises `InputError` if the price of a model is not known.
    """
    sample = _sample(job.plan)
    worst = "vague" if isinstance(job.study, InterviewStudy) else "garbled"
    brief = asyncio.run(_play(job, sample, _Answers("sensible", 0.0, "lane", known, prices)))
    usual = asyncio.run(_play(job, sample, _Answers("sensible", USUAL_LENGTH, "session", known, prices)))
    long = asyncio.run(_play(job, sample, _Answers(worst, 1.0, "never", known, prices)))
    return CostEstimate(
        sessions=len(job.plan),
        known_calls=round(brief.known),
        low=brief.amount(is_timed=is_timed),
        likely=usual.towards(long, LIKELY_ASIDE).amount(is_timed=is_timed),
        high=long.amount(is_timed=is_timed),
    )


class _Stratum(NamedTuple):
    """Some of the respondents that share a sheet."""

    places: tuple[int, ...]
    stands_for: float
    """Respondents of the plan behind each of them."""


def _sample(plan: Plan) -> tuple[_Stratum, ...]:
    """Respondents for about `MOST_SESSIONS` sessions, from each sheet its share, spread evenly over the plan.

    By sheet, because respondents of one sheet are asked the same and every n-th of the panel might be alike.
    """
    places: dict[int, list[int]] = {}
    for place, sheet in enumerate(plan.sheet_of):
        if plan.sheets[sheet]:
            places.setdefault(sheet, []).append(place)
    people = sum(map(len, places.values()))
    most = max(1, MOST_SESSIONS // max(len(sheet) for sheet in plan.sheets))
    step = -(-people // most)
    chosen = [(whole, tuple(whole[::step])) for whole in places.values()]
    return tuple(_Stratum(some, len(whole) / len(some)) for whole, some in chosen)


class _Sums(Frozen):
    """Sums over calls, not rounded."""

    calls: float = 0
    known: float = 0
    prompt_tokens: float = 0
    completion_tokens: float = 0
    cost_usd: float = 0
    seconds: float = 0

    def plus(self, other: "_Sums", times: float = 1) -> "_Sums":
        return _Sums(**{name: value + times * getattr(other, name) for name, value in self})

    def towards(self, other: "_Sums", share: float) -> "_Sums":
        return _Sums(**{name: value + share * (getattr(other, name) - value) for name, value in self})

    def amount(self, *, is_timed: bool) -> Amount:
        return Amount(
            calls=round(self.calls),
            prompt_tokens=round(self.prompt_tokens),
            completion_tokens=round(self.completion_tokens),
            cost_usd=self.cost_usd,
            seconds=self.seconds if is_timed else None,
        )


async def _play(job: Job, sample: Sequence[_Stratum], answers: "_Answers") -> _Sums:
    """The sums over the whole plan, from playing the sessions of `sample`."""
    total = _Sums()
    for stratum in sample:
        for place in stratum.places:
            for assignment in job.plan.assignments_of(place, place + 1):
                answers.begin()
                await drive(script_of(assignment, job.scene), answers.complete)
                total = total.plus(answers.sums, stratum.stands_for)
    return total


class _Answers:
    """Scripted answers of a given length, counted as they are given; known ones are free."""

    def __init__(self, mind: str, length: float, caching: Caching, known: Known, prices: PriceTable) -> None:
        """`length` is the share of the token limit that an answer in words fills; 0: as scripted."""
        self.sums = _Sums()
        self._mind = ModelRef(provider="scripted", name=mind)
        self._length = length
        self._caching = caching
        self._known = known
        self._prices = prices
        self._seen: set[str] = set()
        self._prompts: dict[str, str] = {}
        """The last one of each lane."""
        self._is_first = True

    def begin(self) -> None:
        """Starts a session."""
        self.sums = _Sums()
        self._is_first = True

    async def complete(self, call: Call) -> Completion:
        """The known completion, or a scripted one."""
        kept = self._known(call.key)
        if kept is not None:
            self.sums = self.sums.plus(_Sums(known=1))
            return kept
        said = await Scripted().complete(call.model_copy(update={"model": self._mind}))
        if isinstance(call, ChatCall):
            said = self._lengthened(call, said)
        if call.key not in self._seen:
            self._seen.add(call.key)
            self.sums = self.sums.plus(self._counted(call, said))
        return said

    def _lengthened(self, call: ChatCall, said: Completion) -> Completion:
        room = call.sampling.max_tokens
        if call.response_schema or call.top_logprobs or room <= LABEL_TOKENS:
            return said
        missing = int(room * self._length * CHARACTERS_PER_TOKEN) - len(said.text)
        return said.model_copy(update={"text": said.text + " so" * max(0, missing // 3)})

    def _counted(self, call: Call, said: Completion) -> _Sums:
        prompt = (
            "\n".join(turn.content for turn in call.messages) if isinstance(call, ChatCall) else call.text
        )
        tokens = -(-len(prompt) // CHARACTERS_PER_TOKEN)
        generated = -(-len(said.text) // CHARACTERS_PER_TOKEN)
        repeated, seconds = 0, 0.0
        if isinstance(call, ChatCall):
            repeated = _shared(self._prompts.get(call.lane, ""), prompt)
            self._prompts[call.lane] = prompt
            fresh = (len(prompt) - repeated) / CHARACTERS_PER_TOKEN
            seconds = fresh / PROMPT_PER_S + generated / GENERATED_PER_S
        usage = Usage(
            prompt_tokens=tokens,
            cached_tokens=self._cached(call, repeated // CHARACTERS_PER_TOKEN),
            completion_tokens=generated,
        )
        self._is_first = False
        return _Sums(
            calls=1,
            prompt_tokens=tokens,
            completion_tokens=generated,
            cost_usd=cost_pico(usage, price_of(call.model, self._prices)) / PICO,
            seconds=seconds,
        )

    def _cached(self, call: Call, repeated: int) -> int:
        """Tokens of a prompt that the provider's cache may be counted on for."""
        vendor = (
            call.model.name.partition("/")[0] if call.model.provider == "litellm" else call.model.provider
        )
        counts = self._caching == "lane" or (self._caching == "session" and not self._is_first)
        if not counts or vendor not in CACHING or repeated < CACHED_FROM:
            return 0
        return repeated // CACHED_STEP * CACHED_STEP


def _shared(one: str, other: str) -> int:
    """Characters that two texts have in common at their start."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
