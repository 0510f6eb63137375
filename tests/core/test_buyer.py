"""What of a persona reaches which prompt."""

from typing import get_args

import pytest

from panelsim.files import read_prompt_texts
from panelsim.model.call import Message, ModelRef
from panelsim.model.icp import ICP, Behaviour, Budget
from panelsim.model.panel import Arm
from panelsim.model.persona import Channel, Demographics, Journey, Motivation, Pain, Persona
from panelsim.model.ranges import Spend
from panelsim.model.study import Asking
from panelsim.prompts import Prompts
from panelsim.sessions.buyer import Buyer, build_buyer
from panelsim.sessions.scene import Scene, read_channels
from panelsim.traits.words import parse_decision_words, parse_trait_words
from tests import builders
from tests.profiles import persona

PROMPTS = Prompts(read_prompt_texts())
ARM: Arm = "target"
RICH = persona().model_copy(
    update={
        "responsibilities": ("the number",),
        "kpis": ("win rate",),
        "goals": ("a calm quarter",),
        "pains": (
            Pain(text="slow ramp", quote="It takes me half a year.", source="a customer"),
            Pain(text="dear tools"),
        ),
        "motivations": (
            Motivation(text="a little fame", weight=1),
            Motivation(text="a promotion", weight=3),
        ),
        "values": ("directness",),
        "fears": ("a lost year",),
        "journey": Journey(research=("asks a peer",), trusted_sources=("a forum",), influencers=("the CFO",)),
        "channels": ("peer_referral",),
        "objections": ("no time",),
        "authority": "signs",
        "communication_style": "Dry and brief.",
    }
)


SAAS = ICP(
    id="icp",
    title="A company",
    budget=Budget(range=Spend(min=20, max=60, unit="kUSD/year"), willingness="Pays for proof."),
    initiatives=("open a second region", "cut tools"),
    behaviour=Behaviour(pains=("missed quota",), decision_process="Finance signs above 25 kUSD."),
)


def buyer_of(one: Persona, icp: ICP | None = None) -> Buyer:
    who = builders.respondent(1, one.id, one.committee_role, "Ada Ash", one.title, ARM)
    traits, decision = PROMPTS.text("traits/hexaco"), PROMPTS.text("traits/decision")
    return build_buyer(who, one, parse_trait_words(traits), parse_decision_words(decision), icp=icp)


def text_of(messages: tuple[Message, ...]) -> str:
    return "\n".join(str(message.content) for message in messages)


def interview(one: Persona, **company: object) -> str:
    """The first question to a buyer of a company with these facts."""
    who = buyer_of(one, SAAS).model_copy(update=company)
    return text_of(PROMPTS.render("sessions/interview", buyer=who, opening="Hello.", question="Why?"))


def rating(one: Persona) -> str:
    return text_of(
        PROMPTS.render(
            "questions/rating.third_person",
            buyer=buyer_of(one), channel="ad", headline="H", question="Q?", low="low", high="high",
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        "Answers for: the number.",
        "Judged by: win rate.",
        "Wants: a calm quarter.",
        "Struggles with: slow ramp; dear tools.",
        "Moved by: a promotion; a little fame; directness.",
        "Fears: a lost year.",
        "Looks for a solution like this: asks a peer.",
        "Listens to: a forum; the CFO.",
        "Hears of things by: peer referral.",
        "Usual doubt: no time",
        "In a purchase: signs.",
        "You talk like this: Dry and brief.",
    ],
)
def test_each_field_of_a_persona_reaches_an_interview(words: str) -> None:
    assert words in interview(RICH)


def test_a_real_quote_reaches_an_interview_as_the_buyers_own_words() -> None:
    assert 'You have said: "It takes me half a year."' in interview(RICH)
    assert "You have said" not in interview(persona())


def test_what_a_persona_does_not_state_leaves_no_line() -> None:
    nothing: dict[str, object] = {
        "growth_stage": "", "stack": (), "incumbent": "", "challenge": "", "signal": "", "initiative": "",
        "decision_process": "", "pains": (),
    }  # fmt: skip
    bare = interview(persona(), **nothing).rpartition("Now the interview.")[2]
    starts = [line.partition(":")[0] for line in bare.splitlines() if ":" in line]
    assert starts == ["Buyer", "Nature", "In a purchase"]


@pytest.mark.parametrize(
    ("company", "words"),
    [
        ({}, "The company: scale-up."),
        ({"growth_rate": 31.6, "funding_stage": "seed"}, "scale-up, grows by 32% a year, has seed money."),
        ({"growth_stage": "", "growth_rate": -4.2}, "The company: shrinks by 4% a year."),
        ({}, "Its tools: CRM; spreadsheets."),
        ({}, "What does this job today: spreadsheets."),
        ({}, "Its trouble: forecasts miss by a fifth."),
        ({}, "Its plan for the year: open a second region."),
        ({}, "Lately the company hiring four account executives."),
        ({"budget_kusd": 41.7}, "about 42 thousand dollars a year. Pays for proof."),
        ({}, "How it buys: Finance signs above 25 kUSD."),
        ({"locale": "en-IN"}, "You speak as people at work in India do."),
    ],
)
def test_each_fact_of_a_company_reaches_an_interview(company: dict[str, object], words: str) -> None:
    assert words in interview(RICH, **company)


def test_a_persona_without_pains_takes_over_those_of_its_icp() -> None:
    assert buyer_of(persona(), SAAS).pains == ("missed quota",)
    assert buyer_of(RICH, SAAS).pains == ("slow ramp", "dear tools")


@pytest.mark.parametrize(("authority", "told"), [("signs", True), ("approves", True), ("influences", False)])
def test_a_seat_that_holds_money_is_told_the_budget(authority: str, told: bool) -> None:
    who = buyer_of(RICH, SAAS).model_copy(update={"authority": authority, "budget_kusd": 41.7})
    asked = PROMPTS.render(
        "questions/stance.third_person",
        buyer=who, duty="signs", channel="offer", proposal="P", question="Q?", first="1", second="2",
        third="3", json=False,
    )  # fmt: skip
    assert ("about 42 thousand dollars a year" in text_of(asked)) is told


def test_demographics_reach_no_prompt_unless_the_persona_states_them() -> None:
    assert "About you" not in interview(RICH)
    stated = RICH.model_copy(update={"demographics": Demographics(age_range="45-55", career="was a nurse")})
    assert "About you: 45-55; was a nurse." in interview(stated)
    assert rating(stated) == rating(RICH)


def test_ratings_read_the_card_alone() -> None:
    plain = RICH.model_copy(update={"pains": tuple(Pain(text=pain.text) for pain in RICH.pains), "kpis": ()})
    assert rating(RICH) == rating(plain)


def scene(channel: str) -> Scene:
    nowhere = ModelRef(provider="scripted", name="sensible")
    asking = Asking(
        model=nowhere,
        embedding_model=nowhere,
        elicit="logprob",
        frame="third_person",
        temperature=0.7,
        seed=7,
    )
    return Scene(
        asking=asking, prompts=PROMPTS, buyers={}, stimuli={}, measures={}, channel=channel,
        channels=read_channels(PROMPTS, channel),
    )  # fmt: skip


def test_a_preferred_channel_meets_each_persona_where_it_looks_first() -> None:
    mailed = RICH.model_copy(update={"channels": ("email", "phone")})
    assert scene("preferred").channel_of(buyer_of(mailed)) == "subject line of an e-mail"
    assert scene("preferred").channel_of(buyer_of(RICH)) == "line forwarded by a peer"
    assert scene("preferred").channel_of(buyer_of(persona())) == "landing page headline"
    assert scene("search ad").channel_of(buyer_of(mailed)) == "search ad"


def test_every_channel_that_a_persona_may_name_has_a_place_that_follows_an_article() -> None:
    channels = read_channels(PROMPTS, "preferred")
    assert channels is not None
    assert set(channels.places) == set(get_args(Channel))
    assert all(place[0].lower() not in "aeiou" for place in (channels.usual, *channels.places.values()))


def test_a_name_reaches_no_prompt() -> None:
    # so a name cannot sway an answer, whatever it suggests of sex or descent
    bodies = [text for name, text in read_prompt_texts().items() if "buyer" in text]
    assert bodies
    assert not [text for text in bodies if "buyer.name" in text]
