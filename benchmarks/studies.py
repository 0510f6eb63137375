"""The studies that the benchmarks ask, each five answers a session."""

import tempfile

from panelsim.model.call import ChatCall
from panelsim.model.study import InterviewStudy, MessageTest, Study
from panelsim.service.prepare import prepare
from panelsim.service.workspace import open_workspace
from panelsim.sessions import script_of
from panelsim.settings import Settings

MEASURES = ("relevance", "clarity", "believability", "value", "difference")
QUESTIONS = (
    "Think of the last tool your team began to use. What made you look for one?",
    "What did you do about it before?",
    "Who else had a say, and what did they want to see?",
    "What almost stopped you?",
    "If it goes well, what will be different a year from now?",
)
HEADLINES = (
    "Forecast your quarter within 5% by Friday",
    "The future of revenue is here",
    "One report instead of nine spreadsheets",
    "See which deals will slip before they do",
    "Your data, finally working for you",
    "Close the month in four days",
    "AI that understands your customers",
    "Stop chasing reps for updates",
)
KINDS = ("interview", "ratings")


def study_of(kind: str, sessions: int, base_url: str) -> Study:
    """`interview`: five questions in one conversation; `ratings`: five ratings of a headline, all at once."""
    return interviews(sessions, base_url) if kind == "interview" else ratings(sessions, base_url)


def interviews(sessions: int, base_url: str) -> InterviewStudy:
    """One interview a respondent; the server's answers are never vague, so that no probe is asked."""
    questions = [{"id": f"q{place}", "text": text} for place, text in enumerate(QUESTIONS, start=1)]
    return InterviewStudy.model_validate(
        {
            "id": "benchmark-interviews",
            "panel": "sales-trio",
            "n": sessions,
            "guide": {"id": "five", "opening": "There are no right answers.", "questions": questions},
            "model": "openai/fake-model",
            "base_url": base_url,
        }
    )


def ratings(sessions: int, base_url: str) -> MessageTest:
    """Two headlines for each of `sessions / 2` respondents, every headline rated on five measures at once."""
    return MessageTest.model_validate(
        {
            "id": "benchmark-ratings",
            "n": sessions // 2,
            "stimuli": _stimuli(2),
            "measures": MEASURES,
            "elicit": "direct",
            "frame": "first_person",
            "design": {"paired": False, "open_questions": False},
            "controls": {"duplicate": False, "decoy": False, "shuffled": False, "anti_icp": False},
            "model": "openai/fake-model",
            "base_url": base_url,
        }
    )


def told_of(kind: str, sessions: int) -> tuple[list[str], list[str]]:
    """What panelsim tells of each buyer, and its five questions: the same work for other libraries."""
    with (
        tempfile.TemporaryDirectory() as folder,
        open_workspace(Settings(store=f"{folder}/store.sqlite3")) as workspace,
    ):
        job = prepare(study_of(kind, sessions, "http://127.0.0.1/v1"), workspace)
        buyers = []
        for assignment in job.plan:
            (call, *_) = next(script_of(assignment, job.scene))
            if isinstance(call, ChatCall):
                said = "\n".join(message.content for message in call.messages)
                buyers.append(said.rpartition("\n")[0])
    scales = [job.scene.measures[name] for name in MEASURES] if kind == "ratings" else []
    ratings_asked = [f"{one.wordings.first_person[0]} 1 = {one.low}, 5 = {one.high}." for one in scales]
    return buyers, ratings_asked or list(QUESTIONS)


ANSWERS_EACH = 100
"""Of a respondent in `scripted_test`: 8 x 5 ratings, 28 pairs in both orders, 4 calls for two controls."""


def scripted_test(respondents: int) -> MessageTest:
    """A headline test without a model: eight headlines alone and in all pairs, 100 answers a respondent."""
    return MessageTest.model_validate(
        {
            "id": "benchmark-scripted",
            "n": respondents,
            "stimuli": _stimuli(8),
            "measures": MEASURES,
            "elicit": "direct",
            "frame": "first_person",
            "design": {"open_questions": False},
            "controls": {"shuffled": False, "anti_icp": False},
            "model": "scripted/sensible",
        }
    )


def _stimuli(count: int) -> list[dict[str, str]]:
    return [{"id": f"h{place}", "text": text} for place, text in enumerate(HEADLINES[:count], start=1)]
