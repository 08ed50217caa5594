"""How names become text: shown, and folded for searching and sorting."""

import os
import unicodedata


def shown(raw: bytes) -> str:
    """A name or path for people and JSON; bytes that are no UTF-8 become U+FFFD. Lossy: address things by id."""
    return raw.decode("utf-8", "replace")


def raw(text: str) -> bytes:
    """The bytes of a path that Python gave as text (surrogates included)."""
    return os.fsencode(text)


def readable(text: str) -> str:
    """Words that may name files, as both databases can keep and JSON can tell them: without NUL and halves of characters."""
    return text.replace("\0", "\ufffd").encode("utf-8", "backslashreplace").decode()


_PLAIN = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}


def folded(text: str) -> str:
    """Words for `search_text`: lower case, no diacritics, everything but letters and digits a single space.

    PostgreSQL's own tokenizer takes `The.Matrix.1999.mkv` for one word; so the words are made here, for both databases.
    """
    if text.isascii():  # most names are, and each is folded several times
        return " ".join(text.translate(_PLAIN).split())
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(c if c.isalnum() else " " for c in decomposed if not unicodedata.combining(c))
    return " ".join(letters.split())
