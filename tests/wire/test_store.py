"""The store: what is acknowledged stays, under its key; what is wrong with a file is said in a sentence."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from panelsim.errors import InputError, StoreError
from panelsim.model.call import Completion, EmbeddingCall, ModelRef, TokenLogprob, Usage
from panelsim.model.study import Asking
from panelsim.store import BadRow, Failure, Run, Store
from tests.builders import message_test, panel
from tests.calls import chat, said
from tests.profiles import persona, sources

SAID = Completion(
    text="naïve — ✓\n",
    finish_reason="length",
    usage=Usage(prompt_tokens=3, cached_tokens=1, completion_tokens=2),
    cost_usd=0.1 + 0.2,
    logprobs=(TokenLogprob(token="4", logprob=-1 / 3, top=(("4", -1 / 3), ("5", -2.0))),),
    reported_model="m",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "store.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{path}") as opened:
        yield opened


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


# ---- completions


async def test_a_completion_comes_back_as_it_was_put(store: Store) -> None:
    call = chat("a", lane="r1")
    await store.put(call.key, call, SAID)
    assert store.get(call.key) == SAID
    assert store.get("call1:unknown") is None


async def test_an_embedding_comes_back_bit_for_bit(store: Store) -> None:
    call = EmbeddingCall(model=ModelRef(provider="fake", name="e"), text="x")
    vector = Completion(vector=(0.1, 1 / 3, -2.5e-300))
    await store.put(call.key, call, vector)
    assert store.get(call.key) == vector


async def test_the_first_completion_of_a_key_is_kept(store: Store) -> None:
    call = chat("a")
    await store.put(call.key, call, said("first"))
    await store.put(call.key, call, said("second"))
    found = store.get(call.key)
    assert found is not None
    assert found.text == "first"
    assert store.count() == 1


async def test_many_are_written_at_once_and_found_by_their_keys(store: Store) -> None:
    calls = [chat(str(n)) for n in range(1200)]
    await asyncio.gather(*(store.put(call.key, call, said(str(n))) for n, call in enumerate(calls)))
    found = store.get_many([*(call.key for call in calls), "call1:unknown", calls[0].key])
    assert {key: one.text for key, one in found.items()} == {call.key: str(n) for n, call in enumerate(calls)}


async def test_a_reopened_store_has_what_was_put(path: Path) -> None:
    call = chat("a")
    with Store.open(f"sqlite:///{path}") as first:
        await first.put(call.key, call, SAID)
    with Store.open(f"sqlite:///{path}") as second:
        assert second.get(call.key) == SAID


async def test_two_processes_worth_of_stores_share_one_file(path: Path) -> None:
    with Store.open(f"sqlite:///{path}") as one, Store.open(f"sqlite:///{path}") as two:
        calls = [chat(str(n)) for n in range(100)]
        stores = (one, two)
        await asyncio.gather(*(stores[n % 2].put(call.key, call, SAID) for n, call in enumerate(calls)))
        assert one.count() == two.count() == 100


def test_a_store_keeps_a_write_ahead_log(store: Store, path: Path) -> None:
    # what lets readers go on beside the writer and a killed process lose nothing
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    raw.close()


async def test_a_cancelled_put_is_written_all_the_same(store: Store) -> None:
    call = chat("a")
    putting = asyncio.create_task(store.put(call.key, call, SAID))
    await asyncio.sleep(0)
    putting.cancel()
    await store.put(chat("b").key, chat("b"), SAID)
    assert store.get(call.key) == SAID


WRITER = """
    import asyncio, sys
    from panelsim.store import Store
    from tests.calls import chat, said

    async def write(store, lane):
        for n in range(100_000):
            call = chat(f"{lane} {n}")
            await store.put(call.key, call, said(str(n)))
            print(call.key, flush=True)

    async def main():
        store = Store.open(sys.argv[1])
        await asyncio.gather(*(write(store, lane) for lane in range(20)))

    asyncio.run(main())
"""


def test_a_killed_writer_loses_no_acknowledged_completion(path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), f"sqlite:///{path}"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert writer.stdout is not None
    acknowledged = [writer.stdout.readline().strip() for _ in range(500)]
    os.kill(writer.pid, signal.SIGKILL)
    acknowledged += [line.strip() for line in writer.stdout if line.endswith("\n")]
    writer.stdout.close()
    writer.wait()
    with Store.open(f"sqlite:///{path}") as store:
        assert set(acknowledged) <= set(store.get_many(acknowledged))
        assert store.verify() == ()


# ---- verification


async def test_verification_finds_a_changed_call_and_a_changed_completion(store: Store, path: Path) -> None:
    calls = [chat(text) for text in ("kept", "question", "answer")]
    for call in calls:
        await store.put(call.key, call, said("yes"))
    assert store.verify() == ()
    with sqlite3.connect(path) as raw:
        raw.execute(
            "UPDATE completions SET call = replace(call, 'question', 'forged') WHERE key = ?", (calls[1].key,)
        )
        raw.execute(
            "UPDATE completions SET completion = replace(completion, 'yes', 'no') WHERE key = ?",
            (calls[2].key,),
        )
    raw.close()
    forged = calls[1].model_copy(update={"messages": chat("forged").messages})
    expected = {
        BadRow(calls[1].key, f"the call gives the key {forged.key}"),
        BadRow(calls[2].key, "the completion is not the one that was stored"),
    }
    assert set(store.verify()) == expected


# ---- runs


def test_a_run_comes_back_as_it_was_saved(store: Store) -> None:
    store.save_run(run())
    assert store.run("r-1") == run()


def test_runs_are_listed_newest_first(store: Store) -> None:
    for day, name in ((1, "old"), (3, "new"), (2, "middle")):
        store.save_run(run(name, day))
    assert [one.id for one in store.runs()] == ["new", "middle", "old"]


def test_a_state_that_ends_a_run_sets_its_end_and_running_clears_it(store: Store) -> None:
    store.save_run(run())
    store.set_state("r-1", "partial")
    ended = store.run("r-1")
    assert ended.state == "partial"
    assert ended.finished_at is not None
    store.set_state("r-1", "running")
    assert store.run("r-1").finished_at is None


def test_failures_are_replaced_not_added(store: Store) -> None:
    store.save_run(run())
    store.set_failures("r-1", {"s2": "cut", "s1": "refused"})
    assert store.failures("r-1") == (Failure("s1", "refused"), Failure("s2", "cut"))
    store.set_failures("r-1", {"s2": "still cut"})
    assert store.failures("r-1") == (Failure("s2", "still cut"),)


def test_an_unknown_run_names_its_nearest(store: Store) -> None:
    store.save_run(run("20260203-a1b2"))
    with pytest.raises(InputError, match="did you mean '20260203-a1b2'"):
        store.run("20260203-a1b3")
    with pytest.raises(InputError, match="'nothing' is not in the store"):
        store.set_state("nothing", "done")


def test_a_run_id_is_taken_once(store: Store) -> None:
    store.save_run(run())
    with pytest.raises(InputError, match="already"):
        store.save_run(run())


def test_prompt_files_are_kept_under_their_hash(store: Store) -> None:
    key = store.save_prompts({"a": "text", "b": "other"})
    assert store.save_prompts({"b": "other", "a": "text"}) == key
    assert store.prompts(key) == {"a": "text", "b": "other"}
    with pytest.raises(StoreError, match="no prompt files"):
        store.prompts("prompts1:unknown")


# ---- files that are no good


def test_a_store_of_a_newer_form_is_refused(path: Path) -> None:
    Store.open(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE schema_version SET version = 99")
    raw.close()
    with pytest.raises(StoreError, match=r"form 99 .* upgrade panelsim"):
        Store.open(f"sqlite:///{path}")


def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("these are notes, not a database, and long enough to be read " * 20)
    with pytest.raises(StoreError, match=r"notes\.txt is not an SQLite file"):
        Store.open(f"sqlite:///{tmp_path / 'notes.txt'}")


def test_a_folder_in_the_place_of_the_store_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize("url", ["postgresql://someone:secret@host/db", "sqlite://", "nonsense"])
def test_another_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StoreError, match=r"expected sqlite:///PATH") as caught:
        Store.open(url)
    assert "secret" not in str(caught.value)


async def test_a_read_only_store_says_so(store: Store) -> None:
    with store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
        connection.rollback()
    with pytest.raises(StoreError, match="is read-only; make it writable"):
        await store.put(chat("a").key, chat("a"), SAID)


async def test_a_full_disk_is_told_to_whoever_put(store: Store, path: Path) -> None:
    call = chat("a")
    await store.put(call.key, call, SAID)
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        big = said("x" * 1_000_000)
        connection.rollback()
    # the limit belongs to a connection, and the pool hands the writer the same one again
    with pytest.raises(StoreError, match="disk is full"):
        await store.put(chat("b").key, chat("b"), big)
    assert store.get(call.key) == SAID
