"""Plans and what became of them, on the wire."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from ..http.paging import LARGEST_INTEGER
from ..libraries.models import BringHow
from .examples import Example
from .language import LONGEST_TEMPLATE
from .models import GroupState, OrganizingKind, OrganizingState
from .moves import MoveRole, Way

MOST_NAMED = 500
"""Files or titles that one request may name."""

AnId = Annotated[int, Meta(ge=1, le=LARGEST_INTEGER)]
Ids = Annotated[list[AnId], Meta(min_length=1, max_length=MOST_NAMED)]
NamingText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_TEMPLATE,
        description="plex, jellyfin or kodi, or a template such as {{ title }} ({{ year }})/{{ title }} ({{ year }}).",
    ),
]


class OrganizeRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be put where it belongs: a library, or some of its files or titles."""

    library_id: AnId | None = None
    """May be left out where all the files, or the files of all the titles, lie in one library."""
    file_ids: Ids | None = None
    item_ids: Ids | None = None
    replace: bool = False
    """What lies where one of `file_ids` belongs goes to the trash, if it is taken for the same title."""


class BringInRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which files of an inbox are to be brought into its library: all that are matched, or some."""

    inbox_id: AnId
    into_id: AnId | None = None
    """The library that they are to come into; by default the one that the inbox is for."""
    file_ids: Ids | None = None
    item_ids: Ids | None = None
    path: Annotated[str, Meta(min_length=1, max_length=4096)] | None = None
    """Only this file, or what lies in this folder and beneath it; relative to the inbox's root."""
    how: BringHow | None = None
    """By default as the inbox is set."""
    replace: bool = False
    """What lies where a file is to come goes to the trash, if it is taken for the same title."""


class OrganizingView(Struct, frozen=True, kw_only=True):
    """A plan, and how far it is done."""

    id: int
    library_id: int
    library: str
    kind: OrganizingKind
    from_library_id: int | None
    """Where its files come from, if that is another library."""
    bring_how: BringHow | None
    """Files are brought in from an inbox so (`kind` is `rename`), or are taken back to it (`undo`)."""
    replace: bool
    """What lies at a new path goes to the trash."""
    staged: bool
    """Its file was made in a folder that is in no library, and was not looked at as a plan first."""
    undo_of: int | None
    """The organizing that this one takes back."""
    undone_by: int | None
    """The organizing that took it back, or some of it."""
    state: OrganizingState
    template: str | None
    """`plex`, `jellyfin`, `kodi`, or the template itself; null where it takes back."""
    actor: str
    created_at: datetime
    expires_at: datetime | None
    """Until when it can be applied."""
    applied_at: datetime | None
    ended_at: datetime | None
    counts: dict[str, int]
    """Of the plan: `groups`, `moves` (of media files and what goes along), `replaced` (of those, what goes to the trash),
    `refused`, `unchanged`; and of the files that are not organized: `not_matched`, `samples`, `missing`, `unsettled`."""
    groups: dict[str, int] | None = None
    """How many groups are in each state; in lists left out."""


class MoveView(Struct, frozen=True, kw_only=True):
    role: MoveRole
    way: Way
    """As it was planned, until it is begun."""
    copied: bool
    """A copy was made and checked: also where a link was wanted, and the disk could make none."""
    file_id: int | None
    source: str
    """Relative to the library's root, as `target`; lossy."""
    target: str | None


class GroupView(Struct, frozen=True, kw_only=True):
    """Moves that happen together or not at all; or what is refused, with the reason."""

    id: int
    state: GroupState
    reason: str | None
    said: str | None
    """For a person: why it is not done, and what to do."""
    moves: list[MoveView]


class NamingChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    naming: NamingText | None
    """null: the default."""
    preview: bool = False
    """Change nothing; show what it makes of known titles."""


class NamingView(Struct, frozen=True, kw_only=True):
    naming: str
    template: str
    """What a preset stands for."""
    changed: bool
    examples: list[Example]
