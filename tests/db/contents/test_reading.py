"""Files are read in the background: once as they are, shared between servers, and out of the way of everything else."""

import asyncio
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select, update

from mediastead.contents.reader import ContentReader, again_after
from mediastead.files.content_models import MediaFileProbe
from mediastead.files.contents import ContentFilter, streams_shown
from mediastead.files.listing import FileFilter, files_page
from mediastead.files.models import MediaFile, MediaFileState
from mediastead.files.schemas import ContentShown
from mediastead.files.shown import files_shown
from mediastead.files.types import StreamKind
from mediastead.libraries.models import Library, Scan
from mediastead.probing import Content, Fingerprint, Prober, Stream, read_fingerprint

from ..scanning.shelf import Shelf
from ..scanning.test_content_moves import copy, noise


class Here(Prober):
    """A prober that reads in this process, and notes what."""

    def __init__(self, *failing: bytes, content: Content | None = None) -> None:
        super().__init__()
        self.failing = set(failing)
        self.asked: list[bytes] = []
        self.content = content or Content()
        self.probed = 0

    async def fingerprint(self, path: bytes) -> Fingerprint:
        name = path.rpartition(b"/")[2]
        self.asked.append(name)
        return Fingerprint(error="Input/output error") if name in self.failing else read_fingerprint(path)

    async def probe(self, path: bytes) -> Content:
        self.probed += 1
        return self.content


class Hanging(Prober):
    def __init__(self) -> None:
        super().__init__()
        self.began = asyncio.Event()

    async def fingerprint(self, path: bytes) -> Fingerprint:
        self.began.set()
        await asyncio.sleep(600)
        raise AssertionError("nobody waits for that")


class Known(NamedTuple):
    fingerprint: bytes | None
    due: datetime | None
    tries: int


async def known(shelf: Shelf) -> dict[bytes, Known]:
    query = (
        select(MediaFile.name, MediaFileState.fingerprint, MediaFileState.read_due_at, MediaFileState.read_tries)
        .join(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .where(MediaFile.library_id == shelf.library_id, MediaFile.same_as_id.is_(None))
    )
    async with shelf.database.read() as session:
        return {row[0]: Known(row[1], row[2], row[3]) for row in await session.execute(query)}


def reader(shelf: Shelf, prober: Prober, batch: int = 25) -> ContentReader:
    return ContentReader(shelf.database, shelf.clock, prober, batch=batch)


async def read_all(shelf: Shelf, prober: Prober, batch: int = 25) -> None:
    while await reader(shelf, prober, batch).step(asyncio.Event()):
        pass


async def test_every_file_is_read_once_and_again_when_it_changed(shelf: Shelf) -> None:
    for number in range(5):
        shelf.put(f"{number}.mkv", noise(number))
    await shelf.scan()
    prober = Here()
    await read_all(shelf, prober, batch=2)
    assert sorted(prober.asked) == [b"%d.mkv" % number for number in range(5)]
    assert (await known(shelf))[b"3.mkv"] == Known(read_fingerprint(shelf.at("3.mkv")).value, None, 0)
    await shelf.scan()
    await read_all(shelf, prober)
    assert len(prober.asked) == 5
    shelf.put("3.mkv", noise(33))
    await shelf.scan()
    assert (await known(shelf))[b"3.mkv"].fingerprint is None
    await read_all(shelf, prober)
    assert prober.asked[5:] == [b"3.mkv"]
    assert (await known(shelf))[b"3.mkv"].fingerprint == read_fingerprint(shelf.at("3.mkv")).value


async def test_a_file_that_cannot_be_read_is_tried_again_after_longer_and_longer(shelf: Shelf) -> None:
    shelf.put("bad.mkv", noise(1))
    shelf.put("good.mkv", noise(2))
    await shelf.scan()
    prober = Here(b"bad.mkv")
    await read_all(shelf, prober)
    assert (await known(shelf))[b"bad.mkv"] == Known(None, shelf.clock.now() + timedelta(minutes=5), 1)
    shelf.clock.advance(timedelta(minutes=6))
    await read_all(shelf, prober)
    assert prober.asked.count(b"bad.mkv") == 2
    shelf.clock.advance(timedelta(minutes=6))
    await read_all(shelf, prober)
    assert prober.asked.count(b"bad.mkv") == 2
    prober.failing.clear()
    shelf.clock.advance(timedelta(minutes=20))
    await read_all(shelf, prober)
    assert (await known(shelf))[b"bad.mkv"] == Known(read_fingerprint(shelf.at("bad.mkv")).value, None, 0)
    assert again_after(30) == timedelta(days=1)


async def test_where_nothing_can_be_read_the_rest_waits(shelf: Shelf) -> None:
    names = [b"%d.mkv" % number for number in range(6)]
    for name in names:
        shelf.put(name, noise(name[0]))
    await shelf.scan()
    prober = Here(*names)
    await read_all(shelf, prober)
    assert len(prober.asked) == 3
    assert [each.tries for each in (await known(shelf)).values()].count(0) == 3


async def test_nothing_is_read_in_a_library_that_is_scanned_moved_in_or_away(shelf: Shelf) -> None:
    shelf.put("a.mkv", noise(1))
    await shelf.scan()
    prober = Here()
    library = update(Library).where(Library.id == shelf.library_id)
    scans = update(Scan).where(Scan.library_id == shelf.library_id)
    for busy, idle in (
        (library.values(unavailable_since=shelf.clock.now()), library.values(unavailable_since=None)),
        (library.values(organizing_group_id=1), library.values(organizing_group_id=None)),
        (scans.values(phase="inventory", outcome=None), scans.values(phase="finished", outcome="completed")),
    ):
        async with shelf.database.write() as session:
            await session.execute(busy)
        assert not await reader(shelf, prober).step(asyncio.Event())
        async with shelf.database.write() as session:
            await session.execute(idle)
    await read_all(shelf, prober)
    assert prober.asked == [b"a.mkv"]


async def test_two_servers_read_every_file_once_between_them(shelf: Shelf) -> None:
    for number in range(12):
        shelf.put(f"{number}.mkv", noise(number))
    await shelf.scan()
    one, other = Here(), Here()
    await asyncio.gather(read_all(shelf, one, batch=2), read_all(shelf, other, batch=2))
    assert len(one.asked) + len(other.asked) == 12
    assert all(each.fingerprint for each in (await known(shelf)).values())


async def test_what_a_dead_server_had_claimed_is_read_after_a_while(shelf: Shelf) -> None:
    shelf.put("a.mkv", noise(1))
    await shelf.scan()
    disk = Hanging()
    dying = asyncio.create_task(reader(shelf, disk).step(asyncio.Event()))
    await asyncio.wait_for(disk.began.wait(), 10)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    prober = Here()
    assert not await reader(shelf, prober).step(asyncio.Event())
    shelf.clock.advance(timedelta(minutes=16))
    await read_all(shelf, prober)
    assert prober.asked == [b"a.mkv"]


async def test_whoever_stops_waits_for_no_disk(shelf: Shelf) -> None:
    shelf.put("a.mkv", noise(1))
    await shelf.scan()
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.1, stop.set)
    async with asyncio.timeout(5):
        await reader(shelf, Hanging()).step(stop)
    assert (await known(shelf))[b"a.mkv"].due == shelf.clock.now()  # for the next server


async def test_what_changed_while_it_was_read_is_read_again(shelf: Shelf) -> None:
    shelf.put("a.mkv", noise(1))
    await shelf.scan()

    class Slow(Here):
        async def fingerprint(self, path: bytes) -> Fingerprint:
            taken = await super().fingerprint(path)
            shelf.put("a.mkv", noise(2, 2000))
            await shelf.scan()
            return taken

    await reader(shelf, Slow()).step(asyncio.Event())
    assert (await known(shelf))[b"a.mkv"] == Known(None, shelf.clock.now(), 0)
    await read_all(shelf, Here())
    assert (await known(shelf))[b"a.mkv"].fingerprint == read_fingerprint(shelf.at("a.mkv")).value


async def test_reading_a_copy_tells_that_it_is_the_file_that_is_missing(shelf: Shelf, other_shelf: Shelf) -> None:
    shelf.put("a.mkv", noise(1))
    await shelf.scan()
    prober = Here()
    await read_all(shelf, prober)
    original = await shelf.id_of("a.mkv")
    copy(shelf, "a.mkv", "x/film.mkv", other_shelf)
    await other_shelf.scan()
    shelf.remove("a.mkv")
    await shelf.scan()
    await read_all(other_shelf, prober)
    assert await other_shelf.present() == {b"x/film.mkv": original}
    assert await shelf.missing() == {}


async def test_what_a_file_contains_is_read_once_and_again_when_it_changed(shelf: Shelf) -> None:
    shelf.put("film.mkv", noise(1))
    await shelf.scan()
    prober = Here(content=UHD)
    await read_all(shelf, prober)
    file_id = await shelf.id_of("film.mkv")
    async with shelf.database.read() as session:
        [shown] = await files_shown(session, [file_id])
        streams = (await streams_shown(session, [file_id]))[file_id]
    assert shown.content == ContentShown(
        duration=61.5,
        container="Matroska",
        bitrate=None,
        resolution="2160p",
        hdr="HDR10",
        video_codec="hevc",
        error=None,
    )
    assert [(each.kind.value, each.language) for each in streams] == [
        ("video", None),
        ("audio", "de"),
        ("text", "pt-br"),
    ]
    prober.content = Content(error="reading it crashed")
    async with shelf.database.write() as session:
        await session.execute(update(MediaFileState).values(read_due_at=shelf.clock.now()))
    await read_all(shelf, prober)
    assert prober.probed == 1
    shelf.put("film.mkv", noise(2))
    await shelf.scan()
    await read_all(shelf, prober)
    async with shelf.database.read() as session:
        [shown] = await files_shown(session, [file_id])
        assert shown.content and shown.content.error == "reading it crashed"
        assert await streams_shown(session, [file_id]) == {}
    # What breaks the prober is not tried again until it changed.
    await shelf.scan()
    await read_all(shelf, prober)
    assert prober.probed == 2


async def test_files_are_listed_by_what_they_contain(shelf: Shelf) -> None:
    prober = Here(content=UHD)
    shelf.put("uhd.mkv", noise(1))
    await shelf.scan()
    await read_all(shelf, prober)
    prober.content = Content(
        streams=(
            Stream(kind=StreamKind.VIDEO, codec="h264", width=1920, height=800),
            Stream(kind=StreamKind.AUDIO, codec="ac3", language="en"),
        )
    )
    shelf.put("hd.mkv", noise(2))
    await shelf.scan()
    await read_all(shelf, prober)
    shelf.put("unread.mkv", noise(3))
    await shelf.scan()
    for which, expected in (
        (ContentFilter(resolution="2160p"), ["uhd.mkv"]),
        (ContentFilter(hdr=True), ["uhd.mkv"]),
        (ContentFilter(hdr=False), ["hd.mkv"]),
        (ContentFilter(video_codec="h264"), ["hd.mkv"]),
        (ContentFilter(audio_language="DE"), ["uhd.mkv"]),
        (ContentFilter(video_codec="H264", audio_codec="AC3"), ["hd.mkv"]),
        (ContentFilter(container="mkv", audio_codec="eac3", channels=6), ["uhd.mkv"]),
        (ContentFilter(container="avi"), []),
        (ContentFilter(channels=2), ["uhd.mkv"]),
        (ContentFilter(channels=7), []),
        (ContentFilter(longer_than=61.0, shorter_than=62.0), ["uhd.mkv"]),
        (ContentFilter(shorter_than=61.0), []),
        (ContentFilter(subtitle_language="pt"), ["uhd.mkv"]),
        (ContentFilter(subtitle_language="p"), []),
        (ContentFilter(resolution="1080p", audio_language="de"), []),
    ):
        for few in (5000, 0):
            async with shelf.database.read() as session:
                page = await files_page(session, FileFilter(content=which), few=few)
            assert [file.path for file in page.items] == expected, which


async def test_files_are_found_by_the_suffix_that_people_know_their_container_by(shelf: Shelf) -> None:
    shelf.put("film.mkv", noise(1))
    await shelf.scan()
    await read_all(shelf, Here(content=UHD))
    for suffix, read in (
        ("mpg", "MPEG-PS"),
        ("MPEG", "MPEG-PS"),
        ("vob", "MPEG-PS"),
        ("mov", "MPEG-4"),
        ("flv", "Flash Video"),
        ("ogv", "Ogg"),
        ("rmvb", "RealMedia"),
        ("divx", "AVI"),
        ("3gp", "MPEG-4"),
        ("asf", "Windows Media"),
        ("mts", "BDAV"),
        ("m2ts", "MPEG-TS"),
        ("m2v", "MPEG Video"),
        ("mxf", "MXF"),
    ):
        async with shelf.database.write() as session:
            await session.execute(update(MediaFileProbe).values(container=read))
        async with shelf.database.read() as session:
            page = await files_page(session, FileFilter(content=ContentFilter(container=suffix)))
        assert [file.path for file in page.items] == ["film.mkv"], suffix


async def test_what_an_older_version_read_is_read_again(shelf: Shelf) -> None:
    shelf.put("film.mkv", noise(1))
    await shelf.scan()
    prober = Here(content=UHD)
    await read_all(shelf, prober)
    again = reader(shelf, prober)
    await again.note_unread(asyncio.Event())
    await read_all(shelf, prober)
    assert prober.probed == 1
    async with shelf.database.write() as session:
        await session.execute(update(MediaFileProbe).values(reader=0))
    await again.note_unread(asyncio.Event())
    await read_all(shelf, prober)
    assert prober.probed == 2


UHD = Content(
    duration_ms=61_500,
    container="Matroska",
    streams=(
        Stream(kind=StreamKind.VIDEO, codec="hevc", width=3840, height=2160, hdr="HDR10"),
        Stream(kind=StreamKind.AUDIO, codec="eac3", language="de", channels=6),
        Stream(kind=StreamKind.TEXT, codec="subrip", language="pt-br"),
    ),
)
