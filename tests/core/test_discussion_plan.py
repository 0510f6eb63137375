"""Plans of discussions: who sits with whom, who speaks when, and studies that cannot be held."""

from collections import Counter

import pytest
from pydantic import ValidationError

from panelsim.errors import InputError
from panelsim.execution.part import Part
from panelsim.model.study import DiscussionStudy
from panelsim.planning.discussion import speaking_orders
from panelsim.planning.plan import plan_study
from panelsim.service.parts import planned_calls, sessions_in
from panelsim.sessions import session_id
from tests.discussions import groups_in, job_of, study_of

GUIDE = {
    "id": "g",
    "questions": [{"id": "q1", "text": "How do you choose?"}, {"id": "q2", "text": "Who signs?"}],
}


def test_everybody_sits_in_one_group_and_personas_are_spread_evenly() -> None:
    job = job_of(study_of(groups=3, size=4))
    groups = list(groups_in(job))
    assert sorted(name for group in groups for name in group.members) == sorted(job.panel.ids)
    assert [len(group.members) for group in groups] == [4, 4, 4]
    persona = dict(zip(job.panel.ids, job.panel.personas, strict=True))
    held = [Counter(persona[name] for name in group.members) for group in groups]
    for kind in set(persona.values()):
        counts = [one[kind] for one in held]
        assert max(counts) - min(counts) <= 1


def test_everybody_speaks_once_in_each_round_and_no_round_is_like_another() -> None:
    for group in groups_in(job_of(study_of(rounds=4))):
        assert len(group.orders) == 4
        assert all(sorted(order) == sorted(group.members) for order in group.orders)
        assert len({order[0] for order in group.orders}) == 4
        assert len(set(group.orders)) == 4


def test_a_second_round_is_turned_so_that_nobody_always_follows_the_same_member() -> None:
    first, second = speaking_orders(("a", "b", "c", "d"), 2)
    assert (first, second) == (("a", "b", "c", "d"), ("c", "b", "a", "d"))


def test_groups_begin_differently_and_another_seed_begins_differently() -> None:
    one, other = (job_of(study_of(groups=6, size=3, seed=seed)) for seed in (7, 8))
    places = {group.members.index(group.orders[0][0]) for group in groups_in(one)}
    assert len(places) > 1
    assert [g.orders[0] for g in groups_in(one)] != [g.orders[0] for g in groups_in(other)]


def test_a_part_of_a_run_holds_whole_groups() -> None:
    job = job_of(study_of(groups=3, size=3))
    parts = [Part(index=at, start=at, stop=at + 1) for at in range(3)]
    assert [sessions_in(job, part) for part in parts] == [1, 1, 1]
    names = [session_id(one) for part in parts for one in job.plan.assignments_of(part.start, part.stop)]
    assert names == [f"discussion/g{at}/a/0" for at in (1, 2, 3)]
    # per member: reaction, objection, four ratings, two rounds
    assert planned_calls(job, parts[0]) == 3 * (2 + 4 + 2)


def test_a_guide_of_two_questions_has_its_rounds_twice_and_n_is_filled_in() -> None:
    study = DiscussionStudy.model_validate({"id": "s", "guide": GUIDE, "groups": 2, "size": 3})
    assert (study.rounds_in_all, study.n) == (4, 6)
    group = next(groups_in(job_of(study)))
    assert group.alone == ("reaction",)
    assert group.controls == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"n": 11}, "2 groups of 5 make up the panel: leave n out"),
        ({"size": 2}, "greater than or equal to 3"),
        ({"size": 9}, "less than or equal to 8"),
        ({"rounds": 5}, "less than or equal to 4"),
        ({"stimulus": None}, "found nothing to talk about"),
        ({"guide": GUIDE, "rounds": 4}, "8 rounds over all questions, expected at most 6"),
        ({"guide": {**GUIDE, "max_turns": 3}}, "4 rounds, but the guide has max_turns 3"),
    ],
)
def test_a_discussion_that_cannot_be_held_is_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        study_of(**changes)


def test_a_text_of_a_control_is_refused() -> None:
    study = study_of(stimulus={"id": "control-x", "text": "Words"})
    with pytest.raises(InputError, match="is a control"):
        plan_study(study, job_of().panel)
