"""Analyses of runs too large to hold: one pass, bounded memory, the same figures."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panelsim.analysis import analyse
from panelsim.metrics import bootstrap
from panelsim.model.analysis import Analysis
from panelsim.model.plan import Transcript
from panelsim.model.response import Missing, RatingAnswer, Response, TextAnswer
from tests.core.generated import RATINGS, STUDY, Run, run_of
from tests.core.large_run import STATUS
from tests.core.simulated import World, simulate

MOST_MB = 130
"""60,000 sessions as a list take 270 MB."""


@pytest.mark.skipif(not STATUS.exists(), reason="only Linux says how much memory a process has taken")
def test_sixty_thousand_sessions_are_analysed_and_written_in_little_memory() -> None:
    command = (sys.executable, "-m", "tests.core.large_run", "12000")
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    # 12,000 respondents x (2 variants x 2 answers + 3 controls); a line an answer, a line a session
    assert (found["asked"], found["csv"], found["transcripts"]) == (84_000, 84_000, 60_000)
    assert found["html"] + found["markdown"] + found["json"] < 10_000_000
    assert found["grown_mb"] < MOST_MB


@dataclass
class Stream:
    """Transcripts that are made anew each time they are read."""

    said: Sequence[Transcript]
    reads: int = 0

    def __iter__(self) -> Iterator[Transcript]:
        self.reads += 1
        return (one.model_copy() for one in self.said)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.2, 1.0]), st.booleans(), st.randoms())
def test_transcripts_from_a_stream_and_in_any_order_give_the_same_analysis(
    seed: int, missing: float, monadic: bool, order: random.Random
) -> None:
    run = simulate(World(n=8, missing=missing, monadic=monadic), seed)
    held = list(run.transcripts[: -len(run.transcripts) // 5])  # the last fifth was never held
    listed = analyse(run.study, run.panel, run.plan, held, draws=200)
    order.shuffle(held)
    stream = Stream(held)
    assert analyse(run.study, run.panel, run.plan, stream, draws=200) == listed
    assert stream.reads == 1
    assert listed.quality.asked == len(run.plan)


def quoted(found: Analysis, stimulus: str) -> list[tuple[str, str, str, float | None]]:
    return [
        (one.respondent, one.stance, one.text, one.rating)
        for one in found.verbatims
        if one.stimulus == stimulus
    ]


def repeated(run: Run, ratings: Sequence[tuple[int, int]]) -> list[Transcript]:
    """The sessions of variant `a`, each twice; the points of both ratings by respondent."""
    said: list[Transcript] = []
    for place, session in enumerate(one for one in run if _shows_a(one)):
        for replicate, point in enumerate(ratings[place]):
            answers = tuple(
                one.model_copy(update={"answer": RATINGS[point - 1]})
                if isinstance(one.answer, RatingAnswer)
                else one.model_copy(update={"answer": TextAnswer(text=f"{place}, time {replicate}")})
                for one in session.responses
            )
            said.append(session.model_copy(update={"responses": answers}))
    return said


def _shows_a(session: Transcript) -> bool:
    return session.assignment.kind == "monadic" and session.assignment.stimulus == "a"


def test_quotes_follow_the_mean_of_all_replicates_and_are_the_first_words() -> None:
    # Seven respondents of three personas, by turns; likely points 3, 2.5, 2, 3.5, 4, 4.5 and 5 on average
    run = run_of(7)
    second = (1, 1, 1, 5, 5, 5, 5)
    first = (5, 4, 3, 2, 3, 4, 5)
    found = analyse(STUDY, run.panel, run.plan, repeated(run, list(zip(first, second, strict=True))))
    people = [one.id for one in run.panel.respondents]
    stances = {who: stance for who, stance, _, _ in quoted(found, "a")}
    # highest mean: place 6 (5), then 5 (4.5, another persona); lowest: 2 (2), then 1 (2.5, another one)
    assert stances == {people[6]: "for", people[5]: "for", people[2]: "against", people[1]: "against"}
    assert [text for _, _, text, _ in quoted(found, "a")] == [
        "6, time 0",
        "5, time 0",
        "2, time 0",
        "1, time 0",
    ]


def test_words_that_were_let_go_are_read_again() -> None:
    # Fifteen respondents of three personas, by turns. By the first rating the two highest and the two lowest
    # of each persona are among places 0 to 11; the second rating makes 12, 13 and 14 the highest of all.
    run = run_of(15)
    first = (*[5] * 6, *[1] * 6, *[3] * 3)
    second = (*[1] * 12, *[5] * 3)
    said = repeated(run, list(zip(first, second, strict=True)))
    said += [one.model_copy(update={"responses": _missing(one)}) for one in run if not _shows_a(one)]
    stream = Stream(said)
    found = analyse(STUDY, run.panel, run.plan, stream)
    texts = [text for _, stance, text, _ in quoted(found, "a") if stance == "for"]
    assert texts == ["12, time 0", "13, time 0"]
    assert stream.reads == 2


def _missing(session: Transcript) -> tuple[Response, ...]:
    return tuple(one.model_copy(update={"answer": Missing(reason="refused")}) for one in session.responses)


def test_counts_of_a_redrawn_panel_take_a_byte_a_respondent_and_draw() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    resamples = bootstrap.resamples_of(["p", "q"] * 5_000, rng)
    assert resamples.drawn.nbytes == 2_000 * 10_000
    column = np.arange(10_000, dtype=np.float64)[:, None]
    np.testing.assert_allclose(resamples.sums(column)[::100], resamples.counts(100) @ column, rtol=1e-12)
