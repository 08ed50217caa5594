"""`mediastead openapi`: the document of the API."""

import sys
from pathlib import Path

import click

from .calling import CommandFailed


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Change nothing; fail where FILE is not what would be written.")
def openapi(file: Path | None, check: bool) -> None:
    """Print the OpenAPI document, or write it to FILE."""
    from ..app import document

    made = document()
    if check:
        path = file or Path("openapi/openapi.json")
        if not path.is_file() or path.read_text("utf-8") != made:
            raise CommandFailed(
                f"{path} is not what the code says; run `mediastead openapi {path}` and look at the difference."
            )
    elif file is not None:
        file.write_text(made, "utf-8")
    else:
        sys.stdout.write(made)
