"""Bad input ends with code 2 and one sentence, before anything is asked, stored or written."""

from pathlib import Path

import pytest

from panelsim.cli.studies import headline_test
from panelsim.errors import InputError
from panelsim.service.workspace import open_workspace
from tests.app.commands import EMPTY, GOOD, SCRIPTED, ended, no_pull, panelsim, start

TWO = (GOOD, EMPTY)
TYPED = {
    "unknown provider": (
        (*TWO, "--model", "opnai/x"),
        "provider 'opnai' is not one of",
        "did you mean 'openai'?",
    ),
    "unknown scripted model": ((*TWO, "--model", "scripted/sensibel"), "did you mean 'sensible'?", ""),
    "unknown embedded model": ((*TWO, "--model", "embedded/qwen9"), "'qwen9' is not in the catalogue", ""),
    "model without provider": ((*TWO, "--model", "gpt"), "'gpt' is not PROVIDER/NAME", ""),
    "unknown price": ((*TWO, "--model", "openai/no-such-model"), "PANELSIM_PRICES", ""),
    "no key": ((*TWO, "--model", "openai/gpt-4o-mini"), "set OPENAI_API_KEY", ""),
    "base url of a local model": ((*TWO, *SCRIPTED, "--base-url", "http://x"), "has no endpoint", ""),
    "base url that is none": ((*TWO, "--model", "openai/x", "--base-url", "ftp://x"), "not an address", ""),
    "one headline": ((GOOD, *SCRIPTED), "found 1 headline, expected 2 to 8", ""),
    "nine headlines": ((*"123456789", *SCRIPTED), "found 9 headlines, expected 2 to 8", ""),
    "empty headline": (("", GOOD, *SCRIPTED), "headline 1 is empty", ""),
    "blank headline": ((GOOD, " \t ", *SCRIPTED), "headline 2 is empty", ""),
    "same headline": (("Sell  more", "sell more", *SCRIPTED), "'a' and 'b' are the same headline", ""),
    "huge headline": (("x" * 2001, GOOD, *SCRIPTED), "headline 1 has 2,001 characters, expected at most", ""),
    "control character": (("a\x07b", GOOD, *SCRIPTED), "unprintable character U+0007", ""),
    "NUL": (("a\x00b", GOOD, *SCRIPTED), "unprintable character U+0000", ""),
    "lone surrogate": (("a\ud800b", GOOD, *SCRIPTED), "headline 1 is not valid Unicode", ""),
    "no respondent": ((*TWO, "--n", "0"), "Invalid value for '--n'", "greater than or equal to 2"),
    "one respondent": ((*TWO, "--n", "1"), "Invalid value for '--n'", "greater than or equal to 2"),
    "n in words": ((*TWO, "--n", "many"), "Invalid value for '--n'", ""),
    "negative cost": ((*TWO, "--max-cost-usd", "-1"), "Invalid value for '--max-cost-usd'", ""),
    "endless cost": ((*TWO, *SCRIPTED, "--max-cost-usd", "inf"), "max_cost_usd: found inf", "finite"),
    "cost that is no number": ((*TWO, *SCRIPTED, "--max-cost-usd", "nan"), "max-cost-usd", ""),
    "unknown measure": ((*TWO, *SCRIPTED, "--measures", "relevanc"), "did you mean 'relevance'?", ""),
    "no measure": ((*TWO, *SCRIPTED, "--measures", " , "), "names no measure", ""),
    "unknown panel": ((*TWO, *SCRIPTED, "--panel", "sales-tri"), "did you mean 'sales-trio'?", ""),
    "missing panel file": ((*TWO, *SCRIPTED, "--panel", "no.yaml"), "there is no such file", ""),
    "unknown way to ask": ((*TWO, "--elicit", "guess"), "'guess' is not one of", ""),
    "mistyped option": ((*TWO, "--pannel", "x"), "No such option: --pannel", "--panel"),
    "folder under a file": ((*TWO, *SCRIPTED, "--out", "file/x"), "nothing can be written there", ""),
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("panelsim.service.models.pull", no_pull)
    Path("file").write_text("", "utf-8")


@pytest.mark.parametrize("name", TYPED)
def test_what_is_typed_wrong_is_told_in_a_sentence_and_nothing_is_done(name: str) -> None:
    arguments, *expected = TYPED[name]
    done = panelsim("test", *arguments)
    assert done.code == 2
    assert done.out == ""
    for part in expected:
        assert part in done.sentence
    if done.err.startswith("Error: "):
        assert len(done.err.splitlines()) == 1
        assert len(done.err) < 400
    with open_workspace() as workspace:
        assert workspace.store.runs() == ()
        assert workspace.store.count() == 0
    assert not Path("panelsim-report").exists()


def test_a_ten_megabyte_headline_is_refused_at_once_and_not_repeated() -> None:
    with pytest.raises(InputError) as told:
        headline_test(["x" * 10_000_000, GOOD], "sales-trio", "relevance", {})
    assert str(told.value) == "headline 1 has 10,000,000 characters, expected at most 2,000"


STUDY = f"id: x\nmodel: scripted/sensible\nstimuli: ['{GOOD}', '{EMPTY}']\n"
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
FILES = {
    "bomb": (BOMB, "more than 50,000 values"),
    "unknown field": (STUDY + "pannel: sales-trio\n", "line 4: pannel: unknown field, did you mean 'panel'?"),
    "not YAML": ("a: [", "not YAML"),
    "empty": ("", "the file is empty"),
    "nine stimuli": (STUDY.replace(f"'{EMPTY}'", ", ".join(f"'{n}'" for n in range(8))), "stimuli"),
    "endless cost": (STUDY + "max_cost_usd: 1e999\n", "max_cost_usd: found inf"),
    "NUL": (STUDY.replace(f"'{GOOD}'", '"a\\0b"'), "unprintable character U+0000"),
    "n in words": (STUDY + "n: twelve\n", "line 4: n: found 'twelve', expected a number"),
    "a persona": (
        "id: x\ncommittee_role: user\n",
        "found a profile (an ICP, a persona or a panel)",
    ),
    "unknown persona": (STUDY + "panel: 'persona:nobody'\n", "no persona is called 'nobody'"),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("command", ["run", "estimate"])
def test_what_is_wrong_in_a_study_file_is_told_in_a_sentence(name: str, command: str) -> None:
    text, expected = FILES[name]
    Path("study.yaml").write_text(text, "utf-8")
    done = panelsim(command, "study.yaml")
    assert done.code == 2
    assert done.out == ""
    assert expected in done.sentence
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("run", "no.yaml"), "no.yaml"),
        (("runs", "show", "20260101-000000-abcd"), "is not in the store"),
        (("runs", "resume", "last"), "has no run yet"),
        (("report", "last"), "has no run yet"),
        (("interview", "vp-sale"), "did you mean 'vp-sales'?"),
        (("interview", "vp-sales", "--guide", "buying-journe"), "did you mean 'buying-journey'?"),
        (("persona", "show", "cfoo"), "did you mean 'cfo'?"),
        (("icp", "lint", "b2b-sas"), "did you mean 'b2b-saas'?"),
        (("panel", "show", "sales"), "no panel is called 'sales'"),
        (("models", "pull", "qwen"), "is not in the catalogue"),
        (("models", "path", "qwen"), "is not in the catalogue"),
        (("run", "."), ".: found a folder, expected a file"),
        (("icp", "match", "b2b-saas", "."), ".: found a folder, expected a file with a table"),
        (
            ("test", GOOD, EMPTY, "--calibration", "."),
            "found a folder, expected the file that `panelsim calibrate`",
        ),
        (("tset",), "Did you mean 'test'?"),
    ],
)
def test_what_is_not_there_is_told_with_what_is_near(arguments: tuple[str, ...], expected: str) -> None:
    done = panelsim(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert expected in done.sentence


def test_a_server_that_is_down_ends_with_code_3_after_few_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANELSIM_ATTEMPTS", "2")
    down = ("--model", "openai/x", "--base-url", "http://127.0.0.1:9/v1", "--elicit", "direct")
    done = panelsim("test", *TWO, *down)
    assert done.code == 3
    assert "the connection to http://127.0.0.1:9/v1 failed" in done.sentence
    assert "Traceback" not in done.err


def test_an_environment_that_cannot_be_read_is_told_without_its_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PANELSIM_ATTEMPTS", "sk-secret")
    done = panelsim("test", *TWO, *SCRIPTED)
    assert done.code == 2
    assert "PANELSIM_ATTEMPTS" in done.err
    assert "sk-secret" not in done.err


def test_a_store_that_cannot_be_opened_ends_with_code_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANELSIM_STORE", "file/store.sqlite3")
    done = panelsim("test", *TWO, *SCRIPTED)
    assert done.code == 3
    assert "store" in done.sentence


def test_bytes_that_are_no_text_are_refused_as_they_come_from_a_shell() -> None:
    done = ended(start("test", "a\udcff", GOOD, *SCRIPTED))
    assert done.code == 2
    assert done.err == "Error: headline 1 is not valid Unicode text, expected UTF-8\n"


def test_debug_shows_where_an_error_was_raised() -> None:
    done = ended(start("test", GOOD, PANELSIM_DEBUG="1"))
    assert "Traceback" in done.err
    assert "InputError" in done.err
