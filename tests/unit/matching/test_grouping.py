from mediastead.catalog.types import ItemType
from mediastead.files.types import Role, UnmatchedReason
from mediastead.matching import Decision, EpisodeNumber, Outcome, Suggestion
from mediastead.matching.grouping import Proposed, group
from mediastead.parsing.parsed import ParsedPath

from .provider_in_memory import episode_path, film_path


def question(*suggestions: Suggestion, reason: UnmatchedReason = UnmatchedReason.AMBIGUOUS) -> Decision:
    return Decision(outcome=Outcome.NO_MATCH, reason=reason, suggestions=suggestions)


def suggestion(type: ItemType, tmdb_id: int, probability: float, *episodes: EpisodeNumber) -> Suggestion:
    return Suggestion(type=type, tmdb_id=tmdb_id, title="T", probability=probability, episodes=episodes)


NOTHING = question(reason=UnmatchedReason.PARSE_FAILED)


def nameless(path: str) -> tuple[str, Decision, ParsedPath]:
    return path, NOTHING, ParsedPath(path=path)


def test_episodes_of_one_suggested_series_are_one_question() -> None:
    files = [
        (
            f"a/{n}.mkv",
            question(suggestion(ItemType.SERIES, 1, 0.6, EpisodeNumber(1, n))),
            episode_path("MacGyver", 1, n),
        )
        for n in (1, 2, 3)
    ]
    (only,) = group(files)
    assert [member.proposed for member in only.members] == [
        Proposed(type=ItemType.SERIES, tmdb_id=1, title="T", role=Role.EPISODE, episodes=(EpisodeNumber(1, n),))
        for n in (1, 2, 3)
    ]


def test_titles_that_the_provider_lacks_are_grouped_as_read() -> None:
    unknown = question(reason=UnmatchedReason.NO_MATCH)
    files = [("l/lesson 1.mkv", unknown, film_path("Lesson 1")), ("l/lesson 2.mkv", unknown, film_path("Lesson 2"))]
    (only,) = group(files)
    assert only.key == "movie: lesson" and [member.proposed for member in only.members] == [None, None]


def test_numbers_are_proposed_where_only_they_were_read() -> None:
    (only,) = group([("a.mkv", question(reason=UnmatchedReason.NO_MATCH), episode_path("Nobody Knows", 2, 5))])
    assert only.members[0].proposed == Proposed(
        type=ItemType.SERIES, role=Role.EPISODE, episodes=(EpisodeNumber(2, 5),)
    )


def test_names_that_mean_nothing_are_grouped_by_their_shape_and_outermost_folder() -> None:
    camera = [nameless(f"DCIM/{n}/IMG_{n}.MOV") for n in (100, 101)]
    others = [nameless("DCIM/100/VID_7.MOV"), nameless("Rips/IMG_1.MOV"), nameless("5c5a6cd981f93945.mkv")]
    groups = group(camera + others)
    assert [len(each.members) for each in groups] == [2, 1, 1, 1]
    assert groups[0].key == 'names like "img #" in DCIM'
    assert 'names like "hex" in the root' in {each.key for each in groups}


def test_probable_films_of_a_folder_are_accepted_at_a_glance() -> None:
    files = [
        (f"Films/{name}/{name}.mkv", question(suggestion(ItemType.MOVIE, n, 0.9)), film_path(name))
        for n, name in enumerate(("Heat", "Up"), 1)
    ]
    (only,) = group(files)
    assert only.key == "probable films in Films"
    assert [member.proposed.tmdb_id for member in only.members if member.proposed] == [1, 2]


def test_extras_of_a_folder_are_one_question() -> None:
    (only,) = group(
        [
            ("a/b/x.mkv", NOTHING, film_path("X", role=Role.EXTRA)),
            ("a/b/y.mkv", NOTHING, film_path("Y", role=Role.EXTRA)),
        ]
    )
    assert only.key == "extras in a/b"


def test_groups_keep_their_ids_whatever_the_order_and_company() -> None:
    files = [nameless(f"Rips/{n:05}.m2ts") for n in range(5)] + [nameless("IMG_1.MOV")]
    ids = {each.key: each.id for each in group(files)}
    assert {each.key: each.id for each in group(files[::-1])} == ids
    assert group(files[:1])[0].id == ids['names like "#" in Rips']
