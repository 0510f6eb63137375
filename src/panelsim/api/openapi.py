"""The OpenAPI document: what FastAPI derives from the routes, with problems as they really look."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from panelsim.api.events import EVENTS
from panelsim.api.examples import illustrate
from panelsim.api.problems import FieldProblem, Problem

DESCRIPTION = """\
Test messages on a simulated panel of B2B buyers, and know when to believe it. Everything it says is
simulated: no person was asked. A verdict may be `cannot_say`, and that is an answer.

Requests carry `Authorization: Bearer psk_...`. Everything that makes something takes an `Idempotency-Key`.
Refusals are problems (RFC 9457) with a `code` for programs. Within `/v1` fields and codes are added and never
changed or removed: ignore those that you do not know.

Whatever the path, an answer may also be 404 `not_found` (there is no such path), 405 `method_not_allowed`
or 413 `body_too_large`.
"""
HEADERS: dict[str, tuple[dict[str, Any], str]] = {
    "X-Request-Id": (
        {"type": "string", "examples": ["req_4b5c6d7e8f90a1b2"]},
        "Names the request: the one you sent, or a new one.",
    ),
    "RateLimit-Policy": (
        {"type": "string", "examples": ['"minute";q=600;w=60']},
        "Requests that the key may make (`q`) in so many seconds (`w`).",
    ),
    "RateLimit": (
        {"type": "string", "examples": ['"minute";r=599;t=60']},
        "Requests that are left (`r`), and seconds until there is room for more (`t`).",
    ),
    "Retry-After": (
        {"type": "integer", "minimum": 1, "examples": [2]},
        "Seconds to wait before asking again.",
    ),
    "WWW-Authenticate": ({"type": "string", "examples": ["Bearer"]}, "How to send a key."),
    "Location": (
        {"type": "string", "examples": ["/v1/runs/20261128-101500-4b5c6d7e8f"]},
        "Where the new resource is.",
    ),
    "Idempotency-Replayed": (
        {"type": "string", "const": "true"},
        "Sent with the first answer to the Idempotency-Key when it is given again.",
    ),
}
"""Schema and description of the headers of answers. None must be there: those that wait for a key are not, if
there is none."""
CREATES = ("/v1/icps", "/v1/personas", "/v1/panels", "/v1/calibrations", "/v1/calibrations/import")


def describe(app: FastAPI) -> None:
    """Lets `app` serve its document, made once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(
                title="panelsim",
                version=app.version,
                description=DESCRIPTION,
                routes=app.routes,
                webhooks=app.webhooks.routes,
            )
            schemas = found.setdefault("components", {}).setdefault("schemas", {})
            models: tuple[type[BaseModel], ...] = (Problem, FieldProblem, *EVENTS)
            for model in models:
                made = model.model_json_schema(ref_template="#/components/schemas/{model}")
                made.pop("$defs", None)
                schemas[model.__name__] = made
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            illustrate(found)
            add_headers(found)
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def add_headers(document: dict[str, Any]) -> None:
    """Documents the headers of answers."""
    for path, item in document["paths"].items():
        for operation in item.values():
            for status, response in operation["responses"].items():
                told = response.setdefault("headers", {})
                for name in headers_of(path, operation, status):
                    schema, what = HEADERS[name]
                    told.setdefault(name, {"schema": schema, "description": what})


def headers_of(path: str, operation: dict[str, Any], status: str) -> tuple[str, ...]:
    """Names of the headers that an answer of that status may have."""
    needs_key, is_made = bool(operation.get("security")), status in ("200", "201", "202")
    takes_key = any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", ()))
    starts = "202" in operation["responses"] and takes_key and "{" not in path
    found = {
        "X-Request-Id": True,
        "RateLimit-Policy": needs_key,
        "RateLimit": needs_key,
        "WWW-Authenticate": status == "401",
        "Retry-After": status in ("409", "429", "502", "503")
        or (status == "202" and starts)
        or (status == "200" and path == "/v1/runs/{run_id}"),
        "Idempotency-Replayed": is_made and takes_key,
        "Location": is_made and takes_key and (starts or path in CREATES),
    }
    return tuple(name for name, is_there in found.items() if is_there)
