from pathlib import Path

import pytest

from panelsim.files import (
    list_icps,
    list_panels,
    list_personas,
    read_guide,
    read_icp,
    read_panel_spec,
    read_persona,
)
from panelsim.model.icp import ICP
from panelsim.model.persona import Persona
from panelsim.planning.draw import draw_panel
from panelsim.planning.lint import lint_icp, lint_persona

BEFORE_REVIEW = "2027-01-01"

CARD_WORDS = 60
"""Title, company, two goals, two pains and an objection: about 90 tokens of a small model."""


@pytest.fixture(autouse=True)
def _nothing_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PANELSIM_HOME", raising=False)


def icps() -> list[ICP]:
    return [read_icp(name) for name in list_icps()]


def personas() -> list[Persona]:
    return [read_persona(name) for name in list_personas()]


def test_shipped_icps_are_lint_clean() -> None:
    for icp in icps():
        others = [other for other in icps() if other.id != icp.id]
        assert lint_icp(icp, others, personas(), today=BEFORE_REVIEW) == ()


def test_shipped_personas_are_lint_clean() -> None:
    for persona in personas():
        assert lint_persona(persona, icps(), today=BEFORE_REVIEW) == ()


def test_shipped_profiles_state_every_core_field() -> None:
    left_out = {"demographics", "valid_in", "parent", "outcomes", "account_fields", "columns"}
    profiles: list[ICP | Persona] = [*icps(), *personas()]
    empty = [(one.id, name) for one in profiles for name, value in one if not value and name not in left_out]
    assert empty == []


def test_shipped_personas_say_that_they_are_invented() -> None:
    for persona in personas():
        assert {entry.basis for entry in persona.provenance} == {"invented"}


def test_shipped_personas_differ_in_what_they_decide_by() -> None:
    assert len({persona.decision for persona in personas()}) == 8
    assert len({persona.hexaco for persona in personas()}) == 8


def test_a_card_stays_short() -> None:
    for persona in personas():
        pains = [pain.text for pain in persona.pains[:2]]
        texts = [persona.title, *persona.goals[:2], *pains, persona.objections[0]]
        assert sum(len(text.split()) for text in texts) <= CARD_WORDS


@pytest.mark.parametrize(("name", "count"), [("sales-trio", 3), ("sales-committee", 6)])
def test_shipped_panels_draw_all_their_personas_and_the_control(name: str, count: int) -> None:
    sources = read_panel_spec(name)
    panel = draw_panel(sources, sources.spec.n, sources.spec.seed, anti_n=12)
    target = [one for one in panel.respondents if one.arm == "target"]
    anti = [one for one in panel.respondents if one.arm == "anti"]
    assert (len(target), len(anti)) == (24, 12)
    assert len({one.persona for one in target}) == count
    assert {one.icp for one in anti} == {"local-services"}
    assert len({one.name for one in panel.respondents}) == 36


def test_every_shipped_panel_is_tested() -> None:
    assert set(list_panels()) == {"sales-trio", "sales-committee"}


def test_the_interview_guide_asks_for_trigger_success_and_near_blocker() -> None:
    guide = read_guide("buying-journey")
    assert [(question.id, len(question.probes)) for question in guide.questions] == [
        ("trigger", 2), ("success", 2), ("near-blocker", 2),
    ]  # fmt: skip
