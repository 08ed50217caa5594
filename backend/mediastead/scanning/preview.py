"""What exclude patterns would hide of the files that a library shows now."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from ..db.text import shown
from ..libraries.errors import LibraryNotFound
from ..libraries.patterns import Patterns, exclude_patterns
from ..libraries.schemas import PatternList
from .queries import library_exists, present_paths
from .rules import is_disc_folder, is_video, rule_for_name

SHOWN = 100


class PreviewRequest(Struct, frozen=True, forbid_unknown_fields=True):
    exclude_patterns: Annotated[PatternList, Meta(description="All patterns that the library would have.")]


class HiddenTree(Struct, frozen=True):
    """A file or folder that a pattern would hide."""

    path: str
    rule: str
    files: int


class Preview(Struct, frozen=True):
    files: int
    """Present files that would be hidden."""
    of: int
    """Present files of the library."""
    trees: list[HiddenTree]
    """The first hundred, by path."""


async def preview_exclusion(session: AsyncSession, library_id: int, patterns: Sequence[str]) -> Preview:
    """Raises `LibraryNotFound` and `InvalidPattern`."""
    spec = exclude_patterns(patterns)
    if not await library_exists(session, library_id):
        raise LibraryNotFound(library_id)
    hidden: dict[bytes, tuple[str, int]] = {}
    total = 0
    for folder, name in await present_paths(session, library_id):
        total += 1
        if spec is not None and (found := _topmost(spec, folder, name)) is not None:
            path, rule = found
            hidden[path] = (rule, hidden.get(path, (rule, 0))[1] + 1)
    trees = [HiddenTree(shown(path), rule, files) for path, (rule, files) in sorted(hidden.items())[:SHOWN]]
    return Preview(sum(files for _, files in hidden.values()), total, trees)


def _topmost(spec: Patterns, folder: bytes, name: bytes) -> tuple[bytes, str] | None:
    """The highest folder on the way to a file that is hidden, or the file itself, with the rule."""
    parts = folder.split(b"/") if folder else []
    for depth in range(1, len(parts) + 1):
        above = b"/".join(parts[:depth])
        if rule := spec.rule_for(above, folder=True):
            return above, rule
    path = b"/".join((*parts, name))
    rule = spec.rule_for(path, folder=False)
    return (path, rule) if rule else None


def why_left_out(path: bytes, patterns: Sequence[str]) -> str | None:
    """The rule by which a scan passes over a path (relative to the root), as far as its names tell; None for a media file.

    Raises `InvalidPattern`.
    """
    folder, _, name = path.rpartition(b"/")
    for part in path.split(b"/"):
        if rule := rule_for_name(part):
            return rule
    spec = exclude_patterns(patterns)
    if spec is not None and (found := _topmost(spec, folder, name)) is not None:
        return found[1]
    return None if is_video(name) or is_disc_folder(name) else "its name has no suffix of a video"
