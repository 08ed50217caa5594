"""What the other files of a folder add to identification, and what they could spoil: python bench/neighbours.py [CORPORA]

Labelled paths lie alone in their folders, so the neighbours are supposed. Four sets of paths of episodes are decided without
neighbours, with those of the right series, and with those of a wrong one, in each strength that is told:

    labelled   the corpus's own paths
    short      made: names that need their neighbours (a number alone in a folder with a nickname, letters wrong, initials)
    remade     made: titles that several series have, without a year
    strays     made: episodes of a series that the provider lacks, in the folder of another one

The neighbours of a wrong series are, for every second path, of the series whose title is most like the right one. What is matched
to them is wrong, and how often a folder that is nearly all of one series holds a file of another is what bounds the harm.
"""

import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from labelled_paths import Truth, parse_all, right_title, truths_in
from rapidfuzz.distance import OSA
from tmdb_served import Lacking, Remembering, served, titles_of

from mediastead.catalog.types import ItemType
from mediastead.matching import Outcome, decide
from mediastead.matching.decision import Neighbour
from mediastead.matching.known import Known
from mediastead.matching.titles import fold, loosen
from mediastead.metadata.provider import Provider
from mediastead.parsing import ParsedPath
from mediastead.unmatched.folder_neighbours import is_a_titles_own

SEED = 7
MADE = 120
STRENGTHS = ((1, 1.0), (3, 1.0), (3, 0.75), (8, 1.0), (8, 0.9))
NICKNAMES = ("Our evenings", "for mum", "the good one", "Sunday box", "Weekly", "Copied from Jo")


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("MEDIASTEAD_CORPORA", "../shared/corpora"))
    folder = folder / "matching"
    if not (folder / "paths.jsonl").exists():
        print(f"!! No labelled paths in {folder}: NOTHING WAS MEASURED.")
        return
    with served(folder) as address:
        provider = Remembering(address)
        asyncio.run(measure(folder, provider))
        provider.close()


async def measure(folder: Path, provider: Provider) -> None:
    series = [each for each in titles_of(folder) if each["type"] != "movie" and _numbers(each)]
    labelled = [each for each in truths_in(folder) if each["kind"] == "main" and each["type"] == "episode"]
    labelled = [each for each in labelled if is_a_titles_own(each["path"].rpartition("/")[0].encode())]
    dice = random.Random(SEED)
    short, remade = list(_short(series, dice)), list(_remade(series, dice))
    strays = list(_plain(series, dice))
    parsed = await asyncio.to_thread(parse_all, [each["path"] for each in (*labelled, *short, *remade, *strays)])
    by_id = {each["id"]: each for each in series}
    print(f"{'':12}{'neighbours':>16}{'paths':>7}{'right':>9}{'queued':>9}{'wrong':>9}")
    for name, truths in (("labelled", labelled), ("short", short), ("remade", remade)):
        await _row(name, "none", truths, parsed, provider, None, None)
        for strength in STRENGTHS:
            right = {each["path"]: each["tmdb_id"] for each in truths}
            await _row(name, "right {} {:.0%}".format(*strength), truths, parsed, provider, right, strength)
        for strength in STRENGTHS:
            wrong = {each["path"]: _another(by_id, each, place) for place, each in enumerate(truths)}
            await _row(name, "wrong {} {:.0%}".format(*strength), truths, parsed, provider, wrong, strength)
    for strength in (None, *STRENGTHS):
        wrong = {each["path"]: _another(by_id, each, place) for place, each in enumerate(strays)}
        said = "wrong {} {:.0%}".format(*strength) if strength else "none"
        await _row("strays", said, strays, parsed, provider, wrong if strength else None, strength, lacking=True)


async def _row(
    name: str,
    said: str,
    truths: Sequence[Truth],
    parsed: dict[str, ParsedPath],
    provider: Provider,
    neighbours: dict[str, int] | None,
    strength: tuple[int, float] | None,
    *,
    lacking: bool = False,
) -> None:
    count: Counter[str] = Counter()
    for truth in truths:
        around: tuple[Neighbour, ...] = ()
        if neighbours and strength:
            of = neighbours[truth["path"]]
            around = (Neighbour(type=ItemType.SERIES, tmdb_id=of, count=strength[0], share=strength[1]),)
        asked = Lacking(provider, *right_title(truth)) if lacking else provider
        decision = await decide(parsed[truth["path"]], asked, Known(neighbours=around))
        if decision.outcome is not Outcome.MATCH or decision.item is None:
            count["queued"] += 1
            continue
        said_numbers = [(each.season, each.number) for each in decision.episodes]
        whole = said_numbers == [(truth["season"], number) for number in truth["episodes"]]
        right = (decision.item.type, decision.item.tmdb_id) == right_title(truth) and whole
        count["right" if right else "wrong"] += 1
    shares = "".join(f"{100 * count[each] / len(truths):8.1f}%" for each in ("right", "queued", "wrong"))
    print(f"{name:12}{said:>16}{len(truths):7}{shares}", flush=True)


def _numbers(title: dict[str, Any]) -> list[tuple[int, int]]:
    return [
        (season["number"], each["number"])
        for season in title["seasons"]
        for each in season["episodes"]
        if season["number"]
    ]


def _truth(title: dict[str, Any], at: tuple[int, int], path: str) -> Truth:
    place = {"kind": "main", "type": "episode", "season": at[0], "episodes": [at[1]]}
    return {"path": path, "tmdb_id": title["id"], "title": title["title"], **place}


def _drawn(series: Sequence[dict[str, Any]], dice: random.Random) -> list[tuple[dict[str, Any], tuple[int, int]]]:
    return [(title, dice.choice(_numbers(title))) for title in dice.sample(list(series), MADE)]


def _short(series: Sequence[dict[str, Any]], dice: random.Random) -> list[Truth]:
    made: dict[str, Truth] = {}
    for title, (season, number) in _drawn(series, dice):
        words = fold(title["title"]).split()
        initials = "".join(word[: dice.choice((1, 2))] for word in words)
        garbled = _garbled(title["title"], dice)
        tag = f"S{season:02}E{number:02}"
        for path in (
            f"{dice.choice(NICKNAMES)} {title['id']}/{tag}.mkv",
            f"{dice.choice(NICKNAMES)} {title['id']}/Season {season}/{tag} 720p.mkv",
            f"Season {season}/{title['id'] % 7}/{tag.lower()}.avi" if season > 3 else f"Season {season}/{tag}.avi",
            f"{dice.choice(NICKNAMES)} {title['id']}/{initials}.{tag.lower()}.720p.mkv" if len(words) > 2 else None,
            f"{dice.choice(NICKNAMES)} {title['id']}/{garbled} {tag}.avi",
        ):
            if path:
                made[path] = _truth(title, (season, number), path)
    return list(made.values())


def _garbled(text: str, dice: random.Random) -> str:
    """About a letter in five another one, as people who type blindly, or hide a title, write it."""
    leet = str.maketrans("aeiost", "431057")
    return "".join(
        dice.choice((letter.translate(leet), "", dice.choice("aeinrst")))
        if letter.isalpha() and dice.random() < 0.2
        else letter
        for letter in text.lower().replace("/", " ")
    )


def _remade(series: Sequence[dict[str, Any]], dice: random.Random) -> list[Truth]:
    by_title: dict[str, list[dict[str, Any]]] = {}
    for title in series:
        by_title.setdefault(loosen(fold(title["title"])), []).append(title)
    made: list[Truth] = []
    for several in by_title.values():
        for title in several if len(several) > 1 else ():
            season, number = dice.choice(_numbers(title))
            name = title["title"].replace("/", " ")
            path = f"{name}/Season {season}/{name} S{season:02}E{number:02}.mkv"
            made.append(_truth(title, (season, number), path))
    return list({each["path"]: each for each in made}.values())


def _plain(series: Sequence[dict[str, Any]], dice: random.Random) -> list[Truth]:
    """A full name, in a folder that says nothing."""
    made: list[Truth] = []
    for title, (season, number) in _drawn(series, dice):
        name = title["title"].replace("/", " ")
        made.append(_truth(title, (season, number), f"{dice.choice(NICKNAMES)}/{name} S{season:02}E{number:02}.mkv"))
    return list({each["path"]: each for each in made}.values())


def _another(by_id: dict[int, dict[str, Any]], truth: Truth, place: int) -> int:
    """A series that has this episode as well: the one most alike, or for every second path any."""
    wanted = {(truth["season"], number) for number in truth["episodes"]}
    others = [each for key, each in by_id.items() if key != truth["tmdb_id"] and wanted <= set(_numbers(each))]
    if not others:
        return next(key for key in by_id if key != truth["tmdb_id"])
    if place % 2:
        return random.Random(place).choice(others)["id"]
    mine = loosen(fold(truth["title"]))
    return max(others, key=lambda each: OSA.normalized_similarity(mine, loosen(fold(each["title"]))))["id"]


if __name__ == "__main__":
    main()
