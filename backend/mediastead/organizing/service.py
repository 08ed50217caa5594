"""Plans are asked for, applied, discarded and taken back, and forgotten where nobody applies them."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..clock import Clock
from ..db.engine import Database
from ..db.text import raw
from ..libraries.errors import LibraryNotFound
from ..libraries.models import BringHow
from ..libraries.service import set_naming
from . import plan_queries, queries, storing
from .errors import NotOrganizable, OrganizeWhat, OrganizingDoesNotAllow, OrganizingNotFound
from .examples import examples_of
from .models import GroupState, Organizing, OrganizingGroup, OrganizingKind, OrganizingState, OrganizingStep
from .plan_queries import PlannedLibrary, Selection
from .planning_run import Asked, Bring
from .presets import DEFAULT, preset_of
from .schemas import BringInRequest, NamingChange, NamingView, OrganizeRequest, OrganizingView
from .taking_back import plan_to_take_back

GROUPS_AT_ONCE = 1000


async def libraries_asked(session: AsyncSession, request: OrganizeRequest | BringInRequest) -> list[int]:
    """Which a plan would be about, whose disks must be there for it. Raises `OrganizeWhat` where that is not to be told."""
    if isinstance(request, BringInRequest):
        inbox = await plan_queries.library_to_plan(session, request.inbox_id)
        into = request.into_id or (inbox.bring_into_id if inbox is not None else None)
        return [library_id for library_id in (request.inbox_id, into) if library_id is not None]
    if request.library_id is not None:
        return [request.library_id]
    return [await _library_of(session, request)]


async def open_plan(session: AsyncSession, now: datetime, actor: str, request: OrganizeRequest) -> Asked:
    """A plan to be filled by `planning.Planner`. Raises `OrganizeWhat`, `LibraryNotFound`, `NotOrganizable`,
    `InvalidTemplate`."""
    if request.file_ids is not None and request.item_ids is not None:
        raise OrganizeWhat('Name either "file_ids" or "item_ids", or only a library.')
    if request.replace and request.file_ids is None:
        raise OrganizeWhat(
            'Name the files that are to replace others: "file_ids". Which of two is the newer one, nobody knows.'
        )
    library_id = request.library_id or await _library_of(session, request)
    library = await plan_queries.library_to_plan(session, library_id)
    if library is None:
        raise LibraryNotFound(library_id)
    _refuse_without_marker(library)
    examples_of(library.naming, library.kind)
    template = library.naming or DEFAULT
    organizing_id = await storing.open_plan(session, now, library_id, actor, template=template, replace=request.replace)
    files, items = request.file_ids, request.item_ids
    selection = Selection(library_id, tuple(files) if files else None, tuple(items) if items else None)
    return Asked(organizing_id, library, selection, None, request.replace)


async def open_bring_in(session: AsyncSession, now: datetime, actor: str, request: BringInRequest) -> Asked:
    """A plan to be filled by `planning.Planner`, for files of an inbox. Raises `OrganizeWhat`, `LibraryNotFound`,
    `NotOrganizable`, `InvalidTemplate`."""
    if sum(each is not None for each in (request.file_ids, request.item_ids, request.path)) > 1:
        raise OrganizeWhat('Name one of "file_ids", "item_ids" and "path", or none for all.')
    inbox = await plan_queries.library_to_plan(session, request.inbox_id)
    if inbox is None:
        raise LibraryNotFound(request.inbox_id)
    if inbox.bring_into_id is None:
        raise OrganizeWhat(
            f"{inbox.name} is no inbox: say which library its files go to (`mediastead library set NAME --inbox-for LIBRARY`)."
        )
    library = await _target_of(session, inbox, request.into_id or inbox.bring_into_id)
    how = request.how or BringHow(inbox.bring_how or BringHow.LINK)
    _refuse_without_marker(library)
    if how is BringHow.MOVE:  # nothing is written where files are linked or copied from
        _refuse_without_marker(inbox)
    examples_of(library.naming, library.kind)
    organizing_id = await storing.open_plan(
        session,
        now,
        library.id,
        actor,
        template=library.naming or DEFAULT,
        from_library_id=inbox.id,
        bring_how=how.value,
        replace=request.replace,
    )
    files, items = request.file_ids, request.item_ids
    path = raw(request.path).strip(b"/") if request.path is not None else None
    selection = Selection(inbox.id, tuple(files) if files else None, tuple(items) if items else None, path or None)
    return Asked(organizing_id, library, selection, Bring(inbox, how), request.replace)


async def _target_of(session: AsyncSession, inbox: PlannedLibrary, library_id: int) -> PlannedLibrary:
    """Raises `LibraryNotFound`, and `OrganizeWhat` where nothing can be brought into it."""
    library = await plan_queries.library_to_plan(session, library_id)
    if library is None:
        raise LibraryNotFound(library_id)
    if library.id == inbox.id or library.bring_into_id is not None:
        raise OrganizeWhat(f"{library.name} is an inbox itself: name the library that the files are to come into.")
    return library


async def shown(session: AsyncSession, organizing_id: int) -> OrganizingView:
    """Raises `OrganizingNotFound`."""
    view = await queries.organizing_view(session, organizing_id)
    if view is None:
        raise OrganizingNotFound(organizing_id)
    return view


async def apply(session: AsyncSession, now: datetime, organizing_id: int) -> OrganizingView:
    """Have it done; `organizer.Organizer` does. What had nothing to do is done already. Raises `OrganizingNotFound` and
    `OrganizingDoesNotAllow`."""
    done = await storing.let_apply(session, now, organizing_id)
    view = await shown(session, organizing_id)
    if not done and not _had_nothing_to_do(view):
        _refuse(view, "apply")
    return view


async def discard(session: AsyncSession, now: datetime, organizing_id: int) -> OrganizingView:
    """Raises `OrganizingNotFound` and `OrganizingDoesNotAllow`."""
    discarded = await storing.discard(session, now, organizing_id)
    view = await shown(session, organizing_id)
    if not discarded and not _had_nothing_to_do(view):
        _refuse(view, "discard")
    return view


async def plan_undo(session: AsyncSession, now: datetime, actor: str, organizing_id: int) -> OrganizingView:
    """A plan that puts back what was moved. Raises `OrganizingNotFound` and `OrganizingDoesNotAllow`."""
    view = await shown(session, organizing_id)
    if view.state is not OrganizingState.ENDED:
        _refuse(view, "take back")
    await _refuse_what_is_back(session, view)
    to, of, how = view.library_id, None, None
    if view.bring_how == BringHow.MOVE and view.from_library_id is not None:
        if await plan_queries.library_to_plan(session, view.from_library_id) is None:
            raise OrganizingDoesNotAllow(
                "The library that the files came from was removed, so that they cannot go back there. They stay.",
                state=view.state.value,
            )
        to, of, how = view.from_library_id, view.library_id, BringHow.MOVE
    plan = await plan_to_take_back(session, organizing_id, swapped=of is not None, staged=view.staged)
    if not plan.groups:
        moved = (view.groups or {}).get(GroupState.DONE.value)
        nothing = "All that it moved is back where it was." if moved else "It moved nothing."
        why = plan.refused[0].words if plan.refused else f"{nothing} There is nothing to take back."
        raise OrganizingDoesNotAllow(why, state=view.state.value)
    other = await queries.undoing(session, organizing_id)
    if other is not None:
        raise OrganizingDoesNotAllow(
            f"Organizing {other} is taking it back at this moment; wait for its end.", state=view.state.value
        )
    kind = OrganizingKind.UNDO
    made = await storing.store_plan(
        session, now, to, actor, plan, kind=kind, undo_of=organizing_id, from_library_id=of, bring_how=how
    )
    return await shown(session, made)


async def _refuse_what_is_back(session: AsyncSession, view: OrganizingView) -> None:
    """Raises `OrganizingDoesNotAllow` where all that it moved was taken back, and still is."""
    if view.undone_by is None:
        return
    back = (await shown(session, view.undone_by)).groups or {}
    if back.keys() <= {GroupState.DONE.value} and sum(back.values()) >= (view.groups or {}).get(
        GroupState.DONE.value, 0
    ):
        raise OrganizingDoesNotAllow(
            f"Organizing {view.id} was taken back already, by organizing {view.undone_by}: take that one back to have it "
            "done again.",
            state=view.state.value,
        )


async def change_naming(
    session: AsyncSession, now: datetime, actor: str, library_id: int, change: NamingChange
) -> NamingView:
    """How the files of a library are to be called; no file is touched. Raises `LibraryNotFound` and `InvalidTemplate`."""
    library = await plan_queries.library_to_plan(session, library_id)
    if library is None:
        raise LibraryNotFound(library_id)
    examples = examples_of(change.naming, library.kind)
    if not change.preview:
        await set_naming(session, now, actor, library_id, change.naming)
    return NamingView(
        naming=change.naming or DEFAULT,
        template=preset_of(change.naming).template,
        changed=not change.preview,
        examples=examples,
    )


async def forget_plans(database: Database, clock: Clock) -> None:
    """Plans that nobody applied in time are over, and what stands in those and in discarded ones goes, in small bites."""
    async with database.read() as session:
        old = await queries.grown_old(session, clock.now())
    if old:
        async with database.write() as session:
            await session.execute(
                update(Organizing)
                .where(Organizing.id.in_(old), Organizing.state == OrganizingState.PLANNED)
                .values(state=OrganizingState.EXPIRED, ended_at=clock.now())
            )
    while True:
        async with database.write() as session:
            groups = await queries.some_groups_not_applied(session, clock.now(), GROUPS_AT_ONCE)
            if not groups:
                return
            await session.execute(delete(OrganizingStep).where(OrganizingStep.group_id.in_(groups)))
            await session.execute(delete(OrganizingGroup).where(OrganizingGroup.id.in_(groups)))


def _refuse_without_marker(library: PlannedLibrary) -> None:
    if library.root_marker is None:
        raise NotOrganizable(
            f"The root of {library.name} has no marker file, so that nobody could tell after a crash whether it is there: make "
            "it writable and accept it anew (`mediastead library set NAME --accept-root`)."
        )


async def _library_of(session: AsyncSession, request: OrganizeRequest) -> int:
    if request.file_ids is None and request.item_ids is None:
        raise OrganizeWhat('Say what is to be organized: a "library_id", "file_ids" or "item_ids".')
    libraries = await plan_queries.libraries_of(session, request.file_ids, request.item_ids)
    if not libraries:
        raise OrganizeWhat(
            "None of these is known, or has a file: `mediastead files list` lists files, `items list` titles."
        )
    if len(libraries) > 1:
        listed = ", ".join(map(str, libraries))
        raise OrganizeWhat(
            f'The files lie in the libraries {listed}: name one as "library_id", since a plan is for one.'
        )
    return libraries[0]


def _had_nothing_to_do(view: OrganizingView) -> bool:
    return view.state is OrganizingState.ENDED and not view.counts.get("groups")


def _refuse(view: OrganizingView, what: str) -> None:
    advice = {
        OrganizingState.PLANNING: "wait until it is planned",
        OrganizingState.PLANNED: "apply or discard it",
        OrganizingState.APPLYING: "wait for its end",
        OrganizingState.ENDED: "make a new plan, or take it back",
        OrganizingState.DISCARDED: "make a new plan",
        OrganizingState.EXPIRED: "make a new plan",
    }
    raise OrganizingDoesNotAllow(
        f"Nobody can {what} organizing {view.id}, which is {view.state.value}: {advice[view.state]}.",
        state=view.state.value,
    )
