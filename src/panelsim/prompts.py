"""Prompt files: text with front matter and role markers becomes messages, strict about its inputs.

A prompt file opens with YAML front matter (`id`, `version`, `inputs`), then blocks of Jinja text, each
under a role marker alone on its line (`system:`, `user:`, `assistant:`). A file may open with the blocks of
another (`opening`), so that several questions share one prefix to the letter. A part (`parts/...`) has no
markers and is included by others. Markers are read before rendering, so no input can add a turn.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, get_args

import yaml
from jinja2 import DictLoader, StrictUndefined, Template, TemplateError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import Field, ValidationError
from typing_extensions import override

from panelsim.errors import InputError
from panelsim.keys import content_key
from panelsim.model.base import Frozen
from panelsim.model.call import Message, Role

Input: TypeAlias = str | int | bool | tuple[str, ...] | Frozen | tuple[Message, ...]

_FRONT_MATTER = re.compile(r"\A---\n(?P<head>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)
_MARKER = re.compile(r"^(system|user|assistant):[ \t]*$", re.MULTILINE)
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
"""Renderings that a block keeps: the opening with a buyer is asked for again by each of its questions."""


class _Block:
    """One message of a prompt file; a rendering with the same inputs (the same objects) is not made twice."""

    def __init__(self, role: Role, template: Template, names: frozenset[str]) -> None:
        self._role: Role = role
        self._template = template
        self._names = tuple(sorted(names))
        self._kept: dict[tuple[int, ...], tuple[tuple[Input, ...], Message]] = {}

    def render(self, inputs: Mapping[str, Input]) -> Message:
        """The message for the inputs that the block uses."""
        values = tuple([inputs[name] for name in self._names])
        place = tuple([id(value) for value in values])
        kept = self._kept.get(place)
        if kept is not None:
            return kept[1]
        message = Message(role=self._role, content=self._template.render(inputs).strip())
        if len(self._kept) >= KEPT:
            del self._kept[next(iter(self._kept))]
        # the values are kept too: an id stands for its object only while that lives
        self._kept[place] = (values, message)
        return message


class _Sandbox(ImmutableSandboxedEnvironment):
    """The sandbox, its verdict on an attribute remembered: it depends on the object's type alone."""

    @cached_property
    def _verdicts(self) -> dict[tuple[type, str], bool]:
        return {}

    @override
    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        place = (type(obj), attr)
        verdict = self._verdicts.get(place)
        if verdict is None:
            verdict = self._verdicts[place] = super().is_safe_attribute(obj, attr, value)
        return verdict


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
        parts = {
            name: _split(name, text)[1] for name, text in self._texts.items() if name.startswith("parts/")
        }
        return _Sandbox(
            loader=DictLoader(parts),
            undefined=StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def _compile(self, prompt_id: str) -> Prompt:
        head, body = _split(prompt_id, self.text(prompt_id))
        blocks = _blocks(prompt_id, body)
        try:
            names, includes = self._read(body)
            for part in includes:
                names |= self._read(_split(part, self.text(part))[1])[0]
            compiled = tuple(self._block(role, text) for role, text in blocks)
        except TemplateError as error:
            raise InputError(f"prompt {prompt_id!r} is not a valid template: {error}") from error
        key = content_key("prompt1", [self.text(name) for name in (prompt_id, *sorted(includes))])
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

    def _block(self, role: Role, text: str) -> _Block:
        names, includes = self._read(text)
        for part in includes:
            names |= self._read(_split(part, self.text(part))[1])[0]
        return _Block(role, self._environment.from_string(text), frozenset(names))

    def _opening(self, head: PromptHead) -> Prompt:
        """The file that `head` opens with, which may not open with a third."""
        if _split(head.opening, self.text(head.opening))[0].opening:
            raise InputError(
                f"prompt {head.id!r} opens with {head.opening!r}, which has an opening of its own"
            )
        return self._compile(head.opening)

    def _read(self, body: str) -> tuple[set[str], set[str]]:
        """Names a body uses and parts it includes."""
        tree = self._environment.parse(body)
        parts = {
            include.template.value
            for include in tree.find_all(nodes.Include)
            if isinstance(include.template, nodes.Const)
        }
        return find_undeclared_variables(tree), parts


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
