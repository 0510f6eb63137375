"""What the benchmark `identity` asks: choices by letter in both orders, and replies in words."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from panelsim.evaluation.identity_settings import (
    IdentitySettings,
    Sheet,
    filled,
    panel_of,
    sheets_of,
    swapped_card,
)
from panelsim.evaluation.material import Material, Trial, settings_of, vector_trial
from panelsim.model.benchmark import Held, Outcome, Vector
from panelsim.model.call import ChatCall, EmbeddingCall, Message
from panelsim.model.plan import InterviewAssignment, Transcript, Turn
from panelsim.model.response import Response, TextAnswer
from panelsim.prompts import Input
from panelsim.questions.choice import DirectChoice, LogprobChoice
from panelsim.questions.open import OpenQuestion
from panelsim.script import Script
from panelsim.sessions.ask import Asked, ask
from panelsim.sessions.buyer import Buyer
from panelsim.sessions.scene import Scene

TRUE, FOIL = "true", "foil"
SO, NOT_SO = "so", "not_so"
YES, NO = "yes", "no"
AGAIN = ".again"
LATE = "late."
REPLY_TOKENS = 60


def trials(material: Material) -> Iterator[Trial]:
    """Choices, each order a conversation of its own; replies with their vectors; one longer talk."""
    settings = settings_of(material.benchmark, IdentitySettings)
    panel = panel_of(material.panel)
    scene, sheets = material.scene(()), sheets_of(panel, settings)
    yield from _card_trials(material)
    for place, (who, buyer) in enumerate(material.buyers.items()):
        teller = Teller(scene, who, buyer)
        for part, item, choice, pressed in choices_of(sheets[who], settings):
            for turned in (False, True):
                start = partial(teller.choose, part, item, choice.turned(turned), pressed)
                yield Trial(f"{part}/{who}/{item}/{int(turned)}", teller.lane, start, 2 if pressed else 1)
        yield from _reply_trials(teller, settings)
        yield from _swap_trials(teller, settings, material.buyers[swapped_card(panel, place)], place)
        late = tuple(
            (f"{LATE}{part}.{item}", choice)
            for part, item, choice, _ in choices_of(sheets[who], settings)
            if part in ("fact", "claim")
        )
        asked = len(settings.questions) + 2 * len(late)
        yield Trial(f"talk/{who}", teller.lane, partial(teller.talk, settings.questions, late), asked)


def _card_trials(material: Material) -> Iterator[Trial]:
    """The card of every buyer in as many words as the shortest has, so that length tells nobody apart."""
    texts = {
        who: material.prompts.render("identity/words", buyer=buyer)[0].content
        for who, buyer in material.buyers.items()
    }
    least = min(len(text.split()) for text in texts.values())
    for who, text in texts.items():
        yield vector_trial(f"cards/{who}", first_words(text, least), material.asking.embedding_model)


def _reply_trials(teller: "Teller", settings: IdentitySettings) -> Iterator[Trial]:
    for at, question in enumerate(settings.questions):
        for again in range(settings.repeats):
            start = partial(teller.reply, at, question, again, settings.words)
            yield Trial(f"reply/{teller.who}/{at}/{again}", teller.lane, start)


def _swap_trials(teller: "Teller", settings: IdentitySettings, other: Buyer, place: int) -> Iterator[Trial]:
    """The same questions under `other`'s card, in the lane of the respondent whose own it is not."""
    stranger = teller._replace(buyer=other)
    for at, question in enumerate(settings.questions):
        # a card may be given to several: each needs a reply of its own
        start = partial(stranger.reply, at, question, settings.repeats + place, settings.words)
        yield Trial(f"swap/{teller.who}/{at}", teller.lane, start)


class Choice(NamedTuple):
    """A question with two options."""

    prompt: str
    inputs: Mapping[str, Input]
    texts: Mapping[str, str]
    """By option, in the order of their slots."""

    def turned(self, is_turned: bool) -> "Choice":
        """The same with the slots swapped."""
        return self._replace(texts=dict(reversed(list(self.texts.items())))) if is_turned else self

    def messages(self, scene: Scene) -> tuple[Message, ...]:
        """The question as it is put."""
        first, second = self.texts.values()
        return scene.prompts.render(f"identity/{self.prompt}", **self.inputs, first=first, second=second)


def choices_of(sheet: Sheet, settings: IdentitySettings) -> Iterator[tuple[str, str, Choice, bool]]:
    """Part, item, question, and whether the answer is doubted, of all that is put to one respondent."""
    answers = settings.answers
    is_so, is_wanted = {SO: answers.so, NOT_SO: answers.not_so}, {YES: answers.yes, NO: answers.no}
    for name, truth in sheet.facts.items():
        yield "fact", name, Choice("fact", {"fact": name}, {TRUE: truth, FOIL: sheet.foils[name]}), True
    for at, stand in enumerate(settings.stands):
        yield (
            "stand",
            str(at),
            Choice("stand", {"question": stand.question}, {"a": stand.a, "b": stand.b}),
            True,
        )
    for at, text in enumerate(settings.premises):
        yield "premise", str(at), Choice("premise", {"premise": text}, is_so), False
    for at, text in enumerate(settings.truths):
        true = filled(text, sheet.facts)
        if true is not None:
            yield "truth", str(at), Choice("premise", {"premise": true}, is_so), False
    for at, claim in enumerate(settings.claims):
        yield "claim", str(at), Choice("claim", {"claim": claim.says}, is_so), False
        yield "contrary", str(at), Choice("claim", {"claim": claim.contrary}, is_so), False
    for at, lead in enumerate(settings.leads):
        for lean, text in lead:
            yield "lead", f"{at}-{lean}", Choice("lead", {"question": text}, is_wanted), False


def first_words(text: str, count: int) -> str:
    """The first `count` words of `text`."""
    return " ".join(text.split()[:count])


class Teller(NamedTuple):
    """A respondent who is asked under a card, which in a control is somebody else's."""

    scene: Scene
    who: str
    buyer: Buyer

    @property
    def lane(self) -> str:
        """Of all trials of this respondent."""
        return f"{self.scene.asking.model}/{self.who}"

    def choose(self, part: str, item: str, choice: Choice, pressed: bool) -> Script[Outcome]:
        """One choice; if `pressed`, the answer is doubted without a reason and the choice put again."""
        name = f"{part}.{item}"
        asked, response = yield from self._choice(name, choice, None)
        turns, responses = [self._turn(asked)], [response]
        if pressed:
            again = Choice("again", {}, choice.texts)
            asked, response = yield from self._choice(f"{name}{AGAIN}", again, asked)
            turns.append(self._turn(asked))
            responses.append(response)
        return self._held(turns, responses)

    def talk(self, questions: Sequence[str], late: Sequence[tuple[str, Choice]]) -> Script[Outcome]:
        """All `questions` in one conversation; then each of `late` in both orders, as if it came next."""
        turns, responses = [], []
        asked: Asked | None = None
        for at, question in enumerate(questions):
            asked = yield from self._words(f"open.{at}", question, asked, 0)
            turns.append(self._turn(asked))
            responses.append(self._response(f"open.{at}", (), asked))
        for name, choice in late:
            for is_turned in (False, True):
                answered, response = yield from self._choice(name, choice.turned(is_turned), asked)
                turns.append(self._turn(answered))
                responses.append(response)
        return self._held(turns, responses)

    def reply(self, at: int, question: str, again: int, words: int) -> Script[Outcome]:
        """The vector of the first `words` words of a reply; the session itself if there is none."""
        asked = yield from self._words(f"reply.{at}", question, None, again)
        if not isinstance(asked.answer, TextAnswer):
            return self._held([self._turn(asked)], [self._response(f"reply.{at}", (), asked)])
        text = first_words(asked.answer.text, words)
        model = self.scene.asking.embedding_model
        (said,) = yield (EmbeddingCall(model=model, text=text, purpose="embedding"),)
        return Vector(text=text, values=said.vector)

    def _choice(self, name: str, choice: Choice, before: Asked | None) -> Script[tuple[Asked, Response]]:
        options = tuple(choice.texts)
        direct = self.scene.asking.elicit == "direct"
        question = (DirectChoice if direct else LogprobChoice)(id=name, options=options)
        call = self._call(choice.messages(self.scene), question, before, name)
        asked = yield from ask(question, call, self.scene.prompts)
        return asked, self._response(name, options, asked)

    def _words(self, name: str, question: str, before: Asked | None, again: int) -> Script[Asked]:
        form = OpenQuestion(id=name, max_tokens=REPLY_TOKENS)
        messages = self.scene.prompts.render("identity/open", question=question)
        call = self._call(messages, form, before, name, again)
        return (yield from ask(form, call, self.scene.prompts))

    def _call(
        self,
        messages: tuple[Message, ...],
        question: OpenQuestion | DirectChoice | LogprobChoice,
        before: Asked | None,
        name: str,
        again: int = 0,
    ) -> ChatCall:
        if before is None:
            start = self.scene.prompts.render("identity/card", buyer=self.buyer)
        else:
            start = before.call.followed_by(before.said, ()).messages
        purpose = f"identity/{name.split('.', maxsplit=1)[0]}"
        return self.scene.call(
            (*start, *messages), question.form, lane=self.who, purpose=purpose, replicate=again
        )

    def _response(self, name: str, shown: tuple[str, ...], asked: Asked) -> Response:
        return Response(
            respondent=self.who, question=name, shown=shown, answer=asked.answer, call_keys=asked.keys
        )

    def _turn(self, asked: Asked) -> Turn:
        return Turn(speaker="respondent", text=asked.said.text, call_key=asked.keys[-1])

    def _held(self, turns: Sequence[Turn], responses: Sequence[Response]) -> Held:
        assignment = InterviewAssignment(respondent=self.who)
        return Held(
            transcript=Transcript(assignment=assignment, turns=tuple(turns), responses=tuple(responses))
        )
