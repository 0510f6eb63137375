"""Drafting a persona: each field asked by itself, with the ICP's facts, the role and the passages for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from panelsim.model.call import ChatCall, Message, Sampling
from panelsim.model.draft import Draft, DraftField, DraftItem, DraftRequest
from panelsim.model.note import Ground
from panelsim.model.panel import DOMAINS, Decision
from panelsim.model.persona import Channel
from panelsim.model.response import ChoiceAnswer, Missing
from panelsim.model.study import Asking
from panelsim.passages.cutting import split
from panelsim.passages.quotable import quotable
from panelsim.passages.quoting import words_of
from panelsim.passages.retrieval import Index, stems
from panelsim.prompts import Prompts
from panelsim.questions.choice import DirectChoice, LogprobChoice
from panelsim.questions.form import Form
from panelsim.questions.items import ItemsQuestion, Point
from panelsim.script import Script, gather
from panelsim.sessions.ask import QUOTED, ask
from panelsim.sessions.draft_form import ChoiceField, Company, DraftForm, ListField, company_of, read_form
from panelsim.sessions.grounds import ground_of
from panelsim.traits.words import parse_decision_words, parse_trait_words

WITH_A_LIST, WITH_A_CHOICE = 4, 2
"""Passages given with one field."""
LEAST_SCORE = 0.03
"""Lower than for a question: the words that find a field's passages are many, and no passage has them all."""
FEWEST_SHARED = 2
"""Content words that a point must share with the passage it claims, besides those of company and role."""
QUOTE_WORDS = 4
"""Words from which on a quotation says something."""


@dataclass(frozen=True)
class _Desk:
    """What every question of one draft reads."""

    request: DraftRequest
    asking: Asking
    prompts: Prompts
    form: DraftForm
    company: Company
    index: Index

    def call(self, messages: tuple[Message, ...], form: Form, purpose: str) -> ChatCall:
        return ChatCall(
            model=self.asking.model,
            messages=messages,
            sampling=Sampling(
                temperature=self.asking.temperature if form.spoken else 0.0,
                max_tokens=form.max_tokens,
                stop=form.stop,
                seed=self.asking.seed,
            ),
            response_schema=form.response_schema,
            top_logprobs=form.top_logprobs,
            lane=self.request.id,
            purpose=f"draft/{purpose}",
        )

    def grounds(self, words: str, most: int) -> tuple[Ground, ...]:
        return tuple(ground_of(one.passage) for one in self.index.search("", most, words, least=LEAST_SCORE))


def script(request: DraftRequest, asking: Asking, prompts: Prompts) -> Script[Draft]:
    """The draft of `request`: lists, then choices and levels, each of these in both orders of its options."""
    passages = [passage for note in request.notes for passage in split(note)]
    form = read_form(prompts)
    desk = _Desk(request, asking, prompts, form, company_of(request.icp), Index(passages))
    fields = yield from gather(
        *(_list(desk, field) for field in form.lists),
        *(_choice(desk, name, choice) for name, choice in form.choices.items()),
        *(_level(desk, *level) for level in _levels(desk)),
    )
    return Draft(request=request, fields=fields)


# ---- lists


def _list(desk: _Desk, field: ListField) -> Script[DraftField]:
    grounds = desk.grounds(field.words, WITH_A_LIST)
    among = get_args(Channel) if field.field == "channels" else ()
    question = ItemsQuestion(id=field.field, most=field.most, quotes=field.field == "pains", among=among)
    messages = desk.prompts.render(
        "draft/list",
        company=desk.company,
        role=desk.request.role,
        notes=grounds,
        question=field.ask,
        most=field.most,
    )
    call = desk.call(messages, question.form, field.field)
    keys = [call.key]
    (said,) = yield (call,)
    points = question.parse(said)
    if isinstance(points, Missing) and points.reason != "refused":
        reask = desk.prompts.render(
            "sessions/reask", said=said.text.strip()[:QUOTED], expected=question.expected
        )
        call = call.followed_by(said, reask)
        keys.append(call.key)
        (said,) = yield (call,)
        points = question.parse(said)
    if isinstance(points, Missing):
        return DraftField(name=field.field, missing=points, call_keys=tuple(keys))
    items, left_out = _kept(desk, points, grounds)
    return DraftField(name=field.field, items=items, left_out=left_out, call_keys=tuple(keys))


def _kept(
    desk: _Desk, points: tuple[Point, ...], grounds: tuple[Ground, ...]
) -> tuple[tuple[DraftItem, ...], tuple[str, ...]]:
    """The points that stand in the draft, and what does not with the reason.

    If one of them rests on a passage only those do: a field is either inferred or invented, never both.
    """
    left_out: list[str] = []
    items: list[DraftItem] = []
    for point in points:
        ground = grounds[point.rests_on - 1] if 0 < point.rests_on <= len(grounds) else None
        quote = quotable(point.quote).strip(" '")
        if quote and (ground is None or not is_verbatim(quote, ground.text)):
            left_out.append(f"quote {quote!r}: no passage that was given says so")
            quote = ""
        elif quote and not stems(quote) & stems(point.point):
            left_out.append(f"quote {quote!r}: does not speak of {point.point!r}")
            quote = ""
        rests = ground is not None and (bool(quote) or _rests_on(desk, point.point, ground))
        items.append(DraftItem(text=point.point, quote=quote, ground=ground if rests else None))
    if any(item.ground for item in items):
        left_out += [f"{item.text!r}: rests on no passage" for item in items if item.ground is None]
        items = [item for item in items if item.ground is not None]
    return tuple(items), tuple(left_out)


def is_verbatim(quote: str, passage: str) -> bool:
    """Whether `quote` stands in `passage` word for word; capitals and punctuation do not matter."""
    said, words = words_of(quote), words_of(passage)
    starts = range(len(words) - len(said) + 1)
    return len(said) >= QUOTE_WORDS and any(words[at : at + len(said)] == said for at in starts)


def _rests_on(desk: _Desk, text: str, ground: Ground) -> bool:
    """Whether a point has words of the passage that company and role do not explain."""
    context = stems(f"{desk.request.role} {' '.join(value for _, value in desk.company)}")
    own = stems(text) - context
    return len(own & stems(ground.text)) >= min(FEWEST_SHARED, len(own)) > 0


# ---- choices and levels


def _choice(desk: _Desk, name: str, choice: ChoiceField) -> Script[DraftField]:
    shares, keys, missing = yield from _weighed(desk, name, choice.ask, choice.words, choice.options)
    if missing is not None:
        return DraftField(name=name, missing=missing, call_keys=keys)
    best = max(shares, key=lambda option: shares[option])
    return DraftField(name=name, items=(DraftItem(text=best),), call_keys=keys)


TRAIT_LEVELS: Mapping[str, float] = {"low": -1.2, "middle": 0.0, "high": 1.2}
"""Middles of the bands whose phrases are shown, in standard scores."""
DECISION_LEVELS: Mapping[str, float] = {"low": 0.27, "middle": 0.5, "high": 0.72}
_TRAIT_BANDS, _DECISION_BANDS = (2, 6), (1, 3)


def _levels(desk: _Desk) -> Iterator[tuple[str, dict[str, str], Mapping[str, float]]]:
    traits = dict(parse_trait_words(desk.prompts.text("traits/hexaco")).words)
    decides = dict(parse_decision_words(desk.prompts.text("traits/decision")).words)
    middle = desk.form.levels.middle
    for prefix, names, table, (low, high), values in (
        ("hexaco", DOMAINS, traits, _TRAIT_BANDS, TRAIT_LEVELS),
        ("decision", Decision.model_fields, decides, _DECISION_BANDS, DECISION_LEVELS),
    ):
        for name in names:
            phrases = {"low": table[name][low], "middle": middle, "high": table[name][high]}
            yield f"{prefix}.{name}", phrases, values


def _level(
    desk: _Desk, name: str, options: dict[str, str], values: Mapping[str, float]
) -> Script[DraftField]:
    """A level: the options' values weighed by their shares."""
    words = " ".join((options["low"], options["high"]))
    shares, keys, missing = yield from _weighed(desk, name, desk.form.levels.ask, words, options)
    if missing is not None:
        return DraftField(name=name, missing=missing, call_keys=keys)
    level = sum(values[option] * share for option, share in shares.items())
    return DraftField(name=name, level=round(level, 2), call_keys=keys)


def _weighed(
    desk: _Desk, name: str, question: str, words: str, options: dict[str, str]
) -> Script[tuple[dict[str, float], tuple[str, ...], Missing | None]]:
    """Each option's share, the mean over both orders, so that a liking for a slot cancels out."""
    orders = (tuple(options), tuple(reversed(options)))
    answers = yield from gather(*(_put(desk, name, question, words, options, order) for order in orders))
    keys = tuple(key for _, asked in answers for key in asked)
    shares = dict.fromkeys(options, 0.0)
    for answer, _ in answers:
        if isinstance(answer, Missing):
            return {}, keys, answer
        for option in options:
            shares[option] += answer.share_of(option) / len(orders)
    return shares, keys, None


def _put(
    desk: _Desk, name: str, question: str, words: str, options: dict[str, str], order: tuple[str, ...]
) -> Script[tuple[ChoiceAnswer | Missing, tuple[str, ...]]]:
    logprob = desk.asking.elicit == "logprob"
    kind = LogprobChoice if logprob else DirectChoice
    asked = kind(id=name, options=order)
    messages = desk.prompts.render(
        "draft/choice" if logprob else "draft/choice_direct",
        company=desk.company,
        role=desk.request.role,
        notes=desk.grounds(words, WITH_A_CHOICE),
        question=question,
        options=tuple(options[option] for option in order),
    )
    call = desk.call(messages, asked.form, name)
    answer, _, _, keys = yield from ask(asked, call, desk.prompts)
    if isinstance(answer, ChoiceAnswer | Missing):
        return answer, keys
    raise TypeError(f"a choice was answered with {answer.kind!r}")
