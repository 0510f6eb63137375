"""The provider `scripted`: respondents without a model, for tests, examples and checks of the controls.

`scripted/sensible` prefers what speaks to its buyer's own words; `always-first` picks the first slot;
`agreeable` gives top ratings; `blind` ignores the buyer; `noisy` answers by chance; `refuses` refuses;
`garbled` cannot be read until asked again; `vague` says little. In a discussion `conforming` ends near what
it heard said, `steadfast` never moves, and `drifting` moves whatever it heard. The same call always gets the
same answer.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from difflib import get_close_matches
from itertools import pairwise
from random import Random
from typing import assert_never

from pydantic import JsonValue

from panelsim.errors import InputError, RefusedRequest
from panelsim.model.call import Call, ChatCall, Completion, EmbeddingCall, TokenLogprob, Usage
from panelsim.providers.scripted_minds import (
    MINDS,
    REACTIONS,
    WORD,
    Mind,
    Scene,
    read_scene,
    stem,
    stems,
)

DIMENSIONS = 256
"""Of an embedding."""
POINTS = 5
REFUSAL = "I'm sorry, but I can't help with that."
GARBLED = "~~"
"""One word, so that no limit cuts it."""
VAGUE = "It depends, really."
CHOICE_SLOPE = 8.0
"""Log-odds of a choice for a difference in appeal of 1."""
FLOOR = -20.0
"""Log-probability below which an alternative is not listed."""

STORIES = (
    "Last quarter we lost about three weeks because of it: {topic}.",
    "For example, in March our team had to deal with this again: {topic}.",
    "When we looked at it last year, it cost us roughly 20 hours a month: {topic}.",
)


class Scripted:
    """Answers at once and from the call alone."""

    at_once = 64
    paced_by_lane = False

    async def complete(self, call: Call) -> Completion:
        """What the behaviour named by the model says to `call`. Raises `RefusedRequest` if there is none."""
        match call:
            case ChatCall():
                return _reply_to(call, _mind(call.model.name))
            case EmbeddingCall():
                usage = Usage(prompt_tokens=_tokens(call.text))
                return Completion(vector=_embedding(call.text), usage=usage, reported_model=call.model.name)
            case _:
                assert_never(call)

    async def close(self) -> None:
        """There is nothing to give back."""


def check_behaviour(name: str) -> None:
    """Raises `InputError` if no scripted respondent is called `name`."""
    if name not in MINDS:
        near = get_close_matches(name, MINDS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(f"model 'scripted/{name}': expected one of {sorted(MINDS)}{hint}")


def _mind(name: str) -> Mind:
    if name not in MINDS:
        raise RefusedRequest(f"there is no scripted respondent {name!r}; expected one of {sorted(MINDS)}")
    return MINDS[name]


def _reply_to(call: ChatCall, mind: Mind) -> Completion:
    if mind.refuses:
        return _completion(call, REFUSAL).model_copy(update={"finish_reason": "refusal"})
    if mind.garbles_first and not any(turn.content == GARBLED for turn in call.messages):
        return _completion(call, GARBLED)
    dice = Random(call.key)  # noqa: S311 - an answer that is the same each time, no secret
    scene = read_scene(call)
    if call.response_schema:
        schema = json.loads(call.response_schema)
        return _completion(call, json.dumps(_instance(schema, scene, mind, dice)))
    shares = _shares(scene, mind, dice)
    if call.top_logprobs:
        return _weighed(call, shares, dice)
    wants_label = call.sampling.max_tokens <= 2 or scene.question.rstrip().endswith(
        ("digit:", "A or B:", "B or C:")
    )
    return _completion(call, _drawn(call, shares, dice) if wants_label else _words(scene, mind, dice))


# ---- opinions as numbers


def _shares(scene: Scene, mind: Mind, dice: Random) -> dict[str, float]:
    """Probability of each label: letters if several stimuli are shown, else the points of the scale."""
    appeals = [mind.opinion(scene, text, dice) for text in scene.stimuli] or [0.5]
    if scene.stances:
        return _stance_shares(scene.stances, appeals[0], mind)
    if len(appeals) > 1:
        odds = [CHOICE_SLOPE * appeal for appeal in appeals]
        odds[0] += mind.first_slot
        weights = [math.exp(odd - max(odds)) for odd in odds]
        labels = [chr(ord("A") + place) for place in range(len(weights))]
    else:
        middle = 1 + (POINTS - 1) * appeals[0]
        weights = [math.exp(-(((point - middle) / mind.spread) ** 2) / 2) for point in range(1, POINTS + 1)]
        labels = [str(point) for point in range(1, POINTS + 1)]
    return {label: weight / sum(weights) for label, weight in zip(labels, weights, strict=True)}


def _stance_shares(stances: Sequence[str], appeal: float, mind: Mind) -> dict[str, float]:
    """Probability of each letter: yes and no by the distance of the appeal from the middle."""
    lean = CHOICE_SLOPE * (appeal - 0.5)
    odds = [{"Yes": lean, "No": -lean}.get(stance, -1.0) for stance in stances]
    odds[0] += mind.first_slot
    weights = [math.exp(odd - max(odds)) for odd in odds]
    return {chr(ord("A") + at): weight / sum(weights) for at, weight in enumerate(weights)}


def _drawn(call: ChatCall, shares: dict[str, float], dice: Random) -> str:
    """One label: the likeliest at temperature 0, else drawn by its share."""
    if call.sampling.temperature == 0:
        return max(shares, key=shares.__getitem__)
    return dice.choices(list(shares), list(shares.values()))[0]


def _weighed(call: ChatCall, shares: dict[str, float], dice: Random) -> Completion:
    said = _drawn(call, shares, dice)
    listed = [(label, math.log(share)) for label, share in shares.items() if share > math.exp(FLOOR)]
    listed.sort(key=lambda item: -item[1])
    token = TokenLogprob(token=said, logprob=math.log(shares[said]), top=tuple(listed[: call.top_logprobs]))
    return _completion(call, said).model_copy(update={"logprobs": (token,)})


def _instance(schema: dict[str, JsonValue], scene: Scene, mind: Mind, dice: Random) -> JsonValue:
    """A value that follows the plain parts of a JSON schema and carries the mind's opinion."""
    shares = _shares(scene, mind, dice)
    best = max(shares, key=shares.__getitem__)
    match schema:
        case {"enum": [*options]}:
            return next((option for option in options if str(option) == best), options[0])
        case {"type": "object", "properties": dict(parts)}:
            return {
                name: _instance(part, scene, mind, dice)
                for name, part in parts.items()
                if isinstance(part, dict)
            }
        case {"type": "array", "items": dict(part)}:
            return [_instance(part, scene, mind, dice)]
        case {"type": "integer" | "number"}:
            most, least = schema.get("maximum", POINTS), schema.get("minimum", 0)
            said = min(int(best) if best.isdigit() else 3, most if isinstance(most, int) else POINTS)
            return max(said, least) if isinstance(least, int | float) else said
        case {"type": "boolean"}:
            return best in {"4", "5", "A"}
        case {"type": "string"}:
            return _words(scene, mind, dice)
        case _:
            raise RefusedRequest(
                f"a scripted respondent cannot follow the JSON schema {json.dumps(schema)[:200]}"
            )


# ---- opinions as words


def _words(scene: Scene, mind: Mind, dice: Random) -> str:
    if not scene.stimuli:
        return VAGUE if mind.is_vague else _story(scene, dice)
    appeal = mind.opinion(scene, scene.stimuli[0], dice)
    reaction = REACTIONS[min(POINTS - 1, int(appeal * POINTS))]
    if mind.is_vague:
        return "Hard to say."
    shared = sorted(
        word for word in WORD.findall(scene.stimuli[0].lower()) if stem(word) in stems(scene.card)
    )
    return (
        f"{reaction} It speaks of {shared[0]}."
        if shared and mind.opinion is MINDS["sensible"].opinion
        else reaction
    )


def _story(scene: Scene, dice: Random) -> str:
    """Something that happened, about a line of the buyer's card that is near the question."""
    lines = [
        line.partition(":")[2] or line
        for line in scene.card.splitlines()
        if line.startswith(("Wants", "Struggles"))
    ]
    topics = [topic.strip(" .") for line in lines for topic in line.split(";")] or ["our daily work"]
    near = max(topics, key=lambda topic: (len(stems(topic) & stems(scene.question)), dice.random()))
    return dice.choice(STORIES).format(topic=near)


# ---- completions


def _completion(call: ChatCall, text: str) -> Completion:
    """`text`, cut off at the call's limit as a model's would be."""
    words = text.split(" ")
    room = call.sampling.max_tokens
    cut = len(words) > room
    said = " ".join(words[:room]) if cut else text
    asked = sum(_tokens(turn.content) for turn in call.messages)
    return Completion(
        text=said,
        finish_reason="length" if cut else "stop",
        usage=Usage(prompt_tokens=asked, completion_tokens=min(len(words), room)),
        reported_model=call.model.name,
    )


def _tokens(text: str) -> int:
    return len(text) // 4 + 1


def _embedding(text: str) -> tuple[float, ...]:
    """A bag of hashed words and word pairs, of length 1."""
    words = WORD.findall(text.lower()) or [text]
    vector = [1e-6] * DIMENSIONS  # never zero, even if pieces cancel out
    for piece in [*words, *_pairs(words)]:
        digest = hashlib.blake2b(piece.encode("utf-8", "replace"), digest_size=8).digest()
        place = int.from_bytes(digest, "big")
        vector[place % DIMENSIONS] += 1.0 if place >> 63 else -1.0
    length = math.sqrt(sum(value * value for value in vector))
    return tuple(value / length for value in vector)


def _pairs(words: Sequence[str]) -> list[str]:
    return [f"{first} {second}" for first, second in pairwise(words)]
