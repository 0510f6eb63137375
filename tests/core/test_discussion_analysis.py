"""What is read from private ratings: planted shifts are found, and a control that moves voids them."""

import pytest

from panelsim.analysis.discussion import analyse_discussion
from panelsim.analysis.discussion.hearing import is_echo_of
from panelsim.model.discussion import DiscussionAnalysis
from panelsim.model.plan import REACTION
from tests.discussions import OBJECTION, Rated, analysed, groups_in, job_of, study_of, transcript_of

START = (2.0, 2.5, 3.0, 3.5, 4.0)


def rated_by(after: float = 0.0, control: float = 0.0, pull: float = 0.0, *, turn: int = 1) -> Rated:
    """Members that start apart and move by `after` (`turn` times it in g2), pulled to the rest."""

    def rated(group: str, place: int, size: int, time: str) -> float:
        start = START[place]
        others = (sum(START[:size]) - start) / (size - 1)
        way = turn if group == "g2" else 1
        unrest = -0.03 if place % 2 else 0.03
        moves = {
            "retest": unrest,
            "unrelated": control - unrest,
            "after": way * after + pull * (others - start),
        }
        return min(5.0, max(1.0, start + moves.get(time, 0.0)))

    return rated


def word_of(analysis: DiscussionAnalysis) -> str:
    return analysis.verdict.word


def test_who_never_moves_shows_no_shift() -> None:
    found = analysed(rated_by())
    assert word_of(found) == "held"
    assert found.movement is not None
    assert (found.movement.moved.value, found.movement.shift.value) == (0, 0)
    assert not any(one.has_moved for one in found.members)
    assert {one.state for one in found.controls} == {"passed"}


def test_a_rise_in_every_group_is_a_rise_and_a_fall_a_fall() -> None:
    up, down = analysed(rated_by(0.6)), analysed(rated_by(-0.6))
    assert (word_of(up), word_of(down)) == ("rose", "fell")
    assert up.movement is not None
    # +0.6 over the talk; the harder control moves by 0.03 each way and is 0.006 off on average over five
    assert abs(up.movement.shift.value - 0.6) < 1e-9
    assert up.movement.net.low > 0.5
    assert all(one.has_moved for one in up.members)


def test_who_moves_to_the_others_is_found_as_conforming() -> None:
    found = analysed(rated_by(pull=0.8))
    assert word_of(found) == "converged"
    movement = found.movement
    assert movement is not None
    assert movement.net_pull is not None
    assert movement.pull is not None
    assert abs(movement.pull.value - 0.8) < 1e-6
    assert movement.net_pull.low > 0.5
    assert movement.distance_after.value < movement.distance_control.value
    assert abs(movement.shift.value) < 1e-9


def test_who_moves_away_from_the_others_parts_the_group() -> None:
    assert word_of(analysed(rated_by(pull=-0.7), size=5)) == "parted"


def test_groups_that_go_different_ways_make_no_rise() -> None:
    found = analysed(rated_by(0.6, turn=-1))
    assert word_of(found) == "moved"
    assert found.groups[0].net is not None
    assert found.groups[1].net is not None
    assert found.groups[0].net > 0 > found.groups[1].net


def test_who_drifts_as_much_without_the_discussion_cannot_say() -> None:
    found = analysed(rated_by(0.6, control=0.6))
    assert (word_of(found), found.verdict.is_void) == ("cannot_say", True)
    assert {one.name: one.state for one in found.controls} == {"retest": "passed", "unrelated": "failed"}
    assert "Control unrelated failed" in found.verdict.reasons[0]
    # nobody's move is beyond what the control shows
    assert not any(one.has_moved for one in found.members)


def test_an_unrelated_talk_that_moves_where_the_discussion_does_not_fails_too() -> None:
    found = analysed(rated_by(0.0, control=0.7))
    assert word_of(found) == "cannot_say"


def test_a_study_without_controls_cannot_say() -> None:
    found = analysed(rated_by(0.6), controls={"retest": False, "unrelated": False})
    assert word_of(found) == "cannot_say"
    assert "no shift can be told from noise" in found.verdict.reasons[0]
    assert {one.state for one in found.controls} == {"off"}


def test_three_members_are_too_few_to_tell_a_shift_from_noise() -> None:
    found = analysed(rated_by(1.0), groups=1, size=3)
    assert word_of(found) == "cannot_say"
    assert "3 members are too few" in found.verdict.reasons[0]
    assert {one.state for one in found.controls} == {"not_computed"}


def test_eight_groups_are_counted_as_groups() -> None:
    found = analysed(rated_by(0.6), groups=8, size=3)
    assert found.movement is not None
    assert found.movement.blocks == "8 groups"
    # 2 of 256 sign patterns, doubled by Holm over the two tests
    assert found.movement.net_p == round(2 * 2 / 256, 6)
    assert "bootstrap over 8 groups" in found.movement.net.method


def test_missing_ratings_void_the_verdict_and_leave_their_members_out() -> None:
    def rated(group: str, place: int, size: int, time: str) -> float | None:
        return None if place == 0 and time == "after" else rated_by(0.6)(group, place, size, time)

    found = analysed(rated)
    assert found.movement is not None
    assert found.movement.net.n == 8
    assert found.members[0].after is None
    assert found.members[0].shift is None
    assert found.verdict.word != "cannot_say"
    strict = analysed(rated, rule={"max_missing": 0.01})
    assert strict.verdict.word == "cannot_say"
    assert "private ratings are missing" in " ".join(strict.verdict.reasons)


def test_a_group_that_was_not_held_counts_as_missing() -> None:
    job = job_of(study_of())
    first, _ = groups_in(job)
    study = study_of()
    found = analyse_discussion(study, job.panel, job.plan, [transcript_of(first, rated_by(0.6))])
    assert found.quality.missing == found.quality.asked / 2
    assert found.quality.missing_reasons == (("failed", 5 * 8),)
    assert found.verdict.word == "cannot_say"


def test_the_interval_of_one_member_is_the_noise_of_the_control() -> None:
    def rated(group: str, place: int, size: int, time: str) -> float:
        del group, size
        return 3.0 + {"retest": (0.3, -0.3)[place % 2], "after": (1.0, 0.1)[place % 2]}.get(time, 0.0)

    found = analysed(rated, controls={"unrelated": False}, groups=2, size=4)
    shift = found.members[0].shift
    assert shift is not None
    # rms of the control's moves is 0.3; t(7) at 95% is 1.895: 1.0 -+ 0.568
    assert abs(shift.low - (1.0 - 0.3 * 1.8946)) < 1e-3
    assert [one.has_moved for one in found.members[:4]] == [True, False, True, False]


def test_who_came_closer_to_whom_is_read_from_first_ratings() -> None:
    found = analysed(rated_by(pull=1.0))
    low = found.members[0]
    group = [one for one in found.members if one.group == low.group]
    # it starts at 2.0 and ends at 3.25: nearer to those at 2.5 (0.75 away, was 0.5: no) and all above
    assert set(low.towards) == {
        one.respondent for one in group if one.before is not None and one.before > 2.6
    }
    assert low.drew is not None


def test_who_is_named_aloud_and_which_objections_stay_private() -> None:
    job = job_of(study_of(groups=1, size=3, rounds=1))
    (group,) = groups_in(job)
    one, other, third = group.members
    name = job.scene.buyers[other].name.split()[0]
    said = {
        (one, REACTION): "Fine.",
        (one, "objection"): OBJECTION,
        (one, "round1"): f"As {name} says, it is fine by me.",
        (other, "objection"): OBJECTION,
        (other, "round1"): "Who checks such a forecast against what closed later?",
        (third, "round1"): f"It is fine by me, as {name} says.",
    }
    persona = next(p for p in job.sources.personas if p.id == job.panel.people()[other].persona)
    expecting = persona.model_copy(update={"objections": (OBJECTION,)})
    found = analyse_discussion(
        study_of(groups=1, size=3, rounds=1), job.panel, job.plan,
        [transcript_of(group, rated_by(), said)], (expecting,),
    )  # fmt: skip
    members = {member.respondent: member for member in found.members}
    assert members[one].named == (other,)
    assert [kept.respondent for kept in found.kept] == [one]
    assert found.objections == 2
    (row,) = found.expected
    mine = [job.panel.people()[member].persona == persona.id for member in (one, other)]
    assert (row.private, row.public, row.both) == (sum(mine), 1, 1)
    # of three turns two are alike in their words, and the later one is an echo
    assert found.quality.echo == round(1 / 3, 6)


@pytest.mark.parametrize(
    ("said", "is_echo"),
    [
        (
            "It sounds useful to me. Deals slip every quarter here. Nobody checks the forecast afterwards.",
            True,
        ),
        ("Deals slip here every quarter.", True),
        ("Our board wants accuracy above everything else. Deals slip every quarter here.", False),
        ("I agree.", False),
        ("", False),
    ],
)
def test_a_turn_whose_sentences_stood_in_an_earlier_one_is_an_echo(said: str, is_echo: bool) -> None:
    earlier = "I like it. Deals slip every quarter here, and nobody checks the forecast afterwards."
    assert is_echo_of(said, ["Something else entirely.", earlier]) is is_echo
    assert not is_echo_of(said, [])
