"""A parsed path as one line for programs (the shape of `mediastead parse --json`), and as facts for people."""

from typing import Any, TypeVar, cast

from .parsed import ParsedPath

_Value = TypeVar("_Value")
_NAMES = {"seasons": "season"}
"""Fields that a line calls by another name."""
_READ_BY = {
    "S00E00": "written like S01E02",
    "1x02": "written like 1x02",
    "end of the name": "at the end of the name",
    "guessit": "as release names say it",
    "numbers": "it says an episode",
    "no numbers": "it says no episode",
    "rule": "a rule for names",
    "file": "the file's name",
    "folder": "its folder's name",
    "parent": "the name of a folder above",
    "shelf": "a folder that sorts",
    "nfo": "an NFO file",
    "alternative": "another reading of the name",
}
"""Where a value was read, for people."""


def as_line(parsed: ParsedPath, name: str) -> dict[str, Any]:
    """`{"name", "type", "title", "year", "season", "episodes", "absolute_episodes", "air_date", "episode_title", "part",
    "edition", "ids", "sources", "confidence"}`; what the name does not say is left out, `season` is a list where there are
    several, `year` that of the date where only a date is written. `sources` and `confidence` speak of the same fields."""
    said = {
        "name": name,
        **_said(parsed),
        "sources": _named(parsed.sources),
        "confidence": {field: round(value, 3) for field, value in _named(parsed.confidence).items()},
    }
    return {field: value for field, value in said.items() if value not in (None, [], {}, ())}


def as_facts(parsed: ParsedPath) -> dict[str, str]:
    """The same for people: each value with where it was read and how sure that is."""
    sources, confidence = _named(parsed.sources), _named(parsed.confidence)
    facts: dict[str, str] = {}
    for field, value in _said(parsed).items():
        if value not in (None, [], {}, ()):
            sure = min(99, round(100 * confidence.get(field, 0)))  # no reading is certain
            source = sources.get(field)
            facts[field] = _text(value) + (f"  ({_READ_BY.get(source, source)}, {sure} %)" if source else "")
    others = [f"{title.text} ({title.source})" for title in parsed.titles[1:]]
    return facts | ({"other titles": ", ".join(others)} if others else {})


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {of}" for name, of in cast(dict[str, str], value).items())
    return ", ".join(map(str, cast(list[int], value))) if isinstance(value, list) else str(value)


def _said(parsed: ParsedPath) -> dict[str, Any]:
    return {
        "type": str(parsed.type) if parsed.type else None,
        "title": parsed.titles[0].text if parsed.titles else None,
        "year": parsed.year or (parsed.air_date.year if parsed.air_date else None),
        "season": parsed.seasons[0] if len(parsed.seasons) == 1 else list(parsed.seasons),
        "episodes": list(parsed.episodes),
        "absolute_episodes": list(parsed.absolute_episodes),
        "air_date": parsed.air_date.isoformat() if parsed.air_date else None,
        "episode_title": parsed.episode_title,
        "part": parsed.part,
        "edition": parsed.edition,
        "ids": parsed.ids,
    }


def _named(by_field: dict[str, _Value]) -> dict[str, _Value]:
    return {_NAMES.get(field, field): value for field, value in by_field.items()}
