"""Problems: every refusal as RFC 9457 says it, with a code that programs can rely on."""

import logging
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import Field
from starlette.exceptions import HTTPException

from panelsim.errors import (
    BudgetError,
    InputError,
    PanelsimError,
    ProviderError,
    RunBusy,
    StoreAway,
    TransientError,
    WrongFields,
)
from panelsim.model.base import Frozen
from panelsim.service.child import Busy
from panelsim.service.keeping import AlreadyKept
from panelsim.telemetry.logs import HIDDEN, SECRETS

_log = logging.getLogger("panelsim.api")

MEDIA_TYPE = "application/problem+json"

Code: TypeAlias = Literal[
    "invalid_request",
    "malformed_body",
    "unauthorized",
    "forbidden",
    "not_found",
    "method_not_allowed",
    "not_acceptable",
    "conflict",
    "run_not_ended",
    "run_ended",
    "idempotency_key_reused",
    "idempotency_key_in_use",
    "body_too_large",
    "unsupported_media_type",
    "rate_limited",
    "spend_cap_reached",
    "provider_failed",
    "store_away",
    "busy",
    "internal",
]


class Kind(NamedTuple):
    """What a code means."""

    status: int
    title: str
    retryable: bool
    """Whether the same request may work later."""
    advice: str
    """What to do about it, for the documentation."""


KINDS: Mapping[Code, Kind] = {
    "invalid_request": Kind(422, "The request is not valid", False, "Change what `errors` or `param` names."),
    "malformed_body": Kind(400, "The body cannot be read", False, "Send JSON in UTF-8."),
    "unauthorized": Kind(401, "No valid API key", False, "Send `Authorization: Bearer psk_...`."),
    "forbidden": Kind(403, "The key may not do this", False, "Use a key with the scope that is named."),
    "not_found": Kind(
        404, "There is no such thing", False, "Check the id; ids of other accounts are not found."
    ),
    "method_not_allowed": Kind(405, "The method is not allowed here", False, "See the `Allow` header."),
    "not_acceptable": Kind(406, "There is no such format", False, "Ask for a format that the resource has."),
    "conflict": Kind(
        409, "The state of the resource does not allow it", False, "Read the resource, then decide."
    ),
    "run_not_ended": Kind(
        409, "The run has not ended", True, "Wait `Retry-After` seconds, or pass partial=true."
    ),
    "run_ended": Kind(409, "The run has ended", False, "Resume it, or start another."),
    "idempotency_key_reused": Kind(
        409, "The Idempotency-Key was used for another request", False, "Use a new key for a new request."
    ),
    "idempotency_key_in_use": Kind(
        409,
        "A request with this Idempotency-Key is under way",
        True,
        "Wait `Retry-After` seconds, send it again.",
    ),
    "body_too_large": Kind(413, "The body is too large", False, "Send less; the limit is in `detail`."),
    "unsupported_media_type": Kind(
        415, "The body is of another type", False, "Send a type that `detail` names."
    ),
    "rate_limited": Kind(429, "Too many requests", True, "Wait `Retry-After` seconds."),
    "spend_cap_reached": Kind(
        402, "The cap of the key could be passed", False, "Lower max_cost_usd, raise the cap."
    ),
    "provider_failed": Kind(
        502, "The model could not be asked", True, "Try again; what was answered is kept."
    ),
    "store_away": Kind(
        503, "The store cannot be reached", True, "Wait `Retry-After` seconds; nothing is lost."
    ),
    "busy": Kind(
        503, "Other work of this kind is under way", True, "Wait `Retry-After` seconds, send it again."
    ),
    "internal": Kind(500, "The service has a fault", False, "Report it with `request_id`."),
}

STATUS_CODES: Mapping[int, Code] = {
    400: "malformed_body",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "body_too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
    503: "store_away",
}
RETRY_AFTER_S = 5


class FieldProblem(Frozen):
    """One field that is not as expected."""

    param: str = Field(description="Where: `body.variants.0`, `query.limit`.", examples=["body.n"])
    message: str = Field(
        description="What was expected.", examples=["Input should be greater than or equal to 2"]
    )


class Problem(Frozen):
    """A refusal (RFC 9457, `application/problem+json`)."""

    type: str = Field(description="Names the code as a URN.", examples=["urn:panelsim:problem:not_found"])
    title: str = Field(description="The code in words.", examples=["There is no such thing"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field(
        description="What, where and what was expected, in a sentence.", examples=["no run 'x' is yours"]
    )
    instance: str = Field(description="The path that was asked.", examples=["/v1/runs/x"])
    code: Code = Field(
        description="For programs; the meaning of a code never changes.", examples=["not_found"]
    )
    param: str = Field(description="The field or parameter that is wrong; empty if none is.", examples=[""])
    request_id: str = Field(
        description="Also in the header X-Request-Id; tell it when you ask for help.", examples=["req_4b5c"]
    )
    retryable: bool = Field(description="Whether the same request may work later.", examples=[False])
    errors: tuple[FieldProblem, ...] = Field(description="All fields that are wrong.", examples=[[]])


class ApiError(Exception):
    """A refusal, on its way to the caller."""

    def __init__(
        self, code: Code, detail: str, *, param: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.code: Code = code
        self.detail = detail
        self.param = param
        self.headers = dict(headers or {})


def problems(*codes: Code) -> dict[int | str, dict[str, Any]]:
    """The documentation of the refusals of a route, for `responses=`."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        kind = KINDS[code]
        told = f"`{code}`: {kind.title}. {kind.advice}"
        before = found.get(kind.status)
        if before is not None:
            before["description"] += f"  \n{told}"
            continue
        schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
        found[kind.status] = {"description": told, "content": {MEDIA_TYPE: schema}}
    return found


COMMON: tuple[Code, ...] = (
    "unauthorized",
    "forbidden",
    "invalid_request",
    "rate_limited",
    "store_away",
    "internal",
)
"""Refusals of every route that needs a key."""


def request_id_of(request: Request) -> str:
    """The id of a request, given by its caller or by us."""
    return str(request.scope.get("panelsim.request_id", ""))


class Refusal(NamedTuple):
    """A refusal, in no form yet."""

    code: Code
    detail: str
    param: str = ""
    errors: tuple[FieldProblem, ...] = ()
    headers: Mapping[str, str] | None = None


def headers_of(refusal: Refusal) -> dict[str, str]:
    """The headers of a refusal: when to come again, and which key is wanted."""
    told = dict(refusal.headers or {})
    if KINDS[refusal.code].retryable:
        told.setdefault("Retry-After", str(RETRY_AFTER_S))
    if refusal.code == "unauthorized":
        told.setdefault("WWW-Authenticate", "Bearer")
    return told


def problem_response(
    request: Request,
    code: Code,
    detail: str,
    *,
    param: str = "",
    errors: tuple[FieldProblem, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """A refusal as a response."""
    kind = KINDS[code]
    body = Problem(
        type=f"urn:panelsim:problem:{code}",
        title=kind.title,
        status=kind.status,
        detail=detail,
        instance=request.url.path,
        code=code,
        param=param,
        request_id=request_id_of(request),
        retryable=kind.retryable,
        errors=errors,
    )
    told = headers_of(Refusal(code, detail, headers=headers))
    return JSONResponse(body.model_dump(mode="json"), kind.status, told, MEDIA_TYPE)


def code_of(error: PanelsimError) -> Code:
    """The code of an error of the layers below."""
    match error:
        case RunBusy() | AlreadyKept():
            return "conflict"
        case InputError():
            return "invalid_request"
        case BudgetError():
            return "spend_cap_reached"
        case TransientError() | ProviderError():
            return "provider_failed"
        case StoreAway():
            return "store_away"
        case Busy():
            return "busy"
        case _:
            return "internal"


def fields_of(error: WrongFields) -> tuple[FieldProblem, ...]:
    """The fields or rows of a body that are not as expected."""
    return tuple(FieldProblem(param=f"body.{one.field}", message=one.what) for one in error.faults)


def refusal_of(error: ApiError | PanelsimError | RequestValidationError) -> Refusal:
    """What an error tells a caller; never what is the service's own affair."""
    match error:
        case ApiError():
            return Refusal(error.code, error.detail, error.param, headers=error.headers)
        case StoreAway():
            detail = "the store cannot be reached at the moment; nothing that was accepted is lost"
            return Refusal("store_away", detail)
        case PanelsimError() if code_of(error) == "internal":
            _log.error("the store failed: %s", SECRETS.sub(HIDDEN, str(error)))
            detail = "the store failed; whoever runs the service finds the reason in its log"
            return Refusal("internal", detail)
        case WrongFields():
            errors = fields_of(error)
            return Refusal(code_of(error), str(error), errors[0].param if errors else "", errors)
        case PanelsimError():
            return Refusal(code_of(error), str(error))
        case RequestValidationError():
            return _invalid(error)


def _invalid(error: RequestValidationError) -> Refusal:
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return Refusal("malformed_body", "the body is not JSON, expected an object")
    errors = tuple(
        FieldProblem(
            param=".".join(str(part) for part in one["loc"]),
            message=_sentence(str(one["type"]), str(one["msg"]), one.get("ctx", {})),
        )
        for one in found
    )
    first = errors[0]
    return Refusal("invalid_request", f"{first.param}: {first.message}", first.param, errors)


def _sentence(kind: str, message: str, context: Mapping[str, object]) -> str:
    """What is wrong with a field, in words that say nothing of how the service is written."""
    match kind:
        case "missing":
            return "the field is missing"
        case "extra_forbidden":
            return "unknown field, expected one of those that /docs lists"
        case "too_short":
            return f"found {context.get('actual_length')}, expected at least {context.get('min_length')}"
        case "too_long":
            return f"found {context.get('actual_length')}, expected at most {context.get('max_length')}"
        case _:
            return message.removeprefix("Value error, ")


def install(app: FastAPI) -> None:
    """Lets every error of `app` be told as a problem."""

    async def _refused(request: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, ApiError | PanelsimError | RequestValidationError):
            raise error
        code, detail, param, errors, headers = refusal_of(error)
        return problem_response(request, code, detail, param=param, errors=errors, headers=headers)

    for kind in (ApiError, PanelsimError, RequestValidationError):
        app.add_exception_handler(kind, _refused)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        code = STATUS_CODES.get(error.status_code, "internal")
        detail = f"{request.method} {request.url.path}: {error.detail}"
        return problem_response(request, code, detail, headers=error.headers)
