"""The transcripts export: JSON Lines, one session per line."""

import json

from panelsim.model.report import Report, Transcripts

SCHEMA = "panelsim.transcript/1"


def render_transcripts(report: Report) -> str:
    """One line per session, each marked as simulated; a lone surrogate becomes `?`."""
    lines = []
    for section in report.record:
        if isinstance(section, Transcripts):
            for transcript in section.transcripts:
                line = {
                    "schema": SCHEMA,
                    "simulated": True,
                    "run_id": report.run_id,
                    "study": report.study,
                    **transcript.model_dump(mode="json"),
                }
                lines.append(json.dumps(line, ensure_ascii=False, allow_nan=False))
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace").decode()
