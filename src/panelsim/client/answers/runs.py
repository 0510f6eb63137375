"""What the service answers, from its OpenAPI document: written by a program, see tests/api/client_models.py.

Fixed words are plain texts here, because more of them may come at any time.
"""

from pydantic import AwareDatetime

from panelsim.client.wire import Answer


class Summary(Answer):
    """What a run comes to in words and numbers only, for tools that cannot look into nested answers.

    A text that does not apply is empty, a number that does not apply is null. Kinds other than message tests
    fill what they have.
    """

    run_id: str
    """The run."""
    kind: str
    """Of the study."""
    state: str
    """Of the run."""
    simulated: bool = True
    """No person was asked."""
    verdict: str
    """The verdict's word: of a test `clear_lead`, `lean`, `no_difference` or `cannot_say`; of other kinds
    their own, `cannot_say` among them; empty for interviews."""
    sentence: str
    """The answer in a sentence."""
    winner_id: str
    """Only with `clear_lead`."""
    winner_text: str
    """Only with `clear_lead`."""
    leader_id: str
    """Whoever has the highest figure, told apart or not."""
    lead_points: float | None
    """The leader's distance from its nearest rival: win share in points of 100, or scale points if no pairs
    were asked."""
    interval_low: float | None
    """Low end of its simulation interval."""
    interval_high: float | None
    """High end of its simulation interval."""
    top_objection: str
    """Of the objections that the personas expect, the one raised most."""
    suggested_rewrite: str = ""
    """Empty: no text is proposed that no panel has rated."""
    next_step: str
    """What to do now."""
    trust_level: str
    """`void`: a check failed; `limited`: one is off or could not be computed; `checked`: all held. None of
    them compares with people; see `calibrated`."""
    calibrated: str
    """Whether a calibration on past tests with people was applied."""
    respondents: int
    """How many were asked, controls included."""
    missing: int
    """Sessions without an answer."""
    cost_usd: float
    """US dollars of the answers behind it."""
    report_url: str
    """The report as a page."""


class Estimated(Answer):
    """The estimate that was made when a run was started, beside what it took."""

    likely_usd: float
    """US dollars that were expected."""
    high_usd: float
    """US dollars at most."""
    actual_usd: float
    """US dollars so far."""


class RunStateEvent(Answer):
    """`run.state`: the run came into another state."""

    run_id: str
    """The run."""
    at: AwareDatetime
    """UTC."""
    state: str
    """As `state` of the run."""


class RunProgressEvent(Answer):
    """`run.progress`: how far the run is."""

    sessions: int
    """Sessions that are planned."""
    running: int
    """Sessions under way."""
    done: int
    """Sessions that reached their end."""
    failed: int
    """Sessions whose model could not be asked."""
    calls: int
    """Calls that are planned; re-asks and probes come on top."""
    answered: int
    """Calls with an answer that is kept."""
    missing: int
    """Questions without a usable answer so far."""
    run_id: str
    """The run."""
    at: AwareDatetime
    """UTC."""
    cost_usd: float
    """US dollars since the run was started or resumed."""
    seconds_left: float | None
    """A rough guess at the pace so far; null before there is one."""


class RunEndedEvent(Answer):
    """`run.ended`: the last event of a stream."""

    sessions: int
    """Sessions that are planned."""
    running: int
    """Sessions under way."""
    done: int
    """Sessions that reached their end."""
    failed: int
    """Sessions whose model could not be asked."""
    calls: int
    """Calls that are planned; re-asks and probes come on top."""
    answered: int
    """Calls with an answer that is kept."""
    missing: int
    """Questions without a usable answer so far."""
    run_id: str
    """The run."""
    at: AwareDatetime
    """When it ended, UTC."""
    state: str
    """How it ended."""
    cost_usd: float
    """US dollars, all attempts included."""


class AnswerView(Answer):
    """What one respondent said."""

    respondent: str
    """Its id in the run."""
    persona: str
    """It was drawn from."""
    icp: str
    """Its company was drawn from."""
    name: str
    """An invented one."""
    title: str
    """Its job."""
    answer: str | None
    """Its words; null if there are none."""
    missing: str | None
    """Why there is no answer: `refused`, `unreadable`, `cut_off`, `failed`; null if there is."""
    reason: str
    """With `missing`: what was said instead, or what failed; else empty."""
    call_keys: tuple[str, ...]
    """Of the calls, in order."""


class PromptView(Answer):
    """A prompt file that was rendered."""

    id: str
    """Its place below `prompts/`."""
    version: int
    """Raised with every change of its text."""
    key: str
    """Content hash of its text and parts."""


class AskView(Answer):
    """A question that was asked after a run, with its answers."""

    id: str
    """Names the question."""
    run_id: str
    """The run."""
    simulated: bool = True
    """Always true: no person was asked."""
    created_at: AwareDatetime
    """UTC."""
    question: str
    """What was asked."""
    to: str
    """Who was meant."""
    matched: int
    """Respondents who were meant."""
    model: str
    """Who spoke for them: the run's model."""
    answers: tuple[AnswerView, ...]
    """One for each respondent who was chosen."""
    missing: int
    """How many of them have no answer."""
    calls_made: int
    """Calls that were made now; others were known already."""
    prompt_tokens: int
    """Sent, for all answers."""
    completion_tokens: int
    """Written, for all answers."""
    cost_usd: float
    """US dollars of the calls that were made now."""
    max_cost_usd: float
    """US dollars that it could cost at most."""
    prompts: tuple[PromptView, ...]
    """The prompt files that were rendered."""
    prompts_hash: str
    """Of all prompt files."""
