"""How well files are identified, measured on labelled paths beside a naive baseline: `make bench-match`.

    python bench/match.py [CORPORA] [--fit] [--no-baseline] [--threshold P] [--wrong N] [--out FOLDER] [--parsed FILE]

CORPORA (default: `MEDIASTEAD_CORPORA`, then `../shared/corpora`) holds `matching/` with labelled paths, a catalogue with a
stand-in for TMDB, and scorers. Every fourth path, by a hash of its title, is kept aside: `--fit` never sees those, and the
figures are given for them as well. `--fit` prints the table for `mediastead/matching/weights.py`.
"""

import argparse
import asyncio
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from fitting import Labelled, fit, likelihood
from respelled import respelled
from standin_provider import Lacking, StandInProvider

from mediastead.catalog.types import ItemType
from mediastead.files.types import Role
from mediastead.matching import AUTOMATIC, Decision, Outcome, Suggestion
from mediastead.matching.decide import concluded
from mediastead.matching.deliberation import Deliberation
from mediastead.matching.grouping import Proposed, group
from mediastead.matching.weights import SET, WEIGHTS
from mediastead.parsing import ParsedPath, Parser

TYPES = {"movie": ItemType.MOVIE, "episode": ItemType.SERIES}
BEREFT = 8
"""Of so many main paths one is decided a second time with a provider that does not have its title."""
RESPELLED = 60
"""Paths made of each way to respell a title."""
LACKING = 0.02
"""The share of titles in a library that a provider lacks, for which those stand in the fit."""


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("corpora", nargs="?", default=os.environ.get("MEDIASTEAD_CORPORA", "../shared/corpora"))
    ask.add_argument("--fit", action="store_true", help="fit the weights and print them")
    ask.add_argument("--no-baseline", action="store_true", help="leave the baseline out")
    ask.add_argument("--threshold", type=float, default=AUTOMATIC)
    ask.add_argument("--wrong", type=int, default=0, help="print so many wrong identifications")
    ask.add_argument("--out", help="a folder to keep the predictions in")
    ask.add_argument("--parsed", help="a file to keep parsed paths in between runs, for work on matching alone")
    args = ask.parse_args()
    folder = Path(args.corpora) / "matching"
    if not (folder / "paths.jsonl").exists():
        print(
            f"!! No labelled paths in {folder}: nothing was measured. Give the corpora's folder, or MEDIASTEAD_CORPORA."
        )
        return
    truths = [json.loads(line) for line in (folder / "paths.jsonl").read_text(encoding="utf-8").splitlines()]
    began = time.perf_counter()
    parsed = parse_all([truth["path"] for truth in truths], Path(args.parsed) if args.parsed else None)
    parsing = time.perf_counter() - began
    provider = StandInProvider(folder)
    made = {truth["path"]: truth for truth in respelled(provider.titles, RESPELLED)}
    made_parsed = parse_all(list(made), Path(args.parsed + ".made") if args.parsed else None)
    began = time.perf_counter()
    deliberations = asyncio.run(deliberate_all(provider, parsed))
    asking = time.perf_counter() - began
    calls, requests = Counter(provider.calls), provider.requests
    made_deliberations = asyncio.run(deliberate_all(provider, made_parsed))
    bereft = asyncio.run(deliberate_bereft(provider, truths, parsed))
    if args.fit:
        print_fit([*truths, *made.values()], deliberations | made_deliberations, bereft)
        return
    decisions = {path: concluded(each, args.threshold) for path, each in deliberations.items()}
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(args.out or scratch)
        out.mkdir(parents=True, exist_ok=True)
        if not args.no_baseline:
            run_baseline(folder, out)
        write_predictions(out, truths, decisions, parsed)
        print("\n== ours")
        score(folder, out / "ours.jsonl", out / "ours-groups.jsonl", args.wrong)
    print_figures("all paths", truths, decisions)
    print_figures("kept aside", [truth for truth in truths if kept_aside(truth)], decisions)
    print_figures(
        "respelled",
        list(made.values()),
        {path: concluded(each, args.threshold) for path, each in made_deliberations.items()},
    )
    print_calibration(truths, deliberations)
    wrong = sum(concluded(each, args.threshold).outcome is Outcome.MATCH for each in bereft.values())
    print(f"\nmain paths whose title the provider lacks, matched all the same: {share(wrong, len(bereft))}")
    print(
        f"\n{calls.total()} provider calls {dict(calls)} = {calls.total() / len(truths):.2f} a file, {requests} requests; "
        f"parsing {parsing:.1f} s, deciding {asking:.1f} s, {len(truths)} files"
    )


def parse_all(paths: list[str], kept: Path | None) -> dict[str, ParsedPath]:
    if kept and kept.exists():
        parsed = msgspec.json.decode(kept.read_bytes(), type=list[ParsedPath])
    else:
        parsed = asyncio.run(parse(paths))
        if kept:
            kept.write_bytes(msgspec.json.encode(parsed))
    return dict(zip(paths, parsed, strict=True))


async def parse(paths: list[str]) -> list[ParsedPath]:
    async with Parser() as parser:
        return await parser.parse(paths)


async def deliberate_all(provider: StandInProvider, parsed: dict[str, ParsedPath]) -> dict[str, Deliberation]:
    return {path: await Deliberation(each, provider, "mixed").run() for path, each in parsed.items()}


async def deliberate_bereft(
    provider: StandInProvider, truths: Sequence[dict[str, Any]], parsed: dict[str, ParsedPath]
) -> dict[str, Deliberation]:
    """The deliberations of every `BEREFT`th main path with a provider that lacks its title: whatever is matched is wrong."""
    chosen = [truth for truth in truths if truth["kind"] == "main" and digest(truth["path"]) % BEREFT == 0]
    return {
        truth["path"]: await Deliberation(
            parsed[truth["path"]], Lacking(provider, TYPES[truth["type"]], truth["tmdb_id"]), "mixed"
        ).run()
        for truth in chosen
    }


def kept_aside(truth: dict[str, Any]) -> bool:
    """Every fourth path, chosen by its title, so that no title is both fitted and measured."""
    return digest(truth.get("title") or truth["path"]) % 4 == 0


def digest(text: str) -> int:
    return int.from_bytes(hashlib.sha1(text.encode()).digest()[:4])


def run_baseline(folder: Path, out: Path) -> None:
    """guessit and the first hit, against the stand-in over HTTP."""
    server = subprocess.Popen(
        [sys.executable, str(folder / "tmdb_standin.py"), "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        line = server.stdout.readline() if server.stdout else ""
        address = next(word for word in line.split() if word.startswith("http"))
        print("== the baseline: guessit and the first hit")
        command = [str(folder / "predict_baseline.py"), str(folder / "paths.jsonl"), str(out / "base.jsonl")]
        run(*command, "--api", address, "--groups", str(out / "base-groups.jsonl"))
    finally:
        server.terminate()
        server.wait()
    score(folder, out / "base.jsonl", out / "base-groups.jsonl", 0)


def score(folder: Path, predictions: Path, groups: Path, wrong: int) -> None:
    truth = str(folder / "paths.jsonl")
    run(str(folder / "score_matching.py"), truth, str(predictions), "--wrong", str(wrong))
    run(str(folder / "answers.py"), truth, str(groups))


def run(*command: str) -> None:
    sys.stdout.flush()
    subprocess.run([sys.executable, *command], check=True)


def write_predictions(
    out: Path, truths: Sequence[dict[str, Any]], decisions: dict[str, Decision], parsed: dict[str, ParsedPath]
) -> None:
    with (out / "ours.jsonl").open("w", encoding="utf-8") as lines:
        for truth in truths:
            lines.write(json.dumps({"path": truth["path"], **prediction(decisions[truth["path"]])}) + "\n")
    queue = [(path, each, parsed[path]) for path, each in decisions.items() if each.outcome is Outcome.NO_MATCH]
    with (out / "ours-groups.jsonl").open("w", encoding="utf-8") as lines:
        for each in group(queue):
            files = [{"path": member.path, "proposed": as_scored(member.proposed)} for member in each.members]
            lines.write(json.dumps({"group": each.id, "files": files}) + "\n")


def prediction(decision: Decision) -> dict[str, Any]:
    if decision.outcome is not Outcome.MATCH or decision.item is None:
        return {"type": None, "tmdb_id": None}
    kind = scored_type(decision.item.type, decision.role)
    return {"type": kind, "tmdb_id": decision.item.tmdb_id, **numbers(decision.item)}


def numbers(item: Suggestion | Proposed) -> dict[str, Any]:
    return {
        "season": item.episodes[0].season if item.episodes else None,
        "episodes": [episode.number for episode in item.episodes],
    }


def as_scored(proposed: Proposed | None) -> dict[str, Any] | None:
    if proposed is None:
        return None
    return {"type": scored_type(proposed.type, proposed.role), "tmdb_id": proposed.tmdb_id, **numbers(proposed)}


def scored_type(type: ItemType, role: Role | None) -> str:
    return "extra" if role in (Role.EXTRA, Role.SAMPLE) else "movie" if type is ItemType.MOVIE else "episode"


def print_figures(name: str, truths: Sequence[dict[str, Any]], decisions: dict[str, Decision]) -> None:
    """Precision and recall over unambiguous main paths, and the shares that the targets are about."""
    count: Counter[str] = Counter()
    for truth in truths:
        decision, style = decisions[truth["path"]], truth.get("style", "")
        if truth["kind"] != "main":
            continue
        right = TYPES[truth["type"]], truth["tmdb_id"]
        item = (
            decision.item
            if decision.outcome is Outcome.MATCH and decision.role not in (Role.EXTRA, Role.SAMPLE)
            else None
        )
        title = item is not None and (item.type, item.tmdb_id) == right
        episodes = [(e.season, e.number) for e in item.episodes] if item else []
        whole = title and (
            truth["type"] == "movie" or episodes == [(truth["season"], number) for number in sorted(truth["episodes"])]
        )
        if truth.get("ambiguous"):
            count.update(ambiguous=1, ambiguous_wrong=item is not None and not title)
            continue
        listed = [item] if item else decision.suggestions
        count.update(main=1, matched=item is not None, titles=title, right=whole)
        count.update(first_five=right in [(each.type, each.tmdb_id) for each in listed if each])
        if title and truth["type"] == "episode":
            count.update(episode_titles=1, episode_numbers=whole)
        if style in ("e_absolute", "e_daily"):
            count.update(odd=1, odd_right=whole)
    print(f"\n{name}: {count['main']} main paths that are not ambiguous")
    print(f"  precision (title)       {share(count['titles'], count['matched'])}")
    print(f"  precision (all right)   {share(count['right'], count['matched'])}")
    print(f"  recall (all right)      {share(count['right'], count['main'])}")
    print(f"  right title in five     {share(count['first_five'], count['main'])}")
    print(
        f"  numbers right           {share(count['episode_numbers'], count['episode_titles'])} of matched episode files"
    )
    print(f"  absolute and dated      {share(count['odd_right'], count['odd'])}")
    print(f"  ambiguous, wrong        {share(count['ambiguous_wrong'], count['ambiguous'])}")


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:6.2f} %  ({part} of {whole})" if whole else "     -"


def print_calibration(truths: Sequence[dict[str, Any]], deliberations: dict[str, Deliberation]) -> None:
    """Of the best contenders with a probability of about p, the share p should be right; on the paths kept aside."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for truth in truths:
        best = next(iter(deliberations[truth["path"]].ranked), None)
        if truth["kind"] not in ("main", "none") or best is None or not kept_aside(truth):
            continue
        right = truth["kind"] == "main" and best.key == (TYPES[truth["type"]], truth["tmdb_id"])
        bins[min(9, int(best.probability * 10))].append((best.probability, right))
    print("\ncalibration of the best contender, paths kept aside:  said, right, paths")
    for place in sorted(bins):
        rows = bins[place]
        said = sum(probability for probability, _ in rows) / len(rows)
        right = sum(right for _, right in rows) / len(rows)
        print(f"  {place / 10:.1f}-{place / 10 + 0.1:.1f}   {said:.3f}   {right:.3f}   {len(rows)}")


def print_fit(
    truths: Sequence[dict[str, Any]], deliberations: dict[str, Deliberation], bereft: dict[str, Deliberation]
) -> None:
    """Fitted on the paths that are not kept aside; extras are left out, since nothing is searched for by their own name."""
    parts: dict[bool, list[Labelled]] = {True: [], False: []}
    for truth in truths:
        if truth["kind"] == "extra":
            continue
        right = (TYPES[truth["type"]], truth["tmdb_id"]) if truth["kind"] in ("main", "show_only") else None
        part = parts[kept_aside(truth)]
        part.append(labelled(deliberations[truth["path"]], right))
        if truth["path"] in bereft:
            part.append(labelled(bereft[truth["path"]], None, LACKING * BEREFT))
    fitted = fit(parts[False], SET)
    uses = Counter(key for path in parts[False] for row in path.contenders for key in row)
    for weights, name in ((WEIGHTS, "as they are"), ({**SET, **fitted}, "fitted")):
        here, aside = likelihood(parts[False], weights), likelihood(parts[True], weights)
        print(f"# mean log-likelihood, weights {name}: {here:.4f} on the paths fitted, {aside:.4f} on those kept aside")
    print("FITTED: dict[str, float] = {")
    for key in fitted:
        print(f'    "{key}": {fitted[key]},{"" if uses[key] else "  # no example"}')
    print("}")


def labelled(deliberation: Deliberation, right: tuple[ItemType, int] | None, weight: float = 1.0) -> Labelled:
    ranked = deliberation.ranked
    rows: list[dict[str, float]] = []
    for contender in ranked:
        row: dict[str, float] = defaultdict(float)
        for feature in contender.features:
            row[feature.key] += feature.value
        rows.append(dict(row))
    place = next((place for place, contender in enumerate(ranked) if contender.key == right), None)
    return Labelled(rows, place, weight)


if __name__ == "__main__":
    main()
