"""What holds for every name: a decision is made, the same one each time, whatever else was decided and in which order."""

import math
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from mediastead.files.types import Role
from mediastead.matching import Outcome, decide
from mediastead.matching.evidence import probabilities
from mediastead.matching.grouping import group
from mediastead.matching.known import Known
from mediastead.matching.weights import FITTED, WEIGHTS
from mediastead.parsing.parsed import ParsedPath, ParsedType, TitleGuess

from .provider_in_memory import InMemoryProvider, episode_path, film, film_path, series

KNOWN = (
    film(1, "Heat", 1995, votes=5000),
    film(2, "Heat", 1986, votes=20),
    film(3, "Alien: Covenant", 2017, also=["異形：聖約"]),
    series(4, "Heat", 2010, [8, 10], specials=1),
    series(5, "Lost", 2004, [24, 23]),
)
TITLES = st.one_of(
    st.text(max_size=40), st.sampled_from(("Heat", "heat 2", "Alien - Covenant", "Lsot", "The Lost", "", "1984", "..."))
)
NUMBERS = st.lists(st.integers(-(10**9), 10**9), max_size=4).map(tuple)
IDS = st.dictionaries(
    st.sampled_from(("tmdb", "imdb", "tvdb")), st.text(max_size=12) | st.sampled_from(("1", "4", "tt1", "²", "٤"))
)
YEARS = st.none() | st.integers(-5, 99999)
PATHS = st.builds(
    ParsedPath,
    path=st.text(max_size=60),
    type=st.none() | st.sampled_from(ParsedType),
    titles=st.lists(
        st.builds(TitleGuess, text=TITLES, source=st.sampled_from(("file", "folder", "alternative")), year=YEARS),
        max_size=4,
    ).map(tuple),
    year=YEARS,
    seasons=NUMBERS,
    episodes=NUMBERS,
    absolute_episodes=NUMBERS,
    air_date=st.none() | st.dates(date.min, date.max),
    episode_title=st.none() | st.text(max_size=20),
    role=st.none() | st.sampled_from(Role),
    ids=IDS,
)


@given(parsed=PATHS, kind=st.sampled_from(("movies", "series", "mixed")))
@settings(max_examples=150, deadline=None)
async def test_every_name_gets_one_decision_and_the_same_each_time(parsed: ParsedPath, kind: str) -> None:
    provider = InMemoryProvider(*KNOWN)
    decision = await decide(parsed, provider, Known(kind=kind))
    assert (decision.outcome is Outcome.MATCH) == (decision.item is not None)
    assert (decision.outcome is Outcome.NO_MATCH) == (decision.reason is not None) == bool(decision.would_match_if)
    assert (decision.outcome is Outcome.IGNORE) == (decision.ignore_rule is not None)
    assert len(decision.suggestions) <= 5
    assert await decide(parsed, InMemoryProvider(*reversed(KNOWN)), Known(kind=kind)) == decision
    assert sum(len(each.members) for each in group([(parsed.path, decision, parsed)])) == 1


async def test_decisions_do_not_depend_on_the_order_of_files() -> None:
    files = [
        film_path("Heat"),
        film_path("Heat", 1995),
        episode_path("Lost", 2, 3),
        episode_path("Lost", 9, 9),
        film_path("Nothing"),
    ]
    provider = InMemoryProvider(*KNOWN)
    onwards = [await decide(each, provider) for each in files]
    backwards = [await decide(each, provider) for each in files[::-1]]
    assert onwards == backwards[::-1]


async def test_no_name_asks_without_end() -> None:
    provider = InMemoryProvider()
    titles = tuple(TitleGuess(text=f"Some Very Long Title of Number {n}", source="folder", year=1990) for n in range(5))
    await decide(film_path("", titles=titles), provider)
    assert len(provider.asked) <= 16


def test_probabilities_share_one_with_none_of_them() -> None:
    shares = probabilities([2.0, 1.0])
    assert math.isclose(sum(shares) + shares[0] / math.exp(2.0), 1.0)
    assert probabilities([5000.0, -5000.0]) == [1.0, 0.0]


def test_weights_keep_their_sense_when_they_are_fitted_anew() -> None:
    closeness = [WEIGHTS[f"title.{fit}"] for fit in ("exact", "loose", "near", "part", "other")]
    assert closeness == sorted(closeness, reverse=True)
    assert WEIGHTS["year.exact"] > WEIGHTS["year.near"] > WEIGHTS["year.far"]
    for for_it, against in (("episode.exists", "episode.missing"), ("episode_title.agrees", "episode_title.differs")):
        assert FITTED[for_it] > 0 > FITTED[against]
    assert 0 < FITTED["popularity"] < 1
