"""Whether a group can be begun now: what the disk shows and what the rows say, asked anew just before."""

import errno
from collections.abc import Collection, Mapping, Sequence

from msgspec import structs
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import shown
from ..disk.moving import Kind, Tree, folders_above
from ..files.paths import joined
from . import journal_queries as queries
from . import words
from .journal_queries import Written
from .mounted import mounts_refuse
from .moves import Move, MoveRole, Reason, Seen, Way
from .spelling import folded_path
from .steps import Refusal
from .trees import Sites, Trees

NOT_MARKED = Refusal(
    Reason.NOT_MARKED,
    "The root of the library has no marker file, so that after a crash nobody could tell whether it is there: make it "
    "writable and accept it anew (`mediastead library set NAME --accept-root`).",
)


def capable(tree: Tree) -> Refusal | None:
    """Whether the library's file system can move files safely; blocks. Raises OSError where that cannot be told now."""
    reason = tree.why_not_capable()
    return Refusal(Reason.NOT_CAPABLE, f"{reason}: files here are not moved.") if reason else None


def disk_refuses(trees: Trees, moves: Sequence[Move], *, copied: bool = False, staged: bool = False) -> Refusal | None:
    """Why the disk as it is now does not allow the moves; None where it does. Blocks; raises OSError.

    `copied`: renames are done by copying, and what was copied goes to the trash, unless it comes from no library (`staged`).
    """
    shown_now = trees.snapshot([move.origin for move in moves])
    for move in moves:
        there = shown_now[move.origin]
        if there is None and (refusal := _unreachable(trees.at(move.source_abroad), _folder(move.source))):
            return refusal
        if there is None or Seen(*there.look) != move.look:
            return _not_there(move, staged=staged)
        if there.kind is Kind.OTHER:
            return Refusal(Reason.LINKED, f"{shown(move.source)} is a link or no file: move it by hand.")
        if there.kind is Kind.FOLDER and (move.stays or copied):
            odd = trees.at(move.source_abroad).odd_one_in(move.source)
            if odd is not None:
                return Refusal(
                    Reason.LINKED,
                    f"{shown(odd)} is neither file nor folder, so that the disc is not copied: move it away.",
                )
        if there.kind is Kind.FOLDER and move.way is Way.RENAME and _name(move.source) != _name(move.target):
            return Refusal(Reason.NOT_SAFE, f"{shown(move.source)} is a disc's folder, which keeps its name.")
    if refusal := mounts_refuse(trees, moves, copied=copied, trashed=not staged):
        return refusal
    needed = sum(move.look.size for move in moves if copied or move.way is Way.COPY)
    if needed and needed > (room := trees.own.room()):
        return Refusal(
            Reason.NO_ROOM,
            f"The files have {needed:,} bytes, and the disk that they would be copied to has room for {room:,}: make room there.",
        )
    for abroad in {move.target_abroad for move in moves}:
        sources = {move.source for move in moves if move.source_abroad == abroad}
        targets = [move.target for move in moves if move.target_abroad == abroad and move.way is not Way.TRASH]
        if refusal := _targets_refuse(trees.at(abroad), sources, targets):
            return refusal
    return None


def looks_beside(trees: Trees, group: Written) -> dict[int, Seen | None]:
    """By step, files without a row that are to be renamed back and were edited since (how they look now) or are gone (None): they
    belong to a media file by their names, not by what is in them. Blocks; raises OSError."""
    beside = {
        step_id: move
        for step_id, move in zip(group.step_ids, group.moves, strict=True)
        if move.role is MoveRole.SIDECAR and move.way is Way.RENAME
    }
    there = trees.snapshot([move.origin for move in beside.values()])
    looks = {step_id: there[move.origin] for step_id, move in beside.items()}
    return {
        step_id: Seen(*look.look) if look is not None else None
        for step_id, look in looks.items()
        if look is None or (look.kind is Kind.FILE and Seen(*look.look) != beside[step_id].look)
    }


def as_they_lie(group: Written, looks: Mapping[int, Seen | None]) -> list[Move]:
    """The moves of the group with these (`looks_beside`)."""
    return [
        move if (look := looks.get(step_id, move.look)) == move.look else structs.replace(move, look=look)
        for step_id, move in zip(group.step_ids, group.moves, strict=True)
        if looks.get(step_id, move.look) is not None
    ]


def _not_there(move: Move, *, staged: bool) -> Refusal:
    source, again = shown(move.source), words.then(staged=staged)
    if move.way is Way.PUT_BACK:
        said = f"{shown(_name(move.target))} is not in the trash any more as it was put there, so it cannot come back."
    elif staged and move.source_abroad:
        said = f"{source} is not there as it was when this was asked for: make it anew."
    elif move.role is MoveRole.SIDECAR:
        said = f"{source} is not there as it was when this was planned: {again}, or move it by hand."
    else:
        said = f"{source} is not there as it was seen last: scan the library and {again}."
    return Refusal(Reason.NOT_THERE, said)


def _targets_refuse(tree: Tree, sources: Collection[bytes], targets: Sequence[bytes]) -> Refusal | None:
    folders = sorted({folder for target in targets for folder in folders_above(target)})
    listed = {folder: tree.names(folder) for folder in folders}
    for folder in folders:
        if folder and (refusal := _folder_refuses(tree, folder, listed)):
            return refusal
    into: dict[bytes, list[bytes]] = {}
    for target in targets:
        into.setdefault(_folder(target), []).append(target)
    for folder, those in into.items():
        taken = {folded_path(name) for name in listed[folder] or () if joined(folder, name) not in sources}
        for target in those:
            if folded_path(_name(target)) in taken:
                return Refusal(
                    Reason.TARGET_EXISTS,
                    f"{shown(target)} exists already, perhaps in other letters: move it away, or choose a template that "
                    "tells the two apart.",
                )
    return None


async def rows_refuse(
    session: AsyncSession, sites: Sites, moves: Sequence[Move], *, lock: bool = False
) -> Refusal | None:
    """Why the moves are not what the rows say any more; None where they are. `lock`: those rows, until the commit."""
    again = words.then(staged=sites.is_staged)
    # What comes from a folder in no library has no row there, nor what comes out of the trash.
    without = [move for move in moves if move.way is Way.PUT_BACK or (move.source_abroad and sites.is_staged)]
    media = [move for move in moves if move.role is MoveRole.MEDIA and move not in without]
    ids = [move.file_id for move in media if move.file_id is not None]
    known = await queries.known_moves(session, ids, lock=lock)
    for move in media:
        row = known.get(move.file_id or 0)
        if (
            row is None
            or (row.library_id, row.path, row.look) != (sites.at(move.source_abroad).library_id, move.source, move.look)
            or not (row.present and row.holds_path)
            or (move.version is not None and row.version != move.version)
        ):
            return Refusal(
                Reason.CHANGED,
                f"{shown(move.source)} was changed, moved or matched otherwise meanwhile: {again}.",
            )
        if not row.settled:
            return Refusal(Reason.CHANGED, f"{shown(move.source)} may still be being written: try again in a moment.")
        if row.gap:
            return Refusal(Reason.NOT_THERE, f"The folder of {shown(move.source)} cannot be listed: scan the library.")
    for place in sites.places:
        targets = [
            move.target
            for move in moves
            if move.way is not Way.TRASH and sites.at(move.target_abroad).library_id == place.library_id
        ]
        holders = await queries.holders_of(session, place.library_id, targets)
        if any(present and file_id not in known for file_id, present in holders.items()):
            return Refusal(
                Reason.TARGET_EXISTS,
                f"Another file is known at a path that is to be taken: scan the library, then {again}.",
            )
    return None


def _folder_refuses(tree: Tree, folder: bytes, listed: dict[bytes, frozenset[bytes] | None]) -> Refusal | None:
    """A folder of a target that cannot be entered, or that is there in other letters."""
    above, name = _folder(folder), _name(folder)
    names = listed.get(above)
    if names is None:
        return None  # it is to be made, or the one above was refused
    if name in names:
        return _unreachable(tree, folder) if listed[folder] is None else None
    if folded_path(name) in {folded_path(each) for each in names}:
        return Refusal(
            Reason.TARGET_EXISTS,
            f"{shown(folder)} exists in other letters: rename that folder first, or keep its letters.",
        )
    return None


def _unreachable(tree: Tree, folder: bytes) -> Refusal | None:
    """Why a folder is there but files are neither moved into it nor out of it."""
    why = tree.why_unreachable(folder)
    if why == errno.EXDEV:
        return Refusal(
            Reason.OTHER_DISK,
            f"{shown(folder)} is on another disk than the root of the library: only files on the root's own disk are moved.",
        )
    if why in (errno.ELOOP, errno.ENOTDIR):
        return Refusal(
            Reason.LINKED, f"{shown(folder)} is a link, a file, or behind a link: files are not moved through links."
        )
    return None


def _folder(path: bytes) -> bytes:
    return path.rpartition(b"/")[0]


def _name(path: bytes) -> bytes:
    return path.rpartition(b"/")[2]
