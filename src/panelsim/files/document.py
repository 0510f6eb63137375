"""YAML and JSON text read strictly into JSON values, remembering on which line of YAML each one stands.

Only plain data: no tags, no dates, no second entry of a key, and `yes`, `no`, `on`, `off` stay texts (the
country code NO is not a boolean). Size, depth and the number of values after expanding aliases are limited,
so that a small file cannot become a large one.
"""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

import yaml
from pydantic import JsonValue
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from panelsim.errors import InputError

MAX_BYTES: Final = 1_000_000
MAX_VALUES: Final = 50_000
MAX_DEPTH: Final = 50
LARGEST: Final = 1e300

Place: TypeAlias = tuple[str | int, ...]
"""The keys and indices that lead to a value: `("stimuli", 1, "text")`."""


class Document(NamedTuple):
    """A text as data; `lines` holds the line of every value, counted from 1, and nothing for JSON."""

    name: str
    value: JsonValue
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """The line of the value at `place`, or of the nearest value around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def where(self, place: Place) -> str:
        """The file and line of `place`, as errors begin."""
        return f"{self.name}, line {self.line(place)}" if self.lines else self.name


class _Loader(yaml.SafeLoader):
    """SafeLoader with the scalar types of YAML 1.2's core schema."""


_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""Control characters and halves of characters: no store keeps them and nobody reads them."""

_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


@lru_cache(maxsize=256)
def parse_document(text: str, name: str) -> Document:
    """As `parse_yaml`; what was parsed before is known, as files are read over and over."""
    return parse_yaml(text, name)


def parse_yaml(text: str, name: str) -> Document:
    """The one YAML document in `text`; `name` is what errors call the file.

    InputError with file and line if it is not YAML, repeats a key, uses tags or exceeds a limit.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise InputError(f"{name}: the file is larger than {MAX_BYTES:,} bytes, expected a smaller one")
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise InputError(f"{name}, line {line}: not YAML: {_problem(error)}") from error
    except yaml.YAMLError as error:
        raise InputError(f"{name}: not YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise InputError(
            f"{name}: values are nested too deeply, expected at most {MAX_DEPTH} levels"
        ) from error
    if root is None:
        raise InputError(f"{name}: the file is empty, expected fields and values")
    reader = _Reader(name)
    return Document(name=name, value=reader.read(root, ()), lines=reader.lines)


_HINTS = {
    "mapping values are not allowed": (
        "; is the line indented as those beside it, and a text with a colon quoted?"
    ),
    "block": "; is the line indented as those beside it?",
    "cannot start any token": "; indent with spaces, not tabs, and quote a text that starts so",
}
"""What most often lies behind a sentence of the YAML reader."""


def _problem(error: yaml.MarkedYAMLError) -> str:
    said = ", ".join(part for part in (error.context, error.problem) if part)
    hint = next((hint for sign, hint in _HINTS.items() if sign in said), "")
    return f"{said}{hint}"


class _Reader:
    """Turns composed nodes into values, counting them and noting their lines."""

    def __init__(self, name: str) -> None:
        self.lines: dict[Place, int] = {}
        self._name = name

    def read(self, node: Node, place: Place) -> JsonValue:
        """The value of `node`, which stands at `place`."""
        self.lines[place] = node.start_mark.line + 1
        if len(self.lines) > MAX_VALUES:
            raise self._error(node, f"more than {MAX_VALUES:,} values (aliases expanded), expected fewer")
        if len(place) > MAX_DEPTH:
            raise self._error(node, f"values are nested more than {MAX_DEPTH} levels deep, expected fewer")
        match node:
            case MappingNode():
                return self._read_mapping(node, place)
            case SequenceNode():
                self._refuse_tag(node, "seq")
                return [self.read(child, (*place, at)) for at, child in enumerate(node.value)]
            case ScalarNode():
                return self._read_scalar(node)
            case _:
                raise self._error(node, f"found {type(node).__name__}, expected a value, a list or fields")

    def _read_mapping(self, node: MappingNode, place: Place) -> JsonValue:
        self._refuse_tag(node, "map")
        fields: dict[str, JsonValue] = {}
        for key, child in node.value:
            if not isinstance(key, ScalarNode):
                raise self._error(key, "a field's name is not a text, expected `name: value`")
            if key.value in fields:
                raise self._error(key, f"the field {key.value!r} appears twice, expected it once")
            fields[key.value] = self.read(child, (*place, key.value))
            # An error in `name:` with nothing behind it belongs to the line of the name.
            self.lines[(*place, key.value)] = key.start_mark.line + 1
        return fields

    def _read_scalar(self, node: ScalarNode) -> JsonValue:
        text: str = node.value
        match node.tag.removeprefix("tag:yaml.org,2002:"):
            case "str":
                return text
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int" | "float" as kind:
                return self._read_number(node, text, is_whole=kind == "int" and len(text) <= 30)
            case _:
                raise self._error(node, f"the tag {node.tag!r} is not read, expected plain values")

    def _read_number(self, node: ScalarNode, text: str, *, is_whole: bool) -> float:
        try:
            return int(text) if is_whole else float(text)
        except ValueError as error:
            raise self._error(node, f"found {text[:30]!r}, expected a number as its tag says") from error

    def _refuse_tag(self, node: Node, kind: str) -> None:
        if node.tag != f"tag:yaml.org,2002:{kind}":
            raise self._error(node, f"the tag {node.tag!r} is not read, expected plain values")

    def _error(self, node: Node, what: str) -> InputError:
        return InputError(f"{self._name}, line {node.start_mark.line + 1}: {what}")


def parse_json(text: str, name: str) -> Document:
    """The JSON value in `text`, as strictly as `parse_yaml`; `name` is what errors call it.

    InputError if it is not JSON, repeats a field, or exceeds a limit.
    """

    def fields_of(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
        fields = dict(pairs)
        if len(fields) < len(pairs):
            names = [key for key, _ in pairs]
            twice = next(key for key in names if names.count(key) > 1)
            raise InputError(f"{name}: the field {twice!r} appears twice, expected it once")
        return fields

    try:
        value: JsonValue = json.loads(text, object_pairs_hook=fields_of)
    except ValueError as error:
        raise InputError(f"{name}: not JSON: {error}") from error
    except RecursionError as error:
        raise InputError(
            f"{name}: values are nested too deeply, expected at most {MAX_DEPTH} levels"
        ) from error
    check_values(value, name)
    return Document(name, value, {})


def check_values(value: JsonValue, name: str) -> None:
    """Raises InputError for values that are too many or too deep, and for those that a store cannot keep."""
    seen, left = 0, [(value, 0)]
    while left:
        one, depth = left.pop()
        seen += 1
        if seen > MAX_VALUES or depth > MAX_DEPTH:
            raise InputError(
                f"{name}: found more than {MAX_VALUES:,} values or {MAX_DEPTH} levels, expected fewer"
            )
        if isinstance(one, int | float) and not -LARGEST <= one <= LARGEST:
            raise InputError(f"{name}: found a number beyond {LARGEST:g}, expected one to count with")
        if isinstance(one, dict):
            left += [(part, depth + 1) for pair in one.items() for part in pair]
        elif isinstance(one, list):
            left += [(part, depth + 1) for part in one]
        elif isinstance(one, str) and _UNREADABLE.search(one):
            raise InputError(f"{name}: a text holds control characters, expected plain text")
