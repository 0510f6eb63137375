"""The shipped items of the IPIP-HEXACO: all there, keyed, and the short form what its rule says."""

from itertools import chain, product
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from panelsim.model.panel import DOMAINS, FACETS, FACETS_OF
from panelsim.traits.tables import FACET_NORMS

PLACE = Path(__file__).parents[2] / "prompts" / "traits" / "ipip_hexaco.yaml"


class Item(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    facet: str
    key: int
    short: bool
    mean: float
    sd: float
    item_rest: float
    text: str
    first_person: str


ITEMS = [Item.model_validate(one) for one in yaml.safe_load(PLACE.read_text("utf-8"))["items"]]


def test_there_are_ten_different_items_to_each_facet_keyed_up_or_down() -> None:
    assert [item.facet for item in ITEMS] == [facet for facet in FACETS for _ in range(10)]
    assert len({item.id for item in ITEMS}) == len({item.text for item in ITEMS}) == 240
    assert {item.key for item in ITEMS} == {1, -1}
    assert all(item.item_rest > 0 for item in ITEMS)


def test_turned_item_means_average_to_the_norm_of_their_facet() -> None:
    # fails if a key is wrong: turning an item of mean 3 moves its facet's mean by (8 - 3 - 3) / 10 = .2
    for facet in FACETS:
        means = [item.mean if item.key == 1 else 8 - item.mean for item in ITEMS if item.facet == facet]
        assert abs(sum(means) / 10 - FACET_NORMS[facet].mean) < 0.005


def test_an_item_in_the_first_person_begins_with_it() -> None:
    assert all(item.first_person.startswith("I ") and item.first_person.endswith(".") for item in ITEMS)


def ways_of(facet: str) -> list[list[Item]]:
    """Two or three items of a facet, the best of each key, at least one of each key it has."""
    ranked = sorted((item for item in ITEMS if item.facet == facet), key=lambda item: -item.item_rest)
    up, down = ([item for item in ranked if item.key == key] for key in (1, -1))
    return [
        up[:ups] + down[:downs]
        for ups, downs in product(range(4), range(4))
        if 2 <= ups + downs <= 3 and (ups or not up) and (downs or not down)
        and ups <= len(up) and downs <= len(down)
    ]  # fmt: skip


def test_the_short_form_is_the_best_balanced_one_of_ten_items_a_domain() -> None:
    for domain in DOMAINS:
        choices = [
            list(chain.from_iterable(parts))
            for parts in product(*map(ways_of, FACETS_OF[domain]))
            if sum(map(len, parts)) == 10 and sum(item.key for part in parts for item in part) == 0
        ]
        best = max(choices, key=lambda items: sum(item.item_rest for item in items))
        shipped = {item.id for item in ITEMS if item.short and item.facet in FACETS_OF[domain]}
        assert shipped == {item.id for item in best}
