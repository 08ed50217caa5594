"""How a million files lie on real shelves: films in folders of their own, series in seasons of 10 to 24, home films by year.

Made up, and the same in each run. `laid_out` gives rows table by table, in an order in which each may refer to those before.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from mediastead.db.text import folded
from mediastead.files.paths import path_hash

NOW = "2026-03-01 12:00:00.000000"
AT_ONCE = 20_000
"""Files of which rows are gathered before they are written."""

Row = tuple[Any, ...]


class Shelf(NamedTuple):
    name: str
    kind: str
    holds: str
    """films | again | series | home; `again` are films of the first shelf as other versions."""
    share: float


SHELVES = (
    Shelf("Films", "movies", "films", 0.22),
    Shelf("Films in 4K", "movies", "again", 0.05),
    Shelf("Series", "series", "series", 0.42),
    Shelf("Anime", "series", "series", 0.21),
    Shelf("Documentaries", "series", "series", 0.06),
    Shelf("Home", "mixed", "home", 0.04),
)
COMMON = (
    "night",
    "river",
    "house",
    "stone",
    "winter",
    "garden",
    "letter",
    "silver",
    "summer",
    "bridge",
    "mirror",
    "island",
)
"""Words that many titles have."""

COLUMNS = {
    "media_item": "id type tmdb_id title alternative_titles sort_key search_text release_date year overview runtime genres "
    '"cast" rating poster ended created_at refreshed_at refresh_due_at',
    "season": "id item_id number title air_date",
    "episode": "id season_id number title air_date runtime overview",
    "folder": "id library_id path path_hash search_text mount_point",
    "media_file": "id library_id folder_id name holds_path hidden search_text media_item_id identification ignore_rule "
    "rule_lifted role part edition version created_at",
    "media_file_episode": "file_id episode_id",
    "unmatched_file": "file_id reason would_match_if group_key proposed ready said found_at resolution resolved_by resolved_at",
}
"""In the order in which they are written."""


def laid_out(files: int) -> Iterator[dict[str, list[Row]]]:
    """So many files with their folders, items and questions, some thousands at a time: rows by table."""
    yield from _Shelves(files).filled()


class _Shelves:
    def __init__(self, files: int) -> None:
        self._wanted = files
        self._random = random.Random(20260301)
        parts = (
            "ka",
            "lo",
            "mir",
            "ten",
            "su",
            "bra",
            "vel",
            "in",
            "dor",
            "sha",
            "pe",
            "rok",
            "ul",
            "fen",
            "gra",
            "to",
        )
        rare = {"".join(self._random.choices(parts, k=self._random.randint(2, 4))) for _ in range(4000)}
        self._words = [*COMMON, *sorted(rare)]
        self._weights = [1 / (place + 12) for place in range(len(self._words))]
        self._rows: dict[str, list[Row]] = defaultdict(list)
        self._last: dict[str, int] = defaultdict(int)
        self._films: list[tuple[int, str, int]] = []
        self._titles: set[str] = set()

    def filled(self) -> Iterator[dict[str, list[Row]]]:
        end = 0.0
        for number, shelf in enumerate(SHELVES, start=1):
            end += shelf.share
            fill = {"films": self._film, "again": self._film_again, "series": self._series, "home": self._home}[
                shelf.holds
            ]
            while self._last["media_file"] < round(self._wanted * end):
                fill(number)
                if len(self._rows["media_file"]) >= AT_ONCE:
                    yield self._taken()
        yield self._taken()

    def _taken(self) -> dict[str, list[Row]]:
        rows, self._rows = self._rows, defaultdict(list)
        return rows

    def _film(self, library_id: int) -> None:
        title, year = self._title(), self._random.randint(1930, 2025)
        item = self._item("movie", title, year)
        self._films.append((item, title, year))
        folder = self._folder(library_id, f"{title} ({year})")
        fate, kind = self._fate(), self._random.random()
        names: list[tuple[str, int | None, str | None]] = [("1080p.BluRay.x264", None, None)]
        if kind < 0.05:
            names.append(("2160p.WEB-DL.x265", None, None))
        elif kind < 0.07:
            names = [("1080p.Extended.BluRay.x264", None, "Extended"), ("1080p.BluRay.x264", None, None)]
        elif kind < 0.085:
            names = [("CD1.DVDRip.XviD", 1, None), ("CD2.DVDRip.XviD", 2, None)]
        dotted = title.replace(" ", ".")
        for tail, part, edition in names:
            self._file(
                library_id, folder, f"{dotted}.{year}.{tail}-GRP.mkv", fate, item, "feature", title, part, edition
            )
        if self._random.random() < 0.04:
            beneath = self._folder(library_id, f"{title} ({year})/Extras")
            for number in range(self._random.randint(1, 4)):
                self._file(library_id, beneath, f"Featurette {number + 1}.mkv", "matched", item, "extra", title)
        if self._random.random() < 0.02:
            self._file(library_id, folder, f"sample-{dotted}.mkv", "ignored", None, None, title)

    def _film_again(self, library_id: int) -> None:
        item, title, year = self._films.pop(self._random.randrange(len(self._films)))
        folder = self._folder(library_id, f"{title} ({year})")
        name = f"{title.replace(' ', '.')}.{year}.2160p.UHD.BluRay.x265-GRP.mkv"
        self._file(library_id, folder, name, self._fate(), item, "feature", title)

    def _series(self, library_id: int) -> None:
        title, year = self._title(), self._random.randint(1970, 2024)
        item = self._item("series", title, year)
        dotted = title.replace(" ", ".")
        for number in range(1, min(12, 1 + int(self._random.expovariate(0.45))) + 1):
            season = self._number("season")
            first = min(year + number - 1, 2026)
            self._rows["season"].append((season, item, number, None, f"{first}-02-01"))
            folder = self._folder(library_id, f"{title} ({year})/Season {number:02}")
            fate = self._fate()
            if fate == "ignored":
                fate = "matched"
            held: list[int] = []
            for episode in range(1, self._random.randint(10, 24) + 1):
                episode_id = self._number("episode")
                aired = f"{first}-{2 + episode // 4:02}-{1 + episode % 4 * 7:02}"
                self._rows["episode"].append(
                    (episode_id, season, episode, f"Part {episode}", aired, 45, "What happens. " * 8)
                )
                held.append(episode_id)
                chance = self._random.random()
                if chance < 0.04:
                    held = []
                    continue  # nobody has it
                if chance < 0.07 and len(held) == 1:
                    continue  # in one file with the next one
                said = "".join(f"E{episode - back:02}" for back in reversed(range(len(held))))
                for tail in ("1080p.WEB.h264", "720p.HDTV.x264") if chance > 0.98 else ("1080p.WEB.h264",):
                    name = f"{dotted}.S{number:02}{said}.{tail}-GRP.mkv"
                    file_id = self._file(library_id, folder, name, fate, item, "episode", f"{title} season {number}")
                    if fate == "matched":
                        self._rows["media_file_episode"] += [(file_id, one) for one in held]
                held = []

    def _home(self, library_id: int) -> None:
        title, year = self._title(), self._random.randint(1995, 2025)
        folder = self._folder(library_id, f"{year}/{title}")
        fate = self._random.choices(("dismissed", "matched", "unmatched"), (75, 20, 5))[0]
        item = self._item("movie", title, year, by_hand=True) if fate == "matched" else None
        for _ in range(self._random.randint(2, 30)):
            name = f"VID_{year}{self._random.randint(101, 1231):04}_{self._last['media_file']}.mp4"
            self._file(library_id, folder, name, fate, item, "feature", title)

    def _file(
        self,
        library_id: int,
        folder: int,
        name: str,
        fate: str,
        item: int | None,
        role: str | None,
        shared: str,
        part: int | None = None,
        edition: str | None = None,
    ) -> int:
        file_id = self._number("media_file")
        matched, rule = fate == "matched", "a sample" if fate == "ignored" else None
        row = (
            file_id,
            library_id,
            folder,
            name.encode(),
            True,
            False,
            folded(name),
            item if matched else None,
            fate,
            rule,
        )
        more = (False, role if matched else None, part, edition, 1, NOW)
        self._rows["media_file"].append((*row, *more))
        asked = fate == "unmatched"
        if asked or (matched and self._random.random() < 0.03):
            ready = self._random.random() < 0.6
            proposed = {"type": "movie", "tmdb_id": 1, "title": shared, "year": 1999, "role": "feature", "episodes": []}
            reason = self._random.choice(("no_match", "low_confidence", "ambiguous", "episode_not_found"))
            key = f"{path_hash(f'{library_id} {shared}'.encode()).hex()[:12]} {shared}"
            told = json.dumps(proposed), ready, '{"seasons": [1], "episodes": [2]}', NOW
            ended = (None, None, None) if asked else ("matched", "local", NOW)
            self._rows["unmatched_file"].append((file_id, reason, "A year in the name.", key, *told, *ended))
        return file_id

    def _item(self, type: str, title: str, year: int, *, by_hand: bool = False) -> int:
        item = self._number("media_item")
        names = [f"{title} {word}" for word in ("II", "the film") if self._random.random() < 0.3]
        folded_title = folded(title)
        row = (
            item,
            type,
            None if by_hand else item,
            title,
            json.dumps(names),
            folded_title,
            folded(" ".join([title, *names])),
        )
        overview = "Somebody comes home and finds that nothing is where it was. " * 5
        facts = (
            f"{year}-06-15",
            year,
            overview,
            100,
            '["Drama"]',
            '["A Person", "Another One"]',
            6.5,
            "/poster.jpg",
            False,
        )
        self._rows["media_item"].append((*row, *facts, NOW, NOW, None if by_hand else "2026-04-01 12:00:00.000000"))
        return item

    def _folder(self, library_id: int, path: str) -> int:
        folder, raw = self._number("folder"), path.encode()
        self._rows["folder"].append((folder, library_id, raw, path_hash(raw), folded(path), False))
        return folder

    def _title(self) -> str:
        """One that no other item has, so that no two share a folder."""
        while True:
            count = self._random.choice((1, 2, 2, 2, 3, 3, 4))
            title = " ".join(self._random.choices(self._words, self._weights, k=count)).title()
            if title not in self._titles:
                self._titles.add(title)
                return title

    def _fate(self) -> str:
        return self._random.choices(("matched", "unmatched", "pending", "dismissed", "ignored"), (978, 10, 2, 5, 5))[0]

    def _number(self, table: str) -> int:
        self._last[table] += 1
        return self._last[table]
