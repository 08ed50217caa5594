"""Names made of templates, titles and numbers, with the fields that they say known by construction.

In a template stand for the title: {t} as written, {td} with dots, {tu} with underscores, {tl} in small letters, {tdl} small with
dots, {tc} in capitals with underscores, {tg} without separators, {the} with its article behind. For what a name says: {y} year,
{s} {ss} season, {S} a later season (a run), {e} {ee} {eee} episode, {f} {ff} the one after it, {first} {last} a run of episodes,
{n} {nnn} a number counted through all seasons, {Y} {M} {D} {m} {d} {yy} {month} {mon} a day, {edition}, {edited}, {part}.
And words that say nothing: {g} a group, {sub} a group of fansubbers, {h} a checksum, {name} {named} the episode's name, {site},
{id} an id, {video} a video's id.

What a template says is what it asserts; a film's asserts that there are no numbers.
"""

import random
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from mediastead.parsing.text import key

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
GROUPS = ("HARBOR", "QuietCrew", "lowtide", "NORDLICHT", "PeBBLe", "Gr4nite", "DRiFTWOOD", "VELVET", "tinyrip", "KELP")
FANSUBBERS = ("Quiet-Subs", "LowTide", "Nori Raws", "MoonlitFS", "Kelp", "HoshiSubs", "AO-Translations")
SITES = ("harbour-movies.com", "lowtide.org", "kelpflix.net", "pebble.to", "tidehd.cc")
NAMES = (
    "Pilot", "The Long Way Home", "Fire and Water", "Two Days in March", "Ashes", "What We Owe", "Room 12", "No Exit",
    "A Small Favor",
    "The Second Son", "Old Friends", "Blackout", "Night Shift", "The Return", "Winter's End", "Out of Reach",
)  # fmt: skip
EDITIONS = (
    "Directors Cut",
    "Extended",
    "Unrated",
    "Theatrical Cut",
    "Remastered",
    "Ultimate Edition",
    "Special Edition",
)
ODD_FILMS = (
    ("2012", 2009), ("300", 2006), ("21 Jump Street", 2012), ("12 Years a Slave", 2013), ("District 9", 2009), ("X2", 2003),
    ("Se7en", 1995), ("Terminator 2 - Judgment Day", 1991), ("2001 - A Space Odyssey", 1968), ("Kill Bill Vol. 2", 2004),
    ("Star Wars - Episode I - The Phantom Menace", 1999), ("The Godfather Part II", 1974), ("Ocean's Eleven", 2001),
    ("Fantastic Four", 2005), ("Harry Potter and the Deathly Hallows Part 2", 2011), ("E.T. the Extra-Terrestrial", 1982),
    ("Mr. & Mrs. Smith", 2005), ("Fast & Furious 6", 2013), ("Big Hero 6", 2014), ("Men in Black 3", 2012), ("WALL-E", 2008),
)  # fmt: skip
ODD_SERIES = (
    "The 100", "Mob Psycho 100", "Hawaii Five-0", "Two and a Half Men", "Marvel's Agents of S.H.I.E.L.D.", "S.W.A.T.",
    "Law & Order - Special Victims Unit", "NCIS - Los Angeles", "Brooklyn Nine-Nine", "TV-am", "Hunter x Hunter", "L.A.'s Finest",
)  # fmt: skip


class Made(NamedTuple):
    convention: str
    path: str
    expect: dict[str, Any]
    """The fields of labelled names: type, title, year, season, episodes, absolute_episodes, air_date, edition, part."""


class Titles(NamedTuple):
    """What names are made of: (title, year) of films and series."""

    films: Sequence[tuple[str, int]]
    series: Sequence[tuple[str, int]]


def conventions() -> dict[str, list[str]]:
    """The templates by the name of their convention."""
    found: dict[str, list[str]] = {}
    for line in (Path(__file__).parent / "conventions.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            found[line[2:]] = []
        elif line:
            found[list(found)[-1]].append(line)
    return found


def made_names(ways: Mapping[str, Sequence[str]], titles: Titles, *, seed: int, each: int) -> Iterator[Made]:
    """`each` names of every convention, the same for the same seed. Every third has a title that looks like something else."""
    for convention, templates in ways.items():
        luck = random.Random(f"{seed} {convention}")
        for index in range(each):
            template = templates[index % len(templates)]
            yield _made(convention, template, titles, luck, odd=index % 3 == 2)


_SAYS_EPISODE = re.compile(r"\{(?:s|ss|S|e|ee|eee|first|n|nnn|Y|yy|M)\}")


def _made(convention: str, template: str, titles: Titles, luck: random.Random, *, odd: bool) -> Made:
    is_episode = _SAYS_EPISODE.search(template) is not None or "{series}" in template
    template = template.replace("{series}", "")
    if is_episode:
        title, year = luck.choice([(title, 2004) for title in ODD_SERIES] if odd else titles.series)
    else:
        title, year = luck.choice(ODD_FILMS if odd else titles.films)
    season, episode = luck.randint(1, 9), luck.randint(1, 22)
    absolute = luck.choice((luck.randint(1, 99), luck.randint(100, 1100)))
    if re.search(r"\{ee?\}", template):
        absolute += episode  # through all seasons at least as many
    day = date(luck.randint(2001, 2024), luck.randint(1, 12), luck.randint(13, 28))
    title = _writable(title)
    plain = _plain(title)
    words = {
        "t": title, "td": plain.replace(" ", "."), "tu": plain.replace(" ", "_"), "tl": plain.lower(),
        "tdl": plain.lower().replace(" ", "."), "tc": plain.upper().replace(" ", "_"),
        "tg": "".join(word[:1].upper() + word[1:] for word in plain.split()), "the": _article_behind(title),
        "y": year, "s": season, "ss": f"{season:02}", "S": season + 3,
        "e": episode, "ee": f"{episode:02}", "eee": f"{episode:03}",
        "f": episode + 1, "ff": f"{episode + 1:02}", "first": "01", "last": f"{episode + 4:02}",
        "n": absolute, "nnn": f"{absolute:03}",
        "Y": day.year, "M": f"{day.month:02}", "D": f"{day.day:02}", "m": day.month, "d": day.day, "yy": f"{day.year % 100:02}",
        "month": MONTHS[day.month - 1], "mon": MONTHS[day.month - 1][:3], "part": luck.randint(1, 2),
        "edition": luck.choice(EDITIONS), "g": luck.choice(GROUPS), "sub": luck.choice(FANSUBBERS),
        "h": f"{luck.getrandbits(32):08X}", "site": luck.choice(SITES), "id": luck.randint(10000, 999999), "video": "dQ3w-kFb_Zc",
    }  # fmt: skip
    words["name"] = luck.choice(NAMES)
    words["named"] = str(words["name"]).replace(" ", ".").replace("'", "")
    words["edited"] = str(words["edition"]).replace(" ", ".")
    used = set(re.findall(r"\{(\w+)\}", template))
    expect = {"type": "episode" if is_episode else "movie", "title": title} | (
        _numbers(used, season, episode, absolute, day) if is_episode else {"season": None, "episodes": []}
    )
    if "y" in used:
        expect["year"] = year
    if used & {"edition", "edited"}:
        expect["edition"] = words["edition"]
    if "part" in used:
        expect["part"] = words["part"]
    path = re.sub(r"\{(\w+)\}", lambda match: str(words[match[1]]), template)
    return Made(convention, path if re.search(r"\.\w{2,4}$", template) else f"{path}.mkv", expect)


def wrong_fields(expect: Mapping[str, Any], line: Mapping[str, Any]) -> set[str]:
    """Which of the asserted fields a line (`as_line`) has otherwise. Numbers count together (`numbers`); a number without a
    season may also be one counted through all, and a year may stand with a series' title."""
    titles = {key(expect["title"]), key(f"{expect['title']} {expect.get('year')}")}
    wrong = {"title"} if key(line.get("title", "")) not in titles else set[str]()
    wrong |= {field for field in ("type", "year", "part") if field in expect and line.get(field) != expect[field]}
    if "edition" in expect and key(expect["edition"])[:7] not in key(line.get("edition", "")):
        wrong.add("edition")
    said = (line.get("season"), line.get("episodes", []), line.get("absolute_episodes", []))
    alike = {
        "season": [(expect.get("season"), expect.get("episodes", []), expect.get("absolute_episodes", []))],
        "absolute_episodes": [(None, [], expect.get("absolute_episodes")), (None, expect.get("absolute_episodes"), [])],
    }
    if expect.get("season") is None and expect.get("episodes"):
        alike["season"].append((None, [], expect["episodes"]))
    if "air_date" in expect:
        wrong |= {"numbers"} if line.get("air_date") != expect["air_date"] or said[1] else set()
    elif (
        said
        not in alike["season" if expect.get("episodes") or "absolute_episodes" not in expect else "absolute_episodes"]
    ):
        wrong.add("numbers")
    return wrong


def _numbers(used: set[str], season: int, episode: int, absolute: int, day: date) -> dict[str, Any]:
    if used & {"Y", "yy"}:
        return {"air_date": day.isoformat()}
    if used & {"n", "nnn"} and not used & {"e", "ee", "eee"}:
        return {"absolute_episodes": [absolute]}
    episodes = [episode] if used & {"e", "ee", "eee"} else []
    if used & {"f", "ff"}:
        episodes.append(episode + 1)
    if "first" in used:
        episodes = list(range(1, episode + 5))
    seasons: int | list[int] | None = season if used & {"s", "ss"} else None
    counted_twice = {"absolute_episodes": [absolute]} if used & {"n", "nnn"} else {}
    return {"season": list(range(season, season + 4)) if "S" in used else seasons, "episodes": episodes} | counted_twice


def _writable(title: str) -> str:
    """As file systems and people write it."""
    return re.sub(r" +", " ", re.sub(r'[?*"<>|/]', "", title.replace(": ", " - ").replace("·", "-"))).strip()


def _plain(title: str) -> str:
    """As release groups write it: letters, digits and dashes inside of words only."""
    ascii_only = unicodedata.normalize("NFKD", title.replace("&", "and")).encode("ascii", "ignore").decode()
    return re.sub(r" +", " ", re.sub(r"[^\w -]|(?<= )-(?= )", "", ascii_only.replace(".", " "))).strip()


def _article_behind(title: str) -> str:
    article, _, rest = title.partition(" ")
    return f"{rest}, {article}" if article in ("The", "A", "An") and rest else title
