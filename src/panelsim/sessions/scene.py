"""The scene of a session: everything a script reads besides its assignment."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated

import yaml
from pydantic import Field, ValidationError

from panelsim.errors import InputError
from panelsim.model.base import Frozen
from panelsim.model.call import ChatCall, Message, Sampling
from panelsim.model.hypothesis import Posed
from panelsim.model.inventory import InventoryForm, Item, ItemKind
from panelsim.model.measure import Measure
from panelsim.model.persona import Channel
from panelsim.model.questionnaire import SurveyQuestion
from panelsim.model.study import Asking, Guide, Stimulus
from panelsim.prompts import Prompts
from panelsim.questions.form import Form
from panelsim.sessions.buyer import Buyer
from panelsim.sessions.grounds import NO_GROUNDS, Grounds
from panelsim.sessions.moderating import ModeratorWords
from panelsim.sessions.wordings import SeatWordings


@dataclass(frozen=True)
class Inventory:
    """What the sessions of an inventory read: its items, and what is said of each respondent."""

    kind: ItemKind
    form: InventoryForm
    items: Mapping[str, Item]
    natures: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Positions:
    """What the sessions of a hypothesis read."""

    posed: Mapping[str, Posed]
    neither: str


class SurveyWords(Frozen):
    """What stands beside the questions of a survey, from `prompts/sessions/survey`."""

    id: str
    version: Annotated[int, Field(ge=1)]
    no_answer: str
    applies: str
    """`{option}` stands for the option."""
    yes: str
    no: str


@dataclass(frozen=True)
class Questionnaire:
    """What the sessions of a survey read."""

    questions: Mapping[str, SurveyQuestion]
    about: str
    words: SurveyWords


PREFERRED = "preferred"
"""The channel of a study that meets every respondent where its persona looks first."""


class Channels(Frozen):
    """Where a text is met in each channel, from `prompts/channels`."""

    id: str
    version: Annotated[int, Field(ge=1)]
    usual: str
    """For a persona that names no channel."""
    places: dict[Channel, str]


@dataclass(frozen=True)
class Scene:
    """What is the same for all sessions of a run."""

    asking: Asking
    prompts: Prompts
    buyers: Mapping[str, Buyer]
    stimuli: Mapping[str, Stimulus]
    measures: Mapping[str, Measure]
    shows_concepts: bool = False
    """Whether the stimuli are concepts, which are asked about in words of their own."""
    channel: str = ""
    """Where the reader meets a stimulus; `preferred`: in the channel that each persona names first."""
    channels: Channels | None = None
    """The places of preferred channels; absent where the channel is the same for all."""
    guide: Guide | None = None
    probes: tuple[str, ...] = ()
    """Probes for questions of the guide that bring none of their own."""
    inventory: Inventory | None = None
    committee: SeatWordings | None = None
    """How the seats of a committee are asked; absent in other studies."""
    moderator: ModeratorWords | None = None
    """What the moderator of a discussion says; absent in other studies."""
    positions: Positions | None = None
    questionnaire: Questionnaire | None = None
    grounds: Grounds = NO_GROUNDS
    """What was said and written of the buyers."""

    def channel_of(self, buyer: Buyer) -> str:
        """Where `buyer` meets a stimulus."""
        if self.channels is None:
            return self.channel
        places = {str(channel): place for channel, place in self.channels.places.items()}
        named = (places.get(channel.replace(" ", "_")) for channel in buyer.channels)
        return next((place for place in named if place is not None), self.channels.usual)

    def call(
        self, messages: tuple[Message, ...], form: Form, *, lane: str, purpose: str, replicate: int = 0
    ) -> ChatCall:
        """A complete call that asks `messages` in the shape of `form`."""
        asking = self.asking
        return ChatCall(
            model=asking.model,
            messages=messages,
            sampling=Sampling(
                temperature=asking.temperature if form.spoken else 0.0,
                max_tokens=form.max_tokens,
                stop=form.stop,
                seed=asking.seed,
            ),
            response_schema=form.response_schema,
            top_logprobs=form.top_logprobs,
            replicate=replicate,
            lane=lane,
            purpose=purpose,
        )


def read_measures(prompts: Prompts, names: tuple[str, ...]) -> dict[str, Measure]:
    """The measures called `names`. InputError names the known ones if one is unknown."""
    known = [name.removeprefix("measures/") for name in prompts.ids("measures")]
    measures: dict[str, Measure] = {}
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise InputError(f"unknown measure {name!r}; known measures are {', '.join(known)}{hint}")
        try:
            measures[name] = Measure.model_validate(yaml.safe_load(prompts.text(f"measures/{name}")))
        except (yaml.YAMLError, ValidationError) as error:
            raise InputError(f"measure file 'measures/{name}' is not a measure: {error}") from error
    return measures


def read_channels(prompts: Prompts, channel: str) -> Channels | None:
    """The places of preferred channels, if `channel` is `preferred`. InputError if the file holds none."""
    if channel != PREFERRED:
        return None
    try:
        return Channels.model_validate(yaml.safe_load(prompts.text("channels")))
    except (yaml.YAMLError, ValidationError) as error:
        raise InputError(f"prompt file 'channels' must name a place for each channel: {error}") from error


def read_probes(prompts: Prompts) -> tuple[str, ...]:
    """The general probes of `sessions/probe`."""
    value: object = yaml.safe_load(prompts.text("sessions/probe"))
    probes = value.get("probes") if isinstance(value, dict) else None
    if not isinstance(probes, list) or not all(isinstance(probe, str) for probe in probes):
        raise InputError("prompt file 'sessions/probe' must hold a list of texts under 'probes'")
    return tuple(str(probe) for probe in probes)
