"""Plans: both orders, controls, and no two first calls alike."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelsim.errors import InputError
from panelsim.files import read_panel_spec, read_prompt_texts
from panelsim.model.call import ModelRef
from panelsim.model.plan import MonadicAssignment, PairedAssignment
from panelsim.model.study import Asking, Controls, Design, Elicitation, Frame, MessageTest, Stimulus
from panelsim.planning.draw import draw_panel
from panelsim.planning.plan import plan_study, shuffled_words
from panelsim.planning.stimuli import DECOY, DUPLICATE
from panelsim.prompts import Prompts
from panelsim.service.prepare import Job, build_job
from panelsim.sessions import script_of, session_id

A = Stimulus(id="a", text="Forecast your quarter within 5% by Friday")
B = Stimulus(id="b", text="The future of revenue is here")
C = Stimulus(id="c", text="Spot stalled deals before they slip")
DECOYS = ("Soup recipes", "Garden gnomes")
SCRIPTED = ModelRef(provider="scripted", name="sensible")


def study_of(*stimuli: Stimulus, **changes: object) -> MessageTest:
    return MessageTest.model_validate({"id": "s", "n": 6, "stimuli": stimuli or (A, B), **changes})


def job_of(study: MessageTest, elicit: Elicitation = "logprob", frame: Frame = "third_person") -> Job:
    sources = read_panel_spec(study.panel)
    panel = draw_panel(sources, study.n, study.seed, anti_n=study.n // 2)
    asking = Asking(
        model=SCRIPTED, embedding_model=SCRIPTED, elicit=elicit, frame=frame, temperature=0.7, seed=study.seed
    )
    return build_job(study, sources, panel, asking, Prompts(read_prompt_texts()))


def test_every_pair_is_asked_in_both_orders_of_every_target_respondent() -> None:
    job = job_of(study_of(A, B, C))
    shown = Counter((p.respondent, p.first, p.second) for p in job.plan if isinstance(p, PairedAssignment))
    assert set(shown.values()) == {1}
    for respondent, first, second in shown:
        assert (respondent, second, first) in shown
    # 3 pairs of variants and a decoy pair, both orders, 6 respondents
    assert len(shown) == (3 + 1) * 2 * 6


def test_a_run_carries_all_controls() -> None:
    job = job_of(study_of())
    assert [stimulus.role for stimulus in job.plan.stimuli] == [
        "variant",
        "variant",
        "duplicate",
        "decoy",
        "shuffled",
    ]
    arms = {respondent.id: respondent.arm for respondent in job.panel.respondents}
    anti = [p for p in job.plan if arms[p.respondent] == "anti"]
    assert len(anti) == 3 * 2  # 3 anti respondents x 2 variants
    assert all(isinstance(p, MonadicAssignment) and p.measures == ("relevance",) for p in anti)


def test_a_duplicate_is_asked_in_another_wording_than_its_original() -> None:
    job = job_of(study_of())
    wording = {(p.respondent, p.stimulus): p.wording for p in job.plan if isinstance(p, MonadicAssignment)}
    targets = [r.id for r in job.panel.respondents if r.arm == "target"]
    assert all(wording[r, "a"] != wording[r, DUPLICATE] for r in targets)
    assert all(wording[r, "a"] == wording[r, "b"] == wording[r, DECOY] for r in targets)


@pytest.mark.parametrize("elicit", ["logprob", "direct", "reaction"])
@pytest.mark.parametrize("wordings", [1, 3])
def test_first_calls_of_a_plan_are_all_different(elicit: Elicitation, wordings: int) -> None:
    job = job_of(study_of(design=Design(wordings=wordings, replicates=2)), elicit, "first_person")
    keys = [call.key for p in job.plan for call in next(script_of(p, job.scene))]
    assert len(keys) == len(set(keys))
    assert len({session_id(p) for p in job.plan}) == len(job.plan)


def test_the_same_study_gives_the_same_plan_and_the_same_keys() -> None:
    one, two = job_of(study_of()), job_of(study_of())
    assert one.plan == two.plan
    first = [next(script_of(p, one.scene))[0].key for p in one.plan]
    assert first == [next(script_of(p, two.scene))[0].key for p in two.plan]


def test_a_one_word_headline_cannot_be_shuffled_and_the_rest_goes_on() -> None:
    job = job_of(study_of(Stimulus(id="a", text="Forecast"), B))
    assert "shuffled" not in {stimulus.role for stimulus in job.plan.stimuli}


@given(st.lists(st.text("abcdef", min_size=1, max_size=4), min_size=1, max_size=9), st.integers(0, 2**31))
def test_shuffling_keeps_the_words_and_changes_their_order(words: list[str], seed: int) -> None:
    text = " ".join(words)
    mixed = shuffled_words(text, np.random.Generator(np.random.PCG64(seed)))
    if len(set(words)) == 1:
        assert mixed is None
    else:
        assert mixed is not None
        assert mixed != text
        assert sorted(mixed.split()) == sorted(words)


def test_controls_that_are_off_are_not_planned() -> None:
    off = Controls(duplicate=False, decoy=False, shuffled=False, anti_icp=False)
    assert job_of(study_of(controls=off)).plan.stimuli == (A, B)


@pytest.mark.parametrize(
    ("stimuli", "said"),
    [
        ((A, Stimulus(id="a", text="Other")), "id 'a' is used twice"),
        ((A, Stimulus(id="b", text="  forecast your QUARTER within 5% by friday ")), "are the same headline"),
        ((A, Stimulus(id="b", text="   ")), "is empty"),
        ((A, Stimulus(id="b", text="x", role="decoy")), "is a control"),
        ((A, Stimulus(id="control-decoy", text="x")), "is a control"),
    ],
)
def test_wrong_stimuli_are_refused_before_anything_is_asked(stimuli: tuple[Stimulus, ...], said: str) -> None:
    with pytest.raises(InputError, match=said):
        job_of(study_of(*stimuli))


def test_a_rule_on_a_measure_that_is_not_asked_is_refused() -> None:
    with pytest.raises(InputError, match="not among the measures"):
        job_of(study_of(measures=("clarity",)))


def test_a_decoy_that_is_itself_tested_is_not_used() -> None:
    study = study_of(Stimulus(id="a", text="Soup recipes"), B)
    job = job_of(study)
    plan = plan_study(study, job.panel, DECOYS)
    assert next(s.text for s in plan.stimuli if s.role == "decoy") == "Garden gnomes"


def test_any_stretch_of_a_plan_is_what_iterating_it_gives_there() -> None:
    plan = job_of(study_of(design=Design(replicates=2))).plan
    everything = list(plan)
    assert len(plan) == len(everything) == sum(len(sheet) * times for sheet, times in plan.sheets_used())
    assert list(plan) == everything  # a second time
    for start in range(len(plan.people)):
        part = list(plan.assignments_of(start, start + 2))
        wanted = plan.people[start : start + 2]
        assert part == [one for one in everything if one.respondent in wanted]


def test_a_plan_keeps_a_sheet_for_each_way_of_being_asked_however_many_respondents() -> None:
    small, large = job_of(study_of(n=6)).plan, job_of(study_of(n=600)).plan
    # three wordings in the target arm and three in the other: six sheets at most
    assert len(small.sheets) <= len(large.sheets) <= 6
    assert len(large) > 100 * len(large.sheets)


def test_a_study_that_asks_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="asks nothing"):
        job_of(study_of(design=Design(monadic=False, paired=False)))
