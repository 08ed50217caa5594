"""From files with their titles to wanted moves: where each belongs, and what goes along with it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct

from ..catalog.types import ItemType
from ..db.text import shown
from ..disk.moving import Kind, There, folders_above
from ..files.paths import is_beneath, joined
from ..files.types import Role
from ..parsing.folders import season_of
from ..parsing.roles import is_for_extras, is_for_samples
from .moves import Move, MoveRole, Reason, Refused, Seen
from .naming import TooLong, Unnamed
from .places import LEAST_RESERVE, Place, Places, Subject
from .planner import Wish
from .sidecars import belongs_to_folder, belongs_to_series, is_media, stem_of, suffix_of
from .surroundings import Surroundings
from .versions import Bundle, Placed, told_apart

NAMED = 3
"""Names in one sentence."""


class Draft(Struct, frozen=True):
    """What is wanted for some files, and what is refused without asking further."""

    wishes: list[Wish]
    refused: list[Refused]


def draft(
    subjects: Sequence[Subject],
    places: Places,
    around: Surroundings,
    missing: Mapping[bytes, Collection[bytes]],
    beyond: Surroundings | None = None,
    *,
    stay: bool = False,
) -> Draft:
    """Wishes for files, all of their titles' files among them. `missing`: by folder, the names of media files that are gone.

    `beyond`: what lies around where they go to, if that is another tree. `stay`: they are linked or copied. Blocks; raises
    OSError.
    """
    drafting = _Drafting(places, around, beyond or around, stay=stay)
    bundles = _bundles(subjects, around, missing)
    paths = [path for each in bundles for path in (*each.beside, *(subject.path for subject in each.subjects))]
    looks = around.looks(paths)
    placed = [drafting.place(bundle, looks) for bundle in bundles]
    for each in told_apart([each for each in placed if each.subjects]):
        drafting.add(each, looks)
    drafting.finish(subjects)
    return Draft(drafting.wishes, drafting.refused)


def _bundles(
    subjects: Sequence[Subject], around: Surroundings, missing: Mapping[bytes, Collection[bytes]]
) -> list[Bundle]:
    by_stem: dict[tuple[bytes, bytes], list[Subject]] = defaultdict(list)
    for subject in subjects:
        by_stem[subject.folder, stem_of(subject.name)].append(subject)
    bundles: list[Bundle] = []
    for (folder, stem), several in by_stem.items():
        shelf = around.shelf(folder)
        beside = shelf.sidecars(missing.get(folder, ())).get(stem, []) if shelf is not None else []
        media = shelf.media.get(stem, []) if shelf is not None else []
        paths = [[joined(folder, name) for name in names] for names in (beside, media)]
        bundles.append(Bundle(joined(folder, stem), several, *paths))
    return bundles


class _Drafting:
    def __init__(self, places: Places, around: Surroundings, beyond: Surroundings, *, stay: bool) -> None:
        self._places = places
        self._around = around
        self._beyond = beyond
        self._apart = beyond is not around
        self._stay = stay
        self.wishes: list[Wish] = []
        self.refused: list[Refused] = []
        self._went: dict[bytes, tuple[bytes, int]] = {}
        """Of each file that is wanted somewhere: its new folder, and the number of its wish."""

    def place(self, bundle: Bundle, looks: Mapping[bytes, There | None]) -> "Placed":
        there = [each for each in bundle.subjects if self._is_there(each, looks[each.path])]
        going = [path for path in bundle.beside if _is_file(looks[path])]
        reserve = max([LEAST_RESERVE, *(len(path) - len(bundle.path) for path in going)])
        places = [(each, place) for each in there if (place := self._place(each, reserve)) is not None]
        return Placed(bundle, [each for each, _ in places], [place for _, place in places], going)

    def add(self, each: "Placed", looks: Mapping[bytes, There | None]) -> None:
        bundle, going = each.bundle, each.going
        placed = list(zip(each.subjects, each.places, strict=True))
        parting = len(placed) < len(bundle.media) or len(set(each.places)) > 1
        if (
            going
            and parting
            and any(self._apart or self._target(subject, place) != subject.path for subject, place in placed)
        ):
            names = ", ".join(f'"{shown(path.rpartition(b"/")[2])}"' for path in going[:NAMED])
            words = (
                f"{names} belongs to several files of this name, which would part: match all of them, or rename one together "
                "with what belongs to it."
            )
            for subject, place in placed:
                self._refuse(subject, Reason.TIED, words, self._target(subject, place))
        elif going:
            self._wish(bundle, placed, [(path, looks[path]) for path in going])
        else:
            for one in placed:
                self._wish(bundle, [one], [])

    def finish(self, subjects: Iterable[Subject]) -> None:
        """What is about a folder goes along where everything in the folder goes to one place; else that is said."""
        folders: dict[bytes, list[Subject]] = defaultdict(list)
        for subject in subjects:
            for folder in folders_above(subject.path)[1:]:
                folders[folder].append(subject)
        wanted = [move for wish in self.wishes for move in wish.moves]
        moved = {move.source for move in wanted if self._apart or move.source != move.target}
        needed = {folder for move in wanted if not self._apart for folder in folders_above(move.target)}
        leaving = {folder for path in moved for folder in folders_above(path)}
        for folder, within in sorted(folders.items(), reverse=True):
            shelf = self._around.shelf(folder)
            if shelf is None or folder not in leaving or not self._all_go(folder, within):
                continue  # media files stay here: what is about the folder stays with them
            going = [joined(folder, name) for name in sorted(shelf.names) if _about(name, within[0].facts.type)]
            target = self._new_folder(folder, within) if going else None
            looks = self._around.looks(going) if target is not None else {}
            moves = [
                Move(MoveRole.SIDECAR, path, joined(target or b"", path.rpartition(b"/")[2]), Seen(*look.look))
                for path, look in looks.items()
                if look is not None and _is_file(look)
            ]
            if moves:
                number = min(self._went[each.path][1] for each in within)
                self.wishes[number] = Wish((*self.wishes[number].moves, *moves), self.wishes[number].stem)
            moved |= {move.source for move in moves}
            if folder not in needed and not self._stay:
                paths = {joined(folder, name): name for name in sorted(shelf.names) if not name.startswith(b".")}
                left = [name for path, name in paths.items() if path not in moved and path not in leaving]
                self._say_what_stays(folder, left)

    def _say_what_stays(self, folder: bytes, left: Sequence[bytes]) -> None:
        if left:
            listed = ", ".join(f'"{shown(name)}"' for name in left[:NAMED])
            more = f" and {len(left) - NAMED} more" if len(left) > NAMED else ""
            words = f"Its media files leave it, but {listed}{more} stays: nothing says where that belongs."
            self.refused.append(Refused(folder, Reason.STAYS, words))

    def _all_go(self, folder: bytes, within: Sequence[Subject]) -> bool:
        """Whether all media files in the folder, and beside those of them that lie deeper, are wanted somewhere."""
        known = {each.path for each in within}
        if not known <= self._went.keys():
            return False
        for inner in {folder, *(each.folder for each in within)}:
            shelf = self._around.shelf(inner)
            names = [name for names in shelf.media.values() for name in names] if shelf is not None else []
            if any(joined(inner, name) not in known for name in names):
                return False
        return not any(self._holds_others(folder, name, known) for name in self._names(folder))

    def _names(self, folder: bytes) -> frozenset[bytes]:
        shelf = self._around.shelf(folder)
        return shelf.names if shelf is not None else frozenset()

    def _holds_others(self, folder: bytes, name: bytes, known: Collection[bytes]) -> bool:
        """Whether media files that stay lie in this folder of it. Samples are none that anybody keeps a poster for."""
        path = joined(folder, name)
        if is_media(name) or is_for_samples(shown(name)) or any(is_beneath(each, path) for each in known):
            return False
        inner = self._around.shelf(path)
        return inner is not None and bool(inner.media)

    def _new_folder(self, folder: bytes, within: Sequence[Subject]) -> bytes | None:
        """Where what is about the folder belongs: to the title, or, from the folder of a season, to the one that it is now."""
        titles = {self._places.of_title(each.facts) for each in within}
        title = titles.pop() if len(titles) == 1 else None
        if title is None:
            return None
        title = self._beyond.spelled(title)
        if within[0].facts.type is ItemType.SERIES and season_of(shown(folder.rpartition(b"/")[2])) is not None:
            targets = {self._went[each.path][0] for each in within if each.folder == folder}
            return targets.pop() if len(targets) == 1 else None
        return None if is_for_extras(shown(folder.rpartition(b"/")[2])) else title

    def _is_there(self, subject: Subject, there: There | None) -> bool:
        if there is None and self._around.is_on_other_disk(subject.folder):
            advice = "plan with `--how copy` or `--how link`, which leave it there"
            words = (
                "It lies on another disk, which is mounted in the library, and only files on the root's own disk are moved: "
                f"{advice if self._apart else 'move it by hand'}, or make that folder a library of its own instead."
            )
            self._refuse(subject, Reason.OTHER_DISK, words)
            return False
        if there is None or Seen(*there.look) != subject.look:
            words = "It does not lie there as the last scan saw it, or behind a link: scan the library."
            self._refuse(subject, Reason.NOT_THERE, words)
            return False
        if there.kind is Kind.OTHER:
            self._refuse(subject, Reason.LINKED, "It is a link: what it leads to is not moved. Move it by hand.")
            return False
        return True

    def _place(self, subject: Subject, reserve: int) -> Place | None:
        try:
            place = self._places.of(subject, reserve)
        except Unnamed as error:
            reason = Reason.TOO_LONG if isinstance(error, TooLong) else Reason.NO_TITLE
            self._refuse(subject, reason, f"{error} Say what it is, or change the naming template.")
            return None
        if place is None and self._apart:
            words = "The naming template makes no folder for a title, so that nothing says where an extra belongs."
            self._refuse(subject, Reason.NO_TITLE, words)
            return None
        if place is None:  # an extra that stays where it is
            return Place(subject.folder, stem_of(subject.name))
        place = Place(self._beyond.spelled(place.folder), place.stem)
        target = self._target(subject, place)
        rule = self._beyond.rule_that_hides(target) if self._apart or target != subject.path else None
        if rule is not None:
            words = f"Scans would not see it there ({rule}): change the naming template or the rule."
            self._refuse(subject, Reason.NOT_SAFE, words, target)
            return None
        return place

    def _target(self, subject: Subject, place: Place) -> bytes:
        """An extra keeps its name whole; other files get a suffix in small letters."""
        if subject.role is Role.EXTRA:
            return joined(place.folder, subject.name)
        return place.path + suffix_of(subject.name)

    def _wish(
        self,
        bundle: Bundle,
        placed: Sequence[tuple[Subject, Place]],
        going: Sequence[tuple[bytes, There | None]],
    ) -> None:
        moves = [
            Move(
                MoveRole.MEDIA,
                subject.path,
                self._target(subject, place),
                subject.look,
                subject.id,
                subject.version,
            )
            for subject, place in placed
        ]
        self._went |= {move.source: (move.target.rpartition(b"/")[0], len(self.wishes)) for move in moves}
        stem = placed[0][1].path
        moves += [
            Move(MoveRole.SIDECAR, path, stem + path[len(bundle.path) :], Seen(*look.look))
            for path, look in going
            if look is not None
        ]
        self.wishes.append(Wish(tuple(moves), stem))

    def _refuse(self, subject: Subject, reason: Reason, words: str, target: bytes | None = None) -> None:
        self.refused.append(Refused(subject.path, reason, words, target, subject.id))


def _about(name: bytes, type: ItemType) -> bool:
    return belongs_to_folder(name) or (type is ItemType.SERIES and belongs_to_series(name))


def _is_file(there: There | None) -> bool:
    return there is not None and there.kind is Kind.FILE
