"""Examples of requests, from what the OpenAPI document says of an operation: as JSON, curl and Python."""

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote

from panelsim.api.naming import client_method

Schema: TypeAlias = Mapping[str, Any]

MOST_DEPTH = 8
LINE = 80


class Operation(NamedTuple):
    """One operation of a document."""

    id: str
    method: str
    path: str
    told: Schema
    """What the document says of it."""

    @property
    def parameters(self) -> list[Schema]:
        """Of its path, query and headers."""
        return list(self.told.get("parameters", ()))

    @property
    def answer(self) -> Schema:
        """The content of the first answer that is no refusal, by media type."""
        told = self.told["responses"]
        return next((one.get("content", {}) for code, one in told.items() if code.startswith("2")), {})

    @property
    def is_stream(self) -> bool:
        """Whether it answers with events and nothing else."""
        return list(self.answer) == ["text/event-stream"]

    @property
    def takes_key(self) -> bool:
        """Whether it takes an Idempotency-Key."""
        return any(one["name"].lower() == "idempotency-key" for one in self.parameters)

    @property
    def needs_key(self) -> bool:
        """Whether it needs an API key."""
        return bool(self.told.get("security"))

    @property
    def client_method(self) -> str:
        """In the Python client: `runs.get`."""
        return client_method(self.id, self.path)

    @property
    def body(self) -> tuple[str, Schema] | None:
        """Media type and what is said of the body that is shown first; None if it takes none."""
        content = self.told.get("requestBody", {}).get("content", {})
        for media in ("application/json", *content):
            if media in content:
                return media, content[media]
        return None


def operations_of(document: Schema) -> Iterator[Operation]:
    """All operations, in the order of the routes."""
    for path, item in document["paths"].items():
        for method, told in item.items():
            yield Operation(told["operationId"], method.upper(), path, told)


def resolved(document: Schema, schema: Schema) -> Schema:
    """A schema, or the one that it refers to."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def example_of(document: Schema, schema: Schema, depth: int = 0) -> Any:  # noqa: ANN401 (any JSON)
    """A value that a schema allows: its own example, or one made of those of what it needs."""
    for given in (schema.get("example"), *schema.get("examples", ())):
        if given is not None:
            return given
    schema = resolved(document, schema)
    if schema.get("examples"):
        return schema["examples"][0]
    for fixed in ("const", "default"):
        if schema.get(fixed) is not None:
            return schema[fixed]
    if schema.get("enum"):
        return schema["enum"][0]
    choices = schema.get("oneOf") or schema.get("anyOf") or schema.get("allOf")
    if choices:
        return example_of(document, choices[0], depth + 1)
    return _made(document, schema, depth)


def _made(document: Schema, schema: Schema, depth: int) -> Any:  # noqa: ANN401 (any JSON)
    match schema.get("type"):
        case "object":
            needed = schema.get("required", ())
            fields = schema.get("properties", {})
            shown = {name: one for name, one in fields.items() if name in needed or name == "kind"}
            if depth >= MOST_DEPTH:
                return {}
            return {name: example_of(document, one, depth + 1) for name, one in shown.items()}
        case "array":
            return [] if depth >= MOST_DEPTH else [example_of(document, schema.get("items", {}), depth + 1)]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "string":
            return "..."
    return None


def body_example(document: Schema, operation: Operation) -> Any:  # noqa: ANN401 (any JSON)
    """The body of an example request; None if the operation takes none."""
    if operation.body is None:
        return None
    _, content = operation.body
    if "example" in content:
        return content["example"]
    for one in content.get("examples", {}).values():
        return one.get("value")
    return example_of(document, content.get("schema", {}))


def places_of(document: Schema, operation: Operation) -> dict[str, str]:
    """Examples of what stands in the path of an operation."""
    return {
        one["name"]: str(_parameter(document, one)) for one in operation.parameters if one["in"] == "path"
    }


def query_of(document: Schema, operation: Operation) -> dict[str, Any]:
    """Examples of the queries that an operation cannot do without."""
    return {
        one["name"]: _parameter(document, one)
        for one in operation.parameters
        if one["in"] == "query" and one.get("required")
    }


def _parameter(document: Schema, parameter: Schema) -> Any:  # noqa: ANN401 (any JSON)
    if "example" in parameter:
        return parameter["example"]
    for one in parameter.get("examples", {}).values() if isinstance(parameter.get("examples"), dict) else ():
        return one.get("value")
    return example_of(document, parameter.get("schema", {}))


def curl_of(document: Schema, operation: Operation) -> str:
    """A command that makes the request."""
    places = {name: quote(value, safe="") for name, value in places_of(document, operation).items()}
    query = "&".join(f"{name}={quote(str(v), safe='')}" for name, v in query_of(document, operation).items())
    address = operation.path.format_map(places) + (f"?{query}" if query else "")
    method = "" if operation.method == "GET" else f"-X {operation.method} "
    parts = [f'curl -sS {"-N " if operation.is_stream else ""}{method}"$PANELSIM_API_URL{address}"']
    if operation.needs_key:
        parts.append('-H "Authorization: Bearer $PANELSIM_API_KEY"')
    if operation.takes_key:
        parts.append('-H "Idempotency-Key: $(uuidgen)"')
    body = body_example(document, operation)
    if operation.body is not None:
        media = operation.body[0]
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, indent=2)
        parts += [f"-H 'Content-Type: {media}'", f"--data-binary {shlex.quote(text)}"]
    return " \\\n  ".join(parts)


def python_of(document: Schema, operation: Operation) -> str:
    """A statement that makes the request with the Python client."""
    arguments = [_literal(value) for value in places_of(document, operation).values()]
    query = query_of(document, operation)
    body = body_example(document, operation)
    is_named = False
    if operation.body is not None:
        is_named = bool(resolved(document, operation.body[1].get("schema", {})).get("properties"))
    if isinstance(body, Mapping) and is_named:
        arguments += [f"{name}={_literal(value)}" for name, value in body.items() if name != "kind"]
    elif body is not None:
        arguments.append(_literal(body))
    arguments += [f"{name}={_literal(value)}" for name, value in query.items()]
    call = f"client.{operation.client_method}({', '.join(arguments)})"
    if (len(call) > LINE or "\n" in call) and arguments:
        call = f"client.{operation.client_method}(\n" + "".join(f"    {one},\n" for one in arguments) + ")"
    return _shown(document, operation, call)


def _shown(document: Schema, operation: Operation, call: str) -> str:
    """A call with what is done with its answer."""
    content = operation.answer
    if operation.is_stream:
        return f"for event in {call}:\n    print(event.name, event.data)"
    schema = content.get("application/json", {}).get("schema", {})
    fields = resolved(document, schema).get("properties", {})
    if {"data", "has_more", "next_cursor"} == set(fields):
        return f"for one in {call}:\n    print(one)"
    return call if not content else f"answer = {call}"


def _literal(value: object, indent: str = "    ") -> str:
    """A value as Python has it, broken where a line would be too long."""
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False)
        case dict():
            parts = [f"{_literal(name)}: {_literal(one, indent + '    ')}" for name, one in value.items()]
            opening, closing = "{", "}"
        case list():
            parts = [_literal(one, indent + "    ") for one in value]
            opening, closing = "[", "]"
        case _:
            return repr(value)
    short = f"{opening}{', '.join(parts)}{closing}"
    if len(indent) + len(short) <= LINE and "\n" not in short:
        return short
    return f"{opening}\n" + "".join(f"{indent}    {one},\n" for one in parts) + f"{indent}{closing}"
