"""What can go wrong for a caller, as one tree.

ClientError
 ├─ ApiError            the service refused; one subclass for each code
 ├─ ConnectionFailed    the service could not be reached, or broke off, after all attempts
 ├─ UnexpectedAnswer    an answer that is not as documented: no panelsim, or something between
 ├─ WaitedTooLong       a run has not ended in time; it goes on
 └─ WebhookRefused      a webhook that is not signed, too old, or changed on its way
"""

import json
from collections.abc import Mapping
from typing import NamedTuple

from panelsim.client.wire import Reply


class ClientError(Exception):
    """Whatever went wrong between a caller and the service."""


class FieldFault(NamedTuple):
    """One field that is not as expected."""

    param: str
    """Where: `body.n`, `query.limit`."""
    message: str


class ApiError(ClientError):
    """The service refused. Codes that this client does not know are told by this class itself."""

    code = ""
    """For programs; never changes its meaning."""

    def __init__(self, problem: "Refusal") -> None:
        super().__init__(
            f"{problem.detail} ({problem.code}, request {problem.request_id or 'without an id'})"
        )
        self.code = problem.code
        self.status = problem.status
        self.title = problem.title
        self.detail = problem.detail
        self.param = problem.param
        """The field or parameter that is wrong; empty if none is."""
        self.request_id = problem.request_id
        """Tell it when you ask for help."""
        self.retryable = problem.retryable
        """Whether the same request may work later."""
        self.errors = problem.errors
        """All fields that are wrong."""


class Refusal(NamedTuple):
    """A problem (RFC 9457) as it was read."""

    code: str
    status: int
    title: str
    detail: str
    param: str
    request_id: str
    retryable: bool
    errors: tuple[FieldFault, ...]


class InvalidRequest(ApiError):
    """The request is not valid; `errors` names each field."""

    code = "invalid_request"


class MalformedBody(ApiError):
    """The body cannot be read."""

    code = "malformed_body"


class Unauthorized(ApiError):
    """The key is missing, unknown or revoked."""

    code = "unauthorized"


class Forbidden(ApiError):
    """The key lacks a scope."""

    code = "forbidden"


class NotFound(ApiError):
    """There is no such thing, or it is another account's."""

    code = "not_found"


class MethodNotAllowed(ApiError):
    """The method is not allowed here."""

    code = "method_not_allowed"


class NotAcceptable(ApiError):
    """There is no such format."""

    code = "not_acceptable"


class Conflict(ApiError):
    """The state of the resource does not allow it."""

    code = "conflict"


class RunNotEnded(ApiError):
    """The run has not ended."""

    code = "run_not_ended"


class RunEnded(ApiError):
    """The run has ended."""

    code = "run_ended"


class IdempotencyKeyReused(ApiError):
    """The Idempotency-Key was used for another request."""

    code = "idempotency_key_reused"


class IdempotencyKeyInUse(ApiError):
    """A request with this Idempotency-Key is under way."""

    code = "idempotency_key_in_use"


class BodyTooLarge(ApiError):
    """The body is too large."""

    code = "body_too_large"


class UnsupportedMediaType(ApiError):
    """The body is of another type."""

    code = "unsupported_media_type"


class RateLimited(ApiError):
    """Too many requests."""

    code = "rate_limited"


class SpendCapReached(ApiError):
    """The cap of the key could be passed."""

    code = "spend_cap_reached"


class Busy(ApiError):
    """The service does as much of this at once as it can."""

    code = "busy"


class ProviderFailed(ApiError):
    """The model could not be asked."""

    code = "provider_failed"


class StoreAway(ApiError):
    """The service cannot reach its store."""

    code = "store_away"


class Internal(ApiError):
    """The service has a fault."""

    code = "internal"


ERRORS: Mapping[str, type[ApiError]] = {
    kind.code: kind
    for kind in (
        InvalidRequest,
        MalformedBody,
        Unauthorized,
        Forbidden,
        NotFound,
        MethodNotAllowed,
        NotAcceptable,
        Conflict,
        RunNotEnded,
        RunEnded,
        IdempotencyKeyReused,
        IdempotencyKeyInUse,
        BodyTooLarge,
        UnsupportedMediaType,
        RateLimited,
        SpendCapReached,
        Busy,
        ProviderFailed,
        StoreAway,
        Internal,
    )
}
"""Every code of the service."""


class ConnectionFailed(ClientError):
    """The service could not be reached, or broke off, after all attempts that were safe."""


class UnexpectedAnswer(ClientError):
    """An answer that is not as documented."""


class WaitedTooLong(ClientError):
    """A run has not ended in the time given; it goes on."""


class WebhookRefused(ClientError):
    """A webhook that is not signed with the secret, is too old, or was changed on its way."""


def error_of(reply: Reply) -> ClientError:
    """What a reply that is no success means."""
    refusal = refusal_of(reply)
    if refusal is None:
        return UnexpectedAnswer(
            f"status {reply.status} with {reply.media_type or 'no'} body instead of a problem: "
            "is the address that of a panelsim service?"
        )
    return ERRORS.get(refusal.code, ApiError)(refusal)


def refusal_of(reply: Reply) -> Refusal | None:
    """The problem in a reply; None if it holds none."""
    if reply.media_type != "application/problem+json":
        return None
    try:
        told = json.loads(reply.content)
    except ValueError:
        return None
    if not isinstance(told, dict) or not isinstance(told.get("code"), str):
        return None
    errors = told.get("errors")
    found = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    return Refusal(
        code=told["code"],
        status=reply.status,
        title=str(told.get("title", "")),
        detail=str(told.get("detail", "")),
        param=str(told.get("param", "")),
        request_id=str(told.get("request_id", "")),
        retryable=told.get("retryable") is True,
        errors=tuple(FieldFault(str(one.get("param", "")), str(one.get("message", ""))) for one in found),
    )
