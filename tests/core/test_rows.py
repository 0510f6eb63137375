import json

import pytest
from pydantic import JsonValue, ValidationError

from panelsim.model.panel import Panel
from panelsim.model.rows import Coded, Rows, column_names, column_of
from panelsim.planning.draw import draw_panel
from tests.profiles import persona, sources

PANEL = draw_panel(sources(persona("a"), persona("b"), anti=True), 7, 3, anti_n=2)
FACETED = draw_panel(sources(facets=True), 4, 3)


def test_rows_equal_the_tuple_of_the_same_respondents_and_have_its_hash() -> None:
    rows, plain = PANEL.respondents, tuple(PANEL.respondents)
    assert isinstance(rows, Rows)
    assert (rows == plain, plain == rows, hash(rows) == hash(plain)) == (True, True, True)
    assert rows != plain[:-1]
    assert rows != (plain[1], plain[0], *plain[2:])
    assert hash(PANEL) == hash(PANEL.model_copy(update={"respondents": plain}))


def test_rows_are_read_by_place_and_slice_like_a_tuple() -> None:
    rows, plain = PANEL.respondents, tuple(PANEL.respondents)
    assert (rows[0], rows[-1], rows[2:5], rows[::-3]) == (plain[0], plain[-1], plain[2:5], plain[::-3])
    assert (len(rows), rows.index(plain[3]), plain[3] in rows) == (9, 3, True)
    with pytest.raises(IndexError):
        rows[9]


def test_a_respondent_that_is_built_is_one_that_was_checked() -> None:
    for one in (*PANEL.respondents, *FACETED.respondents):
        assert type(one).model_validate(one.model_dump()) == one
        assert type(one).model_validate_json(one.model_dump_json()) == one


@pytest.mark.parametrize("panel", [PANEL, FACETED])
def test_a_panel_reads_back_equal_from_its_columns(panel: Panel) -> None:
    read = Panel.model_validate_json(panel.model_dump_json())
    assert read == panel
    assert isinstance(read.respondents, Rows)
    assert Panel.model_validate(json.loads(panel.model_dump_json())) == panel


def test_a_panel_of_before_reads_from_a_list_of_respondents() -> None:
    old = {
        "id": "panel",
        "seed": 3,
        "respondents": [one.model_dump(mode="json") for one in PANEL.respondents],
    }
    read = Panel.model_validate_json(json.dumps(old))
    assert read == PANEL
    assert read.model_dump(mode="json") == old
    assert read.ids == PANEL.ids
    assert read.people("anti")["owner-01"] == PANEL.people()["owner-01"]


def test_facets_have_columns_only_if_somebody_has_them() -> None:
    assert "traits.facets.prudence" not in as_columns(PANEL)
    assert "traits.facets.prudence" in as_columns(FACETED)
    one_of_two = draw_panel(sources(persona("a", facets={"prudence": 1.0}), persona("b")), 4, 3)
    assert [one.traits.facets is not None for one in one_of_two.respondents] == [True, False, True, False]
    assert Panel.model_validate_json(one_of_two.model_dump_json()) == one_of_two


def as_columns(panel: Panel) -> dict[str, JsonValue]:
    columns = panel.model_dump(mode="json")["respondents"]
    assert isinstance(columns, dict)
    return columns


@pytest.mark.parametrize(
    ("name", "column", "match"),
    [
        ("traits.openness", {"values": [9.0], "codes": [0] * 9}, "less than or equal to 4"),
        ("traits.openness", {"values": [1.0], "codes": [0] * 8 + [1]}, "codes beyond its 1 values"),
        ("traits.openness", {"values": [1.0], "codes": [0.5] * 9}, "codes that are no whole numbers from 0"),
        ("traits.openness", {"values": [1.0], "codes": [-1] * 9}, "codes that are no whole numbers from 0"),
        ("traits.openness", {"values": [1.0], "codes": [0] * 8}, "has 8 values, expected 9"),
        ("traits.openness", {"values": [1.0]}, "has no codes"),
        ("company.headcount", ["many"] * 9, "valid integer"),
        ("arm", ["neither"] * 9, "'target' or 'anti'"),
        ("id", "a-01", "has no values"),
        ("id", [{}] * 9, "holds objects"),
        ("surname", ["Doe"] * 9, "unknown column 'surname'"),
    ],
)
def test_damaged_columns_are_refused(name: str, column: JsonValue, match: str) -> None:
    fields = {"id": "panel", "seed": 3, "respondents": as_columns(PANEL) | {name: column}}
    with pytest.raises(ValidationError, match=match):
        Panel.model_validate(fields)


def test_a_missing_column_is_refused() -> None:
    columns = {name: column for name, column in as_columns(PANEL).items() if name != "decision.authority"}
    with pytest.raises(ValidationError, match=r"the column 'decision.authority' is missing"):
        Panel.model_validate({"id": "panel", "seed": 3, "respondents": columns})


@pytest.mark.parametrize("nobody", [[], "boss-01", 3])
def test_a_panel_of_nobody_is_refused(nobody: JsonValue) -> None:
    with pytest.raises(ValidationError, match="expected"):
        Panel.model_validate({"id": "panel", "seed": 3, "respondents": nobody})


def test_a_column_is_the_same_however_the_rows_are_held() -> None:
    for name in ("id", "company.industry", "traits.openness"):
        assert list(column_of(PANEL.respondents, name)) == list(column_of(tuple(PANEL.respondents), name))


def test_every_field_of_a_respondent_has_a_column() -> None:
    names = column_names(type(PANEL.respondents[0]))
    assert len(names) == len(set(names))
    assert {"id", "company.stack", "traits.facets", "traits.facets.prudence", "decision.authority"} <= {
        *names
    }


def test_a_column_of_many_different_values_has_wider_codes() -> None:
    values = tuple(float(value) for value in range(70_000))
    column = Coded(values, range(70_000))
    assert (column.codes.itemsize, column[69_999], column[1:3]) == (4, 69_999.0, (1.0, 2.0))
