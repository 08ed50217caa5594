"""How commands print: JSON lines for programs, tables for people (drawn where there is a terminal, plain elsewhere)."""

import json
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, TypeVar

import click

T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., Any])
ROWS_A_TABLE = 500


def json_option(command: Command) -> Command:
    """`--json`: one JSON object a line."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")(command)


def print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def say(words: str) -> None:
    """A line for a person."""
    print(printable(words))


def warn(words: str) -> None:
    """A line for a person beside what is printed: on standard error, so that it is never taken for a result."""
    print(printable(words), file=sys.stderr)


def printable(text: str) -> str:
    """Names may hold anything, also what a terminal would obey."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


async def print_rows(
    rows: AsyncIterator[dict[str, Any]] | Sequence[dict[str, Any]],
    as_json: bool,
    columns: dict[str, Callable[[dict[str, Any]], object]],
    shape: Callable[[dict[str, Any]], dict[str, Any]] = lambda row: row,
    *,
    nothing: str = "Nothing.",
) -> None:
    """A list: as it comes in with `--json` (each as `shape` makes it), else as a table with `columns`."""
    count = 0
    kept: list[Sequence[str]] = []
    async for row in rows if isinstance(rows, AsyncIterator) else _one_by_one(rows):
        count += 1
        if as_json:
            print_json(shape(row))
            continue
        kept.append([_cell(of(row)) for of in columns.values()])
        if len(kept) == ROWS_A_TABLE:
            print_table(list(columns), kept)
            kept = []
    if kept:
        print_table(list(columns), kept)
    if not count and not as_json:
        say(nothing)


async def _one_by_one(rows: Sequence[T]) -> AsyncIterator[T]:
    for row in rows:
        yield row


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, header_style="bold", pad_edge=False)
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        Console().print(table)
        return
    print("\t".join(columns))
    for row in rows:
        print("\t".join(row))


def print_facts(facts: dict[str, object]) -> None:
    """One thing: a name and a value a line; what has no value is left out."""
    shown = {name: _cell(value) for name, value in facts.items() if value not in (None, "", [], {})}
    width = max(map(len, shown), default=0)
    for name, value in shown.items():
        print(f"{name:<{width}}  {value}")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_cell, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - any JSON
    return printable(str(value)).replace("\n", " ")
