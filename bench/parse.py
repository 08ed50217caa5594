"""How well names are read: guessit by itself, the second parser by itself and our ensemble, over the same cases in one run.

    bench/parse.py [CORPORA] [--workers N] [--each N] [--kept FILE] [--speed] [--show CONVENTION] [--fit]

CORPORA (default: MEDIASTEAD_CORPORA, else ../shared/corpora) holds `parser/` with labelled names (`*.jsonl`),
`predict_guessit.py` and `score_parser.py`, and `matching/` with labelled paths. A third of the names and a fourth of the paths
are kept aside from fits. Further names are made, in the conventions of `tests/unit/parsing/conventions`. `--kept` keeps what
guessit and the second parser say from run to run; `--speed` measures names a second as well; `--fit` measures how sure each
field is and writes `backend/mediastead/parsing/measured.py`; `--show` prints what is wrong in a convention.
"""

import argparse
import asyncio
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from parse_asked import ask
from parse_cases import CHECK_SEED, FIT_SEED, ROOT, Case, Judge, labelled_names, labelled_paths, made, module_in
from parse_fit import outcomes, print_agreement, print_calibration, write_table

from mediastead.parsing import Guess, Parser, as_line, names_to_guess, parse_path

Predict = Callable[[Case], dict[str, Any]]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("MEDIASTEAD_CORPORA") or str(ROOT.parent / "shared" / "corpora")
    options.add_argument("corpora", nargs="?", type=Path, default=Path(default))
    options.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options.add_argument("--each", type=int, default=40, help="made names a convention")
    options.add_argument("--kept", type=Path, help="a file that keeps the parsers' answers")
    options.add_argument("--speed", action="store_true", help="measure names a second as well")
    options.add_argument("--show", help="print what is wrong in conventions with this in their name, and nothing else")
    options.add_argument("--fit", action="store_true", help="write how sure each field is")
    args = options.parse_args()
    names = args.corpora / "parser"
    if not (names / "score_parser.py").is_file():
        print(f"NOT MEASURED: there is no score_parser.py in {names}. Name the corpora's folder.", file=sys.stderr)
        return 0
    judge = Judge(module_in(names, "score_parser"))
    of_names, of_paths = labelled_names(names), labelled_paths(args.corpora / "matching")
    made_to_fit, made_to_check = list(made(FIT_SEED, args.each)), list(made(CHECK_SEED, args.each))
    script = names / "predict_guessit.py"
    if args.show:
        shown = [case for case in made_to_fit if args.show in case.source]
        asked = ask([case.path for case in shown], script, workers=args.workers, kept=args.kept, with_stock=False)
        return show(shown, asked.guesses, judge)
    cases = [*of_names, *of_paths, *made_to_fit, *made_to_check]
    # Labels out of the parsers' own tests would make their votes look worth more than they are.
    others = [case for case in cases if case.source not in ("guessit", "ptt")]
    if args.fit:
        fitted = [case for case in others if not case.aside]
        asked = ask([case.path for case in fitted], script, workers=args.workers, kept=args.kept, with_stock=False)
        rows = write_table(outcomes(fitted, asked.guesses, judge))
        print(f"{rows} rows written; run again without --fit to see how they hold on what was kept aside.")
        return 0
    asked = ask([case.path for case in cases], script, workers=args.workers, kept=args.kept)
    guessed = asked.guesses
    predictors: dict[str, Predict] = {
        "guessit": lambda case: asked.stock[case.path],
        "second": lambda case: second_alone(case, guessed),
        "ours": lambda case: as_line(parse_path(case.path, guessed=guessed), case.path),
    }
    rights = {
        name: [(case, judge.rights(case, predict(case))) for case in cases] for name, predict in predictors.items()
    }
    print_labelled(rights)
    print_made(rights)
    aside = outcomes([case for case in others if case.aside], guessed, judge)
    print_agreement(aside)
    print_calibration(aside)
    if args.speed:
        print_speed([case.path for case in of_names], args.workers)
    return 0


def second_alone(case: Case, guessed: Mapping[str, Guess]) -> dict[str, Any]:
    """The second parser's reading of the file's name as we give it: without suffix, ids and advertisements."""
    name = next(iter(names_to_guess(case.path)), "")
    said = guessed[name].second if name else None
    if said is None:
        return {}
    numbered = bool(said.seasons or said.episodes or said.air_date)
    line = {
        "type": "episode" if numbered else "movie",
        "title": said.title,
        "year": said.year,
        "season": said.seasons[0] if len(said.seasons) == 1 else list(said.seasons),
        "episodes": list(said.episodes),
        "air_date": said.air_date,
    }
    return {field: value for field, value in line.items() if value not in (None, "", [])}


def print_labelled(rights: dict[str, list[tuple[Case, dict[str, bool]]]]) -> None:
    """Shares of right names, by source; last those that no parser here was made with, and of them what was kept aside."""
    sources = dict.fromkeys(case.source for case, _ in rights["ours"] if case.id)
    groups: dict[str, Callable[[Case], bool]] = {
        source: lambda case, source=source: bool(case.id) and case.source == source for source in sources
    }
    groups["all labelled names"] = lambda case: bool(case.id)
    groups["all but guessit's own"] = lambda case: bool(case.id) and case.source != "guessit"
    groups["all but guessit's and PTT's own"] = lambda case: bool(case.id) and case.source not in ("guessit", "ptt")
    groups["kept aside, but guessit's own"] = lambda case: bool(case.id) and case.aside and case.source != "guessit"
    groups["kept aside, neither's own"] = lambda case: (
        bool(case.id) and case.aside and case.source not in ("guessit", "ptt")
    )
    groups["labelled paths"] = lambda case: case.source == "paths"
    groups["labelled paths, kept aside"] = lambda case: case.source == "paths" and case.aside
    print_shares("labelled names", rights, groups)


def print_made(rights: dict[str, list[tuple[Case, dict[str, bool]]]]) -> None:
    ways = dict.fromkeys(case.source for case, _ in rights["ours"] if not case.id and case.source != "paths")
    groups: dict[str, Callable[[Case], bool]] = {
        way: lambda case, way=way: not case.id and case.source == way for way in ways
    }
    groups["all made names"] = lambda case: not case.id and case.source != "paths"
    print_shares("made names", rights, groups)


def print_shares(
    head: str, rights: dict[str, list[tuple[Case, dict[str, bool]]]], groups: dict[str, Callable[[Case], bool]]
) -> None:
    fields = ("title", "numbers", "year", "all")
    print(f"\n{head:34} {'names':>6}   " + "   ".join(f"{field + ': ' + ' / '.join(rights):>28}" for field in fields))
    for group, belongs in groups.items():
        shares: defaultdict[str, list[str]] = defaultdict(list)
        of = 0
        for judged in rights.values():
            own = [right for case, right in judged if belongs(case)]
            of = len(own)
            for field in fields:
                asserted = [
                    all(right.values()) if field == "all" else right[field]
                    for right in own
                    if field in right or field == "all"
                ]
                shares[field].append(f"{sum(asserted) / len(asserted):.1%}" if asserted else "-")
        print(f"{group:34} {of:6}   " + "   ".join(f"{' / '.join(shares[field]):>28}" for field in fields))


def print_speed(paths: Sequence[str], workers: int) -> None:
    """Names a second: guessit in one process, and our parser through its worker processes."""
    from guessit import guessit

    sample = list(dict.fromkeys(paths))[::4]
    started = time.perf_counter()
    for path in sample:
        try:
            guessit(path)
        except Exception:  # guessit raises on a few odd names
            continue
    alone = time.perf_counter() - started
    first, again = asyncio.run(_timed(sample, workers))
    of = len(sample)
    print(f"\n{of} names: guessit {of / alone:.0f} a second in one process; Mediastead {of / first:.0f} a second")
    print(f"with {workers} of them, {first / alone:.2f} of guessit's time; remembered {of / again:.0f} a second")


async def _timed(paths: Sequence[str], workers: int) -> tuple[float, float]:
    async with Parser(workers=workers) as parser:
        await parser.parse(["Warm (2001).mkv"])
        started = time.perf_counter()
        await parser.parse(paths)
        first = time.perf_counter() - started
        started = time.perf_counter()
        await parser.parse(paths)
        return first, time.perf_counter() - started


def show(cases: Sequence[Case], guessed: Mapping[str, Guess], judge: Judge) -> int:
    for case in cases:
        line = as_line(parse_path(case.path, guessed=guessed), case.path)
        wrong = [field for field, right in judge.rights(case, line).items() if not right]
        if wrong:
            print(f"{', '.join(wrong)}: {case.path}\n    {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
