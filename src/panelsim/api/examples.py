"""Examples of fields and parameters whose own modules give none, such as the nouns of the core."""

from collections.abc import Mapping
from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]

EXAMPLES: Mapping[str, Mapping[str, object]] = {
    "AccountField": {"unit": "employees", "note": "As the sales team counts them"},
    "Badge": {"given": True, "reason": "checked on 412 tests", "min_tests": 30},
    "Behaviour": {
        "pains": ["Forecasts are redone by hand every Friday"],
        "triggers": ["A quarter was missed"],
        "decision_process": "The CFO decides after a trial of four weeks",
    },
    "Budget": {"willingness": "Pays for what saves a headcount"},
    "ChatMessage": {"name": "interviewer", "refusal": None},
    "Choice": {"logprobs": None},
    "Coverage": {"stated": 0.9},
    "DataFacts": {
        "file": "spring.csv",
        "sha256": "9f2c4b5c6d7e8f901a2b3c4d5e6f70819f2c4b5c6d7e8f901a2b3c4d5e6f7081",
        "tests": 412,
        "variants": 1204,
        "pairs": 1630,
        "shown": 4200000,
        "acted": 58000,
        "first_date": "2025-01-07",
        "last_date": "2026-10-30",
        "left_out": [["no test is named", 12]],
    },
    "Demographics": {
        "age_range": "40 to 55",
        "education": "A degree in economics",
        "career": "Came from controlling",
    },
    "Evaluation": {
        "tests": 412,
        "pairs": 1630,
        "confidence": 0.95,
        "spread": 0.11,
        "calibration_error": 0.03,
    },
    "Figure": {"value": 0.62, "low": 0.55, "high": 0.69},
    "Finding": {
        "where": "goals.0",
        "what": "the goal names no measure",
        "why": "a vague goal makes every text fit",
        "fix": "say by how much, and until when",
    },
    "Firmographics": {"regions": ["DACH"]},
    "Gate": {
        "figure": "accuracy",
        "at_least": 0.6,
        "at_most": 0.1,
        "low_at_least": 0.5,
        "high_at_most": 0.2,
        "why": "a coin is right half of the time",
    },
    "Growth": {"signals": ["Hires sales development"]},
    "GrowthRate": {"min": 10, "max": 60, "unit": "percent per year"},
    "GuideQuestion": {"id": "pains", "text": "What took most of your last week?", "probes": ["Which part?"]},
    "Headcount": {"min": 50, "max": 500, "unit": "employees"},
    "ICP": {
        "id": "fleet-operators",
        "title": "Fleet operators in Germany",
        "parent": "b2b-saas",
        "challenges": ["Drivers are hard to find"],
        "initiatives": ["Electric vans until 2028"],
        "columns": {"headcount": "Employees"},
    },
    "Industry": {"name": "Logistics", "code": "H49"},
    "Journey": {
        "research": ["Asks two peers"],
        "trusted_sources": ["A trade magazine"],
        "influencers": ["The works council"],
    },
    "LeakageChecks": {"folds": 5, "groups": 210, "duplicate_texts": 3, "groups_in_both": 0},
    "MessageTestRequest": {"embedding_model": "embedded/use-m3"},
    "Motivation": {"text": "Be seen as the one who fixed the forecast"},
    "MultipleChoice": {
        "id": "channels",
        "text": "Where do you read about tools?",
        "options": ["Mail", "Peers"],
    },
    "NumberQuestion": {"id": "price", "text": "What may a seat cost?", "low": 0, "high": 500, "unit": "USD"},
    "OnlyIf": {"question": "uses-crm", "any_of": ["Yes"]},
    "OpenText": {"id": "why", "text": "What would make you say no?"},
    "Outcomes": {"customers": 14, "source": "CRM export of 2026-10"},
    "Pain": {
        "text": "Forecasts are off by a fifth",
        "quote": "In March we lost a week",
        "source": "Interview 7",
        "date": "2026-09-14",
    },
    "PanelShare": {"tests": 120, "pairs": 360},
    "PanelSpec": {
        "id": "fleet",
        "title": "A fleet's buyers",
        "icps": ["fleet-operators"],
        "anti_icps": ["local-services"],
    },
    "Persona": {
        "id": "fleet-manager",
        "name": "Ines",
        "title": "Fleet manager",
        "icps": ["fleet-operators"],
        "function": "Operations",
        "responsibilities": ["Keeps 200 vans on the road"],
        "kpis": ["Days off the road"],
        "goals": ["fewer breakdowns on the road"],
        "values": ["reliability"],
        "fears": ["a van that stands still in December"],
        "objections": ["We tried that and nobody used it"],
        "triggers": ["A lease ends"],
        "communication_style": "Short, with numbers",
    },
    "PersonaShare": {"persona": "vp-sales", "min": 4, "max": 12, "min_share": 0.2, "max_share": 0.5},
    "Predicate": {"field": "headcount", "value": 50, "note": "Smaller ones do not buy"},
    "PredictorScore": {"label": "length of the text", "is_baseline": True},
    "Provenance": {"fields": ["goals"], "source": "Interviews 3 to 9", "date": "2026-09-14"},
    "RatingScale": {
        "id": "fit",
        "text": "How well does it fit?",
        "labels": ["Not at all", "In part", "Well"],
    },
    "Reference": {"source": "Survey of 2025", "n": 412, "shares": [0.2, 0.8]},
    "ReliabilityBin": {"low": 0.6, "high": 0.7, "pairs": 120, "predicted": 0.65},
    "Revenue": {"min": 5, "max": 80, "unit": "million USD per year"},
    "SaidMessage": {"refusal": None},
    "ScoredNote": {"score": 4, "note": "Three of five said it unprompted"},
    "SingleChoice": {"id": "size", "text": "How many seats do you need?", "options": ["1 to 10", "More"]},
    "SourceNote": {"source": "Interviews 3 to 9", "date": "2026-09-14", "note": "In person"},
    "SubsetScore": {"pairs": 311, "groups": 190},
    "Technographics": {"uses": ["Salesforce"], "must_not_use": ["HubSpot"], "incumbents": ["Spreadsheets"]},
}
"""By schema and field; what has fixed words or a default shows one of those instead."""

ANYWHERE: Mapping[str, object] = {
    "min": 2,
    "max": 8,
    "unit": "percent",
    "has_more": False,
    "channel": "landing page headline",
    "review_due": "2027-05-01",
    "countries": ["DE"],
    "locale": "en-GB",
    "embedding_model": "embedded/use-m3",
    "stop": ["\n"],
    "stream": False,
    # parameters
    "cursor": "WyIyMDI2LTExLTI4Il0",
    "if-none-match": '"04a3900d654c71d6dd19908b0a63db73"',
    "version": 2,
    "since": "2026-11-01",
    "where": ["device=desktop"],
    "name": "spring.csv",
}
"""Of fields and parameters that are called so, whosever they are."""
LEVEL: Mapping[str, object] = {"StatedFacets": 1.5, "StatedHexaco": 1.5}
"""Of all fields of a schema: standard deviations."""


def illustrate(document: Schema) -> None:
    """Gives every field and every parameter an example that has none and is made of no other schema."""
    for name, schema in document["components"]["schemas"].items():
        for field, told in schema.get("properties", {}).items():
            _illustrate(name, field, told)
    for item in document["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", ()):
                if "example" not in parameter and "examples" not in parameter:
                    _illustrate("", parameter["name"], parameter["schema"])


def needs_example(told: Schema) -> bool:
    """Whether a field has no example, of its own or of what it is made of."""
    return not {"example", "examples", "const", "$ref"} & set(told) and "$ref" not in str(told)


def _illustrate(schema: str, field: str, told: Schema) -> None:
    if not needs_example(told):
        return
    here = EXAMPLES.get(schema, {})
    if field in here:
        told["examples"] = [here[field]]
    elif (fixed := _fixed(told)) not in (None, "", [], {}):
        told["examples"] = [fixed]
    elif schema in LEVEL or field in ANYWHERE:
        told["examples"] = [LEVEL.get(schema, ANYWHERE.get(field))]
    elif "default" in told:
        told["examples"] = [told["default"]]


def _fixed(told: Schema) -> object:
    """The default, or the first of the fixed words."""
    if told.get("default") not in (None, "", [], {}):
        return told["default"]
    for one in (told, *told.get("anyOf", ())):
        if one.get("enum"):
            return one["enum"][0]
        words = one.get("items", {}).get("enum")
        if words:
            return [words[0]]
    return told.get("default")
