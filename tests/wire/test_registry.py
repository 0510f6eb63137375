"""Model references, the registry of providers, and settings from the environment."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from panelsim.errors import InputError
from panelsim.model.call import ModelRef
from panelsim.providers import PROVIDERS, Options, open_provider, parse_model_ref, resolve_model_ref
from panelsim.settings import read_settings


@pytest.mark.parametrize(
    ("text", "provider", "name"),
    [
        ("openai/gpt-4o-mini", "openai", "gpt-4o-mini"),
        ("litellm/anthropic/claude-haiku-4-5", "litellm", "anthropic/claude-haiku-4-5"),
        ("embedded/qwen2.5-1.5b", "embedded", "qwen2.5-1.5b"),
        ("embedded:/models/my.gguf", "embedded", "/models/my.gguf"),
        ("scripted/sensible", "scripted", "sensible"),
    ],
)
def test_a_model_is_provider_and_name(text: str, provider: str, name: str) -> None:
    assert parse_model_ref(text) == ModelRef(provider=provider, name=name)


def test_an_endpoint_loses_its_last_slash() -> None:
    assert parse_model_ref("openai/x", "http://localhost:8000/v1/").base_url == "http://localhost:8000/v1"


@pytest.mark.parametrize(
    ("text", "base_url", "told"),
    [
        ("gpt-4o-mini", "", "is not PROVIDER/NAME"),
        ("openai/", "", "is not PROVIDER/NAME"),
        ("opnai/x", "", "did you mean 'openai'"),
        ("scripted/sensible", "http://localhost/v1", "has no endpoint"),
        ("openai/x", "localhost:8000", "is not an address"),
        ("openai/x", "https://me:pass@host/v1", "OPENAI_API_KEY"),
        ("openai/x", "https://host/v1?key=pass", "carries a query"),
    ],
)
def test_a_wrong_reference_says_what_is_wrong(text: str, base_url: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        parse_model_ref(text, base_url)
    assert "pass" not in str(caught.value).replace("password", "")


def test_a_scripted_behaviour_is_checked_before_the_run(tmp_path: Path) -> None:
    options = Options(cache_dir=tmp_path)
    sensible = ModelRef(provider="scripted", name="sensible")
    assert resolve_model_ref(sensible, options) == sensible
    with pytest.raises(InputError, match="did you mean 'sensible'"):
        resolve_model_ref(ModelRef(provider="scripted", name="sensibel"), options)


def test_openai_without_a_key_is_told_before_the_run(tmp_path: Path) -> None:
    ref = ModelRef(provider="openai", name="gpt-4o-mini")
    with pytest.raises(InputError, match="set OPENAI_API_KEY"):
        resolve_model_ref(ref, Options(cache_dir=tmp_path))
    assert resolve_model_ref(ref, Options(cache_dir=tmp_path, openai_api_key=SecretStr("k"))) == ref
    local = ref.model_copy(update={"base_url": "http://localhost:8000/v1"})
    assert resolve_model_ref(local, Options(cache_dir=tmp_path)) == local


@pytest.mark.parametrize("name", sorted(PROVIDERS))
async def test_every_provider_opens_without_a_call_and_closes(name: str, tmp_path: Path) -> None:
    provider = open_provider(name, Options(cache_dir=tmp_path))
    assert provider.at_once >= 1
    assert provider.paced_by_lane is (name == "embedded")
    await provider.close()


def test_importing_the_registry_imports_no_sdk() -> None:
    program = (
        "import sys, panelsim.providers.wrappers, panelsim.execution.drive, panelsim.store\n"
        "print([name for name in ('openai', 'litellm', 'xllamacpp', 'onnxruntime') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ---- settings


def test_settings_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANELSIM_STORE", str(tmp_path / "s.sqlite3"))
    monkeypatch.setenv("PANELSIM_TIMEOUT_S", "9.5")
    monkeypatch.setenv("PANELSIM_HOME", "~/mine")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    settings = read_settings()
    assert settings.store_url == f"sqlite:///{tmp_path / 's.sqlite3'}"
    assert settings.timeout_s == 9.5
    assert settings.home == Path.home() / "mine"
    assert settings.openai_api_key is not None
    assert settings.openai_api_key.get_secret_value() == "sk-secret"
    assert "sk-secret" not in repr(settings)


def test_an_empty_environment_gives_the_users_own_folders() -> None:
    settings = read_settings()
    assert settings.store_url.endswith("panelsim.sqlite3")
    assert str(Path.home()) in settings.store_url
    assert settings.openai_api_key is None


def test_a_wrong_setting_is_named_and_its_value_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANELSIM_ATTEMPTS", "sk-pasted-in-the-wrong-place")
    with pytest.raises(InputError, match="PANELSIM_ATTEMPTS") as caught:
        read_settings()
    assert "sk-pasted" not in str(caught.value)
