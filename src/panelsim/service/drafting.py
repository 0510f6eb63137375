"""Drafting personas: a model's answers, field by field, become a file that a person approves."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from panelsim import __version__
from panelsim.errors import InputError
from panelsim.execution.drive import drive
from panelsim.execution.loop import run_loop
from panelsim.files import read_icp, read_notes
from panelsim.model.call import Call, Completion, ModelRef
from panelsim.model.draft import Draft, DraftRequest
from panelsim.model.icp import ICP
from panelsim.model.note import Note
from panelsim.model.study import Asking
from panelsim.providers import Options, parse_model_ref, resolve_model_ref
from panelsim.providers.prices import parse_prices, price_of
from panelsim.providers.wrappers import Hooks
from panelsim.reporting.drafts import DraftFacts, render_draft
from panelsim.service.desk import Desk
from panelsim.service.output import write_text
from panelsim.service.workspace import Workspace
from panelsim.sessions import draft as drafting
from panelsim.settings import Settings

TEMPERATURE = 0.4
"""Of lists in words; choices are read at 0."""

Answered = Callable[[Call], None]


class DraftOrder(NamedTuple):
    """What a user asks for."""

    request: DraftRequest
    model: ModelRef
    """As it stands in calls."""
    seed: int
    max_cost_usd: float


class Drafted(NamedTuple):
    """A draft, and what it took."""

    draft: Draft
    facts: DraftFacts
    made: int
    """Calls that were made now."""
    known: int
    """Calls whose answers were known."""
    cost_usd: float
    """Of the calls that were made now."""


def request_of(icp: str, role: str, name: str, folder: Path | None) -> DraftRequest:
    """What is to be drafted, with the notes that speak of the ICP. Raises `InputError`."""
    known = read_icp(icp)
    if not role.strip():
        raise InputError("--role is empty, expected a job title such as 'VP of Sales'")
    try:
        return DraftRequest(id=name, role=role, icp=known, notes=_notes_on(known, name, folder))
    except ValidationError as error:
        place = error.errors(include_url=False)[0]
        option = {"id": "--id", "role": "--role"}.get(str(place["loc"][0]), str(place["loc"][0]))
        expected = {"--id": "lower-case letters, digits, dots, dashes and underscores, at most 64"}
        raise InputError(
            f"{option}: found {place['input']!r}, expected {expected.get(option, 'at most 400 characters')}"
        ) from error


def _notes_on(icp: ICP, name: str, folder: Path | None) -> tuple[Note, ...]:
    """Of the notes at hand those on this ICP or persona; of a named folder, all that are on no other ICP."""
    notes = read_notes(folder)
    if folder is None:
        return tuple(note for note in notes if icp.id in note.icps or name in note.personas)
    return tuple(note for note in notes if not note.icps or icp.id in note.icps)


def check_model(model: str, base_url: str, settings: Settings) -> ModelRef:
    """The model as it was named. Raises `InputError` for what would make every call fail."""
    ref = parse_model_ref(model, base_url)
    price_of(ref, parse_prices(settings.prices))
    if ref.provider == "openai" and not ref.base_url and settings.openai_api_key is None:
        raise InputError(f"model {str(ref)!r} needs a key; set OPENAI_API_KEY in the environment")
    return ref


def resolve_model(ref: ModelRef, settings: Settings) -> ModelRef:
    """The model as it stands in calls. Raises `InputError` if it is not there."""
    return resolve_model_ref(
        ref, Options(cache_dir=settings.cache_dir, openai_api_key=settings.openai_api_key)
    )


def draft_persona(order: DraftOrder, workspace: Workspace, answered: Answered) -> Drafted:
    """Asks the model field by field, tells `answered` of each answer; what was said before is free.

    Raises `BudgetError` if the cap is reached and `ProviderError` if the model cannot be asked: what was
    answered until then is kept.
    """
    now = datetime.now(UTC)
    mark = hashlib.sha256(
        f"{order.request.model_dump_json()} {order.model} {order.seed}".encode()
    ).hexdigest()
    name = f"draft-{now:%Y%m%d-%H%M%S}-{mark[:4]}"
    return run_loop(_draft(order, workspace, answered, name, now.date().isoformat()))


async def _draft(order: DraftOrder, workspace: Workspace, answered: Answered, name: str, day: str) -> Drafted:
    takes_logprobs = order.model.provider in ("embedded", "scripted")
    asking = Asking(
        model=order.model,
        embedding_model=order.model,
        elicit="logprob" if takes_logprobs else "direct",
        frame="third_person",
        temperature=TEMPERATURE,
        seed=order.seed,
    )
    heard: dict[str, tuple[Completion, bool]] = {}

    def hear(call: Call, said: Completion, is_known: bool) -> None:
        heard.setdefault(call.key, (said, is_known))
        answered(call)

    desk = Desk(workspace)
    try:
        complete = desk.complete_apart(name, asking, order.max_cost_usd, Hooks(answered=hear))
        line = desk.lines_of(asking)[order.model.provider]
        script = drafting.script(order.request, asking, workspace.prompts())
        draft = await drive(script, complete, one_by_one=line.paced_by_lane)
    finally:
        desk.settle_apart(name)
        await desk.close()
    made = [said for said, is_known in heard.values() if not is_known]
    facts = DraftFacts(name, str(order.model), day, __version__)
    return Drafted(draft, facts, len(made), len(heard) - len(made), sum(said.cost_usd for said in made))


def write_draft(drafted: Drafted, path: Path) -> Path:
    """Writes the draft's file. Raises `InputError` if it is there already or cannot be written."""
    check_free(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_text(path, render_draft(drafted.draft, drafted.facts))


def check_free(path: Path) -> None:
    """Raises `InputError` if something stands at `path`, or if it is not a YAML file."""
    if path.suffix not in (".yaml", ".yml"):
        raise InputError(f"--out {path}: expected a file name ending in .yaml")
    if path.exists():
        raise InputError(f"{path} is there already and is not overwritten; name another file with --out")
