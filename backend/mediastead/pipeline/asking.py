"""The questions that hold an item, with what a person needs to see to answer them."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import shown
from .approvals import service as approvals
from .approvals.models import ApprovalKind
from .approvals.prompts import MadeTitle, OrganizeConfirmPrompt, RemuxReviewPrompt
from .discs.models import DiscTitle
from .discs.showing import preview
from .due import Question
from .facts import Known, measured_of
from .items import queries
from .items.models import PipelineItem


async def ask(session: AsyncSession, now: datetime, item: PipelineItem, known: Known, question: Question) -> int:
    """Ask what is due to be asked; the approval's id. The item is locked."""
    match question.kind:
        case ApprovalKind.DISC_PREVIEW:
            assert question.disc_id is not None
            prompt: Struct = await preview(session, question.disc_id)
        case ApprovalKind.REMUX_REVIEW:
            prompt = RemuxReviewPrompt(titles=_made(known, question.title_ids))
        case ApprovalKind.ORGANIZE_CONFIRM:
            prompt = await _confirm(session, item, known, question.title_ids)
    return await approvals.ask(session, now, question.kind, item.id, question.disc_id, prompt)


async def _confirm(
    session: AsyncSession, item: PipelineItem, known: Known, title_ids: Iterable[int]
) -> OrganizeConfirmPrompt:
    library = await queries.library(session, item.library_id) if item.library_id is not None else None
    media = await queries.media_item(session, item.media_item_id) if item.media_item_id is not None else None
    rows = [known.title_rows[title_id] for title_id in title_ids]
    return OrganizeConfirmPrompt(
        library_id=item.library_id,
        library=library.name if library else None,
        media_item_id=item.media_item_id,
        title=media.title if media else None,
        titles=_made(known, title_ids),
        replaces={str(row.id): row.media_file_id for row in rows if row.media_file_id is not None},
    )


def _made(known: Known, title_ids: Iterable[int]) -> list[MadeTitle]:
    return [_made_title(known, known.title_rows[title_id]) for title_id in title_ids]


def _made_title(known: Known, title: DiscTitle) -> MadeTitle:
    file = title.file or b""
    measured = measured_of(known, title)
    return MadeTitle(
        title_id=title.id,
        disc_number=known.disc_rows[title.disc_id].number,
        number=title.number,
        name=title.name,
        season=title.season,
        episodes=list(title.episodes),
        role=title.role.value if title.role else None,
        file=shown(file),
        file_key=file.hex(),
        size=measured.get("size"),
        duration_seconds=measured.get("duration_seconds"),
        streams=measured.get("streams") or {},
    )
