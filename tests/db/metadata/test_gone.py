"""Titles that the provider dropped, merged or wrote over keep item and files, and are marked for a person."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from mediastead.catalog.queries import StoredFacts, episode_ids, external_ids_of, item_by_id
from mediastead.catalog.types import GoneReason, ItemType
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.events.models import Event
from mediastead.files.models import MediaFile
from mediastead.metadata.errors import IdOfAnotherTitle, ProviderTrouble, ProviderUnavailable
from mediastead.metadata.facts import Candidate, ItemFacts
from mediastead.metadata.items import StoredItem, store_item
from mediastead.metadata.linking import link_item
from mediastead.metadata.refreshing import AFTER_GONE, AFTER_NEWS, AFTER_STRANGE, refresh_due, refresh_item

from .scripted import Scripted
from .test_linking import held, hold
from .test_store_item import FILM, series

SUCCESSOR = structs.replace(FILM, tmdb_id=9603)
OTHER = ItemFacts(type=ItemType.MOVIE, tmdb_id=603, title="Cooking in Spring", year=2021, external_ids={"imdb": "tt9"})


async def nothing_new(_session: AsyncSession, _tmdb_id: int) -> None: ...


async def add(database: Database, clock: SetClock, facts: ItemFacts) -> StoredItem:
    async with database.write() as session:
        return await store_item(session, facts, clock.now())


async def refresh(database: Database, clock: SetClock, provider: Scripted, item_id: int) -> StoredFacts:
    await refresh_item(database, provider, clock, nothing_new, item_id)
    return await item(database, item_id)


async def item(database: Database, item_id: int) -> StoredFacts:
    async with database.read() as session:
        found = await item_by_id(session, item_id)
    assert found is not None
    return found


async def events(database: Database, kind: str) -> list[dict[str, Any]]:
    async with database.read() as session:
        return list((await session.execute(select(Event.data).where(Event.kind == kind))).scalars())


async def test_a_deleted_id_marks_the_item_once_and_keeps_everything(database: Database, clock: SetClock):
    known = await add(database, clock, series(2))
    file_id = await hold(database, clock, known.item_id, b"a.mkv", (1, 2))
    since = clock.now()
    gone = await refresh(database, clock, Scripted(), known.item_id)
    assert (gone.gone_since, gone.gone_reason, gone.successors) == (since, GoneReason.DELETED, [])
    assert gone.refresh_due_at == since + AFTER_NEWS and gone.refresh_error
    clock.advance(AFTER_NEWS)
    again = await refresh(database, clock, Scripted(), known.item_id)
    assert again.gone_since == since and again.refresh_due_at == clock.now() + AFTER_GONE
    assert await held(database) == {file_id: {(known.item_id, 1, 2)}}
    async with database.read() as session:
        assert set(await episode_ids(session, known.item_id)) == {(1, 1), (1, 2)}
        assert (await session.execute(select(MediaFile.version))).scalar_one() == 1
    assert await events(database, "item.gone") == [
        {"item_id": known.item_id, "type": "series", "tmdb_id": 1399, "reason": "deleted"}
    ]


async def test_an_id_that_comes_back_is_marked_no_longer(database: Database, clock: SetClock):
    known = await add(database, clock, FILM)
    await refresh(database, clock, Scripted(), known.item_id)
    back = await refresh(database, clock, Scripted(FILM), known.item_id)
    assert (back.gone_since, back.gone_reason, back.successors, back.refresh_error) == (None, None, None, None)
    assert await events(database, "item.back") == [{"item_id": known.item_id}]
    await refresh(database, clock, Scripted(FILM), known.item_id)
    assert len(await events(database, "item.back")) == 1


async def test_what_carries_its_imdb_id_is_suggested_first(database: Database, clock: SetClock):
    known = await add(database, clock, FILM)
    gone = await refresh(database, clock, Scripted(SUCCESSOR), known.item_id)
    assert gone.successors == [
        {"type": "movie", "tmdb_id": 9603, "title": "The Matrix", "year": None, "found_by": "imdb"}
    ]


async def test_without_ids_elsewhere_a_title_of_the_same_name_and_year_is_suggested(
    database: Database, clock: SetClock
):
    without = structs.replace(FILM, external_ids={})
    known = await add(database, clock, without)
    names_alike = structs.replace(without, tmdb_id=5, title="The Matrix Explained")
    provider = Scripted(structs.replace(without, tmdb_id=4), names_alike)
    gone = await refresh(database, clock, provider, known.item_id)
    assert gone.successors and [(each["tmdb_id"], each["found_by"]) for each in gone.successors] == [(4, "title")]
    assert provider.calls == 2


async def test_where_successors_cannot_be_asked_for_the_item_is_marked_and_due_soon(
    database: Database, clock: SetClock
):
    class FailsAfterwards(Scripted):
        async def find(self, source: str, value: str) -> list[Candidate]:
            raise ProviderUnavailable("down", provider="tmdb", trouble=ProviderTrouble.DOWN)

    known = await add(database, clock, FILM)
    gone = await refresh(database, clock, FailsAfterwards(), known.item_id)
    assert gone.gone_since is not None and gone.successors is None
    assert gone.refresh_due_at == clock.now() + AFTER_STRANGE


async def test_another_title_under_the_id_is_not_written_over_the_item(database: Database, clock: SetClock):
    known = await add(database, clock, FILM)
    rewritten = await refresh(database, clock, Scripted(OTHER, SUCCESSOR), known.item_id)
    assert (rewritten.title, rewritten.year, rewritten.gone_reason) == ("The Matrix", 1999, GoneReason.REWRITTEN)
    assert rewritten.successors and [(each["tmdb_id"], each["found_by"]) for each in rewritten.successors] == [
        (603, "same_id"),
        (9603, "imdb"),
    ]
    async with database.read() as session:
        assert await external_ids_of(session, known.item_id) == {"imdb": "tt0133093"}


async def test_identification_does_not_write_another_title_over_the_item_either(database: Database, clock: SetClock):
    known = await add(database, clock, FILM)
    stored = await add(database, clock, OTHER)
    assert stored.another_title and stored.item_id == known.item_id and not stored.changed
    marked = await item(database, known.item_id)
    assert (marked.title, marked.gone_reason, marked.refresh_due_at) == ("The Matrix", "rewritten", clock.now())
    done = await refresh_due(database, Scripted(OTHER, SUCCESSOR), clock, asyncio.Event(), on_new_episodes=nothing_new)
    assert done == 1
    looked_for = (await item(database, known.item_id)).successors
    assert looked_for and [each["tmdb_id"] for each in looked_for] == [603, 9603]
    assert len(await events(database, "item.gone")) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Matrix I", "year": 2001, "external_ids": {"imdb": "tt0133093"}},
        {"title": "Cooking", "original_title": "Matriisi", "alternative_titles": (), "year": 2021, "external_ids": {}},
        {"title": "The Matrix", "year": 2021, "external_ids": {}},
        {"title": "Untitled Project", "original_title": None, "alternative_titles": (), "year": 2000},
        {"title": "Untitled Project", "original_title": None, "alternative_titles": (), "year": None},
    ],
    ids=["same imdb id", "a former title", "same title", "next year", "no year"],
)
async def test_a_title_that_is_corrected_is_still_the_same(database: Database, clock: SetClock, change: dict[str, Any]):
    known = await add(database, clock, FILM)
    after = await refresh(database, clock, Scripted(structs.replace(FILM, **change)), known.item_id)
    assert after.gone_since is None and after.title == change["title"]


async def test_what_a_person_said_by_linking_holds(database: Database, clock: SetClock):
    known = await add(database, clock, FILM)
    await refresh(database, clock, Scripted(OTHER), known.item_id)
    async with database.write() as session:
        await link_item(session, clock.now(), "local", known.item_id, OTHER)
    accepted = await item(database, known.item_id)
    assert (accepted.title, accepted.gone_since, accepted.refresh_error) == ("Cooking in Spring", None, None)
    async with database.read() as session:
        assert await external_ids_of(session, known.item_id) == {"imdb": "tt9"}
    assert (await refresh(database, clock, Scripted(OTHER), known.item_id)).gone_since is None


async def test_nothing_is_merged_into_an_item_that_had_the_id_as_another_title(database: Database, clock: SetClock):
    old = await add(database, clock, FILM)
    mine = await add(database, clock, structs.replace(FILM, tmdb_id=7, title="Cooking", year=2021))
    with pytest.raises(IdOfAnotherTitle):
        async with database.write() as session:
            await link_item(session, clock.now(), "local", mine.item_id, OTHER)
    assert (await item(database, mine.item_id)).tmdb_id == 7
    assert (await item(database, old.item_id)).title == "The Matrix"


async def test_an_item_that_is_gone_does_not_hold_up_the_others(database: Database, clock: SetClock):
    titles = [series(1, tmdb_id=number) for number in range(1, 6)]
    for facts in titles:
        await add(database, clock, facts)
    clock.advance(timedelta(days=2))
    provider = Scripted(*titles[1:])
    assert await refresh_due(database, provider, clock, asyncio.Event(), on_new_episodes=nothing_new) == 5
    assert len(await events(database, "item.gone")) == 1
