"""What holds for every name that a file system can hold, read by the real guessit in its processes."""

import asyncio
import time
from collections.abc import Callable, Generator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediastead.db.text import shown
from mediastead.parsing import ParsedPath, Parser

from . import odd_guesses

Parse = Callable[[Sequence[str]], list[ParsedPath]]

LIMIT = 5.0
"""Seconds for a name."""

_pieces = st.sampled_from(
    [
        *(b"Low Tide", b"Lantern", b"S01E02", b"1x02", b"Season 3", b" - ", b".", b"_", b"(2010)", b"[Quiet-Subs]"),
        *(b"/", b"1080p", b"BluRay.x264-QUIET", b"cd2", b"-trailer", b"{tmdb-5}", b"2016-09-28", b" 012 ", b"Part II"),
        *("進撃".encode(), b"\xe9", b"\xff\xfe", b"\xed\xa0\x80", "\u202e".encode(), b"\n", b"%s", b"'", b"\\", b"~"),
    ]
)
_names = (st.lists(_pieces, min_size=1, max_size=9).map(b"".join) | st.binary(min_size=1, max_size=60)).filter(
    lambda name: b"\0" not in name
)


@pytest.fixture(scope="module")
def parse() -> Generator[Parse]:
    """Forgets what it guessed after each call."""
    with asyncio.Runner() as runner:
        parser = Parser(workers=1, limit_seconds=LIMIT)

        def parse(paths: Sequence[str]) -> list[ParsedPath]:
            parser._known.clear()
            return runner.run(parser.parse(paths))

        parse(["warm up.mkv"])
        yield parse
        runner.run(parser.__aexit__(None, None, None))


@given(names=st.lists(_names, min_size=1, max_size=12))
@settings(max_examples=12, deadline=None)
def test_any_bytes_are_read_in_time_and_alike_in_every_company(parse: Parse, names: list[bytes]) -> None:
    paths = [shown(name) + ".mkv" for name in names]
    started = time.perf_counter()
    parsed = parse(paths)
    assert time.perf_counter() - started < LIMIT * len(paths)
    assert [(each.problem is None) == bool(each.titles) for each in parsed] == [True] * len(paths)
    assert parse(paths[::-1]) == parsed[::-1]
    assert parse(paths[:1]) == parsed[:1]


async def test_a_name_that_guessit_needs_too_long_for_is_given_up_within_its_limit() -> None:
    async with Parser(workers=1, limit_seconds=0.5, guess=odd_guesses.endless) as parser:
        started = time.perf_counter()
        (given_up,) = await parser.parse(["slow (1999)/slow 1x02.mkv"])
        took = time.perf_counter() - started
    assert given_up.problem == "timeout"
    assert given_up.titles == ()
    assert took < 30
