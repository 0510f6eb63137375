import pytest

from panelsim.planning.reviews import reviews
from tests.profiles import icp, persona, sources


@pytest.mark.parametrize(
    ("due", "status", "state"),
    [
        ("2027-01-01", "active", "overdue"),
        ("2027-01-02", "active", "soon"),  # today: due, and not past it
        ("2027-02-01", "draft", "soon"),
        ("2027-02-02", "active", "later"),
        (None, "active", "never"),
        ("2026-01-01", "retired", "retired"),
    ],
)
def test_a_profile_is_overdue_the_day_after_its_date(due: str | None, status: str, state: str) -> None:
    one = persona().model_copy(update={"review_due": due, "status": status})
    (found,) = reviews([one], "2027-01-02", "2027-02-01")
    assert found.state == state


def test_the_most_pressing_come_first() -> None:
    dated = [("late", "2026-03-01"), ("later", "2027-06-01"), ("first", "2026-01-01"), ("none", None)]
    people = [persona(name).model_copy(update={"review_due": due}) for name, due in dated]
    found = reviews(people, "2027-01-01", "2027-02-01")
    assert [due.id for due in found] == ["first", "late", "none", "later"]


def test_icps_personas_and_panels_are_all_reviewed() -> None:
    found = reviews([icp(), persona(), sources().spec], "2027-01-01", "2027-01-31")
    assert {due.kind for due in found} == {"icp", "persona", "panel"}
