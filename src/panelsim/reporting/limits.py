"""What a run cannot say, in plain words."""

from collections.abc import Iterator

from panelsim.model.analysis import Analysis
from panelsim.model.calibration import AppliedCalibration
from panelsim.model.recovery import InventoryAnalysis
from panelsim.model.report import RunFacts
from panelsim.model.study import InventoryStudy, StimulusTest
from panelsim.reporting.words import CONTROLS, count, listed

NOBODY_ASKED = (
    "Every respondent is a language model playing a buyer. No person was asked, and no figure here is "
    "a share of any market."
)
ONE_MODEL = (
    "Respondents of one model share its habits: twice as many of them do not make the answer twice as sure."
)
UNCHECKED = (
    "This panel was never checked against reality: no test with known results from people was run through it."
)
TEXTS_ONLY = (
    "The probabilities of its calibration come from texts of past tests alone: they hold for such "
    "texts in that channel, and say nothing about the panel."
)
CALIBRATED = (
    "The probabilities of its calibration hold for texts and readers like those of its past tests, in that "
    "channel. Readers change: make the calibration again as new tests come in."
)
INTERVAL = (
    "A simulation interval says how far a figure would move if this panel were drawn again. It is not a "
    "margin of error and says nothing about how far real buyers would differ."
)
RELATIVE = (
    "Compare variants inside this run only. Levels (a 3.4, a 60%) carry no meaning outside it, and none of "
    "them is a click rate, a demand or a willingness to pay."
)
READING = (
    "A model reads every word with full attention. Whether a hurried reader notices, understands or "
    "remembers the text was not tested."
)
DECIDE = (
    "Use it to drop weak variants and to sharpen the next draft. Before money depends on the answer, test "
    "the finalists with people."
)
VARIANCE = (
    "What moves a model's rating is not what moves a buyer's. These shares say which parts of a prompt this "
    "model listens to, for these stimuli and this way of asking."
)
TALK = (
    "Simulated buyers talk more, agree more and differ less than people do. Use these interviews to prepare "
    "questions and to rehearse, not as evidence of what buyers think."
)
REPEATED = (
    "An answer that says the same as a passage has it from there: it confirms nothing, and a note holds what "
    "one buyer said."
)
INVENTED = (
    "Anecdotes, figures and names of colleagues or tools in the answers are inventions of the model, however "
    "concrete they sound."
)


READ_BACK = (
    "A level that comes back shows that the model read it in the prompt and can say it again in other words. "
    "It does not show that the respondent's choices follow from it."
)
STANDARD = (
    "Standard scores compare with people who filled in the whole questionnaire online; a model's answers are "
    "no person's, so compare scores inside this run only."
)
NO_NORMS = "No person ever answered these situations: scores are shares of the scale and have no norm."
ONE_AT_A_TIME = (
    "Each profile differs from its base in one level, all others at the middle. Cards in a panel assert "
    "several levels at once, which compete; that was not measured here."
)
BY_DESIGN = (
    "Alpha and the common axis are computed over profiles whose levels were set far apart by design: they "
    "say nothing of people."
)
DRAWN_TOGETHER = (
    "Levels of a drawn panel go together as they do in people, so a slope on another scale can be what was "
    "drawn and not what leaks. Doses tell them apart."
)
FEW_BASES = 8
ENOUGH_ITEMS = 10


def message_test_limits(
    study: StimulusTest,
    analysis: Analysis,
    facts: RunFacts,
    calibrated: AppliedCalibration | None = None,
) -> tuple[str, ...]:
    """The limits of every message test, then those of this one."""
    limits = [NOBODY_ASKED, INTERVAL, RELATIVE, ONE_MODEL, _checked(calibrated), READING]
    off = [CONTROLS[control.name].lower() for control in analysis.controls if control.state == "off"]
    blind = [CONTROLS[c.name].lower() for c in analysis.controls if c.state == "not_computed"]
    if off:
        limits.append(f"Switched off in this study: {listed(off)}. What they guard against was not tested.")
    if blind:
        limits.append(f"Without a result in this run: {listed(blind)}.")
    if not study.design.open_questions:
        limits.append("No reaction in words was asked for, so this report shows figures without reasons.")
    return (*limits, *_sources(facts), *unfinished(facts), DECIDE)


def ablation_limits(facts: RunFacts) -> tuple[str, ...]:
    """The limits of every ablation, then those of this one."""
    return (NOBODY_ASKED, VARIANCE, ONE_MODEL, UNCHECKED, *_sources(facts), *unfinished(facts))


def _checked(calibrated: AppliedCalibration | None) -> str:
    if calibrated is None or not calibrated.pairs:
        return UNCHECKED
    return CALIBRATED if calibrated.uses_panel else f"{UNCHECKED} {TEXTS_ONLY}"


def interview_limits(facts: RunFacts) -> tuple[str, ...]:
    """The limits of every interview study, then those of this one."""
    return (NOBODY_ASKED, TALK, INVENTED, ONE_MODEL, UNCHECKED, *_sources(facts), *unfinished(facts))


def _sources(facts: RunFacts) -> Iterator[str]:
    """What is to be said of the profiles and notes behind the run."""
    notes = sum(source.kind == "note" for source in facts.sources)
    if notes:
        yield f"Passages of up to {count(notes, 'note')} were put before respondents. {REPEATED}"
    for source in facts.sources:
        if source.is_draft:
            yield f"Persona {source.id} is a draft that nobody approved."


def inventory_limits(study: InventoryStudy, analysis: InventoryAnalysis, facts: RunFacts) -> tuple[str, ...]:
    """The limits of every inventory, then those of this one."""
    limits = [NOBODY_ASKED, READ_BACK]
    limits.append(STANDARD if analysis.unit == "z" else NO_NORMS)
    if analysis.layout == "doses":
        limits += [ONE_AT_A_TIME, BY_DESIGN]
    else:
        limits.append(DRAWN_TOGETHER)
    if analysis.bases < FEW_BASES:
        limits.append(
            f"Intervals rest on {count(analysis.bases, 'respondent')}: read them as a range, not as a bound."
        )
    if study.per_scale is not None and study.per_scale < ENOUGH_ITEMS:
        limits.append(
            f"Only {study.per_scale} items of each scale were asked; fewer than {ENOUGH_ITEMS} say little."
        )
    return (*limits, ONE_MODEL, *unfinished(facts))


def unfinished(facts: RunFacts) -> tuple[str, ...]:
    """What a partial run lacks; empty for a whole one."""
    if facts.state == "completed":
        return ()
    lost = count(facts.failed, "session")
    return (f"The run is partial ({lost} not finished). What was not answered counts as missing.",)
