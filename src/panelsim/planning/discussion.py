"""Planning a discussion: a panel dealt into groups, and who speaks when."""

from collections.abc import Sequence

from panelsim.model.panel import Panel
from panelsim.model.plan import DiscussionAssignment, Plan
from panelsim.model.study import DiscussionStudy
from panelsim.planning.stimuli import NOBODY, check_texts
from panelsim.planning.streams import stream


def plan_discussion(study: DiscussionStudy, panel: Panel) -> Plan:
    """The plan of `study` on `panel`: a session for each group, called g1, g2.

    Every persona is spread over the groups. Raises `InputError` if the text cannot be shown.
    """
    stimuli = (study.stimulus,) if study.stimulus else ()
    check_texts(study.id, stimuli, "text to talk about")
    groups = groups_of(panel, study.groups)
    sheets = tuple((_assignment(study, members, at),) for at, members in enumerate(groups))
    people = tuple(f"g{at + 1}" for at in range(len(groups)))
    return Plan(stimuli=stimuli, people=people, sheets=sheets, sheet_of=tuple(range(len(groups))))


def groups_of(panel: Panel, groups: int) -> tuple[tuple[str, ...], ...]:
    """Ids of the members of each group: personas dealt out one after the other, so that each is mixed."""
    kinds = {persona: at for at, persona in enumerate(dict.fromkeys(panel.personas))}
    dealt = sorted(
        zip(panel.ids, panel.personas, strict=True),
        key=lambda one: kinds[one[1]],
    )
    names = [name for name, _ in dealt]
    return tuple(tuple(names[at::groups]) for at in range(groups))


def _assignment(study: DiscussionStudy, members: Sequence[str], at: int) -> DiscussionAssignment:
    rng = stream(study.seed, "discussion", study.id, str(at))
    first = [members[int(place)] for place in rng.permutation(len(members))]
    return DiscussionAssignment(
        respondent=NOBODY,
        members=tuple(members),
        orders=speaking_orders(first, study.rounds_in_all),
        stimulus=study.stimulus.id if study.stimulus else "",
        measure=study.measure if study.stimulus else "",
        controls=study.controls.names if study.stimulus else (),
        wording=at % study.wordings,
    )


def speaking_orders(first: Sequence[str], rounds: int) -> tuple[tuple[str, ...], ...]:
    """Who speaks when: everybody once a round, begun by another member in each and turned in every second.

    Turned, because with a mere rotation everybody would always speak after the same neighbour.
    """
    step = max(1, len(first) // rounds)
    orders = []
    for place in range(rounds):
        start = place * step % len(first)
        order = (*first[start:], *first[:start])
        orders.append(order if place % 2 == 0 else (order[0], *reversed(order[1:])))
    return tuple(orders)
