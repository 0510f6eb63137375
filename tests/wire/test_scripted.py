"""Scripted respondents: each behaves as its name says, and the same call gets the same answer."""

import json
import math
from pathlib import Path

import pytest

from panelsim.errors import RefusedRequest
from panelsim.model.call import ChatCall, Completion, EmbeddingCall, Message, ModelRef, Sampling
from panelsim.providers import Options, open_provider

CARD = """Buyer: VP Sales at a software company of 220 people.
Wants: a forecast the board can trust; fewer surprise slips.
Struggles with: deals that slip late; spreadsheets nobody updates.
"""
FITS = "Know which deals will slip before your next forecast"
FOREIGN = "Ten soup recipes your grandmother never told you about"
RATE = "How relevant is this? 1 = not at all, 5 = exactly my problem. One digit:"


def rating(
    behaviour: str, headline: str, *, card: str = CARD, replicate: int = 0, temperature: float = 0
) -> ChatCall:
    shown = f'{card}\nYou see this headline.\nHeadline: "{headline}"\n{RATE}'
    return ChatCall(
        model=ModelRef(provider="scripted", name=behaviour),
        messages=(Message(role="system", content="You are the buyer."), Message(role="user", content=shown)),
        sampling=Sampling(max_tokens=1, temperature=temperature),
        top_logprobs=10,
        replicate=replicate,
    )


def choice(behaviour: str, first: str, second: str) -> ChatCall:
    shown = (
        f'{CARD}\nTwo versions of a headline:\nA: "{first}"\nB: "{second}"\nWhich one? One letter, A or B:'
    )
    call = rating(behaviour, first)
    return call.model_copy(update={"messages": (Message(role="user", content=shown),)})


async def ask(call: ChatCall | EmbeddingCall) -> Completion:
    return await open_provider("scripted", Options(cache_dir=Path())).complete(call)


async def mean_rating(call: ChatCall) -> float:
    (token,) = (await ask(call)).logprobs
    shares = {label: math.exp(logprob) for label, logprob in token.top}
    assert sum(shares.values()) == pytest.approx(1, abs=1e-6)
    return sum(int(label) * share for label, share in shares.items())


async def share_of_first(call: ChatCall) -> float:
    (token,) = (await ask(call)).logprobs
    return dict(token.top).get("A", -math.inf) and math.exp(dict(token.top).get("A", -math.inf))


async def test_the_same_call_gets_the_same_answer_and_a_replicate_another() -> None:
    first, again = [await ask(rating("sensible", FITS)) for _ in range(2)]
    assert first == again
    assert first != await ask(rating("sensible", FITS, replicate=1))


async def test_sensible_prefers_what_speaks_to_the_buyer_alone_and_side_by_side() -> None:
    assert await mean_rating(rating("sensible", FITS)) > await mean_rating(rating("sensible", FOREIGN)) + 1.5
    assert await share_of_first(choice("sensible", FITS, FOREIGN)) > 0.9
    assert await share_of_first(choice("sensible", FOREIGN, FITS)) < 0.1


async def test_sensible_rates_jumbled_words_lower() -> None:
    jumbled = "slip Know before deals forecast next will which your"
    assert await mean_rating(rating("sensible", jumbled)) < await mean_rating(rating("sensible", FITS)) - 0.8


async def test_sensible_looks_at_the_buyer_and_blind_does_not() -> None:
    cook = "Buyer: Head chef.\nWants: new soup recipes.\nStruggles with: dull menus.\n"
    mine, foreign = [await mean_rating(rating("sensible", FITS, card=card)) for card in (CARD, cook)]
    assert mine > foreign + 1.5
    mine, foreign = [await mean_rating(rating("blind", FITS, card=card)) for card in (CARD, cook)]
    assert mine == foreign


async def test_always_first_chooses_the_first_slot_in_both_orders() -> None:
    assert (await ask(choice("always-first", FITS, FOREIGN))).text == "A"
    assert (await ask(choice("always-first", FOREIGN, FITS))).text == "A"


async def test_agreeable_gives_top_ratings_to_everything() -> None:
    assert await mean_rating(rating("agreeable", FOREIGN)) > 4.9
    assert await share_of_first(choice("agreeable", FITS, FOREIGN)) == pytest.approx(0.5)


async def test_noisy_ratings_do_not_follow_the_headline() -> None:
    fits = [await mean_rating(rating("noisy", FITS, replicate=n)) for n in range(60)]
    foreign = [await mean_rating(rating("noisy", FOREIGN, replicate=n)) for n in range(60)]
    # ratings spread over 1..5 (SD about 1), so a mean of 60 has a standard error of about .13
    assert abs(sum(fits) - sum(foreign)) / 60 < 0.6
    assert max(fits) - min(fits) > 2


async def test_refuses_refuses() -> None:
    assert (await ask(rating("refuses", FITS))).finish_reason == "refusal"


async def test_garbled_can_be_read_once_asked_again() -> None:
    call = rating("garbled", FITS)
    first = await ask(call)
    assert not first.text.strip().isdigit()
    assert first.logprobs == ()
    again = await ask(call.followed_by(first, (Message(role="user", content="One digit, please:"),)))
    assert again.text in set("12345")
    assert again.logprobs


async def test_an_interview_answer_is_specific_unless_the_buyer_is_vague() -> None:
    def asked(behaviour: str) -> ChatCall:
        told = Message(role="system", content=f"You are interviewed.\n{CARD}")
        question = Message(role="user", content="How do you deal with spreadsheets today?")
        spoken = Sampling(max_tokens=110, temperature=0.7)
        model = ModelRef(provider="scripted", name=behaviour)
        return ChatCall(model=model, messages=(told, question), sampling=spoken)

    assert "spreadsheets nobody updates" in (await ask(asked("sensible"))).text
    assert (await ask(asked("vague"))).text == "It depends, really."


async def test_a_schema_is_followed() -> None:
    call = rating("sensible", FITS).model_copy(
        update={"top_logprobs": 0, "sampling": Sampling(max_tokens=30)}
    )
    whole = '{"type":"object","properties":{"rating":{"type":"integer","minimum":1,"maximum":5}}}'
    answer = json.loads((await ask(call.model_copy(update={"response_schema": whole}))).text)
    assert answer["rating"] in {4, 5}
    letter = '{"type":"object","properties":{"choice":{"type":"string","enum":["A","B"]}}}'
    pair = choice("sensible", FOREIGN, FITS).model_copy(
        update={"top_logprobs": 0, "sampling": Sampling(max_tokens=30)}
    )
    assert json.loads((await ask(pair.model_copy(update={"response_schema": letter}))).text) == {
        "choice": "B"
    }


async def test_an_answer_is_cut_off_at_its_limit() -> None:
    call = rating("sensible", FITS).model_copy(update={"top_logprobs": 0, "sampling": Sampling(max_tokens=3)})
    words = call.model_copy(
        update={"messages": (Message(role="user", content=f'{CARD}\nHeadline: "{FITS}"\nYour reaction?'),)}
    )
    cut = await ask(words)
    assert (cut.finish_reason, len(cut.text.split()), cut.usage.completion_tokens) == ("length", 3, 3)


async def test_texts_that_share_words_lie_closer() -> None:
    async def vector(text: str) -> tuple[float, ...]:
        return (
            await ask(EmbeddingCall(model=ModelRef(provider="scripted", name="sensible"), text=text))
        ).vector

    anchor, near, far = [
        await vector(text) for text in ("this is my problem", "exactly my problem", "soup recipes")
    ]

    def cosine(one: tuple[float, ...], other: tuple[float, ...]) -> float:
        return sum(a * b for a, b in zip(one, other, strict=True))

    assert cosine(anchor, anchor) == pytest.approx(1)
    assert cosine(anchor, near) > cosine(anchor, far) + 0.2


async def test_an_unknown_behaviour_is_refused() -> None:
    with pytest.raises(RefusedRequest, match="no scripted respondent 'wise'"):
        await ask(rating("wise", FITS))
