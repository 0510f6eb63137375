"""Twins: everybody stands in a panel three times, with their own traits, with none, with another's."""

from collections.abc import Iterator

import numpy as np

from panelsim.errors import InputError
from panelsim.model.panel import Decision, Hexaco, Panel, Respondent, Treatment, Twin
from panelsim.model.plan import Assignment, MonadicAssignment
from panelsim.model.study import AblationStudy, Carried
from panelsim.planning.streams import stream

FEWEST = 4
"""Respondents below which swapping traits says nothing."""


def add_twins(panel: Panel, study: AblationStudy) -> Panel:
    """`panel`, then a twin of each respondent without traits, then one with the traits of another respondent.

    Nobody keeps their own traits: the donors are one random cycle through all respondents (Sattolo 1986),
    drawn from the study's seed. InputError if the panel has fewer than four respondents.
    """
    people = list(panel.respondents)
    if len(people) < FEWEST:
        raise InputError(
            f"study {study.id!r}: {len(people)} respondents, expected at least {FEWEST} to swap traits"
        )
    donors = _cycle(len(people), stream(study.seed, "twins", panel.id))
    twins = [_twin(one, None, study.carried) for one in people]
    twins += [_twin(one, people[donor], study.carried) for one, donor in zip(people, donors, strict=True)]
    return Panel(id=panel.id, seed=panel.seed, respondents=(*people, *twins))


def _cycle(n: int, rng: np.random.Generator) -> list[int]:
    """A permutation of 0..n-1 that is one cycle, each such permutation as likely."""
    order = list(range(n))
    for at in range(n - 1, 0, -1):
        other = int(float(rng.random()) * at)
        order[at], order[other] = order[other], order[at]
    return order


def _twin(one: Respondent, donor: Respondent | None, carried: Carried) -> Respondent:
    """`one` with the traits of `donor`, or with those that no card mentions."""
    treatment: Treatment = "off" if donor is None else "shuffled"
    change: dict[str, object] = {
        "id": f"{one.id}.{treatment}",
        "twin": Twin(of=one.id, treatment=treatment, traits_of="" if donor is None else donor.id),
    }
    if carried in ("traits", "both"):
        change["traits"] = Hexaco() if donor is None else donor.traits
    if carried in ("decision", "both"):
        change["decision"] = Decision() if donor is None else donor.decision
    return one.model_copy(update=change)


def ablation_sheet(study: AblationStudy) -> Iterator[Assignment]:
    """Every stimulus in every wording, repeated; each asking is a replicate of its own."""
    for replicate in range(study.replicates):
        for wording in range(study.wordings):
            for stimulus in study.stimuli:
                yield MonadicAssignment(
                    respondent="",
                    stimulus=stimulus.id,
                    measures=(study.measure,),
                    open_questions=False,
                    wording=wording,
                    replicate=replicate * study.wordings + wording,
                )
