"""The reference, the text for agents and the collection: complete, self-contained and true."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal, get_args
from urllib.parse import unquote

import pytest

from panelsim.api.app import document
from panelsim.api.problems import KINDS
from panelsim.api.reference import STATES, render_llms, render_reference
from panelsim.api.samples import body_example, example_of, operations_of
from panelsim.model.progress import RunState
from tests.api.conftest import Service
from tests.api.faulty import faulty
from tests.app.browser import CHROMIUM, Page, chromium
from tests.app.commands import panelsim
from tests.app.test_report_browser import CONTRAST

DOCUMENT = document()
REFERENCE = render_reference(DOCUMENT)
OPERATIONS = list(operations_of(DOCUMENT))


def test_every_operation_code_and_state_is_in_the_reference_and_in_the_text_for_agents() -> None:
    text = render_llms(DOCUMENT)
    assert set(STATES) == set(get_args(RunState))
    for operation in OPERATIONS:
        assert f'<section class="op" id="{operation.id}"' in REFERENCE.html
        assert f"[{operation.method} {operation.path}](/docs#{operation.id})" in text
    for code in KINDS:
        assert f'id="error-{code}"' in REFERENCE.html
        assert f"- `{code}` (" in text
    for state in STATES:
        assert f"<dt>{state}<" in REFERENCE.html
        assert f"- `{state}`" in text


def test_every_place_has_one_name_and_every_link_leads_to_one() -> None:
    names = Counter(re.findall(r'\bid="([^"]+)"', REFERENCE.html))
    assert [name for name, times in names.items() if times > 1] == []
    links = {unquote(link) for link in re.findall(r'href="#([^"]+)"', REFERENCE.html)}
    assert links - set(names) == set()


def test_the_page_has_no_script_and_points_nowhere_else() -> None:
    assert not re.search(r"<script|<link|<img|@import|url\(|\bon\w+=|style=", REFERENCE.html)
    pages = set(re.findall(r'href="([^#"]+)"', REFERENCE.html))
    assert pages == {"/openapi.json", "/llms.txt"}


def test_the_pages_are_served_without_a_key_under_a_policy_that_allows_one_style(service: Service) -> None:
    page = service.client.get("/docs")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; frame-ancestors 'none'; "
        r"base-uri 'none'; form-action 'none'",
        policy,
    )
    assert page.text == REFERENCE.html
    text = service.client.get("/llms.txt")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert text.text.startswith("# panelsim\n\n> ")
    for link in re.findall(r"\]\((/[^)#]*)", text.text):
        assert service.client.get(link).status_code == 200


def test_what_looks_like_html_in_a_description_is_text() -> None:
    document = json.loads(json.dumps(DOCUMENT))
    operation = document["paths"]["/v1/runs"]["get"]
    operation["description"] = operation["summary"] = "<script>alert(1)</script> [x](javascript:alert)"
    html = render_reference(document).html
    assert "<script" not in html
    assert 'href="javascript' not in html


def test_an_example_is_made_of_what_is_needed_and_ends_in_a_circle() -> None:
    schemas: dict[str, Any] = {
        "Tree": {"type": "object", "required": ["name", "child"], "properties": {
            "name": {"type": "string", "examples": ["oak"]},
            "note": {"type": "string"},
            "child": {"$ref": "#/components/schemas/Tree"},
        }},
    }  # fmt: skip
    made = example_of({"components": {"schemas": schemas}}, {"$ref": "#/components/schemas/Tree"})
    assert made["name"] == made["child"]["child"]["name"] == "oak"
    assert "note" not in made


# --- the command


def test_the_command_prints_the_document_without_a_store() -> None:
    assert panelsim("openapi").json == DOCUMENT


def test_the_collection_holds_every_operation_as_the_document_has_it() -> None:
    collection: Any = panelsim("openapi", "--form", "postman").json
    assert collection["info"]["schema"].endswith("/v2.1.0/collection.json")
    items = {item["id"]: item["request"] for folder in collection["item"] for item in folder["item"]}
    assert set(items) == {operation.id for operation in OPERATIONS}
    for operation in OPERATIONS:
        request = items[operation.id]
        path = "/" + "/".join(request["url"]["path"])
        assert re.sub(r":(\w+)", r"{\1}", path) == operation.path
        assert request["method"] == operation.method
        assert {one["key"] for one in request["url"]["variable"]} == set(
            re.findall(r"\{(\w+)\}", operation.path)
        )
        headers = {header["key"] for header in request["header"]}
        assert ("Idempotency-Key" in headers) == operation.takes_key
        assert ("body" in request) == (operation.body is not None)
        if operation.body is not None and operation.body[0] == "application/json":
            assert json.loads(request["body"]["raw"]) == body_example(DOCUMENT, operation)


def test_the_bodies_of_examples_are_taken_by_the_service(service: Service) -> None:
    key = service.key("reader", scopes=("runs:read", "runs:write", "admin"))
    collection: Any = panelsim("openapi", "--form", "postman").json
    items = {item["id"]: item["request"] for folder in collection["item"] for item in folder["item"]}
    body = json.loads(items["create_estimate"]["body"]["raw"]) | {"model": "scripted/sensible"}
    assert service.client.post("/v1/estimates", json=body, headers=key).status_code == 200
    body = json.loads(items["create_message_test"]["body"]["raw"]) | {"model": "scripted/sensible"}
    assert service.client.post("/v1/message-tests", json=body, headers=key).status_code == 202


# --- in a browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with faulty() as state:
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": REFERENCE.policy}
        state.answers.append((200, headers, REFERENCE.html.encode()))
        yield f"{state.url}/docs"


needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@needs_chromium
@pytest.mark.parametrize("width", [375, 1280])
def test_the_page_never_scrolls_sideways_and_its_policy_blocks_nothing(
    page: Page, address: str, width: int
) -> None:
    page.open(address, width, "light")
    assert page.value(f"document.documentElement.scrollWidth <= {width}") is True
    assert page.value("getComputedStyle(document.body).backgroundColor") == "rgb(251, 250, 247)"
    assert [one for one in page.complaints() if "favicon" not in one] == []
    assert {one.partition("/favicon")[0].removesuffix("/docs") for one in page.requested()} == {
        address.removesuffix("/docs")
    }


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_text_has_the_contrast_that_aa_asks_for(
    page: Page, address: str, scheme: Literal["light", "dark"]
) -> None:
    page.open(address, 1280, scheme)
    page.value("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.value(CONTRAST) == []
    assert page.value("document.querySelectorAll('h1').length") == 1
