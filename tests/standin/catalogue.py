"""The titles that the stand-in knows, in TMDB's shapes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from mediastead.db.text import folded


@dataclass
class Title:
    kind: str
    """`movie` or `tv`."""
    id: int
    title: str
    date: str
    original: str = ""
    alternative: tuple[str, ...] = ()
    translated: tuple[str, ...] = ()
    imdb: str | None = None
    tvdb: int | None = None
    runtime: int = 0
    votes: int = 1000
    seasons: dict[int, int] = field(default_factory=dict)
    """Number of episodes by number of season."""
    runtimes: tuple[int, ...] = ()
    """Minutes of each episode of a season; 50 where it says none."""
    extra: dict[str, Any] = field(default_factory=dict)
    """Laid over the details."""


DVD, ABSOLUTE, STORY = "5acf93e60e0a26346d0000ce", "5eb730dfca7ec6001f7beb51", "5f1573c81c6aa700377f841f"

TITLES = [
    Title(
        "movie",
        603,
        "The Matrix",
        "1999-03-30",
        imdb="tt0133093",
        runtime=136,
        votes=25_000,
        alternative=("Matriks", "The Matrix"),
    ),
    Title("movie", 604, "The Matrix Reloaded", "2003-05-15", imdb="tt0234215", runtime=138, votes=10_000),
    Title("movie", 11886, "Robin Hood", "1973-11-08", imdb="tt0070608", runtime=83, votes=4000),
    Title("movie", 20662, "Robin Hood", "2010-05-12", imdb="tt0955308", runtime=140, votes=5000),
    Title("movie", 375588, "Robin Hood", "2018-11-21", runtime=116, votes=2000),
    Title(
        "movie",
        129,
        "Spirited Away",
        "2001-07-20",
        original="千と千尋の神隠し",
        alternative=("Sen to Chihiro no kamikakushi",),
        translated=("Chihiros Reise ins Zauberland", ""),
        imdb="tt0245429",
        runtime=125,
    ),
    Title("movie", 900_001, "A Film to Come", ""),
    Title(
        "tv",
        1399,
        "Game of Thrones",
        "2011-04-17",
        imdb="tt0944947",
        tvdb=121361,
        seasons={0: 35, **dict.fromkeys(range(1, 7), 10), 7: 7, 8: 6},
    ),
    Title(
        "tv",
        456,
        "The Long One",
        "1989-12-17",
        seasons=dict.fromkeys(range(39), 2),
        extra={"status": "Returning Series"},
    ),
    Title("tv", 457, "Counted by Years", "2015-01-01", seasons={2015: 3, 2016: 1}),
    *(Title("movie", 500_000 + n, f"Episode {n} of Many", "2000-01-01") for n in range(30)),
]


def searched(titles: Iterable[Title], kind: str, query: str, year: str | None) -> list[dict[str, Any]]:
    """Titles of `kind` of which words begin with all words of the query, the best known first."""
    words = folded(query).split()

    def fits(title: Title) -> bool:
        forms = [folded(form).split() for form in (title.title, title.original, *title.alternative)]
        return any(all(any(word.startswith(mine) for word in form) for mine in words) for form in forms)

    hits = [title for title in titles if title.kind == kind and (not year or title.date[:4] == year) and fits(title)]
    return [listed(title) for title in sorted(hits, key=lambda title: -title.votes)]


def found(titles: Iterable[Title], source: str, value: str) -> dict[str, Any]:
    of = {"imdb_id": lambda title: title.imdb, "tvdb_id": lambda title: title.tvdb and str(title.tvdb)}[source]
    hits = [title for title in titles if of(title) == value]
    return {
        f"{kind}_results": [listed(title) for title in hits if title.kind == kind] for kind in ("movie", "tv", "person")
    }


def details(titles: Iterable[Title], kind: str, id: int, append: Iterable[str]) -> dict[str, Any] | None:
    title = next((title for title in titles if (title.kind, title.id) == (kind, id)), None)
    if title is None:
        return None
    told = listed(title) | {"genres": [{"id": 18, "name": "Drama"}], "backdrop_path": None, "status": "Ended"}
    if kind == "movie":
        told |= {"runtime": title.runtime, "imdb_id": title.imdb}
    else:
        told |= {
            "episode_run_time": [],
            "number_of_seasons": sum(number > 0 for number in title.seasons),
            "seasons": [{**season(title, number), "episodes": None} for number in title.seasons],
        }
        for short in told["seasons"]:
            del short["episodes"]
    told |= title.extra
    for name in append:
        if name.startswith("season/"):
            number = int(name.removeprefix("season/"))
            if number in title.seasons:
                told[name] = season(title, number)
        else:
            told[name] = appended(title, name)
    return told


Places = list[tuple[str, list[tuple[int, int]]]]
"""The parts of an order: name, and season and number of its episodes."""

GROUPS: dict[str, tuple[int, int, str, Places]] = {
    DVD: (
        1399,
        3,
        "DVD Order",
        [
            ("Specials", [(0, 2), (0, 1)]),
            ("Season 1", [(1, 2), (1, 1), *((1, number) for number in range(3, 9))]),
            ("Season 2", [(1, 9), (1, 10), *((2, number) for number in range(1, 11))]),
        ],
    ),
    ABSOLUTE: (
        1399,
        2,
        "Absolute Order",
        [("Specials", [(0, 1)]), ("All", [(season, number) for season in (1, 2, 3) for number in range(1, 11)])],
    ),
    STORY: (1399, 5, "Story Arcs", [("Winter", [(1, 1), (2, 1)]), ("Fire", [(1, 10), (3, 1)])]),
}
"""Episode groups by id: series, type, name and parts. The parts of story arcs are counted from 0, those of others from their
specials or from 1."""


def episode_groups(titles: Iterable[Title], id: int) -> dict[str, Any] | None:
    """`tv/{id}/episode_groups`."""
    if not any((title.kind, title.id) == ("tv", id) for title in titles):
        return None
    rows = [
        {
            "description": "",
            "episode_count": sum(len(episodes) for _, episodes in parts),
            "group_count": len(parts),
            "id": group_id,
            "name": name,
            "network": None,
            "type": kind,
        }
        for group_id, (series, kind, name, parts) in GROUPS.items()
        if series == id
    ]
    return {"results": rows, "id": id}


def episode_group(group_id: str) -> dict[str, Any] | None:
    """`tv/episode_group/{id}`."""
    if group_id not in GROUPS:
        return None
    series, kind, name, parts = GROUPS[group_id]
    groups = [
        {
            "id": f"{group_id}{place}",
            "name": part,
            "order": place,
            "locked": True,
            "episodes": [
                {
                    "air_date": "2011-04-17",
                    "episode_number": number,
                    "id": 63056,
                    "name": f"Episode {number}",
                    "overview": "",
                    "production_code": "",
                    "runtime": 62,
                    "season_number": season,
                    "show_id": series,
                    "still_path": None,
                    "vote_average": 8.0,
                    "vote_count": 0,
                    "order": at,
                }
                for at, (season, number) in enumerate(episodes)
            ],
        }
        for place, (part, episodes) in enumerate(parts)
    ]
    return {
        "description": "",
        "episode_count": sum(len(episodes) for _, episodes in parts),
        "group_count": len(parts),
        "groups": groups,
        "id": group_id,
        "name": name,
        "network": None,
        "type": kind,
    }


def listed(title: Title) -> dict[str, Any]:
    names = (
        ("title", "original_title", "release_date")
        if title.kind == "movie"
        else ("name", "original_name", "first_air_date")
    )
    values = (title.title, title.original or title.title, title.date)
    return dict(zip(names, values, strict=True)) | {
        "id": title.id,
        "original_language": "ja" if title.original else "en",
        "overview": f"About {title.title}.",
        "poster_path": f"/{title.id}.jpg",
        "popularity": 12.5,
        "vote_average": 8.1,
        "vote_count": title.votes,
    }


def season(title: Title, number: int) -> dict[str, Any]:
    episodes = [
        {
            "season_number": number,
            "episode_number": n,
            "name": f"Episode {n}",
            "air_date": "" if n == 2 else f"2001-01-{n % 28 + 1:02}",
            "runtime": title.runtimes[n - 1] if n <= len(title.runtimes) else 50,
            "overview": "",
            "still_path": None,
        }
        for n in range(1, title.seasons[number] + 1)
    ]
    return {"id": 1, "season_number": number, "name": f"Season {number}", "air_date": None, "episodes": episodes}


def appended(title: Title, name: str) -> dict[str, Any]:
    if name == "alternative_titles":
        others = [{"iso_3166_1": "US", "title": other, "type": ""} for other in title.alternative]
        return {"titles" if title.kind == "movie" else "results": others}
    if name == "translations":
        key = "title" if title.kind == "movie" else "name"
        return {"translations": [{"iso_639_1": "de", "data": {key: text}} for text in title.translated]}
    if name == "external_ids":
        return {"imdb_id": title.imdb} | ({"tvdb_id": title.tvdb} if title.kind == "tv" else {})
    if name == "credits":
        cast = [{"name": "Second", "order": 1}, {"name": "First", "order": 0}]
        return {
            "cast": cast,
            "crew": [{"name": "Who Cut", "job": "Editor"}, {"name": "Who Said So", "job": "Director"}],
        }
    raise KeyError(name)
