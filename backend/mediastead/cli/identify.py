"""`mediastead identify`: the whole reasoning about one path. Changes nothing."""

import asyncio
import os
import textwrap
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .calling import load
from .output import json_option, print_facts, print_json, printable, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..libraries.models import LibraryKind
    from ..matching.decision import Decision, Suggestion
    from ..matching.inquiry import Asked
    from ..matching.known import Known
    from ..parsing.parsed import ParsedPath
    from ..scanning.explain import Gathered
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
    from msgspec import structs, to_builtins

    from ..clock import SystemClock
    from ..libraries.models import LibraryKind
    from ..metadata.choose import make_uncached_provider
    from ..parsing.line import as_facts, as_line
    from ..parsing.parser import Parser
    from ..scanning.explain import explain
    from ..scanning.preview import why_left_out

    settings, library = await _in_force(settings, absolute)
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
                gathering=partial(_gathered, settings, library, supposed, absolute.removeprefix(root)),
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
            told
            | {
                "parsed": as_line(explained.parsed, explained.path),
                "known": to_builtins(structs.replace(explained.known, orders={})),
                "asked": to_builtins(explained.asked),
                "threshold": explained.threshold,
                "decision": to_builtins(explained.decision),
            }
        )
        return
    where = f"library {library.name}, " if library else ""
    say(f"{explained.path}  ({where}{supposed})")
    if left_out:
        say(f"\nA scan leaves it out: {left_out}. Were it not so:")
    say("\nThe names say")
    print_facts({f"  {field}": value for field, value in as_facts(explained.parsed).items()})
    _say_known(explained.known)
    _say_asked(explained.asked)
    _say_decision(explained.decision, explained.threshold)


async def _in_force(settings: "Settings", path: bytes) -> "tuple[Settings, Root | None]":
    """The settings in force and the library that `path` lies in.

    Where there is no database yet, the settings as they are and nothing: this command makes none.
    """
    from ..db.engine import Database
    from ..preferences.service import effective
    from .queries import roots

    if not await _is_there(settings):
        return settings, None
    database = Database(settings.database_url)
    try:
        async with database.read() as session:
            around = (root for root in await roots(session) if path.startswith(root.root.rstrip(b"/") + b"/"))
            return await effective(session, settings), next(around, None)
    finally:
        await database.dispose()


async def _gathered(
    settings: "Settings", library: "Root | None", kind: "LibraryKind", path: bytes, parsed: "ParsedPath"
) -> "Gathered":
    """What the database knows about `path`, relative to the root; outside of a library the chosen orders alone."""
    from ..db.engine import Database
    from ..matching.known import Known
    from ..scanning.claims import ClaimedFile
    from ..scanning.explain import Gathered, gather
    from ..unmatched.numbered import orders_in_force
    from .queries import file_at

    if not await _is_there(settings):
        return Gathered(Known(kind=kind.value))
    database = Database(settings.database_url)
    try:
        async with database.read() as session:
            if library is None:
                return Gathered(Known(kind=kind.value, orders=await orders_in_force(session)))
            seen = await file_at(session, library.id, path)
            folder, _, name = path.rpartition(b"/")
            file = ClaimedFile(
                file_id=seen.id if seen else 0,
                version=seen.version if seen else 0,
                library_id=library.id,
                kind=kind,
                root=library.root,
                folder=folder,
                name=name,
                size=seen.size if seen else 0,
                mtime_ns=seen.mtime_ns if seen else 0,
                rule_lifted=seen.rule_lifted if seen else False,
            )
            return await gather(session, file, parsed)
    finally:
        await database.dispose()


async def _is_there(settings: "Settings") -> bool:
    """Whether there is a database as this version needs it."""
    from ..db import migrate

    return await asyncio.to_thread(migrate.current, settings.database_url) == migrate.head()


def _root_of(path: bytes, absolute: bytes) -> bytes:
    """Outside of a library: the names that were given are those that count."""
    given = os.path.normpath(path)
    return absolute.removesuffix(given) if absolute.endswith(b"/" + given) else b"/"


def _say_known(known: "Known") -> None:
    """What was known beside the names; nothing where nothing was."""
    words = [f"person's answer: {known.answered.detail}"] if known.answered else []
    words += [known.recorded.told] if known.recorded else []
    words += [known.dismissed.detail] if known.dismissed else []
    words += [f"rejected: {each.type} {each.tmdb_id}" for each in known.rejected]
    words += [f"it plays {known.duration / 60:.0f} minutes"] if known.duration else []
    if words:
        say("\nKnown beside the names")
    for each in words:
        _say_wrapped(each, "  ")


def _say_asked(asked: "Sequence[Asked]") -> None:
    if asked:
        say("\nThe provider was asked")
    why = ""
    for each in asked:
        if each.why != why:
            why = each.why
            _say_wrapped(f"{why}:", "  ")
        _say_wrapped(f"{each.question}: {each.answer}", "    ")


def _say_wrapped(words: str, indent: str) -> None:
    """In 80 columns, further lines deeper by two."""
    say(textwrap.fill(printable(words), 80, initial_indent=indent, subsequent_indent=f"{indent}  "))


def _say_decision(decision: "Decision", threshold: float) -> None:
    for note in decision.notes:
        say(f"\nNote: {note}")
    if decision.outcome == "match" and decision.item is not None:
        say("\nIt would be matched to")
        _say_suggestion(decision.item)
        say(f"  A match needs {threshold:.3f}.")
        facts: dict[str, object] = {"  role": decision.role, "  part": decision.part, "  edition": decision.edition}
        print_facts(facts)
        return
    if decision.outcome == "match" and decision.recorded is not None:
        said = decision.recorded
        say(f"\nIt would be matched to {said.title}, which was made by hand: {said.told}")
        return
    if decision.outcome == "dismiss" and decision.recorded is not None:
        say(f"\nIt would be dismissed: {decision.recorded.told}")
    elif decision.outcome == "dismiss":
        say("\nIt would be dismissed")
    elif decision.outcome == "ignore":
        say(f"\nIt would be ignored: {decision.ignore_rule}")
    else:
        say(f"\nIt would be asked about: {decision.reason}")
        _say_wrapped(decision.would_match_if or "", "")
        say(f"A match needs {threshold:.3f}.")
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
        line = f"{evidence.weight:+7.2f}  {evidence.name}: {evidence.detail}"
        say(textwrap.fill(printable(line), 80, initial_indent="    ", subsequent_indent=" " * 15))
