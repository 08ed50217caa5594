"""Labelled paths and what is made of them: parsed, deliberated, and some decided without the title that is right."""

import asyncio
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from tmdb_served import Lacking

from mediastead.catalog.types import ItemType
from mediastead.matching.deliberation import Deliberation
from mediastead.matching.known import Known
from mediastead.metadata.provider import Provider
from mediastead.parsing import ParsedPath, Parser

Truth = dict[str, Any]
TYPES = {"movie": ItemType.MOVIE, "episode": ItemType.SERIES}
BEREFT = 8
"""Of so many main paths one is decided a second time with a provider that does not have its title."""


def truths_in(folder: Path) -> list[Truth]:
    return [json.loads(line) for line in (folder / "paths.jsonl").read_text(encoding="utf-8").splitlines()]


def kept_aside(truth: Truth) -> bool:
    """Every fourth path, chosen by its title, so that no title is both fitted and measured."""
    return digest(truth.get("title") or truth["path"]) % 4 == 0


def digest(text: str) -> int:
    return int.from_bytes(hashlib.sha1(text.encode()).digest()[:4])


def right_title(truth: Truth) -> tuple[ItemType, int]:
    return TYPES[truth["type"]], truth["tmdb_id"]


def parse_all(paths: list[str], kept: Path | None = None) -> dict[str, ParsedPath]:
    """`kept` is a file that keeps them from run to run."""
    if kept and kept.exists():
        parsed = msgspec.json.decode(kept.read_bytes(), type=list[ParsedPath])
    else:
        parsed = asyncio.run(_parse(paths))
        if kept:
            kept.write_bytes(msgspec.json.encode(parsed))
    return dict(zip(paths, parsed, strict=True))


async def _parse(paths: list[str]) -> list[ParsedPath]:
    async with Parser() as parser:
        return await parser.parse(paths)


async def deliberate_all(provider: Provider, parsed: dict[str, ParsedPath]) -> dict[str, Deliberation]:
    return {path: await Deliberation(each, provider, Known()).run() for path, each in parsed.items()}


async def deliberate_bereft(
    provider: Provider, truths: Iterable[Truth], parsed: dict[str, ParsedPath]
) -> dict[str, Deliberation]:
    """One in `BEREFT` main paths with a provider that lacks its title: whatever is matched then is wrong."""
    chosen = [truth for truth in truths if truth["kind"] == "main" and digest(truth["path"]) % BEREFT == 0]
    return {
        truth["path"]: await Deliberation(parsed[truth["path"]], Lacking(provider, *right_title(truth)), Known()).run()
        for truth in chosen
    }
