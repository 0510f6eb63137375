"""A proposed ICP as text: the file as it is, changed in as few lines as the proposal needs."""

import difflib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import yaml
from pydantic import JsonValue
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from panelsim.errors import InputError
from panelsim.model.account import AccountField, Predicate

INDENT = "  "


class Change(NamedTuple):
    """What a proposal changes in an ICP's file."""

    version: int
    fields: Mapping[str, AccountField]
    """Account fields to declare."""
    added: Sequence[tuple[str, Predicate]]
    """Conditions with their place, `must_have` or `deal_breaker`."""
    removed: Sequence[str]
    """Conditions to take out: `must_have[1]`."""
    head: str
    """One line that says where the proposal comes from."""


def revised(text: str, change: Change) -> str:
    """The file's text with the change made; comments and all other lines stay as they are.

    A list in braces or brackets is written anew, a line for each item. InputError if the text is no mapping.
    """
    file = _File(text)
    file.put_scalar("version", str(change.version), after="title")
    file.put_scalar("status", "draft", after="version")
    items = [f"{_flow(name)}: {_flow(_plain(field))}" for name, field in change.fields.items()]
    file.add("account_fields", items, mark="")
    for place in ("must_have", "deal_breaker"):
        file.remove(place, [at for at in range(99) if f"{place}[{at}]" in change.removed])
        file.add(place, [_flow(_condition(one)) for where, one in change.added if where == place], mark="- ")
    return f"# {change.head}\n{file.text()}"


def difference(before: str, after: str, name: str) -> str:
    """The unified diff of two versions of a file."""
    return "".join(
        difflib.unified_diff(
            before.splitlines(keepends=True), after.splitlines(keepends=True), name, f"{name} (proposed)"
        )
    )


class _File:
    """The lines of a YAML file, and where its top-level fields stand; read anew after each change."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._read()

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def put_scalar(self, key: str, value: str, *, after: str) -> None:
        """Sets a plain field, on its own line or on a new one."""
        place = self._place(key) or self._place(after)
        line = f"{key}: {value}"
        if self._place(key) is None:
            at = self._end(self._fields[after]) if place is not None else 0
            self._lines.insert(at, line)
        else:
            start = self._fields[key][0].start_mark.line
            rest = self._lines[start][self._fields[key][1].end_mark.column :]
            self._lines[start : self._end(self._fields[key])] = [line + rest]
        self._read()

    def add(self, key: str, items: Sequence[str], *, mark: str) -> None:
        """Adds items to a list or mapping, after those it has; makes it if it is not there."""
        if not items:
            return
        lines = [f"{INDENT}{mark}{item}" for item in items]
        if key in self._fields and not self._is_block(key):
            self._open_up(key, mark)
        if key not in self._fields:
            self._lines += [f"{key}:", *lines]
        else:
            indent = self._indent(key)
            at = self._end(self._fields[key])
            self._lines[at:at] = [f"{' ' * indent}{mark}{item}" for item in items]
        self._read()

    def remove(self, key: str, places: Sequence[int]) -> None:
        """Takes items out of a list; the field goes with its last item."""
        if key not in self._fields:
            return
        _, value = self._fields[key]
        places = [at for at in places if isinstance(value, SequenceNode) and at < len(value.value)]
        if not places:
            return
        if not self._is_block(key):
            self._open_up(key, "- ")
        _, value = self._fields[key]
        if len(places) == len(value.value):
            start, end = self._fields[key][0].start_mark.line, self._end(self._fields[key])
            del self._lines[start:end]
        else:
            for at in sorted(places, reverse=True):
                node = value.value[at]
                del self._lines[node.start_mark.line : self._last_line(node) + 1]
        self._read()

    def _open_up(self, key: str, mark: str) -> None:
        """Writes a list or mapping that stands in brackets or braces with a line for each item."""
        name, value = self._fields[key]
        given: JsonValue = yaml.safe_load("\n".join(self._lines)).get(key) or []
        parts = [f"{_flow(k)}: {_flow(v)}" for k, v in given.items()] if isinstance(given, dict) else []
        parts = [_flow(one) for one in given] if isinstance(given, list) else parts
        start, end = name.start_mark.line, self._end((name, value))
        self._lines[start:end] = [f"{key}:", *(f"{INDENT}{mark}{part}" for part in parts)] if parts else []
        self._read()

    def _read(self) -> None:
        root = yaml.compose("\n".join(self._lines), Loader=yaml.SafeLoader)
        if not isinstance(root, MappingNode):
            raise InputError("the ICP's file holds no fields, expected `name: value` lines")
        self._fields: dict[str, tuple[Node, Node]] = {
            key.value: (key, value) for key, value in root.value if isinstance(key, ScalarNode)
        }

    def _place(self, key: str) -> int | None:
        return self._fields[key][0].start_mark.line if key in self._fields else None

    def _is_block(self, key: str) -> bool:
        value = self._fields[key][1]
        return isinstance(value, SequenceNode | MappingNode) and value.flow_style is False

    def _indent(self, key: str) -> int:
        column: int = self._fields[key][1].start_mark.column
        return column

    def _end(self, field: tuple[Node, Node]) -> int:
        """The line after a field's last one."""
        return max(self._last_line(field[1]), field[0].start_mark.line) + 1

    def _last_line(self, node: Node) -> int:
        """The last line of a value; a block ends before the comments and empty lines that follow it."""
        mark = node.end_mark
        last = int(mark.line) if mark.column else int(mark.line) - 1
        while last > node.start_mark.line and _is_blank(self._lines[last] if last < len(self._lines) else ""):
            last -= 1
        return max(last, int(node.start_mark.line))


def _is_blank(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _condition(one: Predicate) -> JsonValue:
    value: JsonValue
    if isinstance(one.value, tuple):
        value = [_number(part) if isinstance(part, float) else part for part in one.value]
    else:
        value = _number(one.value) if isinstance(one.value, float) else one.value
    note: dict[str, JsonValue] = {"note": one.note} if one.note else {}
    return {"field": one.field, "op": one.op, "value": value, **note}


def _plain(field: AccountField) -> JsonValue:
    value: JsonValue = field.model_dump(mode="json", exclude_defaults=True)
    return value


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value


def _flow(value: JsonValue) -> str:
    """A value on one line of YAML."""
    text: str = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**9
    )
    return text.removesuffix("\n").removesuffix("\n...")
