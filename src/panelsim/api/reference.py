"""The reference of the API as a page and as text for agents: made from the OpenAPI document, nothing else.

The page brings its style and has no script; its policy allows just that style, by its hash.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple, get_args

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from panelsim.api.changes import CHANGES
from panelsim.api.problems import KINDS
from panelsim.api.samples import Operation, Schema, curl_of, operations_of, python_of, resolved
from panelsim.model.progress import ENDED, RunState

STATES: Mapping[RunState, str] = {
    "queued": "Accepted and kept; a worker takes it up.",
    "running": "Respondents are being asked.",
    "paused": "Calls under way have come in; nothing more is asked until it is resumed.",
    "done": "Every session ended.",
    "partial": "It ended, and in some sessions the model could not be asked; resuming asks those.",
    "stopped": "The next call could have passed `max_cost_usd`.",
    "cancelled": "Somebody cancelled it; what was answered is kept.",
    "interrupted": "Whoever drove it was stopped; what was answered is kept.",
    "failed": "An error ended it; what was answered is kept.",
}
"""What each state of a run means."""

TAGS: Mapping[str, str] = {
    "estimates": "Estimates",
    "studies": "Studies",
    "runs": "Runs",
    "icps": "ICPs",
    "catalogue": "What can be named",
    "chat": "Talk with a persona",
    "service": "The service",
}
"""Headings of groups of operations; other tags are their own heading."""

MARKDOWN = MarkdownIt("commonmark", {"html": False})


class Field(NamedTuple):
    """One field or parameter, in words."""

    name: str
    kind: Markup
    is_needed: bool
    description: Markup
    default: str
    """As JSON; empty if there is none."""


class Reference(NamedTuple):
    """The page, and the policy that it needs."""

    html: str
    policy: str


def render_reference(document: Schema) -> Reference:
    """The page of a document."""
    environment = _environment()
    style = environment.get_template("reference.css").render()
    operations = list(operations_of(document))
    groups: dict[str, list[Operation]] = {}
    for operation in operations:
        groups.setdefault((operation.told.get("tags") or ["service"])[0], []).append(operation)
    page = environment.get_template("reference.html").render(
        info=document["info"],
        style=Markup(style),  # noqa: S704 (a file of ours)
        groups=[
            (tag, TAGS.get(tag, tag.replace("_", " ").capitalize()), found) for tag, found in groups.items()
        ],
        schemas=_schemas(document),
        messages=_messages(document),
        parts=_Parts(document),
        kinds=KINDS,
        states=[(state, STATES[state], state in ENDED) for state in get_args(RunState)],
        changes=CHANGES,
    )
    return Reference(page, _policy(style))


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'none'"
    )


def _environment() -> Environment:
    loader = ChoiceLoader(
        [PackageLoader("panelsim.api", "templates"), PackageLoader("panelsim.reporting", "templates")]
    )
    made = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters.update(told=told, inline=inline)
    return made


def told(text: str) -> Markup:
    """Markdown as paragraphs; what looks like HTML in it is text."""
    return Markup(MARKDOWN.render(text))  # noqa: S704 (the renderer escapes)


def inline(text: str) -> Markup:
    """Markdown within a line."""
    return Markup(MARKDOWN.renderInline(text))  # noqa: S704 (the renderer escapes)


def _schemas(document: Schema) -> list[tuple[str, Schema]]:
    schemas: Schema = document.get("components", {}).get("schemas", {})
    return sorted((name, one) for name, one in schemas.items() if not name.startswith("Page_"))


def _messages(document: Schema) -> list[tuple[str, Schema]]:
    return [(name, next(iter(item.values()))) for name, item in document.get("webhooks", {}).items() if item]


class _Parts:
    """What the template takes from a document."""

    def __init__(self, document: Schema) -> None:
        self._document = document

    def curl(self, operation: Operation) -> str:
        return curl_of(self._document, operation)

    def python(self, operation: Operation) -> str:
        return python_of(self._document, operation)

    def parameters(self, operation: Operation) -> list[tuple[str, Field]]:
        return [
            (
                one["in"],
                self._field(one["name"], one.get("schema", {}), one, is_needed=one.get("required", False)),
            )
            for one in operation.parameters
        ]

    def body(self, told_of: Schema) -> list[tuple[str, Schema]]:
        """Media types of a body or answer and their schemas."""
        return [(media, one.get("schema", {})) for media, one in told_of.get("content", {}).items()]

    def responses(self, operation: Operation) -> list[tuple[str, Schema]]:
        return sorted(operation.told.get("responses", {}).items())

    def fields(self, schema: Schema) -> list[Field]:
        """The fields of an object."""
        needed = schema.get("required", ())
        return [
            self._field(name, one, one, is_needed=name in needed)
            for name, one in schema.get("properties", {}).items()
        ]

    def is_simple(self, schema: Schema) -> bool:
        """Whether a schema has a name of its own and fields to show."""
        return "$ref" in schema and bool(resolved(self._document, schema).get("properties"))

    def resolved(self, schema: Schema) -> Schema:
        return resolved(self._document, schema)

    def _field(self, name: str, schema: Schema, told_of: Schema, *, is_needed: bool) -> Field:
        description = told_of.get("description") or schema.get("description") or ""
        default = schema.get("default")
        shown = "" if default is None or default in ("", [], {}) else json.dumps(default, ensure_ascii=False)
        return Field(name, self.kind(schema), is_needed, inline(description), shown)

    def kind(self, schema: Schema) -> Markup:
        """A type in words, with links to schemas."""
        if "$ref" in schema:
            return self._linked(schema["$ref"].rpartition("/")[2])
        choices = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
        if choices:
            return Markup(" or ").join(dict.fromkeys(self.kind(one) for one in choices))
        if "const" in schema:
            return Markup("<code>{}</code>").format(json.dumps(schema["const"]))
        if "enum" in schema:
            return Markup(" or ").join(
                Markup("<code>{}</code>").format(json.dumps(one)) for one in schema["enum"]
            )
        return self._plain(schema)

    def _linked(self, name: str) -> Markup:
        if name.startswith("Page_"):
            page = self._document["components"]["schemas"][name]
            inner = page["properties"]["data"].get("items", {})
            return Markup(
                "a page (<code>data</code>, <code>has_more</code>, <code>next_cursor</code>) of {}"
            ).format(self.kind(inner))
        return Markup('<a href="#schema-{}">{}</a>').format(name, name)

    def _plain(self, schema: Schema) -> Markup:
        match schema.get("type"):
            case "array":
                return Markup("list of {}").format(self.kind(schema.get("items", {})))
            case "object":
                more = schema.get("additionalProperties")
                return (
                    Markup("object of {}").format(self.kind(more))
                    if isinstance(more, dict) and more
                    else Markup("object")
                )
            case "string":
                form = schema.get("format", "")
                return escape({"date-time": "time", "date": "date"}.get(form, "text"))
            case None:
                return Markup("any value")
            case "null":
                return Markup("null")
            case word:
                return escape(str(word)) + _bounds(schema)


def _bounds(schema: Schema) -> Markup:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    match low, high:
        case None, None:
            return Markup("")
        case None, _:
            return Markup(", up to {}").format(_figure(high))
        case _, None:
            return Markup(", from {}").format(_figure(low))
        case _:
            return Markup(", {} to {}").format(_figure(low), _figure(high))


def _figure(value: Any) -> str:  # noqa: ANN401 (a number of JSON)
    whole = float(value).is_integer()
    return f"{value:,.0f}" if whole and abs(value) >= 10_000 else f"{value:g}"


def render_llms(document: Schema) -> str:
    """What an agent should know of the service, as llmstxt.org has it: Markdown with links."""
    lines = [
        f"- [{one.method} {one.path}](/docs#{one.id}): {one.told.get('summary', '')}. "
        f"Python: `client.{one.client_method}`"
        for one in operations_of(document)
    ]
    codes = [
        f"- `{code}` ({kind.status}{', retryable' if kind.retryable else ''}): {kind.title}. {kind.advice}"
        for code, kind in KINDS.items()
    ]
    states = [
        f"- `{state}`{' (ended)' if state in ENDED else ''}: {STATES[state]}" for state in get_args(RunState)
    ]
    text = _environment().get_template("llms.txt")
    return text.render(
        version=document["info"]["version"],
        operations=Markup("\n".join(lines)),  # noqa: S704 (plain text)
        codes=Markup("\n".join(codes)),  # noqa: S704 (plain text)
        states=Markup("\n".join(states)),  # noqa: S704 (plain text)
    )
