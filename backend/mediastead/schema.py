"""All tables of all rooms, imported in one place for migrations and for the comparison of schemas."""

from .catalog import models as catalog
from .db.base import Base
from .events import models as events
from .files import models as files
from .libraries import models as libraries
from .metadata import models as metadata
from .operations import models as operations
from .preferences import models as preferences
from .scanning import models as scanning
from .unmatched import models as unmatched

MODELS = (preferences, events, libraries, catalog, operations, files, metadata, scanning, unmatched)
"""Named so that nobody takes the imports for unused."""

metadata_of_all_tables = Base.metadata
