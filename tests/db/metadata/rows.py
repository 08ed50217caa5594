"""A library with matched files, written straight into the tables."""

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from mediastead.files.models import Folder, MediaFile
from mediastead.files.types import Identification, Role
from mediastead.libraries.models import Library, LibraryKind


async def add_matched_file(session: AsyncSession, now: datetime, item_id: int, name: bytes = b"file.mkv") -> int:
    """A file that is matched to an item; library and folder are made with the first one. Gives the file's id."""
    folder = (await session.execute(select(Folder.id, Folder.library_id))).first()
    if folder is None:
        library = insert(Library).values(
            name="Films", root=b"/films", kind=LibraryKind.MIXED, exclude_patterns=[], created_at=now
        )
        library_id = (await session.execute(library.returning(Library.id))).scalar_one()
        made = insert(Folder).values(library_id=library_id, path=b"", path_hash=b"0" * 16, search_text="")
        folder_id = (await session.execute(made.returning(Folder.id))).scalar_one()
    else:
        folder_id, library_id = folder
    file = insert(MediaFile).values(
        library_id=library_id,
        folder_id=folder_id,
        name=name,
        search_text=name.decode(),
        media_item_id=item_id,
        identification=Identification.MATCHED,
        role=Role.EPISODE,
        edition="Director's Cut",
        created_at=now,
    )
    return (await session.execute(file.returning(MediaFile.id))).scalar_one()
