"""`mediastead files`: media files, and corrections of what they are taken for."""

from typing import Any

import click

from .calling import Api, CommandFailed, Refused, call
from .output import json_option, print_facts, print_json, print_rows, say
from .values import answer_of, answer_options, episode_option, flat, in_our_words, library_id_of, numbers, waits_for

FILES = "/v1/media-files"
SHAPE = ("id", "library", "path", "identification", "presence", "role", "item", "episodes", "waiting_for", "content")


LAST_TOLD = 10
"""Entries of its story that `show` tells of a file."""


@click.group()
def files() -> None:
    """Media files: list, show, match, unmatch. IDs are those of the files."""


@files.command("list")
@click.option("--library", help="In this library.")
@click.option("--identification", type=click.Choice(["pending", "matched", "unmatched", "dismissed", "ignored"]))
@click.option("--presence", type=click.Choice(["present", "missing", "unknown"]))
@click.option("--role", type=click.Choice(["feature", "episode", "extra", "sample"]))
@click.option("--item", type=click.IntRange(1), help="Of the item with this id.")
@click.option("--resolution", help="Of the picture: 2160p, 1080p, 720p, 576p, 480p...")
@click.option("--hdr/--no-hdr", default=None, help="With or without HDR.")
@click.option("--video-codec", help="Such as hevc, h264 or av1.")
@click.option("--container", help="Such as matroska, mp4 or avi.")
@click.option("--longer-than", type=click.FloatRange(0), metavar="MINUTES", help="That play longer.")
@click.option("--shorter-than", type=click.FloatRange(0), metavar="MINUTES", help="That play shorter.")
@click.option("--audio-codec", help="Such as ac3, dts or aac.")
@click.option("--channels", type=click.IntRange(1), help="With sound of so many channels or more; 6 is 5.1.")
@click.option("--audio-language", help="With sound in this language, such as en or de.")
@click.option("--subtitle-language", help="With subtitles in this language in the file.")
@click.option("--duplicates", is_flag=True, help="Only those of which another file holds the same.")
@click.option("--rotted", is_flag=True, help="Only those that are no longer what they were, unchanged by anybody.")
@click.option("--doubted", is_flag=True, help="Only those that were replaced and hardly are what they are taken for.")
@click.option("--words", help="Words, or their beginnings, of name or path.")
@click.option("--sort", type=click.Choice(["name", "added", "size"]), help="name, where not given.")
@click.option("--descending", is_flag=True, help="The last first.")
@click.option("--decision", is_flag=True, help="With --json: also the latest decision of identification.")
@json_option
def list_(
    library: str | None,
    descending: bool,
    decision: bool,
    duplicates: bool,
    rotted: bool,
    doubted: bool,
    as_json: bool,
    **which: Any,
) -> None:
    """List all files that are known, with what they are taken for."""
    if decision and not as_json:
        raise click.UsageError("--decision goes with --json; `mediastead files show ID` shows one")
    for name in ("longer_than", "shorter_than"):  # the API counts in seconds
        which[name] = which[name] * 60 if which[name] is not None else None
    keys = (*SHAPE, *(["decision"] if decision else []), *(["duplicate"] if duplicates else []))

    async def work(api: Api) -> None:
        rows = api.each(
            FILES,
            library=await library_id_of(api, library),
            descending=descending or None,
            decision=decision or None,
            duplicates=duplicates or None,
            rotted=rotted or None,
            doubted=doubted or None,
            **which,
        )
        await print_rows(
            rows,
            as_json,
            {
                "id": lambda row: row["id"],
                "library": lambda row: row["library"],
                "path": lambda row: row["path"],
                "is": lambda row: row["identification"],
                "there": lambda row: row["presence"],
                **({"the same": lambda row: row["duplicate"]} if duplicates else {}),
                "what": _what,
                "picture": _picture,
                "waits for": lambda row: waits_for(row["waiting_for"]),
            },
            lambda row: {key: row[key] for key in keys},
            nothing="No files.",
        )

    call(work)


@files.command()
@click.option("--library", help="In this library.")
@click.option("--item", type=click.IntRange(1), help="Of the item with this id.")
@click.option("--words", help="Words, or their beginnings, of name or path.")
@json_option
def missing(library: str | None, as_json: bool, **which: Any) -> None:
    """List files that are gone, with what they were and what is left of that."""

    async def work(api: Api) -> None:
        await print_rows(
            api.each(f"{FILES}/missing", library=await library_id_of(api, library), **which),
            as_json,
            {
                "id": lambda row: row["id"],
                "library": lambda row: row["library"],
                "path": lambda row: row["path"],
                "since": lambda row: row["missing_since"][:10],
                "was": _what,
                "left": lambda row: "; ".join(_other(other) for other in row["others"]) or "nothing",
            },
            nothing="No file is missing.",
        )

    call(work)


@files.command()
@click.argument("file_id", metavar="ID", type=click.IntRange(1))
@json_option
def show(file_id: int, as_json: bool) -> None:
    """Show one file with its decision and how it came in."""

    async def work(api: Api) -> None:
        file = await api.get(f"{FILES}/{file_id}")
        if as_json:
            print_json(file)
            return
        print_facts(
            {
                **{name: file[name] for name in ("id", "library", "path", "identification", "presence")},
                "what": _what(file),
                **{name: file[name] for name in ("role", "part", "edition", "size", "mtime", "added")},
                "picture": _picture(file),
                "plays": _plays(file["content"]),
                "container": file["content"] and file["content"]["container"],
                "not read": file["content"] and file["content"]["error"],
                **_streams(file["streams"]),
                "verified": file["state"]["verified_at"],
                "not verified": file["state"]["verify_error"],
                "rotted since": file["state"]["rotted_at"],
                "doubted": file["state"]["doubt"],
                "also here": "; ".join(_other(other) for other in file["others"]),
                "missing since": file["missing_since"],
                "found missing by": file["state"]["missing_scan_id"] and f"scan {file['state']['missing_scan_id']}",
                "unknown since": file["state"]["unknown_since"],
                "unknown because": file["state"]["unknown_reason"],
                "ignored by": file["ignore_rule"],
                "waits for": waits_for(file["waiting_for"]),
                "question": file["question_id"],
                "record": file["record"] and (file["record"]["error"] or f"written ({file['record']['form']})"),
            }
        )
        told = (await api.get(f"{FILES}/{file_id}/story"))["entries"]
        if len(told) > LAST_TOLD:
            say(f"{len(told) - LAST_TOLD} earlier entries: mediastead files story {file_id}")
        _say_story(told[-LAST_TOLD:])

    call(work)


@files.command()
@click.argument("file_id", metavar="ID", type=click.IntRange(1))
@json_option
def story(file_id: int, as_json: bool) -> None:
    """Tell all that happened to one file, the oldest first."""

    async def work(api: Api) -> None:
        told = (await api.get(f"{FILES}/{file_id}/story"))["entries"]
        if not as_json:
            _say_story(told)
            return
        for entry in told:
            print_json(entry)

    call(work)


def _say_story(entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        say(f"{entry['at'][:19].replace('T', ' ')}  {entry['says']} ({entry['by']})")


@files.command()
@click.argument("file_id", metavar="ID", type=click.IntRange(1))
@answer_options
@json_option
def match(file_id: int, as_json: bool, **said: Any) -> None:
    """Say what a file is, whatever it is taken for now."""
    answer = answer_of(**said)
    _correct(file_id, "match", answer, as_json)


@files.command()
@click.argument("file_id", metavar="ID", type=click.IntRange(1))
@episode_option
@json_option
def unmatch(file_id: int, episodes: tuple[list[dict[str, int]], ...], as_json: bool) -> None:
    """Say that a file is not what it is matched to (or does not hold these episodes); it goes into the queue."""
    _correct(file_id, "unmatch", {"episodes": flat(episodes)}, as_json)


@files.command()
@click.argument("file_id", metavar="ID", type=click.IntRange(1))
@json_option
def restore(file_id: int, as_json: bool) -> None:
    """Ask about a dismissed file again, or lift the rule that ignores a file."""
    _correct(file_id, "restore", {}, as_json)


@files.command()
@click.argument("file_ids", metavar="ID...", nargs=-1, required=True, type=click.IntRange(1))
@json_option
def forget(file_ids: tuple[int, ...], as_json: bool) -> None:
    """Take missing files out of all lists. One that comes back is the same file again."""

    async def work(api: Api) -> None:
        answer = await api.post(f"{FILES}/forget", {"file_ids": list(file_ids)})
        print_json(answer) if as_json else say(
            f"{answer['forgotten']} forgotten; they are listed again if they come back."
            if answer["forgotten"]
            else "None forgotten: they were already."
        )

    call(work)


def _correct(file_id: int, what: str, answer: dict[str, Any], as_json: bool) -> None:
    async def work(api: Api) -> None:
        seen = await api.get(f"{FILES}/{file_id}")
        try:
            file = await api.post(f"{FILES}/{file_id}/{what}", {**answer, "version": seen["version"]})
        except Refused as refused:
            raise CommandFailed(in_our_words(refused.problem, answer)) from None
        if as_json:
            print_json(file)
            return
        say(f"{file['path']}: {file['identification']} {_what(file)}".rstrip())
        for each in file.get("remembered", ()):
            now = " `mediastead scan` does that now." if each["asked_again"] and not api.remote else ""
            say(f"{each['detail']}{now} `mediastead remembered revoke {each['id']}` takes it back.")
        if followed := file.get("followed"):
            say(
                f'It was matched by the answer for files that are read as "{followed["title"]}", which holds on for others: '
                f"`mediastead remembered revoke {followed['id']}` takes it back."
            )

    call(work)


def _what(file: dict[str, Any]) -> str:
    """`Heat (1995)`, `Heat (1995), extra`, `sample`."""
    item = file["item"]
    beside = file["role"] if file["role"] in ("extra", "sample") else None
    if item is None:
        return beside or ""
    year = f" ({item['year']})" if item["year"] else ""
    named = f"{item['title']}{year} {numbers(file['episodes'])}".rstrip()
    return f"{named}, {beside}" if beside else named


def _picture(file: dict[str, Any]) -> str | None:
    """`2160p HDR10 hevc`."""
    content: dict[str, Any] | None = file["content"]
    if content is None:
        return None
    return " ".join(content[name] for name in ("resolution", "hdr", "video_codec") if content[name]) or None


def _plays(content: dict[str, Any] | None) -> str | None:
    """`2:16:05`."""
    seconds = round(content["duration"]) if content and content["duration"] else None
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}" if seconds else None


def _streams(streams: list[dict[str, Any]]) -> dict[str, str]:
    """`audio: de eac3 6 channels, en dts`."""
    of_kind = {"audio": "audio", "subtitles": "text"}
    told = {
        word: ", ".join(_stream(stream) for stream in streams if stream["kind"] == kind)
        for word, kind in of_kind.items()
    }
    return {word: streams for word, streams in told.items() if streams}


def _other(other: dict[str, Any]) -> str:
    """`file 5 in Films: Heat (1995)/Heat.mkv, probably the same content`."""
    alike = f", {other['same_content']} the same content" if other["same_content"] else ""
    return f"file {other['id']} in {other['library']}: {other['path']}{alike}"


def _stream(stream: dict[str, Any]) -> str:
    channels = f"{stream['channels']} channels" if stream["channels"] else None
    words = (stream["language"], stream["codec"], channels, "forced" if stream["forced"] else None)
    return " ".join(word for word in words if word) or "unknown"
