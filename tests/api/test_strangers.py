"""Callers without a live key: they make the server hold little, and guess slowly; others are not hindered."""

import time
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import pytest

from panelsim.api.context import ApiOptions
from panelsim.api.limits import BUCKETS, MOST_REFUSED, Refusals
from tests.api.asgi import Exchange, exchange
from tests.api.conftest import Service

UPLOADS = ("/v1/calibrations", "/v1/icps/b2b-saas/match")
PIECE = b"x" * 65_536
CSV = {"content-type": "text/csv"}


async def _upload(service: Service, path: str, key: dict[str, str], pieces: int, **more: str) -> Exchange:
    return await exchange(service.client.app, "POST", path, CSV | key | more, [PIECE] * pieces)


@pytest.mark.parametrize("path", UPLOADS)
@pytest.mark.parametrize("key", [{}, {"authorization": "Bearer psk_x"}])
async def test_nothing_of_an_upload_is_read_for_a_caller_without_a_key(
    service: Service, path: str, key: dict[str, str]
) -> None:
    refused = await _upload(service, path, key, 300)
    assert (refused.status, refused.problem["code"]) == (401, "unauthorized")
    assert refused.pieces_read == 0


@pytest.mark.parametrize("path", UPLOADS)
async def test_a_stated_length_beyond_the_limit_is_refused_whoever_sends_it(
    service: Service, path: str
) -> None:
    for key in ({}, _lower(service.key())):
        refused = await _upload(service, path, key, 1, **{"content-length": "20000001"})
        assert (refused.status, refused.problem["code"]) == (413, "body_too_large")
        assert "20,000,000 bytes" in str(refused.problem["detail"])
        assert refused.pieces_read == 0


@pytest.mark.parametrize("path", UPLOADS)
async def test_of_an_upload_that_grows_beyond_the_limit_no_more_is_read(service: Service, path: str) -> None:
    refused = await _upload(service, path, _lower(service.key()), 400)  # 26 MB in pieces, no length stated
    assert (refused.status, refused.problem["code"]) == (413, "body_too_large")
    assert refused.pieces_read == 20_000_000 // len(PIECE) + 1
    assert refused.headers["connection"] == "close"


async def test_a_form_that_grows_beyond_the_limit_is_refused_too(
    make_service: Callable[[ApiOptions], Service],
) -> None:
    service = make_service(ApiOptions(max_upload=200_000))
    form = {"content-type": "multipart/form-data; boundary=b"} | _lower(service.key())
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    refused = await exchange(service.client.app, "POST", UPLOADS[1], form, [head, *[PIECE] * 4])
    assert (refused.status, refused.problem["code"]) == (413, "body_too_large")


def test_after_many_keys_that_are_none_an_address_is_told_to_wait_and_live_keys_go_on(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the window slides while a slow machine works
    monkeypatch.setattr("limits.storage.memory.time", SimpleNamespace(time=partial(float, time.time())))
    client, alive = service.client, service.key()
    guessed = [
        client.get("/v1/runs", headers={"Authorization": f"Bearer psk_{number:054}"})
        for number in range(MOST_REFUSED + 2)
    ]
    assert [one.status_code for one in guessed] == [401] * MOST_REFUSED + [429] * 2
    refused = guessed[-1]
    assert refused.json()["code"] == "rate_limited"
    assert refused.json()["retryable"] is True
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert "unknown or was revoked" in refused.json()["detail"]
    assert client.get("/v1/runs", headers=alive).status_code == 200
    assert client.get("/v1/runs", headers=service.key("made after that")).status_code == 200
    assert client.get("/v1/runs").status_code == 401  # no key is none that was guessed
    chat = {"model": "persona:vp-sales", "messages": [{"role": "user", "content": "hi"}]}
    for path in ("/v1/chat/completions", "/mcp"):
        again = client.post(path, json=chat, headers={"Authorization": "Bearer psk_x"})
        assert again.status_code == 429, path
        assert "retry-after" in again.headers


def test_addresses_are_counted_apart_and_networks_of_ipv6_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panelsim.api.limits.BUCKETS", 2**60)  # none is shared by chance
    monkeypatch.setattr("limits.storage.memory.time", SimpleNamespace(time=partial(float, time.time())))
    refusals = Refusals(2)
    for address in ("192.0.2.1", "::ffff:192.0.2.1"):
        assert refusals.take(address) == 0
    assert refusals.take("192.0.2.1") > 0
    assert refusals.take("192.0.2.2") == 0
    for place in (1, 2):
        assert refusals.take(f"2001:db8::{place}") == 0
    assert refusals.take("2001:db8::ffff:3") > 0
    assert refusals.take("2001:db8:0:1::1") == 0


def test_very_many_addresses_take_no_more_counters_than_there_are() -> None:
    refusals = Refusals(1_000_000)
    for number in range(3 * BUCKETS):
        refusals.take(f"198.51.{number // 256}.{number % 256}")
    assert len(refusals._limiter.storage.storage) <= 2 * BUCKETS  # type: ignore[attr-defined]


def _lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
