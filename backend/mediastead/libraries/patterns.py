"""Patterns in the language of .gitignore, for what a library leaves out."""

import re
from collections.abc import Sequence

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore.base import GitIgnorePatternError

from .errors import InvalidPattern

LONGEST_PATTERN = 1000
"""Characters."""


class Patterns:
    """Patterns relative to the folder `base` (`b""`: the root). `source` is how people are told where they stand."""

    def __init__(self, base: bytes, patterns: Sequence[str], source: str) -> None:
        self._skip = len(base) + 1 if base else 0
        self._source = source
        self._patterns = list(patterns)
        self._spec = GitIgnoreSpec.from_lines(patterns)

    def rule_for(self, path: bytes, *, folder: bool) -> str | None:
        """The rule that hides `path` (relative to the root), or None. The folders above it are not looked at."""
        text = path[self._skip :].decode("utf-8", "surrogateescape")
        result = self._spec.check_file(text + "/" if folder else text)
        if not result.include or result.index is None:
            return None
        return f"{self._source} {self._patterns[result.index].strip()}"


def exclude_patterns(patterns: Sequence[str]) -> Patterns | None:
    """A library's own. Raises `InvalidPattern`."""
    for pattern in patterns:
        check_pattern(pattern)
    return Patterns(b"", patterns, "pattern") if patterns else None


def check_pattern(pattern: str) -> None:
    """Raise `InvalidPattern` for what is no pattern."""
    if not pattern.strip() or any(sign in pattern for sign in "\n\r\0") or len(pattern) > LONGEST_PATTERN:
        raise InvalidPattern(pattern)
    try:
        pattern.encode()
        GitIgnoreSpec.from_lines([pattern])
    except (GitIgnorePatternError, re.error, ValueError):
        raise InvalidPattern(pattern) from None
