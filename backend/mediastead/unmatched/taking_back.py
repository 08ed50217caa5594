"""Files are again what they were before an operation: what they are taken for, their questions, and who said what they are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct, structs
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.models import Episode, MediaItem
from ..files.identification import Verdict, give_back
from ..files.models import MediaFileDecision, MediaFileImport
from ..files.queries import LockedFile
from ..files.types import Identification, ImportMethod, Resolution, Role
from .matches import drop_rejections
from .models import RejectedMatch
from .neighbours import ask_again_around, ask_again_left_behind
from .queries import rejections_by_item
from .questions import Former, put_back
from .standing import Standing, kept_before


class FormerFile(Struct, frozen=True, kw_only=True):
    """What a file was taken for, as an operation keeps it."""

    identification: Identification
    media_item_id: int | None
    episodes: list[int]
    role: Role | None
    part: int | None
    edition: str | None
    ignore_rule: str | None
    rule_lifted: bool
    standing: Standing = Standing()


class Back(Struct, frozen=True, kw_only=True):
    """A locked file on its way back."""

    file: LockedFile
    former: FormerFile
    version_before: int
    """Of the file, when it was that."""

    @property
    def verdict(self) -> Verdict:
        former = self.former
        return Verdict(
            file=self.file,
            to=former.identification,
            item_id=former.media_item_id,
            episode_ids=tuple(former.episodes),
            role=former.role,
            part=former.part,
            edition=former.edition,
            ignore_rule=former.ignore_rule,
            rule_lifted=former.rule_lifted,
        )


async def lost_titles(session: AsyncSession, former: Mapping[int, FormerFile]) -> set[int]:
    """Those of the files (by id) of which the former item, or one of the episodes, is no longer in the catalog."""
    items = {each.media_item_id for each in former.values() if each.media_item_id is not None}
    episodes = {episode for each in former.values() for episode in each.episodes}
    there = set((await session.execute(select(MediaItem.id).where(MediaItem.id.in_(items)))).scalars())
    held = set((await session.execute(select(Episode.id).where(Episode.id.in_(episodes)))).scalars())
    return {
        file_id
        for file_id, each in former.items()
        if (each.media_item_id is not None and each.media_item_id not in there) or not held.issuperset(each.episodes)
    }


async def put_files_back(
    session: AsyncSession, now: datetime, actor: str, undone: int, backs: Sequence[Back]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Make files again what they were before the operation `undone`; gives what an operation keeps of them, before and after."""
    verdicts = [back.verdict for back in backs]
    decided_anew = [back.file.id for back in backs if back.former.standing.decision]
    before = (await kept_before(session, [back.file for back in backs], decided_anew=decided_anew))["files"]
    await give_back(session, now, actor, verdicts)
    await put_back(session, now, actor, [_former_question(back, back.verdict) for back in backs])
    await _put_back_decisions(session, backs)
    await _say_again_who_decided(session, now, undone, backs)
    await ask_again_around(session, now, actor, verdicts)
    await ask_again_left_behind(session, now, actor, verdicts)
    after = [{"id": back.file.id, "version": back.verdict.version, "same_as": back.version_before} for back in backs]
    return before, after


async def put_back_rejections(
    session: AsyncSession, file_ids: Sequence[int], made: Sequence[dict[str, Any]], lifted: Sequence[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Drop what was rejected for these files (`made`) and reject again what was lifted for them; gives what was dropped, and what
    is rejected again."""
    of_files = set(file_ids)
    known = await rejections_by_item(session, file_ids)
    dropped: list[int] = []
    for each in (row for row in made if row["file_id"] in of_files):
        numbers = None if each["episodes"] is None else frozenset((s, n) for s, n in each["episodes"])
        theirs = known.get((each["file_id"], each["item_id"]), ())
        dropped += [one.id for one in theirs if one.episodes == numbers]
    rows = [msgspec.convert(each, _Rejection) for each in lifted if each["file_id"] in of_files]
    items = select(MediaItem.id).where(MediaItem.id.in_({row.item_id for row in rows}))
    there = set((await session.execute(items)).scalars())
    again = [msgspec.structs.asdict(row) for row in rows if row.item_id in there]
    before = await drop_rejections(session, dropped)
    if again:
        await session.execute(insert(RejectedMatch), again)
    return before, msgspec.to_builtins(again)


class _Rejection(Struct, frozen=True, kw_only=True):
    file_id: int
    item_id: int
    episodes: list[list[int]] | None
    by: str
    at: datetime


_SETTLED_AS = {Identification.MATCHED: Resolution.MATCHED, Identification.DISMISSED: Resolution.DISMISSED}


def _former_question(back: Back, verdict: Verdict) -> Former:
    return Former(
        file_id=back.file.id,
        question=back.former.standing.question,
        version_before=back.version_before,
        version=verdict.version,
        settled_as=_SETTLED_AS.get(verdict.to, Resolution.WITHDRAWN),
    )


async def _put_back_decisions(session: AsyncSession, backs: Sequence[Back]) -> None:
    """What a file's decision heard and followed: a person's answer empties both. And all of it where another took its place. A
    file that was never identified, because it was brought in or matched before that, has none."""
    ids = [back.file.id for back in backs]
    decided = set(
        (await session.execute(select(MediaFileDecision.file_id).where(MediaFileDecision.file_id.in_(ids)))).scalars()
    )
    whole = [
        {"file_id": back.file.id, **structs.asdict(decision)}
        for back in backs
        if back.file.id in decided and (decision := back.former.standing.decision) is not None
    ]
    if whole:
        await session.execute(update(MediaFileDecision), whole)
    rows = [
        {
            "file_id": back.file.id,
            "neighbours": back.former.standing.heard,
            "remembered_answer_id": back.former.standing.followed,
        }
        for back in backs
        if back.file.id in decided
    ]
    if rows:
        await session.execute(update(MediaFileDecision), rows)


async def _say_again_who_decided(session: AsyncSession, now: datetime, undone: int, backs: Sequence[Back]) -> None:
    """Imports are never changed, and the last one says who decided what a file is: so it is written once more."""
    matched = {
        back.former.standing.imported: back
        for back in backs
        if back.verdict.to is Identification.MATCHED and back.former.standing.imported is not None
    }
    if not matched:
        return
    columns = (MediaFileImport.id, MediaFileImport.method, MediaFileImport.actor, MediaFileImport.at)
    query = select(*columns, MediaFileImport.evidence).where(MediaFileImport.id.in_(matched))
    rows: list[dict[str, Any]] = []
    for import_id, method, actor, at, evidence in await session.execute(query):
        file = matched[import_id].file
        then = {"by": actor, "by_person": method is ImportMethod.MANUAL_MATCH, "at": at.isoformat()}
        rows.append(
            {
                "file_id": file.id,
                "library_id": file.library_id,
                "method": method,
                "source_path": file.path,
                "success": True,
                "error": None,
                "evidence": {"recorded": then, **evidence, "undone_operation": undone},
                "actor": actor,
                "at": now,
            }
        )
    await session.execute(insert(MediaFileImport), rows)
