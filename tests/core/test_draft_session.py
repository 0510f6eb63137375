"""Drafting driven by hand: what is asked, what a field may rest on, and what is never made up."""

import json
from collections.abc import Callable

import pytest

from panelsim.files import read_icp, read_prompt_texts
from panelsim.model.call import Call, ChatCall, Completion, ModelRef, TokenLogprob
from panelsim.model.draft import Draft, DraftRequest
from panelsim.model.note import Note
from panelsim.model.panel import DOMAINS, Decision
from panelsim.model.response import Missing
from panelsim.model.study import Asking, Elicitation
from panelsim.prompts import Prompts
from panelsim.questions.items import ItemsQuestion
from panelsim.reporting.drafts import DraftFacts, left_out, render_draft
from panelsim.sessions.draft import is_verbatim, script
from tests.notes import note

MODEL = ModelRef(provider="scripted", name="sensible")
FACTS = DraftFacts("draft-1", "scripted/sensible", "2026-11-25", "0.1.0")
ICP = read_icp("b2b-saas")
TOLD = note(text="The onboarding of every new rep takes nine months, and two of them left before the end.")
Reply = Callable[[ChatCall], str]


def items(*points: tuple[str, int] | tuple[str, int, str]) -> str:
    """Points as a model says them: text, number of the passage, and a quote if there is one."""
    said = [
        {"point": one[0], "rests_on": one[1]} | ({"quote": one[2]} if len(one) > 2 else {}) for one in points
    ]
    return json.dumps({"items": said})


def drafted(
    reply: Reply, *notes: Note, elicit: Elicitation = "logprob", letter: str = "A"
) -> tuple[Draft, list[ChatCall]]:
    """A draft whose lists are answered by `reply` and whose choices by one letter."""
    asking = Asking(
        model=MODEL, embedding_model=MODEL, elicit=elicit, frame="third_person", temperature=0.4, seed=7
    )
    request = DraftRequest(id="drafted", role="Head of Enablement", icp=ICP, notes=notes)
    session = script(request, asking, Prompts(read_prompt_texts()))
    asked: list[ChatCall] = []

    def said_to(call: Call) -> Completion:
        assert isinstance(call, ChatCall)
        asked.append(call)
        if call.top_logprobs:
            return Completion(text=letter, logprobs=(TokenLogprob(token=letter, logprob=0.0),))
        if "choice" in call.response_schema:
            return Completion(text=json.dumps({"choice": letter}))
        return Completion(text=reply(call))

    calls = next(session)
    while True:
        try:
            calls = session.send(tuple(said_to(call) for call in calls))
        except StopIteration as end:
            draft = end.value
            break
    assert isinstance(draft, Draft)
    return draft, asked


def for_field(name: str, answer: str) -> Reply:
    """Answers one field with `answer`, the others with something readable."""
    other = {"draft/channels": items(("email", 0))}
    others = items(("something of no note", 0))
    return lambda call: answer if call.purpose == f"draft/{name}" else other.get(call.purpose, others)


def test_every_field_is_asked_by_itself_with_the_icps_facts_the_role_and_the_passages() -> None:
    _, asked = drafted(for_field("goals", items(("a point", 0))), TOLD)
    purposes = [call.purpose.removeprefix("draft/") for call in asked]
    levels = [
        *(f"hexaco.{n}" for n in DOMAINS),
        *(f"decision.{n}" for n in Decision.model_fields),
    ]
    assert set(purposes) == {
        *("function", "responsibilities", "kpis", "goals", "pains", "motivations", "fears"),
        *("journey.research", "journey.trusted_sources", "journey.influencers"),
        *("channels", "objections", "triggers", "communication_style", "committee_role", "authority"),
        *levels,
    }
    assert all("B2B software" in call.messages[-1].content for call in asked)
    assert all("Buyer: Head of Enablement." in call.messages[-1].content for call in asked)
    pains = next(call for call in asked if call.purpose == "draft/triggers")
    assert '1. VP of Sales at a customer, call, 2026-03-04: "The onboarding' in pains.messages[-1].content


def test_choices_are_asked_in_both_orders_so_that_a_liking_for_a_slot_cancels_out() -> None:
    draft, asked = drafted(lambda _: items(("a point", 0)))
    twice = [call for call in asked if call.purpose == "draft/hexaco.openness"]
    assert len(twice) == 2
    # always the first slot: low in one order, high in the other, (-1.2 + 1.2) / 2 = 0
    assert draft.field("hexaco.openness").level == 0
    assert draft.field("decision.risk_tolerance").level == pytest.approx(
        0.495, abs=0.006
    )  # (0.27 + 0.72) / 2


def test_a_field_rests_on_a_passage_only_if_their_words_say_so() -> None:
    reply = for_field("goals", items(("shorten onboarding from nine months", 1), ("sell more widgets", 1)))
    draft, _ = drafted(reply, note(text=TOLD.text + " We want to reach the goal this year."))
    goals = draft.field("goals")
    assert goals.basis == "inferred"
    assert [item.text for item in goals.items] == ["shorten onboarding from nine months"]
    assert goals.left_out == ("'sell more widgets': rests on no passage",)


def test_a_passage_that_was_not_given_cannot_be_rested_on() -> None:
    draft, _ = drafted(for_field("goals", items(("shorten onboarding from nine months", 3))), TOLD)
    assert draft.field("goals").basis == "invented"


def test_what_rests_on_an_invented_example_is_invented() -> None:
    wanted = "We want to reach nine months of onboarding this year."
    draft, _ = drafted(
        for_field("goals", items(("shorten onboarding from nine months", 1))),
        note(text=wanted, basis="invented"),
    )
    assert draft.field("goals").items[0].ground is not None
    assert draft.field("goals").basis == "invented"


PAINED = note(text="The onboarding of new reps is slow and cost us two of them.")


def test_a_quote_stands_only_if_a_passage_says_it_word_for_word() -> None:
    true = "The onboarding of new reps is slow"
    made_up = "Onboarding is a nightmare, honestly"
    draft, _ = drafted(
        for_field("pains", items(("slow onboarding", 1, true), ("slow reps", 1, made_up))), PAINED
    )
    first, second = draft.field("pains").items
    assert (first.quote, second.quote) == (true, "")
    assert draft.field("pains").left_out == (f"quote {made_up!r}: no passage that was given says so",)
    text = render_draft(draft, FACTS)
    assert f"quote: {true}" in text
    assert "source: VP of Sales at a customer, CRM 114, 2026-03-04 (call#p1)" in text
    assert made_up not in text


def test_a_true_quote_about_something_else_is_dropped_and_told() -> None:
    true = "The onboarding of new reps is slow"
    draft, _ = drafted(for_field("pains", items(("invoices that get lost", 1, true))), PAINED)
    pains = draft.field("pains")
    assert [(item.quote, item.ground) for item in pains.items] == [("", None)]
    assert pains.left_out == (f"quote {true!r}: does not speak of 'invoices that get lost'",)


@pytest.mark.parametrize(
    ("quote", "verbatim"),
    [
        ("the onboarding of NEW reps, is slow", True),
        ("onboarding of reps is slow", False),
        ("new reps is", False),  # three words say nothing
        ("onboarding of new reps is slowly", False),
    ],
)
def test_in_a_quote_words_matter_and_capitals_do_not(quote: str, *, verbatim: bool) -> None:
    assert is_verbatim(quote, PAINED.text) == verbatim


def test_an_unreadable_answer_is_asked_once_more_and_then_the_field_stays_empty() -> None:
    draft, asked = drafted(for_field("kpis", "Well, quota."))
    first, again = (call for call in asked if call.purpose == "draft/kpis")
    assert again.messages[: len(first.messages)] == first.messages
    assert "JSON object" in again.messages[-1].content
    kpis = draft.field("kpis")
    assert (kpis.items, kpis.call_keys) == ((), (first.key, again.key))
    assert kpis.missing == Missing(reason="unreadable", raw="Well, quota.")
    assert left_out(draft) == ("kpis: nothing stands there, unreadable answer",)
    assert "kpis: []  # empty: unreadable answer" in render_draft(draft, FACTS)


def test_a_choice_that_cannot_be_read_stays_empty_too() -> None:
    draft, _ = drafted(lambda _: items(("a point", 0)), letter="Z")
    text = render_draft(draft, FACTS)
    assert draft.field("authority").items == ()
    assert "# authority: (empty: " in text
    assert "hexaco: " not in text.replace("# hexaco: ", "")


@pytest.mark.parametrize("elicit", ["logprob", "direct"])
def test_the_same_draft_makes_the_same_calls(elicit: Elicitation) -> None:
    one = drafted(lambda _: items(("a point", 0)), TOLD, elicit=elicit)
    assert one == drafted(lambda _: items(("a point", 0)), TOLD, elicit=elicit)
    keys = [call.key for call in one[1]]
    assert len(set(keys)) == len(keys)


def test_hostile_texts_stay_texts_in_the_file() -> None:
    hostile = "yes # no: {a: b} 'c' \"d\"\nstatus: active"
    draft, _ = drafted(for_field("goals", items((hostile, 0))))
    lines = render_draft(draft, FACTS).splitlines()
    assert [line for line in lines if line.startswith("status:")] == [
        "status: draft  # until a person approves it"
    ]


# ---- the list question

QUESTION = ItemsQuestion(id="goals", most=2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (items(("one", 0), ("two", 1)), ["one", "two"]),
        (items((" one. ", 0), ("ONE", 0), ("two", 0), ("three", 0)), ["one", "two"]),
        (items(("", 0)), None),
        ('{"items": []}', None),
        ('["one"]', None),
        ('{"items": [{"point": "one", "rests_on": 0, "why": "x"}]}', None),
        ("one, two", None),
    ],
)
def test_points_are_read_or_the_answer_is_missing(text: str, expected: list[str] | None) -> None:
    points = QUESTION.parse(Completion(text=text))
    found = None if isinstance(points, Missing) else [point.point for point in points]
    assert found == expected


def test_a_list_that_was_cut_off_says_so() -> None:
    said = Completion(text='{"items": [{"point": "on', finish_reason="length")
    assert QUESTION.parse(said) == Missing(reason="cut_off", raw=said.text)
    refused = Completion(text="No.", finish_reason="refusal")
    assert QUESTION.parse(refused) == Missing(reason="refused", raw="No.")


def test_of_known_words_only_those_count() -> None:
    question = ItemsQuestion(id="channels", most=3, among=("email", "phone"))
    points = question.parse(Completion(text=items(("Email", 0), ("telepathy", 0))))
    assert not isinstance(points, Missing)
    assert [point.point for point in points] == ["email"]
