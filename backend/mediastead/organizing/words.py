"""What is said to a person about a group that is not done."""

import errno
import shlex
from collections.abc import Mapping, Sequence

from ..db.text import shown
from ..disk.beneath import NotAsExpected
from ..disk.moving import Occupied
from .moves import Move, Seen, Spot, Way
from .steps import Rename

_ADVICE = {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "raise the quota or make room",
    errno.EROFS: "mount the disk so that it can be written to",
    errno.EACCES: "give the account that Mediastead runs under the right to write there",
    errno.EPERM: "give the account that Mediastead runs under the right to write there",
    errno.EFBIG: "the file is larger than that file system can hold",
    errno.EXDEV: "the two folders lie on different mounts, between which nothing is moved",
    errno.EIO: "the disk reports errors: look at the system's log",
    errno.ENAMETOOLONG: "choose a template that gives shorter names",
}

STOPPED = "Mediastead was stopped while a file was copied. It is gone on with when it runs again."
NAMED = 20
"""Files in one sentence."""


def trouble(error: Exception, where: bytes | None = None) -> str:
    """What went wrong with one step, as the beginning of a sentence. `where`: the root on whose disk, where that is known."""
    if isinstance(error, Occupied):
        return f"Something new lies at {error}"
    if isinstance(error, NotAsExpected):
        return f"Somebody else changed {error} in between"
    if isinstance(error, OSError):
        advice = _ADVICE.get(error.errno or 0, "look at the system's log")
        disk = f"The disk of {shown(where)}" if where is not None else "The disk"
        return f"{disk} refused ({error.strerror or error}): {advice}"
    return f"{type(error).__name__}: {error}"


def then(*, staged: bool) -> str:
    """What a person does when that is mended. `staged`: what is to be moved comes from no library, so that nobody sees a plan."""
    return "start it again" if staged else "make a new plan"


def refused(trouble: str, *, staged: bool) -> str:
    """Nothing was begun. `staged` as in `then`."""
    return f"{trouble}. Nothing was moved; then {then(staged=staged)}."


def kept_access(count: int) -> str:
    return (
        f"Mode or group of {count} files could not be set like their folders': the account that Mediastead runs under may not do "
        "that. They keep theirs."
    )


def root_gone(gone: Exception) -> str:
    return f"The library is not there: {gone}. Mount its disk."


def not_mounted(folder: bytes) -> str:
    return f"The disk that was mounted at {shown(folder)} is not there: mount it. {_for_good(folder)}"


def another_disk(folder: bytes) -> str:
    return f"Another disk than before is mounted at {shown(folder)}: mount the right one. {_for_good(folder)}"


def mounted_over(folder: bytes) -> str:
    return f"Another disk was mounted over {shown(folder)} or a folder above it: take it off."


def between_mounts(move: Move) -> str:
    """Why what lies beneath a mount point of the root's own disk is not renamed out of there, or into it."""
    source, target = (shown(path.rpartition(b"/")[0]) or "the root" for path in (move.source, move.target))
    if move.way is Way.PUT_BACK:
        return f"Something is mounted at {target} or above it, and nothing is moved there out of the trash: move it by hand."
    return f"{source} and {target} lie on different mounts, between which nothing is moved: move it by hand."


def trash_elsewhere(move: Move) -> str:
    """Why something is not moved to the trash, where a person mounted that folder itself."""
    source = shown(move.source.rpartition(b"/")[0]) or "the root"
    return f"The trash folder for what lies in {source} is on another mount, to which nothing is moved: take that off."


def waits(why: str) -> str:
    """`why`: a sentence."""
    return f"{why} Then it is gone on with by itself."


def _for_good(folder: bytes) -> str:
    return f"If it is gone for good, say so (`mediastead scan NAME --accept-disk {shlex.quote(shown(folder))}`)."


def taken_back(cause: str | None, *, staged: bool) -> str:
    """`staged` as in `then`."""
    return f"{cause or 'It was broken off'}. Everything is where it was; {then(staged=staged)} when that is mended."


def cannot_be_finished(cause: str) -> str:
    return (
        "All is copied and checked, but the originals could not be put into the trash yet. "
        f"{cause}. It is tried again by itself."
    )


def cannot_be_taken_back(cause: str | None, error: Exception) -> str:
    return f"{cause or 'It was broken off'}; and it could not be taken back yet. {trouble(error)}. It is tried again by itself."


def stuck(organizing_id: int, said: str | None) -> str:
    return (
        f"{said or 'The process ended in the middle of it each time it was tried.'} It is not tried again by itself any more: "
        f"mend that, then have it tried (`mediastead organize settle {organizing_id}`)."
    )


def given_up(
    moves: Sequence[Move], renames: Sequence[Rename], found: Mapping[Spot, Seen | None], parts: Sequence[Spot]
) -> str:
    """Where each file lies that is not at its first path, and which copies are left under hidden names."""
    places: list[str] = []
    for number, move in enumerate(moves):
        spots = [move.origin, *(rename.target for rename in renames if rename.move == number)]
        at = [spot for spot in spots if found.get(spot) == move.look]
        if at != [move.origin]:
            here = " and ".join(shown(spot.path) for spot in at) if at else "none of its places"
            places.append(f"{shown(move.source)} is at {here}")
    more = f"; {len(places) - NAMED} more" if len(places) > NAMED else ""
    return (
        "Somebody else changed the files in between, so nothing more was touched: "
        f"{'; '.join(places[:NAMED])}{more}. What is named .mediastead-held- something, scans pass over: rename it by hand."
        f"{_left(parts)}"
    )


def _left(parts: Sequence[Spot]) -> str:
    if not parts:
        return ""
    listed = ", ".join(shown(part.path) for part in parts[:NAMED])
    return f" What was made is left under hidden names, since its source is not there as it was: {listed}. Rename or delete it."
