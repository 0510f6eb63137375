"""Reading notes critically: personal data, whom they speak of, and whether anything in them can be found."""

import re
from collections.abc import Iterator, Sequence

from panelsim.model.note import Note
from panelsim.passages.cutting import split
from panelsim.personal import personal_data
from panelsim.planning.lint import Finding

STALE_YEARS = 3
"""From then on a buyer has other tools, another budget and perhaps another job."""

_LABELLED = re.compile(r"^\s*(?:\*\*)?([^\W\d_][\w .'-]{0,40}):(?:\*\*)?\s+\S", re.MULTILINE)
_TRANSCRIPT = 4
"""Lines that begin with the same few labels: fewer may be a list of terms."""


def lint_note(
    note: Note, file: str, personas: Sequence[str] = (), icps: Sequence[str] = (), *, today: str = ""
) -> tuple[Finding, ...]:
    """What to mend in a note, errors first. `file` is the text of its file; the others are ids at hand.

    `today` is a date as YYYY-MM-DD; without it, the note's date is not read.
    """
    findings = [
        *_personal(note, file),
        *_about(note, personas, icps),
        *_transcript(note),
        *_passages(note),
        *_dates(note, today),
    ]
    return tuple(sorted(findings, key=lambda finding: finding.level))


def _personal(note: Note, file: str) -> Iterator[Finding]:
    for datum in personal_data(file):
        if datum.kind == "link":
            continue  # a link leads to a page, not to a person
        yield Finding(
            level="warning",
            where=f"{note.id}: line {file.count(chr(10), 0, datum.start) + 1}",
            what=f"{'an e-mail address' if datum.kind == 'e-mail' else 'a phone number'} stands there",
            why="it is struck out before anything is sent, but the file itself can be read and copied",
            fix="take it out of the file, and look for names while you are there",
        )


def _about(note: Note, personas: Sequence[str], icps: Sequence[str]) -> Iterator[Finding]:
    for field, named, known in (("personas", note.personas, personas), ("icps", note.icps, icps)):
        for at, name in enumerate(named):
            if name not in known:
                yield Finding(
                    level="error",
                    where=f"{note.id}: {field}[{at}]",
                    what=f"there is no {'persona' if field == 'personas' else 'ICP'} {name!r} at hand",
                    why="the note is given to nobody on its account",
                    fix=f"use one of {', '.join(known)}" if known else "write that profile first",
                )


def _transcript(note: Note) -> Iterator[Finding]:
    labels = [match[1].strip() for match in _LABELLED.finditer(note.text)]
    if not note.speakers and len(labels) >= _TRANSCRIPT and len(set(labels)) <= len(labels) // 2:
        shown = ", ".join(f"{label}: …" for label in dict.fromkeys(labels[:3]))
        yield Finding(
            level="warning",
            where=f"{note.id}: speakers",
            what=f"the text looks like a transcript ({shown}), but nobody is named as buyer",
            why="what your own people said would be put before respondents as a buyer's words",
            fix="write for example speakers: {Interviewer: us, Customer: buyer}",
        )
    said = {label.casefold() for label in labels}
    for speaker in note.speakers:
        if speaker.label.casefold() not in said:
            yield Finding(
                level="warning",
                where=f"{note.id}: speakers",
                what=f"no line begins with {speaker.label + ':'!r}",
                why="that speaker's words are not told from the others'",
                fix="write the label as the text has it",
            )


def _passages(note: Note) -> Iterator[Finding]:
    if not split(note):
        yield Finding(
            level="error",
            where=note.id,
            what="no passage can be made of it: nothing a buyer said is four words long",
            why="the note is never quoted",
            fix="write down what was said in whole sentences",
        )


def _dates(note: Note, today: str) -> Iterator[Finding]:
    if today and note.date > today:
        yield Finding(
            level="error",
            where=f"{note.id}: date",
            what=f"{note.date} is yet to come",
            why="the report would cite a day on which nobody spoke",
            fix="write the day when it was said or written",
        )
    elif today and int(today[:4]) - int(note.date[:4]) >= STALE_YEARS:
        yield Finding(
            level="warning",
            where=f"{note.id}: date",
            what=f"it is from {note.date}",
            why="respondents would be moved by what buyers said years ago",
            fix="ask whether buyers still say so, or take it out",
        )
