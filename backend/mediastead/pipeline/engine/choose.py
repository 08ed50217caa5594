"""Which engine a database gets."""

from ...db.engine import Database
from .embedded import Board, EmbeddedEngine
from .interface import Engine


def make_engine(database: Database, board: Board) -> Engine:
    """Procrastinate on PostgreSQL, the embedded one on SQLite, which reads its `board`."""
    if database.is_sqlite:
        return EmbeddedEngine(database, board)
    from .procrastinate_engine import ProcrastinateEngine  # half a second, of no use on SQLite

    return ProcrastinateEngine(database.url)
