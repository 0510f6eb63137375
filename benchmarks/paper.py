"""A hundred million answers a day, on paper: what it would take by the measured costs. Prints Markdown.

    python -m benchmarks.paper --cpu-ms .5 --prompt-tokens 500 --completion-tokens 55 --kept-bytes 1500 \\
        --written-bytes 4000 [--answers 100000000] [--latency-s 1.5] [--models openai/gpt-4o-mini ...]

Asks nothing and measures nothing: every figure is one multiplication of those given, shown beside it. Prices
are those of the table that the installed litellm ships, without discounts for cached prompts or batches.
"""

import argparse
import math
from collections.abc import Iterator
from importlib.metadata import version

from panelsim.providers import parse_model_ref
from panelsim.providers.prices import price_of

DAY_S = 86_400
COMMITS = 40
AT_ONCE = 1024
"""Calls that one process may have under way."""
LOAD = 0.5
"""Part of a core that is planned to be busy; the rest is for peaks, retries and whatever else runs there."""


def rows(args: argparse.Namespace) -> Iterator[tuple[str, str, str]]:
    """What is needed, how much, and the arithmetic."""
    a, per_s = args.answers, args.answers / DAY_S
    cores = per_s * args.cpu_ms / 1000
    tokens = args.prompt_tokens + args.completion_tokens
    yield "answers a second", f"{per_s:,.0f}", f"{a:,} / {DAY_S:,} s"
    yield "answers a second and core", f"{1000 / args.cpu_ms:,.0f}", f"1,000 ms / {args.cpu_ms:g} ms"
    yield (
        "cores",
        f"{cores:.2f} busy, {cores / LOAD:.1f} to plan for",
        f"{per_s:,.0f}/s x {args.cpu_ms:g} ms; half of each left free",
    )
    workers = math.ceil(max(cores / LOAD, per_s * args.latency_s / AT_ONCE)) + 1
    yield "calls in flight", f"{per_s * args.latency_s:,.0f}", f"{per_s:,.0f}/s x {args.latency_s:g} s a call"
    yield (
        "`panelsim worker` processes, a core each",
        f"{workers}",
        f"one for each planned core, at least one for {AT_ONCE:,} calls in flight, and one to spare",
    )
    if args.database_cpu_ms:
        database = per_s * args.database_cpu_ms / 1000
        yield (
            "cores of PostgreSQL",
            f"{database:.2f} busy, {database / LOAD:.1f} to plan for",
            f"{per_s:,.0f}/s x {args.database_cpu_ms:g} ms; half of each left free",
        )
    yield "requests a minute", f"{per_s * 60:,.0f}", f"{per_s:,.0f}/s x 60"
    yield (
        "tokens a minute",
        f"{per_s * 60 * tokens / 1e6:,.1f} million",
        f"{per_s * 60:,.0f} x ({args.prompt_tokens:,} in + {args.completion_tokens:,} out)",
    )
    yield "rows written a second", f"{per_s:,.0f}", "one completion an answer"
    yield (
        "commits a second",
        f"{COMMITS * workers:,.0f} at most",
        f"{COMMITS} a second and worker: answers of 25 ms go together",
    )
    yield (
        "kept a day",
        f"{a * args.kept_bytes / 1e9:,.0f} GB",
        f"{a:,} x {args.kept_bytes:,} bytes",
    )
    yield (
        "written to disk",
        f"{per_s * args.written_bytes / 1e6:,.1f} MB/s",
        f"{per_s:,.0f}/s x {args.written_bytes:,} bytes",
    )
    for name in args.models:
        price = price_of(parse_model_ref(name), {})
        paid = a * (args.prompt_tokens * price.prompt + args.completion_tokens * price.completion) / 1e6
        prompt = f"{args.prompt_tokens:,} x ${price.prompt:.3g}"
        said = f"{args.completion_tokens:,} x ${price.completion:.3g}"
        yield f"`{name}` a day", f"${paid:,.0f}", f"{a:,} x ({prompt} + {said}) / 1,000,000"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--answers", type=int, default=100_000_000, help="a day")
    parser.add_argument("--cpu-ms", type=float, required=True, help="measured CPU ms an answer")
    parser.add_argument("--database-cpu-ms", type=float, default=0.0, help="measured, of the server")
    parser.add_argument("--prompt-tokens", type=int, required=True)
    parser.add_argument("--completion-tokens", type=int, required=True)
    parser.add_argument("--kept-bytes", type=int, required=True, help="measured bytes kept an answer")
    parser.add_argument("--written-bytes", type=int, required=True, help="measured bytes to disk an answer")
    parser.add_argument("--latency-s", type=float, default=1.5, help="of the provider")
    parser.add_argument("--models", nargs="+", default=["openai/gpt-4o-mini", "openai/gpt-4.1-nano"])
    args = parser.parse_args()
    print("| what | how much | arithmetic |\n|---|---|---|")
    for row in rows(args):
        print(f"| {' | '.join(row)} |")
    print(f"\nPrices: litellm {version('litellm')}.")


if __name__ == "__main__":
    main()
