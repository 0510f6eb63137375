"""The store on a server: connections that break, servers that are away, and addresses that are wrong."""

import asyncio
import threading
import time
from functools import partial
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine.url import make_url

from panelsim.errors import StoreError
from panelsim.store import Spender, Store, writer
from panelsim.store.batch import Batch
from panelsim.store.items import Note, Put
from panelsim.store.tables import SCHEMA_VERSION
from tests.calls import chat, said
from tests.wire import postgres
from tests.wire.stored import SAID, run

pytestmark = pytest.mark.alone


@pytest.fixture
def address(on_server: str) -> str:
    return on_server


async def test_a_terminated_connection_loses_nothing_and_counts_nothing_twice(
    store: Store, address: str
) -> None:
    spender = Spender("r-1", "h")
    calls = [chat(str(n)) for n in range(400)]
    putting = []
    for place, call in enumerate(calls):
        putting.append(asyncio.create_task(store.put(call.key, call, said("x"), spender)))
        if place % 100 == 50:
            await asyncio.sleep(0.02)
            await asyncio.to_thread(postgres.end_connections, address)
    await asyncio.gather(*putting)
    assert set(store.get_many(call.key for call in calls)) == {call.key for call in calls}
    assert store.spent("r-1").calls == 400
    assert store.verify() == ()


async def test_reads_and_runs_go_on_after_the_connections_were_terminated(store: Store, address: str) -> None:
    store.save_run(run())
    await store.put(chat("a").key, chat("a"), SAID)
    postgres.end_connections(address)
    assert await store.find(chat("a").key) == SAID
    postgres.end_connections(address)
    assert store.run("r-1") == run()
    postgres.end_connections(address)
    store.set_state("r-1", "done")


def test_a_commit_that_may_have_happened_is_not_repeated(store: Store) -> None:
    batch = Batch(store.place)
    batch.add(Put(chat("a").key, chat("a"), said("x"), Spender("r-1", "h")))
    batch.add(Note(Spender("r-1", "h"), 7, ""))
    for again in (False, True, True):
        with store._database.write() as connection:
            batch.write(connection, store._database, again=again)
    assert store.spent("r-1") == (1, 0, 7)


async def test_a_server_that_stays_away_is_told_and_its_return_mends_the_store(
    store: Store, postgres_server: postgres.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "PATIENCE_S", 0.3)
    await store.put(chat("a").key, chat("a"), SAID)
    postgres_server.stop()
    try:
        with pytest.raises(StoreError, match=r"cannot be reached; .* what was answered is kept"):
            await store.put(chat("b").key, chat("b"), SAID)
        with pytest.raises(StoreError, match="cannot be reached"):
            store.runs()
    finally:
        postgres_server.start()
    await store.put(chat("b").key, chat("b"), SAID)
    assert store.get_many([chat(text).key for text in "ab"]) == {chat(text).key: SAID for text in "ab"}


async def test_a_put_and_a_look_up_wait_for_a_server_that_restarts(
    store: Store, postgres_server: postgres.Server
) -> None:
    await store.put(chat("a").key, chat("a"), SAID)
    postgres_server.stop()
    starting = asyncio.create_task(asyncio.to_thread(postgres_server.start))
    _, found = await asyncio.gather(store.put(chat("b").key, chat("b"), SAID), store.find(chat("a").key))
    await starting
    assert found == SAID
    assert store.count() == 2


def test_a_database_that_is_missing_is_told_at_once_without_the_password(address: str) -> None:
    place = make_url(address)
    wrong = place.set(database="not_there", password="hunter2").render_as_string(hide_password=False)
    began = time.monotonic()
    with pytest.raises(StoreError, match="is not there; make the database") as caught:
        Store.open(wrong)
    assert time.monotonic() - began < 5
    assert "hunter2" not in str(caught.value)


def test_a_wrong_password_is_told_at_once_and_not_shown(address: str) -> None:
    with psycopg.connect(address) as connection:
        rules = Path(str(connection.execute("SHOW hba_file").fetchall()[0][0]))
    before = rules.read_text()
    execute = partial(postgres.execute, address)
    execute(sql.SQL("CREATE ROLE asker LOGIN PASSWORD 'right'"))
    rules.write_text("local all asker scram-sha-256\n" + before)
    execute(sql.SQL("SELECT pg_reload_conf()"))
    wrong = make_url(address).set(username="asker", password="hunter2")
    try:
        began = time.monotonic()
        with pytest.raises(StoreError, match="refused the user or the password") as caught:
            Store.open(wrong.render_as_string(hide_password=False))
    finally:
        rules.write_text(before)
        execute(sql.SQL("SELECT pg_reload_conf()"))
        execute(sql.SQL("DROP ROLE asker"))
    assert time.monotonic() - began < 5
    assert "hunter2" not in str(caught.value)


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        Store.open(f"postgres://someone:hunter2@/db?host={tmp_path}")
    assert "hunter2" not in str(caught.value)


def test_many_processes_may_open_an_empty_database_at_once(address: str) -> None:
    opened = []

    def go() -> None:
        with Store.open(address) as store:
            opened.append(store.facts().form)

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [SCHEMA_VERSION] * 6
