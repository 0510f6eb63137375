"""Which way of asking tells a fitting headline from one that does not fit? Prints Markdown tables.

    python benchmarks/elicitation.py --model embedded/qwen2.5-1.5b [--forms NAME ...] [--set dev] [--table]

The buyers and headlines are in `evals/elicitation/`; every form is asked through panelsim's own sessions,
prompts and provider. Results are kept in `evals/elicitation/results.json` by set, model and form; `--table`
prints them again and asks nothing. A form takes two to five minutes on two quiet cores.
"""

import argparse
import asyncio
import json
import time
from collections import defaultdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml

from panelsim.execution.drive import Done, Session, run_sessions
from panelsim.files import read_prompt_texts
from panelsim.metrics.choice import first_slot_bias, order_consistency, winners
from panelsim.metrics.distance import auc
from panelsim.metrics.inference import wilson
from panelsim.model.call import Call, Completion
from panelsim.model.plan import MonadicAssignment, PairedAssignment, Transcript
from panelsim.model.response import ChoiceAnswer, RatingAnswer
from panelsim.model.study import Asking, Elicitation, Frame, Stimulus
from panelsim.prompts import Prompts
from panelsim.providers import Options, open_provider, parse_model_ref, resolve_model_ref
from panelsim.providers.catalogue import DEFAULT_EMBEDDING
from panelsim.sessions import script_of
from panelsim.sessions.buyer import Buyer, buyer_of
from panelsim.sessions.scene import Scene, read_measures
from panelsim.settings import read_settings

HERE = Path(__file__).resolve().parents[1] / "evals" / "elicitation"
RESULTS = HERE / "results.json"
MEASURES = ("relevance", "clarity", "believability", "value", "difference")
KINDS = {
    "off_topic": ("own", "far", "own", ("relevance",)),
    "wrong_role": ("shared", "neighbour", "shared", ("relevance",)),
    "vague": ("concrete", "", "vague", ("clarity", "value", "difference")),
    "too_good": ("modest", "", "too_good", ("believability",)),
}
"""Kind: the fitting headline, whose is the other one, which it is, and the measures that tell them apart."""


class Form(NamedTuple):
    """One way of asking: elicitation, frame, and a folder of prompt files in place of the shipped ones."""

    question: str
    elicit: Elicitation
    frame: Frame
    overlay: str = ""


FORMS = {
    "rating.first_person": Form("rating", "logprob", "first_person"),
    "rating.few_shot": Form("rating", "logprob", "few_shot"),
    "rating.third_person": Form("rating", "logprob", "third_person"),
    "rating.third_person, no examples": Form("rating", "logprob", "third_person", "no_examples"),
    "direct.first_person": Form("rating", "direct", "first_person"),
    "direct.few_shot": Form("rating", "direct", "few_shot"),
    "direct.third_person": Form("rating", "direct", "third_person"),
    "reaction": Form("rating", "reaction", "first_person"),
    "choice.first_person": Form("choice", "logprob", "first_person"),
    "choice.few_shot": Form("choice", "logprob", "few_shot"),
    "choice.third_person": Form("choice", "logprob", "third_person"),
    "choice.third_person, unlike its examples": Form("choice", "logprob", "third_person", "unlike_examples"),
    "choice.third_person, no examples": Form("choice", "logprob", "third_person", "no_examples"),
    "choice_direct.third_person": Form("choice", "direct", "third_person"),
}


class Item(NamedTuple):
    """A buyer, a kind, and the ids of the fitting headline and of the other one."""

    buyer: str
    kind: str
    good: str
    bad: str


class Asked(NamedTuple):
    """What one form gave: transcripts, calls and seconds."""

    transcripts: tuple[Transcript, ...]
    calls: int
    seconds: float


# ---- material


def read_set(name: str) -> tuple[dict[str, Buyer], dict[str, Stimulus], list[Item]]:
    """Buyers by id, headlines by id (`cfo.own`) and the pairs of `evals/elicitation/NAME.yaml`."""
    rows = yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))["buyers"]
    headlines = ("own", "shared", "concrete", "vague", "modest", "too_good")
    texts = {f"{row['id']}.{key}": row[key] for row in rows for key in headlines}
    stimuli = {key: Stimulus(id=key, text=text) for key, text in texts.items()}
    items = [
        Item(row["id"], kind, f"{row['id']}.{good}", f"{row[of] if of else row['id']}.{bad}")
        for row in rows
        for kind, (good, of, bad, _) in KINDS.items()
    ]
    return {row["id"]: _buyer(row) for row in rows}, stimuli, items


def _buyer(row: dict[str, str | list[str]]) -> Buyer:
    """A buyer with the facts of `row`; what the set does not say is empty."""
    facts = {name: value for name, value in row.items() if name in Buyer.model_fields}
    return buyer_of({**facts, "name": row["id"], "headcount": int(str(row["headcount"]))})


def read_texts(folder: Path | None) -> dict[str, str]:
    """The prompt files, the questions in `folder` in place of the shipped ones of the same name."""
    paths = folder.glob("*.md") if folder is not None else ()
    own = {f"questions/{path.name.removesuffix('.md')}": path.read_text(encoding="utf-8") for path in paths}
    return {**read_prompt_texts(), **own}


# ---- asking


def assignments_of(
    form: Form, items: list[Item], wordings: int
) -> list[MonadicAssignment | PairedAssignment]:
    """What is asked: each pair in both orders, or each headline alone, a buyer's questions together.

    Ratings are asked in the first wording, one measure a kind. With 3 `wordings` all measures are asked, and
    fitting headlines in the other two wordings as well.
    """
    if form.question == "choice":
        shown = [(i.buyer, *order) for i in items for order in ((i.good, i.bad), (i.bad, i.good))]
        return [PairedAssignment(respondent=b, first=x, second=y, wording=0) for b, x, y in shown]
    asked: list[MonadicAssignment | PairedAssignment] = []
    for item in items:
        measures = KINDS[item.kind][3]
        if wordings == 1:
            measures = measures[:1]
        others = [(item.good, wording) for wording in range(1, wordings)]
        for headline, wording in ((item.good, 0), *others, (item.bad, 0)):
            asked.append(
                MonadicAssignment(
                    respondent=item.buyer,
                    stimulus=headline,
                    measures=measures if wording == 0 else measures[:1],
                    open_questions=form.elicit == "reaction",
                    wording=wording,
                )
            )
    return asked


async def ask_form(form: Form, model: str, name: str, wordings: int) -> Asked:
    """Asks the whole set `name` in one form."""
    buyers, stimuli, items = read_set(name)
    assignments = assignments_of(form, items, wordings)
    texts = read_texts(HERE / "forms" / form.overlay if form.overlay else None)
    return await ask_all(form, model, texts, buyers, stimuli, assignments, "landing page headline")


async def ask_all(
    form: Form,
    model: str,
    texts: dict[str, str],
    buyers: dict[str, Buyer],
    stimuli: dict[str, Stimulus],
    assignments: list[MonadicAssignment | PairedAssignment],
    channel: str,
) -> Asked:
    """Runs the sessions of `assignments`, the model loaded before. Raises RuntimeError if one fails."""
    options = Options(cache_dir=read_settings().cache_dir)
    ref = resolve_model_ref(parse_model_ref(model), options)
    words = parse_model_ref(f"embedded/{DEFAULT_EMBEDDING}")
    if form.elicit == "reaction":
        words = resolve_model_ref(words, options)
    asking = Asking(
        model=ref, embedding_model=words, elicit=form.elicit, frame=form.frame, temperature=0.7, seed=7
    )
    prompts = Prompts(texts)
    scene = Scene(asking, prompts, buyers, stimuli, read_measures(prompts, MEASURES), channel=channel)
    provider = open_provider(ref.provider, options)
    calls: list[Call] = []

    async def complete(call: Call) -> Completion:
        calls.append(call)
        return await provider.complete(call)

    sessions = [
        Session(str(place), one.respondent, partial(script_of, one, scene))
        for place, one in enumerate(assignments)
    ]
    try:
        await run_sessions(sessions[:1], complete, at_once=1)
        calls.clear()
        began = time.perf_counter()
        done = await run_sessions(
            sessions, complete, at_once=provider.at_once, paced_by_lane=provider.paced_by_lane
        )
        seconds = time.perf_counter() - began
    finally:
        await provider.close()
    failed = [one for one in done if not isinstance(one, Done)]
    if failed:
        raise RuntimeError(f"{len(failed)} of {len(done)} sessions failed, the first: {failed[0].reason}")
    return Asked(tuple(one.value for one in done if isinstance(one, Done)), len(calls), seconds)


# ---- reading


def read_choice(asked: Asked, items: list[Item]) -> dict[str, object]:
    """Accuracy over both orders, bias and consistency; a missing answer counts as wrong and inconsistent."""
    good: dict[tuple[Item, bool], float] = {}
    masses: list[float] = []
    for transcript in asked.transcripts:
        (response,) = transcript.responses
        for item in items:
            if item.buyer == response.respondent and set(response.shown) == {item.good, item.bad}:
                key = (item, response.shown[0] == item.good)
                if isinstance(response.answer, ChoiceAnswer):
                    good[key] = response.answer.share_of(item.good)
                    masses.append(response.answer.valid_mass)
    whole = [i for i in items if all((i, first) in good for first in (True, False))]
    first = np.array([good[i, True] for i in whole])
    second = np.array([good[i, False] for i in whole])
    right = {i: bool(f + s > 1) for i, f, s in zip(whole, first, second, strict=True)}
    wins = sum(right.values())
    return {
        "pairs": len(items),
        "missing": 2 * len(items) - len(good),
        "accuracy": wins / len(items),
        "interval": wilson(wins, len(items), 0.95),
        "by_kind": {k: _share(right, [i for i in items if i.kind == k]) for k in {i.kind for i in items}},
        "bias": float(first_slot_bias(first, second).mean()),
        "first_picked": float(np.mean(np.concatenate([first > 0.5, second < 0.5]))),
        "consistency": float(order_consistency(first, second).sum() / len(items)),
        "same_winner": float((winners(first) == winners(second)).sum() / len(items)),
        "mass": float(np.mean(masses)),
    }


def _share(right: dict[Item, bool], items: list[Item]) -> float:
    return sum(right.get(item, False) for item in items) / len(items)


def read_rating(asked: Asked, items: list[Item]) -> dict[str, object]:
    """AUC by kind and measure, pairs in the right order, own buyer above the other one, and the spreads."""
    value: dict[tuple[str, str, str, int], float] = {}
    masses: list[float] = []
    wanted = 0
    for transcript in asked.transcripts:
        for response in transcript.responses:
            if response.question in MEASURES:
                wanted += 1
                if isinstance(response.answer, RatingAnswer):
                    key = (response.respondent, response.shown[0], response.question, response.wording)
                    value[key] = response.answer.value
                    masses.append(response.answer.valid_mass)
    aucs: dict[str, float] = {}
    spread: dict[str, float] = {}
    wordings: dict[str, float] = {}
    right: dict[str, list[float]] = defaultdict(list)
    for kind, (_, _, _, measures) in KINDS.items():
        mine = [i for i in items if i.kind == kind]
        for measure in measures:
            fits = [value[k] for i in mine if (k := (i.buyer, i.good, measure, 0)) in value]
            others = [value[k] for i in mine if (k := (i.buyer, i.bad, measure, 0)) in value]
            if not fits or not others:
                continue
            aucs[f"{kind}/{measure}"] = auc(np.array(fits), np.array(others))
            spread[f"{kind}/{measure}"] = float(np.std(fits))
        right[kind] = [_above(value, (i.buyer, i.good), (i.buyer, i.bad), measures[0]) for i in mine]
        three = [[value.get((i.buyer, i.good, measures[0], w)) for w in range(3)] for i in mine]
        full = [[x for x in row if x is not None] for row in three if None not in row]
        if full:
            wordings[kind] = float(np.mean([np.std(row) for row in full]))
    own = [
        _above(value, (i.buyer, i.good), (j.buyer, i.good), "relevance")
        for i in items
        for j in items
        if i.kind == j.kind and i.kind in ("off_topic", "wrong_role") and j.bad == i.good
    ]
    wins = sum(sum(marks) for marks in right.values())
    return {
        "pairs": len(items),
        "missing": wanted - len(masses),
        "auc": aucs,
        "accuracy": wins / len(items),
        "interval": wilson(wins, len(items), 0.95),
        "by_kind": {kind: float(np.mean(marks)) for kind, marks in right.items()},
        "own_above_other": float(np.mean(own)),
        "sd_buyers": spread,
        "sd_wordings": wordings,
        "mass": float(np.mean(masses)) if masses else 0.0,
    }


def _above(
    value: dict[tuple[str, str, str, int], float], left: tuple[str, str], right: tuple[str, str], measure: str
) -> float:
    """1 if `left` is rated above `right`, .5 for a tie, 0 below or if one is missing."""
    a, b = value.get((*left, measure, 0)), value.get((*right, measure, 0))
    return 0.0 if a is None or b is None else float(a > b) + 0.5 * float(a == b)


# ---- telling


def table(rows: dict[str, dict[str, object]]) -> str:
    """Markdown tables of the kept rows: ratings, then choices."""
    lines: list[str] = []
    for question, heads in (("rating", RATING_HEADS), ("choice", CHOICE_HEADS)):
        names = [n for n in FORMS if n in rows and FORMS[n].question == question]
        lines += ["", f"| form | {' | '.join(heads)} |", "|" + "---|" * (len(heads) + 1)]
        lines += [f"| {n} | {' | '.join(_cell(rows[n], path) for path in heads.values())} |" for n in names]
    return "\n".join(lines)


RATING_HEADS = {
    "off-topic AUC": "auc:off_topic/relevance",
    "wrong role AUC": "auc:wrong_role/relevance",
    "vague AUC (clarity)": "auc:vague/clarity",
    "(value)": "auc:vague/value",
    "(difference)": "auc:vague/difference",
    "too good AUC (belief)": "auc:too_good/believability",
    "own > other": "own_above_other",
    "pairs right": "accuracy",
    "95%": "interval",
    "mass": "mass",
    "missing": "missing",
    "s/call": "seconds_per_call",
}
CHOICE_HEADS = {
    "pairs right": "accuracy",
    "95%": "interval",
    "off-topic": "by_kind:off_topic",
    "wrong role": "by_kind:wrong_role",
    "vague": "by_kind:vague",
    "too good": "by_kind:too_good",
    "P(first) - .5": "bias",
    "first slot picked": "first_picked",
    "order consistency": "consistency",
    "same winner": "same_winner",
    "mass": "mass",
    "missing": "missing",
    "s/call": "seconds_per_call",
}


def _cell(row: dict[str, object], path: str) -> str:
    found: object = row
    for name in path.split(":"):
        found = found.get(name) if isinstance(found, dict) else None
    match found:
        case bool() | None:
            return "–"
        case int():
            return str(found)
        case float():
            return f"{found:+.2f}" if path == "bias" else f"{found:.2f}"
        case (float(low), float(high)) | [float(low), float(high)]:
            return f"{low:.2f}–{high:.2f}"
        case _:
            raise ValueError(f"{path}: {found!r} is not a figure")


def main() -> None:
    """Asks the forms, keeps their rows, prints the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", default="embedded/qwen2.5-1.5b")
    options.add_argument("--set", default="pairs", choices=("pairs", "dev"))
    options.add_argument("--forms", nargs="+", default=list(FORMS), choices=list(FORMS), metavar="NAME")
    options.add_argument(
        "--wordings",
        type=int,
        default=1,
        choices=(1, 3),
        help="of ratings; 3 asks all measures too (default 1)",
    )
    options.add_argument("--table", action="store_true", help="print the kept results and ask nothing")
    options.add_argument("--results", type=Path, default=RESULTS)
    args = options.parse_args()
    kept = json.loads(args.results.read_text(encoding="utf-8")) if args.results.exists() else {}
    place = f"{args.set} {args.model}"
    for name in () if args.table else args.forms:
        asked = asyncio.run(ask_form(FORMS[name], args.model, args.set, args.wordings))
        items = read_set(args.set)[2]
        row = (read_choice if FORMS[name].question == "choice" else read_rating)(asked, items)
        row |= {"calls": asked.calls, "seconds_per_call": asked.seconds / asked.calls}
        row |= {"date": f"{datetime.now(UTC):%Y-%m-%d}"}
        kept.setdefault(place, {})[name] = row
        args.results.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        print(f"{name}: {asked.calls} calls, {asked.seconds:.0f} s", flush=True)
    print(table(kept.get(place, {})))


if __name__ == "__main__":
    main()
