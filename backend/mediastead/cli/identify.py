"""`mediastead identify`: the whole reasoning about one path. Changes nothing."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .calling import load
from .output import json_option, print_facts, print_json, say

if TYPE_CHECKING:
    from ..matching.decision import Decision, Suggestion
    from ..parsing.nfo import NfoFacts
    from ..settings import Settings
    from .queries import Root


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--kind",
    type=click.Choice(["movies", "series", "mixed"]),
    help="Kind of library to suppose (that of the library PATH is in).",
)
@json_option
def identify(path: Path, kind: str | None, as_json: bool) -> None:
    """Say what PATH would be taken for and why, or why not and what would make it match. PATH need not exist."""
    asyncio.run(_identify(load(), path, Path(os.path.abspath(path)), kind, as_json))


async def _identify(settings: "Settings", path: Path, absolute: Path, kind: str | None, as_json: bool) -> None:
    from msgspec import to_builtins

    from ..clock import SystemClock
    from ..db.text import shown
    from ..matching import decide
    from ..metadata.choose import make_uncached_provider
    from ..parsing.line import as_line
    from ..parsing.parser import Parser

    library = await _library_of(settings, os.fsencode(absolute))
    relative = _relative(path, absolute, library)
    supposed = kind or (library.kind.value if library else "mixed")
    nfo = await asyncio.to_thread(_nfo, absolute, library, relative)
    provider = make_uncached_provider(settings, SystemClock())
    try:
        async with Parser(workers=1) as parser:
            (parsed,) = await parser.parse([shown(relative)], nfo=nfo)
        decision = await decide(parsed, provider, kind=supposed, threshold=settings.auto_match_threshold)
    finally:
        provider.close()
    line = as_line(parsed, parsed.path)
    if as_json:
        told = {"path": parsed.path, "library": library.name if library else None, "kind": supposed}
        print_json(told | {"parsed": line, "sources": parsed.sources, "decision": to_builtins(decision)})
        return
    where = f"library {library.name}, " if library else ""
    say(f"{parsed.path}  ({where}{supposed})")
    say("\nThe names say")
    print_facts({f"  {field}": value for field, value in line.items() if field != "name"})
    _say_decision(decision)


async def _library_of(settings: "Settings", path: bytes) -> "Root | None":
    """The library that `path` lies in; None also where there is no database yet, for this command makes none."""
    from ..db import migrate
    from ..db.engine import Database
    from .queries import roots

    if await asyncio.to_thread(migrate.current, settings.database_url) != migrate.head():
        return None
    database = Database(settings.database_url)
    try:
        async with database.read() as session:
            found = await roots(session)
    finally:
        await database.dispose()
    return next((root for root in found if path.startswith(root.root.rstrip(b"/") + b"/")), None)


def _relative(path: Path, absolute: Path, library: "Root | None") -> bytes:
    if library is None:
        return os.fsencode(path)
    return os.fsencode(absolute)[len(library.root.rstrip(b"/")) + 1 :]


def _nfo(path: Path, library: "Root | None", relative: bytes) -> "Mapping[str, tuple[NfoFacts, ...]]":
    from ..db.text import shown
    from ..scanning.nfo_files import nfo_beside

    if library is None:
        # Outside of a library the folders above say nothing that was meant for us.
        folder, name = os.path.split(os.fsencode(path))
        return {shown(relative): nfo_beside(folder, [name])[name]}
    return {shown(relative): nfo_beside(library.root, [relative])[relative]}


def _say_decision(decision: "Decision") -> None:
    for note in decision.notes:
        say(f"\nNote: {note}")
    if decision.outcome == "match" and decision.item is not None:
        say("\nIt would be matched to")
        _say_suggestion(decision.item)
        facts: dict[str, object] = {"  role": decision.role, "  part": decision.part, "  edition": decision.edition}
        print_facts(facts)
        return
    if decision.outcome == "ignore":
        say(f"\nIt would be ignored: {decision.ignore_rule}")
    else:
        say(f"\nIt would be asked about: {decision.reason}")
        say(decision.would_match_if or "")
    if decision.suggestions:
        say("\nSuggestions")
    for suggestion in decision.suggestions:
        _say_suggestion(suggestion)


def _say_suggestion(suggestion: "Suggestion") -> None:
    year = f" ({suggestion.year})" if suggestion.year else ""
    episodes = "".join(f" S{each.season:02}E{each.number:02}" for each in suggestion.episodes)
    say(
        f"  {suggestion.title}{year}{episodes}, {suggestion.type} {suggestion.tmdb_id}, probability {suggestion.probability:.3f}"
    )
    rows: list[Any] = sorted(suggestion.evidence, key=lambda each: -abs(each.weight))
    for evidence in rows:
        say(f"    {evidence.weight:+7.2f}  {evidence.name}: {evidence.detail}")
