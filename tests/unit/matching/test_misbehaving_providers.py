"""A provider that answers nonsense, or falls silent in the middle, leads to no exception and to no wrong match."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediastead.catalog.types import ItemType
from mediastead.matching import Outcome, decide
from mediastead.matching.known import Known
from mediastead.metadata.errors import ItemNotFound, ProviderMisbehaved, ProviderTrouble, ProviderUnavailable
from mediastead.metadata.facts import Candidate, EpisodeFacts, ItemFacts, SeasonFacts
from mediastead.parsing.parsed import ParsedPath

from .provider_in_memory import InMemoryProvider, episode_path, film, film_path, series

WORDS = st.sampled_from(("Heat", "heat", "Heat 2", "Lost", "", " ", "\u202e", "ヒート", "x" * 500)) | st.text(
    max_size=12
)
IDS = st.integers(-3, 6) | st.integers(10**8, 10**12)
YEARS = st.none() | st.integers(-1, 99999)
CANDIDATES = st.builds(
    Candidate,
    type=st.sampled_from(ItemType),
    tmdb_id=IDS,
    title=WORDS,
    original_title=st.none() | WORDS,
    year=YEARS,
    popularity=st.floats(-1e9, 1e9) | st.just(float("inf")),
    vote_count=st.integers(-(10**6), 10**9),
)
SEASONS = st.builds(
    SeasonFacts,
    number=st.integers(-2, 5),
    episodes=st.lists(
        st.builds(
            EpisodeFacts,
            number=st.integers(-2, 12),
            title=st.none() | WORDS,
            air_date=st.none() | st.dates(date.min, date.max),
            runtime=st.none() | st.integers(-5, 10**7),
        ),
        max_size=4,
    ).map(tuple),
)
FACTS = st.builds(
    ItemFacts,
    type=st.sampled_from(ItemType),
    tmdb_id=IDS,
    title=WORDS,
    alternative_titles=st.lists(WORDS, max_size=3).map(tuple),
    year=YEARS,
    runtime=st.none() | st.integers(-5, 10**7),
    vote_count=st.integers(-(10**6), 10**9),
    seasons=st.lists(SEASONS, max_size=4).map(tuple),
)
NAMES = st.sampled_from(
    (
        film_path("Heat"),
        film_path("Heat", 1995),
        film_path("Heat", 1995, ids={"tmdb": "2"}),
        episode_path("Lost", 2, 3),
        episode_path("Lost", None, 5),
        episode_path("Lost", absolute_episodes=(30,)),
        episode_path("Lost", air_date=date(2004, 1, 8)),
        film_path("Heat", 1995, ids={"imdb": "tt2"}),
    )
)
T = TypeVar("T")


class Chaotic:
    """Answers what it is told to, in the right shapes and with any content, whatever was asked."""

    name = "chaotic"

    def __init__(self, data: st.DataObject) -> None:
        self._data = data
        self.named: set[tuple[ItemType, int]] = set()

    async def search(self, type: ItemType, query: str, *, year: int | None = None) -> list[Candidate]:
        return self._name(self._draw(st.lists(CANDIDATES, max_size=5)))

    async def item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        facts = self._draw(st.none() | FACTS)
        if facts is None:
            raise ItemNotFound("no such title")
        self.named |= {(type, tmdb_id), (facts.type, facts.tmdb_id)}
        return facts

    async def find(self, source: str, value: str) -> list[Candidate]:
        return self._name(self._draw(st.lists(CANDIDATES, max_size=3)))

    def _name(self, found: list[Candidate]) -> list[Candidate]:
        self.named |= {(candidate.type, candidate.tmdb_id) for candidate in found}
        return found

    def _draw(self, strategy: st.SearchStrategy[T]) -> T:
        if self._data.draw(st.integers(0, 9)) == 0:
            raise ProviderMisbehaved("half an answer")
        return self._data.draw(strategy)


@given(parsed=NAMES, data=st.data(), minutes=st.none() | st.integers(0, 400))
@settings(max_examples=80, deadline=None)
async def test_whatever_a_provider_answers_there_is_a_decision(
    parsed: ParsedPath, data: st.DataObject, minutes: int | None
) -> None:
    provider = Chaotic(data)
    decision = await decide(parsed, provider, Known(duration=minutes and minutes * 60.0))
    assert (decision.outcome is Outcome.MATCH) == (decision.item is not None)
    for one in (*decision.suggestions, *((decision.item,) if decision.item else ())):
        assert 0 <= one.probability <= 1
        assert (one.type, one.tmdb_id) in provider.named
    assert sum(one.probability for one in decision.suggestions) <= 1.001


HEAT = (film(1, "Heat", 1995, votes=5000), film(2, "Heat", 1986, votes=20), series(5, "Lost", 2004, [24, 23]))


class Failing(InMemoryProvider):
    """Its answers to the questions of these places (the first is 0) are errors."""

    def __init__(self, fails: Callable[[int], bool], error: Exception) -> None:
        super().__init__(*HEAT)
        self._fails, self._error = fails, error

    def _ask(self, question: str) -> None:
        super()._ask(question)
        if self._fails(len(self.asked) - 1):
            raise self._error


@pytest.mark.parametrize("parsed", [film_path("Heat", 1995), film_path("Heat"), episode_path("Lost", 2, 3)])
@pytest.mark.parametrize("failing", range(4))
async def test_one_answer_that_is_nonsense_never_makes_another_match(parsed: ParsedPath, failing: int) -> None:
    sound = await decide(parsed, InMemoryProvider(*HEAT))
    provider = Failing(lambda place: place == failing, ProviderMisbehaved("half an answer"))
    decision = await decide(parsed, provider)
    if decision.outcome is Outcome.MATCH:
        assert (decision.item and decision.item.tmdb_id, decision.episodes) == (
            sound.item and sound.item.tmdb_id,
            sound.episodes,
        )
    assert bool(decision.notes) == (len(provider.asked) > failing)


async def test_a_provider_that_answers_nothing_but_nonsense_is_told_to_the_person() -> None:
    decision = await decide(film_path("Heat", 1995), Failing(lambda place: True, ProviderMisbehaved("half an answer")))
    assert decision.outcome is Outcome.NO_MATCH
    assert "half an answer" in (decision.would_match_if or "")


@pytest.mark.parametrize("silent_from", range(2))
async def test_a_provider_that_falls_silent_leaves_the_file_undecided(silent_from: int) -> None:
    down = ProviderUnavailable("no connection", provider="memory", trouble=ProviderTrouble.DOWN)
    with pytest.raises(ProviderUnavailable):
        await decide(episode_path("Lost", 2, 3), Failing(lambda place: place >= silent_from, down))
