"""Bad requests: one clear sentence each, in the one form, and nothing kept."""

import json

import pytest

from panelsim.api.problems import KINDS, MEDIA_TYPE
from panelsim.errors import StoreError
from tests.api.conftest import TEST, Service


@pytest.mark.parametrize(
    ("change", "param", "says"),
    [
        ({"variants": ["only one"]}, "body.variants", "at least 2"),
        ({"variants": ["a", " "]}, "body.variants.1", "empty"),
        ({"variants": ["a", "b\x00c"]}, "body.variants.1", "control characters"),
        ({"n": 1}, "body.n", "greater than or equal to 2"),
        ({"n": "many"}, "body.n", "integer"),
        ({"unknown": 1}, "body.unknown", "unknown field"),
        ({"max_cost_usd": -1}, "body.max_cost_usd", "greater"),
        ({"metadata": {str(n): "x" for n in range(17)}}, "body.metadata", "16"),
        ({"decision_rule": {"alpha": 2}}, "body.decision_rule.alpha", "less than 1"),
    ],
)
def test_a_field_that_is_wrong_is_named(
    service: Service, change: dict[str, object], param: str, says: str
) -> None:
    refused = service.client.post("/v1/message-tests", json=TEST | change, headers=service.key())
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "invalid_request")
    assert any(one["param"].startswith(param) and says in one["message"] for one in problem["errors"]), (
        problem
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"panel": "sales-tri"}, "did you mean 'sales-trio'"),
        ({"panel": "/etc/passwd"}, "no panel is called"),
        ({"panel": "../secret.yaml"}, "no panel is called"),
        ({"panel": "persona:../x.yaml"}, "no persona is called"),
        ({"model": "embedded:/etc/passwd"}, "not in the catalogue"),
        ({"model": "scripted/none"}, "scripted"),
        ({"model": "nobody/x"}, "provider 'nobody' is not one of"),
        ({"model": "openai/gpt-4o-mini", "elicit": "direct"}, "needs a key"),
        ({"measures": ["relevanc"]}, "relevanc"),
        ({"variants": [{"id": "a", "text": "x"}, {"id": "a", "text": "y"}]}, "twice"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(
    service: Service, change: dict[str, object], says: str
) -> None:
    headers = service.key()
    refused = service.client.post("/v1/message-tests", json=TEST | change, headers=headers)
    assert refused.status_code == 422
    assert says in refused.json()["detail"]
    assert service.client.get("/v1/runs", headers=headers).json()["data"] == []


def test_a_caller_cannot_choose_the_server_that_is_asked(service: Service) -> None:
    refused = service.client.post(
        "/v1/message-tests", json=TEST | {"base_url": "http://169.254.169.254/"}, headers=service.key()
    )
    assert refused.json()["param"] == "body.base_url"


def test_every_refusal_has_the_same_form(service: Service) -> None:
    headers = service.key()
    made = [
        service.client.get("/v1/none", headers=headers),
        service.client.put("/v1/runs", headers=headers),
        service.client.get("/v1/runs"),
        service.client.get("/v1/runs/x", headers=headers),
        service.client.post(
            "/v1/message-tests", content=b"{", headers=headers | {"content-type": "application/json"}
        ),
        service.client.post(
            "/v1/message-tests", content=b"\xff", headers=headers | {"content-type": "application/json"}
        ),
        service.client.post("/v1/message-tests", json=[], headers=headers),
    ]
    for refused in made:
        problem = refused.json()
        assert refused.headers["content-type"] == MEDIA_TYPE
        kind = KINDS[problem["code"]]
        assert (problem["status"], problem["title"], problem["retryable"]) == (
            refused.status_code,
            kind.title,
            kind.retryable,
        )
        assert kind.status == refused.status_code
        assert problem["request_id"] == refused.headers["x-request-id"]
        assert problem["type"] == f"urn:panelsim:problem:{problem['code']}"


def test_a_body_that_is_too_large_is_refused_before_it_is_read(service: Service) -> None:
    headers = service.key() | {"content-type": "application/json"}
    large = json.dumps(TEST | {"title": "x" * 2_000_000}).encode()
    refused = service.client.post("/v1/message-tests", content=large, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
    unsized = service.client.post(
        "/v1/message-tests",
        content=(large[at : at + 65536] for at in range(0, len(large), 65536)),
        headers=headers,
    )
    assert unsized.status_code == 413


def test_a_request_keeps_the_id_that_its_caller_gave(service: Service) -> None:
    assert (
        service.client.get("/healthz", headers={"X-Request-Id": "abc-1"}).headers["x-request-id"] == "abc-1"
    )
    strange = service.client.get("/healthz", headers={"X-Request-Id": "a b\tc"}).headers["x-request-id"]
    assert strange.startswith("req_")


def test_every_answer_carries_the_headers_that_keep_browsers_safe(service: Service) -> None:
    headers = service.key()
    for path in ("/healthz", "/v1/runs", "/v1/none", "/openapi.json"):
        found = service.client.get(path, headers=headers).headers
        assert found["x-content-type-options"] == "nosniff"
        assert found["x-frame-options"] == "DENY"
        assert "default-src 'none'" in found["content-security-policy"]
        assert "server" not in found


def test_markup_in_any_text_is_shown_as_text(service: Service) -> None:
    headers = service.key()
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)> {{7*7}} {% raw %}"
    wanted = TEST | {
        "title": evil,
        "variants": [evil, "Plain words"],
        "meaning": evil,
        "channel": "x <b>y</b>",
    }
    made = service.client.post("/v1/message-tests", json=wanted, headers=headers)
    assert made.status_code == 202, made.text
    run = made.json()["id"]
    service.drive(run)
    page = service.client.get(f"/v1/runs/{run}/report?format=html", headers=headers)
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "{{7*7}}" in page.text  # not 49: a text is never a template
    assert "sandbox" in page.headers["content-security-policy"]
    assert "script-src 'none'" in page.headers["content-security-policy"]


def test_a_fault_of_ours_is_told_without_its_reason_and_logged_without_keys(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "sk-verysecretkeyofaprovider1234567890"

    def fail(*_: object) -> None:
        raise RuntimeError(f"tried {secret}")

    monkeypatch.setattr("panelsim.api.routes.runs.look", fail)
    found = service.client.get("/v1/runs/x", headers=service.key())
    assert (found.status_code, found.json()["code"]) == (500, "internal")
    assert found.headers["x-request-id"] in caplog.text
    assert "RuntimeError: tried [hidden]" in caplog.text
    assert secret not in caplog.text + found.text


def test_metrics_are_for_admins_and_name_routes_not_ids(service: Service) -> None:
    reader, admin = service.key(), service.key(scopes=("admin",))
    assert service.client.get("/metrics", headers=reader).status_code == 403
    service.client.get("/v1/runs/some-id", headers=reader)
    text = service.client.get("/metrics", headers=admin)
    assert text.status_code == 200
    assert "some-id" not in text.text


def test_a_failing_store_is_told_without_its_reason_which_the_log_has(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise StoreError("the store /var/lib/x failed: disk on fire, password=hunter2")

    monkeypatch.setattr("panelsim.api.routes.runs.look", fail)
    found = service.client.get("/v1/runs/x", headers=service.key())
    assert (found.status_code, found.json()["code"]) == (500, "internal")
    assert "disk on fire" not in found.text
    assert "disk on fire" in caplog.text
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("exchange", [2**31, 2**63, 10**30])
def test_a_number_that_no_store_can_hold_is_a_wrong_field(service: Service, exchange: int) -> None:
    refused = service.client.get(f"/v1/conversations/x?exchange={exchange}", headers=service.key())
    assert (refused.status_code, refused.json()["param"]) == (422, "query.exchange")


def test_a_year_before_1000_is_a_day_like_any_other(service: Service) -> None:
    found = service.client.get("/v1/usage?since=0900-01-01", headers=service.key())
    assert found.json()["since"] == "0900-01-01"


def test_a_monitor_may_ask_for_no_body(service: Service) -> None:
    for path in ("/healthz", "/readyz"):
        found = service.client.head(path)
        assert (found.status_code, found.content) == (200, b"")
        assert found.headers["x-content-type-options"] == "nosniff"
