"""Plans of whole libraries, made title by title, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from mediastead.files.content_models import MediaFileProbe
from mediastead.files.models import MediaFileState
from mediastead.files.types import Role
from mediastead.libraries.models import Library
from mediastead.organizing import service
from mediastead.organizing.errors import NotOrganizable, OrganizeWhat, OrganizingDoesNotAllow
from mediastead.organizing.models import GroupState, OrganizingGroup, OrganizingState, OrganizingStep
from mediastead.organizing.planning import Planner
from mediastead.organizing.schemas import OrganizeRequest, OrganizingView
from mediastead.organizing.storing import open_plan

from .house import House
from .titles import Titles


@pytest.fixture
def titles(house: House) -> Titles:
    return Titles(house)


async def test_a_plan_is_made_done_and_taken_back(house: House, titles: Titles) -> None:
    house.put("alien.mkv", "alien.srt", "unknown.mkv", "gone.mkv")
    await house.shelf.scan()
    house.shelf.remove("gone.mkv")
    await house.shelf.scan()
    await titles.film("Alien", "alien.mkv")
    before = house.disk()
    view = await titles.plan()
    assert view.state is OrganizingState.PLANNED
    assert view.counts == {"groups": 1, "moves": 2, "refused": 0, "unchanged": 0, "not_matched": 1, "missing": 1}
    assert house.disk() == before
    done = await titles.do(view.id)
    assert (done.state, done.groups) == (OrganizingState.ENDED, {"done": 1})
    assert set(house.disk()) == {"Alien (2000)/Alien (2000).mkv", "Alien (2000)/Alien (2000).srt", "unknown.mkv"}
    again = await titles.plan()
    assert (again.counts["moves"], again.counts["unchanged"]) == (0, 1)
    async with titles.database.write() as session:
        undo = await service.plan_undo(session, titles.clock.now(), "test", view.id)
    await titles.do(undo.id)
    assert house.disk() == before


async def test_a_plan_in_which_nothing_is_to_be_done_has_ended(house: House, titles: Titles) -> None:
    house.put("alien.mkv", "Alien (2000)/Alien (2000).mkv")
    await house.shelf.scan()
    await titles.film("Alien", "alien.mkv")
    view = await titles.plan()
    assert (view.state, view.ended_at, view.expires_at) == (OrganizingState.ENDED, titles.clock.now(), None)
    assert view.groups == {"refused": 1}
    async with titles.database.write() as session:
        for asked in (service.apply, service.discard):
            assert await asked(session, titles.clock.now(), view.id) == view, (
                "whoever plans and applies need not look first"
            )
        with pytest.raises(OrganizingDoesNotAllow, match="It moved nothing"):
            await service.plan_undo(session, titles.clock.now(), "test", view.id)
    await service.forget_plans(titles.database, titles.clock)
    assert (await titles.view(view.id)).groups == {"refused": 1}
    titles.clock.advance(timedelta(days=2))
    await service.forget_plans(titles.database, titles.clock)
    assert (await titles.view(view.id)).groups == {}


async def test_what_was_edited_or_deleted_since_keeps_nothing_from_being_taken_back(
    house: House, titles: Titles
) -> None:
    house.put("alien.mkv", "alien.srt", "alien.nfo", "brazil.mkv", "solaris.mkv")
    await house.shelf.scan()
    for title in ("Alien", "Brazil", "Solaris"):
        await titles.film(title, f"{title.lower()}.mkv")
    done = await titles.do((await titles.plan()).id)
    house.shelf.put("Alien (2000)/Alien (2000).mkv", b"tagged")
    house.shelf.put("Alien (2000)/Alien (2000).srt", b"other words")
    house.shelf.remove("Alien (2000)/Alien (2000).nfo")
    house.put("brazil.mkv")
    await house.shelf.scan()
    lying = house.disk()

    async def undo() -> OrganizingView:
        async with titles.database.write() as session:
            planned = await service.plan_undo(session, titles.clock.now(), "test", done.id)
        return await titles.do(planned.id)

    assert (await undo()).groups == {"done": 2, "refused": 1}
    assert house.disk() == {
        "alien.mkv": lying["Alien (2000)/Alien (2000).mkv"],
        "alien.srt": lying["Alien (2000)/Alien (2000).srt"],
        "solaris.mkv": lying["Solaris (2000)/Solaris (2000).mkv"],
        "brazil.mkv": lying["brazil.mkv"],
        "Brazil (2000)/Brazil (2000).mkv": lying["Brazil (2000)/Brazil (2000).mkv"],
    }
    assert await house.known() == {path: inode for path, inode in house.disk().items() if path.endswith(".mkv")}
    house.shelf.remove("brazil.mkv")
    await house.shelf.scan()
    assert (await undo()).groups == {"done": 1}, "what is back already is no part of it any more"


@pytest.mark.parametrize("at_once", [1, 1000])
async def test_a_swap_of_two_titles_is_one_group_however_small_the_bites(
    house: House, titles: Titles, at_once: int
) -> None:
    one, other = "Alien (2000)/Alien (2000).mkv", "Brazil (2000)/Brazil (2000).mkv"
    house.put(one, other, "solaris.mkv")
    await house.shelf.scan()
    await titles.film("Solaris", "solaris.mkv")
    await titles.film("Brazil", one)
    await titles.film("Alien", other)
    view = await titles.plan(at_once=at_once)
    assert sorted(map(len, await titles.moves(view.id))) == [1, 2]
    assert {one: other, other: one} in await titles.moves(view.id)
    done = await titles.do(view.id)
    assert done.groups == {"done": 2}


@pytest.mark.parametrize("at_once", [1, 1000])
async def test_two_titles_that_would_be_called_the_same_stay_both(house: House, titles: Titles, at_once: int) -> None:
    house.put("a.mkv", "b.mkv", "c.mp4")
    await house.shelf.scan()
    await titles.film("Alien", "a.mkv")
    await titles.film("ALIEN", "b.mkv")
    await titles.film("Alien", "c.mp4")
    view = await titles.plan(at_once=at_once)
    assert await titles.refused(view.id) == dict.fromkeys(("a.mkv", "b.mkv", "c.mp4"), "same_target")
    assert await titles.moves(view.id) == []


async def test_only_some_files_or_titles_may_be_planned(house: House, titles: Titles) -> None:
    house.put("a.mkv", "b.mkv", "c.mkv")
    await house.shelf.scan()
    await titles.film("Alien", "a.mkv")
    item_id = await titles.film("Brazil", "b.mkv")
    await titles.film("Contact", "c.mkv")
    by_item = await titles.plan(item_ids=[item_id])
    assert await titles.moves(by_item.id) == [{"b.mkv": "Brazil (2000)/Brazil (2000).mkv"}]
    by_file = await titles.plan(file_ids=[await house.shelf.id_of("c.mkv")])
    assert await titles.moves(by_file.id) == [{"c.mkv": "Contact (2000)/Contact (2000).mkv"}]
    refused: list[dict[str, Any]] = [{"file_ids": [10**6]}, {"item_ids": [item_id], "file_ids": [1]}]
    for nothing in refused:
        with pytest.raises(OrganizeWhat):
            await titles.plan(**nothing)


async def test_names_say_what_was_read_of_the_picture_of_the_content_that_is_there_now(
    house: House, titles: Titles
) -> None:
    house.put("a.mkv", "b.mkv", "c.mkv")
    await house.shelf.scan()
    for title, path in (("Alien", "a.mkv"), ("Brazil", "b.mkv"), ("Cube", "c.mkv")):
        await titles.film(title, path)
    states = select(MediaFileState.file_id, MediaFileState.size, MediaFileState.mtime_ns).order_by("file_id")
    async with house.database.write() as session:
        await session.execute(
            update(Library).values(naming_template="{{ title }} {{ code }} [{{ resolution }} {{ hdr }}]")
        )
        (sharp, replaced, _unread) = (await session.execute(states)).all()
        for file, size in ((sharp, sharp.size), (replaced, replaced.size + 1)):
            read = {"file_id": file.file_id, "size": size, "mtime_ns": file.mtime_ns, "probed_at": house.clock.now()}
            await session.execute(insert(MediaFileProbe), {**read, "resolution": "2160p", "hdr": "HDR10"})
    view = await titles.plan()
    assert await titles.moves(view.id) == [
        {"a.mkv": "Alien [2160p HDR10].mkv"},
        {"b.mkv": "Brazil.mkv"},
        {"c.mkv": "Cube.mkv"},
    ]


async def test_samples_and_files_that_are_still_written_to_stay(house: House, titles: Titles) -> None:
    house.put("a.mkv", "sample.mkv")
    await house.shelf.scan()
    await titles.film("Alien", "sample.mkv", role=Role.SAMPLE)
    await titles.film("Brazil", "a.mkv")
    async with titles.database.write() as session:
        written = update(MediaFileState).where(MediaFileState.file_id == await house.shelf.id_of("a.mkv"))
        await session.execute(written.values(unsettled_since=titles.clock.now()))
    view = await titles.plan()
    assert view.counts == {"groups": 0, "moves": 0, "refused": 0, "unchanged": 0, "samples": 1, "unsettled": 1}


async def test_a_library_without_a_marker_is_not_organized(house: House, titles: Titles) -> None:
    async with titles.database.write() as session:
        await session.execute(update(Library).values(root_marker=None))
    with pytest.raises(NotOrganizable, match="--accept-root"):
        await titles.plan()


async def test_a_root_that_is_away_gives_a_plan_that_says_so(house: House, titles: Titles) -> None:
    house.put("a.mkv")
    await house.shelf.scan()
    await titles.film("Alien", "a.mkv")
    house.shelf.root.rename(house.shelf.root.with_name("away"))
    view = await titles.plan()
    assert view.counts == {"groups": 0, "moves": 0, "refused": 1, "unchanged": 0}
    (group,) = await titles.groups(view.id, GroupState.REFUSED)
    assert "mount the disk" in (group.said or "")


async def test_a_plan_grows_old_and_its_rows_go(house: House, titles: Titles) -> None:
    house.put("a.mkv")
    await house.shelf.scan()
    await titles.film("Alien", "a.mkv")
    view = await titles.plan()
    titles.clock.advance(timedelta(hours=25))
    with pytest.raises(OrganizingDoesNotAllow):
        await titles.do(view.id)
    await service.forget_plans(titles.database, titles.clock)
    assert (await titles.view(view.id)).state is OrganizingState.EXPIRED
    async with titles.database.read() as session:
        for table in (OrganizingGroup, OrganizingStep):
            assert (await session.execute(select(func.count()).select_from(table))).scalar_one() == 0


async def test_a_plan_whose_process_is_gone_is_discarded(house: House, titles: Titles) -> None:
    async with titles.database.write() as session:
        left = await open_plan(session, titles.clock.now(), house.shelf.library_id, "test")
    assert await Planner(titles.database, titles.clock).drop_forsaken() == 1
    assert (await titles.view(left)).state is OrganizingState.DISCARDED


async def test_a_plan_that_is_discarded_while_it_is_made_holds_nothing(house: House, titles: Titles) -> None:
    house.put("a.mkv")
    await house.shelf.scan()
    await titles.film("Alien", "a.mkv")
    now = titles.clock.now()
    async with titles.database.write() as session:
        begun = await service.open_plan(session, now, "test", OrganizeRequest(library_id=house.shelf.library_id))
        await service.discard(session, now, begun.organizing_id)
    planner = Planner(titles.database, titles.clock)
    planner.begin(begun)
    await planner.finish()
    view = await titles.view(begun.organizing_id)
    assert (view.state, view.groups) == (OrganizingState.DISCARDED, {})


async def test_what_is_not_done_cannot_be_taken_back(house: House, titles: Titles) -> None:
    house.put("alien.mkv")
    await house.shelf.scan()
    await titles.film("Alien", "alien.mkv")
    view = await titles.plan()
    async with titles.database.write() as session:
        with pytest.raises(OrganizingDoesNotAllow, match="apply or discard"):
            await service.plan_undo(session, titles.clock.now(), "test", view.id)
    house.shelf.remove("alien.mkv")
    assert (await titles.do(view.id)).groups == {"refused": 1}
    async with titles.database.write() as session:
        with pytest.raises(OrganizingDoesNotAllow, match="moved nothing"):
            await service.plan_undo(session, titles.clock.now(), "test", view.id)
