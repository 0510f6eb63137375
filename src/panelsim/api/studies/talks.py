"""Requests for what is said at length: interviews, group discussions, buying committees."""

from typing import Annotated, Any, Literal

from pydantic import Field

from panelsim.api.studies.base import Guided, StudyRequest, Variants, guide_of, lettered, valid_study
from panelsim.model.base import Id
from panelsim.model.discussion_design import (
    FEWEST_MEMBERS,
    MOST_MEMBERS,
    DiscussionControls,
    DiscussionRule,
)
from panelsim.model.study import (
    CommitteeControls,
    CommitteeDesign,
    CommitteeRule,
    CommitteeStudy,
    DiscussionStudy,
    Elicitation,
    Frame,
    InterviewStudy,
    Study,
)


class InterviewRequest(StudyRequest):
    """Interviews along a guide."""

    kind: Literal["interview"] = "interview"
    n: int = Field(3, ge=1, le=1000, description="Respondents to interview.", examples=[3])
    questions: Annotated[Guided, Field(min_length=1)] = Field(
        description="What is asked, in order; a question may bring probes for vague answers.",
        examples=[["What went wrong with the last tool you bought?"]],
    )
    opening: str = Field("", max_length=2000, description="Said before the first question.", examples=[""])
    max_turns: int = Field(20, ge=1, le=100, description="Answers after which it ends.", examples=[20])

    def study(self) -> Study:
        """The study that is asked for. Raises `InputError`."""
        guide = guide_of(self.questions, self.opening, self.max_turns)
        named = guide.questions[0].text
        return valid_study(InterviewStudy, self.common() | {"n": self.n, "guide": guide}, named)


class CommitteeRequest(StudyRequest):
    """Proposals before buying committees."""

    kind: Literal["committee"] = "committee"
    panel: str = Field(
        "sales-committee",
        max_length=80,
        description="Its personas are the seats of every company.",
        examples=["sales-committee"],
    )
    proposals: Annotated[Variants, Field(min_length=1, max_length=8)]
    companies: int = Field(1, ge=1, le=1000, description="Committees that judge.", examples=[3])
    channel: str = Field("sales proposal", max_length=200, description="How it reaches the committee.",
                         examples=["sales proposal"])  # fmt: skip
    elicit: Elicitation | None = Field(None, description="How stances are read; null: what suits the model.")
    frame: Frame | None = Field(None, description="How stances are put; null: what suits the model.")
    design: CommitteeDesign = Field(CommitteeDesign(), description="How a committee is asked.")
    controls: CommitteeControls = Field(CommitteeControls(), description="Which controls run beside.")
    decision_rule: CommitteeRule = Field(CommitteeRule(), description="Thresholds, fixed before the run.")

    def study(self) -> Study:
        """The study that is asked for. Raises `InputError`."""
        proposals = lettered(self.proposals)
        same = {name: getattr(self, name) for name in ("channel", "elicit", "frame", "design", "controls")}
        own = {"n": self.companies, "proposals": proposals, "rule": self.decision_rule}
        return valid_study(CommitteeStudy, self.common() | same | own, proposals[0]["text"])


class DiscussionRequest(StudyRequest):
    """A discussion in groups, with private ratings before and after."""

    kind: Literal["discussion"] = "discussion"
    text: Annotated[str, Field(max_length=2000)] = Field(
        "",
        description="What they talk about: a headline, a message, an idea. Empty: the questions alone, and "
        "nothing is rated.",
        examples=["Forecasts your CFO believes"],
    )
    questions: Guided = Field(
        (), description="What the moderator asks; empty: the usual opening.", examples=[["What is missing?"]]
    )
    opening: str = Field("", max_length=2000, description="Said before the first question.", examples=[""])
    groups: int = Field(2, ge=1, le=50, description="Groups.", examples=[2])
    size: int = Field(
        5, ge=FEWEST_MEMBERS, le=MOST_MEMBERS, description="Members of each group.", examples=[5]
    )
    rounds: int = Field(2, ge=1, le=4, description="Rounds on each question.", examples=[2])
    channel: str = Field(
        "landing page headline",
        max_length=200,
        description="Where they met the text.",
        examples=["landing page headline"],
    )
    measure: Id = Field("relevance", description="What is rated in private.", examples=["relevance"])
    controls: DiscussionControls = Field(
        DiscussionControls(), description="What the shift is held against; without any none can be told."
    )
    decision_rule: DiscussionRule = Field(DiscussionRule(), description="Thresholds, fixed before the run.")
    elicit: Elicitation | None = Field(None, description="How ratings are read; null: what suits the model.")
    frame: Frame | None = Field(None, description="How ratings are put; null: what suits the model.")

    def study(self) -> Study:
        """The study that is asked for. Raises `InputError`."""
        same = {
            name: getattr(self, name)
            for name in ("groups", "size", "rounds", "channel", "measure", "controls", "elicit", "frame")
        }
        own: dict[str, Any] = {"rule": self.decision_rule}
        if self.text.strip():
            own["stimulus"] = {"id": "a", "text": self.text.strip()}
        if self.questions:
            turns = self.rounds * len(self.questions)
            own["guide"] = guide_of(self.questions, self.opening, max(20, turns))
        named = self.text.strip() or (own["guide"].questions[0].text if "guide" in own else "discussion")
        return valid_study(DiscussionStudy, self.common() | same | own, named)
