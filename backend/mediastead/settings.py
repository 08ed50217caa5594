"""Configuration: what the environment, a file and a person say, in this order, and defaults for the rest.

`settings_read` reads the environment (`MEDIASTEAD_PORT=8484`) and a YAML file (`port: 8484`). What a person changed while the
server ran is laid beneath both by `preferences.effective`. Each setting is described once, on its field, where `SETTINGS`,
the API, the errors and the guide take it from.
"""

import os
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta, Struct, field

from .errors import InvalidRequest

PREFIX = "MEDIASTEAD_"


class InvalidSetting(InvalidRequest):
    """A setting that does not exist, or a value that it cannot have. Never tells a secret value."""

    slug = "invalid-setting"
    title = "A setting cannot be what it was set to"


class Source(StrEnum):
    """Who said what a setting is; the first one that says anything wins."""

    ENVIRONMENT = "environment"
    """A variable of the process."""
    FILE = "file"
    """`mediastead.yaml`, or the file that `MEDIASTEAD_CONFIG` names."""
    APP = "app"
    """A person, while the server ran."""
    DEFAULT = "default"
    """Nobody."""


class Secret:
    """Text that shows as `***` wherever it is printed, logged or compared in a failed test."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one who has to send it."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))


def about(description: str, *, editable: bool = False, allowed: str | None = None, **limits: Any) -> Meta:
    """What a setting is for, whether a person may change it while the server runs, what it may be (in words), and its limits."""
    return Meta(description=description, extra={"editable": editable, "allowed": allowed}, **limits)


class Settings(Struct, frozen=True, kw_only=True):
    """All settings, valid and complete. Made by `settings_read`; a change makes a new one (`msgspec.structs.replace`)."""

    data_dir: Annotated[
        Path,
        about(
            "The folder for what Mediastead keeps for itself. By default `mediastead` in the XDG data folder; made when needed.",
            allowed="the path of a folder",
        ),
    ]
    database_url: Annotated[
        str,
        about(
            "The database: `sqlite+aiosqlite:///path` on a local disk, or `postgresql+psycopg://user:password@host/name`, "
            "which several machines need. By default `mediastead.db` in `data_dir`.",
            allowed="sqlite+aiosqlite:///path or postgresql+psycopg://user:password@host/name",
        ),
    ]
    database_address_for_hosts: Annotated[
        str,
        about(
            "Where other machines that run stage jobs reach PostgreSQL; empty: at the address in `database_url`.",
            editable=True,
            allowed="a name or an address, with a port where it is not the one in `database_url`: nas.local:5432",
            pattern=r"^([A-Za-z0-9.-]+(:[0-9]{1,5})?)?$",
        ),
    ] = ""
    host: Annotated[
        str,
        about(
            "The address to listen on. Only loopback until there are accounts.", allowed="an address of this machine"
        ),
    ] = "127.0.0.1"
    port: Annotated[int, about("The port to listen on; 0 takes any free one.", ge=0, le=65535)] = 8484
    staging_roots: Annotated[
        str | None,
        about(
            "The folders in which discs and files are made into files of a library, parted by `:`; new items go to the first. By "
            "default `staging` in `data_dir`; made when needed. Best on the disk of the library.",
            allowed="absolute paths of folders, parted by :",
        ),
    ] = None
    watch: Annotated[
        bool,
        about(
            "Whether changes in the libraries' folders are heard at once, where the system tells of them (inotify); the "
            "schedule finds them in any case."
        ),
    ] = True
    metadata: Annotated[
        Literal["tmdb", "bundled"],
        about(
            "Who says what the world knows of titles: TMDB, or the small catalogue that comes along for demo and tests."
        ),
    ] = "tmdb"
    tmdb_api_key: Annotated[
        Secret | None,
        about(
            "The key for TMDB: an API key (v3) or a read access token (v4), from https://www.themoviedb.org/settings/api.",
            editable=True,
            allowed="a key of 32 digits and letters, or a token that begins with eyJ",
        ),
    ] = None
    tmdb_base_url: Annotated[
        str,
        about(
            "The address of TMDB's API, version included.",
            allowed="an address such as https://api.themoviedb.org/3",
            pattern=r"^https?://[^\s/]+\S*$",
        ),
    ] = "https://api.themoviedb.org/3"
    language: Annotated[
        str,
        about(
            "The language of titles and overviews.",
            editable=True,
            allowed="a language with or without a country, such as en-US or de",
            pattern=r"^[a-z]{2}(-[A-Z]{2})?$",
        ),
    ] = "en-US"
    auto_match_threshold: Annotated[
        float,
        about(
            "A file is matched without asking when the match is at least this probable.", editable=True, ge=0.5, le=1
        ),
    ] = 0.95
    scan_interval_minutes: Annotated[
        int,
        about(
            "How often a new library is scanned, unless it is added with its own interval.",
            editable=True,
            ge=5,
            le=525_600,
        ),
    ] = 360
    trash_days: Annotated[
        int,
        about(
            "How many days a file that was replaced or taken back stays in the trash before it is deleted.",
            editable=True,
            ge=1,
            le=3650,
        ),
    ] = 30
    verify_days: Annotated[
        int,
        about(
            "Within how many days every file is read whole once, to see whether it still is what it was; 0 is never by itself.",
            editable=True,
            ge=0,
            le=3650,
        ),
    ] = 0
    verify_megabytes_per_second: Annotated[
        int, about("How fast files are read for that, at most.", editable=True, ge=1, le=10_000)
    ] = 40
    disc_drives: Annotated[
        str,
        about(
            "The drives of this machine, server or host, that are looked at for discs, parted by `:`; by default all that Linux "
            "has.",
            allowed="paths of drives such as /dev/sr0:/dev/sr1",
            pattern=r"^(/[^:]+(:/[^:]+)*)?$",
        ),
    ] = ""
    disc_folders: Annotated[
        str,
        about(
            "Folders in which images (ISO) and copies of discs (folders with VIDEO_TS or BDMV) lie, parted by `:`; each counts "
            "as a disc that was inserted.",
            allowed="paths of folders such as /discs:/more/discs",
            pattern=r"^(/[^:]+(:/[^:]+)*)?$",
        ),
    ] = ""
    disc_poll_seconds: Annotated[int, about("How often drives and those folders are looked at.", ge=1, le=3600)] = 10
    result_shorter_percent: Annotated[
        float,
        about(
            "By how much a file that was made may be shorter than its source before that is a failure, in percent.",
            editable=True,
            ge=0,
            le=50,
        ),
    ] = 2.0
    result_larger_percent: Annotated[
        float,
        about(
            "A transcoded file with more than this share of its source's size is not worth it: the source stays.",
            editable=True,
            ge=5,
            le=1000,
        ),
    ] = 95.0
    stall_minutes: Annotated[
        int,
        about(
            "How many minutes an attempt at a stage job may make no progress before it is stopped.",
            editable=True,
            ge=1,
            le=1440,
        ),
    ] = 30
    approvals: Annotated[
        str,
        about(
            "Before what a new pipeline item asks a person, where it does not say so itself: before a disc is ripped, when the "
            "tracks are chosen, before files go into a library.",
            editable=True,
            allowed="some of disc_preview, remux_review, organize_confirm, parted by commas, or none",
            pattern=r"^(none|(disc_preview|remux_review|organize_confirm)(, ?(disc_preview|remux_review|organize_confirm))*)$",
        ),
    ] = "disc_preview"
    sure_previews: Annotated[
        bool,
        about(
            "Whether an item that goes on by itself rips a disc without asking where nothing about it is doubtful.",
            editable=True,
        ),
    ] = False
    stage_hours: Annotated[
        str,
        about(
            "The hours in which jobs of a stage are begun, by the clock of the server; a stage without hours is always begun. "
            "A host may have its own.",
            editable=True,
            allowed="stages with hours such as transcode 22:00-06:00, remux 20:00-08:00",
            pattern=r"^((rip|remux|transcode|organize) ([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d(, ?|$))*$",
        ),
    ] = ""
    job_days: Annotated[
        int,
        about(
            "How many days a stage job that has ended is kept, with what its attempts said; longer while its item is being made.",
            editable=True,
            ge=1,
            le=3650,
        ),
    ] = 90
    staging_days: Annotated[
        int,
        about(
            "How many days what was made for a pipeline item on its way stays in the staging folder after it came into its "
            "library; 0 is for ever.",
            editable=True,
            ge=0,
            le=3650,
        ),
    ] = 14
    pool_size: Annotated[
        int, about("How many database connections are kept open; as many again are opened when busy.", ge=1, le=100)
    ] = 5
    parser_workers: Annotated[
        int, about("How many processes read names; by default one a core, at most four.", ge=1, le=64)
    ] = field(default_factory=lambda: max(1, min(4, os.cpu_count() or 1)))
    log_level: Annotated[Literal["debug", "info", "warning", "error"], about("How much is logged.", editable=True)] = (
        "info"
    )
    log_format: Annotated[Literal["text", "json"], about("Logs for people, or one JSON object a line.")] = "text"
    sources: dict[str, Source] = {}
    """Who said what; what is not in here is a default."""

    def source(self, key: str) -> Source:
        return self.sources.get(key, Source.DEFAULT)

    def __repr__(self) -> str:
        shown = {key: getattr(self, key) for key in SETTINGS} | {"database_url": masked_url(self.database_url)}
        return f"Settings({', '.join(f'{key}={value}' for key, value in shown.items())})"


class Setting(Struct, frozen=True):
    """What is known of one setting, taken from its field."""

    key: str
    type: Any
    description: str
    editable: bool
    secret: bool
    allowed: str
    """What it may be, in words."""

    @property
    def variable(self) -> str:
        return PREFIX + self.key.upper()


def masked_url(url: str) -> str:
    """A database address that may be shown: the password is `***`, whether before the host or in the query."""
    url = re.sub(r"(?i)([?&][^=&]*password=)[^&]*", r"\1***", url)
    return re.sub(r"(://[^/@:]*):.*@", r"\1:***@", url)


def _setting(spec: msgspec.structs.FieldInfo) -> Setting:
    kind, meta = get_args(spec.type)
    told: dict[str, Any] = meta.extra
    allowed = told["allowed"]
    if allowed is None and meta.ge is not None:
        allowed = f"a {'whole ' if kind is int else ''}number from {meta.ge} to {meta.le}"
    elif allowed is None:
        allowed = "one of " + ", ".join(get_args(kind))
    return Setting(spec.name, spec.type, meta.description, told["editable"], Secret in get_args(kind), allowed)


SETTINGS: dict[str, Setting] = {
    spec.name: _setting(spec) for spec in msgspec.structs.fields(Settings) if spec.name != "sources"
}
"""All settings by key, in the order in which they are shown."""
