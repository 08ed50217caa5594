"""What is asked of the files room's tables, but for the long lists (`listing.py`)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..libraries.models import Library
from .models import Folder, MediaFile, MediaFileEpisode
from .types import Identification, Role


class LockedFile(Struct, frozen=True, kw_only=True):
    """What a file is taken for, read in a transaction that nobody else can change it before the end of."""

    id: int
    library_id: int
    folder_id: int
    version: int
    identification: Identification
    media_item_id: int | None
    role: Role | None
    part: int | None
    edition: str | None
    ignore_rule: str | None
    rule_lifted: bool
    path: bytes
    """Absolute."""
    episode_ids: tuple[int, ...] = ()
    """In order of their ids."""


async def locked_files(
    session: AsyncSession, file_ids: Iterable[int], *, skip_locked: bool = False
) -> dict[int, LockedFile]:
    """Files by id, locked until the transaction ends; ids that do not exist are left out.

    `skip_locked` leaves out those that somebody else changes right now instead of waiting for them.

    The first statement of a change, and in order of the ids, so that two changes wait for each other instead of
    blocking each other. On SQLite the write transaction itself is the lock.
    """
    lock = (
        select(MediaFile.id)
        .where(MediaFile.id.in_(sorted(set(file_ids))))
        .order_by(MediaFile.id)
        .with_for_update(skip_locked=skip_locked)
    )
    wanted = (await session.execute(lock)).scalars().all()
    # Read by a second statement: it sees what the others committed while the first one waited, episodes included.
    query = (
        select(
            MediaFile.id,
            MediaFile.library_id,
            MediaFile.folder_id,
            MediaFile.version,
            MediaFile.identification,
            MediaFile.media_item_id,
            MediaFile.role,
            MediaFile.part,
            MediaFile.edition,
            MediaFile.ignore_rule,
            MediaFile.rule_lifted,
            Library.root,
            Folder.path,
            MediaFile.name,
        )
        .join(Folder, Folder.id == MediaFile.folder_id)
        .join(Library, Library.id == MediaFile.library_id)
        .where(MediaFile.id.in_(wanted))
    )
    episodes = await episode_ids_of(session, wanted)
    files: dict[int, LockedFile] = {}
    for *columns, root, folder, name in (await session.execute(query)).tuples():
        values: dict[str, Any] = dict(zip(LockedFile.__struct_fields__, columns, strict=False))
        held = tuple(episodes.get(values["id"], ()))
        files[values["id"]] = LockedFile(**values, path=joined(root, folder, name), episode_ids=held)
    return files


async def episode_ids_of(session: AsyncSession, file_ids: Sequence[int]) -> dict[int, list[int]]:
    """The episodes that files hold, in order of their ids; files without any are left out."""
    query = (
        select(MediaFileEpisode.file_id, MediaFileEpisode.episode_id)
        .where(MediaFileEpisode.file_id.in_(file_ids))
        .order_by(MediaFileEpisode.file_id, MediaFileEpisode.episode_id)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for file_id, episode_id in (await session.execute(query)).tuples():
        found[file_id].append(episode_id)
    return found


def within(library_id: int, path: bytes) -> ColumnElement[bool]:
    """Folders that are this one or lie beneath it; for the root of a library only the root, since all lie beneath it."""
    beneath = and_(Folder.path > path + b"/", Folder.path < path + b"0")  # "0" is the byte after "/"
    here = Folder.path == path
    return and_(Folder.library_id == library_id, or_(here, beneath) if path else here)


def snapshot(files: Iterable[LockedFile]) -> dict[str, Any]:
    """What files are taken for, as an operation keeps it in `before`."""
    return {
        "files": [
            {
                "id": file.id,
                "identification": file.identification.value,
                "media_item_id": file.media_item_id,
                "episodes": list(file.episode_ids),
                "role": file.role.value if file.role else None,
                "part": file.part,
                "edition": file.edition,
                "ignore_rule": file.ignore_rule,
                "rule_lifted": file.rule_lifted,
                "version": file.version,
            }
            for file in files
        ]
    }


def joined(*parts: bytes) -> bytes:
    """A path out of its parts; the empty path of a root's own folder adds nothing."""
    first, *rest = parts
    return b"/".join([first.rstrip(b"/") if rest else first, *(part for part in rest if part)])
