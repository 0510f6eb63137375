"""Bodies that are not one JSON object of a request model: profiles in JSON or YAML, and tables of rows."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from panelsim.api.problems import ApiError
from panelsim.errors import InputError, WrongFields
from panelsim.files.document import Document, check_values, parse_json, parse_yaml

JSON = ("application/json",)
YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
TABLES = {
    "text/csv": ".csv",
    "application/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/json": ".json",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
}
"""The form of a table by the type of its body."""
FORM = "multipart/form-data"
NAME = "the body"
"""How errors name what a caller sends."""
MOST_PROFILE = 200_000
"""Characters of a profile; the longest that ships has 6,000."""
OPTION = re.compile(r"--([a-z]+(?:-[a-z]+)*)")


async def document_in(request: Request) -> Document:
    """A profile that a caller sends, as JSON or as the YAML of its file.

    Raises 415 for another type, 413 for one that is too long, 400 for what cannot be read.
    """
    text = await text_in(request, (*JSON, *YAML))
    if len(text) > MOST_PROFILE:
        raise ApiError("body_too_large", f"a profile may have {MOST_PROFILE:,} characters")
    return await run_in_threadpool(_parsed, text, parse_yaml if _type_of(request) in YAML else parse_json)


async def text_in(request: Request, types: Sequence[str]) -> str:
    """A body of one of those types as text. Raises 415 for another type, 400 for what is no UTF-8."""
    kind = _type_of(request)
    if kind not in types:
        expected = " or ".join(dict.fromkeys((types[0], *YAML[:1]) if len(types) > 1 else types))
        raise ApiError(
            "unsupported_media_type", f"the body is of type {kind[:80] or 'none'!r}, expected {expected}"
        )
    return _decoded(await request.body())


def _parsed(text: str, parse: Callable[[str, str], Document]) -> Document:
    try:
        document = parse(text, NAME)
        check_values(document.value, NAME)
    except InputError as error:
        raise ApiError("malformed_body", str(error)) from error
    return document


class Upload(NamedTuple):
    """A table that a caller sends."""

    data: bytes
    form: str
    """How it is read: `.csv`, `.json`."""


async def table_in(request: Request) -> Upload:
    """The table in a body: CSV, a JSON array, JSON lines, or a form with one of them under `file`.

    Raises 415 for another type, 400 for a form that cannot be read or has no file.
    """
    kind = _type_of(request)
    if kind == FORM:
        return await _file_in(request)
    if kind not in TABLES:
        raise ApiError(
            "unsupported_media_type",
            f"the body is of type {kind or 'none'!r}, expected text/csv, application/json, "
            "application/x-ndjson or multipart/form-data",
        )
    return Upload(await request.body(), TABLES[kind])


async def _file_in(request: Request) -> Upload:
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise ApiError("malformed_body", "the form has no file under the name 'file', expected a table")
        name = (file.filename or "").lower()
        form_of = next((end for end in (*TABLES.values(), ".txt", ".ndjson") if name.endswith(end)), "")
        form_of = form_of or TABLES.get((file.content_type or "").partition(";")[0].strip().lower(), "")
        if not form_of:
            raise ApiError(
                "unsupported_media_type",
                f"the file is called {name[:80]!r}, expected a name that ends in .csv, .tsv, .json or .jsonl",
            )
        return Upload(await file.read(), form_of)


def _type_of(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ApiError(
            "malformed_body", f"the body is not UTF-8 at byte {error.start + 1}, expected UTF-8"
        ) from error


@contextmanager
def as_parameters() -> Iterator[None]:
    """Sentences that name options of the command line (`--skip-bad`) name the parameter of that name here."""
    try:
        yield
    except WrongFields as error:
        raise WrongFields(plainly(str(error)), error.faults) from error
    except InputError as error:
        raise InputError(plainly(str(error))) from error


def plainly(sentence: str) -> str:
    """A sentence of the command line with parameters in place of options."""
    return OPTION.sub(lambda found: found[1].replace("-", "_"), sentence)


def table_body(example: list[dict[str, Any]], what: str) -> dict[str, Any]:
    """The documentation of a body that is a table, for `openapi_extra=`."""
    plain: list[dict[str, Any]] = [{"type": ["string", "number", "boolean", "null"]}]
    cell = {"anyOf": [*plain, {"type": "array", "items": plain[0]}]}
    row = {"type": "object", "additionalProperties": cell}
    text = {"schema": {"type": "string"}}
    file = {"type": "object", "required": ["file"]}
    return {
        "requestBody": {
            "required": True,
            "description": what,
            "content": {
                "application/json": {"schema": {"type": "array", "items": row}, "example": example},
                "text/csv": text | {"example": _as_csv(example)},
                "application/x-ndjson": text,
                FORM: {
                    "schema": file | {"properties": {"file": {"type": "string", "format": "binary"}}},
                },
            },
        }
    }


def _as_csv(rows: list[dict[str, Any]]) -> str:
    lines = [",".join(rows[0]), *(",".join(str(cell) for cell in row.values()) for row in rows)]
    return "\n".join(lines) + "\n"


def profile_body(schema: str, example: dict[str, Any]) -> dict[str, Any]:
    """The documentation of a body that is a profile, for `openapi_extra=`."""
    # short forms (`"industries": ["Logistics"]`) are read too: the noun's own schema would be too strict
    told = {"type": "object", "description": f"The fields of `{schema}`, or their short forms."}
    content: dict[str, Any] = {
        "application/json": {"schema": told, "example": example},
        "application/yaml": {"schema": {"type": "string", "description": "The same, as in a file."}},
    }
    return {"requestBody": {"required": True, "content": content}}
