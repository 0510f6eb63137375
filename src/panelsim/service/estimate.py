"""Estimates: what a study will take in calls, tokens, money and time, before anything is asked.

A sample of the plan's sessions is played with scripted answers, three times: `low` with respondents who
answer at once and briefly, `high` with respondents who must be asked again or probed each time and use every
token they may, `likely` in between. Nothing is sent.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence

from panelsim.execution.drive import drive
from panelsim.model.base import Frozen
from panelsim.model.call import Call, ChatCall, Completion, ModelRef, Usage
from panelsim.model.plan import Assignment, Plan
from panelsim.model.study import InterviewStudy, MessageTest
from panelsim.providers import parse_model_ref
from panelsim.providers.prices import PICO, PriceTable, cost_pico, parse_prices, price_of
from panelsim.providers.scripted import Scripted
from panelsim.service.models import stood_in
from panelsim.service.prepare import Job, prepare
from panelsim.service.workspace import Workspace
from panelsim.sessions import script_of

MOST_SESSIONS = 200
"""Sessions that are played; the others are scaled, each kind of session by its own number."""
CHARACTERS_PER_TOKEN = 4
USUAL_LENGTH = 0.75
"""Likely length of an answer in words, as a share of the most it may have."""
LIKELY_ASIDE = 0.1
"""How far the likely figures lie from a run without re-asks and probes to one with all of them."""
PROMPT_PER_S, GENERATED_PER_S = 66.0, 30.0
"""Tokens a second of the default embedded model on two cores, as measured; other machines differ."""
LABEL_TOKENS = 8
"""An answer of at most this many tokens is a label, not words."""

Known = Callable[[str], Completion | None]


class Amount(Frozen):
    """What one course of a run takes."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float
    seconds: float | None
    """On a machine with two cores, very roughly; absent for models that run elsewhere or are scripted."""


class CostEstimate(Frozen):
    """What a study will take; answers that are kept already cost nothing and are not counted."""

    sessions: int
    known_calls: int
    """Calls whose answers are kept already."""
    low: Amount
    likely: Amount
    high: Amount


def nothing_known(_key: str) -> Completion | None:
    """A store with nothing in it."""
    return None


def estimate_study(study: MessageTest | InterviewStudy, workspace: Workspace) -> CostEstimate:
    """The estimate of `study`; a model that is not on this machine yet is stood in for.

    Raises `InputError` for whatever is wrong with the study, and if the price of a model is not known.
    """
    asked = parse_model_ref(study.model, study.base_url)
    # a job of its own: rendering for an estimate must not count as use in the run
    job = prepare(stood_in(study, workspace.settings), workspace)
    prices = parse_prices(workspace.settings.prices)
    return estimate_job(job, prices, workspace.store.get, is_timed=asked.provider == "embedded")


def estimate_job(
    job: Job, prices: PriceTable, known: Known = nothing_known, *, is_timed: bool = False
) -> CostEstimate:
    """The estimate of `job`, in seconds too if `is_timed`.

    Raises `InputError` if the price of a model is not known.
    """
    sample = _sample(job.plan)
    worst = "vague" if isinstance(job.study, InterviewStudy) else "garbled"
    brief = asyncio.run(_play(job, sample, _Answers("sensible", 0.0, known, prices)))
    usual = asyncio.run(_play(job, sample, _Answers("sensible", USUAL_LENGTH, known, prices)))
    long = asyncio.run(_play(job, sample, _Answers(worst, 1.0, known, prices)))
    return CostEstimate(
        sessions=len(job.plan),
        known_calls=round(brief.known),
        low=brief.amount(is_timed=is_timed),
        likely=usual.towards(long, LIKELY_ASIDE).amount(is_timed=is_timed),
        high=long.amount(is_timed=is_timed),
    )


def _sample(plan: Plan) -> tuple[Assignment, ...]:
    """All sessions of as many respondents as fit, spread evenly over the plan; at least one respondent's."""
    asked = [place for place, sheet in enumerate(plan.sheet_of) if plan.sheets[sheet]]
    most = max(1, MOST_SESSIONS // max(len(sheet) for sheet in plan.sheets))
    step = -(-len(asked) // most)
    return tuple(session for place in asked[::step] for session in plan.assignments_of(place, place + 1))


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


async def _play(job: Job, sample: Sequence[Assignment], answers: "_Answers") -> _Sums:
    """The sums over the whole plan, from playing `sample`."""
    in_all: Counter[str] = Counter()
    for sheet, times in job.plan.sheets_used():
        for one in sheet:
            in_all[one.kind] += times
    played = Counter(one.kind for one in sample)
    total = _Sums()
    for assignment in sample:
        answers.sums = _Sums()
        await drive(script_of(assignment, job.scene), answers.complete)
        total = total.plus(answers.sums, in_all[assignment.kind] / played[assignment.kind])
    return total


class _Answers:
    """Scripted answers of a given length, counted as they are given; known ones are free."""

    def __init__(self, mind: str, length: float, known: Known, prices: PriceTable) -> None:
        """`length` is the share of the token limit that an answer in words fills; 0: as scripted."""
        self.sums = _Sums()
        self._mind = ModelRef(provider="scripted", name=mind)
        self._length = length
        self._known = known
        self._prices = prices
        self._seen: set[str] = set()
        self._prompts: dict[str, str] = {}

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
        usage = Usage(prompt_tokens=tokens, completion_tokens=generated)
        before = self._prompts.get(call.lane, "")
        fresh = len(prompt) - _shared(before, prompt)
        seconds = 0.0
        if isinstance(call, ChatCall):
            self._prompts[call.lane] = prompt
            seconds = fresh / CHARACTERS_PER_TOKEN / PROMPT_PER_S + generated / GENERATED_PER_S
        return _Sums(
            calls=1,
            prompt_tokens=tokens,
            completion_tokens=generated,
            cost_usd=cost_pico(usage, price_of(call.model, self._prices)) / PICO,
            seconds=seconds,
        )


def _shared(one: str, other: str) -> int:
    """Characters that two texts have in common at their start."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
