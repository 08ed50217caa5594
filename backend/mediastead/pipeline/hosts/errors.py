"""What can go wrong with hosts."""

from ...errors import Conflict, InvalidRequest, NotConfigured, NotFound


class NoSuchHost(NotFound):
    slug = "no-such-host"
    title = "There is no such host"

    def __init__(self, host_id: int) -> None:
        super().__init__(f"There is no host {host_id}; `mediastead host list` lists those there are.", host_id=host_id)


class NameTaken(Conflict):
    slug = "host-name-taken"
    title = "Another host has this name"

    def __init__(self, name: str) -> None:
        super().__init__(
            f'There is a host "{name}" already: choose another name, or remove that host first (`mediastead host remove '
            f"{name}`). A name that was chosen with an invite needs a new invite.",
            name=name,
        )


class NameOfServer(InvalidRequest):
    slug = "host-name-of-server"
    title = "The server's own host has this name"

    def __init__(self, name: str) -> None:
        super().__init__(
            f'"{name}" is what the host is called that is the server itself: choose another name (`mediastead host invite '
            "--name NAME`, or `mediastead host run --name NAME` where the invite says none).",
            name=name,
        )


class InvalidHours(InvalidRequest):
    slug = "invalid-hours"
    title = "These are no hours of a host"

    def __init__(self, hours: str) -> None:
        super().__init__(
            f'"{hours}" are no hours of a host: say rip, remux or transcode with hours, such as "transcode 22:00-06:00, remux '
            'always", or nothing to take them away. When files are organized, the setting stage_hours says.'
        )


class InvalidPaths(InvalidRequest):
    slug = "invalid-paths"
    title = "These are no paths of a host"


class InvalidCommands(InvalidRequest):
    slug = "invalid-commands"
    title = "A host cannot be told to do this"

    def __init__(self, words: str) -> None:
        super().__init__(
            f"These commands cannot be followed, and the host goes on with those that it has: {words.rstrip('.')}. Correct them."
        )


class InviteNotValid(InvalidRequest):
    """Says the same of a code that never was, was used, or is too old, so that nothing can be learned by trying."""

    slug = "invite-not-valid"
    title = "This code admits no host"

    def __init__(self) -> None:
        super().__init__(
            "This code is not known, was used already, or is too old: make a new one with `mediastead host invite` on the server."
        )


class OneMachineOnly(Conflict):
    slug = "one-machine-only"
    title = "Several machines need PostgreSQL"

    def __init__(self) -> None:
        super().__init__(
            "This server keeps its data in SQLite, which one machine can use: it does all jobs itself. For more hosts set "
            "`database_url` to a PostgreSQL database and start again."
        )


class MayNotMakeRoles(NotConfigured):
    slug = "may-not-make-roles"
    title = "The database does not let the server make credentials"

    def __init__(self, role: str) -> None:
        super().__init__(
            f'Each host gets a role of its own in PostgreSQL, and "{role}" may not make any: as a superuser run '
            f'`ALTER ROLE "{role}" CREATEROLE`, then try again.'
        )


class OwnHost(Conflict):
    slug = "own-host"
    title = "This host is the server itself"

    def __init__(self) -> None:
        super().__init__("This host is the server itself and cannot be removed; disable it, and it gets no jobs.")
