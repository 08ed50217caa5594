"""Paths made from a catalogue's titles in further ways of naming files, as labels beside those of the corpus.

The corpus has 37 ways of naming; people have more. Each style here is a list of templates, filled with titles that are drawn
half by popularity and half evenly. Seeded: the same catalogue gives the same paths. What a path says can fit several
titles; those paths are marked `ambiguous`, as in the corpus, and queueing them is right.
"""

import random
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from respelled import last_article, no_article, other_and, other_numbers, plain

from mediastead.matching.titles import fold, loosen

Title = Mapping[str, Any]
SEED = 4
Spell = Callable[[str, random.Random], str | None]

FILMS: dict[str, tuple[str, ...]] = {
    "f_year_in_front": ("{y} - {t}.mkv", "Movies/[{y}] {t}.mkv", "Films/({y}) {t}/{t}.avi", "Movies/{y} {t}.mp4"),
    "f_language": ("{d}.{y}.German.DL.1080p.BluRay.x264-GRP.mkv", "{d}.German.{y}.AC3.DVDRip.XviD-GRP.avi",
                   "{d}.{y}.MULTi.VFF.1080p.WEB.H265-GRP.mkv", "{t} ({y}) [Castellano].mkv", "{t} {y} iTA ENG AC3.mkv"),
    "f_director": ("Movies/{p} - {t} ({y}).mkv", "{p}/{t} ({y}).mkv", "Movies/{t} ({y}, {p}).mkv", "{t} - {p} ({y}).avi"),
    "f_collection": ("Movies/{w} Collection/{n} {t}.mkv", "{w} Collection/{t} ({y}).mkv", "{w} Trilogy/{n}. {t} ({y})/{t}.mkv",
                     "Movies/{w} Collection/{y} - {t}.mkv"),
    "f_sorted": ("Movies/Action/{t} ({y}).mkv", "Filme/1990s/{t} ({y})/{t} ({y}).mkv", "4K Movies/{t} ({y}).mkv",
                 "Kinderfilme/{t} ({y}).mkv", "media/Filme HD/{t} ({y}).mkv", "NAS/Video/Movies/{t} ({y}).avi"),
    "f_year_folder": ("Movies/{y}/{t}.mkv", "Films/{y}/{t}/{t}.mp4"),
    "f_underscores": ("{u}_{y}.mkv", "Movies/{u}_({y}).mp4", "{u}_{y}_1080p.mkv"),
    "f_joined": ("{j}{y}.mkv", "Movies/{j}.{y}.mkv", "{j} ({y}).mp4"),
    "f_upper": ("{T} ({y}).MKV", "Movies/{T} {y} 1080P.mkv"),
    "f_hyphens": ("{h}-{y}-1080p.mp4", "Movies/{h}-{y}.mkv", "{h}-{y}-dvdrip-xvid.avi"),
    "f_commas": ("Movies/{t}, {y}.mkv", "{t}, {y}, 1080p.mkv", "{t} {{{y}}}.mkv", "{t} - {y}.mkv", "{t}_({y}).mkv"),
    "f_technical": ("{t} ({y}) 1080p x265 10bit AAC 5.1 [Tigole].mkv", "{t} [1080p] [{y}].mp4", "{t}.{y}.3D.HSBS.mkv",
                    "{t} ({y}) [IMDb 7.3] [136min].mkv", "{d}.{y}.2160p.UHD.BluRay.x265.10bit.HDR.TrueHD.7.1.Atmos-GRP.mkv"),
    "f_edition": ("{t} ({y}) Extended Edition.mkv", "{d}.{y}.Directors.Cut.1080p.BluRay.mkv", "{t} [Unrated] ({y}).mkv",
                  "{t} ({y}) {{edition-Final Cut}}.mkv", "{d}.REMASTERED.{y}.720p.mkv", "{t} - Uncut ({y}).avi"),
    "f_parts": ("{t} ({y})/{t} cd1.avi", "Movies/{t} ({y}) - Part 1.mkv", "{d}.{y}.CD2.DVDRip.avi", "{t} ({y}) disc 1.mkv"),
    "f_id": ("{t} ({y}) {{imdb-{i}}}.mkv", "Movies/{t} [{i}].mkv", "{i}.mkv", "Movies/{t} ({y}) [imdbid-{i}]/movie.mkv"),
    "f_junk_file": ("Movies/{t} ({y})/movie.mkv", "{t} ({y})/grp-xyz1080.mkv", "Movies/{t} ({y})/1080p.mp4", "{t} ({y})/{a}.mkv"),
    "f_numbered": ("Movies/{n}. {t} ({y}).mkv", "Top 250/{n} - {t} ({y}).mkv", "Movies/#{n} {t} ({y}).mkv"),
    "f_online": ("{t} {y} full movie.mp4", "Watch {t} ({y}) Online Free.mp4", "{t} ({y}) Full HD Hindi Dubbed.mkv",
                 "{t} {y} HD YouTube.mp4", "[SITE.net] {t} {y} 720p.mkv"),
    "f_studio": ("Movies/Disney/{t} ({y}).mkv", "Disney - {t} ({y}).mkv", "Movies/Criterion/{t} ({y}).mkv", "Marvel/{t} ({y}).mkv"),
    "f_aka": ("{t} - aka {o} ({y}).mkv", "{t} aka {o} ({y}).mkv", "{d}.AKA.{od}.{y}.1080p.BluRay.mkv", "{t} ({o}) ({y}).mkv",
              "{o} ({t}) [{y}].avi"),
    "f_bare_shelf": ("Movies/{t}.mkv", "Films/{t}/{t}.mp4", "Filme/{t}.avi", "Movies/{d}.mkv"),
    "f_bare_root": ("{t}.mkv", "{t}/{t}.mkv", "{d}.avi"),
    "f_bare_release": ("{d}.1080p.BluRay.x264-GRP.mkv", "{t} [720p].mkv", "{t} (HD).mp4", "{t} BDRip.avi"),
}  # fmt: skip
EPISODES: dict[str, tuple[str, ...]] = {
    "s_short_season": ("TV/{t}/S{s}/{e:02} - {name}.mkv", "{t}/S{s:02}/{e:02}.mkv", "{t}/s{s}/{t} {e:02}.avi"),
    "s_letters": ("{t} s{s}e{e}.mkv", "{t} S{s:02} E{e:02}.mkv", "{d}.S{s:02}.E{e:02}.720p.mkv", "{t} - s{s:02}-e{e:02}.mkv",
                  "{j}S{s:02}E{e:02}.mkv", "{t}_S{s:02}_E{e:02}.mp4", "{t} S{s:02}EP{e:02}.mkv", "{t} [S{s:02}E{e:02}].mkv"),
    "s_words": ("{t} Season {s} Episode {e}.mkv", "{t} - Season {s:02} Episode {e:02} - {name}.mkv", "{d}.Season.{s}.Ep.{e}.avi",
                "{t} Staffel {s} Folge {e}.mkv", "{t} Saison {s} Episode {e:02}.avi", "{t} Temporada {s} Capitulo {e}.mkv"),
    "s_digits": ("{d}.{s}{e:02}.HDTV.XviD-LOL.avi", "{t} - {s}{e:02} - {name}.avi", "{l}.{s}{e:02}.hdtv-lol.mp4"),
    "s_x": ("{t} [{s}x{e:02}].avi", "{t} ({s}x{e:02}) {name}.mkv", "{t}/{s}x{e:02} {name}.avi", "{t}.{s:02}x{e:02}.{namedots}.mkv"),
    "s_year": ("{t} ({y}) - S{s:02}E{e:02}.mkv", "{d}.{y}.S{s:02}E{e:02}.1080p.WEB.mkv", "{t} ({y})/Season {s:02}/S{s:02}E{e:02}.mkv",
               "{t} {y} {s}x{e:02}.mkv"),
    "s_country": ("{t} (US) - S{s:02}E{e:02}.mkv", "{d}.US.S{s:02}E{e:02}.720p.mkv", "{t} UK {s}x{e:02}.avi"),
    "s_foreign_folders": ("{t}/Staffel {s}/Folge {e}.mkv", "Serien/{t}/Staffel {s:02}/{e:02} {name}.mkv",
                          "{t}/Temporada {s}/Capitulo {e}.avi", "Séries/{t}/Saison {s}/Episode {e:02}.mkv",
                          "{t}/Stagione {s}/Puntata {e}.mkv", "{t}/Сезон {s}/Серия {e}.avi", "{t}/Season {s}/Ep. {e}.mkv"),
    "s_bare_folders": ("TV/{t}/Season {s}/{e:02}.mkv", "TV/{t}/Season {s}/{e} {name}.mkv", "{t}/Season {s}/{s}{e:02}.avi",
                       "{t} - Season {s}/{e:02} - {name}.mkv", "{t} Season {s}/Episode {e} - {name}.mkv",
                       "{t}/{t} Season {s}/{t} - {e:02}.mkv"),
    "s_name_only": ("TV/{t}/Season {s}/{name}.mkv", "{t}/Season {s:02}/{t} - {name}.mkv"),
    "s_pack": ("{d}.S{s:02}.1080p.BluRay.x264-GRP/{l}.s{s:02}e{e:02}.1080p.bluray.x264-grp.mkv",
               "{d}.S{s:02}.720p.WEB-DL/{e:02}.mkv", "{d}.Season.{s}.Complete.DVDRip/{d}.S{s:02}E{e:02}.avi",
               "{t} - The Complete Season {s}/{t} S{s:02}E{e:02}.mkv", "{d}.S{s:02}.COMPLETE/grp-s{s:02}e{e:02}.mkv"),
    "s_nested": ("TV/Drama/{t}/Season {s}/{t} S{s:02}E{e:02}.mkv", "{t}/Season {s}/Disc 2/{t} S{s:02}E{e:02}.mkv",
                 "{t}/Complete/Season {s}/S{s:02}E{e:02} {name}.mkv", "TV Shows/A-F/{t}/S{s:02}E{e:02}.mkv"),
    "s_lower": ("{l} s{s:02}e{e:02} 720p.mkv", "{u}_s{s:02}e{e:02}.avi", "{h}-s{s:02}e{e:02}-720p.mkv", "{h}-{s}x{e:02}.avi"),
    "s_network": ("HBO - {t} S{s:02}E{e:02}.mkv", "BBC {t} S{s:02}E{e:02}.mkv", "Netflix/{t}/Season {s}/S{s:02}E{e:02}.mkv",
                  "{t} (HBO) {s}x{e:02}.avi"),
    "s_numbers_first": ("TV/{t}/S{s:02}E{e:02} - {t}.mkv", "{s}x{e:02} - {t}.avi", "S{s:02}E{e:02} {t}.mkv",
                        "[{s}x{e:02}] {t} - {name}.mkv"),
    "s_no_article": ("{na} S{s:02}E{e:02}.mkv", "TV/{la}/Season {s}/{la} - S{s:02}E{e:02}.mkv", "{nad}.S{s:02}E{e:02}.HDTV.mkv"),
}  # fmt: skip
RUNS: dict[str, tuple[str, ...]] = {
    "s_run": ("{t} - {s}x{e:02}-{f:02}.mkv", "{t} S{s:02}E{e:02}-E{f:02}.mkv", "{d}.S{s:02}E{e:02}E{f:02}.720p.mkv",
              "{t} S{s:02}E{e:02}-{f:02}.mkv", "{t} S{s:02}E{e:02}+E{f:02}.mkv", "{d}.{s}x{e:02}.{s}x{f:02}.avi",
              "{t}/Season {s}/{e:02}-{f:02} {name}.mkv", "{t} S{s:02}E{e:02} & E{f:02}.mkv", "{t} s{s:02}e{e:02}_{f:02}.avi"),
}  # fmt: skip
DATED: dict[str, tuple[str, ...]] = {
    "s_date": ("{t} - {Y}.{M:02}.{D:02}.mkv", "{t} {Y}-{M:02}-{D:02} Guest Name.mkv", "{d}.{Y}.{M:02}.{D:02}.720p.WEB.h264-GRP.mkv",
               "{t}/{Y}/{t} - {Y}-{M:02}-{D:02}.mkv", "{t}_{Y}{M:02}{D:02}.mkv", "TV/{t}/Season {s}/{Y}-{M:02}-{D:02}.mkv"),
    "s_date_local": ("{t} {D:02}.{M:02}.{Y}.mkv", "{t} - {D:02}.{M:02}.{Y}.avi", "TV/{t}/{t} ({D:02}-{M:02}-{Y}).mkv"),
}  # fmt: skip
COUNTED: dict[str, tuple[str, ...]] = {
    "s_absolute": ("[Group] {t} - {A:02} [720p].mkv", "[Group]_{u}_-_{A:02}_(h264)_[12AB34CD].mkv", "[Group] {t} - {A:02}v2 [1080p].mkv",
                   "Anime/{t}/{t} - {A:03}.mkv", "Anime/{t}/[Group] {t} {A:02} [BD 1080p].mkv", "[Group] {t} [{A:02}][1080p].mkv"),
    "s_absolute_words": ("{t} Episode {A}.mkv", "{t} Ep{A:03}.avi", "{t} - E{A:02}.mkv", "Anime/{t}/Episode {A:03}.mkv", "{t} #{A}.mp4"),
    "s_fansub_season": ("[Group] {t} S{s} - {e:02} [1080p].mkv", "[Group] {t} {nth} Season - {e:02} (1080p).mkv",
                        "[Group] {t} Season {s} - {e:02}.mkv", "[Group] {t} - S{s:02}E{e:02} [720p].mkv"),
}  # fmt: skip
MINISERIES: dict[str, tuple[str, ...]] = {
    "s_mini": ("{t} Part {e}.mkv", "{t} ({e} of {count}).avi", "{d}.Pt.{e}.720p.mkv", "{d}.{e}of{count}.mkv", "{t}/Part {e}.mkv",
               "{t}/{e:02} {name}.mkv", "TV/{t}/E{e:02}.mkv"),
}  # fmt: skip
EXTRAS: dict[str, tuple[str, ...]] = {
    "x_suffix": tuple(f"Movies/{{t}} ({{y}})/{{t}} ({{y}})-{kind}.mkv" for kind in (
        "behindthescenes", "deleted", "interview", "scene", "short", "other", "deletedscene", "clip", "teaser")),
    "x_folder": tuple(f"Movies/{{t}} ({{y}})/{folder}/The Long Night.mkv" for folder in (
        "Behind The Scenes", "Bonus", "Bonus Features", "Special Features", "Interviews", "Shorts", "Scenes", "Clips", "Deleted",
        "Extra Features", "Bonusmaterial", "Making Of", "Suppléments", "Extras Disc", "Deleted & Extended Scenes", "Bonus Disc")),
    "x_name": ("Movies/{t} ({y})/Making of.mkv", "Movies/{t} ({y})/{t} ({y}) - Making of.mkv", "{t} ({y})/Gag Reel.mkv",
               "{t} ({y})/Bonus - Gag Reel.mkv", "{t} ({y})/Deleted Scenes.mkv", "{t} ({y})/Behind the Scenes.mkv",
               "{t} ({y})/Interview with {p}.mkv", "{t} ({y})/{t} - Bloopers.mkv", "{t} ({y})/Featurette - Stunts.mkv"),
    "x_trailer": ("{t} ({y})/trailer.mp4", "{t} ({y})/{t} ({y}) Trailer.mp4", "{d}.{y}.Trailer.1080p.mkv", "{t} Official Trailer #1 ({y}).mp4",
                  "Movies/{t} ({y})/{t} - Teaser Trailer.mp4", "Trailers/{t} ({y}).mp4", "{t} ({y}) Official Trailer.mkv", "{t} - Trailer.mp4"),
    "x_sample": ("Movies/{d}.{y}.720p/sample-{l}.{y}.720p.mkv", "{d}.{y}.720p-GRP/{l}.{y}.720p-grp.sample.mkv",
                 "{d}.{y}.720p/Sample/grp-xyz.mkv", "{d}.{y}.720p-GRP/{l}-sample.avi"),
}  # fmt: skip
SERIES_EXTRAS: dict[str, tuple[str, ...]] = {
    "x_series": ("TV/{t}/Season {s}/Extras/Gag Reel.mkv", "TV/{t}/Extras/Interviews.mkv", "TV/{t}/Season {s}/Deleted Scenes/S{s:02}E{e:02}.mkv",
                 "TV/{t}/Season {s}/{t} - S{s:02}E{e:02} - Name-behindthescenes.mkv", "TV/{t}/Featurettes/Season {s}/On set.mkv",
                 "[Group] {t} - NCOP1 [1080p].mkv", "[Group] {t} - NCED [1080p].mkv", "Anime/{t}/Extras/[Group] {t} - NCOP01.mkv",
                 "Anime/{t}/[Group] {t} - Creditless Opening [BD].mkv", "{t} S{s:02} Bonus/Making Of.mkv"),
}  # fmt: skip
NONE: dict[str, tuple[str, ...]] = {
    "n_machine": ("DSC_0{k}.MOV", "PXL_2021{k}_123456789.mp4", "MAH0{k}.MP4", "Camera/20190{k}_112233.mp4", "dashcam/FILE{k}-F.MP4",
                  "zoom_{n}.mp4", "Zoom/GMT20210{k}-130000_Recording_1920x1080.mp4", "2020-08-12 18-22-{n}.mkv", "Downloads/videoplayback ({n}).mp4",
                  "RPReplay_Final16{k}22.mp4", "MOVI{k}.avi", "signal-2021-02-{n}-11{k}.mp4", "tmp{k}.mkv", "Aufnahme {n}.mp4"),
    "n_private": ("Family/2012 Xmas/clip{n}.avi", "Wedding Anna & Tom/part {n}.mp4", "Videos/Grandpa 80th birthday.mp4",
                  "Course/{n} - Introduction.mp4", "Udemy/Learn Rust/{n}. Ownership.mp4", "Work/Meeting notes {n}.mp4",
                  "Drone/flight {n}.mp4", "School play 2014.avi", "Kids/Emma first steps.mov", "Lectures/Week {n}.mp4"),
    "n_two": ("{t} ({y}) & {t2} ({y2}).mkv", "Double Feature - {t} + {t2}.mkv"),
}  # fmt: skip
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
            truth = {"path": path, "kind": kind, "style": style, "title": title["title"], "year": title["year"], "tmdb_id": title["id"],
                     "type": "episode" if episodes else "movie", "season": fields.get("season_number"), "episodes": episodes}  # fmt: skip
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
        said_year = fields["title"]["year"] if "{y}" in template else None
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
            "title": title, "t": written, "T": written.upper(), "d": _dotted(written), "l": _dotted(written).lower(), "y": title["year"],
            "u": "_".join(fold(written).split()), "h": "-".join(fold(written).split()),
            "j": "".join(word.capitalize() for word in fold(written).split()), "w": _filed(main), "i": title["imdb_id"],
            "o": other, "od": _dotted(other), "p": self.dice.choice(PEOPLE), "n": self.dice.randrange(1, 9),
            "k": self.dice.randrange(110, 999), "a": written[0].lower(), "na": _filed(article or ""), "nad": _dotted(article or ""),
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
