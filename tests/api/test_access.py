"""Who may do what: keys, scopes, accounts, limits, caps."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from panelsim.api.caller import KNOWN_FOR_S
from panelsim.api.context import ApiOptions
from panelsim.api.server import ServerOptions, check
from panelsim.errors import InputError
from panelsim.providers.prices import PICO
from panelsim.service.api_keys import create_key, revoke_key
from panelsim.service.run import execute, job_of
from panelsim.service.workspace import Workspace
from panelsim.store import RunRequest
from tests.api.conftest import TEST, Service

READS = [
    ("GET", "/v1/runs/{run}"),
    ("GET", "/v1/runs/{run}/summary"),
    ("GET", "/v1/runs/{run}/report"),
    ("GET", "/v1/runs/{run}/estimate"),
    ("POST", "/v1/runs/{run}/cancel"),
    ("POST", "/v1/runs/{run}/pause"),
    ("POST", "/v1/runs/{run}/resume"),
]


def test_a_request_without_a_key_is_refused_with_the_way_to_send_one(service: Service) -> None:
    for path in ("/v1/runs", "/v1/runs/x", "/v1/runs/x/report"):
        refused = service.client.get(path)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == "Bearer"
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["code"] == "unauthorized"


@pytest.mark.parametrize("given", ["Bearer", "Bearer x", "Basic abc", "Bearer psk_" + "a" * 54, "psk_abc"])
def test_a_key_that_is_none_is_refused(service: Service, given: str) -> None:
    assert service.client.get("/v1/runs", headers={"Authorization": given}).status_code == 401


def test_a_revoked_key_ends_within_seconds(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    key, secret = create_key(service.api.workspace.store, "x")
    headers = {"Authorization": f"Bearer {secret}"}
    assert service.client.get("/v1/runs", headers=headers).status_code == 200
    revoke_key(service.api.workspace.store, key.id)
    import time

    now = time.monotonic()
    monkeypatch.setattr("panelsim.api.caller.time.monotonic", lambda: now + KNOWN_FOR_S + 0.1)
    assert service.client.get("/v1/runs", headers=headers).status_code == 401
    with pytest.raises(InputError, match="no key"):
        revoke_key(service.api.workspace.store, key.id)


def test_the_secret_of_a_key_is_not_kept(workspace: Workspace, tmp_path: Path) -> None:
    _, secret = create_key(workspace.store, "x")
    workspace.store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("store.sqlite3*"))
    assert secret[:14].encode() in kept  # the prefix, to tell keys apart
    assert secret[15:].encode() not in kept


def test_a_scope_allows_what_it_names_and_nothing_else(service: Service) -> None:
    reader = service.key(scopes=("runs:read",))
    writer = service.key(scopes=("runs:write",))
    refused = service.client.post("/v1/message-tests", json=TEST, headers=reader)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert "runs:write" in refused.json()["detail"]
    assert service.client.get("/v1/runs", headers=reader).status_code == 200
    assert service.client.get("/v1/runs", headers=writer).status_code == 403
    assert service.client.post("/v1/message-tests", json=TEST, headers=writer).status_code == 202


def test_nothing_of_another_account_can_be_told_from_what_is_not_there(service: Service) -> None:
    mine, other = service.key(), service.key()
    run = service.client.post("/v1/message-tests", json=TEST, headers=mine).json()["id"]
    service.drive(run)
    for method, path in READS:
        theirs = service.client.request(method, path.format(run=run), headers=other)
        nobodys = service.client.request(method, path.format(run="20260101-000000-none"), headers=other)
        assert theirs.status_code == nobodys.status_code == 404
        assert _bare(theirs.json(), run) == _bare(nobodys.json(), "20260101-000000-none")
        assert service.client.request(method, path.format(run=run), headers=mine).status_code != 401
    assert service.client.get("/v1/runs", headers=other).json()["data"] == []
    assert [one["id"] for one in service.client.get("/v1/runs", headers=mine).json()["data"]] == [run]


def test_who_asks_what_another_account_asked_is_not_spared_it_and_cannot_notice(service: Service) -> None:
    mine, other = service.key(), service.key()

    def made(headers: dict[str, str]) -> tuple[int, list[str]]:
        workspace = service.api.workspace
        run = workspace.store.run(
            service.client.post("/v1/message-tests", json=TEST, headers=headers).json()["id"]
        )
        done = execute(job_of(run, workspace), run, workspace)
        return done.made, [respondent.id for respondent in run.panel.respondents]

    first, panel = made(mine)
    assert first > 0
    assert made(mine) == (0, panel)  # one's own answers are found again
    assert made(other) == (first, panel)  # the same people, asked anew


def test_keys_of_one_account_share_its_runs(service: Service) -> None:
    store = service.api.workspace.store
    key, secret = create_key(store, "old")
    _, newer = create_key(store, "new", account=key.account)
    run = service.client.post(
        "/v1/message-tests", json=TEST, headers={"Authorization": f"Bearer {secret}"}
    ).json()["id"]
    found = service.client.get(f"/v1/runs/{run}", headers={"Authorization": f"Bearer {newer}"})
    assert found.json()["id"] == run


def test_one_key_has_so_many_requests_a_minute_and_is_told_when_to_come_back(service: Service) -> None:
    headers, other = service.key(rpm=3), service.key(rpm=3)
    answers = [service.client.get("/v1/runs", headers=headers) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"minute";q=3;w=60'
    assert re.fullmatch(r'"minute";r=2;t=\d+', answers[0].headers["ratelimit"])
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60
    assert answers[3].json()["retryable"] is True
    assert service.client.get("/v1/runs", headers=other).status_code == 200


def test_without_keys_only_if_the_service_was_started_so(
    make_service: Callable[[ApiOptions], Service],
) -> None:
    opened = make_service(ApiOptions(is_open=True))
    assert opened.client.get("/v1/runs").status_code == 200
    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        refused = opened.client.get("/v1/runs", headers=headers)  # a page that a browser here was lured to
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert opened.client.get("/v1/runs", headers={"Host": "localhost:8000"}).status_code == 200
    # a key that is given is checked all the same
    assert opened.client.get("/v1/runs", headers={"Authorization": "Bearer psk_x"}).status_code == 401


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (ServerOptions(host="0.0.0.0", api=ApiOptions(is_open=True)), "only listens on loopback"),
        (ServerOptions(), "no API key yet"),
        (ServerOptions(workers=2, api=ApiOptions(is_open=True)), "one worker drives"),
    ],
)
def test_a_server_is_refused_that_would_let_in_whom_nobody_asked_or_cannot_work(
    workspace: Workspace, options: ServerOptions, says: str
) -> None:
    with pytest.raises(InputError, match=says):
        check(options, workspace)
    create_key(workspace.store, "x")
    check(ServerOptions(), workspace)


def test_what_an_account_may_spend_in_a_month_is_set_aside_before_a_run_is_kept(workspace: Workspace) -> None:
    store = workspace.store
    for number, is_within in ((1, True), (2, True), (3, False)):
        request = RunRequest(run_id=f"r{number}", account="a", reserved=2 * PICO)
        if is_within:
            store.save_request(request, 5 * PICO)
            _keep_run(workspace, f"r{number}", "a")
        else:
            with pytest.raises(
                Exception, match=r"cap of \$5.00 could be passed: \$4.0000 are spent or set aside"
            ):
                store.save_request(request, 5 * PICO)
    store.set_state("r1", "done")  # it spent nothing, so what was set aside for it is free again
    store.save_request(RunRequest(run_id="r3", account="a", reserved=2 * PICO), 5 * PICO)
    assert store.request_of("r3") is not None
    store.save_request(RunRequest(run_id="r9", account="b", reserved=5 * PICO), 5 * PICO)


def test_a_run_that_the_cap_does_not_allow_is_refused_and_leaves_nothing(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panelsim.service.starting.is_paid", lambda *_: True)
    headers = service.key(cap=1 * PICO)
    refused = service.client.post("/v1/message-tests", json=TEST | {"max_cost_usd": 1.5}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (402, "spend_cap_reached")
    assert service.client.get("/v1/runs", headers=headers).json()["data"] == []
    allowed = service.client.post("/v1/message-tests", json=TEST | {"max_cost_usd": 0.5}, headers=headers)
    assert allowed.status_code == 202


def _keep_run(workspace: Workspace, run_id: str, account: str) -> None:
    from panelsim.service.prepare import prepare
    from panelsim.service.run import new_run
    from tests.app.small import STUDY

    new_run(prepare(STUDY, workspace), workspace, account=account, run_id=run_id)


def _bare(problem: dict[str, object], run_id: str) -> dict[str, object]:
    kept = {key: value for key, value in problem.items() if key != "request_id"}
    return {
        key: value.replace(run_id, "ID") if isinstance(value, str) else value for key, value in kept.items()
    }


def test_a_span_of_a_request_holds_its_route_and_nothing_that_its_caller_wrote(workspace: Workspace) -> None:
    from fastapi.testclient import TestClient
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from panelsim.api.app import create_app
    from panelsim.api.context import Api
    from panelsim.service.pool import open_queue
    from panelsim.telemetry.exporting import WithoutQueries

    seen, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(WithoutQueries())
    provider.add_span_processor(SimpleSpanProcessor(seen))
    tracing = {"tracer_provider": provider, "metrics": False, "logs": False, "operation_spans": False}
    _, secret = create_key(workspace.store, "x")
    with open_queue(workspace) as queue:
        app = create_app(Api(workspace, queue, ApiOptions()), tracing)  # type: ignore[arg-type]
        client = TestClient(app, base_url="http://127.0.0.1")
        headers = {"Authorization": f"Bearer {secret}", "X-Secret": "planted-header"}
        client.post(
            "/v1/message-tests?q=planted-query", json=TEST | {"title": "planted-body"}, headers=headers
        )
    told = "".join(span.to_json() for span in seen.get_finished_spans())
    assert "/v1/message-tests" in told
    assert "planted" not in told
    assert secret not in told
