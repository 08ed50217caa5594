"""When two paths are one: on some file systems letters of another case, or other bytes for the same accents, do not count."""

import hashlib
import os
import unicodedata


def folded_path(path: bytes) -> str:
    """Equal for paths that some file system takes for the same one; bytes that are no UTF-8 stand for themselves."""
    text = unicodedata.normalize("NFD", os.fsdecode(path)).casefold()
    return unicodedata.normalize("NFC", text)


def path_key(path: bytes) -> bytes:
    """16 bytes that stand for a path however it is spelled."""
    return hashlib.blake2b(os.fsencode(folded_path(path)), digest_size=16).digest()
