"""What people ask of the history: one operation with what it changed, and to take it back or see what that would do."""

from msgspec import structs
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..errors import MediasteadError
from ..http.errors import NotPermitted
from ..http.permissions import Permission, Person
from ..libraries.models import BringHow
from ..organizing import service as organizing
from ..organizing.roots import refuse_where_away
from ..organizing.schemas import OrganizingView
from . import queries
from .errors import CannotBeTakenBack, OperationUnknown
from .queries import Whole
from .schemas import LISTED, OperationDetail, Undone
from .taking_back import TakenBack, depended_on, files_back, take_back
from .undoable import INSTEAD, ORGANIZE, can_be_undone


async def operation_detail(session: AsyncSession, operation_id: int) -> OperationDetail:
    """Raises `OperationUnknown`."""
    shown = await queries.operation_shown(session, operation_id)
    if shown is None:
        raise OperationUnknown(operation_id)
    return OperationDetail(
        **{name: getattr(shown, name) for name in shown.__struct_fields__},
        parts=await queries.parts_shown(session, operation_id),
        changed=await queries.files_before(session, operation_id, LISTED),
    )


async def undo(
    database: Database, clock: Clock, person: Person, operation_id: int, *, dry_run: bool, those_that_can: bool
) -> Undone:
    """Take an operation back, in one transaction of its own. A dry run does the same and takes it back before anybody sees it.

    Raises `OperationUnknown`, `CannotBeTakenBack`, `DependedOn`, and `LibraryAway` where files would be moved.
    """
    done: Undone | None = None
    async with database.read() as session:
        organizing_id = await queries.organizing_of(session, operation_id)
    if organizing_id is not None:
        await refuse_where_away(database, organizing_id, taking_back=True)
    try:
        async with database.write() as session:
            done = await _undo(
                session, clock, person, operation_id, those_that_can=those_that_can or dry_run, dry_run=dry_run
            )
            if dry_run:
                raise _OnlyLooked
            if not (done.count or done.also):
                raise _nothing_taken_back(operation_id, done)
    except _OnlyLooked:
        pass
    assert done is not None  # or something was raised
    if dry_run:
        return structs.replace(done, dry_run=True, operation_id=None, organizing_id=None)
    return done


def _nothing_taken_back(operation_id: int, done: Undone) -> MediasteadError:
    if done.against:
        return depended_on(operation_id, done.against, done.against_count)
    return CannotBeTakenBack(f"Of operation {operation_id} nothing is left to be taken back.")


class _OnlyLooked(Exception):
    """Ends the transaction of a dry run without a trace."""


async def _undo(
    session: AsyncSession, clock: Clock, person: Person, operation_id: int, *, those_that_can: bool, dry_run: bool
) -> Undone:
    found = await queries.with_parts(session, operation_id)
    operation = next((each for each in found if each.id == operation_id), None)
    if operation is None:
        raise OperationUnknown(operation_id)
    _check(operation)
    if operation.kind == ORGANIZE:
        return await _move_back(session, clock, person, operation, dry_run=dry_run)
    parts = [each for each in found if each is not operation and each.undone_by is None]
    now = clock.now()
    taken = await take_back(session, now, person.name, [operation, *parts], those_that_can=those_that_can)
    titles = await queries.titles_of(session, _items(taken))
    return Undone(
        dry_run=False,
        operation_id=taken.operation_id,
        organizing_id=None,
        count=len(taken.backs),
        files=files_back(taken.backs, titles),
        also=taken.also,
        against_count=len(taken.against),
        against=taken.against[:LISTED],
    )


def _items(taken: TakenBack) -> set[int]:
    items = (back.former.media_item_id for back in taken.backs[:LISTED])
    return {each for each in items if each is not None}


def _check(operation: Whole) -> None:
    # Whether of an organizing something is left to be moved back, that room knows.
    if operation.undone_by is not None and operation.kind != ORGANIZE:
        raise CannotBeTakenBack(
            f"Operation {operation.id} was taken back already, by operation {operation.undone_by}: take that one back to have "
            "it in force again.",
            undone_by=operation.undone_by,
        )
    if can_be_undone(operation.kind, operation.form):
        return
    if operation.form is None:
        raise CannotBeTakenBack(
            f"Operation {operation.id} was recorded by an older version, which did not keep all that taking it back needs: "
            "answer for its files anew."
        )
    why = INSTEAD.get(operation.kind, "Change the library, the item or the setting itself.")
    raise CannotBeTakenBack(
        f"Operation {operation.id} is of the kind {operation.kind}, which is not taken back here. {why}"
    )


async def _move_back(session: AsyncSession, clock: Clock, person: Person, operation: Whole, *, dry_run: bool) -> Undone:
    """Files are moved back as they were moved: by a plan with a journal, which is applied at once."""
    if Permission.ORGANIZE not in person.permissions:
        raise NotPermitted(
            f'{person.name} lacks the permission "{Permission.ORGANIZE}", which moving files back needs; ask somebody who '
            "manages accounts for it.",
            permission=Permission.ORGANIZE.value,
        )
    now = clock.now()
    former = await organizing.shown(session, operation.before["organizing_id"])
    plan = await organizing.plan_undo(session, now, person.name, former.id)
    await organizing.apply(session, now, plan.id)
    return Undone(
        dry_run=False,
        operation_id=None,
        organizing_id=plan.id,
        count=0,
        files=[],
        also=[_would_move(former, plan) if dry_run else f"files are moved back by organizing {plan.id}"],
        against_count=0,
        against=[],
    )


def _would_move(former: OrganizingView, plan: OrganizingView) -> str:
    was_made = former.staged or former.bring_how in (BringHow.LINK, BringHow.COPY)
    go = "go to the trash" if was_made else "be moved back"
    stay = plan.counts["refused"]
    told = f", and {stay} would stay" if stay else ""
    reasons = ", with the reasons of those that stay" if stay else ""
    return f"{plan.counts['moves']} files would {go}{told}; `mediastead organize undo {former.id} --plan` lists them{reasons}"
