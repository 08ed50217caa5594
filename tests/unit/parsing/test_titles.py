"""Titles, years, editions, parts: which of the words on a path are the title."""

import pytest

from mediastead.parsing import ParsedType

from .reading_paths import read, title_of


@pytest.mark.parametrize(
    ("path", "title", "year"),
    [
        ("Movies/Low Tide (1999)/Low Tide (1999).mkv", "Low Tide", 1999),
        ("Low.Tide.1999.1080p.BluRay.x264-GRP.mkv", "Low Tide", 1999),
        ("Films/low_tide_1999.avi", "low tide", 1999),
        ("Low Tide - A Harbour Story (2003).mkv", "Low Tide - A Harbour Story", 2003),
        ("The Tides Part 2 (2012) 1080p.mkv", "The Tides Part 2", 2012),
        ("Johnny.Tide.English.2003.1080p.BluRay.x264-GRP.mkv", "Johnny Tide English", 2003),
        ("The Good German Harbour (2006).mkv", "The Good German Harbour", 2006),
        ("Tide.German.2014.DL.1080p.BluRay.x264-GRP.mkv", "Tide", 2014),
        ("Spider Web (2006).mkv", "Spider Web", 2006),
        ("Deep Tide 3D (2011).mp4", "Deep Tide 3D", 2011),
        ("Gill & Perch (Drowned) (1969).mkv", "Gill & Perch (Drowned)", 1969),
        ("The Tide (Drama 1969) Some Actor 720p.mkv", "The Tide", 1969),
        ("Tide 2049 (2017).mkv", "Tide 2049", 2017),
        ("Tides, The (2001).mkv", "The Tides", 2001),
        ("S.T.I.R.2013.720p.mkv", "S.T.I.R", 2013),
        ("2031.1080p.BluRay.x264-GRP/2031.1080p.BluRay.x264-GRP.mkv", "2031", None),
    ],
)
def test_a_title_goes_on_to_the_first_thing_that_is_none(path: str, title: str, year: int | None) -> None:
    assert (title_of(path), read(path).year) == (title, year)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("www.some-site.org - Low.Tide.2018.720p.DVDRip.x264-GRP.mkv", "Low Tide"),
        ("[ www.some-site.org ] - Low.Tide.2018.720p.mkv", "Low Tide"),
        ("[some.site.net] Low.Tide.2018.mkv", "Low Tide"),
        ("Low Tide full movie.mp4", "Low Tide"),
        ("Low Tide - full film HD.mp4", "Low Tide"),
        ("Low Tide german dubbed.mkv", "Low Tide"),
        ("Low Tide uncut version.mkv", "Low Tide"),
        ("Low Tide [English].mp4", "Low Tide"),
        ("Dubbed in Harbour (2001).mkv", "Dubbed in Harbour"),
        ("My Full Movie Life (2001).mkv", "My Full Movie Life"),
    ],
)
def test_advertisements_and_remarks_are_no_title(name: str, title: str) -> None:
    assert title_of(f"Downloads/{name}") == title


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Ebbe (Low Tide) 1999 DVDRip.mkv", "Ebbe"),
        ("Ebbe.(Low.Tide).DVDRip.x264-GRP.mkv", "Ebbe"),
        ("Low Tide - Drama 2011 Eng 720p.mkv", "Low Tide"),
        ("Low Tide - International Cut (2018) 720p.mkv", "Low Tide"),
        ("Low Tide - (Jane DOE) - 1948 - Dvdrip-x264.mkv", "Low Tide"),
        ("Low Tide Audio Latino DVDRip.avi", "Low Tide"),
        ("Low.Tide.INTEGRALE.MULTI.BLURAY-GRP.mkv", "Low Tide"),
        ("BBC.When.Low.Tide.Came.1080p.HDTV.x265.mkv", "When Low Tide Came"),
        ("Fr - Low Tide (2005).avi", "Low Tide"),
        ("Harbour_Man-f12-Low_Tide.mkv", "Low Tide"),
        ("Harbour_Man-x02-Making_Of.mkv", "Harbour Man"),
        ("[Quiet]_[Subs][XviD]_Low_Tide_Ep01_(a1fc58a7).avi", "Low Tide"),
        ("37 [Quiet]_Low_Tide_-_37v2_[XviD][6FA7D273].avi", "Low Tide"),
        ("8 Bit Tide (2021) HDRip.mkv", "8 Bit Tide"),
        ("[Quiet-Subs] Low Tide Complete Version (720p x264) [3ABD57E6].mp4", "Low Tide"),
        ("[Quiet][Low Tide][Movie][BDRip][1080P].mkv", "Low Tide"),
        ("UFC.239.PPV.Gill.vs.Perch.HDTV.x264-GRP.mkv", "UFC 239 Gill vs Perch"),
        ("The Low Tide Trilogy.mkv", "The Low Tide Trilogy"),
    ],
)
def test_what_releases_write_beside_a_title_is_none_of_it(name: str, title: str) -> None:
    assert title_of(name) == title


def test_the_longer_reading_stays_as_an_alternative() -> None:
    assert "Ebbe (Low Tide)" in readings("Ebbe (Low Tide) 1999 DVDRip.mkv")
    assert "Low Tide" in readings("Ebbe (Low Tide) 1999 DVDRip.mkv")
    assert "BBC When Low Tide Came" in readings("BBC.When.Low.Tide.Came.1080p.HDTV.x265.mkv")


def readings(path: str) -> list[str]:
    return [title.text for title in read(path).titles]


def test_other_readings_of_a_title_are_kept_behind_the_first() -> None:
    assert readings("Ebbe (Low Tide) (1999).mkv")[:3] == ["Ebbe (Low Tide)", "Ebbe", "Low Tide"]
    assert readings("Ebbe AKA Low Tide (1999).mkv")[1:3] == ["Ebbe", "Low Tide"]
    assert "Low Tide" in readings("Low Tide - A Harbour Story (2003).mkv")


def test_a_bare_number_at_the_end_may_also_be_the_last_word_of_the_title() -> None:
    assert readings("TV/Sealand 2021/Season 1/E15.mkv") == ["Sealand", "Sealand 2021"]
    assert [title.year for title in read("Sealand 2021.mkv").titles] == [2021, None]
    assert readings("Downloads/Harbour 13.mkv") == ["Harbour", "Harbour 13"]
    assert readings("Sealand (2021).mkv") == ["Sealand"]
    assert readings("Sealand.2021.1080p.WEB.x264-GRP.mkv") == ["Sealand"]


def test_of_two_scripts_the_latin_one_comes_first_and_the_other_stays() -> None:
    assert readings("Отлив / Low Tide (1999) BDRip.mkv")[0] == "Low Tide"
    assert "Отлив" in readings("Отлив / Low Tide (1999) BDRip.mkv")
    assert readings("干潮 Low Tide.2019.1080p.mkv")[0] == "Low Tide"


@pytest.mark.parametrize("title", ["Отлив", "干潮", "الجزر", "썰물", "Åsa och Östen", "Маре́"])
def test_titles_of_any_script_are_read(title: str) -> None:
    assert title_of(f"Films/{title} (2004).mkv") == title
    assert title_of(f"TV/{title} - S02E03.mkv") == title


def test_the_folder_gives_the_year_that_the_file_lacks() -> None:
    parsed = read("Movies/Low Tide (1999)/Low Tide.mkv")
    assert [(title.text, title.source, title.year) for title in parsed.titles] == [("Low Tide", "file", 1999)]
    assert parsed.type is ParsedType.MOVIE


def test_a_shortened_file_in_the_folder_of_a_release_has_the_folders_title() -> None:
    path = "Movies/Low.Tide.At.Dawn.2010.DVDRip.XviD-GRP/grp-ltad.avi"
    assert (title_of(path), read(path).year) == ("Low Tide At Dawn", 2010)


@pytest.mark.parametrize(
    "path",
    [
        "Films/Low Tide (1999)/a.mkv",
        "Films/Low Tide (1999)/ebb.mkv",
        "Films/Low.Tide.1999.LiMiTED.720p.BluRay.x264-GRP/grp-lowt.720p.x264.mkv",
        "Films/Low.Tide.1999.720p.BluRay.x264-GRP/XD617ebb-BRc59935-5155473f-1c5f49.mkv",
        "Films/Low.Tide.1999.720p.BluRay.x264-GRP/PRG-462x.p027.9991.ediT.woL.mkv",
    ],
)
def test_a_file_that_says_less_has_the_title_of_its_folder(path: str) -> None:
    assert (title_of(path), read(path).year) == ("Low Tide", 1999)


def test_films_in_the_folder_of_a_collection_keep_their_own_titles() -> None:
    assert title_of("Films/Tide Collection (1999-2004)/Ebb.mkv") == "Ebb"


def test_the_name_of_an_episode_behind_the_series_of_its_folder_is_no_title() -> None:
    parsed = read("The Harbour Season 3/The Harbour - Low Tide.mkv")
    assert (parsed.titles[0].text, parsed.seasons, parsed.type) == ("The Harbour", (3,), ParsedType.EPISODE)


def test_fansubbed_videos_keep_the_word_and_countries_stay_as_another_reading() -> None:
    assert title_of("[Quiet-Subs] Low Tide OVA - 01 [BD][6730D40A].mkv") == "Low Tide OVA"
    assert readings("Low.Tide.AU.S02E03.720p.WEB.x264-GRP.mkv")[:2] == ["Low Tide", "Low Tide AU"]


def test_titles_in_several_languages_stand_in_one_bracket() -> None:
    assert title_of("[Quiet][干潮/引き潮/Low Tide][01][1080p].mkv") == "Low Tide"
    assert title_of("[Quiet][干潮/Low Tide/引き潮][01][1080p].mkv") == "Low Tide"


@pytest.mark.parametrize(
    "path",
    [
        "Films/Low Tide (1999)/BDMV/STREAM/00000.m2ts",
        "Films/Low Tide (1999)/VIDEO_TS/VTS_01_1.VOB",
        "Films/Low Tide (1999)/VIDEO_TS",
        "Films/Low Tide (1999)/BDMV",
        "Films/LOW_TIDE_1999/title_t00.mkv",
        "Films/LOW_TIDE_1999/B1_t01.mkv",
        "Films/Low.Tide.1999.1080p.BluRay.x264-GRP/movie.mkv",
        "Films/Low.Tide.1999.1080p.BluRay.x264-GRP/7c01e9d35b8842aa96f0e1d3.mkv",
    ],
)
def test_rips_and_nameless_files_have_the_title_of_their_folder(path: str) -> None:
    parsed = read(path)
    assert (parsed.titles[0].text.title(), parsed.year) == ("Low Tide", 1999)
    assert (parsed.episodes, parsed.problem) == ((), None)


@pytest.mark.parametrize(
    "path",
    [
        "DCIM/100CANON/MVI_4711.MOV",
        "IMG_1234.MOV",
        "DSC00012.mp4",
        "VID_20200101_120000.mp4",
        "GOPR0123.MP4",
        "Camera/PXL_20230102_030405678.mp4",
        "AVCHD/00001.MTS",
        "Rips/00412.m2ts",
        "title_t06.mkv",
        "VIDEO_TS/VTS_03_1.VOB",
        "Downloads/1b7e44d09ac35f2286e0c9d71a53b8f4.mkv",
        "Downloads/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0.mkv",
        "Downloads/Untitled-5.mkv",
        "Downloads/video31.mp4",
        "Screen Recording 2021-03-07 at 08.15.30.mov",
        "Home Videos/Summer fair 2012/017.mp4",
        "Tutorials/Knitting lesson 02 - loops.mp4",
        "Movies/A/2012/movie.mkv",
        "",
        "\ufffd\ufffd.mkv",
    ],
)
def test_names_that_a_machine_gave_are_no_titles(path: str) -> None:
    parsed = read(path)
    assert (parsed.titles, parsed.problem) == ((), "no_title")


@pytest.mark.parametrize(
    "title", ["Unknown", "1917", "300", "M", "IMAGINE", "Video Nights", "Camera Obscura", "Movie Star", "Up"]
)
def test_titles_that_look_like_a_machines_are_still_titles(title: str) -> None:
    assert title_of(f"Movies/{title} (2001)/{title} (2001).mkv") == title
    assert title_of(f"Movies/{title} (2001).mkv") == title


@pytest.mark.parametrize("title", ["Harbour 13", "300", "WALE·E", "E", "The 100", "9"])
def test_a_film_among_films_keeps_the_number_in_its_title(title: str) -> None:
    for path in (f"Movies/{title}.mkv", f"Movies/{title} (2009)/{title}.mkv", f"Movies/{title} (2009).mkv"):
        parsed = read(path)
        assert (parsed.titles[0].text, parsed.type, parsed.episodes) == (title, ParsedType.MOVIE, ())


def test_containers_are_no_titles() -> None:
    for container in (
        "Downloads",
        "TV Shows",
        "Films",
        "Anime",
        "Torrents",
        "2010",
        "1990s",
        "A",
        "M-P",
        "HDD 2",
        "Torrents/complete",
    ):
        assert [title.text for title in read(f"{container}/Low Tide.mkv").titles] == ["Low Tide"]


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("Low Tide (1999)/Low Tide (1999) - pt2.mp4", 2),
        ("Low Tide (1999)/Low Tide (1999) - part1.mkv", 1),
        ("Low Tide (1999)/Low Tide (1999) CD2.mkv", 2),
        ("Low Tide (1999)/Low Tide (1999) - disc1.mkv", 1),
        ("Low Tide (1999)/Low Tide part 2.avi", 2),
        ("Low Tide (1999)/CD1/low tide.avi", 1),
        ("Low Tide (1999)/cd2.avi", 2),
        ("low.tide.1999.dvdrip.xvid.cd2.avi", 2),
        ("Low Tide (1999)/Low Tide [1 of 2].avi", 1),
        ("Low Tide (1999)/Low Tide (2⧸2).avi", 2),
        ("Low Tide Part 2.mkv", None),
        ("Low Tide Part II (1999)/Low Tide Part II (1999).mkv", None),
        ("Low Tide Part 1 (2010)/Low Tide Part 1 (2010).mkv", None),
    ],
)
def test_a_part_is_one_only_where_the_title_goes_without_it(path: str, part: int | None) -> None:
    parsed = read(f"Films/{path}")
    assert parsed.part == part
    assert parsed.titles[0].text.lower().startswith("low tide")
    assert ("part" in parsed.titles[0].text.lower()) == (part is None)


@pytest.mark.parametrize(
    ("name", "edition"),
    [
        ("Low Tide (1999) {edition-Final Cut}.mkv", "Final Cut"),
        ("Low Tide (1999) - Director's Cut.mkv", "Director's Cut"),
        ("Low.Tide.1999.EXTENDED.1080p.BluRay.x264-GRP.mkv", "Extended"),
        ("Low.Tide.1999.UNRATED.720p.mkv", "Unrated"),
        ("Low Tide (1999) - The Final Cut.mkv", "Final Cut"),
        ("Low.Tide.1999.Ultimate.Cut.1080p.mkv", "Ultimate Cut"),
        ("Low Tide (1999) [Somebody's Cut].mkv", "Somebody's Cut"),
        ("Low.Tide.1999.20th.Anniversary.Edition.1080p.mkv", "Anniversary Edition"),
        ("Low Tide (1999).mkv", None),
        ("Low Tide (1999) 1080p.mkv", None),
    ],
)
def test_editions(name: str, edition: str | None) -> None:
    parsed = read(f"Films/{name}")
    assert (parsed.edition, parsed.titles[0].text) == (edition, "Low Tide")


def test_the_first_half_of_a_hyphenated_title_is_no_release_group() -> None:
    assert title_of("Left-Hander.2015.1080p.mkv") == "Left-Hander"
    assert title_of("Mud-Lark.2010.mkv") == "Mud-Lark"
    assert [title.text for title in read("tide-lantern.2012.dvdrip.avi").titles][:2] == ["tide-lantern", "lantern"]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Low.Tide.CUSTOM.EXTENDED.2022.2160p.BluRay.x265-GRP.mkv", "Low Tide"),
        ("Отлив 2006г. BDRip 1080p.mkv", "Отлив"),
        ("[Low Tide 1998] [BDRemux].mkv", "Low Tide"),
        ("tidehd.cc_Low.Tide.2005.1080p.mkv", "Low Tide"),
        ("LOW_TIDE_DISC_1/title_t03.mkv", "LOW TIDE"),
        ("[Kelp] Low Tide - Vol. 1 (2003) [BD 1080p].mkv", "Low Tide - Vol. 1"),
    ],
)
def test_marks_of_releases_sites_and_discs_are_none_of_the_title(name: str, title: str) -> None:
    parsed = read(name)
    assert (parsed.titles[0].text, parsed.type) == (title, ParsedType.MOVIE)


def test_3d_is_read_with_and_without() -> None:
    assert [title.text for title in read("Tide 3D (2009).mkv").titles] == ["Tide 3D", "Tide"]
    assert [title.text for title in read("Low.Tide.3D.2010.1080p.BluRay.x264-GRP.mkv").titles] == [
        "Low Tide",
        "Low Tide 3D",
    ]


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("Kelp.Watch.Australia.S01E02.mkv", "Kelp Watch Australia"),
        ("Kelp.Watch.US.S01E02.mkv", "Kelp Watch"),
        ("Low Tide _ Some Channel.mp4", "Low Tide"),
        ("[HarbourSubs][HoshiSubs][潮汐][Low Tide][04][1080p].mkv", "Low Tide"),
        ("[Tides].148.[XviD].avi", "Tides"),
        ("Low Tide (2013) BRRip/XD61f08e-BRa20447-0c9d31/XD61f08e-BRa20447-0c9d31.avi", "Low Tide"),
        ("Tide Series S02/E01 - The Anchor.mkv", "Tide Series"),
        ("11-12-13 2013 DVDRip x264 AAC-GRP.mkv", "11-12-13"),
    ],
)
def test_further_ends_of_titles(path: str, title: str) -> None:
    assert title_of(path) == title


def test_a_year_behind_years_is_the_films() -> None:
    parsed = read("Low.Tide.1982-1992.2017.DOCU.HDTV.x264-GRP.mkv")
    assert (parsed.titles[0].text, parsed.year) == ("Low Tide 1982-1992", 2017)


def test_the_year_of_a_pack_may_stand_behind_its_season() -> None:
    assert read("Low Tide - 1ª Temporada Completa 2019 (1080p).mkv").year == 2019


@pytest.mark.parametrize(
    ("path", "title", "year"),
    [
        ("the-low-tide-returns-2004-1080p.mp4", "the low tide returns", 2004),
        ("the-long-low-tide-s01e02-720p.mkv", "the long low tide", None),
        ("Sea-Gull.2012.DVDRip.XviD-GRP.avi", "Sea-Gull", 2012),
    ],
)
def test_hyphens_are_spaces_where_nothing_else_stands_between_words(path: str, title: str, year: int | None) -> None:
    assert (title_of(path), read(path).year) == (title, year)
