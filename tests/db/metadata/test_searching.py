"""A person who searches waits for the provider for a bounded time only."""

import inspect

import pytest

from mediastead.catalog.types import ItemType
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.metadata.cached import CachedProvider
from mediastead.metadata.errors import ProviderTrouble, ProviderUnavailable
from mediastead.metadata.service import PERSON_WAITS, search

from .scripted import Scripted
from .test_store_item import FILM


async def test_a_search_gives_up_and_the_answer_that_comes_later_is_there_for_the_next_one(
    database: Database, clock: SetClock
):
    slow = Scripted(FILM)
    slow.gate.clear()
    provider = CachedProvider(slow, database, clock, language="en-US", settings_digest="same")
    with pytest.raises(ProviderUnavailable) as given_up:
        await search(database, provider, "matrix", ItemType.MOVIE, None, seconds=0.2)
    assert given_up.value.trouble is ProviderTrouble.DOWN and "try again in a moment" in given_up.value.detail
    assert slow.calls == 1
    slow.gate.set()
    found = await search(database, provider, "matrix", ItemType.MOVIE, None)
    assert [title.tmdb_id for title in found.items] == [603]
    assert slow.calls == 1, "the question of the first search was not thrown away"
    # That somebody was impatient is no trouble of the provider's: nobody else is refused for it.
    assert await provider.refusal() is None


def test_a_person_waits_five_seconds() -> None:
    assert inspect.signature(search).parameters["seconds"].default == PERSON_WAITS == 5.0
