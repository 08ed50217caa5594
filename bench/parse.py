"""How well names are read: guessit by itself and our parser over the same cases, in the same run.

    bench/parse.py [FOLDER] [--workers N]

FOLDER (default: MEDIASTEAD_CORPORA, else ../shared/corpora) holds `parser/` with cases (`*.jsonl`), `predict_guessit.py`
and `score_parser.py`. Both tables are the scorer's own. The second part measures names a second through the worker processes.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mediastead.parsing import Parser, as_line

ROOT = Path(__file__).resolve().parent.parent


def cases_in(folder: Path) -> list[dict[str, str]]:
    lines = [line for file in sorted(folder.glob("*.jsonl")) for line in file.read_text(encoding="utf-8").splitlines()]
    return [case for line in lines if "name" in (case := json.loads(line))]


def stock_guesses(folder: Path, predictions: Path) -> float:
    """Runs guessit on every name in one process, as a newcomer would. Seconds."""
    started = time.perf_counter()
    command = [sys.executable, str(folder / "predict_guessit.py"), str(predictions), "--cases", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


async def our_guesses(cases: list[dict[str, str]], predictions: Path, workers: int) -> tuple[float, float]:
    """Seconds for all names, first with nothing remembered, then again."""
    names = [case["name"] for case in cases]
    started = time.perf_counter()
    async with Parser(workers=workers) as parser:
        parsed = await parser.parse(names)
        first = time.perf_counter() - started
        started = time.perf_counter()
        await parser.parse(names)
        again = time.perf_counter() - started
    with predictions.open("w", encoding="utf-8") as lines:
        for case, path in zip(cases, parsed, strict=True):
            lines.write(json.dumps({"id": case["id"], "parsed": as_line(path, case["name"])}) + "\n")
    return first, again


def table(folder: Path, predictions: Path) -> tuple[str, dict[str, float]]:
    """The scorer's table, and the shares of the cases outside guessit's own tests that are right."""
    with tempfile.NamedTemporaryFile(suffix=".json") as figures:
        command = [
            sys.executable,
            str(folder / "score_parser.py"),
            str(predictions),
            "--cases",
            str(folder),
            "--json",
            figures.name,
        ]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        by_source = json.loads(Path(figures.name).read_text(encoding="utf-8"))
    shares = {}
    for field in ("title", "S+E", "year", "all"):
        rows = [row[field] for source, row in by_source.items() if source not in ("TOTAL", "guessit") and field in row]
        shares[field] = sum(row["right"] for row in rows) / max(1, sum(row["of"] for row in rows))
    return text, shares


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("MEDIASTEAD_CORPORA") or str(ROOT.parent / "shared" / "corpora")
    arguments.add_argument("folder", nargs="?", type=Path, default=Path(default))
    arguments.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = arguments.parse_args()
    folder: Path = given.folder / "parser" if (given.folder / "parser").is_dir() else given.folder
    if not (folder / "score_parser.py").is_file():
        print(f"NOT MEASURED: there is no score_parser.py in {folder}. Name the corpora's folder.", file=sys.stderr)
        return 0
    cases = cases_in(folder)
    with tempfile.TemporaryDirectory() as scratch:
        stock, ours = Path(scratch) / "stock.jsonl", Path(scratch) / "ours.jsonl"
        stock_seconds = stock_guesses(folder, stock)
        first, again = asyncio.run(our_guesses(cases, ours, given.workers))
        stock_table, stock_shares = table(folder, stock)
        our_table, our_shares = table(folder, ours)
    print(f"guessit by itself\n{stock_table}\nMediastead\n{our_table}")
    print(f"outside guessit's own tests {'':12} guessit   Mediastead")
    for field, share in our_shares.items():
        print(f"{field:40} {stock_shares[field]:7.1%}   {share:10.1%}")
    print(
        f"\n{len(cases)} names: guessit {stock_seconds:.1f} s in one process; Mediastead {first:.1f} s with {given.workers}"
        f" workers ({len(cases) / first:.0f} names a second, {first / stock_seconds:.2f} of guessit's time);"
        f" remembered {again:.2f} s ({len(cases) / again:.0f} names a second)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
