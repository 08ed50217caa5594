"""What runtime evidence is worth: log-likelihood ratios from simulated durations, for `SET` in `mediastead/matching/weights.py`.

    python bench/runtimes.py [CORPORA]

No corpus has files with content, so durations are made from the catalogue's runtimes with noise as real files have it: most
play as long as the provider says, some at PAL's speed, some are another cut or without credits, and a few are anything. What
the same duration says of a wrong title is taken from films that share a title: those are what runtime has to tell apart.
"""

import math
import os
import random
import sys
from collections import Counter, defaultdict
from pathlib import Path

from tmdb_served import titles_of

from mediastead.catalog.types import ItemType
from mediastead.matching.inquiry import as_candidate
from mediastead.matching.runtime import of_runtime
from mediastead.matching.titles import fold, loosen
from mediastead.metadata.facts import ItemFacts

SEED = 7
PAL, ANOTHER_CUT, ANYTHING = 0.12, 0.12, 0.03
"""The shares of files that play 4 % faster, that differ by up to a fifth, and whose length is nobody's."""


def duration(runtime: int, dice: random.Random) -> float:
    """In seconds."""
    draw = dice.random()
    if draw < ANYTHING:
        return dice.uniform(1, 200) * 60
    if draw < ANYTHING + PAL:
        return runtime * 60 * 24 / 25 + dice.gauss(0, 60)
    if draw < ANYTHING + PAL + ANOTHER_CUT:
        return runtime * 60 * dice.uniform(0.85, 1.2)
    return runtime * 60 + dice.gauss(0, 60)


def main() -> None:
    corpora = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("MEDIASTEAD_CORPORA", "../shared/corpora")
    dice = random.Random(SEED)
    namesakes: dict[str, list[ItemFacts]] = defaultdict(list)
    for title in titles_of(Path(corpora) / "matching"):
        if title["type"] == "movie" and title["runtime"]:
            facts = ItemFacts(type=ItemType.MOVIE, tmdb_id=title["id"], title=title["title"], runtime=title["runtime"])
            namesakes[loosen(fold(title["title"]))].append(facts)
    right, wrong = Counter[str](), Counter[str]()
    for films in namesakes.values():
        for film in films if len(films) > 1 else ():
            seconds = duration(film.runtime or 0, dice)
            for other in films:
                key = of_runtime(seconds, None, as_candidate(other), other, ())[0].key
                (right if other is film else wrong)[key] += 1
    for key in ("runtime.agrees", "runtime.near", "runtime.far"):
        of_right, of_wrong = right[key] / right.total(), wrong[key] / wrong.total()
        told = f"{100 * of_right:5.1f} % of right titles, {100 * of_wrong:5.1f} % of namesakes"
        print(f"{key:15} {told}: {math.log(of_right / of_wrong):+.2f}")


if __name__ == "__main__":
    main()
