"""A parsed path as one line for programs: the shape of `mediastead parse --json`."""

from typing import Any

from .parsed import ParsedPath


def as_line(parsed: ParsedPath, name: str) -> dict[str, Any]:
    """`{"name", "type", "title", "year", "season", "episodes", "absolute_episodes", "air_date", "part", "edition", "ids"}`;
    what the name does not say is left out, `season` is a list where there are several, `year` that of the
    date where only a date is written."""
    said = {
        "name": name,
        "type": str(parsed.type) if parsed.type else None,
        "title": parsed.titles[0].text if parsed.titles else None,
        "year": parsed.year or (parsed.air_date.year if parsed.air_date else None),
        "season": parsed.seasons[0] if len(parsed.seasons) == 1 else list(parsed.seasons),
        "episodes": list(parsed.episodes),
        "absolute_episodes": list(parsed.absolute_episodes),
        "air_date": parsed.air_date.isoformat() if parsed.air_date else None,
        "part": parsed.part,
        "edition": parsed.edition,
        "ids": parsed.ids,
    }
    return {field: value for field, value in said.items() if value not in (None, [], {}, ())}
