"""The one lock a library, which everything that reads or changes its files as a whole takes."""

from ..db.engine import Database
from ..db.locks import ProcessLock


def library_lock(database: Database, library_id: int) -> ProcessLock:
    """Held by the scan of a library, and by whatever moves files in it. Ends with the process that holds it."""
    return ProcessLock(database, f"library-{library_id}")
