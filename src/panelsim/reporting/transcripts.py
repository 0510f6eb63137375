"""The transcripts export: JSON Lines, one session per line."""

import json

from panelsim.model.plan import Transcript
from panelsim.reporting.exports import Origin, TextOf

SCHEMA = "panelsim.transcript/1"


def jsonl_writer(origin: Origin) -> TextOf:
    """One line per session, each marked as simulated; a lone surrogate becomes `?`."""
    marks = {"schema": SCHEMA, "simulated": True, "run_id": origin.run_id, "study": origin.study}

    def line(transcript: Transcript) -> str:
        text = json.dumps(marks | transcript.model_dump(mode="json"), ensure_ascii=False, allow_nan=False)
        return f"{text}\n".encode("utf-8", "replace").decode()

    return line
