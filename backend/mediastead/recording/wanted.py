"""What the record of each file is to be, byte for byte."""

import hashlib
from collections.abc import Sequence

from msgspec import Struct, structs
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.types import ItemType
from ..db.text import shown
from ..files.types import Identification, RecordForm
from ..matching.decision import EpisodeNumber, Recorded
from .nfo_form import ItemTold, written
from .queries import WORTH_RECORDING, Target
from .record import LARGEST_ATTRIBUTE, Record, TooLarge, encoded
from .told_queries import (
    DecidedBy,
    StoredItem,
    deciders,
    dismissers,
    episodes_told,
    heard_by,
    items_told,
    rejections_told,
)


class Wanted(Struct, frozen=True):
    """A file and what is to lie beside it."""

    target: Target
    record: Record | None
    """None: nothing; what Mediastead wrote there is to go."""
    content: bytes | None
    """The record in its form."""
    error: str | None = None
    """Why it cannot be given that form."""

    @property
    def digest(self) -> bytes | None:
        return hashlib.blake2b(self.content, digest_size=16).digest() if self.content is not None else None


async def wanted_records(session: AsyncSession, targets: Sequence[Target], form: RecordForm) -> list[Wanted]:
    """For each target, in order. A file of which nobody knows who decided is left out: there is nothing to record.

    What a person said that a file is not is recorded whatever the file is taken for.
    """
    ids = [target.id for target in targets if target.identification is Identification.MATCHED]
    dismissed = [target.id for target in targets if target.identification is Identification.DISMISSED]
    items = await items_told(session, sorted({target.item_id for target in targets if target.item_id is not None}))
    episodes = await episodes_told(session, ids)
    decided = await deciders(session, ids) | await dismissers(session, dismissed)
    heard = await heard_by(session, ids)
    rejected = await rejections_told(session, [target.id for target in targets])
    found: list[Wanted] = []
    for target in targets:
        not_this = rejected.get(target.id, ())
        by = decided.get(target.id)
        if target.identification not in WORTH_RECORDING:
            by = DecidedBy(not_this[-1].by, True, not_this[-1].at) if not_this else None
            if by is None:
                found.append(Wanted(target, None, None))
        if by is not None:
            stored = items.get(target.item_id or 0)
            item = _told(stored) if stored else None
            if item:
                item = ItemTold(
                    title=item.title,
                    original_title=item.original_title,
                    year=item.year,
                    ids=item.ids,
                    episodes=tuple(episodes.get(target.id, ())),
                )
            said = structs.replace(_said(target, by, stored, item), rejected=not_this)
            if not by.by_person:
                said = structs.replace(said, probability=by.probability, neighbours=heard.get(target.id))
            record = Record(file=shown(target.name), size=target.size, said=said)
            try:
                content = written(record, item) if form is RecordForm.NFO else encoded(record, LARGEST_ATTRIBUTE)
                found.append(Wanted(target, record, content))
            except TooLarge as error:
                found.append(Wanted(target, record, None, str(error)))
    return found


def _said(target: Target, by: DecidedBy, stored: StoredItem | None, item: ItemTold | None) -> Recorded:
    if target.identification not in WORTH_RECORDING:
        return Recorded(by=by.by, by_person=by.by_person, at=by.at)
    if stored is None or item is None:
        return Recorded(
            by=by.by,
            by_person=by.by_person,
            at=by.at,
            dismissed=True,
            role=target.role,
            part=target.part,
            edition=target.edition,
        )
    by_hand = stored.tmdb_id is None
    return Recorded(
        by=by.by,
        by_person=by.by_person,
        at=by.at,
        type=stored.type,
        tmdb_id=stored.tmdb_id,
        made_at=stored.created_at if by_hand else None,
        title=stored.title,
        year=stored.year,
        episodes=tuple(EpisodeNumber(each.season, each.number) for each in item.episodes),
        episode_titles=tuple(each.title for each in item.episodes)
        if by_hand and stored.type is ItemType.SERIES
        else (),
        role=target.role,
        part=target.part,
        edition=target.edition,
    )


def _told(stored: StoredItem) -> ItemTold:
    return ItemTold(title=stored.title, original_title=stored.original_title, year=stored.year, ids=stored.ids)
