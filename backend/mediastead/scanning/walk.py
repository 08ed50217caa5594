"""The walk: every folder beneath a root, one listing after the other, always in the same order.

Folders are opened relative to the open folder above them. So a path may be longer than the system takes in one piece, and
a root that is unmounted or swapped while the walk runs cannot make it look empty: the walk stays in the tree that it entered.
"""

import errno
import os
import stat
from collections.abc import Collection, Generator, Iterator, Mapping
from typing import NamedTuple

from ..disk.looks import look_at_disc, look_of
from ..files.paths import is_beneath, joined
from ..libraries.patterns import Patterns
from .found import ANOTHER_DISK, NO_LONGER_MOUNTED, FileSystem, FoundFile, Gap, Hidden, Listing, reason_of
from .rules import (
    IGNORE_FILES,
    LARGEST_IGNORE_FILE,
    NOMEDIA,
    is_disc_folder,
    is_video,
    read_ignore_file,
    rule_for_name,
)
from .scope import Scope

DEEPEST = 200
"""Levels. Each keeps a folder open; a process may have 1,024 files open by default."""

OUT_OF_THE_LIBRARY = "symlink out of the library"
LEADS_NOWHERE = "symlink that leads nowhere"


class _Link(NamedTuple):
    """A symlink to a folder inside the root."""

    path: bytes
    target: bytes
    patterns: tuple[Patterns, ...]


class _Contents:
    """What one listing gathers."""

    def __init__(self) -> None:
        self.files: list[FoundFile] = []
        self.gaps: list[Gap] = []
        self.hidden: list[Hidden] = []
        self.folders: list[bytes] = []
        self.others = 0


class Walk:
    """`Walk(root).listings()` gives every folder beneath `root` that no rule hides, parents before what is in them.

    `root`: a real path. `mounts`: paths that are mount points now; `expected_mounts`: those that were at the last scan, where
    only a gap is seen if nothing is mounted now; `strange_disks`: those where another disk is, which is a gap too;
    `mounted_folders`: device and inode of what is mounted, by path, where only a gap is seen if another folder is met there.
    `scope`: the folders to list; all where it is None.
    """

    def __init__(
        self,
        root: bytes,
        *,
        excluded: Patterns | None = None,
        mounts: Collection[bytes] = (),
        expected_mounts: Collection[bytes] = (),
        strange_disks: Collection[bytes] = (),
        mounted_folders: Mapping[bytes, tuple[int, int]] | None = None,
        file_system: FileSystem | None = None,
        scope: Scope | None = None,
    ) -> None:
        self._root = root
        self._excluded = (excluded,) if excluded else ()
        self._mounts = mounts
        self._expected = set(expected_mounts)
        self._strange = strange_disks
        self._mounted_folders = mounted_folders or {}
        self._fs = file_system or FileSystem()
        self._links: list[_Link] = []
        self._dangling: list[tuple[bytes, bytes]] = []
        self._seen: set[tuple[int, int]] = set()
        self._gaps: set[bytes] = set()
        self._root_folder = -1
        self._scope = scope
        self.passed_over: set[bytes] = set()
        """Symlinks to folders that were not followed, because whether a folder has another path shows only a whole walk."""

    def listings(self) -> Generator[Listing | Gap]:
        """Raises OSError where the root itself cannot be opened; every other trouble is a `Gap`."""
        self._root_folder = self._fs.open_folder(self._root, None)
        try:
            yield from self._remember(self._walked())
        finally:
            os.close(self._root_folder)

    def _walked(self) -> Iterator[Listing | Gap]:
        yield from self._tree(b"", os.dup(self._root_folder), self._excluded, None, ())
        # Folders that only a symlink leads to come last, so that a folder has the path where it really lies if it has one.
        if self._scope is not None:
            self.passed_over.update(link.path for link in self._links)
            self._links = []
        while self._links:
            links, self._links = sorted(self._links), []
            for link in links:
                yield from self._linked(link)
        for path in sorted(self._expected):
            if not any(is_beneath(path, gap) for gap in self._gaps):
                yield Gap(path, NO_LONGER_MOUNTED)
        # What a link leads to may lie in a folder that cannot be seen now: then the link only seems to lead nowhere.
        for path, target in self._dangling:
            if any(is_beneath(target, gap) for gap in self._gaps):
                yield Gap(path, "symlink to what cannot be looked at now")

    def _remember(self, found: Iterator[Listing | Gap]) -> Iterator[Listing | Gap]:
        for one in found:
            if isinstance(one, Gap):
                self._gaps.add(one.path)
            elif self._expected:
                for hidden in one.hidden:
                    self._expected = {path for path in self._expected if not is_beneath(path, hidden.path)}
            yield one

    def _tree(
        self,
        path: bytes,
        folder: int,
        patterns: tuple[Patterns, ...],
        device: int | None,
        above: tuple[tuple[int, int], ...],
    ) -> Iterator[Listing | Gap]:
        """The folder open as `folder` (closed here) and all beneath it. `device` and `above` are of the folders above."""
        try:
            try:
                status = os.fstat(folder)
                key = (status.st_dev, status.st_ino)
                if key in above:
                    yield Listing(path, (), hidden=(Hidden(path, "folder that holds itself"),))
                    return
                mounted = path in self._mounts or (device is not None and status.st_dev != device)
                if path in self._expected:
                    self._expected.discard(path)
                    if not mounted:
                        yield Gap(path, NO_LONGER_MOUNTED)
                        return
                if path in self._strange:
                    yield Gap(path, ANOTHER_DISK)
                    return
                # Taken off since the scan began: what lies beneath is not what it holds, even if it is mounted again later.
                if self._mounted_folders.get(path, key) != key:
                    yield Gap(path, NO_LONGER_MOUNTED)
                    return
                names = sorted((os.fsencode(entry.name), entry) for entry in self._fs.entries(folder))
                hides_all, patterns = self._ignore_files(path, folder, {name for name, _ in names}, patterns)
                if hides_all:
                    yield Listing(path, (), hidden=(Hidden(path, hides_all),), mount_point=mounted)
                    return
            except FileNotFoundError:
                return
            except OSError as error:
                yield Gap(path, reason_of(error))
                return
            self._seen.add(key)
            listed = self._scope is None or self._scope.holds(path)
            contents = _Contents()
            for name, entry in names:
                if listed or self._is_to_enter(path, name):
                    self._sort(path, folder, name, entry, patterns, contents)
            if listed:
                yield Listing(
                    path,
                    contents.files,
                    contents.gaps,
                    contents.hidden,
                    contents.others,
                    mount_point=mounted and path != b"",
                )
            for name in contents.folders:
                if not self._is_to_enter(path, name):
                    continue
                yield from self._beneath(joined(path, name), folder, name, patterns, status.st_dev, (*above, key))
        finally:
            os.close(folder)

    def _beneath(
        self,
        path: bytes,
        parent: int,
        name: bytes,
        patterns: tuple[Patterns, ...],
        device: int,
        above: tuple[tuple[int, int], ...],
    ) -> Iterator[Listing | Gap]:
        if len(above) >= DEEPEST:
            yield Gap(path, f"folders are nested more than {DEEPEST} deep")
            return
        try:
            folder = self._fs.open_folder(name, parent)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            yield Gap(path, reason_of(error))
            return
        yield from self._tree(path, folder, patterns, device, above)

    def _is_to_enter(self, path: bytes, name: bytes) -> bool:
        return self._scope is None or self._scope.leads(joined(path, name))

    def _linked(self, link: _Link) -> Iterator[Listing | Gap]:
        try:
            folder = self._fs.open_folder(link.target or b".", self._root_folder)
        except FileNotFoundError:
            return
        except OSError as error:
            yield Gap(link.path, reason_of(error))
            return
        status = os.fstat(folder)
        if (status.st_dev, status.st_ino) in self._seen:
            os.close(folder)
            return
        yield from self._tree(link.path, folder, link.patterns, None, ())

    def _ignore_files(
        self, path: bytes, folder: int, names: Collection[bytes], patterns: tuple[Patterns, ...]
    ) -> tuple[str | None, tuple[Patterns, ...]]:
        if NOMEDIA in names:
            return NOMEDIA.decode(), patterns
        for name in IGNORE_FILES:
            if name not in names or not stat.S_ISREG(self._fs.stat(name, folder).st_mode):
                continue
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            try:
                says = read_ignore_file(name, path, os.read(descriptor, LARGEST_IGNORE_FILE))
            finally:
                os.close(descriptor)
            if says.hides_all:
                return says.hides_all, patterns
            if says.patterns:
                patterns = (*patterns, says.patterns)
        return None, patterns

    def _sort(
        self,
        path: bytes,
        folder: int,
        name: bytes,
        entry: os.DirEntry[str],
        patterns: tuple[Patterns, ...],
        contents: _Contents,
    ) -> None:
        """Put one entry of a folder where it belongs."""
        full = joined(path, name)
        video = is_video(name)
        try:
            linked = entry.is_symlink()
            target = self._inside(full) if linked else None
            is_folder = entry.is_dir(follow_symlinks=False)
            if linked and target is not None:
                is_folder = stat.S_ISDIR(self._fs.stat(name, folder, follow=True).st_mode)
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                contents.gaps.append(Gap(full, reason_of(error)))
            return
        if not is_folder and not video and not linked:
            contents.others += 1
            return
        rule = rule_for_name(name) or _rule_for(full, patterns, folder=is_folder)
        if rule is None and linked and target is None:
            rule = self._why_not(full, name, folder, is_video=video)
        if rule is None and linked and is_folder and is_disc_folder(name):
            rule = "symlink to a disc folder"
        if rule:
            if is_folder or video or rule == OUT_OF_THE_LIBRARY:
                contents.hidden.append(Hidden(full, rule))
            else:
                contents.others += 1
            return
        if is_folder and target is not None:
            self._links.append(_Link(full, target, patterns))
        elif is_folder and not is_disc_folder(name):
            contents.folders.append(name)
        elif is_folder or (video and (target is not None or not linked)):
            self._add_file(full, folder, name, follow=linked, disc=is_folder, contents=contents)
        else:
            contents.others += 1

    def _add_file(
        self, path: bytes, folder: int, name: bytes, *, follow: bool, disc: bool, contents: _Contents
    ) -> None:
        try:
            if disc:
                inner = self._fs.open_folder(name, folder)
                try:
                    contents.files.append(FoundFile(name, look_at_disc(inner)))
                finally:
                    os.close(inner)
                return
            status = self._fs.stat(name, folder, follow=follow)
            if stat.S_ISREG(status.st_mode):
                contents.files.append(FoundFile(name, look_of(status)))
            else:
                contents.others += 1
        except FileNotFoundError:
            return
        except OSError as error:
            contents.gaps.append(Gap(path, reason_of(error), folder=False))

    def _inside(self, path: bytes) -> bytes | None:
        """Where a symlink leads, relative to the root; None where it leads out of the root or nowhere."""
        try:
            real = os.path.realpath(os.path.join(self._root, path), strict=True)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EACCES):
                return None
            raise
        return _relative(real, self._root)

    def _why_not(self, path: bytes, name: bytes, folder: int, *, is_video: bool) -> str | None:
        """Why a symlink is not followed; None where nobody would miss it (a picture, a subtitle)."""
        target = _relative(os.path.realpath(os.path.join(self._root, path)), self._root)
        if target is not None:
            self._dangling.append((path, target))
            return LEADS_NOWHERE if is_video else None
        if is_video:
            return OUT_OF_THE_LIBRARY
        try:
            return OUT_OF_THE_LIBRARY if stat.S_ISDIR(self._fs.stat(name, folder, follow=True).st_mode) else None
        except OSError:
            return None


def _rule_for(path: bytes, patterns: tuple[Patterns, ...], *, folder: bool) -> str | None:
    return next((rule for these in patterns if (rule := these.rule_for(path, folder=folder))), None)


def _relative(real: bytes, root: bytes) -> bytes | None:
    if real == root:
        return b""
    beneath = root.rstrip(b"/") + b"/"
    return real[len(beneath) :] if real.startswith(beneath) else None
