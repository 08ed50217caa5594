"""Seasons, episodes, absolute numbers and dates on a path."""

from datetime import date

import pytest

from mediastead.parsing import ParsedType

from .reading_paths import numbers_of, read, title_of


@pytest.mark.parametrize(
    ("name", "seasons", "episodes"),
    [
        ("The Harbour - S01E02 - Low Tide.mkv", (1,), (2,)),
        ("the.harbour.s01e02e03.720p.hdtv.mkv", (1,), (2, 3)),
        ("The Harbour S01E04-E06.mkv", (1,), (4, 5, 6)),
        ("The Harbour S02E08-10.mkv", (2,), (8, 9, 10)),
        ("The Harbour S02E08-1080p.mkv", (2,), (8,)),
        ("The HarbourS03E05.mkv", (3,), (5,)),
        ("The.Harbour.S03E05Le.Depart.avi", (3,), (5,)),
        ("The Harbour S03E05b.mkv", (3,), (5,)),
        ("The Harbour SO2E04.avi", (2,), (4,)),
        ("The.Harbour.S0615.mkv", (6,), (15,)),
        ("The Harbour S05E53 - Ep.129.mkv", (5,), (53,)),
        ("The Harbour - 1x02.mkv", (1,), (2,)),
        ("The Harbour [5x04].mkv", (5,), (4,)),
        ("The Harbour 3x13-3x14.mkv", (3,), (13, 14)),
        ("The.Harbour.06x01-03.avi", (6,), (1, 2, 3)),
        ("The Harbour - Season 2 Episode 5 - Storm.mkv", (2,), (5,)),
        ("Hafen - Staffel 3 Folge 7.mkv", (3,), (7,)),
        ("Le Port - Saison 1 Épisode 12.mkv", (1,), (12,)),
        ("El Puerto - Temporada 4 [HDTV][Cap.412].avi", (4,), (12,)),
        ("Порт / Harbour / Сезон: 2 / Серии: 3-5 из 8.avi", (2,), (3, 4, 5)),
        ("The Harbour 2nd Season - 07 [720p].mkv", (2,), (7,)),
        ("The Harbour S2 - 07.mkv", (2,), (7,)),
        ("The Harbour 03-20.avi", (3,), (20,)),
        ("harbour_03_19.avi", (3,), (19,)),
        ("The Harbour - 6.01 - Return.mkv", (6,), (1,)),
        ("The Harbour S01-S04.mkv", (1, 2, 3, 4), ()),
        ("The Harbour - 23.mkv", (), (23,)),
        ("The Harbour Ep 18.mkv", (), (18,)),
        ("The Harbour - 3 of 6.mkv", (), (3,)),
        ("The.Harbour.3of6.Storm.mkv", (), (3,)),
        ("The.Harbour.S01E02.S01E03.mkv", (1,), (2, 3)),
        ("The.Harbour.S01E01+02.mkv", (1,), (1, 2)),
        ("The Harbour - 1x02-03-04 - Storm.mkv", (1,), (2, 3, 4)),
        ("The Harbour E01 E02 E03.mkv", (), (1, 2, 3)),
        ("Tide.Race.2016x03.mkv", (2016,), (3,)),
        ("The.13.Harbours.2014.208.hdtv-grp.mkv", (2,), (8,)),
        ("干潮 第195話.mkv", (), (195,)),
        ("干潮 シーズン2 第3話.mkv", (2,), (3,)),
        ("干潮第二季/07.mp4", (2,), (7,)),
        ("干潮第十二季/07.mp4", (12,), (7,)),
    ],
)
def test_numbers_are_read_as_people_write_them(name: str, seasons: tuple[int, ...], episodes: tuple[int, ...]) -> None:
    assert numbers_of(name) == (seasons, episodes)
    assert read(name).type is ParsedType.EPISODE


@pytest.mark.parametrize(
    "name",
    [
        "12 Angry Gardeners (1988).mkv",
        "The Year 1984 (1999).mkv",
        "Nine 1920x1080.mkv",
        "Room 1408 (2007).mkv",
        "(300) Nights of Rain (2011).mkv",
        "Deep Space 1982-1992 (2003).mkv",
        "Moon Wars Episode 2 The Return of the Tide 2002 1080p BluRay.mkv",
        "Hunting.Season.2.2009.720p.WEB-DL.x265-GRP.mkv",
        "The Quiet Game 2021 WEB-DL H264 DD5.1-S56.mkv",
        "Harbour Part III (1990).mkv",
    ],
)
def test_numbers_of_a_title_are_no_episodes(name: str) -> None:
    parsed = read(name)
    assert (parsed.seasons, parsed.episodes, parsed.absolute_episodes) == ((), (), ())
    assert parsed.type is ParsedType.MOVIE


@pytest.mark.parametrize(
    ("name", "title", "numbers"),
    [
        ("[Quiet-Subs] Lantern Road - 035 (480p) [2A6B4083].mkv", "Lantern Road", (35,)),
        ("[Quiet-Subs]_Lantern_Road_-_07v2_[720p].mkv", "Lantern Road", (7,)),
        ("[Quiet-Subs] Lantern 100 - 09 [1080p].mkv", "Lantern 100", (9,)),
        ("[Quiet-Subs] Lantern Road 2 - 03 [720p].mkv", "Lantern Road 2", (3,)),
        ("[Quiet-Subs] Lantern Road - Night Lights - 04 [480p].mkv", "Lantern Road - Night Lights", (4,)),
        ("[Quiet-Subs] Lantern Road - 01-03 [720p].mkv", "Lantern Road", (1, 2, 3)),
        ("Lantern Road - 1015 [3F2A77B0].mkv", "Lantern Road", (1015,)),
        ("[Quiet-Subs] Lantern Road - 12 END [1080p].mkv", "Lantern Road", (12,)),
    ],
)
def test_fansub_names_count_through_all_seasons(name: str, title: str, numbers: tuple[int, ...]) -> None:
    parsed = read(f"Anime/{name}")
    assert (parsed.titles[0].text, parsed.absolute_episodes) == (title, numbers)
    assert (parsed.seasons, parsed.episodes) == ((), ())


def test_a_fansub_name_with_a_season_counts_in_it() -> None:
    assert numbers_of("[Quiet-Subs] Lantern Road S2 - 05 (1080p) [2A6B4083].mkv") == ((2,), (5,))
    assert numbers_of("Lantern Road/Season 2/[Quiet-Subs] Lantern Road - 05 [1080p].mkv") == ((2,), (5,))


def test_a_large_number_in_the_folder_of_a_late_season_still_counts_through() -> None:
    parsed = read("Lantern Road/Season 9/[Quiet-Subs] Lantern Road - 217 [1080p].mkv")
    assert (parsed.absolute_episodes, parsed.episodes) == ((217,), ())


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Evening Talk - 2016-09-28 - Guest.mkv", date(2016, 9, 28)),
        ("Evening.Talk.2016.09.28.Guest.720p.WEB.x264-GRP.mkv", date(2016, 9, 28)),
        ("Evening Talk 2016 09 28.mkv", date(2016, 9, 28)),
        ("Evening Talk 28.09.2016.mkv", date(2016, 9, 28)),
        ("Evening Talk 20160928.mkv", date(2016, 9, 28)),
    ],
)
def test_dated_episodes_carry_the_day_and_no_number(name: str, shown: date) -> None:
    parsed = read(f"TV/{name}")
    assert (parsed.titles[0].text, parsed.air_date) == ("Evening Talk", shown)
    assert (parsed.seasons, parsed.episodes, parsed.year) == ((), (), None)


def test_an_impossible_date_is_none() -> None:
    assert read("Evening Talk 2016-13-45.mkv").air_date is None


@pytest.mark.parametrize(
    "folder",
    [
        *(
            "Season 02",
            "Season 2 (2014)",
            "Series 2",
            "Saison 2",
            "Staffel 2",
            "2. Staffel",
            "Temporada 2",
            "2ª Temporada",
        ),
        *(
            "Stagione 2",
            "Sezon 2",
            "Säsong 2",
            "Seizoen 2",
            "Сезон 2",
            "season_2",
            "Season 2 [1080p]",
            "2nd Season",
            "第2季",
            "S02",
        ),
    ],
)
def test_the_folder_of_a_season_is_known_in_many_languages(folder: str) -> None:
    parsed = read(f"TV/The Harbour (2010)/{folder}/13.mp4")
    assert (parsed.titles[0].text, parsed.titles[0].year) == ("The Harbour", 2010)
    assert (parsed.seasons, parsed.episodes) == ((2,), (13,))


@pytest.mark.parametrize(
    ("file", "episodes", "episode_title"),
    [
        ("E03.m4v", (3,), None),
        ("ep10.mp4", (10,), None),
        ("Episode 5.mkv", (5,), None),
        ("S02E09.mp4", (9,), None),
        ("2x09.mp4", (9,), None),
        ("04.wmv", (4,), None),
        ("11 - The Anchor.mkv", (11,), "The Anchor"),
        ("5. The Lighthouse.mkv", (5,), "The Lighthouse"),
        ("03-04.mkv", (3, 4), None),
        ("S02E05 - The Lighthouse.mkv", (5,), "The Lighthouse"),
    ],
)
def test_bare_numbers_in_the_folder_of_a_season_are_episodes_of_the_folder_above(
    file: str, episodes: tuple[int, ...], episode_title: str | None
) -> None:
    parsed = read(f"Series/The Harbour/S02/{file}")
    assert (parsed.seasons, parsed.episodes, parsed.episode_title) == ((2,), episodes, episode_title)
    assert title_of(f"Series/The Harbour/S02/{file}") == "The Harbour"


def test_a_series_whose_name_begins_with_a_number_keeps_it() -> None:
    path = "TV/15 Harbours/Season 1/15 Harbours 03.mkv"
    assert title_of(path) == "15 Harbours"
    assert read(path).episodes != (15,)
    assert numbers_of("TV/24/Season 1/24 - S01E04.mkv") == ((1,), (4,))


@pytest.mark.parametrize(
    ("name", "absolute"),
    [
        ("[Quiet-Subs] Lantern Road (9).mkv", (9,)),
        ("[QSUB] Lantern 312v1 [720p/MKV].mkv", (312,)),
        ("Lantern Road [1080p] (001-004) [Complete].mkv", (1, 2, 3, 4)),
    ],
)
def test_numbers_through_all_seasons_stand_in_brackets_too(name: str, absolute: tuple[int, ...]) -> None:
    assert read(name).absolute_episodes == absolute


def test_a_number_of_a_codec_in_brackets_is_no_episode() -> None:
    assert read("[Quiet-Subs] Lantern Road 01 (H.264) [C83164B9].mkv").absolute_episodes == (1,)


def test_the_day_behind_the_numbers_is_kept_beside_them() -> None:
    parsed = read("The Harbour - S02E03 - Storm (14-01-2008).avi")
    assert (parsed.seasons, parsed.episodes, parsed.air_date) == ((2,), (3,), date(2008, 1, 14))


def test_specials_are_episodes_of_season_0() -> None:
    assert numbers_of("TV/The Harbour/Specials/The Harbour - S00E03.mkv") == ((0,), (3,))
    parsed = read("TV/The Harbour/Specials/03 - Reunion.mkv")
    assert (parsed.seasons, parsed.episodes, parsed.role) == ((0,), (3,), None)


def test_a_season_without_an_episode_says_only_that() -> None:
    parsed = read("TV/The Harbour/Season 3/3e91c07ab25d48f6.mkv")
    assert (parsed.titles[0].text, parsed.seasons, parsed.episodes) == ("The Harbour", (3,), ())
    assert read("TV/The Harbour Season 3 Disc 4/title_t05.mkv").seasons == (3,)


def test_every_number_says_who_read_it() -> None:
    assert read("The Harbour/Season 1/04.mkv").sources["episodes"] == "a number in a folder"
    assert read("[Quiet-Subs] Lantern Road - 07.mkv").sources["absolute_episodes"] == "counted through all seasons"


@pytest.mark.parametrize(
    ("name", "season", "episode"),
    [
        ("Tide Episode 5 Season 2.mkv", 2, 5),
        ("Tide 2. Staffel 5. Folge.mkv", 2, 5),
        ("Tide 2^ Stagione Ep 5.avi", 2, 5),
        ("Tide 2ª Temporada Episódio 5.mkv", 2, 5),
        ("Tide Κύκλος 2 Επεισόδιο 5.mkv", 2, 5),
        ("Tide 시즌2 5화.mkv", 2, 5),
        ("Tide 第2シーズン 第5話.mkv", 2, 5),
        ("Tide T02E05.mkv", 2, 5),
        ("Tide T2 Cap 5.mkv", 2, 5),
        ("Tide S02B05.mkv", 2, 5),
        ("Tide St.2 Ep.05.mkv", 2, 5),
        ("Tide S2 #5.mkv", 2, 5),
        ("Tide - 2-05 - Name.avi", 2, 5),
        ("Tide - Series 2 - 05 Name.mkv", 2, 5),
        ("Tide/Season 2/205 - Name.mkv", 2, 5),
    ],
)
def test_season_and_episode_stand_beside_words_of_many_languages_in_any_order(
    name: str, season: int, episode: int
) -> None:
    assert (title_of(name), *numbers_of(name)) == ("Tide", (season,), (episode,))


@pytest.mark.parametrize(
    "name",
    [
        "Tide 28 September 2016.mkv",
        "Tide September 28, 2016.mkv",
        "Tide 2016 Sep 28.mkv",
        "Tide_16.09.28_20-15_kanal_60_TVOON_DE.mpg.avi",
        "Tide_20160928_2015.ts",
        "2016-09-28_20-15_Tide.ts",
    ],
)
def test_days_are_written_in_words_and_by_recorders(name: str) -> None:
    assert (title_of(name), read(name).air_date) == ("Tide", date(2016, 9, 28))
