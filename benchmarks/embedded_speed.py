"""How fast the embedded model is, and how much of that speed a headline test keeps. Prints one JSON line.

    python benchmarks/embedded_speed.py [--model qwen2.5-1.5b] [--n 4]

The raw speed is measured straight at the server, before and after: fresh prompts and generated tokens per
second, four requests at once. Between them a headline test runs through panelsim itself, from an empty
store: two headlines, all controls, `--n` respondents. `efficiency` is the time that the tokens it evaluated
and generated would take at the mean raw rates, divided by the time it took, the model's start not counted.
Takes three to five minutes on two quiet cores; other work moves every figure.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import aiohttp
from platformdirs import user_cache_dir

from panelsim.model.call import Usage
from panelsim.model.progress import Event, Progress
from panelsim.model.study import MessageTest
from panelsim.providers.llama_process import LlamaServer, Serving
from panelsim.providers.model_files import LocalModel, local_model
from panelsim.service.prepare import prepare
from panelsim.service.run import execute, new_run
from panelsim.service.workspace import open_workspace
from panelsim.settings import Settings

AT_ONCE, RAW_PROMPT, RAW_ANSWER = 4, 300, 48
WORDS = ("buyer", "platform", "invoice", "audit", "cost", "team", "cloud", "report", "margin", "pilot")
HEADLINES = ("Forecast your quarter within 5% by Friday", "The future of revenue is here")


def text(words: int, seed: str) -> str:
    draw = random.Random(seed)
    return " ".join(draw.choice(WORDS) for _ in range(words))


async def raw_rates(server: LlamaServer) -> tuple[float, float]:
    """Prompt tokens and generated tokens per second."""
    headers = {"Authorization": f"Bearer {server.key}"}
    async with aiohttp.ClientSession(server.address, headers=headers) as http:

        async def ask(slot: int, body: dict[str, object]) -> tuple[int, int]:
            asked = {"id_slot": slot, "temperature": 0, **body}
            async with http.post("/completion", json=asked) as response:
                timings = (await response.json())["timings"]
                return timings["prompt_n"], timings["predicted_n"]

        async def rate(part: int, bodies: list[dict[str, object]]) -> float:
            began = time.perf_counter()
            counts = await asyncio.gather(*(ask(slot, body) for slot, body in enumerate(bodies)))
            return sum(count[part] for count in counts) / (time.perf_counter() - began)

        fresh = [{"prompt": text(RAW_PROMPT, f"raw {i}"), "n_predict": 1} for i in range(AT_ONCE)]
        long = [{**body, "n_predict": RAW_ANSWER, "ignore_eos": True} for body in fresh]
        return await rate(0, fresh), await rate(1, long)


def raw(model: LocalModel, cache_dir: Path) -> tuple[float, float]:
    server = LlamaServer(model, Serving(slots=AT_ONCE), cache_dir / "logs")
    try:
        return asyncio.run(raw_rates(server))
    finally:
        server.stop()


class Listener:
    """When the first answer was heard of, what was used by then, and when the last was."""

    def __init__(self) -> None:
        self.first: tuple[float, Progress] | None = None
        self.last = 0.0

    def __call__(self, event: Event) -> None:
        if event.kind == "progress" and event.progress.answered:
            self.last = time.perf_counter()
            self.first = self.first or (self.last, event.progress)


class Heard(NamedTuple):
    """What a test took once the model was up, and the usage of each respondent's calls in their order."""

    seconds: float
    usage: Usage
    calls: int
    by_respondent: list[list[Usage]]


def headline_test(name: str, n: int, cache_dir: Path) -> Heard:
    study = MessageTest.model_validate(
        {
            "id": "speed",
            "n": n,
            "model": f"embedded/{name}",
            "stimuli": [{"id": mark, "text": line} for mark, line in zip("ab", HEADLINES, strict=True)],
        }
    )
    heard = Listener()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(store=f"{folder}/store.sqlite3", cache_dir=cache_dir)
        with open_workspace(settings) as workspace:
            job = prepare(study, workspace)
            ended = execute(job, new_run(job, workspace), workspace, heard)
            keys: dict[str, list[str]] = {}
            for transcript in ended.outcome.transcripts:
                for response in transcript.responses:
                    keys.setdefault(response.respondent, []).extend(response.call_keys)
            said = workspace.store.get_many(key for mine in keys.values() for key in mine)
    assert heard.first is not None
    began, known = heard.first
    usages = [[said[key].usage for key in mine] for mine in keys.values()]
    # the first telling of an answer shows that the model is up; what was used by then is left out
    whole = sum((one for mine in usages for one in mine), Usage())
    left = {name: value - getattr(known.usage, name) for name, value in whole}
    return Heard(heard.last - began, Usage(**left), sum(map(len, usages)) - known.answered, usages)


def share(usages: Iterable[Usage]) -> float:
    whole = sum(usages, Usage())
    return round(whole.cached_tokens / whole.prompt_tokens, 3)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="qwen2.5-1.5b")
    parser.add_argument("--n", type=int, default=4)
    parser.add_argument("--cache-dir", type=Path, default=Path(user_cache_dir("panelsim")))
    args = parser.parse_args()
    model = local_model(args.model, args.cache_dir)
    before = raw(model, args.cache_dir)
    heard = headline_test(args.model, args.n, args.cache_dir)
    after = raw(model, args.cache_dir)
    prompt_rate, answer_rate = ((a + b) / 2 for a, b in zip(before, after, strict=True))
    took, used = heard.seconds, heard.usage
    evaluated, generated = used.prompt_tokens - used.cached_tokens, used.completion_tokens
    ideal = evaluated / prompt_rate + generated / answer_rate
    figures = {
        "model": model.name,
        "raw_prompt_tokens_per_s": [round(before[0], 1), round(after[0], 1)],
        "raw_generated_tokens_per_s": [round(before[1], 1), round(after[1], 1)],
        "respondents": len(heard.by_respondent),
        "calls": heard.calls,
        "seconds": round(took, 1),
        "calls_per_s": round(heard.calls / took, 2),
        "prompt_tokens": used.prompt_tokens,
        "evaluated_tokens": evaluated,
        "generated_tokens": generated,
        "cached_share": share([used]),
        "cached_share_after_first_call": share([one for mine in heard.by_respondent for one in mine[1:]]),
        "efficiency": round(ideal / took, 3),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
