"""Paths made from a catalogue's titles in ways that people write them, as labels beside those of the corpus.

The corpus writes titles as the catalogue does, or with one slip. People also leave articles out or put them last, write
numbers in letters and letters in numbers, join words, drop subtitles, and use other titles of the same thing. Weights that
never saw this would hold all of it against a title. Seeded: the same catalogue gives the same paths.
"""

import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from mediastead.matching.titles import fold, loosen

Title = Mapping[str, Any]
SEED = 20
ROMAN = {"2": "II", "3": "III", "4": "IV", "5": "V", "6": "VI", "7": "VII", "8": "VIII"}
IN_WORDS = {"2": "Two", "3": "Three", "4": "Four", "5": "Five", "7": "Seven", "10": "Ten", "12": "Twelve"}


def last_article(title: str) -> str | None:
    found = re.match(r"(The|A|An) (.+)$", title)
    return f"{found[2]}, {found[1]}" if found else None


def no_article(title: str) -> str | None:
    found = re.match(r"(?:The|A|An|Le|La|Der|Die|Das|El|Il) (.+)$", title)
    return found[1] if found else None


def other_numbers(title: str) -> str | None:
    back = {roman: digit for digit, roman in ROMAN.items()}
    words = [ROMAN.get(word) or back.get(word) or IN_WORDS.get(word) or word for word in title.split()]
    return changed(title, " ".join(words))


def other_and(title: str) -> str | None:
    return changed(title, title.replace(" & ", " and ") if " & " in title else title.replace(" and ", " & "))


def plain(title: str) -> str | None:
    ascii_only = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return changed(title, " ".join(re.sub(r"[^A-Za-z0-9]+", " ", ascii_only).split()))


def joined(title: str) -> str | None:
    return changed(title, re.sub(r"(?<=[a-z]{4})[- ](?=[A-Z]?[a-z]{3})", "", title, count=1))


def no_subtitle(title: str) -> str | None:
    head = re.split(r": | - ", title)[0]
    return changed(title, head) if len(head) > 3 else None


def as_it_is(title: str) -> str | None:
    return title


def changed(before: str, after: str) -> str | None:
    return after if after != before and len(after) > 2 else None


SPELLINGS: dict[str, Callable[[str], str | None]] = {
    "last_article": last_article,
    "no_article": no_article,
    "numbers": other_numbers,
    "and": other_and,
    "plain": plain,
    "joined": joined,
    "no_subtitle": no_subtitle,
    "as_it_is": as_it_is,
}
FILM_NAMES = (
    "{t} ({y}).mkv",
    "{d}.{y}.1080p.BluRay.x264-GRP.mkv",
    "{t}.mp4",
    "{t} ({y})/{t}.mkv",
    "{l} [{y}] [1080p].mkv",
)
EPISODE_NAMES = (
    "{t} S{s:02}E{e:02}.mkv",
    "{d}.S{s:02}E{e:02}.720p.WEB.x264-GRP.mkv",
    "{t}/Season {s}/{e:02} - {n}.mkv",
    "{t} ({y})/Season {s:02}/{t} {s}x{e:02} {n}.mkv",
    "{l}_s{s:02}_e{e:02}.avi",
)

PRIVATE = re.findall(
    r"\w+",
    """birthday wedding holiday garden cake beach party baby kids family dog cat snow swimming football concert school recital
    summer winter christmas easter zoo sunset dinner trip hiking parade reunion speech lecture workshop interview meeting
    recording test video movie clip export draft intro output final tape camera game evening anniversary graduation puppy
    horse house night morning London Paris Venice Tokyo""",
)
"""Words that people call their own recordings by. Many are titles as well, which is the point."""
PRIVATE_NAMES = (
    "{w}.mp4",
    "Videos/{w}.mov",
    "Videos/2015/{w}.mov",
    "Videos/{w} 2.mp4",
    "2015-06-12 {w}.mov",
    "Movies/{w}.m4v",
)


def private() -> Iterator[dict[str, Any]]:
    """Names of private recordings, each word in two of the ways: nothing identifies them."""
    for place, word in enumerate(PRIVATE):
        for name in (PRIVATE_NAMES[place % len(PRIVATE_NAMES)], PRIVATE_NAMES[(place + 2) % len(PRIVATE_NAMES)]):
            yield {"kind": "none", "path": name.format(w=word), "style": "n_private"}


def respelled(titles: Iterable[Title], count: int) -> Iterator[dict[str, Any]]:
    """`count` paths of each spelling at most, in the corpus's format: half by popularity, half evenly drawn."""
    dice = random.Random(SEED)
    pool = sorted((title for title in titles if title["year"]), key=lambda title: (title["type"], title["id"]))
    votes = [title["vote_count"] for title in pool]
    namesakes: dict[tuple[str, str], list[Title]] = defaultdict(list)
    for title in pool:
        for form in {
            loosen(fold(each))
            for each in (title["title"], title["original_title"], *title["alternative_titles"])
            if each
        }:
            namesakes[title["type"], form].append(title)
    for style, spell in SPELLINGS.items():
        made = 0
        for _ in range(count * 60):
            title = dice.choices(pool, votes)[0] if dice.random() < 0.5 else dice.choice(pool)
            source = dice.choice([title["title"], title["original_title"], *title["alternative_titles"]])
            written = spell(source) if source and source.isascii() == title["title"].isascii() else None
            if written is None or "/" in written:
                continue
            truth = path_of(title, written, dice)
            if truth is None:
                continue
            same = namesakes[title["type"], loosen(fold(written))]
            if same and title not in same:
                continue  # it is written as something else is called: nobody could tell
            if str(title["year"]) in truth["path"]:
                same = [each for each in same if abs(each["year"] - title["year"]) <= 1]
            fitting = sorted({each["id"] for each in same} | {title["id"]})
            yield {**truth, "style": f"r_{style}", "ambiguous": fitting if len(fitting) > 1 else None}
            made += 1
            if made == count:
                break


def path_of(title: Title, written: str, dice: random.Random) -> dict[str, Any] | None:
    names = {
        "t": written.replace(":", " -"),
        "d": re.sub(r"[^\w&']+", ".", written).strip("."),
        "l": fold(written),
        "y": title["year"],
    }
    about = {"kind": "main", "tmdb_id": title["id"], "title": title["title"], "year": title["year"]}
    if title["type"] == "movie":
        path = dice.choice(FILM_NAMES).format(**names)
        return {**about, "path": path, "type": "movie", "season": None, "episodes": []}
    seasons = [season for season in title["seasons"] if season["number"] > 0 and season["episodes"]]
    if not seasons:
        return None
    season = dice.choice(seasons)
    episode = dice.choice(season["episodes"])
    number = episode["number"]
    path = dice.choice(EPISODE_NAMES).format(**names, s=season["number"], e=number, n=episode["name"] or "Episode")
    return {**about, "path": path, "type": "episode", "season": season["number"], "episodes": [number]}
