"""One pass over the transcripts of a discussion: private ratings, and words said alone and in the group."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from panelsim.analysis.objections import content_words
from panelsim.errors import InputError
from panelsim.metrics.bootstrap import rounded
from panelsim.model.discussion import DiscussionQuality
from panelsim.model.panel import Panel
from panelsim.model.plan import OBJECTION, REACTION, DiscussionAssignment, Plan, Transcript
from panelsim.model.response import Missing, RatingAnswer, Response, TextAnswer
from panelsim.model.study import DiscussionStudy

ECHO = 0.8
"""Share of a sentence's content words that one earlier turn of another member holds, from which it says it
again."""
ECHOED = 0.5
"""Share of a turn's content words in such sentences, from which the turn is an echo."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


class Said(NamedTuple):
    """Words of one member."""

    respondent: str
    question: str
    text: str
    call_key: str


class DiscussionHearing:
    """The transcripts of a discussion while they are heard, one after the other."""

    def __init__(self, study: DiscussionStudy, panel: Panel, plan: Plan) -> None:
        self.study, self.panel = study, panel
        self.groups: dict[str, DiscussionAssignment] = {
            one.respondent: one for one in plan if isinstance(one, DiscussionAssignment)
        }
        self.ratings: dict[tuple[str, str], float] = {}
        """By member and time: `before`, `after` or a control's name."""
        self.turns: dict[str, list[Said]] = {name: [] for name in self.groups}
        """What was said aloud, by group, in its order."""
        self.private: dict[str, list[Said]] = {}
        """Reaction and objection, by member."""
        self._asked, self._reasons = 0, Counter[str]()
        self._ratings_asked = self._ratings_missing = 0
        self._masses: list[float] = []
        self._echoes: list[bool] = []
        self._held: set[str] = set()

    def hear(self, transcript: Transcript) -> None:
        """Takes one group in. Raises `InputError` if it is none of the plan."""
        assignment = transcript.assignment
        if not isinstance(assignment, DiscussionAssignment) or assignment.respondent not in self.groups:
            raise InputError(
                f"study {self.study.id!r}: a transcript of {assignment.respondent!r}, expected one of the "
                f"groups {list(self.groups)}"
            )
        self._held.add(assignment.respondent)
        for response in transcript.responses:
            self._hear(assignment.respondent, response)

    def _hear(self, group: str, response: Response) -> None:
        answer = response.answer
        measure, _, when = response.question.rpartition(".")
        self._asked += 1
        self._ratings_asked += bool(measure)
        match answer:
            case Missing():
                self._reasons[answer.reason] += 1
                self._ratings_missing += bool(measure)
            case RatingAnswer():
                self.ratings[response.respondent, when] = answer.value
                self._masses.append(answer.valid_mass)
            case TextAnswer():
                key = response.call_keys[-1] if response.call_keys else ""
                said = Said(response.respondent, response.question, answer.text, key)
                if response.question in (REACTION, OBJECTION):
                    self.private.setdefault(response.respondent, []).append(said)
                else:
                    self._hear_turn(group, said)
            case _:
                pass

    def _hear_turn(self, group: str, said: Said) -> None:
        earlier = [one.text for one in self.turns[group] if one.respondent != said.respondent]
        self._echoes.append(is_echo_of(said.text, earlier))
        self.turns[group].append(said)

    def close(self) -> None:
        """Counts groups that were planned and not held as failed."""
        for name, group in self.groups.items():
            if name not in self._held:
                ratings = sum("." in question for question in group.questions)
                self._asked += len(group.answers)
                self._reasons["failed"] += len(group.answers)
                self._ratings_asked += ratings
                self._ratings_missing += ratings

    @property
    def objections(self) -> dict[str, Said]:
        """The objection that each member raised in private."""
        said = (one for words in self.private.values() for one in words)
        return {one.respondent: one for one in said if one.question == OBJECTION}

    def own_turns(self, member: str) -> list[Said]:
        """What a member said aloud."""
        return [one for turns in self.turns.values() for one in turns if one.respondent == member]

    def quality(self) -> DiscussionQuality:
        """The noise beside the signal."""
        masses = self._masses
        return DiscussionQuality(
            asked=self._asked,
            missing=self._reasons.total(),
            missing_reasons=tuple(sorted(self._reasons.items(), key=lambda pair: (-pair[1], pair[0]))),
            ratings_asked=self._ratings_asked,
            ratings_missing=self._ratings_missing,
            valid_mass=rounded(sum(masses) / len(masses)) if masses else None,
            turns=len(self._echoes),
            echo=rounded(sum(self._echoes) / len(self._echoes)) if self._echoes else None,
        )


def is_echo_of(text: str, earlier: Sequence[str]) -> bool:
    """Whether half of what is said stands in sentences that somebody else has said already."""
    others = [content_words(one) for one in earlier]
    sentences = [content_words(one) for one in _SENTENCE.split(text)]
    echoed = [
        words for words in sentences if any(len(words & other) >= ECHO * len(words) for other in others)
    ]
    every = sum(map(len, sentences))
    return every > 0 and sum(map(len, echoed)) >= ECHOED * every
