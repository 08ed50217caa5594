"""From files with their titles to wanted moves: where each belongs, and what goes along with it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct

from ..catalog.types import ItemType
from ..db.text import shown
from ..disk.moving import Kind, There
from ..files.paths import is_beneath, joined
from ..files.types import Role
from ..parsing.folders import season_of
from ..parsing.roles import is_for_extras, role_of
from ..scanning.rules import is_disc_folder
from .moves import Move, MoveRole, Reason, Refused, Seen
from .naming import EpisodeFacts, Facts, Naming, TooLong, Unnamed
from .planner import Wish
from .presets import Preset
from .sidecars import belongs_to_folder, belongs_to_series, stem_of, suffix_of
from .surroundings import Surroundings

LEAST_RESERVE = 8
"""Bytes for a suffix, also where nothing goes along: what comes to lie beside a file later must fit too."""
NAMED = 3
"""Names in one sentence."""


class Subject(Struct, frozen=True, kw_only=True):
    """A media file that is there and matched."""

    id: int
    version: int
    path: bytes
    """Relative to the root."""
    look: Seen
    role: Role
    facts: Facts

    @property
    def folder(self) -> bytes:
        return self.path.rpartition(b"/")[0]

    @property
    def name(self) -> bytes:
        return self.path.rpartition(b"/")[2]


class Place(Struct, frozen=True):
    """Where a file belongs: the folder, and the new stem, behind which the rest of its name is put."""

    folder: bytes
    stem: bytes

    @property
    def path(self) -> bytes:
        return joined(self.folder, self.stem)


class Draft(Struct, frozen=True):
    """What is wanted for some files, and what is refused without asking further."""

    wishes: list[Wish]
    refused: list[Refused]


class Places:
    """Where the template, with what it leaves open, wants each file. Pure."""

    def __init__(self, preset: Preset) -> None:
        self._preset = preset
        self._naming = Naming(preset.template)

    def of(self, subject: Subject, reserve: int = LEAST_RESERVE) -> Place | None:
        """None where the file stays where it is: an extra of a title for which the template makes no folder.

        Raises `Unnamed`.
        """
        if subject.role is Role.EXTRA:
            return self._of_extra(subject)
        if subject.facts.type is ItemType.SERIES and not subject.facts.episodes:
            raise Unnamed("It is not known which episode the file holds.")
        path = self._naming.stem(subject.facts, reserve).encode()
        folder, _, stem = path.rpartition(b"/")
        if not is_disc_folder(subject.name):
            return Place(folder, stem)
        facts = subject.facts
        alone = facts.type is ItemType.MOVIE and facts.part is None and facts.edition is None and folder
        return Place(folder if alone else path, subject.name)

    def of_title(self, facts: Facts) -> bytes | None:
        folder = self._naming.title_folder(facts)
        return folder.encode() if folder is not None else None

    def _of_extra(self, subject: Subject) -> Place | None:
        """An extra keeps its name, and the folder that says of what kind it is."""
        title = self.of_title(subject.facts)
        if title is None:
            return None
        parts = [shown(part) for part in subject.folder.split(b"/")]
        kind = subject.folder.rpartition(b"/")[2]
        stem = stem_of(subject.name)
        if is_for_extras(parts[-1]):
            return Place(joined(self._season(subject, title, parts[-2] if len(parts) > 1 else ""), kind), stem)
        season = self._season(subject, title, parts[-1])
        if role_of(shown(stem), ()) is not None:
            return Place(season, stem)
        return Place(joined(season, self._preset.extras.encode()), stem)

    def _season(self, subject: Subject, title: bytes, folder: str) -> bytes:
        """The folder of the season, where the file lies in one now, else that of the title."""
        number = season_of(folder) if subject.facts.type is ItemType.SERIES else None
        if number is None:
            return title
        one = EpisodeFacts(number, 1)
        path = self._naming.stem(_with_episode(subject.facts, one)).encode().rpartition(b"/")[0]
        return path if is_beneath(path, title) else title


def draft(
    subjects: Sequence[Subject], places: Places, around: Surroundings, missing: Mapping[bytes, Collection[bytes]]
) -> Draft:
    """Wishes for files, all of their titles' files among them. `missing`: by folder, the names of media files that are gone.

    Blocks; raises OSError.
    """
    drafting = _Drafting(places, around, missing)
    by_stem: dict[tuple[bytes, bytes], list[Subject]] = defaultdict(list)
    for subject in subjects:
        by_stem[subject.folder, stem_of(subject.name)].append(subject)
    for (folder, stem), several in by_stem.items():
        drafting.add(folder, stem, several)
    drafting.finish(subjects)
    return Draft(drafting.wishes, drafting.refused)


class _Drafting:
    def __init__(self, places: Places, around: Surroundings, missing: Mapping[bytes, Collection[bytes]]) -> None:
        self._places = places
        self._around = around
        self._missing = missing
        self.wishes: list[Wish] = []
        self.refused: list[Refused] = []
        self._went: dict[bytes, tuple[bytes, int]] = {}
        """Of each file that is wanted somewhere: its new folder, and the number of its wish."""

    def add(self, folder: bytes, stem: bytes, several: Sequence[Subject]) -> None:
        """The files of one stem in one folder."""
        shelf = self._around.shelf(folder)
        beside = shelf.sidecars(self._missing.get(folder, ())).get(stem, []) if shelf is not None else []
        looks = self._around.looks([joined(folder, name) for name in beside] + [each.path for each in several])
        several = [each for each in several if self._is_there(each, looks[each.path])]
        going = [joined(folder, name) for name in beside if _is_file(looks[joined(folder, name)])]
        reserve = max([LEAST_RESERVE, *(len(path) - len(joined(folder, stem)) for path in going)])
        placed: list[tuple[Subject, Place]] = []
        for subject in several:
            place = self._place(subject, reserve)
            if place is not None:
                placed.append((subject, place))
        if not placed:
            return
        others = [name for name in (shelf.media.get(stem, []) if shelf else []) if name not in {s.name for s, _ in placed}]
        if going and (others or len({place for _, place in placed}) > 1):
            names = ", ".join(f'"{shown(path.rpartition(b"/")[2])}"' for path in going[:NAMED])
            for subject, place in placed:
                words = (
                    f"{names} belongs to several files of this name, which would part: match all of them, or rename one "
                    "together with what belongs to it."
                )
                self._refuse(subject, Reason.TIED, words, place.path + suffix_of(subject.name))
            return
        if going:
            self._wish(folder, stem, placed, [(path, looks[path]) for path in going])
            return
        for one in placed:
            self._wish(folder, stem, [one], [])

    def finish(self, subjects: Iterable[Subject]) -> None:
        """What is about a folder goes along where everything in the folder goes to one place; else that is said."""
        folders: dict[bytes, list[Subject]] = defaultdict(list)
        for subject in subjects:
            folder = subject.folder
            while folder:
                folders[folder].append(subject)
                folder = folder.rpartition(b"/")[0]
        for folder, within in sorted(folders.items()):
            shelf = self._around.shelf(folder)
            if shelf is None or all(each.path in self._went and not self._moves(each.path) for each in within):
                continue
            if any(each.path not in self._went for each in within) or not self._only(folder, within):
                continue  # media files stay here: what is about the folder stays with them
            target = self._new_folder(folder, within)
            number = min(self._went[each.path][1] for each in within)
            going = [name for name in sorted(shelf.names) if target and _about(name, within[0].facts.type)]
            looks = self._around.looks([joined(folder, name) for name in going])
            moves = [
                Move(MoveRole.SIDECAR, path, joined(target or b"", path.rpartition(b"/")[2]), Seen(*look.look))
                for path, look in looks.items()
                if look is not None and _is_file(look)
            ]
            self.wishes[number] = Wish((*self.wishes[number].moves, *moves), self.wishes[number].stem)
            self._say_what_stays(folder, shelf.names)

    def _say_what_stays(self, folder: bytes, names: Iterable[bytes]) -> None:
        moved = {move.source for wish in self.wishes for move in wish.moves if move.source != move.target}
        needed = {move.target.rpartition(b"/")[0] for wish in self.wishes for move in wish.moves}
        if any(is_beneath(each, folder) for each in needed):
            return  # the folder stays in use
        left = [
            name
            for name in sorted(names)
            if joined(folder, name) not in moved
            and not name.startswith(b".")
            and not any(is_beneath(path, joined(folder, name)) for path in moved)
        ]
        if left:
            listed = ", ".join(f'"{shown(name)}"' for name in left[:NAMED])
            more = f" and {len(left) - NAMED} more" if len(left) > NAMED else ""
            words = f"Its media files leave it, but {listed}{more} stays, because nothing says where that belongs."
            self.refused.append(Refused(folder, Reason.STAYS, words))

    def _moves(self, path: bytes) -> bool:
        return any(move.source == path != move.target for move in self.wishes[self._went[path][1]].moves)

    def _only(self, folder: bytes, within: Sequence[Subject]) -> bool:
        """Whether no other media file lies in the folder or beneath it, as far down as these do."""
        known = {each.path for each in within}
        for inner in {folder, *(each.folder for each in within)}:
            shelf = self._around.shelf(inner)
            names = [name for names in shelf.media.values() for name in names] if shelf is not None else []
            if any(joined(inner, name) not in known for name in names):
                return False
        return True

    def _new_folder(self, folder: bytes, within: Sequence[Subject]) -> bytes | None:
        """Where what is about the folder belongs: to the title, or, from the folder of a season, to the one that it is now."""
        titles = {self._places.of_title(each.facts) for each in within}
        title = titles.pop() if len(titles) == 1 else None
        if title is None:
            return None
        title = self._around.spelled(title)
        if within[0].facts.type is ItemType.SERIES and season_of(shown(folder.rpartition(b"/")[2])) is not None:
            targets = {self._went[each.path][0] for each in within if each.folder == folder}
            return targets.pop() if len(targets) == 1 else None
        return None if is_for_extras(shown(folder.rpartition(b"/")[2])) else title

    def _is_there(self, subject: Subject, there: There | None) -> bool:
        if there is None or Seen(*there.look) != subject.look:
            words = "It does not lie there as the last scan saw it, or behind a link or on another disk: scan the library."
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
        if place is None:  # an extra that stays where it is
            return Place(subject.folder, stem_of(subject.name))
        place = Place(self._around.spelled(place.folder), place.stem)
        target = place.path + suffix_of(subject.name)
        rule = self._around.rule_that_hides(target) if target != subject.path else None
        if rule is not None:
            words = f"Scans would not see it there ({rule}): change the naming template or the rule."
            self._refuse(subject, Reason.NOT_SAFE, words, target)
            return None
        return place

    def _wish(
        self,
        folder: bytes,
        stem: bytes,
        placed: Sequence[tuple[Subject, Place]],
        going: Sequence[tuple[bytes, There | None]],
    ) -> None:
        moves = [
            Move(
                MoveRole.MEDIA,
                subject.path,
                subject.path if place.path == joined(folder, stem) else place.path + suffix_of(subject.name),
                subject.look,
                subject.id,
                subject.version,
            )
            for subject, place in placed
        ]
        place = placed[0][1]
        moves += [
            Move(MoveRole.SIDECAR, path, place.path + path[len(joined(folder, stem)) :], Seen(*look.look))
            for path, look in going
            if look is not None
        ]
        self._went |= {subject.path: (place.folder, len(self.wishes)) for subject, place in placed}
        self.wishes.append(Wish(tuple(moves), place.path))

    def _refuse(self, subject: Subject, reason: Reason, words: str, target: bytes | None = None) -> None:
        self.refused.append(Refused(subject.path, reason, words, target, subject.id))


def _about(name: bytes, type: ItemType) -> bool:
    return belongs_to_folder(name) or (type is ItemType.SERIES and belongs_to_series(name))


def _is_file(there: There | None) -> bool:
    return there is not None and there.kind is Kind.FILE


def _with_episode(facts: Facts, episode: EpisodeFacts) -> Facts:
    return Facts(type=facts.type, title=facts.title, year=facts.year, episodes=(episode,), tmdb=facts.tmdb)
