"""The calls of tmdbsimple that we use, each on a connection of our own.

tmdbsimple takes its address as a constant, and key, session and bearer token from names of its module, which the environment
sets. Its classes are given theirs here, so that two providers in one process share nothing.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# tmdbsimple has neither annotations nor stubs; what comes back is checked by `msgspec.convert`.

from typing import Any

import tmdbsimple
from tmdbsimple.base import TMDB

from ..catalog.types import ItemType
from .connection import Asking


def search(session: Asking, type: ItemType, **filters: Any) -> Any:
    """`search/movie`, `search/tv`."""
    return _Search(session).movie(**filters) if type is ItemType.MOVIE else _Search(session).tv(**filters)


def film(session: Asking, tmdb_id: int, **options: Any) -> Any:
    """`movie/{id}`."""
    return _Movies(session, tmdb_id).info(**options)


def series(session: Asking, tmdb_id: int, **options: Any) -> Any:
    """`tv/{id}`."""
    return _TV(session, tmdb_id).info(**options)


def orders(session: Asking, tmdb_id: int, **options: Any) -> Any:
    """`tv/{id}/episode_groups`."""
    return _TV(session, tmdb_id).episode_groups(**options)


def order(session: Asking, group_id: str, **options: Any) -> Any:
    """`tv/episode_group/{id}`."""
    return _EpisodeGroups(session, group_id).info(**options)


def find(session: Asking, value: str, **options: Any) -> Any:
    """`find/{id}`."""
    return _Find(session, value).info(**options)


class _Asked(TMDB):
    """The base of tmdbsimple's classes. Its `__init__` is not called: all that it does is to read the module's names."""

    def __init__(self, session: Asking, id: int | str = 0) -> None:
        self.id = id
        self.base_uri = session.base_url
        self.headers: dict[str, str] = {}
        self.session: Any = session
        self.timeout = None

    def _get_params(self, params: dict[str, Any] | None) -> dict[str, Any]:
        return params or {}  # the connection adds the key


class _Search(_Asked, tmdbsimple.Search): ...


class _Movies(_Asked, tmdbsimple.Movies): ...


class _TV(_Asked, tmdbsimple.TV): ...


class _EpisodeGroups(_Asked, tmdbsimple.TV_Episode_Groups): ...


class _Find(_Asked, tmdbsimple.Find): ...
