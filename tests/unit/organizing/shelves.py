"""A disk in memory, for drafting plans: paths and what lies there."""

import errno
from collections.abc import Iterable

from mediastead.catalog.types import ItemType
from mediastead.disk.moving import Kind, There
from mediastead.files.paths import is_beneath
from mediastead.files.types import Role
from mediastead.libraries.patterns import Patterns
from mediastead.organizing.drafting import Draft, draft
from mediastead.organizing.moves import Reason, Seen
from mediastead.organizing.naming import EpisodeFacts, Facts
from mediastead.organizing.places import Places, Subject
from mediastead.organizing.presets import preset_of
from mediastead.organizing.surroundings import Surroundings


class Disk:
    """Keeps the promises of `disk.moving.Tree` for looking: `names`, `snapshot` and `why_unreachable`. A path that ends in `/`
    is a folder, one that ends in `@` a link; another disk is mounted on the folders of `mounted`."""

    def __init__(self, *paths: str, mounted: Iterable[str] = ()) -> None:
        self._mounted = [path.encode() for path in mounted]
        self._kinds: dict[bytes, Kind] = {b"": Kind.FOLDER}
        for path in paths:
            plain = path.rstrip("/@").encode()
            self._kinds[plain] = {"/": Kind.FOLDER, "@": Kind.OTHER}.get(path[-1], Kind.FILE)
            while plain := plain.rpartition(b"/")[0]:
                self._kinds[plain] = Kind.FOLDER

    def names(self, folder: bytes) -> frozenset[bytes] | None:
        if self._kinds.get(folder) is not Kind.FOLDER or self.why_unreachable(folder) is not None:
            return None
        return frozenset(
            path.rpartition(b"/")[2] for path in self._kinds if path and path.rpartition(b"/")[0] == folder
        )

    def snapshot(self, paths: Iterable[bytes]) -> dict[bytes, There | None]:
        return {path: self._there(path) for path in paths}

    def why_unreachable(self, folder: bytes) -> int | None:
        return errno.EXDEV if any(is_beneath(folder, each) for each in self._mounted) else None

    def look(self, path: bytes) -> Seen:
        return Seen(len(path), 1, sorted(self._kinds).index(path) + 1)

    def _there(self, path: bytes) -> There | None:
        kind = self._kinds.get(path) if self.why_unreachable(path.rpartition(b"/")[0]) is None else None
        return None if kind is None else There(*self.look(path), kind, 1)


def film(title: str, year: int | None = None, *, edition: str | None = None, part: int | None = None) -> Facts:
    return Facts(type=ItemType.MOVIE, title=title, year=year, edition=edition, part=part)


def episodes(title: str, *numbers: tuple[int, int]) -> Facts:
    return Facts(type=ItemType.SERIES, title=title, episodes=tuple(EpisodeFacts(*each) for each in numbers))


class Drafted:
    """What a draft makes of files on a disk, by the preset of Kodi, which has the shortest names."""

    def __init__(
        self,
        disk: Disk,
        files: dict[str, Facts],
        *,
        extras: Iterable[str] = (),
        missing: dict[str, list[str]] | None = None,
        naming: str = "kodi",
        excluded: Patterns | None = None,
        ignoring: dict[str, str] | None = None,
        changed: Iterable[str] = (),
    ) -> None:
        subjects = [
            Subject(
                id=number,
                version=1,
                path=path.encode(),
                look=disk.look(path.encode()) if path not in changed else Seen(0, 0, 0),
                role=Role.EXTRA if path in extras else Role.FEATURE,
                facts=facts,
            )
            for number, (path, facts) in enumerate(files.items(), 1)
        ]
        texts = {path.encode(): text.encode() for path, text in (ignoring or {}).items()}
        around = Surroundings(disk, lambda path, size: texts[path][:size], excluded)
        gone = {folder.encode(): [name.encode() for name in names] for folder, names in (missing or {}).items()}
        self.draft: Draft = draft(subjects, Places(preset_of(naming)), around, gone)

    @property
    def moves(self) -> dict[str, str]:
        """Old path to new of all that is to move."""
        return {
            move.source.decode(): move.target.decode()
            for wish in self.draft.wishes
            for move in wish.moves
            if move.source != move.target
        }

    @property
    def together(self) -> list[set[str]]:
        return [{move.source.decode() for move in wish.moves} for wish in self.draft.wishes]

    @property
    def refused(self) -> dict[str, Reason]:
        return {each.source.decode(): each.reason for each in self.draft.refused}
