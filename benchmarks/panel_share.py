"""What the default model's paired answers add to a calibration on texts: 343 headline pairs, nothing asked.

    python -m benchmarks.panel_share upworthy_headlines.csv

Reads a table of past tests as `panelsim calibrate` does (columns as in `evals/calibration/README.md`), and
the recording of the benchmark `upworthy`, whose pairs are among those tests. The share of A over both orders,
less one half, stands beside the text's prediction as `calibrate --model` has it, and is scored on those
pairs with and without. Prints one JSON object. Some minutes of CPU.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from panelsim.calibration.build import Evidence, calibrate
from panelsim.calibration.pairs import Pairs
from panelsim.calibration.panel import PanelColumns
from panelsim.evaluation.material import evidence_of
from panelsim.evaluation.upworthy import preferences
from panelsim.files.results import Wanted, read_results
from panelsim.model.calibration import PastResults
from panelsim.service.calibrate import checked_pairs, encode_pairs
from panelsim.service.evals import prepare, replay_benchmark
from panelsim.service.vectors import sentence_model
from panelsim.settings import read_settings

WANTED = Wanted(
    columns={"test": "group_id", "text": "headline", "group": "story_id"},
    where={"clean": "1"},
    channel="news site headline",
)


def columns_of(results: PastResults, pairs: Pairs, said: Mapping[str, float]) -> PanelColumns:
    """The recorded preferences in the order of the pairs; a pair is known by its texts and impressions."""
    values, answered = np.zeros((len(pairs), 1)), np.zeros(len(pairs), dtype=np.bool_)
    shown = [{variant.text: variant.shown for variant in test.variants} for test in results.tests]
    for at in range(len(pairs)):
        a, b = pairs.texts[pairs.a[at]], pairs.texts[pairs.b[at]]
        times = shown[int(pairs.test[at])]
        for one, other, sign in ((a, b, 1.0), (b, a, -1.0)):
            share = said.get(key_of(one, times[one], other, times[other]))
            if share is not None:
                values[at, 0], answered[at] = sign * (share - 0.5), True
    return PanelColumns(("preference",), values, answered)


def key_of(a: str, shown_a: int | str, b: str, shown_b: int | str) -> str:
    """What a pair is known by."""
    return json.dumps([a.strip(), int(shown_a), b.strip(), int(shown_b)])


def main() -> None:
    """Reads, fits and prints."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("results", type=Path)
    results = read_results(options.parse_args().results, WANTED)
    pairs = checked_pairs(results)
    evidence = evidence_of(replay_benchmark(prepare("upworthy")))
    said = {
        key_of(row["headline_a"], row["imp_a"], row["headline_b"], row["imp_b"]): share
        for row, share in zip(evidence.rows, preferences(evidence), strict=True)
    }
    panel = columns_of(results, pairs, said)
    settings = read_settings()
    vectors = encode_pairs(pairs, sentence_model(settings), settings)
    evaluation, coefficients = calibrate(Evidence(results, pairs, vectors, panel, seed=7))
    share = evaluation.panel
    print(
        json.dumps(
            {
                "pairs": int(panel.answered.sum()),
                "weight of the preference": dict(coefficients.panel),
                "share": None if share is None else share.model_dump(mode="json"),
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
