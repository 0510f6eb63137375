"""The client's models, written from the OpenAPI document: `answers` for what comes back, `requests` for what
is sent. `python -m tests.api.client_models` writes them anew."""

import keyword
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import BaseModel

from panelsim.api.app import document

Schema: TypeAlias = Mapping[str, Any]

FOLDER = Path(__file__).parents[2] / "src/panelsim/client"
REFUSED = ("Problem", "FieldProblem")
WIDTH = 110
ANSWERS = '''\
"""What the service answers, from its OpenAPI document: written by a program, see tests/api/client_models.py.

Fixed words are plain texts here, because more of them may come at any time.
"""

'''
REQUESTS = '''\
"""What the service is sent, from its OpenAPI document: written by a program (tests/api/client_models.py)."""

'''
SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def modules(document: Schema) -> dict[str, str]:
    """The text of every module of `answers` and `requests`, by path: one for each group of operations."""
    told = _package(document, "answers", ANSWERS, _told, _answer)
    return told | _package(document, "requests", REQUESTS, _sent, _request)


def _package(
    document: Schema,
    package: str,
    opening: str,
    roots: Callable[[Schema], Iterator[tuple[str, Schema]]],
    write_class: Callable[[Schema, str], str],
) -> dict[str, str]:
    groups = _grouped(document, roots(document))
    homes = {class_name(name): group for group, names in groups.items() for name in names}
    texts = {}
    for group, names in groups.items():
        classes = [write_class(document, name) for name in names]
        own = {class_name(name) for name in names}
        elsewhere = {name: home for name, home in homes.items() if name not in own}
        texts[f"{package}/{group}.py"] = _module(opening, classes, package, elsewhere)
    lines = [f"from panelsim.client.{package}.{group} import {', '.join(sorted(map(class_name, names)))}"
             for group, names in groups.items()]  # fmt: skip
    listed = ", ".join(f'"{name}"' for name in sorted(homes))
    texts[f"{package}/__init__.py"] = _formatted(f"{opening}{chr(10).join(lines)}\n\n__all__ = [{listed}]\n")
    return texts


def _grouped(document: Schema, roots: Iterator[tuple[str, Schema]]) -> dict[str, list[str]]:
    """Schemas with fields by the first group that needs them, each after those that it needs itself."""
    by_group: dict[str, list[Schema]] = {}
    for group, root in roots:
        by_group.setdefault(group, []).append(root)
    groups: dict[str, list[str]] = {}
    known: set[str] = set()
    for group, found in by_group.items():
        new = [name for name in _reached(document, iter(found)) if name not in known]
        known.update(new)
        classes = [name for name in new if _is_class(document, name)]
        if classes:
            groups[group] = classes
    return groups


def class_name(schema_name: str) -> str:
    """The name of a schema as a class."""
    plain = re.sub(r"-(Input|Output)$", "", schema_name)
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", plain) if part)


def _told(document: Schema) -> Iterator[tuple[str, Schema]]:
    for operation in operations(document).values():
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                yield _group(operation), response
    for message in document.get("webhooks", {}).values():
        for operation in message.values():
            yield _group(operation), operation["requestBody"]


def _sent(document: Schema) -> Iterator[tuple[str, Schema]]:
    # studies first: what an estimate is given are the same with a `kind`
    found = sorted(operations(document).values(), key=lambda operation: _group(operation) != "studies")
    for operation in found:
        yield _group(operation), operation.get("requestBody", {})


def _group(operation: Schema) -> str:
    return str((operation.get("tags") or ["service"])[0])


def operations(document: Schema) -> dict[str, Schema]:
    """All operations by id, with `method`, `path` and the parameters of the path beside what they state."""
    return {
        operation["operationId"]: {**operation, "method": method.upper(), "path": path}
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def _reached(document: Schema, roots: Iterator[Schema]) -> list[str]:
    """Names of all schemas behind `roots`, each after those that it needs."""
    found: list[str] = []

    def visit(value: object) -> None:
        if isinstance(value, Mapping):
            name = str(value.get("$ref", "")).removeprefix("#/components/schemas/")
            if name and name not in found and name not in REFUSED and not name.startswith("Page_"):
                if name not in begun:
                    begun.add(name)
                    visit(document["components"]["schemas"][name])
                    found.append(name)
            elif name.startswith("Page_"):
                visit(document["components"]["schemas"][name])
            for inner in value.values():
                visit(inner)
        elif isinstance(value, list):
            for inner in value:
                visit(inner)

    begun: set[str] = set()
    for root in roots:
        visit(root)
    return found


def _is_class(document: Schema, name: str) -> bool:
    return bool(document["components"]["schemas"][name].get("properties"))


def _answer(document: Schema, name: str) -> str:
    schema = document["components"]["schemas"][name]
    lines = [f"class {class_name(name)}(Answer):", _doc(schema.get("description", ""), is_class=True)]
    required = schema.get("required", ())
    for field, told in schema["properties"].items():
        kind = _type(document, told, is_answer=True)
        kind = "JsonValue" if kind == "None" else kind  # it is null today
        is_odd = keyword.iskeyword(field) or hasattr(BaseModel, field) or field.startswith("_")
        default = "" if field in required else _default(told)
        alias = f'alias="{field}"' if is_odd else ""
        if default == "None" and not kind.endswith(("| None", "JsonValue")):
            kind += " | None"
        known_as = f"{field.strip('_')}_" if is_odd else field
        given = (
            f" = Field({default + ', ' if default else ''}{alias})"
            if alias
            else f" = {default}"
            if default
            else ""
        )
        lines += [f"    {known_as}: {kind}{given}", _doc(told.get("description", ""))]
    return "\n".join(line for line in lines if line)


def _default(schema: Schema) -> str:
    """What stands for a field that is not told: a service of before may not know it."""
    given = schema.get("default", schema.get("const"))
    return _quoted(given) if isinstance(given, str | int | float) else "None"


def _request(document: Schema, name: str) -> str:
    schema = document["components"]["schemas"][name]
    doc = _doc(schema.get("description", ""), is_class=True)
    required = schema.get("required", ())
    base = document["components"]["schemas"].get(f"{name.removeprefix('Named')}Request", {})
    same = {field: told for field, told in base.get("properties", {}).items() if field != "kind"}
    extends = name.startswith("Named") and bool(same) and same.items() <= schema["properties"].items()
    parent = f"{class_name(name).removeprefix('Named')}Request" if extends else "TypedDict"
    fields: list[tuple[str, str, str]] = []
    for field, told in schema["properties"].items():
        if (extends and field in same) or (field == "kind" and name.endswith("Request")):
            continue  # the path of a request says its kind
        kind = _type(document, told, is_answer=False)
        fields.append(
            (field, f"Required[{kind}]" if field in required else kind, _doc(told.get("description", "")))
        )
    if any(not field.isidentifier() or keyword.iskeyword(field) for field, _, _ in fields):
        made = ", ".join(f'"{field}": {kind}' for field, kind, _ in fields)
        return f'{class_name(name)} = TypedDict("{class_name(name)}", {{{made}}}, total=False)'
    lines = [f"class {class_name(name)}({parent}, total=False):", doc]
    for field, kind, words in fields:
        lines += [f"    {field}: {kind}", words]
    return "\n".join(line for line in lines if line)


def _type(document: Schema, schema: Schema, *, is_answer: bool) -> str:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/components/schemas/")
        target = document["components"]["schemas"][name]
        return class_name(name) if _is_class(document, name) else _type(document, target, is_answer=is_answer)
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return _union(document, choices, is_answer=is_answer)
    if len(schema.get("allOf", ())) == 1:
        return _type(document, schema["allOf"][0], is_answer=is_answer)
    fixed = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if fixed and not is_answer:
        return f"Literal[{', '.join(_quoted(one) for one in fixed)}]"
    if fixed and "type" not in schema:
        return " | ".join(dict.fromkeys(type(one).__name__ for one in fixed))
    return _plain(document, schema, is_answer=is_answer)


def _plain(document: Schema, schema: Schema, *, is_answer: bool) -> str:
    kind = schema.get("type")
    if kind == "array":
        inner = _type(document, schema.get("items", {}), is_answer=is_answer)
        if "prefixItems" in schema:
            parts = [_type(document, one, is_answer=is_answer) for one in schema["prefixItems"]]
            return (
                f"tuple[{', '.join(parts)}]" if is_answer else f"Sequence[{' | '.join(dict.fromkeys(parts))}]"
            )
        return f"tuple[{inner}, ...]" if is_answer else f"Sequence[{inner}]"
    if kind == "object":
        more = schema.get("additionalProperties", True)
        anything = "JsonValue" if is_answer else "object"
        held = _type(document, more, is_answer=is_answer) if isinstance(more, Mapping) and more else anything
        return f"dict[str, {held}]" if is_answer else f"Mapping[str, {held}]"
    if isinstance(kind, list):
        return " | ".join(SCALARS.get(str(one), "object") for one in kind)
    if kind == "string" and is_answer:
        return {"date-time": "AwareDatetime", "date": "date"}.get(schema.get("format", ""), "str")
    return SCALARS.get(str(kind), "JsonValue" if is_answer else "object")


def _union(document: Schema, choices: Sequence[Schema], *, is_answer: bool) -> str:
    kinds = list(dict.fromkeys(_type(document, one, is_answer=is_answer) for one in choices))
    if is_answer and sum("$ref" in one for one in choices) > 1:
        kinds.append("dict[str, JsonValue]")  # a kind that comes later
    kinds = [kind for kind in kinds if kind != "None"] + [kind for kind in kinds if kind == "None"]
    return " | ".join(kinds)


def _quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _doc(text: str, *, is_class: bool = False) -> str:
    told = " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''")
    if not told:
        return ""
    told = f"{told}." if told[-1] not in ".!?:`" else told
    if len(told) + 10 > WIDTH and is_class and ". " in told:
        first, _, rest = told.partition(". ")
        told = f"{first}.\n\n" + textwrap.fill(rest, WIDTH - 4, break_on_hyphens=False) + "\n"
        return textwrap.indent(f'"""{told}"""', "    ")
    return textwrap.indent(textwrap.fill(f'"""{told}"""', WIDTH - 4, break_on_hyphens=False), "    ")


IMPORTED = {
    "Mapping": "collections.abc",
    "Sequence": "collections.abc",
    "date": "datetime",
    "Literal": "typing",
    "Required": "typing",
    "TypedDict": "typing",
    "AwareDatetime": "pydantic",
    "Field": "pydantic",
    "JsonValue": "pydantic",
    "Answer": "panelsim.client.wire",
}


def _module(opening: str, classes: list[str], package: str, elsewhere: Mapping[str, str]) -> str:
    """The text of a module with what it imports."""
    body = "\n\n\n".join(classes)
    code = re.sub(r'""".*?"""', "", body, flags=re.DOTALL)
    places = {name: f"panelsim.client.{package}.{home}" for name, home in elsewhere.items()}
    needed: dict[str, list[str]] = {}
    for name, source in sorted((IMPORTED | places).items()):
        if re.search(rf"\b{name}\b", code):
            needed.setdefault(source, []).append(name)
    lines = [f"from {source} import {', '.join(names)}" for source, names in needed.items()]
    return _formatted(f"{opening}{chr(10).join(lines)}\n\n\n{body}\n")


def _formatted(text: str) -> str:
    """A module in the form that ruff gives it."""
    place = str(FOLDER / "answers.py")
    for command in (("check", "--select", "I,F401,RUF022", "--fix", "--quiet"), ("format",)):
        ruff = [sys.executable, "-m", "ruff", *command, "--stdin-filename", place, "-"]
        text = subprocess.run(ruff, input=text, capture_output=True, text=True, check=True).stdout
    return text


def write() -> None:
    """Writes all modules; the client itself need not be whole for it."""
    for name in ("answers", "requests"):
        shutil.rmtree(FOLDER / name, ignore_errors=True)
        (FOLDER / name).mkdir()
    for path, text in modules(document()).items():
        (FOLDER / path).write_text(text, "utf-8")


if __name__ == "__main__":
    write()
