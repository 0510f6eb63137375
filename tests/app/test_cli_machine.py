"""doctor, models, profiles and init: what is on this machine and what can be edited."""

import json
import os
import pty
import re
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest
from pydantic import JsonValue, TypeAdapter
from rich.console import Console

from panelsim.cli.progress import NOTED_S, Meter, run_progress
from panelsim.files import read_panel_spec, read_study
from panelsim.model.progress import Progress, Progressed, StateChanged
from tests.app.commands import EMPTY, GOOD, PROGRAM, SCRIPTED, no_pull, panelsim
from tests.app.fake_openai import KEY, fake_openai

_COLOURS = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
_LIST: TypeAdapter[list[dict[str, JsonValue]]] = TypeAdapter(list[dict[str, JsonValue]])


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("panelsim.service.models.pull", no_pull)


def _checks() -> dict[JsonValue, dict[str, JsonValue]]:
    return {check["name"]: check for check in _LIST.validate_json(panelsim("doctor", "--json").out)}


def test_the_doctor_finds_a_sound_machine_sound() -> None:
    assert panelsim("doctor").code == 0
    assert _checks()["store"]["state"] == "ok"
    assert _checks()["OPENAI_API_KEY"]["state"] == "absent"


def test_the_doctor_never_shows_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert _checks()["OPENAI_API_KEY"]["state"] == "ok"
    assert KEY not in panelsim("doctor").out


def test_the_doctor_ends_with_3_if_the_store_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("file").write_text("", "utf-8")
    monkeypatch.setenv("PANELSIM_STORE", "file/store.sqlite3")
    assert panelsim("doctor").code == 3
    assert _checks()["store"]["state"] == "broken"


def test_the_doctor_finds_a_model_file_that_is_not_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PANELSIM_CACHE_DIR", str(tmp_path))
    place = Path(panelsim("models", "path", "use-m3").out.strip())
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"not the model")
    assert panelsim("doctor").code == 3
    assert _checks()["model use-m3"]["state"] == "broken"


def test_models_are_listed_with_what_they_are_good_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PANELSIM_CACHE_DIR", str(tmp_path))
    listed = _LIST.validate_json(panelsim("models", "list", "--json").out)
    assert {"embedded/qwen2.5-1.5b", "embedded/use-m3"} <= {one["name"] for one in listed}
    assert not any(one["pulled"] for one in listed)
    assert "not fetched" in panelsim("models", "list").out


def test_the_path_of_a_model_that_is_not_here_ends_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PANELSIM_CACHE_DIR", str(tmp_path))
    done = panelsim("models", "path", "embedded/use-m3")
    assert (done.code, done.out.startswith(str(tmp_path))) == (1, True)


def test_the_shipped_profiles_have_nothing_to_mend() -> None:
    assert panelsim("persona", "lint").code == 0
    assert panelsim("icp", "lint").code == 0


def test_a_weak_profile_is_told_what_to_mend_and_ends_with_1() -> None:
    text = panelsim("persona", "show", "cfo").out
    Path("cfo.yaml").write_text(text.replace("kpis:", "kpis: [various things]\nlost:", 1), "utf-8")
    assert panelsim("persona", "lint", "cfo.yaml").code == 2  # an unknown field cannot be read
    Path("cfo.yaml").write_text(text.replace("title: ", "title: innovative ", 1), "utf-8")
    done = panelsim("persona", "lint", "cfo.yaml")
    assert done.code == 1
    assert "would fit almost anyone" in done.out
    assert _LIST.validate_json(panelsim("persona", "lint", "cfo.yaml", "--json").out)[0]["level"] == "warning"


@pytest.mark.parametrize("group", ["persona", "icp", "panel"])
def test_profiles_are_listed_and_each_can_be_shown(group: str) -> None:
    listed = panelsim(group, "list").out
    for one in _LIST.validate_json(panelsim(group, "list", "--json").out):
        shown = panelsim(group, "show", str(one[group]))
        assert shown.code == 0
        assert f"\nid: {one[group]}\n" in shown.out
        assert str(one[group]) in listed


def test_a_panel_shows_the_respondents_of_its_seed() -> None:
    drawn = json.loads(panelsim("panel", "show", "sales-trio", "--n", "3", "--seed", "9", "--json").out)
    assert len(drawn["respondents"]) == 3
    assert drawn["simulated"] is True
    assert drawn["respondents"][0]["name"] in panelsim("panel", "show", "sales-trio", "--seed", "9").out


def test_the_starter_can_be_read_linted_and_estimated_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert panelsim("init", "mine").code == 0
    sources = read_panel_spec("mine/personas/panels/my-panel.yaml")
    assert [icp.id for icp in sources.icps] == ["my-icp"]
    assert {read_study(f"mine/{name}.yaml").kind for name in ("study", "interview", "survey")} == {
        "message_test",
        "interview",
        "survey",
    }
    assert panelsim("persona", "lint", "mine/personas/buyers/my-vp-sales.yaml").code == 0
    assert panelsim("estimate", "mine/interview.yaml").code == 0
    monkeypatch.chdir("mine")
    assert panelsim("icp", "lint", "my-icp").code == 0
    assert panelsim("persona", "lint", "my-vp-sales", "my-sales-ops").code == 0


def test_init_overwrites_nothing() -> None:
    Path("mine").mkdir()
    Path("mine/study.yaml").write_text("mine", "utf-8")
    done = panelsim("init", "mine")
    assert done.code == 2
    assert "study.yaml is there already" in done.sentence
    assert Path("mine/study.yaml").read_text("utf-8") == "mine"
    assert [path.name for path in Path("mine").iterdir()] == ["study.yaml"]


HALF = Progress(
    sessions=4, calls=9, done=1, failed=1, answered=1_234, cached=34, missing=3, cost_usd=0.25, seconds=60
)


def test_on_a_terminal_progress_shows_sessions_calls_missing_cost_and_the_time_left() -> None:
    screen = StringIO()
    console = Console(file=screen, force_terminal=True, width=200)
    with run_progress(console) as meter:
        meter(StateChanged(state="running"))
        meter(Progressed(progress=HALF.model_copy(update={"waits": 1, "note": "waiting 3 s: throttled"})))
        time.sleep(0.2)  # the screen is drawn ten times a second
    shown = screen.getvalue()
    assert "Asking" in shown
    for part in (
        "2/4 sessions",
        "1,234 calls answered (34 known)",
        "3 missing",
        "$0.2500",
        "about 60 s left",  # two sessions took 60 s, two are left
        "waiting 3 s: throttled",
    ):
        assert part in shown


def test_on_a_narrow_terminal_the_words_of_progress_have_the_room_of_the_bar() -> None:
    screen = StringIO()
    with run_progress(Console(file=screen, force_terminal=True, width=60)) as meter:
        meter(StateChanged(state="running"))
        meter(Progressed(progress=HALF))
        time.sleep(0.2)
    assert "Asking 2/4 sessions · 1,234 calls answered (34 known)" in _COLOURS.sub("", screen.getvalue())


def test_a_paused_run_tells_no_time_left() -> None:
    screen = StringIO()
    with run_progress(Console(file=screen, force_terminal=True, width=200)) as meter:
        meter(StateChanged(state="paused"))
        meter(Progressed(progress=HALF))
        time.sleep(0.2)
    assert "Paused" in screen.getvalue()
    assert "left" not in screen.getvalue()


def test_a_wait_that_is_over_is_not_told_for_ever() -> None:
    seconds = [0.0]
    notes: list[str] = []
    meter = Meter(lambda _state, _progress, note: notes.append(note), lambda: seconds[0])
    waited = Progressed(progress=Progress(waits=1, note="throttled"))
    meter(waited)
    seconds[0] = NOTED_S + 1
    meter(waited)
    assert notes == ["throttled", ""]


def test_off_a_terminal_progress_is_a_line_every_quarter_of_a_minute() -> None:
    seconds = [0.0]
    screen = StringIO()
    with run_progress(Console(file=screen, width=200), lambda: seconds[0]) as meter:
        meter(StateChanged(state="running"))
        for second in range(31):
            seconds[0] = second
            meter(Progressed(progress=HALF))
    lines = screen.getvalue().splitlines()
    assert len(lines) == 2  # at 15 s and at 30 s
    assert lines[0].startswith("Asking: 2/4 sessions")


@pytest.mark.parametrize(("answer", "code"), [("n", 130), ("y", 0)])
def test_on_a_terminal_a_paid_run_asks_first(answer: str, code: int) -> None:
    with fake_openai() as server:
        model = ("--model", "openai/m", "--base-url", server.url, "--elicit", "direct", "--n", "2")
        told, ended = _on_terminal("test", GOOD, EMPTY, *model, keys=f"{answer}\n")
        assert (ended == code, bool(server.bodies)) == (True, code == 0)
    assert "Ask, and never spend more than $2.00?" in told


def test_a_free_run_asks_nothing() -> None:
    told, ended = _on_terminal("test", GOOD, EMPTY, *SCRIPTED, keys="")
    assert ended == 0
    assert "never spend" not in told


def _on_terminal(*arguments: str, keys: str) -> tuple[str, int]:
    """What a command says on a terminal where `keys` are typed, and how it ends."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PANELSIM_PRICES": "openai/m=1,1", "OPENAI_API_KEY": KEY, "TERM": "xterm"}
    process = subprocess.Popen(
        [*PROGRAM, *arguments], stdin=theirs, stdout=subprocess.DEVNULL, stderr=theirs, env=environment
    )
    os.close(theirs)
    os.write(ours, keys.encode())
    told = b""
    try:
        while piece := os.read(ours, 4096):
            told += piece
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    return told.decode(errors="replace"), process.wait(60)


def test_a_worker_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dbos", None)
    done = panelsim("worker")
    assert done.code == 2
    assert "pip install 'panelsim[workers]'" in done.sentence


def test_moments_of_a_shipped_panel_are_within_tolerance_and_told_in_words() -> None:
    ended = panelsim("panel", "moments", "sales-committee", "--n", "3000")
    assert ended.code == 0
    assert "3,000 respondents of sales-committee, seed 7 (simulated, not people)" in ended.out
    assert "Domain means are off by at most 0.00" in ended.out
    assert "Of 15 correlations of domains around their personas the furthest off is " in ended.out
    assert "at most 25%" in ended.out


def test_moments_as_json_hold_all_of_them() -> None:
    found = panelsim("panel", "moments", "sales-trio", "--n", "600", "--json").json
    assert (found["n"], found["simulated"], found["tolerance"]) == (600, True, 0.02)
    correlations, personas = found["correlations"], found["personas"]
    assert isinstance(correlations, list)
    assert isinstance(personas, list)
    assert (len(correlations), len(personas)) == (15, 3)


def test_moments_of_an_unknown_panel_name_those_that_are_known() -> None:
    ended = panelsim("panel", "moments", "sales-tri")
    assert ended.code == 2
    assert "did you mean 'sales-trio'" in ended.sentence
