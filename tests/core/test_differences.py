from hypothesis import given, settings
from hypothesis import strategies as st

from panelsim.model.fingerprint import content_hash
from panelsim.model.panel import Decision, PanelSpec, PersonaShare
from panelsim.model.persona import Journey, Pain, Persona
from panelsim.planning.differences import Change, differences
from tests.profiles import persona

GOALS = st.lists(st.sampled_from(["a", "b", "c"]), max_size=4).map(tuple)


def changed(**update: object) -> tuple[Change, ...]:
    return differences(persona(), persona().model_copy(update=update))


def test_the_same_persona_does_not_differ() -> None:
    assert changed() == ()


def test_a_field_inside_a_field_is_named_by_its_place() -> None:
    (one,) = changed(decision=Decision(proof_demanded=0.9, authority=0.8))
    assert (one.field, one.before, one.after) == ("decision.authority", 0.5, 0.8)


def test_what_a_list_lost_and_gained_is_told() -> None:
    before = persona().model_copy(update={"goals": ("grow", "save")})
    after = persona().model_copy(update={"goals": ("save", "rest")})
    (one,) = differences(before, after)
    assert (one.field, one.removed, one.added) == ("goals", ("grow",), ("rest",))


def test_a_list_in_another_order_differs_with_nothing_lost() -> None:
    before = persona().model_copy(update={"goals": ("grow", "save")})
    (one,) = differences(before, before.model_copy(update={"goals": ("save", "grow")}))
    assert (one.removed, one.added) == ((), ())


def test_one_of_two_alike_that_is_lost_is_told() -> None:
    before = persona().model_copy(update={"goals": ("grow", "grow")})
    (one,) = differences(before, before.model_copy(update={"goals": ("grow",)}))
    assert one.removed == ("grow",)


def test_a_list_within_a_field_is_named_by_its_place() -> None:
    (one,) = changed(journey=Journey(research=("asks a peer",)))
    assert (one.field, one.added) == ("journey.research", ("asks a peer",))


@settings(deadline=None)
@given(GOALS, GOALS)
def test_two_personas_differ_exactly_if_their_hashes_do(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    a, b = (persona().model_copy(update={"goals": goals}) for goals in (one, other))
    assert (differences(a, b) == ()) == (content_hash(a) == content_hash(b))


def test_a_field_added_later_leaves_the_hash_of_those_without_it_alone() -> None:
    spec = PanelSpec(id="p", icps=("a",), personas=(PersonaShare(persona="b"),))
    assert "review_due" not in spec.model_dump(mode="json")
    assert "date" not in Pain(text="slow").model_dump(mode="json")


def test_short_forms_and_comments_do_not_change_the_hash() -> None:
    short = Persona.model_validate(persona().model_dump() | {"pains": ["slow"]})
    long = Persona.model_validate(persona().model_dump() | {"pains": [{"text": "slow", "quote": ""}]})
    assert content_hash(short) == content_hash(long)


def test_profiles_of_two_kinds_never_share_a_hash() -> None:
    spec = PanelSpec(id="boss", icps=("a",), personas=(PersonaShare(persona="b"),))
    assert content_hash(spec).startswith("panel1:")
    assert content_hash(persona()).startswith("persona1:")
