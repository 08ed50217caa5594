"""How a question to a provider is written down: the end of the cache's key, and what a kept answer is found by."""

from ..catalog.types import ItemType


def storable(text: str) -> str:
    """Words with single spaces, without what no database and no address can hold (lone surrogates, NUL)."""
    return " ".join(text.replace("\0", " ").encode("utf-8", "replace").decode().split())


def for_search(type: ItemType, words: str, year: int | None) -> str:
    """`words` as `storable` gives them."""
    return f"search/{type.value}/{year or ''}/{words.casefold()}"


def for_item(type: ItemType, tmdb_id: int) -> str:
    return f"item/{type.value}/{tmdb_id}"


def for_id(source: str, value: str) -> str:
    """`value` as `storable` gives it."""
    return f"find/{source}/{value}"
