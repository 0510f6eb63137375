"""What scripted respondents think: opinions made from the words of a prompt, with no model."""

import re
from collections.abc import Callable, Mapping
from random import Random
from typing import NamedTuple

from panelsim.model.call import ChatCall

STIMULUS = re.compile(
    r'^(?:Headline|Idea|Concept|Statement|Situation|The person would say|[A-Z]): "(.*?)"[ \t]*$',
    re.MULTILINE | re.DOTALL,
)
PROPOSAL = re.compile(r'^Proposal: "(.*?)"[ \t]*$', re.MULTILINE | re.DOTALL)
OPTION = re.compile(r"^[A-Z]: (Yes|No|Cannot say)\b.*$", re.MULTILINE)
WORD = re.compile(r"[a-z][a-z'-]+")
STEM = 5
"""Letters by which two words count as one: `forecasts`, `forecasting`."""
_FUNCTION_WORDS = """
a about after all an and any are as at be before but by can do does ever every for from get gets had has
have how i if in into is it its me more most my never no not now of off on one only or our out over own
say so than that the their them then they this to too two up us was we what when which who why will with
without you your
buyer company people wants struggles usual doubt nature see sees
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Words that carry no subject; the last line is what every buyer's card says."""
_MAY_END = "out up you it now off own on do does can will was more most all too"
MAY_END = frozenset(_MAY_END.split())
"""Function words a headline may end in."""
EMPTY_WORDS = frozenset(
    {
        "reimagine",
        "unlock",
        "synergy",
        "leverage",
        "revolutionary",
        "seamless",
        "transform",
        "holistic",
        "empower",
    }
)

_TOPICS = (
    "sales deal pipeline forecast quota rep revenue crm prospect seller account territory commission",
    "cash margin invoice accrual audit ledger finance controller cfo receipt spend budget",
    "security access breach risk regulator compliance vulnerability ciso incident",
    "plant machine downtime shift bearing maintenance line production repair pump",
    "hiring candidate onboarding payroll employee retention recruiter hr",
    "support ticket customer churn renewal csat helpdesk",
    "code deploy release engineer developer outage bug test",
)
"""Words of one kind of work: they belong together though they share no letters."""
OWN_LINES = ("Buyer:", "Wants:", "Struggles with:")
"""The lines of a card that say what a buyer cares about; doubts and nature do not."""

REACTIONS = (
    "This has nothing to do with my job; it is someone else's world and I would skip it.",
    "This is mostly about another department and hardly my concern; my team does not do such things.",
    "This touches my work a little; it is somewhat near to what I do, and I might need it one day.",
    "This is about something my team works on; it describes part of my daily work.",
    "This is exactly the problem I am trying to solve; it describes my biggest problem, and I want it gone.",
)
"""What is said aloud of a text, from the least appealing to the most."""
HEARD = "Buyer:"
"""A talk that was heard stands before the line of the card that begins so."""


class Scene(NamedTuple):
    """What a call shows."""

    card: str
    """The words about the buyer."""
    stimuli: tuple[str, ...]
    """One for a rating, two for a choice, none in an interview."""
    question: str
    """The last user message."""
    stances: tuple[str, ...] = ()
    """What the options of the question say, in the order of their slots: `Yes`, `No`, `Cannot say`."""


def read_scene(call: ChatCall) -> Scene:
    """The buyer and the stimuli of the last message that shows some, else the whole prompt as the buyer."""
    asked = [turn.content for turn in call.messages if turn.role == "user"]
    question = asked[-1] if asked else ""
    stances = tuple(match[1] for match in OPTION.finditer(question))
    for content in reversed(asked):
        proposed = PROPOSAL.search(content)
        if proposed is not None:
            return Scene(content[: proposed.start()], (proposed[1],), question, stances)
        shown = list(STIMULUS.finditer(content))
        if shown:
            return Scene(content[: shown[0].start()], tuple(match[1] for match in shown), question)
    told = [turn.content for turn in call.messages if turn.role == "system"]
    return Scene("\n".join([*told, *asked[:1]]), (), question)


def stem(word: str) -> str:
    """The part by which a word is compared."""
    return word.removesuffix("'s").removesuffix("s")[:STEM]


def stems(text: str) -> frozenset[str]:
    """The content words of `text`, cut to their stems."""
    return frozenset(stem(word) for word in WORD.findall(text.lower()) if word not in FUNCTION_WORDS)


TOPICS = tuple(stems(words) for words in _TOPICS)


def is_jumbled(text: str) -> bool:
    """Whether the words seem to be in no order: a small start, a full stop within, a dangling end."""
    words = text.split()
    if len(words) < 3:
        return False
    inner = words[1:]
    titles = sum(word[0].isupper() for word in inner)
    stray_capital = words[0][0].islower() and titles > 0
    dangling = words[-1].lower().strip(".,!?") in FUNCTION_WORDS - MAY_END
    stopped_within = any(word.endswith((".", "!", "?")) for word in words[:-1]) and text[-1] not in ".!?"
    return stray_capital or dangling or stopped_within


def quality(text: str) -> float:
    """How good the text is in itself, -0.35 to 0.15: figures help, empty words and jumbled order harm."""
    figure = 0.05 if re.search(r"\d", text) else 0.0
    size = 0.05 if 4 <= len(text.split()) <= 14 else 0.0
    empty = 0.15 if any(word in EMPTY_WORDS for word in WORD.findall(text.lower())) else 0.0
    return figure + size - empty - (0.3 if is_jumbled(text) else 0.0)


def fit(card: str, text: str) -> float:
    """How much `text` speaks to the buyer: 0 for not at all, nearing 1 with each shared word or topic."""
    own = [line for line in card.splitlines() if line.startswith(OWN_LINES)]
    mine, shown = stems("\n".join(own) or card), stems(text)
    topics = sum(1 for topic in TOPICS if topic & mine and topic & shown)
    return 1 - 0.5 ** (len(mine & shown) + topics)


Opinion = Callable[[Scene, str, Random], float]
"""Appeal of one stimulus in a scene, 0 to 1; the dice are the call's own."""


def by_fit(scene: Scene, text: str, dice: Random) -> float:
    """Fit and quality, with a little unrest."""
    return _bounded(0.1 + 0.75 * fit(scene.card, text) + quality(text) + dice.gauss(0, 0.04))


def by_text_alone(scene: Scene, text: str, dice: Random) -> float:
    """The same for every buyer: a number from the text, and its quality."""
    del scene, dice
    return _bounded(0.35 + 0.3 * Random(text).random() + quality(text))  # noqa: S311 - a stable number, no secret


def by_chance(scene: Scene, text: str, dice: Random) -> float:
    """Anything at all."""
    del scene, text
    return dice.random()


def always_high(scene: Scene, text: str, dice: Random) -> float:
    """The top of every scale."""
    del scene, text, dice
    return 1.0


def at_rest(scene: Scene, text: str, dice: Random) -> float:
    """Fit and quality, and nothing else."""
    del dice
    return _bounded(0.1 + 0.75 * fit(scene.card, text) + quality(text))


def by_what_was_said(scene: Scene, text: str, dice: Random) -> float:
    """Nine tenths of the way from its own opinion to the mean of what it heard said of the text."""
    own = at_rest(scene, text, dice)
    talk = scene.card.partition(HEARD)[0]
    said = [(at + 0.5) / len(REACTIONS) for at, one in enumerate(REACTIONS) for _ in range(talk.count(one))]
    return _bounded(own + 0.9 * (sum(said) / len(said) - own)) if said else own


def by_any_talk(scene: Scene, text: str, dice: Random) -> float:
    """Its own opinion, and more of it after any talk at all."""
    has_heard = bool(scene.card.partition(HEARD)[0].strip())
    return _bounded(at_rest(scene, text, dice) + 0.3 * has_heard)


def _bounded(value: float) -> float:
    return min(1.0, max(0.0, value))


class Mind(NamedTuple):
    """A kind of scripted respondent."""

    opinion: Opinion = by_fit
    first_slot: float = 0.0
    """Added to the log-odds of the option in the first slot."""
    spread: float = 0.6
    """Standard deviation of a rating, in scale points."""
    reply: str = ""
    """Said to everything; empty: an answer to the question."""
    refuses: bool = False
    garbles_first: bool = False
    """The first answer cannot be read; the next one can."""
    is_vague: bool = False


MINDS: Mapping[str, Mind] = {
    "sensible": Mind(),
    "always-first": Mind(first_slot=12.0),
    "agreeable": Mind(opinion=always_high, spread=0.2),
    "blind": Mind(opinion=by_text_alone),
    "noisy": Mind(opinion=by_chance, spread=1.2),
    "refuses": Mind(refuses=True),
    "garbled": Mind(garbles_first=True),
    "vague": Mind(is_vague=True),
    "conforming": Mind(opinion=by_what_was_said),
    "steadfast": Mind(opinion=at_rest),
    "drifting": Mind(opinion=by_any_talk),
}
"""Behaviours by model name."""
