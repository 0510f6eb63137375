"""The store in a file: its older form is brought up to date, and what is wrong with a file is told."""

import hashlib
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from panelsim.errors import StoreError
from panelsim.model.call import Completion, EmbeddingCall, ModelRef
from panelsim.store import BadRow, Failure, Store
from panelsim.store.tables import SCHEMA_VERSION, metadata
from tests.calls import chat, said
from tests.wire.stored import SAID, run, write_form_1


@pytest.fixture
def address(path: Path) -> str:
    return f"sqlite:///{path}"


def test_a_store_keeps_a_write_ahead_log(store: Store, path: Path) -> None:
    # what lets readers go on beside the writer and a killed process lose nothing
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_a_closed_store_is_one_file(path: Path, address: str) -> None:
    with Store.open(address) as store:
        await store.put(chat("a").key, chat("a"), SAID)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


# ---- form 1


def old_row(call: str, key: str, completion: Completion, second: int = 0) -> tuple[str, str, str, str, str]:
    text = completion.model_dump_json()
    digest = hashlib.sha256(text.encode()).hexdigest()
    return key, call, text, digest, f"2026-01-01T00:00:{second:02}.000001+00:00"


def test_a_store_of_form_1_keeps_its_completions_and_runs(path: Path, address: str) -> None:
    calls = [chat(str(n)) for n in range(150)]
    embedding = EmbeddingCall(model=ModelRef(provider="fake", name="e"), text="x")
    vector = Completion(vector=(0.1, 1 / 3))
    rows = [old_row(call.model_dump_json(), call.key, said(str(n)), n % 60) for n, call in enumerate(calls)]
    rows.append(old_row(embedding.model_dump_json(), embedding.key, vector))
    prompts = write_form_1(path, rows, run(), run("r-2", day=2).model_copy(update={"state": "interrupted"}))
    with Store.open(address) as store:
        assert store.verify() == ()
        assert store.count() == 151
        assert store.get_many(call.key for call in calls) == {
            call.key: said(str(n)) for n, call in enumerate(calls)
        }
        assert all(store.call_of(call.key) == call for call in calls)
        assert store.get(embedding.key) == vector
        assert store.call_of(embedding.key) == embedding
        assert store.run("r-1") == run()
        assert [one.state for one in store.runs()] == ["interrupted", "running"]
        assert store.failures("r-1") == (Failure("s1", "refused"),)
        assert store.prompts(prompts) == {"a": "text"}
        assert store.facts().form == SCHEMA_VERSION


def test_what_was_wrong_in_form_1_is_still_named(path: Path, address: str) -> None:
    good, forged, changed, broken = (chat(text) for text in ("good", "forged", "changed", "broken"))
    key, call, text, digest, at = old_row(changed.model_dump_json(), changed.key, said("yes"))
    rows = [
        old_row(good.model_dump_json(), good.key, said("yes")),
        old_row(chat("another").model_dump_json(), forged.key, said("yes")),
        (key, call, text.replace("yes", "no"), digest, at),
        (broken.key, broken.model_dump_json(), "not JSON", digest, at),
    ]
    write_form_1(path, rows)
    with Store.open(address) as store:
        assert set(store.verify()) == {
            BadRow(forged.key, f"the call gives the key {chat('another').key}"),
            BadRow(changed.key, "the completion is not the one that was stored"),
            BadRow(broken.key, "the completion is not the one that was stored"),
        }


def test_a_store_that_cannot_be_brought_up_to_date_is_left_as_it_was(path: Path, address: str) -> None:
    call = chat("a")
    write_form_1(path, [old_row(call.model_dump_json(), call.key, SAID)], run())
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE runs SET study = '{'")
        before = list(raw.iterdump())
    with pytest.raises(StoreError, match=rf"from form 1 to {SCHEMA_VERSION} .* nothing in it was changed"):
        Store.open(address)
    with closing(sqlite3.connect(path)) as raw, raw:
        assert list(raw.iterdump()) == before
        raw.execute("DELETE FROM failures")
        raw.execute("DELETE FROM runs")
    with Store.open(address) as store:
        assert store.get(call.key) == SAID


def test_a_migrated_store_has_the_tables_of_a_new_one(path: Path, address: str, tmp_path: Path) -> None:
    write_form_1(path, [], run())
    forms = []
    for url in (address, f"sqlite:///{tmp_path / 'new.sqlite3'}"):
        with Store.open(url) as store, store._database.read() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
            found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_schema WHERE type = 'table'")
            tables = {row.name: " ".join(row.sql.replace('"', "").split()) for row in found}
            version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
            forms.append((tables.keys(), version))
    assert forms[0] == forms[1]
    assert forms[0][1] == f"{SCHEMA_VERSION:04}"


def test_a_store_of_a_newer_form_is_refused(path: Path, address: str) -> None:
    Store.open(address).close()
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE schema_version SET version = 99")
    with pytest.raises(StoreError, match=r"form 99 .* upgrade panelsim"):
        Store.open(address)


# ---- files that are no good


def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("these are notes, not a database, and long enough to be read " * 20)
    with pytest.raises(StoreError, match=r"notes\.txt is not an SQLite file"):
        Store.open(f"sqlite:///{tmp_path / 'notes.txt'}")


def test_a_folder_in_the_place_of_the_store_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize("url", ["mysql://someone:secret@host/db", "sqlite://", "nonsense"])
def test_another_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StoreError, match=r"expected sqlite:///PATH or postgresql://") as caught:
        Store.open(url)
    assert "secret" not in str(caught.value)


async def test_a_read_only_store_says_so_and_can_still_be_read(store: Store) -> None:
    await store.put(chat("a").key, chat("a"), SAID)
    with store._database.read() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match="is read-only; make it writable"):
        await store.put(chat("b").key, chat("b"), SAID)
    assert store.get(chat("a").key) == SAID


async def test_a_full_disk_is_told_to_whoever_put(store: Store) -> None:
    call = chat("a")
    await store.put(call.key, call, SAID)
    with store._database.read() as connection:
        # the limit belongs to a connection, and the pool hands the writer the same one again
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    noise = said(os.urandom(500_000).hex())
    with pytest.raises(StoreError, match="disk is full; free some space and resume"):
        await store.put(chat("b").key, chat("b"), noise)
    assert store.get(call.key) == SAID


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("a disk can be mounted by root only")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


async def test_a_disk_that_fills_up_keeps_what_was_acknowledged(small_disk: Path) -> None:
    acknowledged = []

    async def fill(store: Store) -> None:
        for n in range(1000):
            call = chat(str(n))
            await store.put(call.key, call, said(os.urandom(5_000).hex()))
            acknowledged.append(call.key)

    address = f"sqlite:///{small_disk / 'store.sqlite3'}"
    with Store.open(address) as store:
        with pytest.raises(StoreError, match=r"disk is full|cannot be read or written"):
            await fill(store)
        assert len(acknowledged) > 10
        assert set(store.get_many(acknowledged)) == set(acknowledged)
    with Store.open(address) as store:
        assert store.verify() == ()
        assert set(store.get_many(acknowledged)) == set(acknowledged)


def test_a_damaged_file_is_named(path: Path, address: str) -> None:
    with Store.open(address) as store:
        for n in range(50):
            store.save_estimate(str(n), "x" * 500)
    content = bytearray(path.read_bytes())
    content[-16_384:] = bytes(16_384)
    path.write_bytes(content)
    with Store.open(address) as store, pytest.raises(StoreError, match="is damaged"):
        store.verify()
