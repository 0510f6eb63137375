"""Prompt files: text with front matter and role markers becomes messages, strict about its inputs.

A prompt file opens with YAML front matter (`id`, `version`, `inputs`), then blocks of Jinja text, each
under a role marker alone on its line (`system:`, `user:`, `assistant:`). A file may open with the blocks of
another (`opening`), so that several questions share one prefix to the letter. A part (`parts/...`) has no
markers and is included by others. Markers are read before rendering, so no input can add a turn.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeAlias, TypeVar, get_args

import yaml
from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import Field, ValidationError
from typing_extensions import override

from panelsim.errors import InputError
from panelsim.keys import content_key
from panelsim.model.base import Frozen
from panelsim.model.call import Message, Role

Input: TypeAlias = str | int | bool | tuple[str, ...] | Frozen | tuple[Frozen, ...]

_FRONT_MATTER = re.compile(r"\A---\n(?P<head>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)
_MARKER = re.compile(r"^(system|user|assistant):[ \t]*$", re.MULTILINE)
_INCLUDE = re.compile(r"""^[ \t]*\{%\s*include\s+["']([^"']+)["']\s*%\}[ \t]*\n?""", re.MULTILINE)
"""A part alone on its line; the line's end goes with it, as with any block tag."""
_ROLES: dict[str, Role] = {role: role for role in get_args(Role)}


class PromptHead(Frozen):
    """The front matter of a prompt file."""

    id: str
    version: int = Field(ge=1)
    inputs: tuple[str, ...] = ()
    opening: str = ""
    """Id of the file whose blocks come first; empty for none. Its inputs are inputs of this file too."""


class PromptIdentity(Frozen):
    """Which prompt was used: id, version, and a hash over its text and the parts it includes."""

    id: str
    version: int
    hash: str


KEPT = 512
"""Renderings that a text keeps: the card of a buyer is asked for again by each of its questions."""

Kept = TypeVar("Kept")


class _Kept(Generic[Kept]):
    """What was made of the last inputs, found again by the very same objects."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, ...], tuple[tuple[Input, ...], Kept]] = {}

    def of(self, values: tuple[Input, ...], make: Callable[[], Kept]) -> Kept:
        """What was made of `values` before, or what `make` makes now."""
        place = tuple([id(value) for value in values])
        kept = self._kept.get(place)
        if kept is not None:
            return kept[1]
        made = make()
        if len(self._kept) >= KEPT:
            del self._kept[next(iter(self._kept))]
        # the values are kept too: an id stands for its object only while that lives
        self._kept[place] = (values, made)
        return made


class _Part:
    """A part that prompt files include, compiled."""

    def __init__(self, slot: str, template: Template, names: frozenset[str]) -> None:
        self.slot = slot
        """The variable that stands for the part's text in the including template."""
        self.names = names
        self._template = template
        self._order = sorted(names)
        self._kept = _Kept[str]()

    def render(self, inputs: Mapping[str, Input]) -> str:
        """The part's text."""
        values = tuple([inputs[name] for name in self._order])
        return self._kept.of(values, lambda: self._template.render(inputs))


class _Block:
    """One message of a prompt file, compiled."""

    def __init__(
        self, role: Role, template: Template, names: frozenset[str], parts: tuple[_Part, ...]
    ) -> None:
        self._role: Role = role
        self._template = template
        self._parts = parts
        self._order = sorted(names.union(*(part.names for part in parts)))
        self._kept = _Kept[Message]()

    def render(self, inputs: Mapping[str, Input]) -> Message:
        """The message for the inputs that the block uses."""
        values = tuple([inputs[name] for name in self._order])
        return self._kept.of(values, lambda: self._message(inputs))

    def _message(self, inputs: Mapping[str, Input]) -> Message:
        given = dict(inputs)
        for part in self._parts:
            given[part.slot] = part.render(inputs)
        return Message(role=self._role, content=self._template.render(given).strip())


class _Sandbox(ImmutableSandboxedEnvironment):
    """The sandbox; the declared fields of a noun are data, so they need no inspection."""

    @override
    def getattr(self, obj: object, attribute: str) -> object:
        if isinstance(obj, Frozen) and attribute in type(obj).model_fields:
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)


@dataclass(frozen=True)
class Prompt:
    """One prompt file, compiled."""

    head: PromptHead
    identity: PromptIdentity
    blocks: tuple[_Block, ...]

    def render(self, **inputs: Input) -> tuple[Message, ...]:
        """The messages, in file order. InputError if an input is missing, unknown or cannot be used."""
        if set(inputs) != set(self.head.inputs):
            raise InputError(
                f"prompt {self.head.id!r} takes {sorted(self.head.inputs)}, got {sorted(inputs)}"
            )
        try:
            return tuple([block.render(inputs) for block in self.blocks])
        except TemplateError as error:
            raise InputError(f"prompt {self.head.id!r} cannot be rendered: {error}") from error


class Prompts:
    """All prompt files of a run, by id; each body is compiled once, on first use."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """`texts` maps an id (`questions/choice.few_shot`) to the text of its file."""
        self._texts = dict(texts)
        self._compiled: dict[str, Prompt] = {}

    def __contains__(self, prompt_id: str) -> bool:
        return prompt_id in self._texts

    def text(self, prompt_id: str) -> str:
        """The raw text of a file; for data files such as measures. InputError if there is none."""
        if prompt_id not in self._texts:
            folder = prompt_id.split("/", maxsplit=1)[0]
            near = sorted(name for name in self._texts if name.startswith(folder + "/"))
            raise InputError(f"no prompt file {prompt_id!r}; there are {near}")
        return self._texts[prompt_id]

    def ids(self, folder: str) -> tuple[str, ...]:
        """Ids of the files in `folder`, sorted."""
        return tuple(sorted(name for name in self._texts if name.startswith(f"{folder}/")))

    def prompt(self, prompt_id: str) -> Prompt:
        """The compiled prompt. InputError says what is wrong with its file."""
        if prompt_id not in self._compiled:
            self._compiled[prompt_id] = self._compile(prompt_id)
        return self._compiled[prompt_id]

    def render(self, prompt_id: str, **inputs: Input) -> tuple[Message, ...]:
        """The messages of `prompt_id` for `inputs`."""
        return self.prompt(prompt_id).render(**inputs)

    def used(self) -> tuple[PromptIdentity, ...]:
        """Identities of the prompts rendered so far, sorted by id."""
        return tuple(self._compiled[name].identity for name in sorted(self._compiled))

    @cached_property
    def _environment(self) -> _Sandbox:
        return _Sandbox(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)

    def _compile(self, prompt_id: str) -> Prompt:
        head, body = _split(prompt_id, self.text(prompt_id))
        blocks = _blocks(prompt_id, body)
        try:
            parts = {name: self._part(prompt_id, name) for name in sorted(set(_INCLUDE.findall(body)))}
            names = self._names(_INCLUDE.sub("", body)).union(*(part.names for part in parts.values()))
            compiled = tuple(self._block(role, text, parts) for role, text in blocks)
        except TemplateError as error:
            raise InputError(f"prompt {prompt_id!r} is not a valid template: {error}") from error
        key = content_key("prompt1", [self.text(name) for name in (prompt_id, *parts)])
        if head.opening:
            first = self._opening(head)
            names |= set(first.head.inputs)
            compiled = first.blocks + compiled
            key = content_key("prompt1", [first.identity.hash, key])
        if names != set(head.inputs):
            raise InputError(
                f"prompt {prompt_id!r} declares inputs {sorted(head.inputs)} but uses {sorted(names)}"
            )
        return Prompt(head, PromptIdentity(id=head.id, version=head.version, hash=key), compiled)

    def _part(self, prompt_id: str, name: str) -> _Part:
        if not name.startswith("parts/"):
            raise InputError(f"prompt {prompt_id!r} includes {name!r}, expected a file in parts/")
        body = _split(name, self.text(name))[1]
        slot = "_" + re.sub(r"\W", "_", name)
        return _Part(slot, self._environment.from_string(body), self._names(body))

    def _block(self, role: Role, text: str, parts: Mapping[str, _Part]) -> _Block:
        used = tuple(parts[name] for name in dict.fromkeys(_INCLUDE.findall(text)))
        names = self._names(_INCLUDE.sub("", text))
        slotted = _INCLUDE.sub(lambda include: f"{{{{ {parts[include[1]].slot} }}}}", text)
        return _Block(role, self._environment.from_string(slotted), names, used)

    def _opening(self, head: PromptHead) -> Prompt:
        """The file that `head` opens with, which may not open with a third."""
        if _split(head.opening, self.text(head.opening))[0].opening:
            raise InputError(
                f"prompt {head.id!r} opens with {head.opening!r}, which has an opening of its own"
            )
        return self._compile(head.opening)

    def _names(self, body: str) -> frozenset[str]:
        """Names of the inputs that a body uses."""
        tree = self._environment.parse(body)
        if next(tree.find_all(nodes.Include), None) is not None:
            raise InputError('a part is included as {% include "parts/NAME" %}, alone on its line')
        return frozenset(find_undeclared_variables(tree))


def _split(prompt_id: str, text: str) -> tuple[PromptHead, str]:
    match = _FRONT_MATTER.match(text.replace("\r\n", "\n"))
    if match is None:
        raise InputError(f"prompt {prompt_id!r} must open with front matter between two '---' lines")
    try:
        head = PromptHead.model_validate(yaml.safe_load(match["head"]))
    except (yaml.YAMLError, ValidationError) as error:
        raise InputError(
            f"prompt {prompt_id!r}: front matter needs id, version and inputs: {error}"
        ) from error
    if head.id != prompt_id:
        raise InputError(f"prompt file {prompt_id!r} calls itself {head.id!r}; both must be the same")
    return head, match["body"]


def _blocks(prompt_id: str, body: str) -> list[tuple[Role, str]]:
    pieces = _MARKER.split(body)
    if pieces[0].strip() or len(pieces) == 1:
        raise InputError(f"prompt {prompt_id!r}: text must stand under 'system:', 'user:' or 'assistant:'")
    return [(_ROLES[role], text.strip("\n")) for role, text in zip(pieces[1::2], pieces[2::2], strict=True)]
