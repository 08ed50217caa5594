"""What holds for every name: a decision is made, the same one each time, whatever else was decided and in which order."""

import asyncio
import math
from datetime import date

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mediastead.catalog.types import ItemType
from mediastead.files.types import Role
from mediastead.matching import Outcome, decide
from mediastead.matching.decision import EpisodeNumber, Rejected
from mediastead.matching.deliberation import Deliberation
from mediastead.matching.grouping import group
from mediastead.matching.known import Known
from mediastead.matching.weighing import probabilities
from mediastead.matching.weights import FITTED, WEIGHTS
from mediastead.metadata.facts import Candidate, ItemFacts
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


REJECTED = st.builds(
    Rejected,
    type=st.sampled_from(ItemType),
    tmdb_id=st.integers(1, 5),
    episodes=st.none()
    | st.lists(st.builds(EpisodeNumber, season=st.integers(0, 2), number=st.integers(1, 10)), max_size=3).map(tuple),
)
KNOWLEDGE = st.builds(
    Known,
    kind=st.sampled_from(("movies", "series", "mixed")),
    rejected=st.lists(REJECTED, max_size=3).map(tuple),
    duration=st.none() | st.floats(0.0, 1e6),
)


class Hesitant(InMemoryProvider):
    """Others get their turn before each answer."""

    async def search(self, type: ItemType, query: str, *, year: int | None = None) -> list[Candidate]:
        await asyncio.sleep(0)
        return await super().search(type, query, year=year)

    async def item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        await asyncio.sleep(0)
        return await super().item(type, tmdb_id)


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


@given(parsed=PATHS, known=KNOWLEDGE)
@settings(max_examples=50, deadline=None)
async def test_the_contenders_share_a_probability_of_one_at_most(parsed: ParsedPath, known: Known) -> None:
    deliberation = await Deliberation(parsed, InMemoryProvider(*KNOWN), known).run()
    shares = [contender.probability for contender in deliberation.ranked]
    assert all(0 <= share <= 1 for share in shares)
    assert sum(shares) <= 1 + 1e-9
    assert shares == sorted(shares, reverse=True)


@given(parsed=PATHS, known=KNOWLEDGE)
@settings(max_examples=50, deadline=None)
async def test_what_a_person_rejected_is_neither_matched_nor_suggested(parsed: ParsedPath, known: Known) -> None:
    decision = await decide(parsed, InMemoryProvider(*KNOWN), known, threshold=0.01)
    for one in (*decision.suggestions, *((decision.item,) if decision.item else ())):
        assert not any(said.forbids(one.type, one.tmdb_id, one.episodes) for said in known.rejected)


@given(parsed=PATHS, known=KNOWLEDGE, thresholds=st.lists(st.floats(0.0, 1.0), min_size=2, max_size=2))
@settings(max_examples=50, deadline=None)
async def test_a_higher_threshold_matches_nothing_that_a_lower_one_does_not(
    parsed: ParsedPath, known: Known, thresholds: list[float]
) -> None:
    low, high = sorted(thresholds)
    careless = await decide(parsed, InMemoryProvider(*KNOWN), known, threshold=low)
    careful = await decide(parsed, InMemoryProvider(*KNOWN), known, threshold=high)
    if careful.outcome is Outcome.MATCH:
        assert careful == careless
    elif careless.outcome is Outcome.MATCH and careful.suggestions:
        assert careful.suggestions[0] == careless.item


@given(parsed=PATHS, known=KNOWLEDGE)
@settings(max_examples=50, deadline=None)
async def test_a_title_that_no_question_finds_changes_nothing(parsed: ParsedPath, known: Known) -> None:
    assume(not any("ꙮ" in title.text for title in parsed.titles))
    unrelated = (film(90, "ꙮꙮꙮ", 1995), series(91, "ꙮꙮ ꙮ", 2004, [24, 23]))
    assume(parsed.ids.get("tmdb") not in ("90", "91"))
    alone = await decide(parsed, InMemoryProvider(*KNOWN), known)
    assert await decide(parsed, InMemoryProvider(unrelated[0], *KNOWN, unrelated[1]), known) == alone


@given(paths=st.lists(PATHS, min_size=2, max_size=6), kind=st.sampled_from(("movies", "series", "mixed")))
@settings(max_examples=50, deadline=None)
async def test_decisions_that_are_made_at_the_same_time_do_not_disturb_each_other(
    paths: list[ParsedPath], kind: str
) -> None:
    known = Known(kind=kind)
    provider = Hesitant(*KNOWN)
    together = await asyncio.gather(*(decide(parsed, provider, known) for parsed in paths))
    assert together == [await decide(parsed, InMemoryProvider(*KNOWN), known) for parsed in paths]


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
