"""The reading half of `/v1/libraries`, `/v1/items` and `/v1/media-files`."""

from typing import Annotated

from litestar import Controller, get
from litestar.params import PathParameter, QueryParameter

from ..catalog.types import ItemType
from ..clock import Clock
from ..db.engine import Database
from ..files.contents import ContentFilter
from ..files.listing import FileFilter, FileSort, files_page
from ..files.schemas import FileShown
from ..files.types import Identification, Presence, Role
from ..http.paging import DEFAULT_LIMIT, LARGEST_INTEGER, Cursor, Limit, Page
from ..http.permissions import Permission, requires
from ..metadata.provider import Provider
from ..unmatched.showing import provider_wait
from . import service
from .listing import ItemFilter, ItemSort
from .roots import Roots
from .schemas import FileDetail, ItemDetail, ItemShown, LibraryShown, MissingFile, SeasonsShown
from .story import Story, file_story

AnId = Annotated[int, PathParameter(ge=1, le=LARGEST_INTEGER)]
SomeId = Annotated[int | None, QueryParameter(ge=1, le=LARGEST_INTEGER)]
Words = Annotated[str | None, QueryParameter(max_length=200, description="Words, or their beginnings.")]
Descending = Annotated[bool, QueryParameter(description="The last first.")]
Resolution = Annotated[str | None, QueryParameter(max_length=20, description="Of the picture, such as 2160p.")]
Codec = Annotated[str | None, QueryParameter(max_length=100, description="Such as hevc or h264, ac3 or dts.")]
Container = Annotated[str | None, QueryParameter(max_length=100, description="Such as matroska, mp4 or avi.")]
Seconds = Annotated[float | None, QueryParameter(ge=0, le=10**7, description="Seconds that it plays.")]
Channels = Annotated[int | None, QueryParameter(ge=1, le=1000, description="Of the sound, or more: 6 is 5.1.")]
Language = Annotated[str | None, QueryParameter(max_length=100, description="Such as en; pt is pt-br as well.")]
Rotted = Annotated[
    bool, QueryParameter(description="Only those that are no longer what they were, unchanged by anybody.")
]
Doubted = Annotated[
    bool, QueryParameter(description="Only those that were replaced and hardly are what they are taken for.")
]
Duplicates = Annotated[bool, QueryParameter(description="Only those of which another one holds the same content.")]
WithDecision = Annotated[bool, QueryParameter(description="With the latest decision of identification.")]

MAY_SEE = [requires(Permission.VIEW)]


class LibraryViewsController(Controller):
    path = "/v1/libraries"
    tags = ("libraries",)

    @get("/", guards=MAY_SEE, summary="All libraries, with counts by identification and presence")
    async def list_libraries(self, database: Database, provider: Provider, roots: Roots) -> Page[LibraryShown]:
        watched = await service.are_watched(database)
        async with database.read() as session:
            found = await service.libraries(session, provider.name, watched=watched)
        return Page(await service.with_those_away(database, roots, found))

    @get("/{library_id:int}", guards=MAY_SEE, summary="One library")
    async def see(self, library_id: AnId, database: Database, provider: Provider, roots: Roots) -> LibraryShown:
        watched = await service.are_watched(database)
        async with database.read() as session:
            found = await service.library(session, library_id, provider.name, watched=watched)
        return (await service.with_those_away(database, roots, [found]))[0]


class MediaFilesController(Controller):
    path = "/v1/media-files"
    tags = ("media files",)

    @get("/", guards=MAY_SEE, summary="Media files")
    async def list_files(
        self,
        database: Database,
        provider: Provider,
        library: SomeId = None,
        folder: SomeId = None,
        identification: Identification | None = None,
        presence: Presence | None = None,
        role: Role | None = None,
        item: SomeId = None,
        resolution: Resolution = None,
        hdr: bool | None = None,
        video_codec: Codec = None,
        container: Container = None,
        longer_than: Seconds = None,
        shorter_than: Seconds = None,
        audio_codec: Codec = None,
        channels: Channels = None,
        audio_language: Language = None,
        subtitle_language: Language = None,
        duplicates: Duplicates = False,
        rotted: Rotted = False,
        doubted: Doubted = False,
        words: Words = None,
        sort: FileSort = FileSort.NAME,
        descending: Descending = False,
        decision: WithDecision = False,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[FileShown]:
        which = FileFilter(
            library_id=library,
            folder_id=folder,
            identification=identification,
            presence=presence,
            role=role,
            item_id=item,
            content=ContentFilter(
                resolution=resolution,
                hdr=hdr,
                video_codec=video_codec,
                container=container,
                longer_than=longer_than,
                shorter_than=shorter_than,
                audio_codec=audio_codec,
                channels=channels,
                audio_language=audio_language,
                subtitle_language=subtitle_language,
                duplicates=duplicates or None,
            ).if_given(),
            rotted=rotted or None,
            doubted=doubted or None,
            words=words,
        )
        async with database.read() as session:
            return await files_page(
                session,
                which,
                sort=sort,
                descending=descending,
                cursor=cursor,
                limit=limit,
                provider=await provider_wait(session, provider.name),
                decisions=decision,
            )

    @get("/missing", guards=MAY_SEE, summary="Files that are gone: what they were, and what is left of that")
    async def list_missing(
        self,
        database: Database,
        library: SomeId = None,
        item: SomeId = None,
        identification: Identification | None = None,
        words: Words = None,
        sort: FileSort = FileSort.NAME,
        descending: Descending = False,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[MissingFile]:
        which = FileFilter(
            presence=Presence.MISSING, library_id=library, item_id=item, identification=identification, words=words
        )
        async with database.read() as session:
            page = await files_page(session, which, sort=sort, descending=descending, cursor=cursor, limit=limit)
            return await service.missing_files(session, page)

    @get("/{file_id:int}", guards=MAY_SEE, summary="One file with its state, episodes, imports and decision")
    async def see(self, file_id: AnId, database: Database, provider: Provider) -> FileDetail:
        async with database.read() as session:
            return await service.file_detail(session, file_id, provider.name)

    @get("/{file_id:int}/story", guards=MAY_SEE, summary="All that happened to one file, the oldest first")
    async def story(self, file_id: AnId, database: Database) -> Story:
        async with database.read() as session:
            return await file_story(session, file_id)


class ItemViewsController(Controller):
    path = "/v1/items"
    tags = ("items",)

    @get("/", guards=MAY_SEE, summary="Films and series")
    async def list_items(
        self,
        database: Database,
        clock: Clock,
        type: ItemType | None = None,
        library: SomeId = None,
        words: Words = None,
        missing: bool | None = None,
        doubled: bool | None = None,
        gone: Annotated[
            bool | None, QueryParameter(description="Whether the provider no longer has what was under the item's id.")
        ] = None,
        sort: ItemSort = ItemSort.TITLE,
        descending: Descending = False,
        cursor: Cursor = None,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Page[ItemShown]:
        which = ItemFilter(type=type, library_id=library, words=words, missing=missing, doubled=doubled, gone=gone)
        today = clock.now().date()
        async with database.read() as session:
            return await service.items(
                session, which, today, sort=sort, descending=descending, cursor=cursor, limit=limit
            )

    @get("/{item_id:int}", guards=MAY_SEE, summary="One film or series with its files and gaps")
    async def see(self, item_id: AnId, database: Database, clock: Clock) -> ItemDetail:
        async with database.read() as session:
            return await service.item_detail(session, item_id, clock.now().date())

    @get("/{item_id:int}/seasons", guards=MAY_SEE, summary="The seasons of a series, episode by episode")
    async def seasons(self, item_id: AnId, database: Database, clock: Clock) -> SeasonsShown:
        async with database.read() as session:
            return await service.seasons_shown(session, item_id, clock.now().date())
