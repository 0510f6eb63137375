import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from panelsim.model.ranges import GrowthRate, Headcount, Percent, Range, Revenue, Spend


@pytest.mark.parametrize(
    ("kind", "typed", "low", "high", "unit"),
    [
        (Headcount, "50-500 employees", 50, 500, "employees"),
        (Headcount, "1,000 to 5,000 people", 1000, 5000, "employees"),
        (Headcount, "10–20 Staff", 10, 20, "employees"),
        (Revenue, "10-100 MUSD", 10, 100, "MUSD"),
        (Revenue, "1-2 BUSD", 1000, 2000, "MUSD"),  # 1 billion = 1,000 millions
        (Revenue, "500000-2000000 USD", 0.5, 2, "MUSD"),
        (Percent, "0-5%", 0, 5, "%"),
        (GrowthRate, "-10-20 %", -10, 20, "%/year"),
        (GrowthRate, "-20 to -5 %/year", -20, -5, "%/year"),
        (Spend, "10-60 kUSD/year", 10, 60, "kUSD/year"),
        (Spend, "500-1500 EUR/month", 6, 18, "kEUR/year"),  # 500 x 12 = 6,000
        (Spend, "1-2 MGBP / year", 1000, 2000, "kGBP/year"),
    ],
)
def test_a_typed_range_is_read_with_its_unit(
    kind: type[Range], typed: str, low: float, high: float, unit: str
) -> None:
    read = kind.model_validate(typed)
    assert (read.min, read.max, read.unit) == (low, high, unit)


def test_a_range_may_be_written_as_fields() -> None:
    written = Revenue.model_validate({"min": 1, "max": 2, "unit": "BUSD"})
    assert written == Revenue.model_validate("1-2 BUSD")


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        (Headcount, "50-500", "no unit"),
        (Headcount, "50 employees", "expected a range with a unit such as '50-500 employees'"),
        (Headcount, 50, "expected a range with a unit"),
        (Headcount, {"min": 1, "max": 2}, "no unit"),
        (Headcount, "0-5 employees", "at least 1 employees"),
        (Headcount, "500-50 employees", "runs from 500 down to 50"),
        (Revenue, "10-100 MEUR", "unknown unit 'MEUR'"),
        (Spend, "10-60 kUSD", "'10-60 kUSD/year'"),
        (Percent, "-5-5 %", "at least 0"),
    ],
)
def test_a_range_with_a_wrong_or_missing_unit_is_refused_with_what_was_expected(
    kind: type[Range], typed: object, said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        kind.model_validate(typed)


@given(low=st.integers(1, 10**6), more=st.integers(0, 10**6))
def test_a_stored_range_is_read_again_unchanged(low: int, more: int) -> None:
    read = Headcount.model_validate(f"{low}-{low + more} employees")
    assert Headcount.model_validate_json(read.model_dump_json()) == read
