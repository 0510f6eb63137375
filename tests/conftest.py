"""What holds for every test: no network but loopback, no keys, no waiting, nothing of the user's own."""

import os
from pathlib import Path

import pytest
from hypothesis import settings
from pytest_socket import socket_allow_hosts

from panelsim.providers.wrappers import Clock
from tests.clock import FakeClock

LOOPBACK = ["127.0.0.1", "::1"]
SECRET_ENDINGS = ("_API_KEY", "_TOKEN", "_SECRET", "_CREDENTIALS", "_PROXY", "_BASE_URL", "_API_BASE")
MODELS = "PANELSIM_TEST_MODELS"
"""Cache folder of the embedded models that tests run; without it, the user's (tests/wire/local_models.py)."""


settings.register_profile("panelsim", deadline=None)
settings.load_profile("panelsim")
# no deadline: a busy machine is no fault of the code, and speed is measured in benchmarks/


def pytest_runtest_setup() -> None:
    """Only loopback can be reached."""
    socket_allow_hosts(LOOPBACK, allow_unix_socket=True)


@pytest.fixture(autouse=True)
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty home, an empty store and an environment without keys or proxies."""
    for name in list(os.environ):
        if name.upper().endswith(SECRET_ENDINGS) or (name.startswith("PANELSIM_") and name != MODELS):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name, folder in (
        ("XDG_DATA_HOME", "data"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_CONFIG_HOME", "config"),
    ):
        monkeypatch.setenv(name, str(home / folder))
    if MODELS in os.environ:
        monkeypatch.setenv("PANELSIM_CACHE_DIR", os.environ[MODELS])


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """Retries wait on this clock, which costs no time."""
    fake = FakeClock()
    monkeypatch.setattr(Clock, "now", lambda _self: fake.now())
    monkeypatch.setattr(Clock, "sleep", lambda _self, seconds: FakeClock.sleep(fake, seconds))
    return fake
