"""Paths made from a catalogue's titles in further ways of naming files, as labels beside those of the corpus.

The corpus has 37 ways of naming; people have more. Each style is a list of templates (`naming_templates.py`), filled with
titles that are drawn half by popularity and half evenly. Seeded: the same catalogue gives the same paths. What a path says can
fit several titles; those paths are marked `ambiguous`, as in the corpus, and queueing them is right.
"""

import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from naming_templates import COUNTED, DATED, EPISODES, EXTRAS, FILMS, MINISERIES, NONE, RUNS, SERIES_EXTRAS
from respelled import last_article, no_article, other_and, other_numbers, plain

from mediastead.matching.titles import fold, loosen

Title = Mapping[str, Any]
SEED = 4
Spell = Callable[[str, random.Random], str | None]

PEOPLE = (
    "Jane Doe",
    "Ridley Scott",
    "Akira Kurosawa",
    "Agnes Varda",
    "John Smith",
    "Stanley Kubrick",
    "M. Night Shyamalan",
    "Kubrick",
)
NEAR_KEYS = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wertyuioiosdfghjkkxcvbnn", strict=False))


def missing_letter(text: str, dice: random.Random) -> str | None:
    return _slip(text, dice, lambda word, at: word[:at] + word[at + 1 :])


def doubled_letter(text: str, dice: random.Random) -> str | None:
    return _slip(text, dice, lambda word, at: word[:at] + word[at] + word[at:])


def swapped_letters(text: str, dice: random.Random) -> str | None:
    return _slip(text, dice, lambda word, at: word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :])


def neighbouring_key(text: str, dice: random.Random) -> str | None:
    return _slip(text, dice, lambda word, at: word[:at] + NEAR_KEYS.get(word[at], "x") + word[at + 1 :])


def _slip(text: str, dice: random.Random, change: Callable[[str, int], str]) -> str | None:
    words = text.split()
    places = [place for place, word in enumerate(words) if len(word) > 3 and word.isalpha() and word.isascii()]
    if not places or len(text) < 6:
        return None
    place = dice.choice(places)
    words[place] = change(words[place], dice.randrange(1, len(words[place])))
    changed = " ".join(words)
    return changed if fold(changed) != fold(text) else None


def bare_of_apostrophes(text: str, dice: random.Random) -> str | None:
    return text.replace("'", dice.choice(("", " ", "_"))) if "'" in text else None


def without_accents(text: str, dice: random.Random) -> str | None:
    stripped = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return stripped if stripped != text and len(stripped) >= len(text) else None


def german_spelling(text: str, dice: random.Random) -> str | None:
    spelled = text.translate(
        str.maketrans(
            {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ø": "oe", "å": "aa"}
        )
    )
    return spelled if spelled != text else None


def lonely(spell: Callable[[str], str | None]) -> Spell:
    return lambda text, dice: spell(text)


SPELLINGS: dict[str, Spell] = {
    "missing": missing_letter,
    "doubled": doubled_letter,
    "swapped": swapped_letters,
    "neighbour": neighbouring_key,
    "apostrophe": bare_of_apostrophes,
    "accents": without_accents,
    "german": german_spelling,
    "numbers": lonely(lambda title: None if title.split()[0].isdigit() else other_numbers(title)),
    "and": lonely(other_and),
    "article_last": lonely(last_article),
    "no_article": lonely(no_article),
    "plain": lonely(plain),
}
SPELLED_FILMS = ("{t} ({y}).mkv", "{d}.{y}.1080p.BluRay.x264-GRP.mkv", "Movies/{t} ({y})/{t}.mkv")
SPELLED_EPISODES = (
    "{t} S{s:02}E{e:02}.mkv",
    "{d}.S{s:02}E{e:02}.720p.WEB.x264-GRP.mkv",
    "TV/{t}/Season {s}/S{s:02}E{e:02}.mkv",
)


def in_other_styles(titles: Sequence[Title], count: int) -> Iterator[dict[str, Any]]:
    """`count` paths of each style at most."""
    maker = _Maker(titles)
    for table, draw in (
        (FILMS, maker.film), (EPISODES, maker.episode), (RUNS, maker.run), (DATED, maker.dated), (COUNTED, maker.counted),
        (MINISERIES, maker.mini), (EXTRAS, maker.film), (SERIES_EXTRAS, maker.episode), (NONE, maker.film),
    ):  # fmt: skip
        kind = "extra" if table in (EXTRAS, SERIES_EXTRAS) else "none" if table is NONE else "main"
        for style, templates in table.items():
            yield from maker.made(style, templates, draw, count, kind)
    for name, spell in SPELLINGS.items():
        yield from maker.made(f"f_{name}", SPELLED_FILMS, maker.film, count, "main", spell)
        yield from maker.made(f"s_{name}", SPELLED_EPISODES, maker.episode, count, "main", spell)


class _Maker:
    def __init__(self, titles: Sequence[Title]) -> None:
        self.dice = random.Random(SEED)
        by_type: dict[str, list[Title]] = defaultdict(list)
        for title in sorted(
            (title for title in titles if title["year"]), key=lambda title: (title["type"], title["id"])
        ):
            by_type[title["type"]].append(title)
        self.films, self.series = by_type["movie"], [each for each in by_type["tv"] if _regular(each)]
        self.votes = {id(pool): [title["vote_count"] for title in pool] for pool in (self.films, self.series)}
        self.namesakes: dict[str, list[Title]] = defaultdict(list)
        for title in self.films + by_type["tv"]:
            for form in {loosen(fold(name)) for name in _names(title)}:
                self.namesakes[form].append(title)

    def made(
        self, style: str, templates: Sequence[str], draw: Callable[[Spell | None], dict[str, Any] | None], count: int, kind: str,
        spell: Spell | None = None,
    ) -> Iterator[dict[str, Any]]:  # fmt: skip
        done = 0
        for _ in range(count * 80):
            fields = draw(spell)
            template = templates[done % len(templates)]
            if fields is None or not all(
                fields.get(name.split(":")[0]) for name in re.findall(r"(?<!\{)\{([^{}]+)\}", template)
            ):
                continue
            path = template.format(**fields)
            title, episodes = fields["title"], fields["episodes"]
            truth = {"path": path, "kind": kind, "style": style,
                "is_made": True, "title": title["title"], "year": title["year"],
                "tmdb_id": title["id"],
                     "type": "episode" if episodes else "movie", "season": fields.get("season_number"),
                         "episodes": episodes}  # fmt: skip
            fitting = self.fitting(fields, template)
            if title["id"] not in fitting and spell is None:
                continue
            if spell is not None and any(each != title["id"] for each in fitting):
                continue  # it is written as something else is called
            yield {**truth, "ambiguous": sorted(fitting) if len(fitting) > 1 else None}
            done += 1
            if done == count:
                return

    def fitting(self, fields: Mapping[str, Any], template: str) -> set[int]:
        """The titles that fit what the path says."""
        said_year = fields["title"]["year"] if "{y}" in template else fields["ny"] if "{ny}" in template else None
        film = not fields["episodes"]
        fits: set[int] = set()
        forms = {loosen(fold(fields["t"]))} | {loosen(fold(name)) for name in _names(fields["title"])}
        for each in (each for form in forms for each in self.namesakes[form]):
            if said_year and abs(each["year"] - said_year) > 1:
                continue
            if not film and (each["type"] == "movie" or not _has(each, fields)):
                continue
            if film and each["type"] == "tv" and re.match(r"(?:\w+/)?(?:Movies|Films|Filme)/", template):
                continue
            fits.add(each["id"])
        return fits

    def _draw(self, pool: list[Title]) -> Title:
        return self.dice.choices(pool, self.votes[id(pool)])[0] if self.dice.random() < 0.5 else self.dice.choice(pool)

    def film(self, spell: Spell | None) -> dict[str, Any] | None:
        title, second = self._draw(self.films), self._draw(self.films)
        fields = self._fields(title, spell)
        return fields and fields | {"episodes": [], "t2": _filed(second["title"]), "y2": second["year"]}

    def episode(self, spell: Spell | None) -> dict[str, Any] | None:
        title = self._draw(self.series)
        season = self.dice.choice(_regular(title))
        episode = self.dice.choice(season["episodes"])
        fields = self._fields(title, spell)
        name = _filed(episode["name"] or "")
        nth = {1: "1st", 2: "2nd", 3: "3rd"}.get(season["number"], f"{season['number']}th")
        return fields and fields | {
            "s": season["number"], "e": episode["number"], "season_number": season["number"], "episodes": [episode["number"]],
            "name": name, "namedots": name.replace(" ", "."), "nth": nth, "count": len(season["episodes"]),
        }  # fmt: skip

    def run(self, spell: Spell | None) -> dict[str, Any] | None:
        fields = self.episode(spell)
        if fields is None or fields["e"] + 1 > fields["count"]:
            return None
        return fields | {"f": fields["e"] + 1, "episodes": [fields["e"], fields["e"] + 1]}

    def dated(self, spell: Spell | None) -> dict[str, Any] | None:
        fields = self.episode(spell)
        if fields is None or fields["title"].get("tv_type") not in (
            "Talk Show",
            "News",
            "Variety",
            "Game Show",
            "Reality",
        ):
            return None
        days: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for season in _regular(fields["title"]):
            for episode in season["episodes"]:
                days[episode["air_date"] or ""].append((season["number"], episode["number"]))
        day = next((day for day, shown in days.items() if (fields["s"], fields["e"]) in shown and len(shown) == 1), "")
        if not day:
            return None
        year, month, number = map(int, day.split("-"))
        return None if number <= 12 and number != month else fields | {"Y": year, "M": month, "D": number}

    def counted(self, spell: Spell | None) -> dict[str, Any] | None:
        fields = self.episode(spell)
        if fields is None or fields["title"].get("tv_type") != "Animation":
            return None
        before = sum(len(season["episodes"]) for season in _regular(fields["title"]) if season["number"] < fields["s"])
        return fields | {"A": before + fields["e"]}

    def mini(self, spell: Spell | None) -> dict[str, Any] | None:
        fields = self.episode(spell)
        return fields if fields and len(_regular(fields["title"])) == 1 and fields["count"] <= 8 else None

    def _fields(self, title: Title, spell: Spell | None) -> dict[str, Any] | None:
        written = _filed(spell(title["title"], self.dice) or "" if spell else title["title"])
        if len(written) < 2:
            return None
        others = [name for name in _names(title) if fold(name) != fold(title["title"]) and name.isascii()]
        other = _filed(self.dice.choice(others)) if others else ""
        main = re.split(r"[:\-\d]", title["title"])[0].strip() or written
        article = no_article(title["title"])
        return {
            "title": title, "t": written, "T": written.upper(), "d": _dotted(written), "l": _dotted(written).lower(),
                "y": title["year"],
            "ny": title["year"] + self.dice.choice((-1, 1)),
            "u": "_".join(fold(written).split()), "h": "-".join(fold(written).split()),
            "j": "".join(word.capitalize() for word in fold(written).split()), "w": _filed(main), "i": title["imdb_id"],
            "o": other, "od": _dotted(other), "p": self.dice.choice(PEOPLE), "n": self.dice.randrange(1, 9),
            "k": self.dice.randrange(110, 999), "a": written[0].lower(), "na": _filed(article or ""),
                "nad": _dotted(article or ""),
            "la": _filed(last_article(title["title"]) or ""),
        }  # fmt: skip


def _names(title: Title) -> list[str]:
    return [name for name in (title["title"], title["original_title"], *title["alternative_titles"]) if name]


def _regular(title: Title) -> list[Any]:
    return [season for season in title.get("seasons") or [] if season["number"] > 0 and season["episodes"]]


def _has(title: Title, fields: Mapping[str, Any]) -> bool:
    return any(
        season["number"] == fields["season_number"]
        and {e["number"] for e in season["episodes"]} >= set(fields["episodes"])
        for season in _regular(title)
    )


def _filed(text: str) -> str:
    """As a file system takes it."""
    return re.sub(r'[<>"/\\|?*]', "", text.replace(":", " -")).strip(" .")


def _dotted(text: str) -> str:
    return re.sub(r"[^\w&']+", ".", text).strip(".")
