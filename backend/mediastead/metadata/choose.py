"""Which provider the settings ask for."""

import hashlib

from ..clock import Clock
from ..db.engine import Database
from ..settings import Settings
from .bundled import BundledCatalogue
from .cached import CachedProvider
from .provider import CatalogProvider
from .tmdb import Tmdb


def make_provider(settings: Settings, database: Database, clock: Clock) -> CatalogProvider:
    """The provider for the whole application; close it at the end, and make another one when the settings change.

    The bundled catalogue is given where it is asked for by name and never because TMDB does not answer. It needs no cache.
    """
    provider = make_uncached_provider(settings, clock)
    if settings.metadata == "bundled":
        return provider
    return CachedProvider(provider, database, clock, language=settings.language, settings_digest=_digest(settings))


def make_uncached_provider(settings: Settings, clock: Clock) -> CatalogProvider:
    """The same, asked each time and leaving no trace in the database: for saying whether it can be asked at all."""
    if settings.metadata == "bundled":
        return BundledCatalogue()
    return Tmdb(settings.tmdb_api_key, base_url=settings.tmdb_base_url, language=settings.language, clock=clock)


def _digest(settings: Settings) -> str:
    """Changes with what a provider is asked with; too short and too scrambled to tell the key."""
    key = settings.tmdb_api_key.reveal() if settings.tmdb_api_key else ""
    return hashlib.blake2b(f"{key}\n{settings.tmdb_base_url}".encode(), digest_size=8).hexdigest()
