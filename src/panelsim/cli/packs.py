"""Packs: a shipped panel with all that it is drawn from and a study for it, copied to be edited."""

import re
from pathlib import Path

from panelsim.cli.starter import INTERVIEW, MODEL, NOTES, SURVEY, write_all
from panelsim.errors import InputError
from panelsim.files import read_panel_spec
from panelsim.files.faults import did_you_mean
from panelsim.files.folders import read_text, shipped_folder

GUIDE = "guides/buying-journey"


def pack_names() -> tuple[str, ...]:
    """Names of the packs: shipped panels that have a study."""
    return tuple(sorted(path.stem for path in (shipped_folder("personas") / "studies").glob("*.yaml")))


def write_pack(name: str, folder: Path) -> tuple[Path, ...]:
    """Writes the pack below `folder`, its files under the ids that they ship with.

    Panel and study name files by path, so that an edited copy is the one that is asked wherever the command
    is run. Raises `InputError` if there is no such pack, or one of its files is there already.
    """
    known = pack_names()
    if name not in known:
        raise InputError(f"--pack {name!r}, expected one of {', '.join(known)}{did_you_mean(name, known)}")
    return write_all(folder, _texts(name))


def _texts(name: str) -> dict[str, str]:
    """What the pack holds: place below the folder to text."""
    sources = read_panel_spec(str(shipped_folder("personas") / "panels" / f"{name}.yaml"))
    icps = [f"icps/{one.id}" for one in sources.icps + sources.anti_icps]
    buyers = [f"buyers/{one.id}" for one in sources.personas + sources.anti_personas]
    texts = {f"personas/{place}.yaml": _shipped(place) for place in (*icps, *buyers)}
    panel = f"personas/panels/{name}.yaml"
    texts[panel] = _with_paths(_shipped(f"panels/{name}"))
    texts["personas/guides/my-guide.yaml"] = NOTES["guides/my-guide"] + _shipped(GUIDE).replace(
        "id: buying-journey", "id: my-guide", 1
    )
    texts["study.yaml"] = _shipped(f"studies/{name}").replace(f"panel: {name}", f"panel: {panel}") + MODEL
    for name, text in (("interview.yaml", INTERVIEW), ("survey.yaml", SURVEY)):
        texts[name] = text.replace("personas/panels/my-panel.yaml", panel)
    return texts


def _shipped(place: str) -> str:
    return read_text(shipped_folder("personas") / f"{place}.yaml")


def _with_paths(panel: str) -> str:
    """The panel's text, naming the files beside it in place of ids."""
    lists = re.sub(
        r"^((?:anti_)?icps: )\[([^\]]*)\]$",
        lambda found: (
            f"{found[1]}[{', '.join(f'../icps/{one.strip()}.yaml' for one in found[2].split(','))}]"
        ),
        panel,
        flags=re.MULTILINE,
    )
    return re.sub(r"\{persona: ([a-z0-9._-]+)", r"{persona: ../buyers/\1.yaml", lists)
