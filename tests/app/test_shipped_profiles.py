from pathlib import Path

import pytest

from panelsim.cli.packs import pack_names
from panelsim.files import (
    list_icps,
    list_panels,
    list_personas,
    read_guide,
    read_icp,
    read_panel_spec,
    read_persona,
    read_study,
)
from panelsim.files.folders import shipped_folder
from panelsim.model.icp import ICP
from panelsim.model.persona import Persona
from panelsim.model.study import MessageTest
from panelsim.planning.draw import draw_panel
from panelsim.planning.lint import lint_persona
from panelsim.planning.lint_icps import lint_icps
from panelsim.planning.panel_rules import lint_panel

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
    assert lint_icps(icps(), personas(), today=BEFORE_REVIEW, together=False) == ()


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
    assert len({persona.decision for persona in personas()}) == len(personas())
    assert len({persona.hexaco for persona in personas()}) == len(personas())


def test_a_card_stays_short() -> None:
    for persona in personas():
        pains = [pain.text for pain in persona.pains[:2]]
        texts = [persona.title, *persona.goals[:2], *pains, persona.objections[0]]
        assert sum(len(text.split()) for text in texts) <= CARD_WORDS


PANELS = [
    ("sales-trio", 3, 2, 1),
    ("sales-committee", 6, 2, 1),
    ("committee-of-three", 3, 2, 1),
    ("audiences", 5, 3, 3),
    ("meera", 1, 1, 1),
]


@pytest.mark.parametrize(("name", "count", "anti_count", "anti_icps"), PANELS)
def test_shipped_panels_draw_all_their_personas_and_the_control(
    name: str, count: int, anti_count: int, anti_icps: int
) -> None:
    sources = read_panel_spec(name)
    n = sources.spec.n
    panel = draw_panel(sources, n, sources.spec.seed, anti_n=12)
    target = [one for one in panel.respondents if one.arm == "target"]
    anti = [one for one in panel.respondents if one.arm == "anti"]
    assert (len(target), len(anti)) == (n, 12)
    assert len({one.persona for one in target}) == count
    assert len({one.persona for one in anti}) == anti_count
    assert len({one.icp for one in anti}) == anti_icps
    assert len({one.name for one in panel.respondents}) == n + 12


def test_every_shipped_panel_is_tested_and_has_a_study() -> None:
    names = {name for name, *_ in PANELS}
    assert set(list_panels()) == names
    assert set(pack_names()) == names


def test_shipped_panels_are_lint_clean() -> None:
    for name in list_panels():
        assert lint_panel(read_panel_spec(name), today=BEFORE_REVIEW) == ()


def test_every_positive_icp_has_an_opposite_of_its_own_in_a_panel() -> None:
    pairs = {
        (icp.id, anti.id)
        for name in list_panels()
        for sources in [read_panel_spec(name)]
        for icp, anti in zip(sources.icps, sources.anti_icps, strict=True)
    }
    assert {icp for icp, _ in pairs} == {one.id for one in icps() if one.polarity == "positive"}
    assert {anti for _, anti in pairs} == {one.id for one in icps() if one.polarity == "negative"}
    assert len(pairs) == len({icp for icp, _ in pairs}) == len({anti for _, anti in pairs})


def test_every_icp_is_in_a_panel_and_every_persona_too() -> None:
    sources = [read_panel_spec(name) for name in list_panels()]
    used = {one.id for each in sources for one in each.personas + each.anti_personas}
    assert used == {one.id for one in personas()}


def test_the_committee_of_three_is_champion_economic_and_technical() -> None:
    roles = [one.committee_role for one in read_panel_spec("committee-of-three").personas]
    assert roles == ["champion", "economic", "technical"]


def test_meera_works_in_india_and_her_respondents_have_indian_names() -> None:
    sources = read_panel_spec("meera")
    (indian,) = [one for one in sources.names if one.locale == "en-IN"]
    people = draw_panel(sources, 12, 7).respondents
    assert {one.company.country for one in people} == {"India"}
    assert {one.name.split()[0] for one in people} <= {*indian.women, *indian.men}


@pytest.mark.parametrize("name", [name for name, *_ in PANELS])
def test_the_study_of_a_pack_asks_its_panel(name: str) -> None:
    study = read_study(shipped_folder("personas") / "studies" / f"{name}.yaml")
    assert isinstance(study, MessageTest)
    assert study.panel == name
    assert len(study.stimuli) == 3
    assert study.meaning


def test_the_interview_guide_asks_for_trigger_success_and_near_blocker() -> None:
    guide = read_guide("buying-journey")
    assert [(question.id, len(question.probes)) for question in guide.questions] == [
        ("trigger", 2), ("success", 2), ("near-blocker", 2),
    ]  # fmt: skip
