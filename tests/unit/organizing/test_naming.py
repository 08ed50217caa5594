"""What templates make of titles, and which ones are refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from mediastead.catalog.types import ItemType
from mediastead.libraries.models import LibraryKind
from mediastead.organizing.errors import InvalidTemplate
from mediastead.organizing.examples import examples_of
from mediastead.organizing.naming import EpisodeFacts, Facts, Naming, TooLong, Unnamed, code_of
from mediastead.organizing.presets import PRESETS, preset_of
from mediastead.organizing.safe import safe_value
from mediastead.parsing.paths import names_to_guess, parse_path

from ..parsing.reading_paths import guess

FILM = Facts(type=ItemType.MOVIE, title="Mission: Impossible", year=1996, tmdb=954)
EPISODE = Facts(
    type=ItemType.SERIES, title="The Office", year=2005, tmdb=2316, episodes=(EpisodeFacts(1, 2, "Diversity Day"),)
)
DOUBLE = structs.replace(EPISODE, episodes=(EpisodeFacts(6, 4, "Niagara"), EpisodeFacts(6, 5, "Niagara")))


def stem(preset: str, facts: Facts) -> str:
    return Naming(preset_of(preset).template).stem(facts)


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("plex", "Mission - Impossible (1996) {tmdb-954}/Mission - Impossible (1996) {tmdb-954}"),
        ("jellyfin", "Mission - Impossible (1996) [tmdbid-954]/Mission - Impossible (1996) [tmdbid-954]"),
        ("kodi", "Mission - Impossible (1996)/Mission - Impossible (1996)"),
    ],
)
def test_a_film_lies_in_a_folder_of_its_own(preset: str, expected: str) -> None:
    assert stem(preset, FILM) == expected


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("plex", "The Office (2005) {tmdb-2316}/Season 01/The Office (2005) - s01e02 - Diversity Day"),
        ("jellyfin", "The Office (2005) [tmdbid-2316]/Season 01/The Office (2005) S01E02 Diversity Day"),
        ("kodi", "The Office (2005)/Season 01/The Office (2005) S01E02 Diversity Day"),
    ],
)
def test_an_episode_lies_in_the_folder_of_its_season(preset: str, expected: str) -> None:
    assert stem(preset, EPISODE) == expected


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("facts", [FILM, EPISODE, DOUBLE], ids=["film", "episode", "double"])
def test_what_a_preset_writes_our_own_parser_reads_back(preset: str, facts: Facts) -> None:
    path = stem(preset, facts) + ".mkv"
    parsed = parse_path(path, guessed={name: guess(name) for name in names_to_guess(path)})
    assert parsed.year == facts.year
    assert parsed.ids.get("tmdb") == (None if preset == "kodi" else str(facts.tmdb))
    assert parsed.seasons == tuple({each.season for each in facts.episodes})
    assert parsed.episodes == tuple(each.number for each in facts.episodes)
    assert parsed.titles[0].text == safe_value(facts.title)


def test_editions_and_parts_tell_files_apart() -> None:
    plain = Facts(type=ItemType.MOVIE, title="Blade Runner", year=1982)
    cut = Facts(type=ItemType.MOVIE, title="Blade Runner", year=1982, edition="The Final Cut")
    half = Facts(type=ItemType.MOVIE, title="Blade Runner", year=1982, part=2)
    for preset in PRESETS:
        assert len({stem(preset, each) for each in (plain, cut, half)}) == 3
    assert stem("plex", cut) == "Blade Runner (1982)/Blade Runner (1982) {edition-The Final Cut}"
    assert stem("jellyfin", half) == "Blade Runner (1982)/Blade Runner (1982)-part2"


def test_what_is_not_known_leaves_no_empty_brackets_behind() -> None:
    assert stem("plex", Facts(type=ItemType.MOVIE, title="Home video")) == "Home video/Home video"
    untitled = Facts(type=ItemType.SERIES, title="A", episodes=(EpisodeFacts(0, 1),))
    assert stem("plex", untitled) == "A/Season 00/A - s00e01"


def test_several_episodes_are_a_range_only_if_they_are_in_a_row() -> None:
    def code(*numbers: tuple[int, int]) -> str:
        return code_of(tuple(EpisodeFacts(season, number) for season, number in numbers))

    assert code((1, 1)) == "S01E01"
    assert code((1, 1), (1, 2), (1, 3)) == "S01E01-E03"
    assert code((1, 1), (1, 3)) == "S01E01E03"
    assert code((1, 10), (2, 1)) == "S01E10-S02E01"
    assert code((1, 999), (1, 1000)) == "S01E999-E1000"


def test_titles_are_cut_before_anything_else_goes() -> None:
    long = Facts(
        type=ItemType.SERIES,
        title="Ä" * 300,
        year=2001,
        tmdb=1,
        episodes=(EpisodeFacts(1, 2, "Part"), EpisodeFacts(1, 3, "é" * 300)),
    )
    folder, season, name = stem("plex", long).split("/")
    assert all(len(each.encode()) <= 255 for each in (folder, season, name))
    assert "s01e02-e03" in name
    assert folder.endswith("(2001) {tmdb-1}")
    reserved = Naming(preset_of("plex").template).stem(long, reserve=40).split("/")
    assert len(reserved[2].encode()) <= 215
    assert reserved[:2] == [folder, season]


def test_a_template_that_cannot_be_cut_says_so() -> None:
    with pytest.raises(TooLong):
        Naming("{{ title }}" + "x" * 260).stem(FILM)


def test_what_the_file_says_of_its_picture_can_be_in_its_name_and_leaves_nothing_where_it_says_nothing() -> None:
    template = Naming("{{ title }} ({{ year }})/{{ title }} [{{ resolution }} {{ hdr }}]")
    sharp = structs.replace(FILM, resolution="2160p", hdr="HDR10+")
    title = "Mission - Impossible"
    assert template.stem(sharp) == f"{title} (1996)/{title} [2160p HDR10+]"
    assert template.stem(structs.replace(sharp, hdr=None)) == f"{title} (1996)/{title} [2160p]"
    assert template.stem(structs.replace(sharp, resolution=None)) == f"{title} (1996)/{title} [HDR10+]"
    assert template.stem(FILM) == f"{title} (1996)/{title}"
    assert template.title_folder(sharp) == f"{title} (1996)"


def test_a_preview_shows_the_picture_and_refuses_a_folder_that_not_every_file_has_a_name_for() -> None:
    shown = examples_of("{{ title }} [{{ resolution }} {{ hdr }}]{{ part }}", LibraryKind.MOVIES)
    assert [each.path for each in shown] == [
        "Blade Runner [1080p].mkv",
        "Blade Runner [2160p HDR10].mkv",
        "Gone with the Wind2.mkv",
    ]
    with pytest.raises(InvalidTemplate, match="leaves a name empty"):
        examples_of("{{ resolution }}/{{ title }}", LibraryKind.MOVIES)
    examples_of("{{ resolution|default('unknown') }}/{{ title }} {{ code }}", LibraryKind.MIXED)


def test_a_name_that_would_be_empty_is_none() -> None:
    with pytest.raises(Unnamed):
        Naming("{{ edition }}/{{ title }}").stem(FILM)


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{{ titel }}", "did you mean title"),
        ("{{ title", "Unexpected end"),
        ("{% for x in title %}a{% endfor %}", "loops"),
        ("{{ title.__class__ }}", "attributes"),
        ("{{ title|centre(9) }}", "no filter"),
        ("{{ title() }}", "calls"),
        ("{{ title * 999999999 }}", "arithmetic"),
        ("{% include title %}", "other templates"),
        ("{% if year is defined %}{{ title }}{% endif %}", "is"),
        ("all the same", "names nothing"),
        (" ", "between 1 and"),
        ("{{ title }}" + "x" * 2000, "between 1 and"),
        ("{{ title }}\n{{ x }}", 'no "x"'),
        ("{{" + "(" * 900 + "title" + ")" * 900 + "}}", "nests too deeply"),
    ],
)
def test_a_template_with_a_mistake_is_refused_with_what_is_wrong(template: str, says: str) -> None:
    with pytest.raises(InvalidTemplate, match="(?i)" + says):
        examples_of(template, LibraryKind.MOVIES)


@pytest.mark.parametrize(
    ("template", "kind", "says"),
    [
        ("{{ year }}x", LibraryKind.MOVIES, None),
        ("{{ type }}", LibraryKind.MOVIES, "two films the same"),
        ("{{ title }}", LibraryKind.SERIES, "two episodes"),
        ("{{ title }} {{ episode }}", LibraryKind.SERIES, "two seasons"),
        ("{{ title }}", LibraryKind.MIXED, "two episodes"),
        ("{{ title[year] }}", LibraryKind.MOVIES, "fails"),
        ("{{ title|replace('', 'x') }}", LibraryKind.MOVIES, "look for"),
    ],
)
def test_a_template_must_tell_the_files_of_its_library_apart(
    template: str, kind: LibraryKind, says: str | None
) -> None:
    if says is None:
        assert examples_of(template, kind)
        return
    with pytest.raises(InvalidTemplate, match=says):
        examples_of(template, kind)


@pytest.mark.parametrize("preset", [None, *PRESETS])
@pytest.mark.parametrize("kind", list(LibraryKind))
def test_every_preset_fits_every_library(preset: str | None, kind: LibraryKind) -> None:
    assert all(example.path.endswith(".mkv") for example in examples_of(preset, kind))


def test_the_folder_of_a_title_holds_that_title_only() -> None:
    assert Naming(preset_of("plex").template).title_folder(EPISODE) == "The Office (2005) {tmdb-2316}"
    assert Naming("{{ title|letter }}/{{ title }}").title_folder(FILM) is None
    assert Naming("{{ title|letter }}/{{ title }}/{{ title }}").title_folder(FILM) == "M/Mission - Impossible"
    assert Naming("{{ title }} {{ code }}").title_folder(EPISODE) is None
    assert Naming("Series/{{ title }}/{{ season }}/{{ code }}").title_folder(EPISODE) == "Series/The Office"


FACTS = st.builds(
    Facts,
    type=st.sampled_from(ItemType),
    title=st.text(min_size=1),
    original_title=st.none() | st.text(),
    year=st.none() | st.integers(1870, 2100),
    episodes=st.lists(
        st.builds(EpisodeFacts, st.integers(0, 99), st.integers(0, 9999), st.none() | st.text()), max_size=4
    ).map(tuple),
    edition=st.none() | st.text(),
    part=st.none() | st.integers(1, 20),
    tmdb=st.none() | st.integers(1, 10**8),
)


@settings(max_examples=60, deadline=None)
@given(
    facts=FACTS,
    template=st.sampled_from(
        [*(each.template for each in PRESETS.values()), "{{ title }}", "{{ title|letter }}/{{ title }}"]
    ),
    reserve=st.integers(4, 60),
)
def test_whatever_is_known_the_path_stays_beneath_the_root_and_fits(facts: Facts, template: str, reserve: int) -> None:
    try:
        path = Naming(template).stem(facts, reserve)
    except Unnamed:
        return
    parts = path.split("/")
    assert all(part and part not in (".", "..") and not part.startswith(".") for part in parts)
    assert all(part == part.strip(" .") for part in parts)
    assert not set(path) & set('<>:"\\|?*\0')
    assert all(len(part.encode()) <= 255 for part in parts)
    assert len(parts[-1].encode()) + reserve <= 255
