"""What a persona rests on: the index, its counts, and how the report says it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panelsim.analysis.grounding import CONTENT_FIELDS, WEIGHTS, basis_of, ground, stated_fields
from panelsim.model.persona import Basis, Pain, Persona, Provenance
from panelsim.model.report import Grounding
from panelsim.reporting.words import grounding, groundings
from tests.profiles import persona

BASES = st.sampled_from(list(WEIGHTS))


def entry(basis: Basis, *fields: str, source: str = "call", date: str | None = None) -> Provenance:
    return Provenance(fields=fields, basis=basis, source=source, date=date)


def resting_on(*entries: Provenance) -> Persona:
    return persona().model_copy(update={"goals": ("grow",), "provenance": entries})


def test_every_content_field_is_a_field_of_personas() -> None:
    assert set(CONTENT_FIELDS) <= set(Persona.model_fields)


def test_fields_that_claim_nothing_of_a_buyer_are_not_counted() -> None:
    # role and authority are required; the builder states traits and decision
    assert stated_fields(persona()) == ("committee_role", "authority", "hexaco", "decision")


def test_the_index_is_observed_and_half_of_inferred_over_what_is_stated() -> None:
    found = ground(
        resting_on(
            entry("observed", "goals"),
            entry("inferred", "authority", "hexaco"),
            entry("invented", "decision"),
        )
    )
    # stated: role, authority, goals, traits, decision; (1 + 2 * .5) / 5
    assert found.index == pytest.approx(0.4)
    assert (found.observed, found.inferred, found.invented, found.unsaid) == (1, 2, 1, 1)


def test_a_field_that_rests_on_several_counts_as_the_weakest() -> None:
    both = resting_on(entry("observed", "goals"), entry("invented", "goals"))
    assert basis_of(both, "goals") == "invented"
    assert ground(both).observed == 0


def test_problems_told_in_real_words_are_observed() -> None:
    quoted = Pain(text="slow", quote="I wait all day", source="a buyer")
    told = persona().model_copy(update={"pains": (quoted,)})
    assert basis_of(told, "pains") == "observed"
    assert basis_of(told.model_copy(update={"pains": (quoted, Pain(text="dear"))}), "pains") is None


def test_a_field_that_only_provenance_names_is_stated() -> None:
    assert "values" in stated_fields(resting_on(entry("observed", "values")))


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(CONTENT_FIELDS), BASES), max_size=12))
def test_the_index_lies_between_a_guess_and_observed_and_its_counts_add_up(
    entries: list[tuple[str, Basis]],
) -> None:
    found = ground(resting_on(*(entry(basis, field) for field, basis in entries)))
    assert 0 <= found.index <= 1
    assert found.stated == len(stated_fields(resting_on(*(entry(b, f) for f, b in entries))))
    assert (found.index == 1) == (found.observed == found.stated)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(CONTENT_FIELDS), BASES, min_size=1), st.data())
def test_a_stronger_basis_never_lowers_the_index(bases: dict[str, Basis], data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(sorted(bases)))
    raised: dict[str, Basis] = {**bases, field: "observed"}
    before, after = (
        ground(resting_on(*(entry(basis, name) for name, basis in each.items()))) for each in (bases, raised)
    )
    assert after.index >= before.index


def test_sources_are_told_once_with_the_oldest_date() -> None:
    one = resting_on(
        entry("observed", "goals", source="five interviews", date="2026-05-02"),
        entry("observed", "authority", source="five interviews", date="2026-05-02"),
        entry("inferred", "decision", source="lost deals", date="2025-11-30"),
    ).model_copy(
        update={"pains": (Pain(text="slow", quote="I wait all day", source="a buyer", date="2026-06-01"),)}
    )
    found = ground(one)
    assert [(source.source, source.date) for source in found.sources] == [
        ("five interviews", "2026-05-02"),
        ("lost deals", "2025-11-30"),
        ("a buyer", "2026-06-01"),
    ]
    assert (found.oldest, found.quotes) == ("2025-11-30", 1)


def test_a_persona_of_which_nothing_was_observed_is_called_a_guess() -> None:
    alone = ground(persona())
    assert alone.index == 0
    assert grounding(alone) == "Nothing in this persona was observed: it is a guess."
    assert groundings(Grounding(personas=(alone, alone))).endswith("they are guesses.")


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ((entry("inferred", "goals"),), "Nothing was observed, 1 inferred, 4 are guesses."),
        ((entry("observed", "goals"),), "1 of 5 fields were observed, 4 are guesses."),
        (
            (entry("observed", "goals", "committee_role", "authority", "hexaco", "decision"),),
            "All 5 stated fields were observed.",
        ),
    ],
)
def test_the_sentence_says_what_was_observed(entries: tuple[Provenance, ...], said: str) -> None:
    assert grounding(ground(resting_on(*entries))) == said
