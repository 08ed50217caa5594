"""`mediastead parse`: what names mean. Works on the names alone, without settings or database."""

import asyncio
import sys
from collections.abc import Iterator
from itertools import islice

import click

from .output import json_option, print_facts, print_json, say

AT_ONCE = 200
"""Names that are read before the first of them is printed."""


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME...|-]")
@json_option
def parse(names: tuple[str, ...], as_json: bool) -> None:
    """Say what each NAME means: a file name, or a path whose folders help. "-" reads names from standard input, one a line."""
    if not names and sys.stdin.isatty():
        raise click.UsageError("Give a name, or - to read names from standard input")
    asyncio.run(_parse(iter(names) if names and names != ("-",) else _lines(), as_json))


async def _parse(names: Iterator[str], as_json: bool) -> None:
    from ..logs import set_up_logs
    from ..parsing.line import as_facts, as_line
    from ..parsing.parser import Parser

    set_up_logs("error", "text")
    async with Parser() as parser:
        while batch := list(islice(names, AT_ONCE)):
            for name, parsed in zip(batch, await parser.parse(batch), strict=True):
                if as_json:
                    print_json(as_line(parsed, name))
                else:
                    say(name)
                    print_facts({f"  {field}": value for field, value in as_facts(parsed).items()})


def _lines() -> Iterator[str]:
    """Bytes that are no UTF-8 are shown as U+FFFD, as everywhere."""
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace").rstrip("\r\n")
