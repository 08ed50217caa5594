"""Paths of folders and files as they are stored: bytes relative to a library's root, joined by `/`."""

import hashlib


def path_hash(path: bytes) -> bytes:
    """16 bytes that stand for a path in an index, which could not hold 4 KB."""
    return hashlib.blake2b(path, digest_size=16).digest()


def joined(folder: bytes, name: bytes) -> bytes:
    """The path of `name` in `folder`, where `b""` is the root."""
    return folder + b"/" + name if folder else name


def is_beneath(path: bytes, folder: bytes) -> bool:
    """Whether `path` is `folder` or lies in it at any depth."""
    return not folder or path == folder or path.startswith(folder + b"/")
