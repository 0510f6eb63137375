from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

import panelsim.files.folders as folders_module
from panelsim.errors import InputError
from panelsim.files import (
    list_guides,
    list_icps,
    list_panels,
    list_personas,
    read_guide,
    read_icp,
    read_names,
    read_panel_spec,
    read_persona,
    read_prompt_texts,
    read_study,
)
from panelsim.files.folders import shipped_folder
from panelsim.model.study import InterviewStudy, MessageTest, StudyKind

Write = Callable[[str, str], str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a file below an empty working directory and returns its path."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PANELSIM_HOME", raising=False)

    def put(name: str, text: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return name

    return put


SHIPPED = tuple(sorted(path.stem for path in (shipped_folder("personas") / "icps").glob("*.yaml")))
PERSONA = "id: x\nname: n\ntitle: t\nicps: [b2b-saas]\ncommittee_role: user\nauthority: signs\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "id: x\ntitle: t\nfirmographics:\n  heacount: 5-10 employees\n",
            "x.yaml, line 4: firmographics.heacount: unknown field, did you mean 'headcount'?",
        ),
        (
            "id: x\ntitle: t\nfirmographics:\n  headcount: 50-500\n",
            (
                "x.yaml, line 4: firmographics.headcount: the range has no unit, "
                "expected one such as in '50-500 employees'"
            ),
        ),
        ("id: x\n", "x.yaml, line 1: title: the field is missing"),
        (
            "id: x\ntitle: t\nstatus: activ\n",
            (
                "x.yaml, line 3: status: found 'activ', expected 'draft', 'active' or 'retired', "
                "did you mean 'active'?"
            ),
        ),
        ("id: x\ntitle:\n", "x.yaml, line 2: title: found nothing, expected a text"),
        (
            "id: x\ntitle: t\nreview_due: 2027-3-1\n",
            "x.yaml, line 3: review_due: found '2027-3-1', expected a date such as 2027-03-31",
        ),
        ("id: x\ntitle: t\nchallenges: slow\n", "x.yaml, line 3: challenges: found 'slow', expected a list"),
        (
            "id: x\ntitle: t\nbudget: 10-20 kUSD/year\n",
            "x.yaml, line 3: budget: found '10-20 kUSD/year', expected fields and values",
        ),
        (
            (
                "id: x\ntitle: t\nmust_have:\n  - {field: headcount, op: at_least, value: 5}\n"
                "  - {field: headcount, op: at_least, value: true}\n"
            ),
            "x.yaml, line 5: must_have[1]: 'headcount' at_least True, expected a number",
        ),
        (
            "status: activ\nid: x\nbudget:\n  rnge: 1-2 kUSD/year\n",
            (
                "x.yaml, line 1: status: found 'activ', expected 'draft', 'active' or 'retired', "
                "did you mean 'active'? (and 3 more: budget.rnge, title, budget.range)"
            ),
        ),
        (
            "id: x\ntitle: t\nparent: b2b-sass\n",
            (
                f"x.yaml, line 3: parent: found 'b2b-sass', expected a known ICP ({', '.join(SHIPPED)}), "
                "did you mean 'b2b-saas'?"
            ),
        ),
        ("- a\n", "x.yaml, line 1: found ['a'], expected fields and values"),
        ("id: x\ntitle: t\nid: y\n", "x.yaml, line 3: the field 'id' appears twice, expected it once"),
        (
            "id: x\n title: [\n",
            (
                "x.yaml, line 2: not YAML: mapping values are not allowed here; is the line indented as "
                "those beside it, and a text with a colon quoted?"
            ),
        ),
        (
            "id: x\ntitle:\n\t- a\n",
            (
                "x.yaml, line 3: not YAML: while scanning for the next token, found character '\\t' that "
                "cannot start any token; indent with spaces, not tabs, and quote a text that starts so"
            ),
        ),
        ("", "x.yaml: the file is empty, expected fields and values"),
        (
            "id: x\n---\nid: y\n",
            "x.yaml, line 2: not YAML: expected a single document in the stream, but found another document",
        ),
    ],
)
def test_a_fault_is_one_sentence_with_file_line_place_found_and_expected(
    write: Write, text: str, said: str
) -> None:
    path = write("x.yaml", text)
    with pytest.raises(InputError) as raised:
        read_icp(path)
    assert str(raised.value) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: !!python/object/apply:os.getcwd []\n", "tag 'tag:yaml.org,2002:python/object/apply:os.getcwd'"),
        ("id: !mine x\n", "tag '!mine'"),
        ("a: &a [*a]\n", "nested more than 50 levels"),
        ("a: " + "[" * 60 + "]" * 60, "nested more than 50 levels"),
        ("[" * 5000, "nested too deeply"),
        ("x: " + "y" * 1_000_001, "larger than 1,000,000 bytes"),
        ("id: \0\n", "unacceptable character"),
        ("? [a, b]\n: c\n", "a field's name is not a text"),
        (
            "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
            + "".join(f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n" for old, new in pairwise("abcdefg")),
            "more than 50,000 values",
        ),
    ],
    ids=["python", "tag", "cycle", "deep", "deeper", "large", "control", "key", "aliases"],
)
def test_a_file_that_is_more_than_plain_data_is_refused(write: Write, text: str, said: str) -> None:
    path = write("x.yaml", text)
    with pytest.raises(InputError, match=r"x\.yaml") as raised:
        read_icp(path)
    assert said in str(raised.value)


def test_a_file_that_is_not_utf8_is_refused(write: Write, tmp_path: Path) -> None:
    write("x.yaml", "")
    (tmp_path / "x.yaml").write_bytes(b"id: \xe9\n")
    with pytest.raises(InputError, match="not UTF-8"):
        read_icp("x.yaml")


def test_country_codes_and_dates_stay_texts(write: Write) -> None:
    path = write(
        "x.yaml", "id: x\ntitle: on\nreview_due: 2027-03-31\nfirmographics: {countries: [NO, yes]}\n"
    )
    read = read_icp(path)
    assert (read.title, read.review_due) == ("on", "2027-03-31")
    assert read.firmographics.countries == ("NO", "yes")


def test_aliases_are_read_while_they_stay_small(write: Write) -> None:
    path = write("x.yaml", "id: x\ntitle: t\nchallenges: &some [a, b]\ninitiatives: *some\n")
    assert read_icp(path).initiatives == ("a", "b")


def test_a_trait_may_be_written_with_its_sign(write: Write) -> None:
    path = write("x.yaml", PERSONA + "hexaco: {honesty_humility: +1, openness: -.5}\n")
    read = read_persona(path)
    assert (read.hexaco.honesty_humility, read.hexaco.openness) == (1.0, -0.5)


def test_a_facet_may_be_stated_beside_its_domain_or_alone(write: Write) -> None:
    path = write("x.yaml", PERSONA + "hexaco: {openness: 0.5, facets: {prudence: +1.8, creativity: 1}}\n")
    read = read_persona(path).hexaco
    assert (read.openness, read.conscientiousness) == (0.5, None)
    assert (read.facets.prudence, read.facets.creativity, read.facets.patience) == (1.8, 1.0, None)


def test_traits_that_contradict_each_other_are_refused_with_their_line(write: Write) -> None:
    path = write("x.yaml", PERSONA + "hexaco: {openness: 3, facets: {creativity: -2}}\n")
    line = PERSONA.count("\n") + 1
    with pytest.raises(InputError, match=rf"line {line}: .*openness \+3 contradicts .* creativity -2"):
        read_persona(path)


def test_an_unknown_facet_is_refused_with_the_nearest(write: Write) -> None:
    path = write("x.yaml", PERSONA + "hexaco: {facets: {prudnce: 1}}\n")
    with pytest.raises(InputError, match=r"hexaco\.facets\.prudnce: unknown field, did you mean 'prudence'"):
        read_persona(path)


def test_a_persona_of_an_unknown_icp_is_refused_with_the_known_ones(write: Write) -> None:
    path = write("x.yaml", PERSONA.replace("b2b-saas", "b2b-saas, nope"))
    with pytest.raises(InputError) as raised:
        read_persona(path)
    known = ", ".join(list_icps())
    assert str(raised.value) == f"x.yaml, line 4: icps[1]: found 'nope', expected a known ICP ({known})"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("personas: [vp-sale]", "personas[0].persona: found 'vp-sale', expected a known persona"),
        (
            "personas: [vp-sales, ./gone.yaml]",
            "personas[1].persona: found './gone.yaml', expected a persona file",
        ),
        (
            "personas: [owner-operator]",
            "'owner-operator' belongs to local-services, expected one of b2b-saas",
        ),
        ("personas: [vp-sales, vp-sales]", "personas[1]: 'vp-sales' appears twice"),
        (
            "personas: [vp-sales]\nanti_icps: [b2b-saas]\nanti_personas: [cfo]",
            "line 4: anti_icps[0]: 'b2b-saas' has polarity positive, expected negative",
        ),
    ],
)
def test_a_panel_with_a_dangling_or_wrong_reference_is_refused(write: Write, text: str, said: str) -> None:
    path = write("p.yaml", f"id: p\nicps: [b2b-saas]\n{text}\n")
    with pytest.raises(InputError, match=r"p\.yaml, line") as raised:
        read_panel_spec(path)
    assert said in str(raised.value)


def test_a_panel_names_files_beside_itself(write: Write) -> None:
    write("mine/acme.yaml", "id: acme\ntitle: Acme\n")
    write("mine/boss.yaml", PERSONA.replace("b2b-saas", "acme"))
    path = write("mine/p.yaml", "id: p\nicps: [acme.yaml]\npersonas: [{persona: boss.yaml, weight: 2}]\n")
    read = read_panel_spec(path)
    assert ([icp.id for icp in read.icps], [one.id for one in read.personas]) == (["acme"], ["x"])
    assert read_panel_spec("p.yaml", beside=Path("mine")) == read


def test_an_unknown_name_is_refused_with_the_known_ones_and_a_guess(write: Write) -> None:
    with pytest.raises(InputError, match=r"no panel is called 'sales-tri', .* did you mean 'sales-trio'\?"):
        read_panel_spec("sales-tri")


def test_a_name_cannot_reach_outside_the_folders(write: Write) -> None:
    write("secret", "id: secret\ntitle: t\n")
    with pytest.raises(InputError, match=r"no ICP is called '\.\./secret'"):
        read_icp("../secret")


def test_stimuli_may_be_texts_and_are_lettered_in_order(write: Write) -> None:
    path = write("s.yaml", "id: s\nstimuli: [One, {text: Two}, {id: mine, text: Three}, Four]\n")
    read = read_study(path)
    assert isinstance(read, MessageTest)
    assert [(one.id, one.text) for one in read.stimuli] == [
        ("a", "One"), ("b", "Two"), ("mine", "Three"), ("d", "Four"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "id: s\nstimuli: [{id: b, text: One}, Two]\n",
            "s.yaml, line 2: stimuli[1]: the id 'b' appears twice, expected it once",
        ),
        (
            "id: s\nstimuli: [One, {txt: Two}]\nn: 1\n",
            (
                "s.yaml, line 2: stimuli[1].txt: unknown field, did you mean 'text'? "
                "(and 2 more: n, stimuli[1].text)"
            ),
        ),
        ("id: s\nstimuli: One\n", "s.yaml, line 2: stimuli: found 'One', expected a list"),
        (
            "id: s\nkind: mesage_test\n",
            (
                "s.yaml, line 2: kind: found 'mesage_test', expected a known kind of study "
                f"({', '.join(get_args(StudyKind))}), did you mean 'message_test'?"
            ),
        ),
        ("- id: s\n", "s.yaml, line 1: found a list or a text, expected the fields of a study"),
        (
            "kind: interview\nid: s\nguide: buying-journy\n",
            (
                "s.yaml, line 3: guide: found 'buying-journy', expected a known guide (buying-journey), "
                "did you mean 'buying-journey'?"
            ),
        ),
    ],
)
def test_a_fault_in_a_study_is_told_like_any_other(write: Write, text: str, said: str) -> None:
    path = write("s.yaml", text)
    with pytest.raises(InputError) as raised:
        read_study(path)
    assert str(raised.value) == said


def test_an_interview_names_its_guide_or_carries_it(write: Write) -> None:
    named = read_study(write("s.yaml", "kind: interview\nid: s\nguide: buying-journey\n"))
    assert isinstance(named, InterviewStudy)
    assert named.guide == read_guide("buying-journey")
    carried = read_study(
        write(
            "t.yaml",
            "kind: interview\nid: t\nguide:\n  id: g\n  questions:\n    - Why?\n    - {id: how, text: How}\n",
        )
    )
    assert isinstance(carried, InterviewStudy)
    assert [(one.id, one.text) for one in carried.guide.questions] == [("q1", "Why?"), ("how", "How")]


def test_an_own_file_hides_the_shipped_one_of_its_name_and_no_other(write: Write) -> None:
    shipped = read_persona("cfo")
    write("personas/buyers/vp-sales.yaml", PERSONA.replace("id: x", "id: vp-sales"))
    assert read_persona("vp-sales").title == "t"
    assert read_persona("cfo") == shipped
    assert read_panel_spec("sales-trio").personas[0].title == "t"


def test_own_prompts_hide_shipped_ones_file_by_file(write: Write) -> None:
    before = read_prompt_texts()
    write("prompts/traits/hexaco.yaml", "mine")
    after = read_prompt_texts()
    assert after["traits/hexaco"] == "mine"
    assert {name: text for name, text in after.items() if name != "traits/hexaco"} == {
        name: text for name, text in before.items() if name != "traits/hexaco"
    }


def test_the_working_directory_comes_before_the_home_folder(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PANELSIM_HOME", "home")
    write("home/personas/icps/acme.yaml", "id: acme\ntitle: From home\n")
    assert read_icp("acme").title == "From home"
    assert "acme" in list_icps()
    write("personas/icps/acme.yaml", "id: acme\ntitle: From here\n")
    assert read_icp("acme").title == "From here"


def test_a_named_file_must_carry_its_own_name(write: Write) -> None:
    write("personas/icps/acme.yaml", "title: Acme\nid: other\n")
    with pytest.raises(InputError, match="line 2: id: found 'other', expected the file's own name 'acme'"):
        read_icp("acme")


def test_an_installed_package_reads_its_own_copies(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("site/panelsim/_data/personas/icps/only.yaml", "id: only\ntitle: Only\n")
    monkeypatch.setattr(folders_module, "_PACKAGE", tmp_path / "site" / "panelsim")
    assert shipped_folder("personas") == tmp_path / "site" / "panelsim" / "_data" / "personas"
    assert list_icps() == ("only",)


def test_what_ships_is_listed(write: Write) -> None:
    assert {"b2b-saas", "local-services"} <= set(list_icps())
    assert {"sales-committee", "sales-trio"} <= set(list_panels())
    assert list_guides() == ("buying-journey",)
    assert {"vp-sales", "owner-operator"} <= set(list_personas())
    assert {names.locale for names in read_names()} == {"de-DE", "en-GB", "en-IN", "en-US"}


def test_a_micro_icp_is_read_with_what_its_parent_states_and_its_parent_may_lie_beside_it(
    write: Write,
) -> None:
    write(
        "above.yaml", "id: above\ntitle: t\nparent: b2b-saas\nfirmographics: {headcount: 90-300 employees}\n"
    )
    path = write("below.yaml", "id: below\ntitle: t\nparent: above\nstructure: flat\n")
    one = read_icp(path)
    assert one.firmographics.headcount is not None
    assert (one.structure, one.firmographics.headcount.max) == ("flat", 300)
    assert one.firmographics.countries == ("United States", "Canada")


def test_an_icp_that_descends_from_itself_is_refused(write: Write) -> None:
    write("above.yaml", "id: above\ntitle: t\nparent: below\n")
    path = write("below.yaml", "id: below\ntitle: t\nparent: above\n")
    with pytest.raises(InputError, match="line 3: parent: 'below' descends from this ICP"):
        read_icp(path)
