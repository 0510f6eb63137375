"""How often a model picks the headline that more real readers clicked: 100 pairs of the Upworthy archive.

    python benchmarks/upworthy.py --model embedded/qwen2.5-1.5b

The pairs are those of the split `fdr` in `evals/upworthy/pairs.csv` (source and licence: `SOURCE.md` there).
Each is asked in both orders through panelsim's own paired session, in the words of `evals/upworthy/prompts/`.
Prints one JSON line and keeps it in `evals/upworthy/results.json`. Two to five minutes on two quiet cores.
"""

import argparse
import asyncio
import csv
import json
from datetime import UTC, datetime
from pathlib import Path

from elicitation import Form, Item, ask_all, read_choice, read_texts

from panelsim.metrics.inference import wilson
from panelsim.model.plan import MonadicAssignment, PairedAssignment
from panelsim.model.study import Stimulus
from panelsim.sessions.buyer import Buyer, buyer_of

HERE = Path(__file__).resolve().parents[1] / "evals" / "upworthy"
READERS = 8
"""The same reader under several ids, so that the pairs are asked side by side."""
READER = "an ordinary reader of a news and stories site"


def read_pairs() -> tuple[dict[str, Stimulus], list[Item]]:
    """Headlines by id, and per pair the one that was clicked more and the other one."""
    stimuli: dict[str, Stimulus] = {}
    items: list[Item] = []
    with (HERE / "pairs.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if "fdr" in row["splits"].split()]
        for place, row in enumerate(rows):
            for side in ("a", "b"):
                name = f"{row['pair_id']}.{side}"
                stimuli[name] = Stimulus(id=name, text=row[f"headline_{side}"])
            won, lost = ("a", "b") if row["winner"] == "a" else ("b", "a")
            reader = f"reader-{place % READERS}"
            items.append(Item(reader, "clicks", f"{row['pair_id']}.{won}", f"{row['pair_id']}.{lost}"))
    return stimuli, items


def reader(name: str) -> Buyer:
    """A reader with no facts but what the question says of readers."""
    return buyer_of({"id": name, "title": READER})


def longer_right(stimuli: dict[str, Stimulus], items: list[Item]) -> float:
    """Share of pairs whose longer headline, in characters, was clicked more; equal lengths count half."""
    gaps = [len(stimuli[item.good].text) - len(stimuli[item.bad].text) for item in items]
    return sum(1.0 if gap > 0 else 0.5 if gap == 0 else 0.0 for gap in gaps) / len(gaps)


def main() -> None:
    """Asks all pairs in both orders and keeps the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", default="embedded/qwen2.5-1.5b")
    options.add_argument("--results", type=Path, default=HERE / "results.json")
    args = options.parse_args()
    stimuli, items = read_pairs()
    items.sort(key=lambda item: item.buyer)
    assignments: list[MonadicAssignment | PairedAssignment] = [
        PairedAssignment(respondent=item.buyer, first=first, second=second, wording=0)
        for item in items
        for first, second in ((item.good, item.bad), (item.bad, item.good))
    ]
    buyers = {item.buyer: reader(item.buyer) for item in items}
    form = Form("choice", "logprob", "third_person")
    texts = read_texts(HERE / "prompts" / "questions")
    asked = asyncio.run(
        ask_all(form, args.model, texts, buyers, stimuli, assignments, "headline of the same story")
    )
    longer = longer_right(stimuli, items)
    row = read_choice(asked, items) | {
        "calls": asked.calls,
        "calls_per_second": asked.calls / asked.seconds,
        "longer_headline": longer,
        "longer_headline_interval": wilson(longer * len(items), len(items), 0.95),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
    }
    kept = json.loads(args.results.read_text(encoding="utf-8")) if args.results.exists() else {}
    kept[args.model] = row
    args.results.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(json.dumps({args.model: row}, sort_keys=True))


if __name__ == "__main__":
    main()
