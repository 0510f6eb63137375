"""The words and number formats that every report format shares."""

import re
from collections.abc import Mapping, Sequence
from typing import assert_never

from panelsim.model.analysis import Contrast, ControlName, Estimate, SourceName, VerdictWord
from panelsim.model.call import Usage
from panelsim.model.committee import OutcomeWord, StanceState
from panelsim.model.icp import Structure
from panelsim.model.panel import CommitteeRole, Respondent, Treatment
from panelsim.model.persona import Authority
from panelsim.model.plan import (
    PREFERENCE,
    Assignment,
    CommitteeAssignment,
    InterviewAssignment,
    MonadicAssignment,
    PairedAssignment,
    Transcript,
)
from panelsim.model.report import (
    CheckState,
    Overview,
    Report,
    RunFacts,
    Standing,
)
from panelsim.model.response import AnswerOrMissing, ChoiceAnswer, Missing, RatingAnswer, TextAnswer
from panelsim.model.study import Carried, StimulusRole

VERDICTS: Mapping[VerdictWord, str] = {
    "clear_lead": "Clear lead",
    "lean": "Lean",
    "no_difference": "No difference",
    "cannot_say": "Cannot say",
}
CONTROLS: Mapping[ControlName, str] = {
    "duplicate": "Exact duplicate (A/A)",
    "decoy": "Weak decoy",
    "shuffled": "Shuffled words",
    "anti_icp": "Anti-ICP panel",
}
OUTCOMES: Mapping[OutcomeWord, str] = {
    "go_ahead": "Would go ahead",
    "blocked": "Blocked",
    "stuck": "Stuck",
    "cannot_say": "Cannot say",
}
STANCES: Mapping[StanceState, str] = {
    "yes": "yes",
    "no": "no",
    "unsure": "cannot say",
    "unclear": "unclear",
    "position_bias": "slot bias",
    "missing": "no answer",
}
AUTHORITIES: Mapping[Authority, str] = {
    "signs": "signs",
    "approves": "approves",
    "blocks": "can block",
    "influences": "is heard",
    "recommends": "recommends",
}
COMMITTEE_ROLES: Mapping[CommitteeRole, str] = {
    "champion": "champion",
    "economic": "economic buyer",
    "technical": "technical buyer",
    "user": "user",
    "sponsor": "executive sponsor",
    "procurement": "procurement",
    "blocker": "blocker",
}
STRUCTURES: Mapping[Structure, str] = {
    "flat": "flat: the majority decides and the signature follows; only who blocks can stop it",
    "hierarchical": "hierarchical: whoever signs, approves or blocks can stop it",
    "decentralised": "decentralised: whoever signs, approves or blocks can stop it, and so can the highest "
    "seat of every function",
}
CARRIED: Mapping[Carried, str] = {
    "traits": "traits",
    "decision": "decision parameters",
    "both": "traits and decision parameters",
}
TREATMENTS: Mapping[Treatment, str] = {
    "on": "their own",
    "off": "none",
    "shuffled": "another respondent's",
}
SOURCES: Mapping[SourceName, str] = {
    "stimulus": "Stimulus: some texts are rated higher by all",
    "persona": "Persona: some personas rate higher",
    "persona_stimulus": "Persona × stimulus: personas prefer different texts",
    "respondent": "Respondent within a persona: some rate higher",
    "respondent_stimulus": "Respondent × stimulus within a persona",
    "wording": "Wording of the question",
    "wording_stimulus": "Wording × stimulus",
    "wording_respondent": "Wording × respondent",
    "rest": "Wording × stimulus × respondent",
    "replicate": "Replicate: the same question again",
    "carried": "Swapping them: how high a respondent rates",
    "carried_stimulus": "Swapping them: which text a respondent rates higher",
}
STANDINGS: Mapping[Standing, str] = {
    "leads": "leads",
    "not_separable": "tied",
    "behind": "behind",
    "not_ranked": "not ranked",
    "control": "control",
}
STATES: Mapping[CheckState, str] = {
    "passed": "passed",
    "failed": "failed",
    "not_computed": "not computed",
    "off": "off",
    "noted": "noted",
}
MARKS: Mapping[CheckState, str] = {
    "passed": "✓",
    "failed": "✗",
    "not_computed": "?",
    "off": "–",
    "noted": "·",
}
ROLES: Mapping[StimulusRole, str] = {
    "variant": "variant",
    "duplicate": "control: exact duplicate",
    "decoy": "control: weak decoy",
    "shuffled": "control: shuffled words",
}
MISSING: Mapping[str, str] = {
    "refused": "refused to answer",
    "unreadable": "unreadable answer",
    "cut_off": "cut off",
    "no_logprobs": "no log-probabilities",
    "low_mass": "too little probability on valid answers",
    "failed": "call failed",
}

TITLES: Mapping[str, str] = {
    "answer": "Answer",
    "scores": "Scores",
    "preferences": "Preference",
    "cuts": "Segments",
    "trust": "Can you believe it?",
    "overview": "Interviews",
    "outcome": "Outcome",
    "committee": "Seat by seat",
    "seat_talk": "What the seats said",
    "ablation": "Where a rating comes from",
    "voices": "For and against",
    "comprehension": "What was understood",
    "limits": "What this cannot say",
    "method": "Design and rule",
    "committee_method": "Design and rule",
    "provenance": "Where this comes from",
    "respondents": "Respondents",
    "transcripts": "Transcripts",
}
"""Headings by the kind of section."""
TOLD = "Generated words. They illustrate the figures; nothing here was counted."

NO_RATINGS = "This design asks for no ratings: the pairs decide."

FOOTER = "Simulated, not people. Every answer in this file was generated by a language model."
CHARTS_NEED_EXTRA = 'Charts are drawn when the reports extra is installed: pip install "panelsim[reports]".'

# C0 and C1 controls but line feed and tab, then the marks that reorder text, then lone surrogates.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def plain(text: str) -> str:
    """`text` without control characters and direction overrides; lone surrogates become U+FFFD."""
    return _SURROGATE.sub("\ufffd", _UNPRINTABLE.sub("", text.replace("\r\n", "\n")))


def one_line(text: str) -> str:
    """`plain` text with every run of white space as one space."""
    return " ".join(plain(text).split())


def fixed(value: float, places: int = 2) -> str:
    """`3.42`, `−0.07`; never a negative zero."""
    text = f"{value:.{places}f}"
    return text.replace("-", "−") if float(text) != 0 else text.removeprefix("-")


def signed(value: float, places: int = 2) -> str:
    """`+0.42`, `−0.07`, `0.00`."""
    text = fixed(value, places)
    return text if text.startswith("−") or float(text) == 0 else f"+{text}"


def percent(share: float) -> str:
    """A share 0..1 as `62%`."""
    return f"{share * 100:.0f}%"


def interval(estimate: Estimate) -> str:
    """`3.10 to 3.71`."""
    return f"{fixed(estimate.low)} to {fixed(estimate.high)}"


def percent_interval(estimate: Estimate) -> str:
    """`41% to 66%`."""
    return f"{percent(estimate.low)} to {percent(estimate.high)}"


def signed_interval(estimate: Estimate) -> str:
    """`+0.10 to +0.71`."""
    return f"{signed(estimate.low)} to {signed(estimate.high)}"


def lead(contrast: Contrast) -> tuple[str, str]:
    """Lead and interval: `+0.38`, `+0.18 to +0.58` in points; `62% of pairs`, `51% to 73%` for preference."""
    gap = contrast.difference
    if contrast.measure != PREFERENCE:
        return f"{signed(gap.value)} points", signed_interval(gap)
    low, high = percent(gap.low + 0.5), percent(gap.high + 0.5)
    return f"{percent(gap.value + 0.5)} of pairs", f"{low} to {high}"


def probability(p: float) -> str:
    """A p value to three places, `< 0.001` below that."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def count(n: int, noun: str, plural: str = "") -> str:
    """`1 session`, `2,400 sessions`."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def listed(names: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def reasons(pairs: Sequence[tuple[str, int]]) -> str:
    """`3 refused to answer, 1 cut off`."""
    return ", ".join(f"{n} {MISSING.get(reason, reason)}" for reason, n in pairs)


def overview(section: Overview) -> str:
    """How much was answered: `2 interviews, 14 answers, 1 missing (1 cut off)`."""
    said = f"{count(section.interviews, 'interview')}, {count(section.answers, 'answer')}"
    lost = f", {section.missing} missing ({reasons(section.missing_reasons)})" if section.missing else ""
    return f"{said}{lost}"


def short(key: str) -> str:
    """First twelve digits of a content key, without its prefix."""
    return key.rpartition(":")[2][:12]


def dollars(usd: float) -> str:
    """`$0.00`, `$0.0042`, `$12.30`: more places for small sums."""
    return f"${usd:.2f}" if usd == 0 or usd >= 0.1 else f"${usd:.4f}"


def traits_in_words(respondent: Respondent) -> str:
    """Traits half a standard deviation or more from the mean: `emotionality −0.8, openness +1.2`."""
    levels = respondent.traits.domains
    far = [f"{name.replace('_', '-')} {signed(z, 1)}" for name, z in levels.items() if abs(z) >= 0.5]
    return ", ".join(far) or "near the mean on all six"


def decision_in_words(respondent: Respondent) -> str:
    """Decision parameters, 0 to 1: `risk tolerance 0.5, price sensitivity 0.8`."""
    shares = respondent.decision.model_dump()
    return ", ".join(f"{name.replace('_', ' ')} {share:.1f}" for name, share in shares.items())


def answer_in_words(answer: AnswerOrMissing) -> str:
    """A parsed answer in short: `3.82 (3: 18%, 4: 82%)`, `outcome 70%, speed 30%`, `missing: cut off`."""
    match answer:
        case RatingAnswer():
            shares = [
                f"{point}: {percent(s)}" for point, s in enumerate(answer.distribution, 1) if s >= 0.005
            ]
            return f"{fixed(answer.value)} ({', '.join(shares)})"
        case ChoiceAnswer():
            pairs = zip(answer.options, answer.shares, strict=True)
            return ", ".join(f"{option} {percent(share)}" for option, share in pairs)
        case TextAnswer():
            return "in words"
        case Missing():
            return f"missing: {MISSING[answer.reason]}"
        case _:
            assert_never(answer)


def session_title(assignment: Assignment) -> str:
    """What one session was about, in a few words."""
    match assignment:
        case MonadicAssignment():
            return f"sees {assignment.stimulus}{_repeat(assignment.replicate)}"
        case PairedAssignment():
            return (
                f"compares {assignment.first} (first) with {assignment.second}{_repeat(assignment.replicate)}"
            )
        case InterviewAssignment():
            return f"interview{_repeat(assignment.replicate)}"
        case CommitteeAssignment():
            return f"judges {assignment.stimulus}{_repeat(assignment.replicate)}"
        case _:
            assert_never(assignment)


def _repeat(replicate: int) -> str:
    return f", repeat {replicate + 1}" if replicate else ""


def tokens(usage: Usage) -> str:
    """`81,204 in (60,100 from the provider’s cache), 9,310 out`."""
    cached = f"{usage.cached_tokens:,} from the provider’s cache"
    return f"{usage.prompt_tokens:,} in ({cached}), {usage.completion_tokens:,} out"


def more_failures(facts: RunFacts) -> str:
    """Where the failures are that a large report leaves out."""
    return f"{count(facts.failures_omitted, 'more session')}, each with its reason in transcripts.jsonl."


def cards_omitted(omitted: int, report: Report) -> str:
    """What to know of the respondents whose cards are left out of a large report."""
    place = "transcripts.jsonl" if report.study_kind == "interview" else "responses.csv"
    return f"{count(omitted, 'respondent')} without a card in this report; {place} names all."


def sessions_shown(shown: int, sessions: int) -> str:
    """How many of a large run's sessions are shown, and where all are."""
    return f"{shown:,} of {count(sessions, 'session')} are shown here; all are in transcripts.jsonl."


def by_respondent(transcripts: Sequence[Transcript]) -> dict[str, tuple[Transcript, ...]]:
    """Transcripts grouped by respondent, both in the order of the plan."""
    groups: dict[str, list[Transcript]] = {}
    for transcript in transcripts:
        groups.setdefault(transcript.assignment.respondent, []).append(transcript)
    return {respondent: tuple(group) for respondent, group in groups.items()}
