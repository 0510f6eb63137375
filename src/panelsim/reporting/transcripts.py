"""The transcripts export: JSON Lines, one session per line."""

import json

from panelsim.model.plan import Transcript
from panelsim.reporting.exports import Origin, TextOf

SCHEMA = "panelsim.transcript/1"


def jsonl_writer(origin: Origin) -> TextOf:
    """One line per session, each marked as simulated; a lone surrogate becomes `?`."""
    marks = {"schema": SCHEMA, "simulated": True, "run_id": origin.run_id, "study": origin.study}
    encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False)

    def line(transcript: Transcript) -> str:
        text = encoder.encode(marks | transcript.model_dump(mode="json"))
        return f"{text}\n".encode("utf-8", "replace").decode()

    return line
