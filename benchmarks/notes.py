"""How long it takes to cut notes into passages, index and search them. Prints one JSON line.

    python benchmarks/notes.py [--passages 10000]

No model is asked; times are of the processor, so other work does not count. Each passage is 45 words, most
of them rare as words of real texts are (Zipf's law, 20,000 different ones); the questions are those of the
shipped interview guide, over headlines of the same words.
"""

import argparse
import json
import random
import time

from panelsim.files import read_guide
from panelsim.model.note import Note
from panelsim.passages.cutting import split
from panelsim.passages.retrieval import Index

WORDS, IN_A_PASSAGE, IN_A_NOTE, HEADLINES = 20_000, 45, 40, 200


def notes(passages: int, dice: random.Random) -> list[Note]:
    """Notes of so many passages in all."""
    return [
        Note(
            id=f"n{at}",
            kind="call",
            source="a benchmark",
            date="2026-03-04",
            who="nobody",
            icps=("b2b-saas",),
            basis="invented",
            text="\n\n".join(text(IN_A_PASSAGE, dice) for _ in range(IN_A_NOTE)),
        )
        for at in range(passages // IN_A_NOTE)
    ]


def text(words: int, dice: random.Random) -> str:
    """Words of one to four letters, the n-th most common drawn about 1 / n as often as the first."""
    ranks = (int(WORDS ** dice.random()) for _ in range(words))
    return " ".join(f"w{rank:x}" for rank in ranks)


def main() -> None:
    """Measures, and prints the line."""
    parser = argparse.ArgumentParser(description="Times notes being cut, indexed and searched.")
    parser.add_argument("--passages", type=int, default=10_000)
    wanted = parser.parse_args()
    dice = random.Random(7)
    made = notes(wanted.passages, dice)
    questions = [question.text for question in read_guide("buying-journey").questions]
    headlines = [text(8, dice) for _ in range(HEADLINES)]
    Index(split(made[0]))  # the import of the library is not what is measured
    start = time.process_time()
    passages = [passage for note in made for passage in split(note)]
    cut = time.process_time()
    index = Index(passages)
    built = time.process_time()
    for headline in headlines:
        index.search(dice.choice(questions), 3, headline)
    done = time.process_time()
    figures = {
        "passages": len(index),
        "cut_s": round(cut - start, 3),
        "index_s": round(built - cut, 3),
        "search_ms": round((done - built) / HEADLINES * 1000, 3),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
