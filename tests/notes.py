"""Small notes for tests."""

from panelsim.model.note import Note

CALL = """\
Interviewer: What made you start looking for something new?
Customer: We told the board 4.1 million and closed 3.3, and nobody could say which deals had slipped.

Interviewer: What almost stopped it?
Customer: The reps. They had been given two tools that year and used neither.
"""


def note(name: str = "call", text: str = CALL, **changes: object) -> Note:
    """A call with a VP of Sales; its text is a transcript unless another one is given."""
    fields: dict[str, object] = {
        "id": name,
        "kind": "call",
        "source": "CRM 114",
        "date": "2026-03-04",
        "who": "VP of Sales at a customer",
        "personas": ("vp-sales",),
        "speakers": {"Interviewer": "us", "Customer": "buyer"} if text == CALL else (),
        "text": text,
    }
    return Note.model_validate(fields | changes)
