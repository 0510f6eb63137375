"""The starter folder: the shipped profiles under names of one's own, and studies that use them."""

from collections.abc import Mapping
from pathlib import Path

from panelsim.errors import InputError
from panelsim.files.folders import read_text, shipped_folder
from panelsim.files.writing import check_folder, write_file

PROFILES = {
    "icps/b2b-saas": "icps/my-icp",
    "buyers/vp-sales": "buyers/my-vp-sales",
    "buyers/sales-ops": "buyers/my-sales-ops",
    "guides/buying-journey": "guides/my-guide",
}
"""Shipped file to starter file, below `personas`."""

NOTES = {
    "icps/my-icp": (
        "# The company you sell to. Replace every value by what your best customers share,\n"
        "# then run: panelsim icp lint personas/icps/my-icp.yaml\n"
    ),
    "buyers/my-vp-sales": (
        "# A buyer in that company. Write what you have heard from customers, and say so under provenance.\n"
        "# then run: panelsim persona lint my-vp-sales (in this folder)\n"
    ),
    "buyers/my-sales-ops": "# A second buyer: people who decide together rarely want the same.\n",
    "guides/my-guide": "# What an interview asks; probes follow while an answer stays vague.\n",
}

PANEL = """\
# Who is asked: personas and their weights. The anti-ICP is a control: people whom a good headline for your
# buyers should leave cold. Its profiles ship with panelsim; copy and edit them if you have better ones.
id: my-panel
title: My panel
version: 1
icps: [../icps/my-icp.yaml]
personas:
  - {persona: ../buyers/my-vp-sales.yaml, weight: 1}
  - {persona: ../buyers/my-sales-ops.yaml, weight: 1}
anti_icps: [local-services]
anti_personas:
  - {persona: owner-operator, weight: 1}
  - {persona: office-manager, weight: 1}
"""

STUDY = """\
# A headline test. See what it would take: panelsim estimate study.yaml
# Ask it: panelsim run study.yaml
id: my-headline-test
panel: personas/panels/my-panel.yaml
n: 12
stimuli:
  - Forecasts your CFO believes
  - Give your reps back six hours of selling a week
  - The sales platform for modern teams
# What a reader should understand; what respondents play back is read against it.
meaning: The product takes manual work out of sales forecasting.
channel: landing page headline
"""

MODEL = """\
measures: [relevance, clarity, believability]
# The default model runs on this machine at no cost. For a paid one, set its key and write for example
# openai/gpt-4o-mini; no call is ever sent that could pass max_cost_usd.
model: embedded/qwen2.5-1.5b
max_cost_usd: 2.0
seed: 7
"""

INTERVIEW = """\
# Interviews along a guide: words to think with, not findings. Ask them: panelsim run interview.yaml
kind: interview
id: my-interviews
panel: personas/panels/my-panel.yaml
n: 2
guide: personas/guides/my-guide.yaml
model: embedded/qwen2.5-1.5b
max_cost_usd: 2.0
seed: 7
"""

SURVEY = """\
# A questionnaire: every question is asked alone. Ask it: panelsim survey survey.yaml
# Types of questions, filters, and people's answers beside the panel's: docs/studies.md
kind: survey
id: my-survey
panel: personas/panels/my-panel.yaml
n: 12
questions:
  - id: tool
    type: single
    text: What do you forecast with today?
    options: [A spreadsheet, The CRM, A forecasting tool, Nothing]
  - id: trouble
    type: multiple
    text: What costs you time each week?
    options: [Typing into the CRM, Asking reps for figures, Explaining the forecast]
  - id: trust
    type: scale
    text: How far do you trust your forecast?
    labels: [Not at all, A little, Somewhat, Mostly, Fully]
  - id: change
    type: open
    text: What would you change first?
model: embedded/qwen2.5-1.5b
max_cost_usd: 2.0
seed: 7
"""


def write_starter(folder: Path) -> tuple[Path, ...]:
    """Writes the starter below `folder`. Raises `InputError` if one of its files is there already."""
    texts = {f"personas/{new}.yaml": _renamed(old, new) for old, new in PROFILES.items()}
    texts |= {
        "personas/panels/my-panel.yaml": PANEL,
        "study.yaml": STUDY + MODEL,
        "interview.yaml": INTERVIEW,
        "survey.yaml": SURVEY,
    }
    return write_all(folder, texts)


def write_all(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Writes every text to its place below `folder`. Raises `InputError` if one is there already."""
    for name in texts:
        if (folder / name).exists():
            raise InputError(f"{folder / name} is there already and is not overwritten; name another folder")
    written = []
    for name, text in texts.items():
        path = folder / name
        check_folder(path.parent)
        written.append(write_file(path, (text,)))
    return tuple(written)


def _renamed(old: str, new: str) -> str:
    """The shipped file's text under its new id, in the starter's ICP."""
    text = read_text(shipped_folder("personas") / f"{old}.yaml")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    body = "\n".join(lines).replace(f"id: {Path(old).name}", f"id: {Path(new).name}", 1)
    return NOTES[new] + body.replace("icps: [b2b-saas]", "icps: [my-icp]").rstrip() + "\n"
