"""`mediastead identify`: the whole reasoning about one path. Changes nothing."""

import asyncio
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .calling import load
from .output import json_option, print_facts, print_json, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..matching.decision import Decision, Rejected, Suggestion
    from ..matching.known import Answered
    from ..matching.renumbering import Renumbering
    from ..parsing.parsed import ParsedPath
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
    asyncio.run(_identify(load(), os.fsencode(path), os.fsencode(os.path.abspath(path)), kind, as_json))


async def _identify(settings: "Settings", path: bytes, absolute: bytes, kind: str | None, as_json: bool) -> None:
    from msgspec import to_builtins

    from ..clock import SystemClock
    from ..libraries.models import LibraryKind
    from ..matching.known import Known
    from ..metadata.choose import make_uncached_provider
    from ..parsing.line import as_facts, as_line
    from ..parsing.parser import Parser
    from ..scanning.identify import explain
    from ..scanning.preview import why_left_out

    settings, library, rejected, orders = await _known(settings, absolute)
    root = library.root.rstrip(b"/") + b"/" if library else _root_of(path, absolute)
    supposed = LibraryKind(kind) if kind else library.kind if library else LibraryKind.MIXED
    provider = make_uncached_provider(settings, SystemClock())
    try:
        async with Parser(workers=1) as parser:
            explained = await explain(
                parser,
                provider,
                root=root,
                path=absolute.removeprefix(root),
                known=Known(kind=supposed.value, rejected=tuple(rejected), orders=orders),
                answered=partial(_answered, settings, library, absolute.removeprefix(root)),
                threshold=settings.auto_match_threshold,
            )
    finally:
        provider.close()
    left_out = why_left_out(absolute.removeprefix(root), library.exclude_patterns if library else [])
    if as_json:
        told = {
            "path": explained.path,
            "library": library.name if library else None,
            "kind": supposed.value,
            "left_out": left_out,
        }
        print_json(
            told | {"parsed": as_line(explained.parsed, explained.path), "decision": to_builtins(explained.decision)}
        )
        return
    where = f"library {library.name}, " if library else ""
    say(f"{explained.path}  ({where}{supposed})")
    if left_out:
        say(f"\nA scan leaves it out: {left_out}. Were it not so:")
    say("\nThe names say")
    print_facts({f"  {field}": value for field, value in as_facts(explained.parsed).items()})
    _say_decision(explained.decision)


async def _known(
    settings: "Settings", path: bytes
) -> "tuple[Settings, Root | None, Sequence[Rejected], dict[int, Renumbering]]":
    """The settings in force, the library that `path` lies in, what a person said that the file is not, and chosen orders.

    Where there is no database yet, the settings as they are and nothing: this command makes none.
    """
    from ..db import migrate
    from ..db.engine import Database
    from ..preferences.service import effective
    from ..unmatched.numbered import orders_in_force
    from ..unmatched.queries import rejections_of
    from .queries import file_at, roots

    if await asyncio.to_thread(migrate.current, settings.database_url) != migrate.head():
        return settings, None, (), {}
    database = Database(settings.database_url)
    try:
        async with database.read() as session:
            settings = await effective(session, settings)
            around = (root for root in await roots(session) if path.startswith(root.root.rstrip(b"/") + b"/"))
            library = next(around, None)
            if library is None:
                return settings, None, (), await orders_in_force(session)
            file_id = await file_at(session, library.id, path.removeprefix(library.root.rstrip(b"/") + b"/"))
            rejected = await rejections_of(session, [file_id] if file_id is not None else [])
            said = [each for some in rejected.values() for each in some]
            return settings, library, said, await orders_in_force(session)
    finally:
        await database.dispose()


async def _answered(
    settings: "Settings", library: "Root | None", path: bytes, parsed: "ParsedPath"
) -> "Answered | None":
    """The remembered answer for other files of the library that holds for one at `path`, relative to its root."""
    from ..db.engine import Database
    from ..scanning.known import answer_for

    if library is None:
        return None
    database = Database(settings.database_url)
    try:
        async with database.read() as session:
            return await answer_for(session, library.id, path.rpartition(b"/")[0], parsed)
    finally:
        await database.dispose()


def _root_of(path: bytes, absolute: bytes) -> bytes:
    """Outside of a library: the names that were given are those that count."""
    given = os.path.normpath(path)
    return absolute.removesuffix(given) if absolute.endswith(b"/" + given) else b"/"


def _say_decision(decision: "Decision") -> None:
    for note in decision.notes:
        say(f"\nNote: {note}")
    if decision.outcome == "match" and decision.item is not None:
        say("\nIt would be matched to")
        _say_suggestion(decision.item)
        facts: dict[str, object] = {"  role": decision.role, "  part": decision.part, "  edition": decision.edition}
        print_facts(facts)
        return
    if decision.outcome == "match" and decision.recorded is not None:
        said = decision.recorded
        say(f"\nIt would be matched to {said.title}, which was made by hand: {said.told}")
        return
    if decision.outcome == "dismiss" and decision.recorded is not None:
        say(f"\nIt would be dismissed: {decision.recorded.told}")
    elif decision.outcome == "ignore":
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
