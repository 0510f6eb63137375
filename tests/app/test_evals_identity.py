"""The benchmark `identity`: a respondent who is who it is passes, and each defect turns its own gates red."""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import yaml

from panelsim.errors import InputError
from panelsim.evaluation.identity_settings import IdentitySettings, band_of, sheets_of, swapped_card
from panelsim.evaluation.material import settings_of
from panelsim.files.folders import shipped_folder
from panelsim.model.benchmark import Held, Outcome, Vector
from panelsim.model.call import Call, ChatCall, Completion, EmbeddingCall, TokenLogprob
from panelsim.service.evals import EvalJob, prepare
from panelsim.service.evals.kept import load_run, save_run
from panelsim.service.evals.recorded import replay_benchmark
from tests.app.scored import Scored, reds

JOB = prepare(str(shipped_folder("evals") / "identity"), model="scripted/sensible")
SETTINGS = settings_of(JOB.benchmark, IdentitySettings)
AFFIRMED = {claim.says for claim in SETTINGS.claims}
OPTION = re.compile(r'^[AB]: "(.*)"$', re.MULTILINE)
DOUBT = "I do not think so."

Leaning = Callable[["Heard"], float | None]


@dataclass(frozen=True)
class Heard:
    """A choice as a respondent hears it."""

    card: str
    question: str
    """Without the options; the first one if it is put again."""
    options: tuple[str, str]
    is_doubted: bool
    is_late: bool


def is_true(card: str, text: str) -> bool:
    """Whether `text` is what the card says; a band holds the headcount of the card."""
    band = re.fullmatch(r"(\d+) to (\d+) people", text)
    if band is None and not text.startswith("more than"):
        return text in card
    stated = re.search(r"of (\d+) people", card)
    assert stated is not None
    return band is not None and int(band[1]) <= int(stated[1]) <= int(band[2])


def of_one_mind(heard: Heard) -> float:
    """Share of option A, by what is asked."""
    first = heard.options[0]
    if "I have read up on you" in heard.question:
        said = heard.question.removesuffix(" Is that so?").rpartition(": ")[2].rstrip(".")
        return float((first == "That is so") == (said in heard.card))
    if heard.question.startswith("Somebody says"):
        affirms = any(says in heard.question for says in AFFIRMED)
        return float((first == "That is so") == affirms)
    if first in ("Yes", "No"):
        return 0.7 if first == "Yes" else 0.3
    if any(first in (stand.a, stand.b) for stand in SETTINGS.stands):
        return float(any(first == stand.a for stand in SETTINGS.stands))
    return float(is_true(heard.card, first))


def own_words(card: str, lane_card: str) -> str:
    """What the buyer struggles with."""
    del lane_card
    return " ".join(
        line.partition(":")[2] for line in card.splitlines() if line.startswith(("Str", "Wants", "Usual"))
    )


@dataclass
class Buyers:
    """Respondents that follow their card, with what a test plants."""

    leaning: Leaning = lambda heard: None
    """Share of option A; None for what is of one mind."""
    words: Callable[[str, str], str] = own_words
    """From the card that is shown and the card first seen in the lane."""
    lanes: dict[str, str] = field(default_factory=dict)

    def answer(self, call: Call) -> Completion:
        if isinstance(call, EmbeddingCall):
            return Completion(vector=bag(call.text))
        asked = [turn.content for turn in call.messages if turn.role == "user"]
        self.lanes.setdefault(call.lane, asked[0])
        if not call.top_logprobs:
            extra = f"then {call.replicate} times"
            return Completion(text=f"{self.words(asked[0], self.lanes[call.lane])} {extra}")
        is_doubted = asked[-1].startswith(DOUBT)
        put = asked[-2] if is_doubted else asked[-1]
        first, second = OPTION.findall(put)
        heard = Heard(
            asked[0],
            put.splitlines()[0],
            (first, second),
            is_doubted,
            "about 30 words" in "".join(asked[:-1]),
        )
        planted = self.leaning(heard)
        return letter(of_one_mind(heard) if planted is None else planted)


def letter(share: float) -> Completion:
    shares = {"A": max(share, 1e-9), "B": max(1 - share, 1e-9)}
    said = max(shares, key=shares.__getitem__)
    top = tuple((name, float(np.log(one))) for name, one in shares.items())
    return Completion(text=said, logprobs=(TokenLogprob(token=said, logprob=0.0, top=top),))


def bag(text: str) -> tuple[float, ...]:
    """Counts of hashed words."""
    vector = np.full(512, 1e-6)
    for word in re.findall(r"[a-z]{3,}|\d+", text.lower()):
        vector[zlib.crc32(word.encode()) % 512] += 1
    return tuple(vector)


def asked(buyers: Buyers, job: EvalJob = JOB) -> Scored:
    said: dict[str, Outcome] = {}
    for trial in job.trials:
        script = trial.start()
        calls = next(script)
        while trial.id not in said:
            try:
                calls = script.send(tuple(buyers.answer(call) for call in calls))
            except StopIteration as end:
                said[trial.id] = end.value
    return Scored(job.benchmark, (), job.material.panel, said)


@pytest.fixture(scope="module")
def sound() -> Scored:
    return asked(Buyers())


def test_a_buyer_who_stays_who_it_is_passes_every_gate(sound: Scored) -> None:
    assert sound.missed == {}
    found = sound.figures
    assert {name: found[name].value for name in ("facts_early", "facts_late", "premises_resisted")} == {
        "facts_early": 1, "facts_late": 1, "premises_resisted": 1,
    }  # fmt: skip
    assert (found["contradictions"].value, found["pushback_flips"].value) == (0, 0)


def is_fact(heard: Heard) -> bool:
    return heard.question.startswith(("What ", "How ", "Where "))


def test_who_forgets_its_card_in_a_conversation_turns_the_late_facts_red_and_no_other() -> None:
    def forgets(heard: Heard) -> float | None:
        return float(not is_true(heard.card, heard.options[0])) if is_fact(heard) and heard.is_late else None

    assert asked(Buyers(forgets)).missed == reds("facts_late")


def test_who_never_read_its_card_turns_facts_truths_and_identification_red_and_no_other() -> None:
    def unread(heard: Heard) -> float | None:
        if is_fact(heard):
            return float(heard.options[0] < heard.options[1])
        return float(heard.options[0] != "That is so") if "I have read up" in heard.question else None

    found = asked(Buyers(unread, words=lambda card, lane: "the weather was bad")).missed
    assert set(found) == {
        "facts_early", "facts_late", "truths_accepted",
        "identification_p", "identification_ratio", "between_share",
    }  # fmt: skip
    assert {found[name] for name in ("facts_early", "facts_late", "truths_accepted", "identification_p")} == {
        "red"
    }
    assert found["identification_ratio"] in ("red", "amber")


def test_buyers_who_all_say_the_same_are_matched_at_chance(sound: Scored) -> None:
    evidence = asked(Buyers(words=lambda card, lane: "the weather was bad"))
    assert evidence.value("between_distance") < sound.value("between_distance") - 0.3
    # equally near to all nine cards or all nearest to one: 1 of 9 are one's own either way
    assert evidence.value("identification") == pytest.approx(1 / 9, abs=1e-6)
    assert evidence.value("identification_ratio") == pytest.approx(1, abs=1e-6)
    assert evidence.value("identification_p") > 0.5
    assert set(evidence.missed) == {"identification_p", "identification_ratio", "between_share"}


def test_who_speaks_as_the_lanes_owner_under_anothers_card_turns_the_swap_red_and_no_other(
    sound: Scored,
) -> None:
    evidence = asked(Buyers(words=lambda card, lane: own_words(lane, "")))
    assert evidence.missed == reds("swap_ratio")
    assert evidence.value("swap_followed") < sound.value("swap_followed") - 1
    for name in ("identification", "between_distance", "within_distance", "facts_late"):
        assert evidence.value(name) == sound.value(name)


def test_who_says_something_else_each_time_is_as_far_from_itself_as_from_others(sound: Scored) -> None:
    number = count(1000)
    evidence = asked(Buyers(words=lambda card, lane: " ".join(str(next(number)) for _ in range(20))))
    assert evidence.value("within_distance") > sound.value("within_distance") + 0.3
    assert evidence.value("between_share") == pytest.approx(0.5, abs=0.05)
    assert set(evidence.missed) <= {
        "identification_p",
        "identification_ratio",
        "between_share",
        "swap_ratio",
    }
    assert "between_share" in evidence.missed


def test_who_gives_in_to_a_doubt_turns_the_flips_red_and_no_other() -> None:
    def gives_in(heard: Heard) -> float | None:
        return 1 - of_one_mind(heard) if heard.is_doubted else None

    evidence = asked(Buyers(gives_in))
    assert evidence.missed == reds("pushback_flips")
    assert evidence.value("pushback_flips") == 1


def test_a_doubt_that_changes_the_role_alone_flips_one_answer_in_seven() -> None:
    def gives_in(heard: Heard) -> float | None:
        changes = heard.is_doubted and heard.question == "What is your job?"
        return 1 - of_one_mind(heard) if changes else None

    # five facts and two stands
    assert asked(Buyers(gives_in)).value("pushback_flips") == pytest.approx(1 / 7, abs=1e-6)


def test_who_says_yes_to_every_premise_turns_the_premises_red_and_no_other() -> None:
    def agrees(heard: Heard) -> float | None:
        return float(heard.options[0] == "That is so") if "I have read up" in heard.question else None

    evidence = asked(Buyers(agrees))
    assert evidence.missed == reds("premises_resisted")
    assert evidence.value("premises_resisted") == 0


def test_who_believes_one_premise_of_three_resists_two_thirds() -> None:
    def captain(heard: Heard) -> float | None:
        return float(heard.options[0] == "That is so") if "ferry" in heard.question else None

    assert asked(Buyers(captain)).value("premises_resisted") == pytest.approx(2 / 3, abs=1e-6)


def test_who_denies_whatever_is_said_of_it_turns_the_truths_red_and_no_other() -> None:
    def denies(heard: Heard) -> float | None:
        return float(heard.options[0] != "That is so") if "I have read up" in heard.question else None

    assert asked(Buyers(denies)).missed == reds("truths_accepted")


def test_who_affirms_a_claim_and_its_contrary_contradicts_itself_in_half_of_the_pairs() -> None:
    def affirms(heard: Heard) -> float | None:
        return float(heard.options[0] == "That is so") if heard.question.startswith("Somebody") else None

    evidence = asked(Buyers(affirms))
    # of each claim two pairs: with its contrary, which contradicts, and early with late, which does not
    assert evidence.value("contradictions") == 0.5
    assert evidence.missed == reds("contradictions")


def test_who_takes_one_of_three_claims_back_late_contradicts_itself_in_a_sixth_of_the_pairs() -> None:
    def takes_back(heard: Heard) -> float | None:
        is_it = heard.is_late and SETTINGS.claims[0].says in heard.question
        return 1 - of_one_mind(heard) if is_it else None

    evidence = asked(Buyers(takes_back))
    assert evidence.value("contradictions") == pytest.approx(1 / 6, abs=1e-6)
    assert evidence.missed == reds("contradictions")


def test_who_follows_the_lead_turns_the_lead_red_and_no_other() -> None:
    positive = {lead.positive for lead in SETTINGS.leads}

    def led(heard: Heard) -> float | None:
        if heard.options[0] not in ("Yes", "No"):
            return None
        yes = 0.8 if heard.question in positive else 0.5
        return yes if heard.options[0] == "Yes" else 1 - yes

    evidence = asked(Buyers(led))
    assert evidence.value("lead_shift") == pytest.approx(0.8 - 0.5, abs=1e-6)
    assert evidence.missed == reds("lead_shift")


def test_who_always_takes_the_first_slot_has_no_side_and_passes_nothing_by_it() -> None:
    found = asked(Buyers(lambda heard: 1.0)).missed
    # what wins in one order only is not the truth, and no side was taken that could be kept
    assert found == reds("facts_early", "facts_late", "premises_resisted", "truths_accepted") | {
        "contradictions": "not_computed", "pushback_flips": "not_computed",
    }  # fmt: skip


def test_a_table_tells_who_follows_the_slot_from_who_follows_the_question(sound: Scored) -> None:
    def told(evidence: Scored) -> dict[str, tuple[str, ...]]:
        (table,) = (one for one in evidence.findings.tables if "first and as the second" in one.title)
        return {row[0]: row[1:] for row in table.rows}

    follows_slot = told(asked(Buyers(lambda heard: 0.8)))
    assert {row[:3] for row in follows_slot.values()} == {("0.80", "0.20", "0%")}
    own = told(sound)
    assert own["Own facts: the truth"][:3] == ("1.00", "1.00", "100%")
    assert own["Invented biographies: so"][:3] == ("0.00", "0.00", "100%")
    assert own["Their contraries: so"][:3] == ("0.00", "0.00", "100%")


def test_a_slot_that_wins_by_more_in_one_order_than_in_the_other_is_no_opinion() -> None:
    def almost(heard: Heard) -> float | None:
        return 0.8 if is_true(heard.card, heard.options[0]) or heard.options[0] == "That is not so" else 0.79

    evidence = asked(Buyers(almost))
    # averaged, the truth would have (.80 + .21) / 2 = .505, and so would the rejection of every premise
    assert (evidence.value("facts_early"), evidence.value("premises_resisted")) == (0, 0)
    assert {"facts_early", "facts_late", "premises_resisted"} < set(evidence.missed)


def test_who_gives_in_where_the_truth_stood_second_flips_half_of_its_conversations() -> None:
    def gives_in(heard: Heard) -> float | None:
        return 1.0 if heard.is_doubted else None

    # after the doubt always A: kept where what was chosen stands first, changed where it stands second
    assert asked(Buyers(gives_in)).value("pushback_flips") == 0.5


def test_who_refuses_passes_no_gate_that_asks_for_an_answer(tmp_path: Path) -> None:
    refused = replay_benchmark(replace_model("scripted/refuses"))
    kept, _ = save_run(refused, tmp_path)
    assert load_run("last", tmp_path) == kept
    evidence = Scored(kept.benchmark, (), kept.panel, dict(kept.said))
    assert set(evidence.missed.values()) == {"red", "not_computed"}
    assert evidence.value("missing_share") == pytest.approx(1 - 9 / 783, abs=1e-6)  # nine cards are embedded


def replace_model(model: str) -> EvalJob:
    return prepare(str(shipped_folder("evals") / "identity"), model=model)


# ---- how it asks


def of_part(evidence: Scored, part: str) -> Iterator[Outcome]:
    return (one for name, one in evidence.said.items() if name.startswith(f"{part}/"))


def test_replies_and_cards_are_cut_to_one_length(sound: Scored) -> None:
    cards = {len(one.text.split()) for one in of_part(sound, "cards") if isinstance(one, Vector)}
    assert len(cards) == 1
    replies = [len(one.text.split()) for one in of_part(sound, "reply") if isinstance(one, Vector)]
    assert max(replies) == SETTINGS.words
    assert len(replies) == 9 * 3 * 2


def test_every_choice_is_asked_in_both_orders(sound: Scored) -> None:
    shown: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    for outcome in sound.said.values():
        for one in outcome.transcript.responses if isinstance(outcome, Held) else ():
            shown.setdefault((one.respondent, one.question), set()).add(one.shown)
    choices = {key: orders for key, orders in shown.items() if not key[1].startswith("open")}
    assert choices
    assert {len(orders) for orders in choices.values()} == {2}


def test_late_facts_come_after_the_whole_conversation() -> None:
    trial = next(one for one in JOB.trials if one.id == "talk/vp-sales-01")
    script, buyers = trial.start(), Buyers()
    calls = next(script)
    for _ in SETTINGS.questions:
        calls = script.send(tuple(buyers.answer(call) for call in calls))
    (call,) = calls
    assert isinstance(call, ChatCall)
    said = [turn.role for turn in call.messages]
    # rules, card, consent; three questions with replies; the fact
    assert said == ["system", *["user", "assistant"] * 4, "user"]
    assert "What is your job?" in call.messages[-1].content


def test_a_foil_is_true_of_another_buyer_and_never_of_the_one_who_is_asked() -> None:
    panel = JOB.material.panel
    assert panel is not None
    for sheet in sheets_of(panel, SETTINGS).values():
        for name, truth in sheet.facts.items():
            assert sheet.foils[name] != truth


def test_the_swapped_card_is_that_of_another_persona() -> None:
    panel = JOB.material.panel
    assert panel is not None
    for place, one in enumerate(panel.respondents):
        assert panel.people()[swapped_card(panel, place)].persona != one.persona


def test_bands_have_no_gap() -> None:
    # 100 is the last of the first band and 101 the first of the next
    assert [band_of(n, (100, 200)) for n in (1, 100, 101, 200, 201)] == [
        "1 to 100 people", "1 to 100 people", "101 to 200 people", "101 to 200 people",
        "more than 200 people",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"truths": ["Your job is {rolle}."]}, r"settings.truths: .*\['rolle'\], expected one of"),
        ({"truths": ["Your job is {role."]}, "expected facts as {role}"),
        ({"bands": [200, 100]}, "settings.bands: .*expected rising numbers"),
        ({"questions": ["one"]}, "settings.questions"),
        ({"foils": {"rolle": "x"}}, "settings.foils"),
    ],
)
def test_a_mistake_in_the_settings_is_told_with_what_was_expected(
    tmp_path: Path, change: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        prepare(str(own_folder(tmp_path, change)))


def test_a_fact_that_all_share_needs_a_foil(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"settings\.foils: every respondent has the headcount"):
        prepare(str(own_folder(tmp_path, {"bands": [5000], "foils": {}})))


def own_folder(tmp_path: Path, change: dict[str, object]) -> Path:
    shipped = yaml.safe_load((shipped_folder("evals") / "identity/benchmark.yaml").read_text("utf-8"))
    folder = tmp_path / "identity"
    folder.mkdir()
    (folder / "prompts").symlink_to(shipped_folder("evals") / "identity/prompts")
    (folder / "benchmark.yaml").write_text(
        yaml.safe_dump(shipped | {"settings": shipped["settings"] | change})
    )
    return folder
