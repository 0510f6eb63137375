"""Drafting and approving personas from the command line."""

from pathlib import Path

import pytest

from panelsim.files import read_persona
from tests.app.commands import panelsim

ROLE = ("--icp", "b2b-saas", "--role", "Head of Enablement")
ASKED = ("persona", "draft", *ROLE, "--model", "scripted/sensible")
FILE = Path("personas/buyers/head-of-enablement.yaml")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_draft_is_a_persona_that_is_read_with_every_field_marked() -> None:
    done = panelsim(*ASKED)
    assert done.code == 0
    persona = read_persona("head-of-enablement")
    assert (persona.status, persona.version, persona.review_due) == ("draft", 1, None)
    (provenance,) = persona.provenance
    assert provenance.basis == "invented"
    assert {"goals", "pains", "hexaco", "decision", "journey", "committee_role"} <= set(provenance.fields)
    text = FILE.read_text("utf-8")
    assert text.startswith("# Drafted by the model scripted/sensible on ")
    assert "# Draft draft-" in text
    assert text.count("call1:") >= 28
    assert "nobody has approved it" in done.out


def test_a_second_draft_makes_no_call_and_overwrites_nothing() -> None:
    panelsim(*ASKED)
    before = FILE.read_text("utf-8")
    refused = panelsim(*ASKED)
    assert refused.code == 2
    assert "is there already and is not overwritten" in refused.sentence
    again = panelsim(*ASKED, "--out", "other.yaml", "--json")
    assert again.json["calls_made"] == 0
    assert again.json["calls_known"] == 42  # 14 lists, 14 choices and levels in both orders
    assert FILE.read_text("utf-8") == before


def test_what_a_model_refuses_to_say_is_told_and_the_draft_cannot_be_approved() -> None:
    done = panelsim(*ASKED[:-1], "scripted/refuses")
    assert done.code == 0
    assert "kpis: nothing stands there, refused to answer" in done.out
    assert "error: " in done.out
    assert panelsim("persona", "approve", str(FILE)).code == 2
    assert "status: draft" in FILE.read_text("utf-8")


def test_a_person_approves_a_draft_and_nothing_else_in_it_changes() -> None:
    panelsim(*ASKED)
    before = FILE.read_text("utf-8").splitlines()
    assert panelsim("persona", "approve", "head-of-enablement").code == 0
    after = FILE.read_text("utf-8").splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert [old for old, _ in changed] == ["status: draft  # until a person approves it"]
    assert changed[0][1].startswith("status: active  # approved on 20")
    assert read_persona("head-of-enablement").status == "active"
    again = panelsim("persona", "approve", "head-of-enablement")
    assert again.code == 2
    assert "found 'active', expected 'draft'" in again.sentence


def test_a_draft_with_an_error_is_not_approved() -> None:
    panelsim(*ASKED)
    text = FILE.read_text("utf-8").replace(
        "version: 1", "version: 1\nvalid_in: [{field: headcount, op: at_least, value: 90000}]"
    )
    FILE.write_text(text)
    done = panelsim("persona", "approve", "head-of-enablement")
    assert done.code == 1
    assert "Not approved: 1 error to mend" in done.out
    assert FILE.read_text("utf-8") == text


def test_a_persona_without_a_status_is_a_draft_and_gets_one() -> None:
    panelsim(*ASKED)
    lines = [line for line in FILE.read_text("utf-8").splitlines() if not line.startswith("status:")]
    FILE.write_text("\n".join(lines) + "\n")
    assert panelsim("persona", "approve", "head-of-enablement").code == 0
    assert read_persona("head-of-enablement").status == "active"


def test_a_study_on_a_draft_says_so_until_it_is_approved() -> None:
    sentence = "Persona head-of-enablement is a draft that nobody approved."
    panelsim(*ASKED)
    asked = ("interview", "head-of-enablement", "--model", "scripted/sensible", "--out", "out")
    panelsim(*asked)
    assert sentence in Path("out/report.md").read_text("utf-8")
    panelsim("persona", "approve", "head-of-enablement")
    panelsim(*asked)
    assert sentence not in Path("out/report.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--icp", "b2b-sas", "--role", "CFO"), "did you mean 'b2b-saas'?"),
        (("--icp", "b2b-saas", "--role", " "), "--role is empty"),
        (("--icp", "b2b-saas", "--role", "CFO", "--notes", "nowhere"), "there is no such folder"),
        (("--icp", "b2b-saas", "--role", "CFO", "--out", "cfo.txt"), "expected a file name ending in .yaml"),
        (("--icp", "b2b-saas", "--role", "CFO", "--id", "Bad Id"), "lower-case letters"),
        (("--icp", "b2b-saas", "--role", "CFO", "--model", "scripted/sensibl"), "did you mean 'sensible'?"),
        (("--icp", "b2b-saas", "--role", "CFO", "--model", "openai/gpt-4o-mini"), "set OPENAI_API_KEY"),
    ],
)
def test_what_is_mistyped_is_told_before_anything_is_asked(arguments: tuple[str, ...], said: str) -> None:
    model = () if "--model" in arguments else ("--model", "scripted/sensible")
    done = panelsim("persona", "draft", *arguments, *model)
    assert done.code == 2
    assert said in done.sentence
    assert not Path("personas").exists()


def test_an_interrupted_draft_says_that_what_was_answered_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("panelsim.cli.drafting.draft_persona", interrupted)
    done = panelsim(*ASKED)
    assert done.code == 130
    assert "what was answered is kept" in done.sentence
    assert not FILE.exists()


def test_a_cap_of_nothing_stops_a_paid_draft_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    done = panelsim("persona", "draft", *ROLE, "--model", "openai/gpt-4o-mini", "--max-cost-usd", "0")
    assert done.code == 4
    assert "cap" in done.sentence
    assert not FILE.exists()
