"""What an account spent, and what the server can ask and rate."""

from datetime import UTC, datetime

from sqlalchemy import insert

from panelsim.providers.catalogue import CATALOGUE
from panelsim.service.workspace import Workspace
from panelsim.settings import Settings
from panelsim.store import Spender, Store
from panelsim.store.records import PICO
from panelsim.store.tables import spends
from tests.api.conftest import TEST, Service


def spend(store: Store, account: str, run: str, day: str, model: str, dollars: float) -> None:
    row = Spender(run, "h")._asdict() | {"day": day, "model": model, "account": account, "calls": 2}
    row |= {"pico": round(dollars * PICO), "unsettled_pico": 0}
    with store._database.write() as connection:
        connection.execute(insert(spends).values(row))


def test_usage_adds_up_by_day_run_and_model_for_its_account_alone(service: Service) -> None:
    store = service.api.workspace.store
    headers, other = service.key(cap=20 * PICO), service.key("other")
    account, stranger = (key.account for key in store.api_keys())
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    spend(store, account, "r1", today, "openai/a", 1.5)
    spend(store, account, "r2", today, "openai/b", 0.25)
    spend(store, account, "r0", "2020-01-01", "openai/a", 9)
    spend(store, stranger, "r3", today, "openai/a", 3)
    told = service.client.get("/v1/usage", headers=headers).json()
    assert told["total"] == {"name": "total", "calls": 4, "cost_usd": 1.75, "unsettled_usd": 0}
    assert told["month"] | {"month": ""} == {
        "month": "", "spent_usd": 1.75, "reserved_usd": 0, "cap_usd": 20, "left_usd": 18.25
    }  # fmt: skip
    first = service.client.get("/v1/usage?by=run&limit=1&since=2020-01-01", headers=headers).json()
    rest = service.client.get(
        f"/v1/usage?by=run&since=2020-01-01&cursor={first['next_cursor']}", headers=headers
    ).json()
    assert [one["name"] for one in (*first["data"], *rest["data"])] == ["r2", "r1", "r0"]
    assert first["total"]["cost_usd"] == 10.75  # 1.5 + .25 + 9
    table = service.client.get("/v1/usage?by=model&format=csv", headers=headers).text.splitlines()
    assert table[0] == "model,calls,cost_usd,unsettled_usd"
    assert [line.partition(",")[0] for line in table[1:]] == ["openai/a", "openai/b"]
    assert service.client.get("/v1/usage", headers=other).json()["total"]["cost_usd"] == 3
    assert service.client.get("/v1/usage?since=yesterday", headers=headers).status_code == 422


def test_models_are_told_without_keys_and_measures_with_their_scale(
    service: Service, workspace: Workspace
) -> None:
    headers = service.key()
    told = {one["name"]: one for one in service.client.get("/v1/models", headers=headers).json()["data"]}
    assert {f"embedded/{entry.name}" for entry in CATALOGUE} < set(told)
    assert told["embedded/qwen2.5-1.5b"]["good_for"].startswith("Modest signal")
    assert told["openai/*"]["is_here"] is False
    assert told["scripted/sensible"]["is_here"] is True
    assert not any("key" in one for one in Settings.model_fields if one in str(told))
    measures = service.client.get("/v1/measures", headers=headers).json()["data"]
    assert {"relevance", "clarity", "believability"} <= {one["id"] for one in measures}
    for one in measures:
        asked = TEST | {"measures": [one["id"]]}
        assert service.client.post("/v1/message-tests", json=asked, headers=headers).status_code == 202
