"""`mediastead identify`: the whole reasoning about one path. Changes nothing."""

import asyncio
import os
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .calling import Api, Options, call, load
from .output import json_option, print_facts, print_json, printable, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..matching.decision import Decision, Neighbour, Suggestion
    from ..matching.inquiry import Asked
    from ..scanning.explain_schemas import PathIdentified
    from ..settings import Settings


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
    from msgspec import convert, to_builtins

    from ..scanning.explain_schemas import PathIdentified

    given, absolute = os.fsencode(path), os.fsencode(os.path.abspath(path))
    options = click.get_current_context().find_object(Options) or Options(None)
    if _is_text(absolute) and (options.server is not None or asyncio.run(_lies_in_a_library(load(), absolute))):
        root = os.fsdecode(_root_of(given, absolute))

        async def work(api: Api) -> Any:
            return await api.get("/v1/identify", path=os.fsdecode(absolute), kind=kind, root=root)

        told = convert(call(work), PathIdentified)
    else:
        told = asyncio.run(_by_itself(load(), given, absolute, kind))
    print_json(to_builtins(told)) if as_json else _say(told)


async def _by_itself(settings: "Settings", path: bytes, absolute: bytes, kind: str | None) -> "PathIdentified":
    """Outside of all libraries, and where there is no database yet: this command makes none, and keeps no answers."""
    from functools import partial

    from ..clock import SystemClock
    from ..db.engine import Database
    from ..libraries.models import LibraryKind
    from ..matching.known import Known
    from ..metadata.choose import make_uncached_provider
    from ..parsing.parser import Parser
    from ..preferences.service import effective
    from ..scanning.explain import Gathered, explain, orders_alone
    from ..scanning.explain_schemas import path_identified
    from ..scanning.preview import why_left_out

    supposed = LibraryKind(kind) if kind else LibraryKind.MIXED
    root = _root_of(path, absolute)
    beneath = absolute.removeprefix(root)

    async def nothing(_parsed: object) -> Gathered:
        return Gathered(Known(kind=supposed.value))

    database = Database(settings.database_url) if await _is_there(settings) else None
    if database is not None:
        async with database.read() as session:
            settings = await effective(session, settings)
    provider = make_uncached_provider(settings, SystemClock())
    try:
        async with Parser(workers=1) as parser:
            explained = await explain(
                parser,
                provider,
                root=root,
                path=beneath,
                gathering=partial(orders_alone, database, supposed) if database is not None else nothing,
                threshold=settings.auto_match_threshold,
            )
    finally:
        provider.close()
        if database is not None:
            await database.dispose()
    return path_identified(explained, None, supposed.value, why_left_out(beneath, []))


async def _lies_in_a_library(settings: "Settings", path: bytes) -> bool:
    from ..db.engine import Database
    from ..scanning.explain_queries import library_around

    if not await _is_there(settings):
        return False
    database = Database(settings.database_url)
    try:
        async with database.read() as session:
            return await library_around(session, path) is not None
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


def _is_text(path: bytes) -> bool:
    """Whether it can travel in an address."""
    try:
        path.decode()
    except UnicodeDecodeError:
        return False
    return True


def _say(told: "PathIdentified") -> None:
    where = f"library {told.library}, " if told.library else ""
    say(f"{told.path}  ({where}{told.kind})")
    if told.left_out:
        say(f"\nA scan leaves it out: {told.left_out}. Were it not so:")
    say("\nThe names say")
    print_facts({f"  {field}": value for field, value in told.says.items()})
    _say_known(told)
    _say_asked(told.asked)
    _say_decision(told.decision, told.threshold)


def _say_known(told: "PathIdentified") -> None:
    """What was known beside the names; nothing where nothing was."""
    known = told.known
    words = [f"person's answer: {known.answered.detail}"] if known.answered else []
    words += [known.recorded.told] if known.recorded else []
    words += [known.dismissed.detail] if known.dismissed else []
    words += [f"rejected: {each.type} {each.tmdb_id}" for each in known.rejected]
    words += [f"it plays {known.duration / 60:.0f} minutes"] if known.duration else []
    words += [_neighbour_in_words(each, told.decision) for each in told.decision.neighbours or ()]
    if words:
        say("\nKnown beside the names")
    for each in words:
        _say_wrapped(each, "  ")


def _neighbour_in_words(neighbour: "Neighbour", decision: "Decision") -> str:
    """They are heard only where the names alone were not enough."""
    titles = [*([decision.item] if decision.item else []), *decision.suggestions]
    named = next((each.title for each in titles if each.tmdb_id == neighbour.tmdb_id), None)
    title = f'"{named}"' if named else f"{neighbour.type} {neighbour.tmdb_id}"
    count = "one file" if neighbour.count == 1 else f"at least {neighbour.count} files"
    return f"neighbours: {count} in its folder, {neighbour.share:.0%} of those that are known, are of {title}"


def _say_asked(asked: "Sequence[Asked]") -> None:
    if asked:
        say("\nThe provider was asked")
    why = ""
    for each in asked:
        if each.why != why:
            why = each.why
            _say_wrapped(f"{why}:", "  ")
        kept = {"cache": " (kept from before)", "catalog": " (in the catalog)"}.get(each.origin or "", "")
        _say_wrapped(f"{each.question}: {each.answer}{kept}", "    ")


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
