"""One record: what is written about a file, as JSON, which both forms hold."""

import json
from typing import Annotated

import msgspec
from msgspec import Meta, Struct, structs

from ..files.types import RecordForm
from ..matching.decision import Recorded

VERSION = 1
LARGEST_ATTRIBUTE = 3500
"""Bytes. ext4 keeps all attributes of a file in one block of 4 KB."""
LARGEST_IN_NFO = 40_000
"""Bytes: a file of 500 episodes, the most that an answer may name, takes some 15,000."""


class TooLarge(Exception):
    """What is to be recorded does not fit, in words."""


class Record(Struct, frozen=True, kw_only=True):
    """A record with the file that it was written for: one that was copied to another file's side says nothing about that."""

    v: Annotated[int, Meta(ge=1, le=VERSION)] = VERSION
    file: str
    """The file's name then, as text."""
    size: int
    """Its size then, in bytes; of a disc folder the sum."""
    said: Recorded

    def is_about(self, name: str, size: int) -> bool:
        """Whether this is the file: renamed, or with other content, but not both."""
        return self.file == name or (self.size == size and size > 0)


def encoded(record: Record, largest: int) -> bytes:
    """Plain ASCII, the same for the same record; titles are cut where it would become larger. Raises `TooLarge`."""
    while True:
        text = json.dumps(msgspec.to_builtins(record), ensure_ascii=True, separators=(",", ":"))
        if len(text) <= largest:
            return text.encode()
        record = _smaller(record)


def _smaller(record: Record) -> Record:
    """Episodes' titles go first, then the ends of the name and of the title: numbers and ids are what a record is for."""
    said = record.said
    if any(said.episode_titles):
        said = structs.replace(said, episode_titles=())
    elif said.title and len(said.title) > 60:
        said = structs.replace(said, title=said.title[:60])
    elif said.edition and len(said.edition) > 60:
        said = structs.replace(said, edition=said.edition[:60])
    elif len(said.by) > 60:
        said = structs.replace(said, by=said.by[:60])
    elif any(len(each.title) > 20 for each in said.rejected):
        said = structs.replace(
            said, rejected=tuple(structs.replace(each, title=each.title[:20]) for each in said.rejected)
        )
    elif len(record.file) > 60:
        return structs.replace(record, file=record.file[:60])
    else:
        much = f"{len(said.episodes)} episodes and {len(said.rejected)} rejected titles"
        raise TooLarge(f"a file of {much} says more than an attribute holds: record into NFO files.")
    return structs.replace(record, said=said)


def decoded(content: bytes, form: RecordForm) -> Record | None:
    """None for what is no record, or was written by a newer version."""
    try:
        record = msgspec.json.decode(content, type=Record)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    said = record.said
    numbers = [*said.episodes, *(number for each in said.rejected for number in each.episodes or ())]
    beyond = any(not 0 <= number <= 1_000_000 for each in numbers for number in (each.season, each.number))
    if beyond or said.at.tzinfo is None or (said.made_at is not None and said.made_at.tzinfo is None):
        return None
    if said.part is not None and not 0 < said.part <= 1000:
        return None
    if said.tmdb_id is not None and not 0 < said.tmdb_id < 2**31:
        return None
    if said.made_by_hand and (said.made_at is None or not said.title):
        return None
    if not said.says_what_it_is and not said.rejected:
        return None
    if any(not 0 < each.tmdb_id < 2**31 or not each.title or each.at.tzinfo is None for each in said.rejected):
        return None
    return structs.replace(record, said=structs.replace(said, form=form))
