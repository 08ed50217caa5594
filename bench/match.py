"""How well files are identified, measured on labelled paths beside a naive baseline: `make bench-match`.

    python bench/match.py [CORPORA] [--fit] [--no-baseline] [--threshold P] [--wrong N] [--out FOLDER] [--parsed FILE]

CORPORA (default: `MEDIASTEAD_CORPORA`, then `../shared/corpora`) holds `matching/` with labelled paths, a catalogue with a
stand-in for TMDB, and scorers. Every fourth path, by a hash of its title, is kept aside: `--fit` never sees those, and the
figures are given for them as well. Further paths are made from the catalogue in other spellings (`respelled.py`), and some
are decided with a provider that lacks the right title. `--fit` prints a table for `mediastead/matching/weights.py`
beside today's (`docs/decisions/0015`).
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fitting import print_fit
from labelled_paths import (
    Truth,
    deliberate_all,
    deliberate_bereft,
    kept_aside,
    parse_all,
    right_title,
    truths_in,
)
from naming_styles import in_other_styles
from reliability import print_reliability, print_thresholds
from respelled import private, respelled
from tmdb_served import Remembering, served, titles_of

from mediastead.catalog.types import ItemType
from mediastead.files.types import Role
from mediastead.matching import AUTOMATIC, Decision, Outcome, Suggestion
from mediastead.matching.decide import concluded
from mediastead.matching.grouping import Proposed, group
from mediastead.parsing import ParsedPath

RESPELLED = 60
"""Paths made of each way to respell a title."""
STYLED = 24
"""Paths made of each further style of naming."""


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("corpora", nargs="?", default=os.environ.get("MEDIASTEAD_CORPORA", "../shared/corpora"))
    ask.add_argument("--fit", action="store_true", help="fit the weights and print them")
    ask.add_argument("--no-baseline", action="store_true", help="leave the baseline out")
    ask.add_argument("--threshold", type=float, default=AUTOMATIC)
    ask.add_argument("--wrong", type=int, default=0, help="print so many wrong identifications")
    ask.add_argument("--out", type=Path, help="a folder to keep the predictions in")
    ask.add_argument(
        "--parsed", type=Path, help="a file to keep parsed paths in between runs, for work on matching alone"
    )
    args = ask.parse_args()
    folder = Path(args.corpora) / "matching"
    if not (folder / "paths.jsonl").exists():
        print(
            f"!! No labelled paths in {folder}: NOTHING WAS MEASURED. Give the corpora's folder, or MEDIASTEAD_CORPORA."
        )
        return
    with served(folder) as address, tempfile.TemporaryDirectory() as scratch:
        measure(folder, address, args.out or Path(scratch), args)


def measure(folder: Path, address: str, out: Path, args: argparse.Namespace) -> None:
    truths = truths_in(folder)
    titles = titles_of(folder)
    made = [*respelled(titles, RESPELLED), *private()]
    known = {truth["path"] for truth in (*truths, *made)}
    styled = list(
        {each["path"]: each for each in in_other_styles(titles, STYLED) if each["path"] not in known}.values()
    )
    began = time.perf_counter()
    parsed = parse_all([truth["path"] for truth in truths], args.parsed)
    parsing = time.perf_counter() - began
    made_parsed = parse_all([truth["path"] for truth in made], args.parsed and args.parsed.with_suffix(".made"))
    styled_parsed = parse_all([each["path"] for each in styled], args.parsed and args.parsed.with_suffix(".styled"))
    provider = Remembering(address)
    began = time.perf_counter()
    deliberations = asyncio.run(deliberate_all(provider, parsed))
    asking, calls = time.perf_counter() - began, Counter(provider.calls)
    of_made = asyncio.run(deliberate_all(provider, made_parsed))
    of_styled = asyncio.run(deliberate_all(provider, styled_parsed))
    bereft = asyncio.run(deliberate_bereft(provider, [*truths, *styled], parsed | styled_parsed))
    provider.close()
    if args.fit:
        print_fit([*truths, *made, *styled], deliberations | of_made | of_styled, bereft)
        return
    out.mkdir(parents=True, exist_ok=True)
    if not args.no_baseline:
        run_baseline(folder, address, out)
    decisions = {path: concluded(each, args.threshold) for path, each in deliberations.items()}
    write_predictions(out, truths, decisions, parsed)
    print("\n== ours")
    score(folder, out / "ours.jsonl", out / "ours-groups.jsonl", args.wrong)
    print_figures("all paths", truths, decisions)
    print_figures("kept aside", [truth for truth in truths if kept_aside(truth)], decisions)
    print_figures("respelled", made, {path: concluded(each, args.threshold) for path, each in of_made.items()})
    of_styles = {path: concluded(each, args.threshold) for path, each in of_styled.items()}
    print_figures("further styles", styled, of_styles)
    print_figures("further styles, kept aside", [truth for truth in styled if kept_aside(truth)], of_styles)
    print_styles(styled, of_styles)
    wrong = sum(concluded(each, args.threshold).outcome is Outcome.MATCH for each in bereft.values())
    print(f"\nmain paths whose title the provider lacks, matched all the same: {share(wrong, len(bereft))}")
    taken = [concluded(of_made[truth["path"]], args.threshold).outcome for truth in made if truth["kind"] == "none"]
    print(f"private recordings, matched all the same: {share(taken.count(Outcome.MATCH), len(taken))}")
    print_reliability([*truths, *styled], deliberations | of_styled)
    print_thresholds([*truths, *styled], deliberations | of_styled, bereft)
    print(
        f"\n{calls.total()} provider calls {dict(calls)} = {calls.total() / len(truths):.2f} a file; "
        f"parsing {parsing:.1f} s, deciding {asking:.1f} s, {len(truths)} files"
    )


def run_baseline(folder: Path, address: str, out: Path) -> None:
    """guessit and the first hit, against the same stand-in."""
    print("== the baseline: guessit and the first hit")
    command = [str(folder / "predict_baseline.py"), str(folder / "paths.jsonl"), str(out / "base.jsonl")]
    run(*command, "--api", address, "--groups", str(out / "base-groups.jsonl"))
    score(folder, out / "base.jsonl", out / "base-groups.jsonl", 0)


def score(folder: Path, predictions: Path, groups: Path, wrong: int) -> None:
    truth = str(folder / "paths.jsonl")
    run(str(folder / "score_matching.py"), truth, str(predictions), "--wrong", str(wrong))
    run(str(folder / "answers.py"), truth, str(groups))


def run(*command: str) -> None:
    sys.stdout.flush()
    subprocess.run([sys.executable, *command], check=True)


def write_predictions(
    out: Path, truths: Sequence[Truth], decisions: Mapping[str, Decision], parsed: Mapping[str, ParsedPath]
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


def as_scored(proposed: Proposed | None) -> dict[str, Any] | None:
    if proposed is None:
        return None
    return {"type": scored_type(proposed.type, proposed.role), "tmdb_id": proposed.tmdb_id, **numbers(proposed)}


def scored_type(type: ItemType, role: Role | None) -> str:
    return "extra" if role in (Role.EXTRA, Role.SAMPLE) else "movie" if type is ItemType.MOVIE else "episode"


def numbers(item: Suggestion | Proposed) -> dict[str, Any]:
    return {
        "season": item.episodes[0].season if item.episodes else None,
        "episodes": [episode.number for episode in item.episodes],
    }


def print_figures(name: str, truths: Sequence[Truth], decisions: Mapping[str, Decision]) -> None:
    """Precision and recall over unambiguous main paths, and the shares that the targets are about."""
    count: Counter[str] = Counter()
    for truth in truths:
        if truth["kind"] != "main":
            continue
        decision, right = decisions[truth["path"]], right_title(truth)
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
        if truth["style"] in ("e_absolute", "e_daily"):
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


def print_styles(truths: Sequence[Truth], decisions: Mapping[str, Decision]) -> None:
    """What became of each further style of naming, paths that fit several titles apart (`*`)."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for truth in truths:
        several = "*" if truth["kind"] == "main" and truth["ambiguous"] else ""
        rows[truth["style"] + several][verdict(truth, decisions[truth["path"]])] += 1
    print(f"\n{'':22}{'paths':>7}{'right':>9}{'numbers':>9}{'queued':>9}{'wrong':>9}")
    for style, row in sorted(rows.items()):
        paths = row.total()
        shares = "".join(f"{100 * row[each] / paths:8.1f}%" for each in ("right", "numbers", "queued", "wrong"))
        print(f"{style:22}{paths:7}{shares}")


def verdict(truth: Truth, decision: Decision) -> str:
    """`right`, `numbers` (the right title, other episodes), `queued` or `wrong`, as the corpus's scorer judges."""
    is_match = decision.outcome is Outcome.MATCH
    as_title = is_match and decision.role not in (Role.EXTRA, Role.SAMPLE)
    if truth["kind"] != "main":
        return "right" if not (is_match if truth["kind"] == "none" else as_title) else "wrong"
    if not as_title or decision.item is None:
        return "queued"
    if (decision.item.type, decision.item.tmdb_id) != right_title(truth):
        return "wrong"
    said = [(truth["season"], number) for number in truth["episodes"]]
    return "right" if [(each.season, each.number) for each in decision.episodes] == said else "numbers"


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:6.2f} %  ({part} of {whole})" if whole else "     -"


if __name__ == "__main__":
    main()
