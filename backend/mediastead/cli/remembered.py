"""`mediastead remembered`: answers that hold for other files as well."""

from typing import Any

import click

from .calling import Api, call
from .output import json_option, print_facts, print_json, print_rows, say
from .values import library_id_of, numbers

ANSWERS = "/v1/remembered-answers"
FOLDERS = "/v1/dismissed-folders"


@click.group()
def remembered() -> None:
    """Answers that hold for all files that are read the same: list, show, revoke. IDs are those of the answers."""


@remembered.command("list")
@click.option("--library", help="In this library.")
@click.option("--item", type=click.IntRange(1), help="That say that files are the item with this id.")
@click.option("--revoked/--in-force", default=None, help="Only those that hold no more, or still hold.")
@json_option
def list_(library: str | None, item: int | None, revoked: bool | None, as_json: bool) -> None:
    """List remembered answers, the latest first."""

    async def work(api: Api) -> None:
        rows = api.each(ANSWERS, library=await library_id_of(api, library), item=item, revoked=revoked)
        await print_rows(
            rows,
            as_json,
            {
                "id": lambda row: row["id"],
                "read as": lambda row: row["title"],
                "is": lambda row: _item(row),
                "holds in": lambda row: row["holds"],
                "files": lambda row: row["held"].get("matched", 0) + row["by_person"],
                "by": lambda row: row["by"],
                "at": lambda row: row["at"][:10],
                "revoked by": lambda row: row["revoked_by"],
            },
            nothing="No answers are remembered.",
        )

    call(work)


@remembered.command()
@click.argument("answer_id", metavar="ID", type=click.IntRange(1))
@json_option
def show(answer_id: int, as_json: bool) -> None:
    """Show an answer with the files that identification matched by it and those that a person matched with it."""

    async def work(api: Api) -> None:
        answer = await api.get(f"{ANSWERS}/{answer_id}")
        if as_json:
            print_json(answer)
            return
        print_facts(
            {
                "id": answer["id"],
                "read as": answer["title"],
                "is": _item(answer),
                "holds in": answer["holds"],
                "counted": answer["numbering_in_words"],
                "given for": answer["given_for"],
                "by": answer["by"],
                "at": answer["at"][:19].replace("T", " "),
                "revoked by": answer["revoked_by"],
            }
        )
        _say_files("Matched with it by a person", answer["files_by_person"], answer["by_person"])
        _say_files("Matched by it", answer["files"], answer["held"].get("matched", 0))

    call(work)


@remembered.command()
@click.argument("answer_id", metavar="ID", type=click.IntRange(1))
@click.option("--also-files", is_flag=True, help="Also ask again about the files that were matched by it.")
@json_option
def revoke(answer_id: int, also_files: bool, as_json: bool) -> None:
    """Take an answer back: it holds for no further file."""

    async def work(api: Api) -> None:
        before = await api.get(f"{ANSWERS}/{answer_id}")
        answer = await api.post(f"{ANSWERS}/{answer_id}/revoke", {"also_files": also_files})
        if as_json:
            print_json(answer)
            return
        held = before["held"].get("matched", 0)
        stay = (
            "are identified again; `mediastead scan` does it now"
            if also_files
            else "stay matched (--also-files asks again)"
        )
        say(f'"{answer["title"]}" is no longer taken for {_item(answer)}; {held} files that were matched by it {stay}.')

    call(work)


@remembered.command()
@click.option("--library", help="In this library.")
@click.option("--revoked/--in-force", default=None, help="Only those that hold no more, or still hold.")
@json_option
def folders(library: str | None, revoked: bool | None, as_json: bool) -> None:
    """List folders of which nobody needs to know what is in them (`unmatched dismiss-folder`), the latest first."""

    async def work(api: Api) -> None:
        rows = api.each(FOLDERS, library=await library_id_of(api, library), revoked=revoked)
        await print_rows(
            rows,
            as_json,
            {
                "id": lambda row: row["id"],
                "folder": lambda row: row["path"],
                "files": lambda row: row["files"],
                "by": lambda row: row["by"],
                "at": lambda row: row["at"][:10],
                "revoked by": lambda row: row["revoked_by"],
            },
            nothing="No folders are dismissed.",
        )

    call(work)


@remembered.command("revoke-folder")
@click.argument("dismissed_id", metavar="ID", type=click.IntRange(1))
@click.option("--also-files", is_flag=True, help="Also ask again about the files that were dismissed by it.")
@json_option
def revoke_folder(dismissed_id: int, also_files: bool, as_json: bool) -> None:
    """Dismiss no further files that come into this folder."""

    async def work(api: Api) -> None:
        folder = await api.post(f"{FOLDERS}/{dismissed_id}/revoke", {"also_files": also_files})
        if as_json:
            print_json(folder)
            return
        stay = "are asked about again" if also_files else "stay dismissed (--also-files asks again)"
        say(f'What comes into "{folder["path"]}" is identified again; files that were dismissed by it {stay}.')

    call(work)


def _say_files(words: str, files: list[dict[str, Any]], count: int) -> None:
    if files:
        say(f"\n{words}")
    for file in files:
        say(f"  {file['id']}  {file['path']} {numbers(file['episodes'])}".rstrip())
    if count > len(files):
        say(f"  and {count - len(files)} more")


def _item(answer: dict[str, Any]) -> str:
    item = answer["item"]
    return f"{item['title']} ({item['year']})" if item["year"] else item["title"]
