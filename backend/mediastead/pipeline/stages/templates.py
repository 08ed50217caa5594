"""Command templates of a host: lists of words with names in braces, filled in without a shell.

    ["ripdvd", "--title={title}", "{input}", "{output}"]

A name stands for one value within its word, whatever is in it: blanks, quotes and `;` mean nothing. Each word of a template is
one argument. `{{` and `}}` are braces.
"""

import os
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = str | bytes | int | None

_NAME = re.compile(rb"\{\{|\}\}|\{([a-z_]*)\}|[{}]")


class BadTemplate(Exception):
    """The words say what is wrong with it and what to do."""


def filled(template: Sequence[str], values: Mapping[str, Value]) -> list[bytes]:
    """The arguments. None becomes nothing. Raises `BadTemplate`."""
    if not template or not template[0]:
        raise BadTemplate("A command template is empty: name the program and its arguments, each as a word of its own.")
    words = [_filled(os.fsencode(word), values) for word in template]
    for word, text in zip(words, template, strict=True):
        if b"\0" in word:
            raise BadTemplate(f"The word {text!r} of a command template would hold a NUL, which no program takes.")
        # What a disc or a file is called must not become an option: `-o/etc/passwd`.
        if word.startswith(b"-") and not text.startswith("-"):
            raise BadTemplate(
                f"The word {text!r} of a command template would become {os.fsdecode(word)!r}, which programs take for an "
                'option: write it as "./{name}" or behind an option of its own ("--name={name}").'
            )
    return words


def _filled(word: bytes, values: Mapping[str, Value]) -> bytes:
    def value(match: re.Match[bytes]) -> bytes:
        whole = match[0]
        if whole in (b"{{", b"}}"):
            return whole[:1]
        if match[1] is None:
            raise BadTemplate(f"In {os.fsdecode(word)!r} a brace stands alone: write {{{{ or }}}} for one.")
        name = match[1].decode()
        if name not in values:
            raise BadTemplate(f"There is no {{{name}}} in command templates; there are {', '.join(sorted(values))}.")
        said = values[name]
        return said if isinstance(said, bytes) else b"" if said is None else os.fsencode(str(said))

    return _NAME.sub(value, word)
