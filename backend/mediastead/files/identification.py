"""What a file is taken for: the one place that changes it, with the changes that are allowed."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..errors import Conflict
from ..events.outbox import record
from .doubts import no_longer_doubted
from .folder_changes import note_changed
from .models import MediaFile, MediaFileEpisode
from .queries import LockedFile
from .types import Identification, Role

ALLOWED = {
    Identification.PENDING: {
        Identification.MATCHED,
        Identification.UNMATCHED,
        Identification.DISMISSED,
        Identification.IGNORED,
        Identification.PENDING,
    },
    Identification.MATCHED: {Identification.MATCHED, Identification.UNMATCHED, Identification.IGNORED},
    Identification.UNMATCHED: {
        Identification.MATCHED,
        Identification.UNMATCHED,
        Identification.DISMISSED,
        Identification.PENDING,
        Identification.IGNORED,
    },
    Identification.DISMISSED: {Identification.MATCHED, Identification.UNMATCHED},
    Identification.IGNORED: {Identification.MATCHED, Identification.UNMATCHED, Identification.PENDING},
}
"""From what to what. Pending to pending is a file whose rule is lifted while it waits. From matched or unmatched to ignored, and
from unmatched to unmatched (another question), only by a decision that a person accepted (`unmatched.recording`)."""


class StateDoesNotAllow(Conflict):
    slug = "identification-does-not-allow"
    title = "What the file is taken for does not allow that"


class Verdict(Struct, frozen=True, kw_only=True):
    """What a file is to be taken for from now on; everything that is left out is emptied."""

    file: LockedFile
    to: Identification
    item_id: int | None = None
    episode_ids: tuple[int, ...] = ()
    role: Role | None = None
    part: int | None = None
    edition: str | None = None
    ignore_rule: str | None = None
    rule_lifted: bool = False

    @property
    def version(self) -> int:
        """The file's version once this is written."""
        return self.file.version + 1


async def take_for(session: AsyncSession, now: datetime, actor: str, verdicts: Sequence[Verdict]) -> None:
    """Write what files are taken for: their rows with a new version, their episodes, and one event a file.

    The files must have been locked in this transaction (`queries.locked_files`): that is what makes the version that was
    read the one that is replaced.
    """
    if not verdicts:
        return
    for verdict in verdicts:
        if verdict.to not in ALLOWED[verdict.file.identification]:
            raise StateDoesNotAllow(
                f"File {verdict.file.id} is {verdict.file.identification} and cannot become {verdict.to} from there.",
                identification=verdict.file.identification.value,
                version=verdict.file.version,
            )
    rows = [_row(verdict, lifted=verdict.rule_lifted or verdict.file.rule_lifted) for verdict in verdicts]
    await _write(session, now, actor, verdicts, rows)


async def give_back(session: AsyncSession, now: datetime, actor: str, verdicts: Sequence[Verdict]) -> None:
    """Write again what files were taken for before an operation that is taken back, from whatever they are taken for now.

    As `take_for`, but without `ALLOWED`, which is about what is new: here a file goes back to where it was.
    """
    if verdicts:
        rows = [_row(verdict, lifted=verdict.rule_lifted) for verdict in verdicts]
        await _write(session, now, actor, verdicts, rows)


async def _write(
    session: AsyncSession, now: datetime, actor: str, verdicts: Sequence[Verdict], rows: Sequence[dict[str, object]]
) -> None:
    await session.execute(update(MediaFile), rows)
    ids = [verdict.file.id for verdict in verdicts]
    await session.execute(delete(MediaFileEpisode).where(MediaFileEpisode.file_id.in_(ids)))
    await no_longer_doubted(session, ids)
    held = [{"file_id": each.file.id, "episode_id": episode} for each in verdicts for episode in each.episode_ids]
    if held:
        await session.execute(insert(MediaFileEpisode), held)
    # A question counts as well: it may have been decided before what a file beside it was taken for meanwhile.
    heard = (Identification.MATCHED, Identification.UNMATCHED)
    changed = [each for each in verdicts if each.to in heard or each.file.identification is Identification.MATCHED]
    await note_changed(session, now, [verdict.file.folder_id for verdict in changed])
    for verdict in verdicts:
        record(
            session,
            now,
            f"file.{verdict.to.value}",
            file_id=verdict.file.id,
            library_id=verdict.file.library_id,
            item_id=verdict.item_id,
            version=verdict.version,
            actor=actor,
        )


def _row(verdict: Verdict, *, lifted: bool) -> dict[str, object]:
    return {
        "id": verdict.file.id,
        "identification": verdict.to,
        "media_item_id": verdict.item_id,
        "role": verdict.role,
        "part": verdict.part,
        "edition": verdict.edition,
        "ignore_rule": verdict.ignore_rule,
        "rule_lifted": lifted,
        "version": verdict.version,
    }
