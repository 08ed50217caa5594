"""`mediastead presets`: how the pipeline makes files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import click

from .calling import Api, CommandFailed, call
from .output import json_option, print_json, print_rows, say

PRESETS = "/v1/presets"


@click.group()
def presets() -> None:
    """How files are made: picture, sound, subtitles, languages."""


@presets.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List all presets."""

    async def work(api: Api) -> None:
        columns: dict[str, Callable[[dict[str, Any]], object]] = {
            "name": lambda row: row["name"] + (" (default)" if row["default"] else ""),
            "picture": lambda row: _picture(row["body"]["video"]),
            "sound": lambda row: row["body"]["audio"]["codec"],
            "languages": lambda row: ", ".join(row["body"]["tracks"]["audio"]) or "all",
            "from": lambda row: "built in" if row["built_in"] else row["actor"],
        }
        await print_rows((await api.get(PRESETS))["items"], as_json, columns)

    call(work)


@presets.command()
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show all of the preset NAME."""

    async def work(api: Api) -> None:
        row = await api.get(f"{PRESETS}/{name}")
        print_json(row) if as_json else say(json.dumps(row["body"], indent=2, ensure_ascii=False))

    call(work)


@presets.command("set")
@click.argument("name")
@click.argument("values", metavar="[KEY=VALUE]...", nargs=-1)
@click.option("--like", metavar="PRESET", help="Begin with this one; else with NAME itself, where there is one.")
@click.option(
    "--file", "file", type=click.Path(dir_okay=False, exists=True, path_type=Path), help="All of it, as JSON."
)
@json_option
def set_(name: str, values: tuple[str, ...], like: str | None, file: Path | None, as_json: bool) -> None:
    """Make the preset NAME, or change it: `video.codec=h265 video.crf=24 tracks.audio=de,en`.

    A changed preset is a new one under the same name; what was made by the former stays told.
    """

    async def work(api: Api) -> None:
        body = _read(file) if file is not None else (await api.get(f"{PRESETS}/{like or name}"))["body"]
        for value in values:
            _put(body, value)
        row = await api.put(f"{PRESETS}/{name}", body)
        print_json(row) if as_json else say(
            f"{name}: {_picture(row['body']['video'])}, {row['body']['audio']['codec']}."
        )

    call(work)


@presets.command()
@click.argument("name")
@json_option
def remove(name: str, as_json: bool) -> None:
    """Remove the preset NAME. A built-in one of that name comes back."""

    async def work(api: Api) -> None:
        await api.delete(f"{PRESETS}/{name}")
        print_json({"name": name, "removed": True}) if as_json else say(f"The preset {name} is removed.")

    call(work)


def _picture(video: dict[str, Any]) -> str:
    if video["codec"] == "copy":
        return "as it is"
    quality = f"crf {video['crf']:g}" if video["crf"] is not None else ""
    if video["bitrate_kbps"] is not None:
        quality = f"{video['bitrate_kbps']} kbit/s"
    size = f"at most {video['max_width'] or '…'}x{video['max_height'] or '…'}" if _limited(video) else ""
    return ", ".join(filter(None, [video["codec"], quality, size, f"{video['bits']} bits", f"HDR: {video['hdr']}"]))


def _limited(video: dict[str, Any]) -> bool:
    return bool(video["max_width"] or video["max_height"])


def _read(file: Path) -> dict[str, Any]:
    try:
        body = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CommandFailed(f"{file} is no JSON ({error}); see `presets show` for the form.") from None
    if not isinstance(body, dict):
        raise CommandFailed(f"{file} must hold a JSON object; see `presets show` for the form.")
    return cast("dict[str, Any]", body)


def _put(body: dict[str, Any], said: str) -> None:
    key, equals, text = said.partition("=")
    *above, last = key.split(".")
    here: dict[str, Any] = body
    for part in above:
        below = here.get(part)
        here = cast("dict[str, Any]", below) if isinstance(below, dict) else {}
    if not equals or last not in here:
        raise CommandFailed(
            f"{said} is no setting of a preset; write KEY=VALUE with a KEY of `presets show`.", exit_code=2
        )
    if isinstance(here[last], list):
        here[last] = [part for part in text.split(",") if part]
        return
    try:
        here[last] = None if text in ("", "none") else json.loads(text)
    except ValueError:
        here[last] = text
