"""The words and number formats that every report format shares."""

import re
from collections.abc import Mapping, Sequence
from typing import assert_never

from panelsim.model.analysis import Contrast, ControlName, Estimate, SourceName, VerdictWord
from panelsim.model.call import Usage
from panelsim.model.hypothesis import HYPOTHESIS
from panelsim.model.note import Ground
from panelsim.model.panel import Respondent, Treatment
from panelsim.model.plan import (
    PREFERENCE,
    Assignment,
    CommitteeAssignment,
    DiscussionAssignment,
    HypothesisAssignment,
    InterviewAssignment,
    InventoryAssignment,
    MonadicAssignment,
    PairedAssignment,
    SurveyAssignment,
    Transcript,
)
from panelsim.model.report import (
    CheckState,
    Grounding,
    GroundingSource,
    Overview,
    PersonaGrounding,
    Report,
    RunFacts,
    Standing,
    TopBox,
)
from panelsim.model.response import (
    AnswerOrMissing,
    ChoiceAnswer,
    ChoicesAnswer,
    Missing,
    NumberAnswer,
    RatingAnswer,
    TextAnswer,
)
from panelsim.model.study import LONGEST_TEXT, Carried, Stimulus, StimulusRole

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
LIKE = (
    "An objection counts as raised if {} holds at least half of its content words. Paraphrases are missed, "
    "and a word in passing counts: read the quotes."
)
PREFERRED = "what each persona’s preferred channel shows"
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
    "top_box": "Top two boxes",
    "preferences": "Preference",
    "cuts": "Segments",
    "trust": "Can you believe it?",
    "overview": "Interviews",
    "readback": "Read back",
    "recovery": "Assigned and measured",
    "scale_scores": "Scores",
    "outcome": "Outcome",
    "committee": "Seat by seat",
    "seat_talk": "What the seats said",
    "hypothesis_answer": "Answer",
    "positions": "Positions",
    "survey_answer": "Answer",
    "survey_results": "Question by question",
    "survey_said": "In their own words",
    "study_method": "Design and rule",
    "ablation": "Where a rating comes from",
    "discussion": "Discussion",
    "shifts": "Before and after, in private",
    "aired": "Objections in private and aloud",
    "discussion_method": "Design and rule",
    "voices": "For and against",
    "comprehension": "What was understood",
    "objections": "Objections expected and raised",
    "limits": "What this cannot say",
    "grounding": "What the personas rest on",
    "method": "Design and rule",
    "committee_method": "Design and rule",
    "provenance": "Where this comes from",
    "respondents": "Respondents",
    "transcripts": "Transcripts",
}
"""Headings by the kind of section."""
TOLD = "Generated words. They illustrate the figures; nothing here was counted."

NO_RATINGS = "This design asks for no ratings: the pairs decide."

EXAMPLE = "invented example"
"""Said of a passage from a note that was made up."""

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


def passage_source(ground: Ground) -> str:
    """`acme-call#t5 (CRM call 114, 2026-03-04)`."""
    example = f", {EXAMPLE}" if ground.basis == "invented" else ""
    return f"{ground.note}#{ground.place} ({one_line(ground.source)}, {ground.date}{example})"


def ground_line(ground: Ground) -> str:
    """`from acme-call#t5 (CRM call 114, 2026-03-04): “…”`, and what the answer repeats of it."""
    repeated = f" The answer repeats: “{one_line(ground.quoted)}”." if ground.quoted else ""
    return f"from {passage_source(ground)}: “{one_line(ground.text)}”{repeated}"


def fixed(value: float, places: int = 2) -> str:
    """`3.42`, `−0.07`; never a negative zero."""
    text = f"{value:.{places}f}"
    return text.replace("-", "−") if float(text) != 0 else text.removeprefix("-")


def signed(value: float, places: int = 2) -> str:
    """`+0.42`, `−0.07`, `0.00`."""
    text = fixed(value, places)
    return text if text.startswith("−") or float(text) == 0 else f"+{text}"


def percent(share: float) -> str:
    """A share as `62%`, one below 0 as `−3%`."""
    return f"{fixed(share * 100, 0)}%"


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


MOST_SHOWN = 160
"""Characters of a concept without a name that stand for it."""


def label_of(stimulus: Stimulus) -> str:
    """What stands for a stimulus in a report: the name of a concept, else its text, a long one cut."""
    if stimulus.name:
        return stimulus.name
    if len(stimulus.text) <= LONGEST_TEXT:
        return stimulus.text
    return f"{one_line(stimulus.text)[:MOST_SHOWN].rstrip()}…"


def share_or_none(share: Estimate | None, otherwise: str = "no answer") -> str:
    """`41% (33% to 50%)`, or what stands where there is none."""
    return otherwise if share is None else f"{percent(share.value)} ({percent_interval(share)})"


def top_box_lede(section: TopBox) -> str:
    """What the table of the two highest points shows."""
    measure = one_line(section.measure).replace("_", " ")
    return (
        f"Mean probability of the two highest points of {measure}, with the "
        f"{percent(section.confidence)} simulation interval. It is no purchase rate: compare concepts and "
        "controls inside this run."
    )


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
        case ChoicesAnswer():
            each = zip(answer.options, answer.shares, strict=True)
            return ", ".join(f"{option} {percent(share)}" for option, share in each)
        case NumberAnswer():
            return f"{answer.value:g}"
        case TextAnswer():
            return "in words"
        case Missing():
            return f"missing: {MISSING[answer.reason]}"
        case _:
            assert_never(answer)


def channel_in_words(channel: str) -> str:
    """Where a stimulus was met."""
    return PREFERRED if channel == "preferred" else channel


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
        case InventoryAssignment():
            items = count(len(assignment.items), "item")
            return f"answers {items}, block {assignment.block + 1}{_repeat(assignment.replicate)}"
        case HypothesisAssignment():
            told = "takes a position" if assignment.posed == HYPOTHESIS else f"answers {assignment.posed}"
            return f"{told}, wording {assignment.wording + 1}{_repeat(assignment.replicate)}"
        case SurveyAssignment():
            return f"answers {count(len(assignment.asked), 'question')}{_repeat(assignment.replicate)}"
        case CommitteeAssignment():
            return f"judges {assignment.stimulus}{_repeat(assignment.replicate)}"
        case DiscussionAssignment():
            return f"discussion of {count(len(assignment.members), 'member')}{_repeat(assignment.replicate)}"
        case _:
            assert_never(assignment)


def _repeat(replicate: int) -> str:
    return f", repeat {replicate + 1}" if replicate else ""


def tokens(usage: Usage) -> str:
    """`81,204 in (60,100 from the provider’s cache), 9,310 out`."""
    cached = f"{usage.cached_tokens:,} from the provider’s cache"
    return f"{usage.prompt_tokens:,} in ({cached}), {usage.completion_tokens:,} out"


def elicitation(facts: RunFacts) -> str:
    """How answers were got: `logprob, third_person`."""
    return ", ".join(part for part in (facts.elicit, facts.frame) if part)


GROUNDING = (
    "The index is the share of a persona’s stated fields that were observed, an inferred one counting half. "
    "It says what a persona rests on, not how well the model plays it."
)


def grounding(of: PersonaGrounding) -> str:
    """What one persona rests on, as in `2 of 4 fields were observed, 2 inferred`."""
    guessed = of.invented + of.unsaid
    if not of.observed and not of.inferred:
        return "Nothing in this persona was observed: it is a guess."
    if of.observed == of.stated:
        return f"All {of.stated} stated fields were observed."
    start = f"{of.observed} of {of.stated} fields were observed" if of.observed else "Nothing was observed"
    inferred = f", {of.inferred} inferred" if of.inferred else ""
    rest = f", {guessed} {'is a guess' if guessed == 1 else 'are guesses'}" if guessed else ""
    return f"{start}{inferred}{rest}."


def groundings(section: Grounding) -> str:
    """What all personas rest on, in one sentence."""
    people = section.personas
    if not any(one.observed or one.inferred for one in people):
        of = "this persona" if len(people) == 1 else f"these {len(people)} personas"
        return f"Nothing in {of} was observed: {'it is a guess' if len(people) == 1 else 'they are guesses'}."
    said = ", ".join(f"{one.persona} {fixed(one.index)}" for one in people)
    return f"{said}, between 0 (a guess) and 1 (observed)."


def ground_source(source: GroundingSource) -> str:
    """`observed: five interviews, Berlin (2026-05-02)`."""
    return f"{source.basis}: {source.source}{f' ({source.date})' if source.date else ''}"


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
