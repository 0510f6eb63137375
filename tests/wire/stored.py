"""Values for tests of the store."""

import json
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from panelsim.keys import content_key
from panelsim.model.call import Completion, ModelRef, TokenLogprob, Usage
from panelsim.model.study import Asking
from panelsim.store import Run, Store
from tests.builders import message_test, panel
from tests.profiles import persona, sources

SAID = Completion(
    text="naïve — ✓\n",
    finish_reason="length",
    usage=Usage(prompt_tokens=3, cached_tokens=1, completion_tokens=2),
    cost_usd=0.1 + 0.2,
    logprobs=(TokenLogprob(token="4", logprob=-1 / 3, top=(("4", -1 / 3), ("5", -2.0))),),
    reported_model="m",
)


def run(run_id: str = "r-1", day: int = 1) -> Run:
    model = ModelRef(provider="scripted", name="sensible")
    asking = Asking(
        model=model, embedding_model=model, elicit="logprob", frame="third_person", temperature=0.7, seed=7
    )
    return Run(
        id=run_id,
        study=message_test(),
        panel=panel(),
        sources=sources(persona("a")),
        asking=asking,
        created_at=datetime(2026, 2, day, tzinfo=UTC),
        version="0.1.0",
        prompts_hash="prompts1:abc",
    )


def change(store: Store, statement: str, **values: object) -> None:
    """Changes a store behind its back."""
    with store._database.engine.begin() as connection:
        connection.execute(text(statement), values)


def head_of(key: str) -> int:
    """The number that a row of a completion is found by: the first 8 bytes of the hash, signed."""
    return int.from_bytes(bytes.fromhex(key.partition(":")[2][:16]), "big", signed=True)


@contextmanager
def process(code: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that runs `code`; what it prints can be read. It is killed at the end."""
    started = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert started.stdout is not None
    with started.stdout:
        try:
            yield started
        finally:
            started.kill()
            started.wait()


def line_of(started: "subprocess.Popen[str]") -> str:
    """The next line that a process prints."""
    assert started.stdout is not None
    return started.stdout.readline().strip()


FORM_1 = """
CREATE TABLE schema_version (id INTEGER NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (id));
CREATE TABLE completions (
    key VARCHAR NOT NULL, call TEXT NOT NULL, completion TEXT NOT NULL, digest VARCHAR NOT NULL,
    created_at VARCHAR NOT NULL, PRIMARY KEY (key)
);
CREATE TABLE runs (
    id VARCHAR NOT NULL,
    study TEXT NOT NULL, panel TEXT NOT NULL, sources TEXT NOT NULL, asking TEXT NOT NULL,
    state VARCHAR NOT NULL, created_at VARCHAR NOT NULL, finished_at VARCHAR, version VARCHAR NOT NULL,
    prompts_hash VARCHAR NOT NULL, PRIMARY KEY (id)
);
CREATE TABLE prompt_sets (hash VARCHAR NOT NULL, texts TEXT NOT NULL, PRIMARY KEY (hash));
CREATE TABLE failures (
    run_id VARCHAR NOT NULL, session VARCHAR NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (run_id, session),
    FOREIGN KEY(run_id) REFERENCES runs (id)
);
INSERT INTO schema_version VALUES (1, 1);
"""


def write_form_1(path: Path, rows: list[tuple[str, str, str, str, str]], *runs: Run) -> str:
    """A store as panelsim first wrote it: (key, call, completion, digest, time); tells its prompts' hash."""
    path.parent.mkdir(exist_ok=True)
    prompts = content_key("prompts1", {"a": "text"})
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("PRAGMA journal_mode = WAL")
        raw.executescript(FORM_1)
        raw.executemany("INSERT INTO completions VALUES (?, ?, ?, ?, ?)", rows)
        raw.execute("INSERT INTO prompt_sets VALUES (?, ?)", (prompts, json.dumps({"a": "text"})))
        for one in runs:
            parts = (one.study, one.panel, one.sources, one.asking)
            raw.execute(
                "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    one.id,
                    *(part.model_dump_json() for part in parts),
                    one.state,
                    one.created_at.isoformat(),
                    one.finished_at.isoformat() if one.finished_at else None,
                    one.version,
                    one.prompts_hash,
                ),
            )
            raw.execute("INSERT INTO failures VALUES (?, 's1', 'refused')", (one.id,))
    return prompts
