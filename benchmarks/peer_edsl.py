"""The same questions asked by EDSL, the open-source library closest to panelsim. Prints one JSON line.

    python -m venv /tmp/edsl && /tmp/edsl/bin/pip install edsl==1.0.9 'openai[aiohttp]'
    python -m benchmarks.compare --python /tmp/edsl/bin/python        both, side by side
    python -m benchmarks.peer_edsl --python /tmp/edsl/bin/python --sessions 500    EDSL alone

EDSL's remote inference and remote cache are off, its own cache is empty, its rate limits are lifted, and all
it writes goes to a temporary folder. The panel, the model server and the number of calls at once are those of
`benchmarks.engine`: `interview` lets every question see the earlier ones with their answers (EDSL's full
memory), `ratings` asks five linear scales that see nothing of each other. The buyers are described as
panelsim describes them.

The keys are those of `benchmarks.engine`: `whole_s` and `cpu_ms_per_answer` from the start of the interpreter
until all answers are read, `execute_s` for the survey's run alone.
"""

import argparse
import contextlib
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edsl import Results, Survey

FREE_RPM, FREE_TPM = 10**9, 10**12
"""Requests and tokens per minute that limit nothing."""


def survey_of(kind: str, questions: list[str]) -> "Survey":
    from edsl import QuestionFreeText, QuestionLinearScale, Survey

    if kind == "interview":
        asked = [
            QuestionFreeText(question_name=f"q{n}", question_text=text) for n, text in enumerate(questions)
        ]
        return Survey(asked).set_full_memory_mode()
    return Survey(
        [
            QuestionLinearScale(
                question_name=f"q{n}", question_text=f"{text} [[4]]", question_options=[1, 2, 3, 4, 5]
            )
            for n, text in enumerate(questions)
        ]
    )


def ask(
    kind: str, base_url: str, at_once: int, given: dict[str, list[str]], *, again: bool = False
) -> dict[str, object]:
    """The figures of one survey, in this process; with `again` it is run once more from its cache."""
    with contextlib.redirect_stdout(sys.stderr):
        from edsl import Agent, AgentList, Cache, Model, __version__
    imported, imported_cpu = time.time(), time.process_time()
    survey = survey_of(kind, given["questions"])
    agents = AgentList(
        [Agent(name=f"buyer-{n}", traits={"persona": text}) for n, text in enumerate(given["buyers"])]
    )
    model = Model(
        "fake-model", service_name="openai_compatible", base_url=base_url, rpm=FREE_RPM, tpm=FREE_TPM
    )
    cache = Cache()

    def run() -> "Results":
        with contextlib.redirect_stdout(sys.stderr):
            return (
                survey.by(agents)
                .by(model)
                .run(
                    cache=cache,
                    disable_remote_inference=True,
                    disable_remote_cache=True,
                    progress_bar=False,
                    max_concurrency=at_once,
                )
            )

    asked = time.time()
    results = run()
    ran, ran_cpu = time.time(), time.process_time()
    names = [f"q{n}" for n in range(len(given["questions"]))]
    answers = [result["answer"].get(name) for result in results for name in names]
    cpu, now = time.process_time(), time.time()
    began = float(os.environ.get("BENCHMARK_BEGAN", imported))
    heard = sum(answer is not None for answer in answers)
    more: dict[str, object] = {}
    if again:
        began_again = time.time()
        run()
        more["again_s"] = round(time.time() - began_again, 2)
    return {
        **more,
        "answers": heard,
        "missing": len(answers) - heard,
        "whole_s": round(now - began, 2),
        "cpu_s": round(cpu, 2),
        "cpu_ms_per_answer": round(cpu * 1000 / max(1, heard), 3),
        "answers_per_s": round(heard / (ran - asked), 1),
        "import_s": round(imported - began, 2),
        "import_cpu_s": round(imported_cpu, 2),
        "prepare_s": round(asked - imported, 2),
        "execute_s": round(ran - asked, 2),
        "execute_cpu_s": round(ran_cpu - imported_cpu, 2),
        "transcripts_s": round(now - ran, 2),
        "rss_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1.024 / 1000, 1),
        "waited_s": round(waited_s(), 2),
        "edsl": __version__,
    }


def waited_s() -> float:
    """As in `benchmarks.measure`, which EDSL's interpreter need not be able to import."""
    try:
        return int(Path("/proc/self/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except OSError:
        return 0.0


@contextlib.contextmanager
def nobodys_home() -> Iterator[Path]:
    """A temporary home with no keys, so that no user's settings and no remote service have a part in it."""
    with tempfile.TemporaryDirectory() as folder:
        for name in [name for name in os.environ if name.startswith("EXPECTED_PARROT")]:
            del os.environ[name]
        os.environ |= {"HOME": folder, "OPENAI_COMPATIBLE_API_KEY": "none"}
        os.environ |= {f"XDG_{part}_HOME": f"{folder}/{part.lower()}" for part in ("CACHE", "CONFIG", "DATA")}
        here = Path.cwd()
        os.chdir(folder)
        try:
            yield Path(folder)
        finally:
            os.chdir(here)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", required=True, help="interpreter of an environment with edsl")
    parser.add_argument("--kind", choices=("interview", "ratings"), default="interview")
    parser.add_argument("--sessions", type=int, default=500)
    parser.add_argument("--latency-ms", type=float, default=200.0)
    parser.add_argument("--at-once", type=int, default=400)
    parser.add_argument("--again", action="store_true", help="run it once more from EDSL's cache: `again_s`")
    args = parser.parse_args()
    from benchmarks.compare import Peer
    from benchmarks.engine import Case
    from benchmarks.measure import model_server

    case = Case(args.kind, args.sessions, args.latency_ms, args.at_once)
    with model_server(case.latency_ms) as server, tempfile.TemporaryDirectory() as folder:
        print(json.dumps(Peer(args.python, again=args.again).ask_case(case, server, Path(folder))))


def child() -> None:
    """Asks the case on standard input, in EDSL's interpreter."""
    case = json.load(sys.stdin)
    with nobodys_home() as home:
        figures = ask(case["kind"], case["base_url"], case["at_once"], case["given"], again=case["again"])
        kept = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
    print(json.dumps({**figures, "kept_mb": round(kept / 1e6, 2)}))


if __name__ == "__main__":
    if sys.argv[1:] == ["--child"]:
        child()
    else:
        main()
