"""Linting notes: each planted fault is found, and a good note has none."""

import pytest

from panelsim.model.note import Note
from panelsim.planning.note_lint import lint_note
from tests.notes import CALL, note

TODAY = "2026-11-25"


def found(one: Note, file: str = "", today: str = TODAY) -> list[tuple[str, str]]:
    return [
        (finding.level, finding.where)
        for finding in lint_note(one, file, ["vp-sales"], ["saas"], today=today)
    ]


def test_a_good_note_has_nothing_to_mend() -> None:
    assert found(note(icps=("saas",)), f"---\nid: call\n---\n{CALL}") == []


def test_personal_data_is_found_with_its_line() -> None:
    file = "---\nid: call\n---\nWrite to\njane@acme.example or +1 (555) 010-7788.\n"
    findings = lint_note(note(), file, ["vp-sales"], [])
    assert [(one.where, one.what.partition(" stands")[0]) for one in findings] == [
        ("call: line 5", "an e-mail address"),
        ("call: line 5", "a phone number"),
    ]
    assert "jane" not in "".join(one.model_dump_json() for one in findings)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (note(personas=("vp-sale",)), [("error", "call: personas[0]")]),
        (note(icps=("sass",)), [("error", "call: icps[0]")]),
        (note(text=CALL, speakers=()), [("warning", "call: speakers")]),
        (
            note(speakers={"Interviewer": "us", "Client": "buyer"}),
            [("error", "call"), ("warning", "call: speakers")],
        ),
        (note(text="Yes.\n\nNo.\n"), [("error", "call")]),
        (note(date="2027-01-01"), [("error", "call: date")]),
        (note(date="2023-01-01"), [("warning", "call: date")]),
    ],
)
def test_a_planted_fault_is_found(one: Note, expected: list[tuple[str, str]]) -> None:
    assert found(one) == expected
