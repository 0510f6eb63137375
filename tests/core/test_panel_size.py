"""Panels of a hundred thousand: what one respondent takes in memory."""

import tracemalloc

from panelsim.files import read_panel_spec
from panelsim.planning.draw import draw_panel

RESPONDENTS = 300


def test_a_respondent_takes_less_than_3_kb() -> None:
    sources = read_panel_spec("sales-trio")
    draw_panel(sources, 2, 7)  # what is made once
    tracemalloc.start()
    try:
        panel = draw_panel(sources, RESPONDENTS, 7)
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    # its own set of given fields in each of its four parts alone would be 2.9 kB
    assert taken / len(panel.respondents) < 3_000


def test_respondents_share_one_set_of_given_fields_and_a_copy_has_its_own() -> None:
    one, other = draw_panel(read_panel_spec("sales-trio"), 2, 7).respondents
    assert one.model_fields_set is other.model_fields_set
    assert one.model_fields_set == set(type(one).model_fields)
    changed = one.model_copy(update={"id": "another"})
    assert changed.model_fields_set is not one.model_fields_set
    assert (changed.id, changed.company) == ("another", one.company)
    assert one == type(one).model_validate_json(one.model_dump_json())
