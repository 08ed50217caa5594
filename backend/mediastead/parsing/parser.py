"""The parser that the rest of the application holds: paths in, parsed paths out, whatever the names are."""

import asyncio
import os
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from .guess import PARSER_VERSION, Guess, guess_name
from .nfo import NfoFacts
from .parsed import ParsedPath
from .paths import names_to_guess, parse_path
from .workers import GuessFunction, GuessWorkers

_REMEMBERED = 20_000
"""Guesses kept in memory; some 1 KB each."""


_BREATH = 50
"""Paths after which other tasks get their turn: some 20 ms of rules."""


class Parser:
    """`async with Parser() as parser: await parser.parse(paths)`. One for a process; any number of tasks may share it.

    `workers` processes run guessit (None: one a CPU, four at most); a name may take `limit_seconds`, then it is given up.
    """

    def __init__(
        self, *, workers: int | None = None, limit_seconds: float = 5.0, guess: GuessFunction = guess_name
    ) -> None:
        count = workers if workers is not None else min(4, os.cpu_count() or 1)
        self._workers = GuessWorkers(workers=count, limit_seconds=limit_seconds, guess=guess)
        self._known: OrderedDict[tuple[str, str], Guess] = OrderedDict()
        self.parsed = 0
        """Paths parsed so far."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._workers.stop()

    async def parse(
        self, paths: Sequence[str], *, nfo: Mapping[str, Sequence[NfoFacts]] | None = None
    ) -> list[ParsedPath]:
        """One parsed path for each path, in order. A name that cannot be read is a `problem` in its result, never an
        exception. `nfo` holds what NFO files say, by path."""
        self.parsed += len(paths)
        wanted: dict[str, tuple[str, ...]] = {}
        for path in dict.fromkeys(paths):
            wanted[path] = names_to_guess(path)
            if len(wanted) % _BREATH == 0:
                await asyncio.sleep(0)
        guesses = await self._guesses([name for names in wanted.values() for name in names])
        parsed: list[ParsedPath] = []
        for path in paths:
            own = {name: guesses[name] for name in wanted[path]}
            parsed.append(parse_path(path, guessed=own, nfo=(nfo or {}).get(path, ())))
            if len(parsed) % _BREATH == 0:
                await asyncio.sleep(0)
        return parsed

    async def _guesses(self, names: Sequence[str]) -> dict[str, Guess]:
        guesses: dict[str, Guess] = {}
        unknown: list[str] = []
        for name in dict.fromkeys(names):
            if (known := self._known.get((name, PARSER_VERSION))) is None:
                unknown.append(name)
            else:
                self._known.move_to_end((name, PARSER_VERSION))
                guesses[name] = known
        if unknown:
            for name, guess in zip(unknown, await self._workers.guess(unknown), strict=True):
                guesses[name] = guess
                if guess.problem is None:  # a time-out may be the machine's fault: ask again another time
                    self._known[name, PARSER_VERSION] = guess
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return guesses
