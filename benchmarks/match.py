"""Accounts matched with an ICP: the whole program, from its start to the ranked table.

    python -m benchmarks.match [--accounts 100000] [--rounds 5] [--icp b2b-saas]

Writes a CSV of made-up accounts (fixed seed, a tenth of the cells empty), then runs `panelsim icp match` on
it as a process of its own and prints what each round took, start of the interpreter included. On a machine
that is busy with other things, the seconds on a processor say more than those on the clock.
"""

import argparse
import csv
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

COLUMNS = (
    "account_id", "name", "industry", "headcount", "revenue_musd", "market_share", "sales_team", "country",
    "region", "growth_rate", "growth_stage", "funding_stage", "stack", "incumbent", "budget",
)  # fmt: skip
INDUSTRIES = (
    "B2B software",
    "financial technology",
    "marketing technology",
    "retail",
    "local services",
    "health",
)
COUNTRIES = ("United States", "Canada", "Germany", "India", "Brazil")
STAGES = ("startup", "scale-up", "established", "mature", "declining")
FUNDING = ("bootstrapped", "seed", "series-a", "series-b", "private-equity", "public")
TOOLS = ("Salesforce", "Outreach", "Slack", "Gong", "HubSpot", "Teams", "a CRM built in house")
EMPTY = 0.1
PROGRAM = "from panelsim.cli.main import main; main()"


def rows(n: int, seed: int = 7) -> Iterator[list[str]]:
    """Made-up accounts as a CRM would export them."""
    rng = np.random.default_rng(seed)
    heads = np.exp(rng.uniform(np.log(2), np.log(20_000), n)).astype(int)
    money = np.round(heads * rng.lognormal(-2, 0.6, n), 2)
    percent, growth = rng.uniform(0, 30, n).round(1), rng.normal(15, 20, n).round(1)
    picks = rng.integers(0, 1 << 30, size=(n, 8))
    missing = rng.random((n, len(COLUMNS))) < EMPTY
    for at in range(n):
        p = picks[at].tolist()
        tools = sorted({TOOLS[p[5] % 7], TOOLS[p[6] % 7], TOOLS[p[7] % 7]})
        cells = [
            f"A{at:07d}", f"Company {at}", INDUSTRIES[p[0] % 6], str(heads[at]), str(money[at]),
            str(percent[at]),
            str(max(1, heads[at] // 12)), COUNTRIES[p[1] % 5], "North America" if p[1] % 5 < 2 else "Other",
            str(growth[at]), STAGES[p[2] % 5], FUNDING[p[3] % 6], "; ".join(tools),
            ("spreadsheet forecasts", "a rival")[p[4] % 2], str(p[4] % 200),
        ]  # fmt: skip
        yield [
            cells[0],
            *("" if gone else cell for cell, gone in zip(cells[1:], missing[at, 1:], strict=True)),
        ]


def write_accounts(path: Path, n: int) -> None:
    """Writes `n` made-up accounts as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        out.writerows(rows(n))


def cpu_s() -> float:
    """Seconds that ended child processes have spent on a processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--icp", default="b2b-saas")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "accounts.csv"
        write_accounts(path, args.accounts)
        print(
            f"{args.accounts:,} accounts, {len(COLUMNS)} columns, {path.stat().st_size / 1e6:.1f} MB of CSV"
        )
        command = [sys.executable, "-c", PROGRAM, "icp", "match", args.icp, str(path), "--id", "account_id"]
        took = []
        for _ in range(args.rounds):
            begun, before = time.perf_counter(), cpu_s()
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ))
            took.append(time.perf_counter() - begun)
            print(f"{took[-1]:.2f} s, of which {cpu_s() - before:.2f} s on a processor")
        print(done.stdout.strip().splitlines()[-1])
        print(f"median {statistics.median(took):.2f} s, slowest {max(took):.2f} s")


if __name__ == "__main__":
    main()
