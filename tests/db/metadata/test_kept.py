"""Answers of the provider are kept once for all decisions that went by them, given back without network, and cleaned up."""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import func, select, update

from mediastead.catalog.types import ItemType
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.files.models import MediaFileDecision
from mediastead.metadata.bundled import BundledCatalogue
from mediastead.metadata.errors import ItemNotFound, NotKept, ProviderMisbehaved
from mediastead.metadata.facts import Candidate, ItemFacts
from mediastead.metadata.kept import Answer, Hearing, KeptProvider, Recording, keep
from mediastead.metadata.models import KeptAnswer
from mediastead.metadata.queries import kept_bodies
from mediastead.metadata.unused import drop_unused

from ..files.shelf import Shelf, unsure


class Strange(BundledCatalogue):
    """Gives an answer that cannot be read to the question for one title."""

    async def item(self, type: ItemType, tmdb_id: int) -> ItemFacts:
        if tmdb_id == 13:
            raise ProviderMisbehaved("half an answer")
        return await super().item(type, tmdb_id)


async def nothing_newer(_question: str) -> tuple[int, Answer] | None:
    return None


async def kept_ids(database: Database) -> list[int]:
    async with database.read() as session:
        return list((await session.execute(select(KeptAnswer.id).order_by(KeptAnswer.id))).scalars())


async def ask(recording: Recording) -> list[Candidate]:
    found = await recording.search(ItemType.MOVIE, " The  Matrix", year=1999)
    await recording.item(ItemType.MOVIE, found[0].tmdb_id)
    for wrong, error in ((999_999_999, ItemNotFound), (13, ProviderMisbehaved)):
        with pytest.raises(error):
            await recording.item(ItemType.MOVIE, wrong)
    return found


async def test_what_was_heard_answers_the_same_questions_again(database: Database, clock: SetClock) -> None:
    recording = Recording(Strange(), Hearing())
    found = await ask(recording)
    async with database.write() as session:
        ids = await keep(session, clock.now(), recording.heard)
    answers = {each.question: (ids[each.digest], as_answer(each.body)) for each in recording.heard}
    provider = KeptProvider(recording.name, answers, nothing_newer)
    assert await provider.search(ItemType.MOVIE, "the MATRIX", year=1999) == found
    facts = await provider.item(ItemType.MOVIE, 603)
    assert (facts.title, facts.year, facts.overview, facts.cast) == ("The Matrix", 1999, None, ())
    with pytest.raises(ItemNotFound):
        await provider.item(ItemType.MOVIE, 999_999_999)
    with pytest.raises(ProviderMisbehaved, match="half an answer"):
        await provider.item(ItemType.MOVIE, 13)
    with pytest.raises(NotKept, match="search/movie//the matrix"):
        await provider.search(ItemType.MOVIE, "The Matrix")
    assert sorted(provider.used.values()) == sorted(ids.values())


async def test_the_same_answer_is_kept_once_and_its_use_noted(database: Database, clock: SetClock) -> None:
    seen: list[dict[bytes, int]] = []
    for _ in range(3):
        recording = Recording(Strange(), Hearing())
        await ask(recording)
        async with database.write() as session:
            seen.append(await keep(session, clock.now(), recording.heard))
        clock.advance(timedelta(hours=2))
    assert seen[0] == seen[1] == seen[2]
    async with database.read() as session:
        assert (await session.execute(select(func.count()).select_from(KeptAnswer))).scalar_one() == 4
        used = set((await session.execute(select(KeptAnswer.used_at))).scalars())
        (body,) = [each for each in await kept_bodies(session, seen[0].values()) if "item/movie/603" in each.question]
    assert used == {clock.now() - timedelta(hours=2)}
    assert len(body.body) < 600


async def test_unused_answers_go_and_those_that_a_decision_names_or_that_are_fresh_stay(
    database: Database, clock: SetClock
) -> None:
    shelf = Shelf(database)
    file = await shelf.file(await shelf.library(), "The Matrix.mkv")
    recording = Recording(Strange(), Hearing())
    await ask(recording)
    async with database.write() as session:
        ids = sorted((await keep(session, clock.now(), recording.heard)).values())
    inputs = f'{{"answers":[{ids[0]}],"numbering":{ids[1]},"orders":{{"7":{ids[2]}}}}}'
    await shelf.decide(file, unsure(), inputs=inputs)
    assert await drop_unused(database, clock) == 0  # too fresh to be judged
    clock.advance(timedelta(days=2))
    assert await drop_unused(database, clock) == 1
    assert await kept_ids(database) == ids[:3]
    async with database.write() as session:
        await session.execute(update(MediaFileDecision).values(inputs=None))
        await session.execute(update(KeptAnswer).where(KeptAnswer.id == ids[1]).values(used_at=clock.now()))
    assert await drop_unused(database, clock) == 2
    assert await kept_ids(database) == [ids[1]]


def as_answer(body: bytes) -> Answer:
    return msgspec.json.decode(body, type=Answer)
