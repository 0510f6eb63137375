"""A database that is away for ten seconds: told clearly, waited for, and then everything goes on."""

import time
from pathlib import Path

import httpx
import pytest

from panelsim.service.api_keys import create_key
from panelsim.store import Store
from tests.api.conftest import TEST, serving
from tests.wire import postgres

pytestmark = pytest.mark.alone
AWAY_S = 10


def test_a_database_that_is_away_for_a_while_costs_nothing(tmp_path: Path) -> None:
    with postgres.server() as server, postgres.database(server.address) as address:
        with Store.open(address) as store:
            _, secret = create_key(store, "tests", rpm=100_000)
        headers = {"Authorization": f"Bearer {secret}"}
        with (
            serving(address, tmp_path / "log") as served,
            httpx.Client(base_url=served.url, headers=headers, timeout=30) as client,
        ):
            made = client.post("/v1/message-tests", json=TEST | {"n": 60})
            assert made.status_code == 202, made.text
            run = f"/v1/runs/{made.json()['id']}"
            until = time.monotonic() + 60
            while client.get(run).json()["counts"]["answered"] < 20:
                assert time.monotonic() < until
                time.sleep(0.1)
            server.stop()
            stopped = time.monotonic()
            while time.monotonic() - stopped < AWAY_S:
                for refused in (client.get("/readyz"), client.get(run)):
                    assert refused.status_code == 503
                    assert refused.json()["code"] == "store_away"
                    assert refused.json()["retryable"] is True
                    assert int(refused.headers["retry-after"]) > 0
                assert client.get("/healthz").status_code == 200
                time.sleep(1)
            server.start()
            until = time.monotonic() + 90
            while not ((seen := client.get(run)).status_code == 200 and seen.json()["has_ended"]):
                assert time.monotonic() < until, seen.text
                time.sleep(0.3)
            ended = seen.json()
            assert ended["state"] == "done"
            assert ended["counts"]["done"] == ended["counts"]["sessions"]
