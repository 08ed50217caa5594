"""How moves are printed: old and new path beneath each other, what differs made visible, in 80 columns."""

import sys
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import click

from .output import printable, say

COLUMNS = 80


def say_group(group: dict[str, Any]) -> None:
    """Each media file with its old and new path; what goes along with it in one line, and what goes to the trash for it."""
    moves = [move for move in group["moves"] if move["way"] != "trash"] or group["moves"]
    replaced = [move for move in group["moves"] if move not in moves]
    media = [move for move in moves if move["role"] == "media"]
    along = [move for move in moves if move["role"] != "media"]
    for move in media or along:
        for line in pair(move["source"], move["target"] or "?"):
            print(line.rstrip())
    if media and along:
        say_wrapped(", ".join(_rest(move, media) for move in along), "     with ")
    if replaced:
        say_wrapped(", ".join(str(move["source"]) for move in replaced), "     to the trash: ")


def say_refused(group: dict[str, Any]) -> None:
    """What stays, and why."""
    for move in group["moves"][:1]:
        for line in _broken("! ", move["source"] or "(the library)"):
            print(line.rstrip())
    say_wrapped(group["said"] or group["state"], "     ")
    if len(group["moves"]) > 1:
        say(f"     ({len(group['moves'])} files together)")


def say_wrapped(words: str, lead: str = "") -> None:
    """In lines of 80 columns."""
    for line in _broken(lead, words):
        print(line.rstrip())


def pair(source: str, target: str) -> list[str]:
    """
    Folder/Old name.mkv
      -> New folder/New name.mkv

    On a terminal what both have in common is dim; folders that both begin with are said once, before a colon.
    """
    above = _common(source.split("/")[:-1], target.split("/")[:-1])
    lines = _broken("", "/".join(above) + "/:") if above else []
    skip = len("/".join(above)) + 1 if above else 0
    old, new = source[skip:], target[skip:]
    indent = "  " if above else ""
    return [*lines, *_marked(indent, old, new), *_marked(indent + "  -> ", new, old)]


def _marked(lead: str, text: str, other: str) -> list[str]:
    if not sys.stdout.isatty():
        return _broken(lead, text)
    before = len(_same(text, other))
    behind = len(_same(text[before:][::-1], other[before:][::-1]))
    lines: list[str] = []
    at = 0
    for line in _broken(lead, text):
        margin = len(lead)
        shown = ""
        for sign in line[margin:]:
            common = at < before or at >= len(text) - behind
            shown += click.style(sign, dim=True) if common else click.style(sign, bold=True)
            at += 1
        lines.append(line[:margin] + shown)
    return lines


def _broken(lead: str, text: str) -> list[str]:
    """In lines of 80 columns, broken behind a slash or a space where there is one; nothing is left out."""
    text = printable(text).replace("\n", "\ufffd")
    lines: list[str] = []
    width = COLUMNS - len(lead)
    while len(text) > width:
        cut = max(text.rfind("/", 1, width) + 1, text.rfind(" ", 1, width) + 1)
        cut = cut if cut > width // 2 else width
        lines.append(text[:cut])
        text = text[cut:]
    lines.append(text)
    return [(lead if number == 0 else " " * len(lead)) + line for number, line in enumerate(lines)]


def _rest(move: dict[str, Any], media: Sequence[dict[str, Any]]) -> str:
    """`.en.srt`: what stands behind the name of the film; the whole name of what is about the folder."""
    name = str(move["source"]).rpartition("/")[2]
    for film in media:
        stem = str(film["source"]).rpartition("/")[2].rpartition(".")[0]
        if stem and name.startswith(stem):
            return name[len(stem) :]
    return name


def _common(one: Sequence[str], other: Sequence[str]) -> list[str]:
    return [pair[0] for pair in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))]


def _same(one: str, other: str) -> str:
    return "".join(_common(one, other))
