"""The client against the OpenAPI document: every operation, every field, every code, in both directions."""

import ast
import inspect
import json
from collections.abc import Mapping
from functools import cache

import httpx
import pytest

from panelsim.api import app
from panelsim.api.changes import CHANGES
from panelsim.api.problems import KINDS
from panelsim.api.samples import Operation as Documented
from panelsim.api.samples import body_example, operations_of, places_of, python_of
from panelsim.client import ERRORS, AsyncClient, Client, ClientError
from panelsim.client.faces import Listing, Operation, Resource, Streaming, Waiting
from tests.api import client_models

BESIDE = {"runs.wait"}
"""What the client does with several operations."""
NOT_NAMED = {"cursor"}
"""Queries that the client fills in itself."""
DESCRIPTORS = (Operation, Listing, Streaming, Waiting)


@cache
def document() -> Mapping[str, object]:
    return app.document()


OPERATIONS = list(operations_of(document()))
BY_ID = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.id)


def methods(client: Client | AsyncClient) -> set[str]:
    return {
        f"{name}.{method}"
        for name, resource in vars(client).items()
        if isinstance(resource, Resource)
        for kind in type(resource).mro()
        for method, made in vars(kind).items()
        if isinstance(made, DESCRIPTORS)
    }


def built(operation: Documented) -> Operation[..., object]:
    resource, method = operation.client_method.split(".")
    found = getattr(type(getattr(Client(), resource)), method)
    assert isinstance(found, DESCRIPTORS)
    return found  # type: ignore[return-value]


def has_model(operation: Documented) -> bool:
    content = operation.told["responses"].get("200", {}).get("content", {})
    return "$ref" in content.get("application/json", {}).get("schema", {})


def test_every_operation_has_a_method_of_both_clients_and_every_method_an_operation() -> None:
    documented = {operation.client_method for operation in OPERATIONS}
    assert methods(Client()) == documented | BESIDE
    assert methods(AsyncClient()) == documented | BESIDE


def test_no_two_operations_have_one_method() -> None:
    names = [operation.client_method for operation in OPERATIONS]
    assert len(names) == len(set(names))


def test_the_models_are_what_the_document_says() -> None:
    folder = client_models.FOLDER
    there = {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for name in ("answers", "requests")
        for path in (folder / name).glob("*.py")
    }
    assert there == client_models.modules(document()), "run python -m tests.api.client_models and commit"


def test_every_code_has_a_class_of_its_own() -> None:
    assert set(ERRORS) == set(KINDS)
    assert len(set(ERRORS.values())) == len(ERRORS)


def test_every_operation_stands_in_the_changes_once() -> None:
    added = [one for change in CHANGES for one in change.operations]
    assert sorted(added) == sorted(operation.id for operation in OPERATIONS)
    assert [change.date for change in CHANGES] == sorted((one.date for one in CHANGES), reverse=True)


@BY_ID
def test_every_query_of_an_operation_can_be_given(operation: Documented) -> None:
    given = set(inspect.signature(built(operation).build).parameters)
    queries = {one["name"] for one in operation.parameters if one["in"] == "query"} - NOT_NAMED
    if has_model(operation):
        queries -= {"format"}  # what has a model is read as JSON
    assert queries <= given
    assert ("idempotency_key" in given) == operation.takes_key


@BY_ID
def test_what_may_be_repeated_is_given_as_several(operation: Documented) -> None:
    hints = inspect.signature(built(operation).build).parameters
    for one in operation.parameters:
        if one["in"] == "query" and "array" in json.dumps(one["schema"]):
            assert "Sequence" in str(hints[one["name"]].annotation)


@BY_ID
def test_the_example_of_an_operation_makes_its_request(operation: Documented) -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(418)

    code = compile(python_of(document(), operation), operation.id, "exec")
    client = Client("psk_x", "http://service", transport=httpx.MockTransport(answer))
    with client, pytest.raises(ClientError):
        exec(code, {"client": client})
    check(operation, sent)


async def test_the_examples_make_the_same_requests_with_the_other_client() -> None:
    for operation in OPERATIONS:
        sent: list[httpx.Request] = []

        def answer(request: httpx.Request, sent: list[httpx.Request] = sent) -> httpx.Response:
            sent.append(request)
            return httpx.Response(418)

        tree = ast.parse(awaited(python_of(document(), operation)))
        code = compile(tree, operation.id, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        async with AsyncClient("psk_x", "http://service", transport=httpx.MockTransport(answer)) as client:
            made = eval(code, {"client": client})
            with pytest.raises(ClientError):
                await made
        check(operation, sent)


def awaited(example: str) -> str:
    if example.startswith("for "):
        return f"async {example}"
    return example.replace("client.", "await client.", 1)


def check(operation: Documented, sent: list[httpx.Request]) -> None:
    (request,) = sent
    assert request.method == operation.method
    assert request.url.path == operation.path.format_map(places_of(document(), operation))
    assert request.headers["authorization"] == "Bearer psk_x"
    assert ("idempotency-key" in request.headers) == operation.takes_key
    known = {one["name"] for one in operation.parameters if one["in"] == "query"}
    assert set(request.url.params) <= known
    body = body_example(document(), operation)
    if operation.body is None:
        assert not request.content
    elif isinstance(body, str):
        assert request.content.decode() == body
    else:
        told = json.loads(request.content)
        assert told | {"kind": body["kind"]} == body if "kind" in body else told == body


def test_the_client_stands_apart() -> None:
    for path in sorted(client_models.FOLDER.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("panelsim"):
                assert (node.module or "").startswith("panelsim.client")
