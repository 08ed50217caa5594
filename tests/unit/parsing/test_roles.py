"""Extras and samples: told by folders and suffixes, and what they belong to."""

import pytest

from mediastead.parsing import Role

from .reading_paths import numbers_of, read


@pytest.mark.parametrize(
    ("path", "role", "rule"),
    [
        ("Movies/Low Tide (1999)/Trailers/Second Trailer.mp4", Role.EXTRA, 'folder "Trailers"'),
        ("Movies/Low Tide (1999)/featurettes/At the pier.mkv", Role.EXTRA, 'folder "featurettes"'),
        ("Movies/Low Tide (1999)/Behind The Scenes/Day 1.mkv", Role.EXTRA, 'folder "Behind The Scenes"'),
        ("Movies/Low Tide (1999)/Deleted Scenes/Scene on the pier.mkv", Role.EXTRA, 'folder "Deleted Scenes"'),
        ("Movies/Low Tide (1999)/Extras/How it was made.mkv", Role.EXTRA, 'folder "Extras"'),
        ("Movies/Low Tide (1999)/Other/Notes.mkv", Role.EXTRA, 'folder "Other"'),
        ("Movies/Low Tide (1999)/Extras/Interviews/Somebody.mkv", Role.EXTRA, 'folder "Interviews"'),
        ("TV/Low Tide (1999)/Extras/Season 1/Bloopers.mp4", Role.EXTRA, 'folder "Extras"'),
        ("Movies/Low Tide (1999)/Low Tide (1999)-trailer.mp4", Role.EXTRA, 'suffix "-trailer"'),
        ("Movies/Low Tide (1999)/Low Tide (1999)-behindthescenes.mp4", Role.EXTRA, 'suffix "-behindthescenes"'),
        ("Movies/Low Tide (1999)/Low Tide (1999)-deleted.mp4", Role.EXTRA, 'suffix "-deleted"'),
        ("Movies/Low Tide (1999)/Low Tide (1999) Trailer.mp4", Role.EXTRA, 'suffix "-trailer"'),
        ("Movies/Low Tide (1999)/Low Tide Trailer.mp4", Role.EXTRA, 'name "trailer"'),
        ("Movies/Low.Tide.1999.720p.x264-GRP/grp-lt.sample.avi", Role.SAMPLE, 'name "sample"'),
        ("Movies/Low.Tide.1999.720p.x264-GRP/Proof/proof.mkv", Role.SAMPLE, 'folder "Proof"'),
        ("Movies/Low Tide (1999)/trailer.mp4", Role.EXTRA, 'name "trailer"'),
        ("Movies/Low.Tide.1999.720p.x264-GRP/sample.mkv", Role.SAMPLE, 'name "sample"'),
        (
            "Movies/Low.Tide.1999.720p.x264-GRP/Sample/low.tide.1999.720p.x264-grp-sample.mkv",
            Role.SAMPLE,
            'folder "Sample"',
        ),
        ("Movies/Low.Tide.1999.720p.x264-GRP/low.tide.1999.720p.x264-grp.sample.mkv", Role.SAMPLE, 'suffix "-sample"'),
        ("Movies/Low.Tide.1999.720p.x264-GRP/sample-low.tide.1999.720p.x264-grp.mkv", Role.SAMPLE, 'name "sample"'),
    ],
)
def test_extras_belong_to_the_title_above(path: str, role: Role, rule: str) -> None:
    parsed = read(path)
    assert (parsed.role, parsed.role_rule) == (role, rule)
    assert (parsed.titles[0].text.lower(), parsed.year) == ("low tide", 1999)
    assert parsed.episodes == ()


@pytest.mark.parametrize(
    "path",
    [
        "TV/Extras/Season 1/Extras - S01E02.mkv",
        "TV/Extras/Extras - S01E02.mkv",
        "Movies/Shorts/Low Tide (1999).mkv",
        "Movies/Other/Low Tide (1999).mkv",
        "Movies/Free Sample (2012).mkv",
        "Movies/Free.Sample.mkv",
        "Movies/Trailer Park (2008).mkv",
        "Movies/The Interview (2014)/The Interview (2014).mkv",
        "TV/The Harbour/Specials/The Harbour - S00E03.mkv",
        "TV/The Harbour/Season 00/The Harbour - S00E03 - Deleted Scenes.mkv",
        "Movies/Life in Short.mkv",
    ],
)
def test_titles_that_hold_such_words_are_no_extras(path: str) -> None:
    assert read(path).role is None


def test_a_sample_of_an_episode_keeps_its_numbers() -> None:
    path = "TV/the.harbour.s01e02.720p.x264-grp/Sample/the.harbour.s01e02.720p.x264-grp-sample.mkv"
    assert read(path).role is Role.SAMPLE
    assert numbers_of(path) == ((1,), (2,))


def test_an_extra_in_the_folder_of_a_season_belongs_to_the_series() -> None:
    parsed = read("TV/The Harbour (2010)/Season 2/Featurettes/At the pier.mkv")
    assert (parsed.role, parsed.titles[0].text, parsed.year, parsed.episodes) == (Role.EXTRA, "The Harbour", 2010, ())


@pytest.mark.parametrize(
    "path",
    [
        "Movies/Low Tide (1999)/Making of.mkv",
        "Movies/Low Tide (1999)/Interview with Jane Doe.mkv",
        "Movies/Low Tide (1999)/Low Tide (1999) - Behind the Scenes.mkv",
        "Low.Tide.1999.Trailer.1080p.mkv",
        "Low Tide Official Trailer #1 (1999).mp4",
        "Movies/Low Tide (1999)/Deleted & Extended Scenes/Beach.mkv",
        "[Group] Low Tide - NCOP1 [1080p].mkv",
        "Trailers/Low Tide (1999).mp4",
    ],
)
def test_what_an_extra_shows_tells_that_it_is_one(path: str) -> None:
    assert read(path).role is Role.EXTRA


@pytest.mark.parametrize(
    "path", ["Making of a Lady (2012).mkv", "The Interview (2014).mkv", "TV/Low Tide/S01E02 - Making of.mkv"]
)
def test_a_title_of_its_own_is_no_extra(path: str) -> None:
    assert read(path).role is None


@pytest.mark.parametrize(
    "path",
    [
        "Movies/The Trailer (1999)/The Trailer.mkv",
        "Movies/The.Sample.1999.720p.x264-GRP/The.Sample.mkv",
        "Movies/Proof (2005)/Proof.mkv",
    ],
)
def test_a_title_that_ends_in_such_a_word_stays_a_title(path: str) -> None:
    assert read(path).role is None


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("Low.Tide.S05.Extras.Deleted.Scenes.1080p-GRP.mkv", Role.EXTRA),
        ("Extras/deleted scenes.mkv", Role.EXTRA),
        ("Sample/x.mkv", Role.SAMPLE),
        ("Extras/Low Tide (1999).mkv", None),
        ("Extras/The Interview.mkv", None),
    ],
)
def test_beside_a_season_and_in_a_folder_of_the_library_the_name_tells(path: str, role: Role | None) -> None:
    assert read(path).role is role
