"""What a person may say about a title that the provider does not have."""

from datetime import date

import msgspec
import pytest
from sqlalchemy import select

from mediastead.catalog.models import MediaItem
from mediastead.catalog.queries import episode_ids, episodes_of, item_by_id
from mediastead.catalog.types import ItemType
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.errors import InvalidRequest
from mediastead.metadata.by_hand import change_item, create_item, put_season
from mediastead.metadata.errors import EpisodeHeld, KeptByProvider, NoSuchItem
from mediastead.metadata.items import store_item
from mediastead.metadata.schemas import EpisodeEntry, ItemChange, NewItem, SeasonEntry
from mediastead.operations.models import Operation

from .test_linking import by_hand, hold
from .test_store_item import series


def season(*numbers: int) -> SeasonEntry:
    return SeasonEntry(title="Ours", episodes=[EpisodeEntry(number=number) for number in numbers])


async def test_a_home_video_is_made_with_what_is_known_of_it(database: Database, clock: SetClock):
    new = NewItem(type=ItemType.MOVIE, title="The Wedding", release_date=date(2019, 6, 1), cast=["Ana", "Ben"])
    async with database.write() as session:
        item_id = await create_item(session, clock.now(), "ana", new)
    async with database.read() as session:
        item = await item_by_id(session, item_id)
        keys = (await session.execute(select(MediaItem.sort_key, MediaItem.search_text))).one()
        operation = (await session.execute(select(Operation.actor, Operation.kind, Operation.after))).one()
    assert item is not None
    assert (item.title, item.year, item.tmdb_id, item.refresh_due_at) == ("The Wedding", 2019, None, None)
    assert tuple(keys) == ("wedding the", "the wedding")
    assert operation[:2] == ("ana", "item_made") and operation[2]["release_date"] == "2019-06-01"


async def test_many_items_by_hand_may_have_one_title(database: Database, clock: SetClock):
    assert await by_hand(database, clock) != await by_hand(database, clock)


async def test_only_what_is_given_is_changed(database: Database, clock: SetClock):
    item_id = await by_hand(database, clock)
    change = msgspec.json.decode(b'{"title": "The Better Title", "year": 1984}', type=ItemChange)
    async with database.write() as session:
        await change_item(session, clock.now(), "local", item_id, change)
        await change_item(
            session, clock.now(), "local", item_id, msgspec.json.decode(b'{"year": null}', type=ItemChange)
        )
        item = await item_by_id(session, item_id)
        key = await session.scalar(select(MediaItem.sort_key))
    assert item is not None and (item.title, item.year, key) == ("The Better Title", None, "better title the")


async def test_a_season_is_what_it_was_last_said_to_be(database: Database, clock: SetClock):
    item_id = await by_hand(database, clock, s1=3)
    async with database.write() as session:
        before = await episode_ids(session, item_id)
        await put_season(session, clock.now(), "local", item_id, 1, season(2, 9))
        after = await episode_ids(session, item_id)
        titles = [episode.title for episode in await episodes_of(session, item_id)]
    assert set(after) == {(1, 2), (1, 9)} and after[1, 2] == before[1, 2] and titles == [None, None]


async def test_a_season_may_be_empty(database: Database, clock: SetClock):
    item_id = await by_hand(database, clock, s0=0)
    async with database.write() as session:
        assert await episode_ids(session, item_id) == {}


async def test_an_episode_that_a_file_holds_does_not_go(database: Database, clock: SetClock):
    item_id = await by_hand(database, clock, s1=2)
    await hold(database, clock, item_id, b"a.mkv", (1, 2))
    with pytest.raises(EpisodeHeld) as refused:
        async with database.write() as session:
            await put_season(session, clock.now(), "local", item_id, 1, season(1))
    assert refused.value.extra["episodes"] == [[1, 2]]
    async with database.read() as session:
        assert set(await episode_ids(session, item_id)) == {(1, 1), (1, 2)}


async def test_what_the_provider_says_is_not_changed_by_hand(database: Database, clock: SetClock):
    async with database.write() as session:
        item_id = (await store_item(session, series(1), clock.now())).item_id
    async with database.write() as session:
        with pytest.raises(KeptByProvider):
            await change_item(session, clock.now(), "local", item_id, ItemChange(title="Mine"))
        with pytest.raises(KeptByProvider):
            await put_season(session, clock.now(), "local", item_id, 1, season(1))


async def test_what_makes_no_sense_is_refused(database: Database, clock: SetClock):
    film, show = await by_hand(database, clock, ItemType.MOVIE), await by_hand(database, clock)
    async with database.write() as session:
        with pytest.raises(InvalidRequest, match="film"):
            await put_season(session, clock.now(), "local", film, 1, season(1))
        with pytest.raises(InvalidRequest, match="same number"):
            await put_season(session, clock.now(), "local", show, 1, season(1, 1))
        with pytest.raises(NoSuchItem):
            await put_season(session, clock.now(), "local", 999, 1, season(1))
        with pytest.raises(InvalidRequest, match="title"):
            await create_item(session, clock.now(), "local", NewItem(type=ItemType.MOVIE))
