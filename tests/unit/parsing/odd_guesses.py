"""Guess functions that misbehave on purpose. A module of its own, because worker processes import them by name."""

import os
import sys
import time

from mediastead.parsing.guess import Guess, Span, guess_name


def obedient(name: str) -> Guess:
    """The whole name is the title; `hang`, `crash` and `raise` in it do what they say."""
    if "hang" in name:
        time.sleep(600)
    if "crash" in name:
        os._exit(7)
    if "raise" in name:
        raise ValueError(name)
    return Guess(type="movie", spans=(Span("title", name, 0, len(name)),))


def counting(log_path: str, name: str) -> Guess:
    """Appends the name to a file."""
    with open(log_path, "a", encoding="utf-8") as log:
        log.write(f"{name}\n")
    return obedient(name)


def warm_only(name: str) -> Guess:
    """Has a problem where guessit was not imported beforehand."""
    return obedient(name) if "guessit" in sys.modules else Guess(problem="cold")


def endless(name: str) -> Guess:
    """The real guessit, which does not come to an end with a name that has `slow` in it."""
    while "slow" in name:
        guess_name(name)
    return guess_name(name)
