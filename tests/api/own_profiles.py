"""Profiles of an account's own: a small market with a micro-ICP, an opposite, and a panel of two buyers."""

from copy import deepcopy
from typing import Any

Fields = dict[str, Any]

FLEET: Fields = {
    "id": "fleet-operators",
    "title": "Fleet operators",
    "firmographics": {
        "industries": ["Logistics", "Coach travel"],
        "headcount": {"min": 50, "max": 500, "unit": "employees"},
        "regions": ["Europe"],
        "countries": ["DE", "FR"],
    },
    "must_have": [{"field": "headcount", "op": "at_least", "value": 60}],
}
COACHES: Fields = {
    "id": "coach-operators",
    "title": "Coach operators",
    "parent": "fleet-operators",
    "firmographics": {"industries": ["Coach travel"]},
}
CORNER_SHOPS: Fields = {
    "id": "corner-shops",
    "title": "Corner shops",
    "polarity": "negative",
    "firmographics": {
        "industries": ["Retail"],
        "headcount": {"min": 1, "max": 5, "unit": "employees"},
        "countries": ["DE"],
    },
}
MANAGER: Fields = {
    "id": "fleet-manager",
    "name": "Ines",
    "title": "Fleet manager",
    "icps": ["coach-operators"],
    "committee_role": "champion",
    "authority": "recommends",
    "goals": ["fewer breakdowns on the road"],
    "pains": ["coaches stand still for want of a part"],
}
SHOPKEEPER: Fields = {
    "id": "shopkeeper",
    "name": "Ugo",
    "title": "Shopkeeper",
    "icps": ["corner-shops"],
    "committee_role": "economic",
    "authority": "signs",
}
PANEL: Fields = {
    "id": "fleet",
    "title": "Who runs coaches",
    "icps": ["coach-operators"],
    "personas": ["fleet-manager"],
    "anti_icps": ["corner-shops"],
    "anti_personas": ["shopkeeper"],
}
ALL: tuple[tuple[str, Fields], ...] = (
    ("icps", FLEET),
    ("icps", COACHES),
    ("icps", CORNER_SHOPS),
    ("personas", MANAGER),
    ("personas", SHOPKEEPER),
    ("panels", PANEL),
)
"""In an order in which each finds what it names."""


def changed(fields: Fields, **changes: object) -> Fields:
    """A copy with other values."""
    return deepcopy(fields) | changes
