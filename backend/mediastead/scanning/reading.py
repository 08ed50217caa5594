"""Reads names and the NFO files beside them as identification does, for those who want to know what files say of themselves."""

import asyncio
from collections.abc import Sequence

from ..db.text import shown
from ..parsing.nfo import NfoFacts
from ..parsing.parsed import ParsedPath
from ..parsing.parser import Parser
from .nfo_files import nfo_beside


async def read_paths(parser: Parser, files: Sequence[tuple[bytes, bytes]]) -> list[ParsedPath]:
    """What the names of files (root, path relative to it) say, in order. A file that cannot be looked at now is read without
    its NFO files. Not to be called with a transaction open."""
    said = await asyncio.to_thread(_nfos, files)
    read: dict[tuple[bytes, bytes], ParsedPath] = {}
    for root in dict.fromkeys(root for root, _ in files):
        paths = [path for at, path in files if at == root]
        nfo = {shown(path): said[root, path] for path in paths if (root, path) in said}
        for path, parsed in zip(paths, await parser.parse([shown(path) for path in paths], nfo=nfo), strict=True):
            read[root, path] = parsed
    return [read[file] for file in files]


def _nfos(files: Sequence[tuple[bytes, bytes]]) -> dict[tuple[bytes, bytes], tuple[NfoFacts, ...]]:
    found: dict[tuple[bytes, bytes], tuple[NfoFacts, ...]] = {}
    for root in dict.fromkeys(root for root, _ in files):
        beside = nfo_beside(root, [path for at, path in files if at == root])
        found |= {(root, path): facts for path, facts in beside.items()}
    return found
