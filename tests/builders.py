"""Small values for tests: a message test of three headlines, its panel, transcripts, analyses and facts."""

from collections.abc import Iterable
from itertools import combinations

from panelsim.keys import content_key
from panelsim.model.analysis import (
    Analysis,
    Cell,
    Contrast,
    Control,
    ControlState,
    Cut,
    Estimate,
    Pair,
    Preference,
    Quality,
    Verbatim,
    Verdict,
    VerdictWord,
)
from panelsim.model.call import Usage
from panelsim.model.panel import Arm, CommitteeRole, CompanyFacts, Decision, Hexaco, Panel, Respondent
from panelsim.model.persona import Basis, Pain, Persona, Provenance
from panelsim.model.plan import (
    Assignment,
    InterviewAssignment,
    MonadicAssignment,
    PairedAssignment,
    Plan,
    Transcript,
    Turn,
)
from panelsim.model.report import Failure, ModelFacts, PromptFacts, RunFacts, SourceFacts
from panelsim.model.response import ChoiceAnswer, Missing, RatingAnswer, Response, TextAnswer
from panelsim.model.study import DecisionRule, Guide, GuideQuestion, InterviewStudy, MessageTest, Stimulus

METHOD = "weighted mean; bootstrap over personas and respondents, 2000 draws"
HOSTILE = '=HYPERLINK("http://x") <script>alert(1)</script> {{7*7}} | `x` [red]@team\x1b[31m\u202e'

VARIANTS = (
    Stimulus(id="outcome", text="Know which deals will slip before your next forecast call"),
    Stimulus(id="speed", text="Forecast in minutes, not in spreadsheets"),
    Stimulus(id="proof", text="The forecast that 400 sales leaders check before their board does"),
)
CONTROLS = (
    Stimulus(id="outcome.duplicate", text=VARIANTS[0].text, role="duplicate", of="outcome"),
    Stimulus(id="decoy", text="Synergise your paradigm with best-of-breed solutions", role="decoy"),
    Stimulus(
        id="outcome.shuffled",
        text="slip your know deals forecast which before call next will",
        role="shuffled",
        of="outcome",
    ),
)
MEANS = {
    "outcome": 3.62,
    "speed": 3.24,
    "proof": 3.11,
    "outcome.duplicate": 3.58,
    "decoy": 1.94,
    "outcome.shuffled": 2.37,
}
SHIFT = {"relevance": 0.0, "clarity": 0.31, "believability": -0.22}
REACTIONS = {
    "outcome": (
        "That is my Monday morning. If it tells me which deals slip before I face the CRO, I want to see it.",
        "Slipping deals, yes. But every tool has promised me that, and our CRM data is not good enough.",
    ),
    "speed": (
        "Minutes would be nice. We lose a day a week to the spreadsheet.",
        "Faster is not the problem. Being wrong is the problem.",
    ),
    "proof": (
        "Four hundred is a number I could ask about. Who are they?",
        "Sounds like they are proud of themselves. It does not say what I would get.",
    ),
}

UNDERSTOOD = (
    "It warns me about deals that will not close in time.",
    "A forecasting tool for sales teams, I think.",
    "It is about deals and forecasts. For managers.",
)


def call_key(*parts: str) -> str:
    return content_key("call1", list(parts))


def estimate(value: float, half: float = 0.24, n: int = 6) -> Estimate:
    return Estimate(value=value, low=value - half, high=value + half, n=n, method=METHOD)


def respondent(
    number: int, persona: str, role: CommitteeRole, name: str, title: str, arm: Arm = "target"
) -> Respondent:
    return Respondent(
        id=f"{persona}-{number:02d}",
        persona=persona,
        icp="b2b-saas-midmarket" if arm == "target" else "public-sector",
        arm=arm,
        role=role,
        name=name,
        title=title,
        company=CompanyFacts(
            industry="Software" if arm == "target" else "Public administration",
            headcount=180 + 40 * number,
            revenue_musd=21.5,
            region="Northern Europe",
            growth_stage="scale-up",
            stack=("CRM", "spreadsheets"),
            incumbent="spreadsheets",
            signal="hiring four account executives",
            challenge="forecasts miss by a fifth",
        ),
        traits=Hexaco(emotionality=-0.8, conscientiousness=1.2),
        decision=Decision(proof_demanded=0.8, authority=0.6),
        in_market=number % 2 == 0,
        trigger="missed two quarters" if number % 2 == 0 else "",
    )


def panel() -> Panel:
    return Panel(
        id="sales-trio",
        seed=7,
        respondents=(
            respondent(1, "vp-sales", "economic", "Ingrid Solberg", "VP Sales"),
            respondent(2, "vp-sales", "economic", "Tomás Iglesias", "VP Sales"),
            respondent(1, "revops", "champion", "Priya Raman", "Head of Revenue Operations"),
            respondent(2, "revops", "champion", "Marek Dvořák", "Revenue Operations Manager"),
            respondent(1, "sales-manager", "user", "Chloé Lambert", "Regional Sales Manager"),
            respondent(2, "sales-manager", "user", "Yuki Tanabe", "Sales Manager"),
            respondent(1, "records-clerk", "user", "Bob Marsh", "Records Clerk", "anti"),
            respondent(2, "records-clerk", "user", "Ada Quill", "Records Clerk", "anti"),
        ),
    )


def _persona(name: str, role: CommitteeRole, title: str, *rests_on: Provenance) -> Persona:
    return Persona(
        id=name,
        name=title,
        title=title,
        committee_role=role,
        authority="influences",
        goals=("forecasts within five percent",),
        pains=(
            Pain(
                text="deals slip unseen",
                quote="I learn it from the board." if rests_on else "",
                source="interview with a customer" if rests_on else "",
                date="2025-12-01" if rests_on else None,
            ),
        ),
        provenance=rests_on,
    )


def _rests(basis: Basis, source: str, date: str, *fields: str) -> Provenance:
    return Provenance(fields=fields, basis=basis, source=source, date=date)


def personas() -> tuple[Persona, ...]:
    """One that was partly observed, one inferred, and one of which nothing is known."""
    observed = _rests("observed", "six interviews", "2025-11-12", "goals", "pains")
    inferred = _rests("inferred", "lost deals of a year", "2025-12-20", "authority", "committee_role")
    return (
        _persona("vp-sales", "economic", "VP Sales", observed, inferred),
        _persona("revops", "champion", "Head of Revenue Operations", inferred),
        _persona("sales-manager", "user", "Sales Manager"),
    )


def message_test(variants: tuple[Stimulus, ...] = VARIANTS) -> MessageTest:
    return MessageTest(
        id="forecast-headlines",
        title="Forecast headlines, round 1",
        n=6,
        stimuli=variants,
        meaning="It warns about slipping deals early enough to act.",
        rule=DecisionRule(confidence=0.9),
    )


def _rating(respondent_id: str, stimulus: str, measure: str, value: float) -> Response:
    """All probability on the two points around `value`."""
    point, share = int(value), value - int(value)
    shares = [0.0] * 5
    shares[point - 1], shares[point] = 1 - share, share
    return Response(
        respondent=respondent_id,
        question=measure,
        shown=(stimulus,),
        answer=RatingAnswer(distribution=tuple(shares), valid_mass=0.97),
        call_keys=(call_key(respondent_id, stimulus, measure),),
    )


def monadic(person: Respondent, stimulus: Stimulus, place: int) -> Transcript:
    measures = ("relevance", "clarity", "believability")
    said = REACTIONS.get(stimulus.id, ("No idea what that is.", "Words."))[place % 2]
    key = call_key(person.id, stimulus.id, "reaction")
    responses = [
        Response(
            respondent=person.id,
            question="reaction",
            shown=(stimulus.id,),
            answer=TextAnswer(text=said),
            call_keys=(key,),
        ),
        Response(
            respondent=person.id,
            question="comprehension",
            shown=(stimulus.id,),
            answer=TextAnswer(text=UNDERSTOOD[place % 3]),
            call_keys=(call_key(person.id, stimulus.id, "comprehension"),),
        ),
    ]
    for measure in measures:
        if person.id == "sales-manager-02" and stimulus.id == "decoy" and measure == "clarity":
            missing = Missing(reason="refused", raw="I would rather not say.")
            responses.append(
                Response(
                    respondent=person.id,
                    question=measure,
                    shown=(stimulus.id,),
                    answer=missing,
                    call_keys=(call_key(person.id, stimulus.id, measure),),
                )
            )
        else:
            value = MEANS.get(stimulus.id, 3.0) + SHIFT[measure] + (0.2 if place % 2 == 0 else -0.2)
            responses.append(_rating(person.id, stimulus.id, measure, value))
    return Transcript(
        assignment=MonadicAssignment(
            respondent=person.id,
            stimulus=stimulus.id,
            measures=measures,
            open_questions=True,
            wording=place % 3,
        ),
        turns=(
            Turn(speaker="interviewer", text=f"You meet this headline: {stimulus.text}. What do you think?"),
            Turn(speaker="respondent", text=said, call_key=key),
        ),
        responses=tuple(responses),
    )


def paired(person: Respondent, first: str, second: str) -> Transcript:
    key = call_key(person.id, first, second)
    share = 0.7 if MEANS.get(first, 3.0) > MEANS.get(second, 3.0) else 0.3
    return Transcript(
        assignment=PairedAssignment(respondent=person.id, first=first, second=second, wording=0),
        turns=(
            Turn(speaker="interviewer", text="Which one would you read on after, A or B?"),
            Turn(speaker="respondent", text="A" if share > 0.5 else "B", call_key=key),
        ),
        responses=(
            Response(
                respondent=person.id,
                question="preference",
                shown=(first, second),
                answer=ChoiceAnswer(options=(first, second), shares=(share, 1 - share)),
                call_keys=(key,),
            ),
        ),
    )


def transcripts(variants: tuple[Stimulus, ...] = VARIANTS) -> tuple[Transcript, ...]:
    sessions: list[Transcript] = []
    for place, person in enumerate(panel().respondents):
        stimuli = (*variants, *CONTROLS) if person.arm == "target" else variants
        sessions += [monadic(person, stimulus, place) for stimulus in stimuli]
        if person.arm == "target":
            for one, two in combinations([v.id for v in variants], 2):
                sessions += [paired(person, one, two), paired(person, two, one)]
    return tuple(sessions)


def plan(variants: tuple[Stimulus, ...] = VARIANTS) -> Plan:
    return listed((*variants, *CONTROLS), (transcript.assignment for transcript in transcripts(variants)))


def listed(stimuli: tuple[Stimulus, ...], assignments: Iterable[Assignment]) -> Plan:
    """A plan of these assignments, each respondent's together."""
    sheets: dict[str, list[Assignment]] = {}
    for one in assignments:
        sheets.setdefault(one.respondent, []).append(one.model_copy(update={"respondent": ""}))
    return Plan(
        stimuli=stimuli,
        people=tuple(sheets),
        sheets=tuple(map(tuple, sheets.values())),
        sheet_of=tuple(range(len(sheets))),
    )


def cell(stimulus: str, measure: str, value: float, n: int = 6) -> Cell:
    lost = 1 if (stimulus, measure) == ("decoy", "clarity") and n == 6 else 0
    return Cell(
        stimulus=stimulus,
        measure=measure,
        estimate=estimate(value, n=n),
        distribution=(0.05, 0.15, 0.35, 0.3, 0.15),
        top_two=min(0.98, max(0.02, (value - 1) / 4)),
        asked=n,
        missing=lost,
        missing_reasons=(("refused", 1),) if lost else (),
    )


def contrast(leader: str, other: str, measure: str) -> Contrast:
    gap = MEANS.get(leader, 3.0) - MEANS.get(other, 3.0)
    return Contrast(
        leader=leader,
        other=other,
        measure=measure,
        difference=estimate(gap / 2, 0.1) if measure == "preference" else estimate(gap, 0.2),
        p=0.012,
        p_holm=0.024,
        blocks="9 persona-wording blocks",
    )


def preference(variants: tuple[Stimulus, ...] = VARIANTS) -> Preference:
    names = [variant.id for variant in variants]
    return Preference(
        pairs=tuple(
            Pair(
                first=one,
                second=two,
                win_share=estimate(0.5 + (MEANS.get(one, 3.0) - MEANS.get(two, 3.0)) / 2, 0.12),
                order_consistency=0.83,
                asked=12,
                missing=0,
            )
            for one, two in combinations(names, 2)
        ),
        strengths=tuple((name, estimate(0.62 - 0.13 * place, 0.11)) for place, name in enumerate(names)),
        order_consistency=estimate(0.83, 0.1),
        first_slot_bias=estimate(0.04, 0.05),
    )


def control(state: ControlState = "passed") -> tuple[Control, ...]:
    return (
        Control(
            name="duplicate",
            state="passed",
            expectation="An exact duplicate of outcome cannot be told from it.",
            found="The duplicate is 0.04 points below outcome (−0.12 to +0.20).",
            estimate=estimate(0.04, 0.16),
        ),
        Control(
            name="decoy",
            state=state,
            expectation="A deliberately weak headline scores below every variant.",
            found="The decoy is 1.17 points below the weakest variant."
            if state == "passed"
            else "The decoy is only 0.06 points below the weakest variant (−0.21 to +0.33).",
            estimate=estimate(1.17 if state == "passed" else 0.06, 0.27),
        ),
        Control(
            name="shuffled",
            state="passed",
            expectation="The words of outcome in random order score below it.",
            found="The shuffled words are 1.25 points below outcome.",
            estimate=estimate(1.25, 0.3),
        ),
        Control(
            name="anti_icp",
            state="passed",
            expectation="Respondents outside the ICP find the variants less relevant.",
            found="Target minus anti-ICP on relevance: +0.90 points [+0.61, +1.19]; expected above 0.",
        ),
    )


def verdict(word: VerdictWord) -> Verdict:
    """One verdict of each kind, with the reasons that would come with it."""
    match word:
        case "clear_lead":
            return Verdict(
                word=word,
                leader="outcome",
                not_separable=(),
                reasons=(
                    "outcome is ahead of every other variant on relevance (Holm p at most 0.031).",
                    "All computed controls passed.",
                ),
                next_step="Split the message: give each persona the text it prefers, and test the split.",
                by_persona=(("vp-sales", "outcome"), ("revops", "speed"), ("sales-manager", "outcome")),
            )
        case "lean":
            return Verdict(
                word=word,
                leader="outcome",
                not_separable=("speed",),
                reasons=("outcome is ahead of speed, but p = 0.14 is above the rule's 0.05.",),
                next_step="Revise speed and outcome, or add respondents and run again.",
            )
        case "no_difference":
            return Verdict(
                word=word,
                leader="outcome",
                not_separable=("speed", "proof"),
                reasons=("No contrast is below the rule's lean threshold of 0.20.",),
                next_step="Choose by other grounds, or write variants that differ more.",
            )
        case "cannot_say":
            return Verdict(
                word=word,
                leader="outcome",
                not_separable=("speed", "proof"),
                reasons=(
                    "The weak decoy was not told from the weakest variant, so no score can be trusted.",
                ),
                next_step="Do not decide on this run. Try a stronger model, or test with people.",
            )


def analysis(word: VerdictWord = "clear_lead", variants: tuple[Stimulus, ...] = VARIANTS) -> Analysis:
    names = [variant.id for variant in variants]
    shown = [stimulus.id for stimulus in (*variants, *CONTROLS)]
    return Analysis(
        cells=tuple(
            cell(name, measure, MEANS.get(name, 3.0) + shift)
            for name in shown
            for measure, shift in SHIFT.items()
        ),
        anti_cells=tuple(
            cell(name, measure, MEANS.get(name, 3.0) - 0.9 + shift, n=2)
            for name in names
            for measure, shift in SHIFT.items()
        ),
        contrasts=tuple(
            contrast(names[0], other, measure)
            for measure in ("preference", "relevance")
            for other in names[1:]
        ),
        preference=preference(variants),
        controls=control("failed" if word == "cannot_say" else "passed"),
        cuts=tuple(
            Cut(
                dimension="persona",
                value=persona,
                n=2,
                cells=tuple(cell(name, "relevance", MEANS.get(name, 3.0), n=2) for name in names),
                win_shares=tuple((name, 0.6 - 0.1 * place) for place, name in enumerate(names)),
                leader=leader,
            )
            for persona, leader in (("vp-sales", names[0]), ("revops", names[1]), ("sales-manager", None))
        ),
        quality=Quality(
            asked=198,
            missing=1,
            missing_reasons=(("refused", 1),),
            valid_mass=0.97,
            noise_floor=0.16,
            preference_noise_floor=0.06,
            between_respondent_sd=0.41,
            wording_sd=0.08,
            scale_range_used=(1.6, 4.3),
        ),
        verbatims=verbatims(variants),
        verdict=verdict(word),
    )


def verbatims(variants: tuple[Stimulus, ...] = VARIANTS) -> tuple[Verbatim, ...]:
    """Two for and two against each variant, as the analysis picks them."""
    said: list[Verbatim] = []
    for variant in variants:
        for place, person in enumerate(panel().respondents[:4]):
            likes = place % 2 == 0
            said.append(
                Verbatim(
                    respondent=person.id,
                    persona=person.persona,
                    stimulus=variant.id,
                    question="reaction",
                    text=REACTIONS.get(variant.id, ("I like it.", "I do not."))[place % 2],
                    rating=MEANS.get(variant.id, 3.0) + (0.2 if likes else -0.9),
                    stance="for" if likes else "against",
                    call_key=call_key(person.id, variant.id, "reaction"),
                )
            )
    return tuple(said)


def facts(run_id: str = "run-0001", created_at: str = "2026-02-03T09:15:00+00:00") -> RunFacts:
    return RunFacts(
        run_id=run_id,
        created_at=created_at,
        panelsim_version="0.1.0",
        state="partial",
        failures=(Failure(session="sales-manager-02 sees decoy", reason="the reply was cut off twice"),),
        model=ModelFacts(
            name="scripted/example",
            size="no parameters: answers are written in the test",
            licence="Apache-2.0",
            measured="Not measured: a scripted model has no opinions.",
        ),
        embedding_model=None,
        elicit="logprob",
        frame="third_person",
        calls=234,
        usage=Usage(prompt_tokens=81_204, cached_tokens=60_100, completion_tokens=9_310),
        cost_usd=0.0123,
        prompts=(
            PromptFacts(id="questions/rating", version=2, key=content_key("prompt1", "rating")),
            PromptFacts(id="sessions/monadic", version=1, key=content_key("prompt1", "monadic")),
        ),
        sources=(
            SourceFacts(kind="icp", id="b2b-saas-midmarket", version=3, key=content_key("icp1", "x")),
            SourceFacts(kind="persona", id="vp-sales", version=1, key=content_key("persona1", "x")),
            SourceFacts(kind="panel", id="sales-trio", version=1, key=content_key("panel1", "x")),
        ),
        rerun="panelsim run forecast-headlines.yaml --seed 7",
        cite="panelsim 0.1.0, study forecast-headlines, seed 7: simulated respondents, not people.",
    )


def interview_study() -> InterviewStudy:
    return InterviewStudy(
        id="forecast-interviews",
        title="How forecasts are made today",
        n=2,
        guide=Guide(
            id="forecasting",
            title="How forecasts are made today",
            opening="Thank you for taking the time.",
            questions=(
                GuideQuestion(id="last", text="Walk me through your last forecast.", probes=("What then?",)),
                GuideQuestion(id="wrong", text="When was it last wrong, and what did that cost?"),
            ),
        ),
    )


def interviews() -> tuple[Transcript, ...]:
    sessions = []
    for person in panel().respondents[:2]:
        keys = [call_key(person.id, question) for question in ("last", "wrong")]
        sessions.append(
            Transcript(
                assignment=InterviewAssignment(respondent=person.id),
                turns=(
                    Turn(speaker="interviewer", text="Walk me through your last forecast."),
                    Turn(
                        speaker="respondent",
                        text="On Friday I ask each of my reps, and on Monday I halve what they said.",
                        call_key=keys[0],
                    ),
                    Turn(speaker="interviewer", text="When was it last wrong, and what did that cost?"),
                    Turn(speaker="respondent", text="I would rather not say.", call_key=keys[1]),
                ),
                responses=(
                    Response(
                        respondent=person.id,
                        question="last",
                        shown=(),
                        answer=TextAnswer(
                            text="On Friday I ask each of my reps, and on Monday I halve what they said."
                        ),
                        call_keys=(keys[0],),
                    ),
                    Response(
                        respondent=person.id,
                        question="wrong",
                        shown=(),
                        answer=Missing(reason="refused", raw="I would rather not say."),
                        call_keys=(keys[1],),
                    ),
                ),
            )
        )
    return tuple(sessions)
