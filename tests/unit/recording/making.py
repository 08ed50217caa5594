"""Records for tests."""

from datetime import UTC, date, datetime

from mediastead.catalog.types import ItemType
from mediastead.files.types import Identification, RecordForm, Role
from mediastead.matching.decision import EpisodeNumber, Recorded
from mediastead.recording.nfo_form import EpisodeTold, ItemTold, written
from mediastead.recording.queries import Target
from mediastead.recording.record import LARGEST_ATTRIBUTE, Record, encoded
from mediastead.recording.wanted import Wanted

AT = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
FILM = ItemTold(title="Low & Tide <1>", original_title="Ebbe", year=1999, ids={"imdb": "tt0133093", "other": "7"})
SERIES = ItemTold(
    title="The Harbour",
    original_title=None,
    year=2010,
    ids={},
    episodes=(
        EpisodeTold(season=2, number=3, title="One", aired=date(2011, 2, 3)),
        EpisodeTold(season=2, number=4, title=None, aired=None),
    ),
)


def film(**other: object) -> Recorded:
    said: dict[str, object] = {
        "by": "anna",
        "by_person": True,
        "at": AT,
        "type": ItemType.MOVIE,
        "tmdb_id": 603,
        "title": FILM.title,
        "year": 1999,
        "role": Role.FEATURE,
    }
    return Recorded(**(said | other))  # pyright: ignore[reportArgumentType] - fields by name


def episodes() -> Recorded:
    numbers = (EpisodeNumber(2, 3), EpisodeNumber(2, 4))
    return film(type=ItemType.SERIES, tmdb_id=1396, title="The Harbour", role=Role.EPISODE, episodes=numbers)


def record(said: Recorded, file: str = "Low Tide.mkv", size: int = 5) -> Record:
    return Record(file=file, size=size, said=said)


def wanted(said: Recorded | None, item: ItemTold | None, form: RecordForm, *, name: bytes = b"Low Tide.mkv") -> Wanted:
    """For a file of five bytes that was written in 1970."""
    target = Target(
        id=1,
        version=2,
        identification=Identification.MATCHED,
        folder_id=1,
        folder=b"",
        name=name,
        size=5,
        mtime_ns=0,
        role=None,
        part=None,
        edition=None,
        item_id=1,
        known=None,
    )
    if said is None:
        return Wanted(target, None, None)
    made = record(said, name.decode())
    return Wanted(target, made, written(made, item) if form is RecordForm.NFO else encoded(made, LARGEST_ATTRIBUTE))
