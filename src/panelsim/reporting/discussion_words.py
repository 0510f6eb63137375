"""How the figures of a discussion are put into words, the same in every format."""

from collections.abc import Mapping
from typing import NamedTuple

from panelsim.model.analysis import Estimate
from panelsim.model.discussion import DiscussionWord, GroupShift, Movement
from panelsim.model.discussion_design import DiscussionControlName
from panelsim.model.discussion_report import DiscussionMethod, MemberRow, Shifts
from panelsim.model.panel import Respondent
from panelsim.model.plan import (
    AFTER,
    BEFORE,
    OBJECTION,
    REACTION,
    DiscussionAssignment,
    Transcript,
    Turn,
    rated,
    round_name,
)
from panelsim.model.response import Missing, RatingAnswer, Response
from panelsim.reporting.words import (
    MISSING,
    count,
    fixed,
    interval,
    listed,
    percent,
    percent_interval,
    probability,
    signed,
    signed_interval,
)

VERDICTS: Mapping[DiscussionWord, str] = {
    "rose": "Rose",
    "fell": "Fell",
    "converged": "Converged",
    "parted": "Parted",
    "moved": "Moved",
    "held": "Held",
    "cannot_say": "Cannot say",
}
CONTROLS: Mapping[DiscussionControlName, str] = {
    "retest": "Rated again, no talk",
    "unrelated": "Unrelated talk",
}
TOLD_OF = (
    "Who moved whom cannot be told: all members heard the same words. “Came closer to” names whose first "
    "rating a member ended nearer to, “named” whom it spoke of, “drew” by how many points the others came "
    "closer to its first rating than in the control."
)
APART = "Objections count as alike if half of the content words are shared: paraphrases are missed."


def rating(value: float | None) -> str:
    """`3.42`, or a dash."""
    return "–" if value is None else fixed(value)


def shift(row: MemberRow) -> tuple[str, str]:
    """`+0.42` and its interval; dashes without."""
    found = row.shift.shift
    return ("–", "") if found is None else (signed(found.value), signed_interval(found))


def drew(row: MemberRow) -> str:
    """`+0.10`, or a dash."""
    return "–" if row.shift.drew is None else signed(row.shift.drew)


def net(group: GroupShift) -> str:
    """The group's shift net of the control."""
    return "–" if group.net is None else signed(group.net)


def figures(movement: Movement) -> tuple[tuple[str, str, str, str], ...]:
    """(what, over the discussion, over the control, difference) of every figure over all members."""
    control = CONTROLS[movement.against]
    p = f"p {probability(movement.moved_p)}"
    rows = [
        ("A rating moves by", _points(movement.moved), _points(movement.noise), p),
        (
            "The mean moves by",
            _signed(movement.shift),
            _signed(movement.control_shift),
            f"{_signed(movement.net)}, p {probability(movement.net_p)}",
        ),
        (
            f"Two members lie apart by (before: {fixed(movement.distance_before.value)})",
            _points(movement.distance_after),
            _points(movement.distance_control),
            _signed(movement.closer.model_copy(update=_turned(movement.closer))),
        ),
    ]
    if movement.pull and movement.control_pull and movement.net_pull:
        rows.append(
            (
                "Of the distance to the others closed",
                _share(movement.pull),
                _share(movement.control_pull),
                _share(movement.net_pull),
            )
        )
    return (("", "Discussion", control, "Difference"), *rows)


def _turned(estimate: Estimate) -> dict[str, float]:
    """The same figure counted the other way: after minus the control."""
    return {"value": -estimate.value, "low": -estimate.high, "high": -estimate.low}


def _points(estimate: Estimate) -> str:
    return f"{fixed(estimate.value)} ({interval(estimate)})"


def _signed(estimate: Estimate) -> str:
    return f"{signed(estimate.value)} ({signed_interval(estimate)})"


def _share(estimate: Estimate) -> str:
    return f"{percent(estimate.value)} ({percent_interval(estimate)})"


def lede(section: Shifts) -> str:
    """What the table of members shows."""
    against = f" ({CONTROLS[section.movement.against].lower()})" if section.movement else ""
    return (
        f"Private ratings of {section.measure} in points of a scale of {section.points}, with "
        f"{percent(section.confidence)} intervals. A member’s interval is the noise of the control"
        f"{against}; who is beyond it is marked."
    )


def method_rows(section: DiscussionMethod) -> tuple[tuple[str, str], ...]:
    """The design and the rule as pairs of label and text."""
    rule = section.rule
    held = f"{count(section.groups, 'group')} of {section.size} members, personas spread over the groups"
    rounds = f"{count(section.rounds, 'round')}, each member once in each, the order turned and moved on"
    if not section.measure:
        return (("Asked", held), ("Spoken", rounds), ("Rated", "nothing: there was no text"))
    switches = (("rated again", section.controls.retest), ("unrelated talk", section.controls.unrelated))
    voids = (
        "a control moves as much as the discussion or cannot be computed",
        f"more than {percent(rule.max_missing)} of answers are missing",
        f"less than {percent(rule.min_valid_mass)} of the probability is on valid answers",
        f"too few members moved for a p below {rule.alpha}",
    )
    pulled = f"{percent(rule.min_pull)} or more of the distance to the others"
    beyond = f"p below {rule.alpha} (sign flips, Holm over both tests)"
    return (
        ("Asked", held),
        ("Met as", section.channel),
        ("In private first", f"reaction, first objection, rating of {section.measure}, the controls"),
        ("Spoken", rounds),
        ("In private last", "the rating again, with what was heard; nobody sees its earlier rating"),
        ("Wordings", f"{count(section.wordings, 'wording')} over the groups; a member keeps its own"),
        ("Held", f"a rating moves by less than {rule.min_shift} points on average"),
        ("Rose, fell", f"{rule.min_shift} points or more net of the control, {beyond}, in every group"),
        ("Moved", f"a rating moves more than in the control, {beyond}, in no common direction"),
        (
            "Converged, parted",
            f"moved, and {pulled} is closed (or added) net of it, interval clear of 0",
        ),
        ("Cannot say", listed(voids, "or")),
        ("Controls", ", ".join(f"{name} {'on' if on else 'off'}" for name, on in switches)),
    )


class Private(NamedTuple):
    """What one member said and rated alone."""

    person: Respondent
    reaction: Turn | None
    objection: Turn | None
    ratings: tuple[tuple[str, str, str], ...]
    """(label, figure or why it is missing, key of the call)."""


class Round(NamedTuple):
    """One round: what the moderator asked, and who said what."""

    number: int
    question: str
    turns: tuple[tuple[Respondent, Turn], ...]


class Talk(NamedTuple):
    """One group as it is read."""

    group: str
    private: tuple[Private, ...]
    rounds: tuple[Round, ...]
    place: Mapping[str, int]
    """Of each member by id, for its colour."""
    unheard: tuple[str, ...]
    """What is missing, in a line each."""


LABELS: Mapping[str, str] = {
    BEFORE: "before",
    "retest": "again, no talk",
    "unrelated": "after an unrelated talk",
    AFTER: "after",
}


def talk_of(transcript: Transcript, people: Mapping[str, Respondent]) -> Talk:
    """A group's session in reading order; `people` are the respondents by id."""
    assignment = transcript.assignment
    if not isinstance(assignment, DiscussionAssignment):
        raise TypeError(f"a session of kind {assignment.kind} is no discussion")
    said = {
        (turn.respondent, turn.question): turn for turn in transcript.turns if turn.speaker == "respondent"
    }
    asked = {turn.question: turn.text for turn in transcript.turns if turn.speaker == "interviewer"}
    answers = {(one.respondent, one.question): one for one in transcript.responses}
    times = (BEFORE, *assignment.controls, AFTER) if assignment.stimulus else ()
    private = tuple(
        Private(
            people[member],
            said.get((member, REACTION)),
            said.get((member, OBJECTION)),
            tuple(_rating(when, answers.get((member, rated(assignment.measure, when)))) for when in times),
        )
        for member in assignment.members
    )
    rounds = tuple(
        Round(
            place + 1,
            asked.get(round_name(place), ""),
            tuple(
                (people[member], said[member, round_name(place)])
                for member in order
                if (member, round_name(place)) in said
            ),
        )
        for place, order in enumerate(assignment.orders)
    )
    unheard = tuple(
        f"{people[one.respondent].name}, {one.question}: {MISSING[one.answer.reason]}"
        for one in transcript.responses
        if isinstance(one.answer, Missing)
    )
    place = {name: at for at, name in enumerate(assignment.members)}
    return Talk(assignment.respondent, private, rounds, place, unheard)


def _rating(when: str, response: Response | None) -> tuple[str, str, str]:
    key = response.call_keys[-1] if response is not None and response.call_keys else ""
    if response is None or not isinstance(response.answer, RatingAnswer):
        return LABELS[when], "missing", key
    return LABELS[when], fixed(response.answer.value), key
