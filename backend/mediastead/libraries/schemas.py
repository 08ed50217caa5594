"""What travels on the wire about libraries."""

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from ..http.paging import LARGEST_INTEGER
from .models import BringHow, LibraryKind

LibraryId = Annotated[int, Meta(ge=1, le=LARGEST_INTEGER)]
Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]
Root = Annotated[str, Meta(min_length=1, max_length=4096, description="An absolute path on the server.")]
Minutes = Annotated[int, Meta(ge=5, le=525_600)]
PatternList = Annotated[
    list[Annotated[str, Meta(max_length=1000)]],
    Meta(max_length=200, description="What is left out, in the language of .gitignore, relative to the root."),
]


FileMode = Annotated[str, Meta(pattern="^0?[0-7]{3}$", description="Octal, such as 664.")]
FolderMode = Annotated[str, Meta(pattern="^[0-7]{3,4}$", description="Octal, such as 2775.")]
RecordForm: TypeAlias = Literal["nfo", "xattr"]
"""How what files are taken for is written beside them: into NFO files of Kodi's form, or into extended attributes."""


class LibraryView(Struct, frozen=True, kw_only=True):
    """A library as it is set up."""

    id: int
    name: str
    root: str
    kind: LibraryKind
    scan_interval_minutes: int | None
    next_scan_at: datetime | None
    exclude_patterns: list[str]
    naming_template: str | None
    record_form: RecordForm | None
    """null: nothing is written beside the files."""
    marked: bool
    """Whether the root has a marker file by which it is known again."""
    unavailable_since: datetime | None
    unavailable_reason: str | None
    bring_into_id: int | None
    """Of an inbox: the library that its files are to be brought into."""
    bring_how: BringHow | None
    file_mode: str | None
    """Of files that are put into it, in octal digits; null: as the folder's, without the right to execute."""
    folder_mode: str | None
    group: str | None
    removing_since: datetime | None
    """Somebody had it removed; what is known of its files is going."""
    created_at: datetime
    note: str | None = None
    """What a person should know about what was just done."""


class NewLibrary(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    root: Root
    kind: LibraryKind
    name: Name | None = None
    """By default the name of the folder."""
    scan_interval_minutes: Minutes | UnsetType | None = UNSET
    """null: scanned only when somebody asks. Left out: as the settings say."""
    exclude_patterns: PatternList = []
    bring_into_id: LibraryId | None = None
    """Make it an inbox: files that are identified in it can be brought into that library."""
    bring_how: BringHow | None = None
    """By default link, which copies where the disk can make no links."""


class LibraryChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is."""

    name: Name | UnsetType = UNSET
    kind: LibraryKind | UnsetType = UNSET
    root: Root | UnsetType = UNSET
    """Where the library lies now. Files keep what is known of them, because their paths are relative to it."""
    accept_root: bool = False
    """Take what lies in the root now for the library, though its marker file is gone or another's."""
    scan_interval_minutes: Minutes | UnsetType | None = UNSET
    exclude_patterns: PatternList | UnsetType = UNSET
    record_form: RecordForm | UnsetType | None = UNSET
    """null: nothing is written from now on; what was written stays."""
    bring_into_id: LibraryId | UnsetType | None = UNSET
    """The library that its files are to be brought into; null: it is no inbox any more."""
    bring_how: BringHow | UnsetType = UNSET
    file_mode: FileMode | UnsetType | None = UNSET
    """Of files that are put into it; null: as the folder's that they come into, without the right to execute."""
    folder_mode: FolderMode | UnsetType | None = UNSET
    """Of folders that are made in it; null: as of the folder above."""
    group: Annotated[str, Meta(min_length=1, max_length=32)] | UnsetType | None = UNSET
    """Of both, by name; null: as of the folder above."""


class FolderToChoose(Struct, frozen=True, kw_only=True):
    """A folder of the server that may become a root."""

    name: str
    path: str
    readable: bool
    is_library: bool
    """Whether it is the root of a library already."""


class FoldersToChoose(Struct, frozen=True, kw_only=True):
    path: str
    parent: str | None
    items: list[FolderToChoose]
    next: str | None
