"""The shelf of a replay: embedded models by name alone, with no file and no server behind them."""

from pathlib import Path

from panelsim.errors import InputError
from panelsim.model.call import ModelRef
from panelsim.providers import Options
from panelsim.providers.catalogue import HASH_SHOWN, entry_of
from panelsim.providers.embedded import Embedded, Server
from panelsim.providers.llama_process import Serving
from panelsim.providers.model_files import LocalModel

AT_ONCE = 64
"""Calls and slots of a replay: nothing is computed, so nothing has to wait."""


class _NoServer:
    """Stands where a server would: the cassette answers before anything is sent."""

    address = "http://127.0.0.1:9"
    key = "none"
    is_alive = True

    def ends_within(self, seconds: float) -> bool:
        """Never: it is not there."""
        del seconds
        return False

    def stop(self) -> None:
        """There is nothing to end."""


class RecordedShelf:
    """Finds every chat model by its full name."""

    def find(self, name: str) -> LocalModel:
        """A chat model without a file."""
        return LocalModel(name, "chat", Path(), name.partition("@")[2])

    def serve(self, model: LocalModel, serving: Serving) -> Server:
        """A server that is never spoken to."""
        del model, serving
        return _NoServer()


def recorded_embedded() -> Embedded:
    """The embedded provider for chat calls that a cassette answers."""
    serving = Serving(slots=AT_ONCE, at_once=AT_ONCE)
    return Embedded(Options(cache_dir=Path()), serving, RecordedShelf())


def known_ref(ref: ModelRef) -> ModelRef:
    """`ref` as it stands in calls, its file's hash from the catalogue instead of the file.

    Raises `InputError` for an embedded model that the catalogue does not know and that names no hash.
    """
    if ref.provider != "embedded" or "@" in ref.name:
        return ref
    entry = entry_of(ref.name)
    if entry.sha256 is None:
        raise InputError(f"model {str(ref)!r}: its hash is not known; name it as NAME@HASH")
    return ref.model_copy(update={"name": f"{entry.name}@{entry.sha256[:HASH_SHOWN]}"})
