"""Names with the fields that they say, from three places: labelled names of other projects, labelled paths, and made names."""

import importlib.util
import json
import re
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any

from labelled_paths import digest, kept_aside, truths_in
from msgspec import Struct

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the made names' templates belong to the tests

from tests.unit.parsing.conventions import Titles, conventions, made_names, wrong_fields  # noqa: E402 - behind the path

FIT_SEED, CHECK_SEED = 1, 2
"""Made names to fit by, and others of the same conventions, with other titles and numbers, to check with."""

_OTHER_WORDS = frozenset(
    {"m_typo", "e_typo", "m_original", "e_original", "m_words", "e_absolute", "e_daily", "m_offyear", "m_noyear"}
)
"""Styles of labelled paths that write another title, year or number than the labels have."""


class Case(Struct, frozen=True, kw_only=True):
    path: str
    source: str
    aside: bool
    """Whether it is kept out of every fit."""
    id: str = ""
    expect: dict[str, Any]
    accept: list[dict[str, Any]] = []


def module_in(folder: Path, name: str) -> ModuleType:
    """A script of the corpora as a module: its comparison, or its way to ask guessit, is the one that counts."""
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def labelled_names(folder: Path) -> list[Case]:
    """One third, by a hash of the name, is kept aside."""
    return [
        Case(
            path=line["name"],
            source=file.stem,
            aside=digest(line["name"]) % 3 == 0,
            id=line["id"],
            expect=line["expect"],
            accept=line.get("accept", []),
        )
        for file in sorted(folder.glob("*.jsonl"))
        for line in map(json.loads, file.read_text(encoding="utf-8").splitlines())
        if "name" in line
    ]


def labelled_paths(folder: Path) -> list[Case]:
    """Paths whose labels say what the names on them do."""
    cases: list[Case] = []
    for truth in truths_in(folder):
        if truth["kind"] != "main" or truth["style"] in _OTHER_WORDS:
            continue
        expect = {"type": truth["type"], "title": truth["title"]}
        if truth["type"] == "episode":
            expect |= {"season": truth["season"], "episodes": truth["episodes"]}
        if truth["year"] and re.search(rf"(?<!\d){truth['year']}(?!\d)", truth["path"]):
            expect["year"] = truth["year"]
        cases.append(Case(path=truth["path"], source="paths", aside=kept_aside(truth), expect=expect))
    return cases


def catalogue_titles() -> Titles:
    """The titles of the bundled catalogue."""
    stored = json.loads((resources.files("mediastead.metadata") / "bundled.json").read_bytes())
    return Titles(*([(item["title"], item["year"]) for item in stored[kind]] for kind in ("films", "series")))


def made(seed: int, each: int) -> Iterator[Case]:
    for name in made_names(conventions(), catalogue_titles(), seed=seed, each=each):
        yield Case(path=name.path, source=name.convention, aside=seed == CHECK_SEED, expect=name.expect)


class Judge:
    """Which fields of a reading are right. `scorer` is the corpora's own, for names that it labels."""

    def __init__(self, scorer: ModuleType | None) -> None:
        self._scorer = scorer

    def rights(self, case: Case, line: dict[str, Any]) -> dict[str, bool]:
        """For each asserted field (`numbers` together) whether it is right."""
        if case.id and self._scorer is not None:
            found = self._scorer.best({"expect": case.expect, "accept": case.accept}, line)
            return {"numbers" if field == "S+E" else field: right for field, right in found.items()}
        if isinstance(edition := line.get("edition"), list):  # guessit gives several so
            line = line | {"edition": ", ".join(edition)}
        wrong = wrong_fields(case.expect, line)
        numbered = case.expect["type"] == "episode"
        fields = {field for field in ("title", "type", "year", "edition", "part") if field in case.expect}
        return {
            field: field not in wrong
            for field in (*sorted(fields), *(("numbers",) if numbered or "numbers" in wrong else ()))
        }
