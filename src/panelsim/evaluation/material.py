"""What a scorer is given: the material it asks with, and the evidence it reads figures from."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeVar

from pydantic import ValidationError

from panelsim.errors import InputError
from panelsim.model.base import Frozen
from panelsim.model.benchmark import Benchmark, EvalRun, Held, Outcome, Vector
from panelsim.model.call import Call, ChatCall, EmbeddingCall, ModelRef
from panelsim.model.measure import Measure
from panelsim.model.panel import Panel
from panelsim.model.plan import Assignment, Transcript
from panelsim.model.response import Response
from panelsim.model.study import Asking, Elicitation, Frame, Stimulus
from panelsim.prompts import Prompts
from panelsim.script import Script
from panelsim.sessions import script_of, session_id
from panelsim.sessions.buyer import Buyer
from panelsim.sessions.scene import Inventory, Scene, read_measures

SettingsT = TypeVar("SettingsT", bound=Frozen)
ValueT = TypeVar("ValueT")


class Trial(NamedTuple):
    """One script of a benchmark, not started."""

    id: str
    """Unique in the benchmark, the same on every run."""
    lane: str
    """Trials of one lane share a long prompt prefix and stand together."""
    start: Callable[[], Script[Outcome]]
    questions: int = 1
    """Answers that are missing if the model cannot be asked."""


@dataclass(frozen=True)
class Material:
    """All that a benchmark asks with."""

    benchmark: Benchmark
    asking: Asking
    prompts: Prompts
    buyers: Mapping[str, Buyer]
    """By respondent, in the order of the panel; empty if no panel is asked."""
    rows: Sequence[Mapping[str, str]]
    """The benchmark's data file, or what its scorer takes over from shipped files."""
    panel: Panel | None = None
    """Who the buyers are; absent if no panel is asked."""

    def scene(
        self,
        stimuli: Iterable[Stimulus],
        measures: tuple[str, ...] = (),
        *,
        model: ModelRef | None = None,
        elicit: Elicitation | None = None,
        frame: Frame | None = None,
        seed: int | None = None,
        buyers: Mapping[str, Buyer] | None = None,
        measures_as: Mapping[str, Measure] | None = None,
        inventory: Inventory | None = None,
    ) -> Scene:
        """A scene with `stimuli`; what else is given stands in for the benchmark's own."""
        given = {"model": model, "elicit": elicit, "frame": frame, "seed": seed}
        asking = self.asking.model_copy(update={name: one for name, one in given.items() if one is not None})
        return Scene(
            asking=asking,
            prompts=self.prompts,
            buyers=self.buyers if buyers is None else buyers,
            stimuli={one.id: one for one in stimuli},
            measures={**read_measures(self.prompts, measures), **(measures_as or {})},
            channel=self.benchmark.channel,
            inventory=inventory,
        )


def session_trial(
    part: str, assignment: Assignment, scene: Scene, *, temperature: float | None = None, words: bool = True
) -> Trial:
    """The session of `assignment`, under the name of its part of the benchmark.

    With `temperature` every answer is drawn at it, the readings of scales too; without `words` only the
    responses are kept of what was said.
    """
    lane = f"{scene.asking.model}/{assignment.respondent}"
    start = partial(_held, assignment, scene, temperature, words)
    return Trial(f"{part}/{session_id(assignment)}", lane, start, len(assignment.questions))


def _held(assignment: Assignment, scene: Scene, temperature: float | None, words: bool) -> Script[Outcome]:
    script = script_of(assignment, scene)
    transcript = yield from (script if temperature is None else warmed(script, temperature))
    return Held(transcript=transcript if words else transcript.model_copy(update={"turns": ()}))


def warmed(script: Script[ValueT], temperature: float) -> Script[ValueT]:
    """`script` with every chat call made at `temperature`, so that repeats can differ."""
    try:
        calls = next(script)
        while True:
            calls = script.send((yield tuple(_at(call, temperature) for call in calls)))
    except StopIteration as end:
        value: ValueT = end.value
        return value
    finally:
        script.close()


def _at(call: Call, temperature: float) -> Call:
    if not isinstance(call, ChatCall):
        return call
    return call.model_copy(update={"sampling": call.sampling.model_copy(update={"temperature": temperature})})


def held_trial(name: str, respondent: str, scene: Scene, start: Callable[[], Script[Outcome]]) -> Trial:
    """A trial of a benchmark's own script with one respondent."""
    return Trial(name, f"{scene.asking.model}/{respondent}", start)


def vector_trial(name: str, text: str, model: ModelRef) -> Trial:
    """The embedding of `text`."""
    return Trial(name, "", partial(_vector, text, model))


def _vector(text: str, model: ModelRef) -> Script[Outcome]:
    (said,) = yield (EmbeddingCall(model=model, text=text, purpose="embedding"),)
    return Vector(text=text, values=said.vector)


@dataclass(frozen=True)
class Evidence:
    """What a benchmark's figures are read from: nothing but what an evaluation keeps."""

    benchmark: Benchmark
    rows: Sequence[Mapping[str, str]]
    panel: Panel | None
    """Absent if no panel was asked."""
    said: Mapping[str, Outcome]
    """By trial."""

    def transcripts(self, part: str) -> Iterator[tuple[str, Transcript]]:
        """Trials whose id starts with `part/`, with what was said in them."""
        for name, outcome in self.said.items():
            if isinstance(outcome, Held) and name.startswith(f"{part}/"):
                yield name, outcome.transcript

    def responses(self, part: str) -> Iterator[Response]:
        """Every response of the trials whose id starts with `part/`."""
        for _, transcript in self.transcripts(part):
            yield from transcript.responses

    def vectors(self, part: str) -> dict[str, Vector]:
        """The vectors of the trials whose id starts with `part/`, by the rest of it."""
        start = f"{part}/"
        return {
            name.removeprefix(start): outcome
            for name, outcome in self.said.items()
            if isinstance(outcome, Vector) and name.startswith(start)
        }

    @property
    def buyers(self) -> tuple[str, ...]:
        """Ids of the respondents, in the order of the panel."""
        return tuple(one.id for one in self.panel.respondents) if self.panel else ()


def evidence_of(run: EvalRun) -> Evidence:
    """What `run` was scored from."""
    return Evidence(run.benchmark, run.rows, run.panel, dict(run.said))


def settings_of(benchmark: Benchmark, form: type[SettingsT]) -> SettingsT:
    """The benchmark's own settings, checked. Raises `InputError` that names the field."""
    try:
        return form.model_validate(benchmark.settings)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, ("settings", *first["loc"])))
        raise InputError(f"benchmark {benchmark.id!r}: {place}: {first['msg']}") from error
