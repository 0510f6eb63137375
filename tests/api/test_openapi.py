"""The OpenAPI document: complete, and kept by the service whatever is sent."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import CheckFunction
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import positive_data_acceptance

from panelsim.api.app import create_app
from panelsim.api.problems import KINDS
from panelsim.service.api_keys import SCOPES
from tests.api.conftest import Service

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
def schema(service: Service, headers: dict[str, str]) -> schemathesis.BaseSchema:
    """What the document says, asked with a key that may do everything."""
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
    assert tried == sum(1 for _ in _operations(service))


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


def test_the_document_explains_every_operation_and_every_field(service: Service) -> None:
    document = create_app(service.api).openapi()
    assert document["openapi"].startswith("3.1")
    names = []
    for path, method, operation in _operations(service):
        where = f"{method} {path}"
        names.append(operation["operationId"])
        assert operation["summary"], where
        assert operation["description"], where
        if path.startswith("/v1"):
            assert {"401", "403", "422", "429", "500", "503"} <= set(operation["responses"]), where
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), f"{where}: {parameter['name']}"
    assert len(names) == len(set(names))
    for name, schema in document["components"]["schemas"].items():
        for field, told in schema.get("properties", {}).items():
            if field not in ("kind", "object"):
                assert told.get("description") or "$ref" in told, f"{name}.{field} has no description"


def test_every_refusal_that_is_documented_has_the_form_of_a_problem(service: Service) -> None:
    statuses = {str(kind.status) for kind in KINDS.values()}
    for path, method, operation in _operations(service):
        for status, told in operation["responses"].items():
            if status not in statuses or not path.startswith("/v1"):
                continue
            if path == "/v1/chat/completions":  # whose clients read another form
                (content,) = told["content"].values()
                assert content["schema"]["$ref"].endswith("/OpenAIError"), f"{method} {path}: {status}"
            else:
                assert "application/problem+json" in told["content"], f"{method} {path}: {status}"


def _operations(service: Service) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in create_app(service.api).openapi()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation
