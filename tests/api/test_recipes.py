"""The recipes: every block is what it says, and what talks to the service does so with a real one."""

import ast
import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from panelsim.client import Client
from tests.api.conftest import HEADLINES, MODEL, Served
from tests.api.faulty import Faulty, faulty
from tests.api.recipes import FOLDER, Block, block, blocks, blocks_of

ROOT = FOLDER.parents[1]
EXPRESSION = re.compile(r"\{\{\s*(.*?)\s*\}\}")


@pytest.fixture
def other() -> Iterator[Faulty]:
    """Stands where the other tool is."""
    with faulty() as state:
        state.add(200, {})
        yield state


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    with Client(served.key, served.url) as opened:
        yield opened


def test_every_recipe_is_in_the_list_and_has_blocks() -> None:
    told = (FOLDER / "README.md").read_text("utf-8")
    pages = {path.stem for path in FOLDER.glob("*.md")} - {"README"}
    assert {one.page for one in blocks() if one.name} == pages
    assert set(re.findall(r"\]\((\S+)\.md\)", told)) == pages


@pytest.mark.parametrize(
    "one", [one for one in blocks() if one.name], ids=lambda one: f"{one.page}:{one.name}"
)
def test_every_block_is_what_it_says(one: Block) -> None:
    match one.language:
        case "json":
            assert isinstance(json.loads(one.text), dict)
        case "yaml":
            assert isinstance(yaml.safe_load(one.text), dict)
        case "python":
            compile(one.text, one.name, "exec", ast.PyCF_ONLY_AST)
        case language:
            raise AssertionError(f"nobody reads blocks of {language}")


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with its double braces filled; each must be known."""
    return EXPRESSION.sub(lambda found: values[found[1]], template.removeprefix("="))


def told(other: Faulty, about: str = "") -> Any:  # noqa: ANN401 (any JSON)
    """What the other tool was sent about something, once it was; runs of other tests may be told of too."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = [one for one in other.asked if about.encode() in one.body]
        if found:
            assert len(found) == 1 or not about
            return found[-1]
        time.sleep(0.05)
    raise AssertionError(f"nothing about {about!r} came: {other.asked}")


def test_n8n_starts_a_test_is_woken_and_reads_the_verdict(served: Served, other: Faulty) -> None:
    nodes = {node["name"]: node["parameters"] for node in json.loads(block("n8n", "workflow.json"))["nodes"]}
    headlines = json.loads(nodes["Headlines"]["jsonOutput"])
    start = nodes["Start the test"]
    values = {
        "$env.PANELSIM_API_URL": served.url,
        "$execution.id": "17",
        "JSON.stringify([$json.a, $json.b])": json.dumps([headlines["a"], headlines["b"]]),
        "JSON.stringify($execution.resumeUrl)": json.dumps(f"{other.url}/webhook-waiting/17"),
        "JSON.stringify($execution.id)": '"17"',
    }
    headers = {"Authorization": f"Bearer {served.key}"}
    (key,) = start["headerParameters"]["parameters"]
    body = json.loads(filled(start["jsonBody"], values)) | {"model": MODEL, "n": 4}
    made = httpx.request(
        start["method"],
        filled(start["url"], values),
        json=body,
        headers=headers | {key["name"]: filled(key["value"], values)},
    )
    assert made.status_code == 202
    asked = told(other)
    assert (asked.method, asked.path) == (nodes["Wait for the end"]["httpMethod"], "/webhook-waiting/17")
    values["$('Start the test').item.json.id"] = made.json()["id"]
    summary = httpx.get(filled(nodes["Summary"]["url"], values), headers=headers)
    assert summary.status_code == 200
    (condition,) = nodes["A clear lead?"]["conditions"]["conditions"]
    (field,) = re.findall(r"=\{\{ \$json\.(\w+) \}\}", condition["leftValue"])
    assert isinstance(summary.json()[field], str)
    assert asked.json["data"]["summary"]["verdict"] == summary.json()["verdict"]


def test_every_node_of_n8n_is_reached() -> None:
    workflow = json.loads(block("n8n", "workflow.json"))
    names = {node["name"] for node in workflow["nodes"]}
    reached = {to["node"] for one in workflow["connections"].values() for way in one["main"] for to in way}
    assert names - reached == {"Start"}
    assert reached <= names


def test_zapier_finds_every_field_that_it_is_shown(served: Served, other: Faulty) -> None:
    values = {"headline_a": HEADLINES[0], "headline_b": HEADLINES[1], "row_id": "17"}
    body = json.loads(filled(block("zapier", "data.json"), values))
    headers = json.loads(filled(block("zapier", "headers.json"), values))
    made = httpx.post(
        f"{served.url}/v1/message-tests",
        json=body | {"callback_url": f"{other.url}/hooks/catch", "model": MODEL, "n": 4},
        headers=headers | {"Authorization": f"Bearer {served.key}"},
    )
    assert made.status_code == 202
    shown = json.loads(block("zapier", "webhook.json"))
    message = told(other).json
    assert _missing(shown, message) == []
    assert message["data"]["run"]["metadata"] == {"row": "17"}


def _missing(shown: object, message: object, place: str = "") -> list[str]:
    """Where a message lacks what is shown, or holds something of another kind."""
    if isinstance(shown, dict):
        if not isinstance(message, dict):
            return [place]
        return [
            one
            for name, inner in shown.items()
            for one in (
                [f"{place}.{name}"]
                if name not in message
                else _missing(inner, message[name], f"{place}.{name}")
            )
        ]
    numbers = (int, float, type(None))
    return [] if isinstance(message, numbers if isinstance(shown, float) else type(shown)) else [place]


# --- GitHub


Run = Callable[..., str]


@pytest.fixture
def run_github(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the script as the job does; what it writes."""
    script, headlines = ".github/headline_test.py", "marketing/headlines.yml"
    (tmp_path / headlines).parent.mkdir()
    (tmp_path / headlines).write_text(block("github-action", headlines), "utf-8")
    program = compile(block("github-action", script), script, "exec")

    def run(**environment: str) -> str:
        values = {
            "PANELSIM_API_URL": served.url,
            "PANELSIM_API_KEY": served.key,
            "MODEL": MODEL,
            "MAX_COST_USD": "1.00",
            "OCCASION": "acme/site-7-abc",
        }
        for name, value in (values | environment).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", [script, headlines, "comment.md"])
        monkeypatch.chdir(tmp_path)
        exec(program, {"__name__": "__main__"})
        return Path("comment.md").read_text("utf-8")

    return run


def test_github_comments_a_verdict_and_the_same_commit_starts_nothing_new(
    client: Client, run_github: Run
) -> None:
    first = run_github()
    assert first.startswith("<!-- panelsim -->\n### Headline test")
    (run_id,) = re.findall(r"Run (\S+),", first)
    summary = client.runs.summary(run_id)
    assert f"**{summary.verdict.replace('_', ' ')}**" in first
    assert "Simulated, not people" in first
    assert run_github() == first


def test_github_tells_why_nothing_was_tested(served: Served, run_github: Run) -> None:
    assert "no access to the key" in run_github(PANELSIM_API_KEY="")
    assert "unauthorized" in run_github(PANELSIM_API_KEY="psk_wrong").replace("\\", "")
    poor = {"PANELSIM_API_KEY": served.key_without_money, "OCCASION": "another"}
    assert "budget for headline tests is spent" in run_github(**poor)
    assert "Not tested: it could cost" in run_github(**poor, MAX_COST_USD="0.0001")


def test_github_runs_what_the_page_shows_with_few_rights() -> None:
    text = block("github-action", ".github/workflows/headline-test.yml")
    workflow = yaml.safe_load(text)
    (trigger,) = (
        value for key, value in workflow.items() if key in ("on", True)
    )  # YAML 1.1 reads on as true
    assert trigger == {"pull_request": {"paths": ["marketing/headlines.yml"]}}
    assert workflow["permissions"] == {"contents": "read", "pull-requests": "write"}
    steps = workflow["jobs"]["headline-test"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    assert "python .github/headline_test.py marketing/headlines.yml comment.md" in commands
    # what somebody may write in a pull request must never be put into a command
    assert not any("${{" in command for command in commands)


# --- the manual


@pytest.mark.parametrize("page", ["README.md", "docs/client.md"])
def test_the_examples_of_the_manual_work(
    page: str, served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PANELSIM_API_KEY", served.key)
    monkeypatch.setenv("PANELSIM_API_URL", served.url)
    programs = [one.text for one in blocks_of(ROOT / page) if one.language == "python"]
    for program in programs:
        small = program.replace("n=24", f'n=4, model="{MODEL}"')
        exec(compile(small, page, "exec"), {})
    assert re.search(r"variant|ahead|No difference|headline", capsys.readouterr().out)


# --- relays


@contextmanager
def relaying(folder: Path, page: str, name: str, port: int, **environment: str) -> Iterator[str]:
    """A relay of a recipe in its own process."""
    place = folder / name
    place.write_text(block(page, name), "utf-8")
    with (folder / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, str(place)],
            env=os.environ | environment | {"PORT": str(port), "HOST": "127.0.0.1"},
            stdout=log,
            stderr=log,
        )
    try:
        for _ in range(600):
            assert process.poll() is None, (folder / f"{name}.log").read_text()
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def test_slack_is_sent_blocks_for_a_signed_webhook_and_nothing_for_another(
    served: Served, client: Client, other: Faulty, tmp_path: Path, port: int
) -> None:
    made = client.webhooks.create(url=f"http://127.0.0.1:{port}/")
    secrets = {"PANELSIM_WEBHOOK_SECRET": made.secret, "SLACK_WEBHOOK_URL": f"{other.url}/services/x"}
    with relaying(
        tmp_path, "slack", "slack_relay.py", port, PANELSIM_PUBLIC_URL=served.url, **secrets
    ) as url:
        assert httpx.post(url, content=b'{"type": "run.ended"}').status_code == 401
        assert other.asked == []
        run = client.message_tests.create(variants=HEADLINES, model=MODEL, n=4, title="<Spring> & @here")
        sent = told(other, "Spring").json
        client.webhooks.delete(made)
    header, section, context = sent["blocks"]
    assert header["text"]["text"] == "<Spring> & @here"
    assert sent["text"] == "panelsim: &lt;Spring&gt; &amp; @here"
    assert f"<{served.url}/v1/runs/{run.id}/report?format=html|Report>" in section["text"]["text"]
    assert "Simulated, not people" in context["elements"][0]["text"]


def test_the_webhook_of_the_slack_recipe_is_made(
    client: Client, served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PANELSIM_API_KEY", served.key)
    monkeypatch.setenv("PANELSIM_API_URL", served.url)
    text = block("slack", "make_webhook.py").replace("https://relay.example.com/", "http://127.0.0.1:8444/")
    exec(compile(text, "make_webhook.py", "exec"), {})
    made, secret = capsys.readouterr().out.split()
    assert secret.startswith("whsec_")
    client.webhooks.delete(made)


def test_hubspot_is_blocked_and_then_completed(
    served: Served, client: Client, other: Faulty, tmp_path: Path, port: int
) -> None:
    action = block("hubspot", "action.json").encode()
    environment = {
        "RELAY_URL": f"http://127.0.0.1:{port}",
        "HUBSPOT_CLIENT_SECRET": "app-secret",
        "HUBSPOT_TOKEN": "pat-x",
        "HUBSPOT_API": other.url,
        "PANELSIM_API_KEY": served.key,
        "PANELSIM_API_URL": served.url,
        "MODEL": MODEL,
    }
    with relaying(tmp_path, "hubspot", "hubspot_relay.py", port, **environment) as url:
        assert httpx.post(f"{url}/hubspot", content=action).status_code == 401
        signed = hashlib.sha256(b"app-secretPOST" + f"{url}/hubspot".encode() + action).hexdigest()
        answers = [
            httpx.post(f"{url}/hubspot", content=action, headers={"X-HubSpot-Signature": signed}, timeout=60)
            for _ in range(2)
        ]
        assert [one.json()["outputFields"]["hs_execution_state"] for one in answers] == ["BLOCK", "BLOCK"]
        asked = told(other)
        assert httpx.post(f"{url}/panelsim", content=b"{}").status_code == 401
    started = [run for run in client.runs.list() if "callback" in run.metadata]
    assert len(started) == 1
    callback = json.loads(action)["callbackId"]
    assert asked.path == f"/automation/v4/actions/callbacks/{callback}/complete"
    assert asked.headers["authorization"] == "Bearer pat-x"
    outputs = asked.json["outputFields"]
    assert outputs.pop("hs_execution_state") == "SUCCESS"
    fields = {
        one["typeDefinition"]["name"]: one["typeDefinition"]
        for one in json.loads(block("hubspot", "definition.json"))["outputFields"]
    }
    assert set(outputs) <= set(fields)
    assert outputs["verdict"] in {one["value"] for one in fields["verdict"]["options"]}
    assert outputs["run_id"] == started[0].id


def test_hubspot_labels_name_every_field() -> None:
    definition = json.loads(block("hubspot", "definition.json"))
    labels = definition["labels"]["en"]
    for kind in ("input", "output"):
        names = {one["typeDefinition"]["name"] for one in definition[f"{kind}Fields"]}
        assert set(labels[f"{kind}FieldLabels"]) == names
