"""`mediastead host`: the machines that run stage jobs."""

import json
from typing import IO, Any

import click

from .calling import Api, CommandFailed, call
from .output import json_option, print_facts, print_json, print_rows, say

HOSTS = "/v1/hosts"
STAGES = click.Choice(["rip", "remux", "transcode"])
A_HOST = click.argument("name", metavar="HOST")


@click.group()
def host() -> None:
    """The machines that run stage jobs. HOST is a name or an id."""


@host.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List them: what they can do, how they are, how they did."""

    async def work(api: Api) -> None:
        await print_rows(
            (await api.get(HOSTS))["items"],
            as_json,
            {
                "id": lambda row: row["id"],
                "name": lambda row: row["name"],
                "is": lambda row: row["now"],
                "at work": lambda row: row["statistics"]["at_work"],
                "done": lambda row: row["statistics"]["completed"],
                "failed": lambda row: row["statistics"]["failed"] + row["statistics"]["lost"],
                "can": lambda row: ", ".join(each["name"] for each in row["capabilities"] if each["available"]),
                "hours": _hours,
                "seen": lambda row: row["last_seen_at"] and row["last_seen_at"][:19].replace("T", " "),
                "why": lambda row: row["why"],
            },
            nothing="There are no hosts yet; on PostgreSQL `mediastead host invite` admits one.",
        )

    call(work)


@host.command()
@A_HOST
@json_option
def show(name: str, as_json: bool) -> None:
    """Show one: all that it can do and cannot do, and why not."""

    async def work(api: Api) -> None:
        found = await _called(api, name)
        if as_json:
            print_json(found)
            return
        done = found["statistics"]
        print_facts(
            {
                "id": found["id"],
                "name": found["name"],
                "is": found["now"],
                "why": found["why"],
                "machine": found["platform"],
                "version": found["version"],
                "priority": found["priority"],
                "at once": ", ".join(f"{stage} {most}" for stage, most in found["limits"].items()) or "1 of each stage",
                "hours": _hours(found) or "those of the setting stage_hours",
                "paths": "; ".join(f"{there} is {here} here" for there, here in found["path_map"]),
                "commands": json.dumps(found["commands"]) if found["commands"] else None,
                "free": "; ".join(
                    f"{size // 1_000_000_000} GB in {root}" for root, size in found["free_bytes"].items()
                ),
                "load": found["load"],
                "jobs": f"{done['completed']} completed, {done['failed']} failed, {done['lost']} lost, {done['at_work']} at work",
                "mean speed": f"{done['mean_speed']:.1f}x" if done["mean_speed"] else None,
                "last seen": found["last_seen_at"],
            }
        )
        for each in found["capabilities"]:
            say(f"  {'can' if each['available'] else 'cannot'} {each['name']}{_because(each)}")

    call(work)


@host.command()
@click.option("--name", help="What the host is to be called; else as its machine.")
@json_option
def invite(name: str | None, as_json: bool) -> None:
    """Make a code with which one machine may register within an hour."""

    async def work(api: Api) -> None:
        made = await api.post(f"{HOSTS}/invites", {"name": name} if name else {})
        if as_json:
            print_json(made)
            return
        say(f"On the other machine, within an hour:\n\n  mediastead host run --server URL --code {made['code']}\n")
        say(way_to(made["port"]))

    call(work)


@host.command()
@click.option("--server", help="Where the server is reached, for the registration.")
@click.option("--code", help="From `mediastead host invite` on the server; needed once.")
@click.option("--name", help="What this host is to be called, where the invite does not say; else as this machine.")
@click.option("--drive", "drives", multiple=True, help="A drive of this machine; else every /dev/sr*.")
def run(server: str | None, code: str | None, name: str | None, drives: tuple[str, ...]) -> None:
    """Make this machine a host, and do stage jobs until Ctrl-C or SIGTERM. After the first time no options are needed."""
    from .host_run import run_host

    run_host(server, code, name, drives)


@host.command("set")
@A_HOST
@click.option(
    "--state",
    type=click.Choice(["enabled", "draining", "disabled"]),
    help="draining: ends what it has; disabled: gives it back at once.",
)
@click.option("--priority", type=click.IntRange(-1000, 1000), help="Of hosts that can do a job, the highest gets it.")
@click.option("--limit", "limits", multiple=True, type=(STAGES, click.IntRange(0, 64)), help="STAGE N: jobs at once.")
@click.option(
    "--path",
    "paths",
    multiple=True,
    type=(str, str),
    help='SERVER HERE: where a share is mounted on the host; "" "" for none.',
)
@click.option(
    "--commands",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    help="What it runs otherwise than usual, scripts among it, as JSON; - reads standard input, {} is as usual.",
)
@click.option(
    "--hours",
    help='When it begins jobs of a stage, by the clock of the server: "transcode 22:00-06:00, remux always"; "" for the '
    "setting stage_hours alone.",
)
@click.option("--rename", help="Another name.")
@json_option
def set_(
    name: str,
    state: str | None,
    priority: int | None,
    limits: tuple[tuple[str, int], ...],
    paths: tuple[tuple[str, str], ...],
    hours: str | None,
    commands: IO[str] | None,
    rename: str | None,
    as_json: bool,
) -> None:
    """Enable, drain, disable, limit or rename it. --limit, --path, --hours and --commands take the place of all that were set.

    What --hours says of a stage holds on this host in place of what the setting stage_hours says of it.
    """
    change: dict[str, Any] = {"state": state, "priority": priority, "hours": hours, "name": rename}
    change = {key: value for key, value in change.items() if value is not None}
    change |= {"limits": dict(limits)} if limits else {}
    if any(pair != ("", "") and not all(path.startswith("/") for path in pair) for pair in paths):
        raise click.UsageError("--path takes two whole paths: as the server sees it, and as the host does")
    change |= {"path_map": [list(pair) for pair in paths if all(pair)]} if paths else {}
    if commands is not None:
        try:
            change["commands"] = json.load(commands)
        except ValueError as error:
            raise click.UsageError(f"--commands is no JSON: {error}") from None
    if not change:
        raise click.UsageError("say what to set: --state, --priority, --limit, --path, --hours, --commands or --rename")

    async def work(api: Api) -> None:
        changed = await api.patch(f"{HOSTS}/{(await _called(api, name))['id']}", change)
        if as_json:
            print_json(changed)
            return
        is_ = "takes no work" if changed["now"] == "refuses" else f"is {changed['now']}"
        say(f"{changed['name']} {is_}" + (f": {changed['why']}" if changed["why"] else "."))
        if paths and changed["now"] == "refuses":
            say("That is what it said before; it looks at the new paths within seconds.")
        if hours is not None:
            say(f"Its hours: {_hours(changed) or 'those of the setting stage_hours'}.")

    call(work)


@host.command("bring-back")
@A_HOST
@json_option
def bring_back(name: str, as_json: bool) -> None:
    """It was mended: no longer set aside, and asked anew what it can do."""

    async def work(api: Api) -> None:
        back = await api.post(f"{HOSTS}/{(await _called(api, name))['id']}/bring-back")
        if as_json:
            print_json(back)
            return
        say(f"{back['name']} is {back['now']}; what it can do is known again within a minute.")

    call(work)


@host.command()
@A_HOST
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def remove(name: str, yes: bool, as_json: bool) -> None:
    """Take its credential away. What it was at goes to other hosts."""

    async def work(api: Api) -> None:
        found = await _called(api, name)
        if not yes:
            click.confirm(f"{found['name']} needs a new invite to come back. Go on?", abort=True, err=True)
        await api.delete(f"{HOSTS}/{found['id']}")
        if as_json:
            print_json({"id": found["id"], "name": found["name"], "state": "removed"})
            return
        say(f"{found['name']} is removed, and its credential is worth nothing any more.")

    call(work)


async def _called(api: Api, name: str) -> dict[str, Any]:
    hosts = {row["name"]: row for row in (await api.get(HOSTS))["items"]}
    if name in hosts:
        return hosts[name]
    if name.isdecimal():
        return await api.get(f"{HOSTS}/{int(name)}")
    known = ", ".join(hosts) or "none yet"
    raise CommandFailed(f"there is no host {name!r}; there are: {known}.")


def way_to(port: int | None) -> str:
    """How another machine reaches this server, which listens at `port` (None: nobody knows which)."""
    at = port or "PORT"
    return (
        "URL is where that machine reaches this server. The server listens on its own machine only, so make a way for the time "
        f"of the registration: `ssh -L {at}:127.0.0.1:{at} THIS-SERVER` there, and --server http://127.0.0.1:{at}. "
        "Afterwards the host needs the database alone."
    )


def _hours(found: dict[str, Any]) -> str | None:
    """Its own; and of what it begins nothing now, by whatever hours."""
    closed = f"now no {', '.join(found['closed'])}" if found["closed"] else None
    return "; ".join(filter(None, (found["hours"], closed))) or None


def _because(capability: dict[str, Any]) -> str:
    return f": {capability['reason']}" if capability["reason"] else ""
