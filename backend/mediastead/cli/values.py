"""What commands take: libraries by name, episodes as S01E02, answers."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from .calling import Api, CommandFailed

Command = TypeVar("Command", bound=Callable[..., Any])


class EpisodeNumbers(click.ParamType[list[dict[str, int]]]):
    """`S01E02`, `1x02`, or a range of one season: `S01E02-E04`. Gives `[{"season", "number"}]`."""

    name = "episode"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[dict[str, int]]:
        if isinstance(value, list):
            return value  # pyright: ignore[reportUnknownVariableType] - converted before
        found = re.fullmatch(r"(?i)(?:S(\d{1,5})E(\d{1,5})|(\d{1,5})x(\d{1,5}))(?:-E?(\d{1,5}))?", str(value))
        if not found:
            self.fail(f"{value!r} is no episode: write S01E02, or S01E02-E04 for several", param, ctx)
        season, first = int(found[1] or found[3]), int(found[2] or found[4])
        last = int(found[5]) if found[5] else first
        if not first <= last < first + 100:
            self.fail(f"{value!r} is no range of up to 100 episodes", param, ctx)
        return [{"season": season, "number": number} for number in range(first, last + 1)]


class ItemRemap(click.ParamType[dict[str, Any]]):
    """`12=movie:603`. Gives `{"item_id", "type", "tmdb_id"}`."""

    name = "remap"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        return remap_of(str(value))


def remap_of(text: str) -> dict[str, Any]:
    """Raises `click.UsageError`."""
    found = re.fullmatch(r"\s*(\d{1,18})\s*=\s*(movie|series)\s*:\s*(\d{1,18})\s*", text, re.ASCII)
    if not found:
        raise click.UsageError(f"{text!r} is no remap: write 12=movie:603, the item and what it is at TMDB now")
    return {"item_id": int(found[1]), "type": found[2], "tmdb_id": int(found[3])}


def answer_options(command: Command) -> Command:
    """The options that say what a file is."""
    for option in (
        click.option("--once", is_flag=True, help="Remember nothing of it for files that are read the same."),
        click.option("--edition", help="Such as Director's Cut."),
        click.option("--part", type=click.IntRange(1), help="Part of a film that is cut into several files."),
        click.option("--role", type=click.Choice(["feature", "episode", "extra", "sample"])),
        episode_option,
        title_options,
    ):
        command = option(command)
    return command


def title_options(command: Command) -> Command:
    """The options that name a title."""
    for option in (
        click.option("--type", "type_", type=click.Choice(["movie", "series"]), help="Goes with --tmdb-id."),
        click.option("--tmdb-id", type=click.IntRange(1), help="The title's id at TMDB."),
        click.option("--item-id", type=click.IntRange(1), help="The title's id here, instead of --tmdb-id."),
    ):
        command = option(command)
    return command


def episode_option(command: Command) -> Command:
    return click.option(
        "--episode",
        "episodes",
        multiple=True,
        type=EpisodeNumbers(),
        metavar="S01E02",
        help="May be given several times.",
    )(command)


def answer_of(
    *,
    item_id: int | None,
    tmdb_id: int | None,
    type_: str | None,
    episodes: Sequence[list[dict[str, int]]],
    role: str | None,
    part: int | None,
    edition: str | None,
    once: bool,
) -> dict[str, Any]:
    """The body of an answer. Raises `click.UsageError` where it does not name one title."""
    answer = title_of(item_id=item_id, tmdb_id=tmdb_id, type_=type_)
    if held := flat(episodes):
        answer["episodes"] = held
    said = {"role": role, "part": part, "edition": edition, "remember": False if once else None}
    return answer | {key: value for key, value in said.items() if value is not None}


def in_our_words(problem: dict[str, Any], answer: dict[str, Any]) -> str:
    """What is wrong with an answer, with the options of the command line where the API names its own fields."""
    says_nothing = not answer.get("episodes") and answer.get("role") is None
    if str(problem.get("type", "")).endswith("answer-incomplete") and says_nothing and answer.get("type") != "movie":
        return (
            "it is a series: say with --episode S01E02 which episode a file holds, one file at a time, or with --role extra "
            "that it holds none. `mediastead unmatched match-group` answers many files at once, each by the number in its name."
        )
    return str(problem.get("detail") or problem.get("title"))


def title_of(*, item_id: int | None, tmdb_id: int | None, type_: str | None) -> dict[str, Any]:
    """The title that an answer names. Raises `click.UsageError` where it does not name one."""
    if (item_id is None) == (tmdb_id is None):
        raise click.UsageError("Name the title: either --tmdb-id with --type, or --item-id")
    if tmdb_id is not None and type_ is None:
        raise click.UsageError("Say with --type whether that TMDB id is of a movie or a series")
    return {"item_id": item_id} if item_id is not None else {"type": type_, "tmdb_id": tmdb_id}


def flat(episodes: Sequence[list[dict[str, int]]]) -> list[dict[str, int]]:
    return [episode for given in episodes for episode in given]


def numbers(episodes: Sequence[dict[str, int]]) -> str:
    """`S01E02 S01E03`, for people."""
    return " ".join(f"S{each['season']:02}E{each['number']:02}" for each in episodes)


def waits_for(waiting: dict[str, Any] | None) -> str | None:
    """What pending files wait for, in words; None where for nothing but their turn."""
    return str(waiting.get("detail") or waiting["what"]) if waiting else None


async def all_libraries(api: Api) -> list[dict[str, Any]]:
    return (await api.get("/v1/libraries"))["items"]


async def library_called(api: Api, name: str) -> dict[str, Any]:
    """The library of that name, or else of that id. Raises `CommandFailed`."""
    libraries = await all_libraries(api)
    for library in libraries:
        if library["name"] == name:
            return library
    for library in libraries:
        if str(library["id"]) == name:
            return library
    known = ", ".join(library["name"] for library in libraries) or "none yet; `mediastead library add` adds one"
    raise CommandFailed(f"there is no library {name!r}; there are: {known}.")


async def library_id_of(api: Api, name: str | None) -> int | None:
    return None if name is None else (await library_called(api, name))["id"]
