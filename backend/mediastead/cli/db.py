"""`mediastead db`: the schema of the database. Works on the database itself, never on a server."""

from collections.abc import Generator
from contextlib import contextmanager

import click

from .calling import CommandFailed, load
from .output import say


@click.group()
def db() -> None:
    """The schema of the database: upgrade, downgrade, check."""


@db.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the schema to REVISION (the newest). Stop all servers and make a backup before."""
    from ..db import migrate

    url = load().database_url
    with _sentences():
        before = migrate.current(url)
        migrate.upgrade(url, revision)
        after = migrate.current(url)
    say(_moved(before, after))


@db.command()
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Do not ask.")
def downgrade(revision: str, yes: bool) -> None:
    """Take the schema back to REVISION ("base" removes all tables, "-1" the last step). What the later schema held is lost."""
    from ..db import migrate

    url = load().database_url
    if not yes:
        click.confirm("What the later schema held is lost. Go on?", abort=True, err=True)
    with _sentences():
        before = migrate.current(url)
        migrate.downgrade(url, revision)
        after = migrate.current(url)
    say(_moved(before, after))


@db.command()
def check() -> None:
    """Fail unless the schema is the one that this version needs."""
    from ..db import migrate

    with _sentences():
        revision = migrate.current(load().database_url)
    if revision != migrate.head():
        raise CommandFailed(
            f"the schema is at {revision or 'nothing'} and this version needs {migrate.head()}; run `mediastead db upgrade`."
        )
    say(f"The schema is at {revision}, as this version needs it.")


@contextmanager
def _sentences() -> Generator[None]:
    """What Alembic and the drivers say, in one line and without the address, which may hold a password."""
    from alembic.util import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except CommandError as error:
        raise CommandFailed(
            f"the schema cannot be brought there ({error}); `mediastead db check` says where it is. "
            "A revision that is unknown was made by another version of Mediastead."
        ) from None
    except (SQLAlchemyError, OSError) as error:
        cause = getattr(error, "orig", None) or error
        raise CommandFailed(f"the database does not answer ({cause}); `mediastead doctor` says more.") from None


def _moved(before: str | None, after: str | None) -> str:
    if before == after:
        return f"The schema was already at {after or 'nothing'}."
    return f"The schema went from {before or 'nothing'} to {after or 'nothing'}."
