"""The OpenAPI document: complete, and kept by the service whatever is sent."""

import json
import os
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema_rs import validator_for
from limits import RateLimitItemPerMinute
from schemathesis import CheckFunction
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import positive_data_acceptance

from panelsim.api.app import document
from panelsim.api.examples import needs_example
from panelsim.api.openapi import HEADERS
from panelsim.api.problems import KINDS
from panelsim.service.api_keys import SCOPES
from tests.api.conftest import TEST, Service

EXAMPLES = int(os.environ.get("PANELSIM_TEST_EXAMPLES", "8"))
"""Requests made up for each operation, and sequences of them; raise it to look longer."""

UNTOLD: list[CheckFunction] = [positive_data_acceptance]
"""A document cannot say which panels and models there are, so a body of the right form may be refused."""

SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)


@pytest.fixture
def schema(
    service: Service, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> schemathesis.BaseSchema:
    """What the document says, asked with a key that may do everything."""
    # each operation is tried with keys that are none
    monkeypatch.setattr(service.api.refusals, "_item", RateLimitItemPerMinute(1_000_000))
    found = schemathesis.openapi.from_asgi("/openapi.json", service.client.app)
    found.config.update(headers=headers)
    return found


@pytest.fixture
def headers(service: Service) -> dict[str, str]:
    """Of a key that may do everything; given with each request, or a valid one is taken for made up."""
    return service.key(scopes=SCOPES, rpm=1_000_000)


def test_no_request_that_the_document_allows_or_forbids_breaks_the_service(
    service: Service, schema: schemathesis.BaseSchema, headers: dict[str, str]
) -> None:
    tried = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        _try(found.ok(), headers)
        tried += 1
    assert tried == sum(1 for _ in _operations())


def _try(operation: APIOperation[Any, Any, Any, Any], headers: dict[str, str]) -> None:
    @SETTINGS
    @given(case=operation.as_strategy())
    def check(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(headers=headers, excluded_checks=UNTOLD)

    check()


def test_no_sequence_of_requests_breaks_the_service(
    schema: schemathesis.BaseSchema, headers: dict[str, str]
) -> None:
    # nobody drives a run that a sequence starts, and its stream would not end
    found = schema.exclude(operation_id="stream_run_events")

    class Machine(found.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, _case: schemathesis.Case[Any]) -> dict[str, Any]:
            return {"headers": headers}

        def validate_response(
            self, response: schemathesis.Response, case: schemathesis.Case[Any], **_: object
        ) -> None:
            case.validate_response(response, excluded_checks=UNTOLD)

    Machine.run(settings=settings(SETTINGS, stateful_step_count=6))


@cache
def whole() -> dict[str, Any]:
    """The document, which the service serves as it is."""
    return document()


def test_the_document_that_is_printed_is_the_one_that_is_served(service: Service) -> None:
    assert service.client.get("/openapi.json").json() == json.loads(json.dumps(whole()))


def test_the_document_explains_every_operation_and_every_field() -> None:
    assert whole()["openapi"].startswith("3.1")
    names = []
    for path, method, operation in _operations():
        where = f"{method} {path}"
        names.append(operation["operationId"])
        assert operation["summary"], where
        assert operation["description"], where
        if path.startswith("/v1"):
            assert {"401", "403", "422", "429", "500", "503"} <= set(operation["responses"]), where
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), f"{where}: {parameter['name']}"
    assert len(names) == len(set(names))
    for name, schema in whole()["components"]["schemas"].items():
        for field, told in schema.get("properties", {}).items():
            if field not in ("kind", "object"):
                assert told.get("description") or "$ref" in told, f"{name}.{field} has no description"


def test_every_field_and_parameter_has_an_example_that_its_schema_allows() -> None:
    places = [
        (f"{name}.{field}", told)
        for name, schema in whole()["components"]["schemas"].items()
        for field, told in schema.get("properties", {}).items()
    ]
    places += [
        (f"{method} {path}: {one['name']}", one["schema"] | _examples_of(one))
        for path, method, operation in _operations()
        for one in operation.get("parameters", ())
    ]
    assert len(places) > 1000
    for where, told in places:
        assert not needs_example(told), f"{where} has no example"
        checked = validator_for(told if "$ref" not in str(told) else {})  # else made of fields seen here
        for example in told.get("examples", ()):
            assert checked.is_valid(example), f"{where}: {example!r} is none of its values"


def _examples_of(parameter: dict[str, Any]) -> dict[str, Any]:
    return {"examples": [parameter["example"]]} if "example" in parameter else {}


def test_headers_of_answers_are_documented_where_they_are_sent(service: Service) -> None:
    key = service.key()
    started = service.client.post("/v1/message-tests", json=TEST, headers=key | {"Idempotency-Key": "k"})
    again = service.client.post("/v1/message-tests", json=TEST, headers=key | {"Idempotency-Key": "k"})
    run = f"/v1/runs/{started.json()['id']}"
    profile = {"id": "mine", "title": "Mine", "icps": ["b2b-saas"], "personas": ["vp-sales"], "n": 4}
    asked = (
        ("post", "/v1/message-tests", started),
        ("post", "/v1/message-tests", again),
        ("get", "/v1/runs/{run_id}", service.client.get(run, headers=key)),
        ("get", "/v1/runs/{run_id}/report", service.client.get(f"{run}/report", headers=key)),
        ("get", "/v1/runs", service.client.get("/v1/runs")),
        ("get", "/healthz", service.client.get("/healthz")),
        ("post", "/v1/panels", service.client.post("/v1/panels", json=profile, headers=key)),
    )
    paths = whole()["paths"]
    for method, path, answer in asked:
        told = paths[path][method]["responses"][str(answer.status_code)]["headers"]
        sent = {name for name in answer.headers if name in {one.lower() for one in HEADERS}}
        assert sent <= {one.lower() for one in told}, (path, answer.status_code)
        assert "x-request-id" in sent
    assert "idempotency-replayed" in again.headers
    assert "location" in started.headers


def test_every_refusal_that_is_documented_has_the_form_of_a_problem() -> None:
    statuses = {str(kind.status) for kind in KINDS.values()}
    for path, method, operation in _operations():
        for status, told in operation["responses"].items():
            if status not in statuses or not path.startswith("/v1"):
                continue
            if path == "/v1/chat/completions":  # whose clients read another form
                (content,) = told["content"].values()
                assert content["schema"]["$ref"].endswith("/OpenAIError"), f"{method} {path}: {status}"
            else:
                assert "application/problem+json" in told["content"], f"{method} {path}: {status}"


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in whole()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation
