"""How fast the embedded model is, and how much of that speed panelsim's provider keeps. Prints one JSON line.

    python benchmarks/embedded_speed.py [--model qwen2.5-1.5b] [--respondents 8] [--slots 4]

First the raw speed, straight to the server: fresh prompts and generated tokens per second, as many requests
at once as there are slots. Then a realistic mix through the provider: respondents who share a few-shot
block of about 250 tokens, each with a card of about 120; five stimuli, three one-token questions with log-
probabilities each, and two reactions of 20 tokens. `efficiency` is the time the evaluated and generated
tokens would take at the raw rates, divided by the time they took. Takes about two minutes on two quiet
cores; other work moves every figure.
"""

import argparse
import asyncio
import json
import random
import time
from pathlib import Path

import aiohttp
from platformdirs import user_cache_dir

from panelsim.model.call import ChatCall, Completion, Message, ModelRef, Sampling
from panelsim.providers.base import Complete, Options
from panelsim.providers.embedded import Embedded
from panelsim.providers.llama_process import LlamaServer, Serving
from panelsim.providers.model_files import LocalModel, local_model

WORDS = (
    "buyer",
    "platform",
    "invoice",
    "audit",
    "cost",
    "team",
    "cloud",
    "report",
    "margin",
    "vendor",
    "pilot",
)
RAW_PROMPT, RAW_ANSWER = 200, 32
SHOTS, CARD, STIMULUS, QUESTION = 240, 110, 14, 16
QUESTIONS = ("relevance", "clarity", "belief")
REACTIONS = 2


def text(n: int, seed: str) -> str:
    """`n` words, about as many tokens."""
    draw = random.Random(seed)
    return " ".join(draw.choice(WORDS) for _ in range(n))


async def raw_rates(server: LlamaServer, slots: int) -> tuple[float, float]:
    """Prompt tokens and generated tokens per second, `slots` requests at once."""
    headers = {"Authorization": f"Bearer {server.key}"}
    async with aiohttp.ClientSession(server.address, headers=headers) as http:

        async def ask(number: int, body: dict[str, object]) -> tuple[int, int]:
            async with http.post(
                "/completion", json={"id_slot": number, "temperature": 0, **body}
            ) as response:
                timings = (await response.json())["timings"]
                return timings["prompt_n"], timings["predicted_n"]

        began = time.perf_counter()
        fresh = [{"prompt": text(RAW_PROMPT, f"raw {i}"), "n_predict": 1} for i in range(slots)]
        read = await asyncio.gather(*(ask(i, body) for i, body in enumerate(fresh)))
        prompt_rate = sum(n for n, _ in read) / (time.perf_counter() - began)
        began = time.perf_counter()
        long = [{**body, "n_predict": RAW_ANSWER, "ignore_eos": True} for body in fresh]
        said = await asyncio.gather(*(ask(i, body) for i, body in enumerate(long)))
        return prompt_rate, sum(n for _, n in said) / (time.perf_counter() - began)


def calls_of(model: LocalModel, respondent: int) -> list[ChatCall]:
    """One respondent's calls, in the order in which a session makes them."""
    ref = ModelRef(provider="embedded", name=model.name)
    shots = Message(role="system", content=text(SHOTS, "few-shot"))
    card = text(CARD, f"card {respondent}")
    calls = []
    for stimulus in range(5):
        shown = f"{card}\n\nHeadline: {text(STIMULUS, f'stimulus {stimulus}')}\n\n"
        for question in QUESTIONS:
            asked = Message(role="user", content=shown + f"{question}: {text(QUESTION, question)} 1 to 5?")
            one = Sampling(max_tokens=1)
            calls.append(
                ChatCall(
                    model=ref, messages=(shots, asked), sampling=one, top_logprobs=20, lane=f"r{respondent}"
                )
            )
        if stimulus < REACTIONS:
            asked = Message(role="user", content=shown + "What do you think?")
            free = Sampling(max_tokens=20, temperature=0.7)
            calls.append(ChatCall(model=ref, messages=(shots, asked), sampling=free, lane=f"r{respondent}"))
    return calls


async def session(calls: list[ChatCall], complete: Complete, at_once: asyncio.Semaphore) -> list[Completion]:
    async with at_once:
        return [await complete(call) for call in calls]


async def mix(
    model: LocalModel, cache_dir: Path, serving: Serving, respondents: int
) -> tuple[list[Completion], float]:
    """All completions and the seconds they took, the server's start not counted."""
    provider = Embedded(Options(cache_dir=cache_dir, timeout_s=600), serving)
    warm = Message(role="user", content="Hello")
    ref = ModelRef(provider="embedded", name=model.name)
    await provider.complete(ChatCall(model=ref, messages=(warm,), sampling=Sampling(max_tokens=1)))
    lanes = asyncio.Semaphore(provider.at_once)
    began = time.perf_counter()
    done = await asyncio.gather(
        *(session(calls_of(model, i), provider.complete, lanes) for i in range(respondents))
    )
    took = time.perf_counter() - began
    await provider.close()
    return [completion for lane in done for completion in lane], took


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="qwen2.5-1.5b")
    parser.add_argument("--respondents", type=int, default=8)
    parser.add_argument("--slots", type=int, default=4)
    parser.add_argument("--cache-dir", type=Path, default=Path(user_cache_dir("panelsim")))
    args = parser.parse_args()
    model = local_model(args.model, args.cache_dir)
    serving = Serving(slots=args.slots)
    server = LlamaServer(model, serving, args.cache_dir / "logs")
    prompt_rate, answer_rate = asyncio.run(raw_rates(server, args.slots))
    server.stop()
    completions, took = asyncio.run(mix(model, args.cache_dir, serving, args.respondents))
    prompt = sum(c.usage.prompt_tokens for c in completions)
    cached = sum(c.usage.cached_tokens for c in completions)
    answered = sum(c.usage.completion_tokens for c in completions)
    ideal = (prompt - cached) / prompt_rate + answered / answer_rate
    figures = {
        "model": model.name,
        "slots": args.slots,
        "raw_prompt_tokens_per_s": round(prompt_rate, 1),
        "raw_generated_tokens_per_s": round(answer_rate, 1),
        "calls": len(completions),
        "seconds": round(took, 1),
        "calls_per_s": round(len(completions) / took, 2),
        "prompt_tokens": prompt,
        "cached_share": round(cached / prompt, 3),
        "generated_tokens": answered,
        "efficiency": round(ideal / took, 3),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
