"""Names that nobody wrote yet, made in many conventions from the titles of the bundled catalogue."""

import json
from importlib import resources

import pytest

from mediastead.parsing import as_line

from .conventions import Titles, conventions, made_names, wrong_fields
from .reading_paths import read

NAMES = 12
"""Of each convention; more, and with guessit by itself beside them, in `make bench-parse`."""
WEAK = {"film: without a year": 0.8}
"""Conventions in which more than one name of twelve is misread: their numbers could be other ones, or belong to the title."""
FLOOR = 0.9


def _titles() -> Titles:
    stored = json.loads((resources.files("mediastead.metadata") / "bundled.json").read_bytes())
    return Titles(*([(item["title"], item["year"]) for item in stored[kind]] for kind in ("films", "series")))


@pytest.mark.parametrize("convention", conventions())
def test_made_names_of_a_convention_are_read_as_they_were_made(convention: str) -> None:
    names = list(made_names({convention: conventions()[convention]}, _titles(), seed=7, each=NAMES))
    wrong = [
        f"{', '.join(sorted(fields))}: {name.path}"
        for name in names
        if (fields := wrong_fields(name.expect, as_line(read(name.path), name.path)))
    ]
    right = 1 - len(wrong) / len(names)
    assert right >= WEAK.get(convention, FLOOR), f"{right:.0%} of {convention} right; not\n" + "\n".join(wrong)


def test_the_same_seed_makes_the_same_names() -> None:
    ways = {"film: scene": conventions()["film: scene"]}
    first, again, other = (list(made_names(ways, _titles(), seed=seed, each=5)) for seed in (3, 3, 4))
    assert first == again != other
