"""All tables of all rooms, imported in one place for migrations and for the comparison of schemas."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from .catalog import models as catalog
from .db import migrate
from .db.base import Base
from .events import models as events
from .files import content_models as contents
from .files import models as files
from .libraries import models as libraries
from .metadata import models as metadata
from .operations import models as operations
from .organizing import models as organizing
from .pipeline.approvals import models as approvals
from .pipeline.discs import models as discs
from .pipeline.hosts import models as hosts
from .pipeline.items import models as pipeline_items
from .pipeline.jobs import models as jobs
from .pipeline.stages import models as stages
from .preferences import models as preferences
from .replaying import models as replaying
from .scanning import models as scanning
from .trash import models as trash
from .unmatched import models as unmatched

MODELS = (
    preferences,
    events,
    libraries,
    catalog,
    operations,
    files,
    contents,
    metadata,
    scanning,
    unmatched,
    replaying,
    organizing,
    trash,
    stages,
    hosts,
    pipeline_items,
    discs,
    jobs,
    approvals,
)
"""Named so that nobody takes the imports for unused."""

metadata_of_all_tables = Base.metadata


def differences(url: str) -> list[Any]:
    """What Alembic sees between the database and the models; empty when they agree. Blocking."""
    return migrate.with_connection(url, _compare)


def _compare(connection: Connection) -> list[Any]:
    options = {"compare_type": True, "include_name": _told_by_models}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata_of_all_tables))


def _told_by_models(name: str | None, kind: str, _parents: Any) -> bool:
    """Full-text tables and indexes are made by the migrations in SQL; models cannot tell them on both databases."""
    return not (kind in ("table", "index") and name is not None and "_search" in name)
