"""What a database says about files, in one shape that two runs can be compared by."""

from collections import Counter, defaultdict
from typing import Any, NamedTuple

from sqlalchemy import Connection, create_engine, make_url, select
from sqlalchemy.pool import NullPool

from mediastead.catalog.models import Episode, MediaItem, Season
from mediastead.files.models import (
    Folder,
    FolderChange,
    MediaFile,
    MediaFileDecision,
    MediaFileEpisode,
    MediaFileImport,
    MediaFileState,
)
from mediastead.files.types import Identification, Presence
from mediastead.libraries.models import Scan
from mediastead.scanning.models import IdentifyClaim
from mediastead.unmatched.models import UnmatchedFile

from ...generators.tree import Expected

State = dict[bytes, tuple[Any, ...]]


def state_of(url: str, expected: Expected) -> State:
    """Path -> what the file is taken for. Asserts the invariant, and that nothing is half-done or doubled."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        address = address.set(drivername="sqlite")
    with create_engine(address, poolclass=NullPool).connect() as connection:
        files = _files(connection)
        assert len({row.path for row in files}) == len(files), "a file has two rows"
        assert {row.path for row in files} == expected.media
        assert all(row.presence is Presence.PRESENT for row in files)
        by_identification = Counter(row.identification for row in files)
        assert by_identification[Identification.PENDING] == 0
        assert sum(by_identification.values()) == expected.media_files
        open_questions = set(
            connection.execute(select(UnmatchedFile.file_id).where(UnmatchedFile.resolution.is_(None))).scalars()
        )
        assert open_questions == {row.id for row in files if row.identification is Identification.UNMATCHED}
        imports = Counter(connection.execute(select(MediaFileImport.file_id)).scalars())
        # What hears its neighbours is decided again once those are known.
        hears = select(MediaFileDecision.file_id).where(MediaFileDecision.neighbours.is_not(None))
        twice = {file_id for file_id in connection.execute(hears).scalars() if imports[file_id] == 2}
        imports.subtract(twice)
        assert imports == Counter(row.id for row in files if row.identification is not Identification.IGNORED)
        assert connection.execute(select(FolderChange.id)).all() == []
        assert connection.execute(select(IdentifyClaim.file_id)).all() == []
        last = connection.execute(select(Scan.outcome, Scan.counts).order_by(Scan.id.desc()).limit(1)).one()
        assert last.outcome == "completed"
        assert last.counts["files"] == expected.media_files
        episodes = _episodes(connection)
    return {
        row.path: (row.identification, row.tmdb_id, row.role, row.part, row.edition, row.ignore_rule, episodes[row.id])
        for row in files
    }


def _files(connection: Connection) -> list["_Row"]:
    columns = (
        MediaFile.id,
        MediaFile.name,
        MediaFile.identification,
        MediaFile.role,
        MediaFile.part,
        MediaFile.edition,
        MediaFile.ignore_rule,
        Folder.path.label("folder"),
        MediaFileState.presence,
        MediaItem.tmdb_id,
    )
    query = (
        select(*columns)
        .join(Folder, Folder.id == MediaFile.folder_id)
        .outerjoin(MediaFileState, MediaFileState.file_id == MediaFile.id)
        .outerjoin(MediaItem, MediaItem.id == MediaFile.media_item_id)
    )
    return [_Row(*row) for row in connection.execute(query)]


class _Row(NamedTuple):
    id: int
    name: bytes
    identification: Identification
    role: str | None
    part: int | None
    edition: str | None
    ignore_rule: str | None
    folder: bytes
    presence: Presence
    tmdb_id: int | None

    @property
    def path(self) -> bytes:
        return self.folder + b"/" + self.name if self.folder else self.name


def _episodes(connection: Connection) -> dict[int, list[tuple[int, int]]]:
    query = (
        select(MediaFileEpisode.file_id, Season.number, Episode.number)
        .join(Episode, Episode.id == MediaFileEpisode.episode_id)
        .join(Season, Season.id == Episode.season_id)
        .order_by(Season.number, Episode.number)
    )
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for file_id, season, episode in connection.execute(query):
        found[file_id].append((season, episode))
    return found
