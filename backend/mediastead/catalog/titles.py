"""What is stored beside titles so that items can be sorted and searched."""

from collections.abc import Iterable

from ..db.text import folded

ARTICLES = ("the", "a", "an")
"""English only: `die` begins Die Hard as well as Die Welle."""

SORTED_BY = 200
"""Characters of a title that it is sorted by: PostgreSQL indexes no more than about 2,700 bytes, and a title may be any text."""


def sort_key(title: str) -> str:
    """The beginning of the folded title, with a leading article at its end: `The Matrix` is `matrix the`."""
    first, _, rest = title.strip().partition(" ")
    moved = f"{rest} {first}" if rest and first.casefold() in ARTICLES else title
    return (folded(moved) or title.strip().casefold())[:SORTED_BY]


def search_text(title: str, original: str | None, alternative: Iterable[str]) -> str:
    """All titles folded, each once, so that the words of a question are found whichever title they come from."""
    forms = (folded(text) for text in (title, original or "", *alternative))
    return " ".join(dict.fromkeys(form for form in forms if form))
