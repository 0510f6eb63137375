"""The tally of a run: what is counted, and what parts come to."""

from panelsim.execution.drive import Done, Failed, Session
from panelsim.execution.tally import Tally
from panelsim.model.call import Completion, Usage
from panelsim.model.plan import InterviewAssignment, Transcript
from panelsim.model.progress import Progress
from panelsim.model.response import Missing, Response
from panelsim.script import Script
from tests.calls import chat

SAID = Completion(text="x", usage=Usage(prompt_tokens=10, cached_tokens=4, completion_tokens=2), cost_usd=0.5)


def transcript(*, missing: bool) -> Transcript:
    answer = Response(
        respondent="r", question="q", shown=(), answer=Missing(reason="refused", raw=""), call_keys=()
    )
    told = (answer,) if missing else ()
    return Transcript(assignment=InterviewAssignment(respondent="r"), turns=(), responses=told)


def nothing_asked() -> Script[Transcript]:
    yield from ()
    return transcript(missing=False)


def test_a_tally_adds_up_what_was_made_now_and_counts_known_calls_apart() -> None:
    clock = iter((0.0, 4.0))
    tally = Tally(sessions=4, calls=7, now=lambda: next(clock))
    session: Session[Transcript] = Session("s", "", nothing_asked)
    for _ in range(3):
        tally.began(session)
    tally.answered(chat("a"), SAID, False)
    tally.answered(chat("b"), SAID, False)
    tally.answered(chat("b"), SAID, True)
    tally.waiting(chat("c"), 1, 2.0, "asks for fewer requests")
    tally.ended(Done("s1", transcript(missing=True)))
    tally.ended(Failed("s2", "no", questions=3))
    progress = tally.progress()
    assert progress == Progress(
        sessions=4,
        calls=7,
        running=1,  # 3 began, 2 ended
        done=1,
        failed=1,
        answered=3,
        cached=1,
        missing=4,  # a refusal, and the three questions of the failed session
        waits=1,
        usage=Usage(prompt_tokens=20, cached_tokens=8, completion_tokens=4),  # two made now
        cost_usd=1.0,  # 2 * 0.5; the known one costs nothing
        seconds=4.0,
        note="waiting 2 s: asks for fewer requests",
    )
    assert progress.seconds_left == 4.0  # 4 s for 2 of 4 sessions


def test_calls_made_to_sound_out_a_model_are_counted_when_a_session_asks_them() -> None:
    tally = Tally(sessions=1, calls=1)
    with tally.sounding():
        tally.answered(chat("a"), SAID, False)
    assert tally.progress().answered == 0
    tally.answered(chat("a"), SAID, True)
    progress = tally.progress()
    assert (progress.answered, progress.cached, progress.cost_usd) == (1, 0, 0.5)


def test_the_progress_of_parts_adds_up_and_their_time_does_not() -> None:
    one = Progress(sessions=2, done=1, cost_usd=0.5, seconds=3.0, note="x")
    other = Progress(sessions=3, done=3, cost_usd=0.25, seconds=5.0)
    assert one + other == Progress(sessions=5, done=4, cost_usd=0.75, seconds=5.0, note="x")


def test_there_is_no_time_left_to_tell_before_there_is_a_pace() -> None:
    assert Progress(sessions=5, seconds=1.0).seconds_left is None
    assert Progress(sessions=5, done=5, seconds=1.0).seconds_left == 0


def test_a_tally_that_is_closed_has_nothing_under_way_and_a_time_that_stands_still() -> None:
    clock = iter((0.0, 3.0))
    tally = Tally(sessions=2, calls=2, now=lambda: next(clock))
    tally.began(Session("s", "", nothing_asked))
    tally.close()
    progress = tally.progress()
    assert (progress.running, progress.done, progress.seconds) == (0, 0, 3.0)
    assert tally.progress() == progress
