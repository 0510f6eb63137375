"""What was spent, by day, run, model and account, and how far the estimates before were off."""

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from panelsim.cli.studies import headline_test
from panelsim.cli.usage import error_sentence
from panelsim.errors import StoreError
from panelsim.model.study import MessageTest
from panelsim.providers.prices import Price
from panelsim.service import estimate as estimating
from panelsim.service import usage
from panelsim.service.estimate import CostEstimate, estimate_job, estimate_prepared, estimate_study
from panelsim.service.prepare import prepare
from panelsim.service.usage import Course, RunningError
from panelsim.service.workspace import open_workspace
from panelsim.store import Spending
from tests.app.commands import EMPTY, GOOD, Ended, panelsim
from tests.app.fake_openai import KEY, FakeOpenAI, fake_openai

MODEL = "openai/m"
ROWS = (
    Spending("2026-11-22", "local", "openai/a", "run-1", 10, 10**12, 0),
    Spending("2026-11-22", "local", "openai/b", "run-1", 5, 3 * 10**12, 0),
    Spending("2026-11-23", "key-7", "openai/a", "run-2", 20, 2 * 10**12, 5 * 10**11),
    Spending("2026-11-23", "key-7", "", "run-2", 0, 0, 10**11),
)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("PANELSIM_PRICES", f"{MODEL}=10,100")


@pytest.fixture
def server() -> Iterator[FakeOpenAI]:
    with fake_openai() as running:
        yield running


def _test(server: FakeOpenAI, *more: str) -> Ended:
    asked = ("--model", MODEL, "--base-url", server.url, "--elicit", "direct", "--n", "2", "--json")
    return panelsim("test", GOOD, EMPTY, *asked, *more)


def _number(value: JsonValue) -> float:
    assert isinstance(value, int | float)
    return value


# --- spending


def test_spending_is_summed_by_what_is_asked_for() -> None:
    days = usage.spends_by("day", ROWS)
    assert [one[:3] for one in days] == [("2026-11-23", 20, 2.0), ("2026-11-22", 15, 4.0)]
    assert days[0].unsettled_usd == pytest.approx(0.6)  # .5 + .1
    models = usage.spends_by("model", ROWS)  # dearest first
    assert [(one.name, one.cost_usd) for one in models] == [
        ("openai/a", 3.0),
        ("openai/b", 3.0),
        (usage.NO_MODEL, 0.0),
    ]
    assert [one.name for one in usage.spends_by("account", ROWS)] == ["local", "key-7"]


@given(
    st.lists(
        st.builds(
            Spending,
            st.sampled_from(["2026-01-01", "2026-01-02"]),
            st.sampled_from(["local", "key"]),
            st.sampled_from(["a/b", ""]),
            st.sampled_from(["r1", "r2", "r3"]),
            st.integers(0, 10**6),
            st.integers(0, 10**15),
            st.integers(0, 10**12),
        )
    )
)
def test_nothing_is_lost_or_counted_twice_in_any_sum(rows: list[Spending]) -> None:
    bys: tuple[usage.By, ...] = ("day", "run", "model", "account")
    for by in bys:
        sums = usage.spends_by(by, rows)
        assert sum(one.calls for one in sums) == sum(row.calls for row in rows)
        assert sum(one.cost_usd for one in sums) == pytest.approx(sum(row.pico for row in rows) / 10**12)


def test_usage_says_what_a_run_has_cost(server: FakeOpenAI) -> None:
    run = _test(server).json
    calls = _number(run["calls"])
    for by, name in (("run", run["run_id"]), ("model", MODEL), ("account", "local")):
        told = panelsim("usage", "--by", str(by), "--json").json
        assert told["rows"] == [{by: name, **told["total"]}]  # type: ignore[dict-item]  # a mapping, as JSON
    total = told["total"]
    assert isinstance(total, dict)
    # 100 prompt tokens at $10 and 10 of answer at $100 per million: $0.002 a call
    assert total["calls"] == calls
    assert total["cost_usd"] == pytest.approx(calls * 0.002)
    table = panelsim("usage").out
    assert "Total" in table
    assert f"{calls:.0f}" in table


def test_without_any_call_usage_says_so() -> None:
    done = panelsim("usage")
    assert (done.code, done.out) == (0, "")
    assert "nothing is spent" in done.err
    assert panelsim("usage", "--json").json["rows"] == []
    assert "No run has an estimate yet" in panelsim("usage", "--estimates").err


def test_what_usage_cannot_sum_by_is_told() -> None:
    done = panelsim("usage", "--by", "week")
    assert done.code == 2
    assert "'week' is not one of" in done.sentence


# --- estimates beside what came


def test_the_estimate_of_a_run_is_kept_and_compared_with_what_it_took(server: FakeOpenAI) -> None:
    run = _test(server).json
    told = panelsim("usage", "--estimates", "--json").json
    runs = told["runs"]
    assert isinstance(runs, list)
    (one,) = runs
    assert isinstance(one, dict)
    calls, cost = one["calls"], one["cost_usd"]
    assert isinstance(calls, dict)
    assert isinstance(cost, dict)
    assert one["run_id"] == run["run_id"]
    assert calls["actual"] == run["calls"]
    assert cost["actual"] == pytest.approx(_number(run["cost_usd"]))
    assert _number(calls["low"]) <= _number(calls["likely"]) <= _number(calls["high"])
    assert calls["is_within"] is True
    assert panelsim("runs", "show", "last", "--json").json["estimate"] == one
    assert "dollars expected" in panelsim("runs", "show", "last").out
    shown = panelsim("usage", "--estimates").out
    assert "1 run took" in shown
    assert "Too few to rely on." in shown


def test_a_run_that_is_resumed_is_compared_with_its_first_estimate(server: FakeOpenAI) -> None:
    stopped = _test(server, "--max-cost-usd", "0.05")
    assert stopped.code == 4
    with open_workspace() as workspace:
        run = workspace.store.runs()[0]
        first = workspace.store.estimate(run.id)
    done = panelsim("runs", "resume", "last", "--max-cost-usd", "5", "--json")
    assert done.code == 0
    with open_workspace() as workspace:
        assert workspace.store.estimate(run.id) == first
        compared = usage.compare(workspace.store.head(run.id), workspace.store)
    assert compared is not None
    assert compared.calls.actual == done.json["calls"]


def test_resuming_says_what_is_spent_of_the_cap_and_counts_it(server: FakeOpenAI) -> None:
    assert _test(server, "--max-cost-usd", "0.05").code == 4
    again = panelsim("runs", "resume", "last")
    assert again.code == 4
    assert len(server.bodies) * 0.002 <= 0.05  # $0.002 a call: both processes together keep the cap
    assert "of the cap of $0.0500; --max-cost-usd raises it" in again.sentence
    assert "Spent $0.0" in again.sentence


def test_an_estimate_in_another_form_is_told(server: FakeOpenAI) -> None:
    run_id = str(_test(server).json["run_id"])
    with open_workspace() as workspace:
        workspace.store.save_estimate(run_id, "{}")
        with pytest.raises(StoreError, match=f"the estimate of run '{run_id}' .* cannot be read"):
            usage.saved_estimate(run_id, workspace.store)


# --- running error


def test_the_running_error_is_the_median_of_actual_over_likely() -> None:
    courses = [Course(8, 10, 12, actual) for actual in (9, 11, 30)] + [Course(0, 0, 0, 0)]
    error = usage.running_error(courses)
    # 9/10, 11/10, 30/10: median 1.1; 9 and 11 lie in 8..12; the last expected nothing and tells nothing
    assert error == RunningError(n=3, ratio=1.1, within=2)
    assert usage.running_error([]) is None


@given(st.lists(st.tuples(st.floats(0.1, 1e6), st.floats(0, 1e6)), min_size=1))
def test_the_running_error_is_one_number_whatever_the_order(pairs: list[tuple[float, float]]) -> None:
    courses = [Course(likely / 2, likely, likely * 2, actual) for likely, actual in pairs]
    error = usage.running_error(courses)
    assert error == usage.running_error(courses[::-1])
    assert error is not None
    assert error.ratio == median(actual / likely for likely, actual in pairs)
    assert 0 <= error.within <= error.n == len(pairs)


@pytest.mark.parametrize(("n", "few"), [(1, True), (9, True), (10, False)])
def test_a_running_error_from_few_runs_says_so(n: int, few: bool) -> None:
    sentence = error_sentence(RunningError(n, 0.9, n), "dollars")
    assert "0.90 times the likely figure" in sentence
    assert sentence.endswith("Too few to rely on.") is few
    assert "No run that is done" in error_sentence(None, "dollars")


# --- the estimates themselves


def _study(n: int, model: str = "litellm/openai/gpt-4o-mini") -> MessageTest:
    options: dict[str, JsonValue] = {"model": model, "n": n, "elicit": "direct"}
    return headline_test((GOOD, EMPTY), "sales-trio", "relevance", options)


def _estimate(study: MessageTest, price: Price) -> CostEstimate:
    with open_workspace() as workspace:
        return estimate_job(prepare(study, workspace), {study.model: price})


def test_cached_tokens_cheapen_low_and_likely_and_never_high(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimating, "CACHED_FROM", 128)  # the shipped prompts are shorter than 1,024 tokens
    full = _estimate(_study(4), Price(prompt=1, completion=1))
    cheap = _estimate(_study(4), Price(prompt=1, completion=1, cached=0.1))
    assert cheap.low.cost_usd < full.low.cost_usd
    assert cheap.likely.cost_usd < full.likely.cost_usd
    assert cheap.high == full.high


def test_no_cache_is_counted_on_where_a_vendor_wants_to_be_asked_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(estimating, "CACHED_FROM", 128)
    study = _study(4, "litellm/anthropic/claude-haiku-4-5")
    full = _estimate(study, Price(prompt=1, completion=1))
    assert _estimate(study, Price(prompt=1, completion=1, cached=0.1)) == full


def test_a_sample_stands_for_the_whole_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    price = Price(prompt=1, completion=1)
    monkeypatch.setattr(estimating, "MOST_SESSIONS", 10**6)
    whole = _estimate(_study(120), price)
    monkeypatch.setattr(estimating, "MOST_SESSIONS", 60)
    sampled = _estimate(_study(120), price)
    assert sampled.sessions == whole.sessions
    assert sampled.low.calls == whole.low.calls  # every sheet has its share
    assert sampled.likely.cost_usd == pytest.approx(whole.likely.cost_usd, rel=0.05)


def test_a_fresh_run_is_estimated_as_if_nothing_were_known(server: FakeOpenAI) -> None:
    _test(server)
    with open_workspace() as workspace:
        study = workspace.store.runs()[0].study
        assert isinstance(study, MessageTest)
        assert estimate_study(study, workspace).low.calls == 0
        job = prepare(study, workspace)
        assert estimate_prepared(job, workspace).low.calls == 0
        fresh = estimate_prepared(job, workspace, fresh=True)
    assert (fresh.known_calls, fresh.low.calls > 0) == (0, True)


def test_a_very_large_study_is_estimated_from_a_smaller_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_workspace() as workspace:
        whole = estimate_study(_study(200), workspace)
        monkeypatch.setattr(estimating, "MOST_DRAWN", 50)
        scaled = estimate_study(_study(200), workspace)
    assert (whole.is_drawn, scaled.is_drawn) == (True, False)
    assert scaled.sessions == whole.sessions
    assert scaled.low.calls == whole.low.calls
    assert scaled.likely.cost_usd == pytest.approx(whole.likely.cost_usd, rel=0.05)


def test_the_json_of_a_kept_estimate_is_that_of_the_command(server: FakeOpenAI) -> None:
    _test(server)
    with open_workspace() as workspace:
        text = workspace.store.estimate(workspace.store.runs()[0].id)
    assert text is not None
    assert set(json.loads(text)) == set(CostEstimate.model_fields)
