"""Telemetry: free unless asked for, true in what it counts, and never a prompt, an answer or a key."""

import asyncio
import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from prometheus_client.parser import text_string_to_metric_families

from panelsim.errors import InputError, RefusedRequest, TransientError
from panelsim.model.call import Call, ChatCall, Completion, EmbeddingCall, Message, ModelRef, Usage
from panelsim.model.progress import Progress
from panelsim.telemetry import SILENT, Complete, Several, Telemetry, TelemetryOptions, open_telemetry
from panelsim.telemetry.logs import HIDDEN, LONGEST, Form, Level, Logs
from panelsim.telemetry.metrics import HOST, Metrics
from panelsim.telemetry.spans import RunIds, Spans, trace_id_of
from tests.app.commands import EMPTY, GOOD, ended, panelsim, start
from tests.app.fake_openai import KEY as SERVER_KEY
from tests.app.fake_openai import REFUSED, FakeOpenAI, fake_openai

PROMPT = "You are Ingrid Solberg, VP Sales at a software company of 220 people."
ANSWER = "That is my Monday morning, in one sentence."
KEY = "sk-planted-0123456789abcdef"
CALL = ChatCall(
    model=ModelRef(provider="openai", name="gpt-4o-mini"),
    messages=(Message(role="user", content=PROMPT),),
    purpose="monadic/relevance",
    lane="vp-01",
)
SAID = Completion(
    text=ANSWER,
    usage=Usage(prompt_tokens=100, cached_tokens=40, completion_tokens=7),
    cost_usd=0.002,
    reported_model="gpt-4o-mini-2024-07-18",
)


async def _answers(_call: Call) -> Completion:
    return SAID


def _fails(error: Exception) -> Complete:
    async def complete(_call: Call) -> Completion:
        raise error

    return complete


def _ask(telemetry: Telemetry, complete: Complete = _answers, call: Call = CALL) -> None:
    asyncio.run(_asked(telemetry.observe(complete), call))


async def _asked(complete: Complete, call: Call) -> Completion:
    return await complete(call)


# --- the null object


def test_without_telemetry_nothing_stands_in_the_path_of_a_call() -> None:
    assert SILENT.observe(_answers) is _answers
    with open_telemetry(TelemetryOptions()) as quiet:
        assert quiet.observe(_answers) is _answers


def test_without_telemetry_neither_library_is_imported() -> None:
    code = (
        "import sys\nfrom panelsim.telemetry import TelemetryOptions, open_telemetry\n"
        "with open_telemetry(TelemetryOptions()): print('prometheus_client' in sys.modules, "
        "any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("variable", ["PANELSIM_OTEL", "PANELSIM_METRICS_PORT"])
def test_a_missing_extra_is_told_with_what_to_install(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    options = TelemetryOptions(
        traces=variable == "PANELSIM_OTEL", metrics_port=0 if variable == "PANELSIM_METRICS_PORT" else None
    )
    with (
        pytest.raises(InputError, match=f"{variable} is set .* pip install 'panelsim\\[telemetry\\]'"),
        open_telemetry(options),
    ):
        pass


# --- logs


def _logs(
    level: Level = "debug", form: Form = "json", secrets: tuple[str, ...] = ()
) -> tuple[Logs, StringIO]:
    out = StringIO()
    return Logs(level, form, secrets, out), out


def _everything(logs: Telemetry, reason: str) -> None:
    """Tells all there is to tell."""
    with logs.run("run-1"), logs.part("run-1", 3):
        logs.session_began("s-1")
        _ask(logs)
        with pytest.raises(TransientError):
            _ask(logs, _fails(TransientError(reason)))
        logs.waiting(CALL, 1, 2.5, reason)
        logs.session_ended("s-1", reason)
        logs.throttled("openai", 12, reason)
        logs.leased("run-1", 5, 0)
        logs.leased("run-1", 5, 5)
        logs.taken_over("worker-7", 3)
        logs.committed(10, 4096, 0.01)
        logs.progressed("run-1", 3, Progress(done=1))
        logs.run_state("run-1", "partial")


def test_no_log_line_holds_a_prompt_an_answer_or_a_key() -> None:
    logs, out = _logs(secrets=("plain-secret-of-nobody",))
    _everything(logs, f"key {KEY} plain-secret-of-nobody said 400: {PROMPT} was refused")
    text = out.getvalue()
    assert len(text.splitlines()) == 10
    assert KEY not in text
    assert "plain-secret-of-nobody" not in text
    waited = next(line for line in text.splitlines() if '"waiting"' in line)
    assert PROMPT[:30] not in waited  # what a server quotes of the prompt is cut off
    assert ANSWER not in text


@pytest.mark.parametrize(
    "planted",
    [
        KEY,
        "Bearer abc.def-ghi",
        "api_key=zx81zx81",
        "Authorization: Basic-dXNlcg",
        "postgresql://user:hunter2@host/db",
        "AIzaSyD-1234567890abc",
        '"token": "t0ps3cret"',
    ],
)
def test_what_looks_like_a_key_is_hidden_wherever_it_stands(planted: str) -> None:
    logs, out = _logs()
    logs.throttled("openai", 1, f"refused {planted} at noon")
    line = out.getvalue()
    assert HIDDEN in line
    assert not re.search(r"planted-0|def-ghi|zx81|dXNlcg|hunter2|SyD-1|t0ps3", line)


@given(st.text(alphabet="abcdefXYZ0123456789", min_size=8, max_size=40), st.text(max_size=300))
def test_a_known_secret_is_in_no_line_whatever_stands_around_it(secret: str, around: str) -> None:
    logs, out = _logs(secrets=(secret,))
    logs.session_ended("s", f"{around}{secret}{around}")
    assert secret not in out.getvalue().partition('"reason"')[2]


def test_a_field_that_is_not_known_is_hidden_and_a_long_one_cut() -> None:
    logs, out = _logs()
    logs._log.info("x", prompt=PROMPT, reason="r" * 1000)
    line = json.loads(out.getvalue())
    assert line["prompt"] == HIDDEN
    assert len(line["reason"]) == LONGEST + 1


def test_a_log_line_says_run_part_session_and_call() -> None:
    logs, out = _logs("info")
    with logs.run("run-1"), logs.part("run-1", 3):
        logs.session_began("s-1")
        logs.waiting(CALL, 2, 1.25, "throttled")
    line = json.loads(out.getvalue())
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "event": "waiting",
        "run_id": "run-1",
        "part": 3,
        "session": "s-1",
        "call": CALL.key,
        "model": "openai/gpt-4o-mini",
        "purpose": "monadic/relevance",
        "attempt": 2,
        "seconds": 1.25,
        "reason": "throttled",
    }


@pytest.mark.parametrize(("level", "lines"), [("warning", 1), ("info", 6), ("debug", 10)])
def test_by_default_only_what_is_wrong_is_said(level: Level, lines: int) -> None:
    logs, out = _logs(level, "text")
    _everything(logs, "throttled")
    assert len(out.getvalue().splitlines()) == lines


def test_a_warning_is_in_plain_words_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with open_telemetry(TelemetryOptions()) as telemetry:
        telemetry.taken_over("worker-7", 3)
    told = capsys.readouterr()
    assert told.out == ""
    assert "warning: the parts of a worker that ended were taken over (holder=worker-7 parts=3)" in told.err


# --- metrics


def _samples(text: str) -> dict[tuple[str, str], float]:
    return {
        (one.name, ",".join(one.labels.values())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def _read(url: str) -> dict[tuple[str, str], float]:
    with urllib.request.urlopen(url, timeout=5) as reply:
        return _samples(reply.read().decode())


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Telemetry, str]]:
    with open_telemetry(TelemetryOptions(metrics_port=0)) as telemetry:
        assert isinstance(telemetry, Several)
        metrics = telemetry.listeners[-1]
        assert isinstance(metrics, Metrics)
        yield telemetry, metrics.address


def test_metrics_count_calls_tokens_cost_and_commits(served: tuple[Telemetry, str]) -> None:
    telemetry, url = served
    assert url.startswith(f"http://{HOST}:")
    for _ in range(3):
        _ask(telemetry)
    with pytest.raises(RefusedRequest):
        _ask(telemetry, _fails(RefusedRequest("no")))
    telemetry.committed(30, 4096, 0.004)
    telemetry.throttled("openai", 12, "429")
    found = _read(url)
    model = "openai/gpt-4o-mini"
    assert found["panelsim_calls_total", f"{model},answered"] == 3
    assert found["panelsim_calls_total", f"{model},refused"] == 1
    assert found["panelsim_calls_in_flight", model] == 0
    assert found["panelsim_call_seconds_count", model] == 4
    assert found["panelsim_tokens_total", f"prompt,{model}"] == 300
    assert found["panelsim_tokens_total", f"cached,{model}"] == 120
    assert found["panelsim_tokens_total", f"completion,{model}"] == 21
    assert found["panelsim_cost_usd_total", model] == pytest.approx(0.006)
    assert found["panelsim_commit_rows_sum", ""] == 30
    assert found["panelsim_commit_bytes_total", ""] == 4096
    assert found["panelsim_at_once", "openai"] == 12


def test_a_call_under_way_is_in_flight(served: tuple[Telemetry, str]) -> None:
    telemetry, url = served

    async def look(_call: Call) -> Completion:
        found = await asyncio.to_thread(_read, url)
        assert found["panelsim_calls_in_flight", "openai/gpt-4o-mini"] == 1
        return SAID

    _ask(telemetry, look)


def test_progress_is_counted_once_however_often_it_is_told(served: tuple[Telemetry, str]) -> None:
    telemetry, url = served
    for done in (1, 2, 2, 5):
        telemetry.progressed("r", 0, Progress(done=done, failed=1, cached=10 * done, answered=20 * done))
    telemetry.run_state("r", "partial")
    telemetry.progressed("r", 0, Progress(done=4, answered=4))  # resumed: it starts anew
    found = _read(url)
    assert found["panelsim_sessions_total", "done"] == 5 + 4
    assert found["panelsim_sessions_total", "failed"] == 1
    assert found["panelsim_calls_known_total", ""] == 50


def test_a_port_that_is_taken_is_told_in_one_sentence(served: tuple[Telemetry, str]) -> None:
    port = int(served[1].rpartition(":")[2].partition("/")[0])
    with (
        pytest.raises(InputError, match=r"metrics cannot be served on 127\.0\.0\.1:.*PANELSIM_METRICS_PORT"),
        open_telemetry(TelemetryOptions(metrics_port=port)),
    ):
        pass


# --- spans


@pytest.fixture
def drawn() -> tuple[Spans, InMemorySpanExporter]:
    provider, exporter = TracerProvider(id_generator=RunIds()), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return Spans(provider.get_tracer("t")), exporter


def _parent(span: ReadableSpan, spans: dict[str, ReadableSpan]) -> str:
    return next(
        (name for name, one in spans.items() if span.parent and one.context.span_id == span.parent.span_id),
        "",
    )


def test_spans_stand_as_run_part_session_and_call(drawn: tuple[Spans, InMemorySpanExporter]) -> None:
    spans, exporter = drawn
    with spans.run("run-1"), spans.part("run-1", 2):
        spans.session_began("s-1")
        _ask(spans)
        spans.session_ended("s-1", None)
    found = {span.name: span for span in exporter.get_finished_spans()}
    assert list(found) == ["chat gpt-4o-mini", "session", "part", "run"]  # as they ended
    assert [_parent(span, found) for span in found.values()] == ["session", "part", "run", ""]
    assert {span.context.trace_id for span in found.values()} == {trace_id_of("run-1")}


def test_two_processes_draw_one_run_in_one_trace(drawn: tuple[Spans, InMemorySpanExporter]) -> None:
    spans, exporter = drawn
    for part in (0, 1):
        with spans.part("run-1", part):
            pass
    assert {span.context.trace_id for span in exporter.get_finished_spans()} == {trace_id_of("run-1")}


def test_a_call_carries_the_names_of_the_gen_ai_conventions(
    drawn: tuple[Spans, InMemorySpanExporter],
) -> None:
    spans, exporter = drawn
    _ask(spans)
    _ask(spans, call=EmbeddingCall(model=ModelRef(provider="embedded", name="use-m3"), text="t"))
    chat, embedding = exporter.get_finished_spans()
    assert chat.attributes is not None
    assert embedding.attributes is not None
    known = {value for name, value in vars(gen_ai_attributes).items() if name.startswith("GEN_AI_")}
    assert {name for name in chat.attributes if name.startswith("gen_ai.")} <= known
    assert chat.attributes["gen_ai.usage.input_tokens"] == 100
    assert chat.attributes["gen_ai.usage.cache_read.input_tokens"] == 40
    assert chat.attributes["gen_ai.usage.output_tokens"] == 7
    assert chat.attributes["panelsim.cost_usd"] == 0.002
    assert chat.attributes["panelsim.purpose"] == "monadic/relevance"
    assert embedding.name == "embeddings use-m3"
    told = json.dumps([span.to_json() for span in (chat, embedding)])
    assert PROMPT not in told
    assert ANSWER not in told


def test_a_failed_attempt_says_its_kind_and_quotes_nothing(
    drawn: tuple[Spans, InMemorySpanExporter],
) -> None:
    spans, exporter = drawn
    with pytest.raises(TransientError):
        _ask(spans, _fails(TransientError(f"refused: {PROMPT}")))
    (span,) = exporter.get_finished_spans()
    assert span.attributes is not None
    assert span.attributes["error.type"] == "TransientError"
    assert span.attributes["panelsim.outcome"] == "transient"
    assert PROMPT not in span.to_json()


def test_a_session_that_a_stop_left_open_is_ended_with_its_run(
    drawn: tuple[Spans, InMemorySpanExporter],
) -> None:
    spans, exporter = drawn

    async def stopped() -> None:
        spans.session_began("s-1")

    with spans.run("run-1"):
        asyncio.run(stopped())
    assert [span.name for span in exporter.get_finished_spans()] == ["session", "run"]


def test_traces_go_to_the_exporter_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "console")
    with open_telemetry(TelemetryOptions(traces=True)) as telemetry:
        _ask(telemetry)
    assert "gen_ai.request.model" in capsys.readouterr().err
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "paper")
    with (
        pytest.raises(InputError, match="'paper', expected otlp, console or none"),
        open_telemetry(TelemetryOptions(traces=True)),
    ):
        pass


def test_telemetry_that_cannot_be_had_is_told_before_a_run_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PANELSIM_OTEL", "1")
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "paper")
    done = panelsim("test", "A", "B", "--model", "scripted/sensible", "--n", "2")
    assert done.code == 2
    assert "expected otlp, console or none" in done.sentence
    assert json.loads(panelsim("runs", "list", "--json").out) == []


def test_several_listeners_hear_all_that_is_told(drawn: tuple[Spans, InMemorySpanExporter]) -> None:
    spans, exporter = drawn
    logs, out = _logs()
    _everything(Several((logs, spans)), "throttled")
    assert len(out.getvalue().splitlines()) == 10
    assert {span.name for span in exporter.get_finished_spans()} == {
        "run",
        "part",
        "session",
        "chat gpt-4o-mini",
    }


def test_every_listener_is_told_everything_by_several() -> None:
    mine = {name for name in vars(Telemetry) if not name.startswith("_")}
    assert mine <= set(vars(Several))


# --- a whole run


@pytest.fixture
def slow_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOpenAI]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", SERVER_KEY)
    monkeypatch.setenv("PANELSIM_PRICES", "openai/m=1,1")
    with fake_openai(seconds=0.02) as server:
        yield server


def _arguments(server: FakeOpenAI, *headlines: str) -> tuple[str, ...]:
    model = ("--model", "openai/m", "--base-url", server.url, "--elicit", "direct", "--n", "4", "--json")
    return ("test", *headlines, *model)


def test_a_run_serves_its_metrics_while_it_is_under_way(slow_server: FakeOpenAI) -> None:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    process = start(
        *_arguments(slow_server, GOOD, EMPTY), PANELSIM_METRICS_PORT=str(port), PANELSIM_AT_ONCE="2"
    )
    found: dict[tuple[str, str], float] = {}
    in_flight = set()
    while process.poll() is None:
        with suppress(OSError):
            found |= _read(f"http://{HOST}:{port}/metrics")
            in_flight.add(found.get(("panelsim_calls_in_flight", "openai/m"), 0))
        time.sleep(0.02)
    done = ended(process)
    assert done.code == 0
    assert 0 < found["panelsim_calls_total", "openai/m,answered"] <= len(slow_server.bodies)
    assert 1 <= max(in_flight) <= 2
    assert found["panelsim_run_states_total", "running"] == 1
    assert found["panelsim_commit_rows_count", ""] >= 1
    assert found["panelsim_tokens_total", "prompt,openai/m"] >= 100


def test_a_run_is_drawn_as_one_tree_and_logged_without_a_word_of_it(slow_server: FakeOpenAI) -> None:
    done = ended(
        start(
            *_arguments(slow_server, GOOD, f"{REFUSED} {EMPTY}"),
            PANELSIM_OTEL="1",
            OTEL_TRACES_EXPORTER="console",
            PANELSIM_LOG="debug",
            PANELSIM_LOG_FORMAT="json",
        )
    )
    assert done.code == 5  # the sessions with the word that the server refuses
    lines = [json.loads(line) for line in done.err.splitlines() if line.startswith('{"')]
    told = Counter(str(line["event"]) for line in lines)
    assert told["run state changed"] == 2
    assert told["call ended"] == len(slow_server.bodies)
    assert told["session failed"] == done.json["sessions_failed"]
    assert {line["run_id"] for line in lines if line["event"] == "session failed"} == {done.json["run_id"]}
    assert SERVER_KEY not in done.err
    assert GOOD not in done.err.partition("Expected:")[2]
    names = Counter(re.findall(r'^    "name": "([^"]+)"', done.err, re.MULTILINE))
    assert names["run"] == names["part"] == 1
    assert names["session"] == done.json["sessions"]
    assert names["chat m"] == len(slow_server.bodies)
    assert len(set(re.findall(r'"trace_id": "(0x[0-9a-f]+)"', done.err))) == 1
