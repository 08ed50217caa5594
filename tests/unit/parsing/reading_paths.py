"""Reads a path with the real guessit, in this process: fine for the short names of tests."""

from functools import cache

from mediastead.parsing import ParsedPath, names_to_guess, parse_path
from mediastead.parsing.guess import guess_name

guess = cache(guess_name)


def read(path: str, **facts: object) -> ParsedPath:
    guessed = {name: guess(name) for name in names_to_guess(path)}
    return parse_path(path, guessed=guessed, **facts)  # type: ignore[arg-type] - what a test gives, passed on


def title_of(path: str) -> str | None:
    parsed = read(path)
    return parsed.titles[0].text if parsed.titles else None


def numbers_of(path: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    parsed = read(path)
    assert not parsed.absolute_episodes
    return parsed.seasons, parsed.episodes
