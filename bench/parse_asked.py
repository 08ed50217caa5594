"""What guessit and the second parser say about many names, asked once in one pool of processes that can be killed."""

import multiprocessing
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path
from typing import Any

import msgspec
from parse_cases import module_in
from pebble import ProcessExpired, ProcessPool

from mediastead.parsing import PARSER_VERSION, Guess, names_to_guess
from mediastead.parsing.guess import guess_name
from mediastead.processes import end_with_parent

PARSERS = PARSER_VERSION.rpartition(", ")[0]
"""The versions that answers hang on; our own rules read them anew in every run."""
_LIMIT_SECONDS = 60
_CHUNK = 16


class Asked(msgspec.Struct):
    parsers: str = PARSERS
    stock: dict[str, dict[str, Any]] = {}
    """By path: the fields that guessit by itself reads, asked about the whole path as a newcomer would ask it."""
    guesses: dict[str, Guess] = {}
    """By name: what our parser goes by."""


def ask(
    paths: Sequence[str], script: Path, *, workers: int, kept: Path | None = None, with_stock: bool = True
) -> Asked:
    """`script` is the corpora's `predict_guessit.py`; `kept` a file that keeps the answers from run to run, for as long as
    the parsers are the same."""
    asked = _read(kept)
    wanted = dict.fromkeys(name for path in paths for name in names_to_guess(path))
    questions = [(False, name) for name in wanted if name not in asked.guesses]
    if with_stock:
        questions += [(True, path) for path in dict.fromkeys(paths) if path not in asked.stock]
    unanswered: list[_Question] = []
    for (of_path, name), answer in _answers(questions, script, workers):
        if of_path:
            asked.stock[name] = answer if isinstance(answer, dict) else {}
        else:
            asked.guesses[name] = answer if isinstance(answer, Guess) else Guess(problem="crashed")
        unanswered += [(of_path, name)] if answer is None else []
    if kept and questions:
        known = Asked(stock=dict(asked.stock), guesses=dict(asked.guesses))
        for of_path, name in unanswered:  # a time-out may be the machine's fault: ask again another time
            (known.stock if of_path else known.guesses).pop(name)
        kept.write_bytes(msgspec.json.encode(known))
    return asked


def _read(kept: Path | None) -> Asked:
    if kept is None or not kept.exists():
        return Asked()
    asked = msgspec.json.decode(kept.read_bytes(), type=Asked)
    return asked if asked.parsers == PARSERS else Asked()


_Question = tuple[bool, str]


def _answers(
    questions: Sequence[_Question], script: Path, workers: int
) -> Iterable[tuple[_Question, dict[str, Any] | Guess | None]]:
    """An answer is None where a parser hung or died, which costs the names of its chunk and nothing else."""
    chunks = [questions[start : start + _CHUNK] for start in range(0, len(questions), _CHUNK)]
    context = multiprocessing.get_context("spawn")
    with ProcessPool(max_workers=workers, context=context, initializer=_begin, initargs=[script]) as pool:
        running = [pool.schedule(_answer, args=[chunk], timeout=_LIMIT_SECONDS) for chunk in chunks]
        for chunk, future in zip(chunks, running, strict=True):
            try:
                yield from zip(chunk, future.result(), strict=True)
            except (TimeoutError, FutureTimeout, ProcessExpired) as error:
                print(f"no answer about {len(chunk)} names from {chunk[0][1]!r} on: {error!r}", file=sys.stderr)
                yield from ((question, None) for question in chunk)


_script: Any = None


def _begin(script: Path) -> None:
    global _script  # what a worker keeps from its beginning to its end
    end_with_parent()
    _script = module_in(script.parent, script.stem)


def _answer(questions: Sequence[_Question]) -> list[dict[str, Any] | Guess]:
    return [_of_path(name) if of_path else _of_name(name) for of_path, name in questions]


def _of_path(path: str) -> dict[str, Any]:
    try:
        fields = _script.to_fields(_script.guessit(path))
    except Exception:  # guessit raises on a few odd names; such a name is not read
        return {}
    return msgspec.to_builtins(fields)


def _of_name(name: str) -> Guess:
    try:
        return guess_name(name)
    except Exception as error:  # likewise
        return Guess(problem=f"failed: {type(error).__name__}")
