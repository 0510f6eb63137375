"""Settings: what the environment says, read once."""

from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_cache_dir, user_config_dir, user_data_dir
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from panelsim.errors import InputError

APP = "panelsim"


class Settings(BaseSettings):
    """Each field is the environment variable `PANELSIM_` + its name; secrets keep their usual names."""

    model_config = SettingsConfigDict(
        env_prefix="PANELSIM_",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        use_attribute_docstrings=True,
    )

    store: str = ""
    """The store's `sqlite:///PATH` or plain path; empty: `panelsim.sqlite3` in the user's data folder."""
    cache_dir: Path = Field(default_factory=lambda: Path(user_cache_dir(APP)))
    """Where model files are kept."""
    home: Path = Field(default_factory=lambda: Path(user_config_dir(APP)))
    """The user's own prompts and personas, which override the shipped ones file by file."""
    evals_dir: Path = Field(default_factory=lambda: Path(user_data_dir(APP)) / "evals")
    """Where evaluations are kept."""
    eval_data: Path | None = None
    """Where the answers of people are that some benchmarks need; absent: those benchmarks are not run."""
    timeout_s: Annotated[float, Field(gt=0)] = 120.0
    """Seconds one attempt of a call may take."""
    attempts: Annotated[int, Field(ge=1, le=20)] = 5
    """Attempts of a call that fails, the first included; being turned away counts against the patience."""
    patience_s: Annotated[float, Field(ge=0)] = 600.0
    """Seconds a call may go on being throttled, or finding no room at the provider, before it is given up."""
    at_once: Annotated[int, Field(ge=1, le=1024)] | None = None
    """Calls under way at the same time; absent: what suits the provider."""
    rpm: str = ""
    """Requests per minute: a number for each provider, or `PROVIDER/NAME=N` separated by `;`."""
    tpm: str = ""
    """Tokens per minute, in the same form."""
    transport: Literal["aiohttp", "sdk"] = "aiohttp"
    """How OpenAI and compatible servers are spoken to: straight over aiohttp, or through the openai SDK."""
    prices: str = ""
    """`PROVIDER/NAME=IN,OUT[,CACHED]` in dollars per million tokens, separated by `;`; they win."""
    log: Literal["debug", "info", "warning"] = "warning"
    """The least that is worth a log line on stderr."""
    log_format: Literal["text", "json"] = "text"
    """How a log line is written."""
    otel: bool = False
    """Whether runs are traced; `OTEL_*` say where the spans go."""
    metrics_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    """Port of this machine's loopback where Prometheus metrics are served; absent: none are kept."""
    openai_api_key: Annotated[
        SecretStr | None, Field(validation_alias=AliasChoices("openai_api_key", "OPENAI_API_KEY"))
    ] = None
    """Key of OpenAI or of the OpenAI-compatible server; absent: servers that need none can still be asked."""

    @field_validator("cache_dir", "home", "evals_dir", "eval_data")
    @classmethod
    def _at_home(cls, path: Path | None) -> Path | None:
        return None if path is None else path.expanduser()

    @property
    def store_url(self) -> str:
        """The store's address."""
        if "://" in self.store:
            return self.store
        path = Path(self.store).expanduser() if self.store else Path(user_data_dir(APP)) / "panelsim.sqlite3"
        return f"sqlite:///{path}"


def read_settings() -> Settings:
    """The settings of this process. Raises `InputError` if an environment variable cannot be read."""
    try:
        return Settings()
    except ValidationError as error:
        # not the value itself: a key in the wrong variable must not be printed
        wrong = "; ".join(f"PANELSIM_{_name(part['loc'])}: {part['msg']}" for part in error.errors())
        raise InputError(f"the environment cannot be read: {wrong}") from None


def _name(place: tuple[int | str, ...]) -> str:
    return str(place[0]).upper() if place else "?"
