"""docs/icp.md says of every field of an ICP what it does, and of every operator where it may stand."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from panelsim.model.account import FIELDS, OPERATORS
from panelsim.model.icp import ICP, Behaviour, Firmographics, Growth, Technographics

PAGE = (Path(__file__).parents[2] / "docs/icp.md").read_text(encoding="utf-8")
PLAIN = {"id", "title"}
PARTS: dict[str, type[BaseModel]] = {
    "firmographics": Firmographics,
    "technographics": Technographics,
    "growth": Growth,
    "behaviour": Behaviour,
}


def test_every_field_of_an_icp_has_an_effect_that_the_page_names() -> None:
    table = PAGE.partition("## What each field does")[2].partition("##")[0]
    fields = set(ICP.model_fields) - PLAIN - set(PARTS)
    fields |= {name for part in PARTS.values() for name in part.model_fields}
    assert sorted(name for name in fields if f"{name}`" not in table) == []


@pytest.mark.parametrize("name", [*FIELDS, *(one for kind in OPERATORS.values() for one in kind)])
def test_every_account_field_and_operator_is_in_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE
