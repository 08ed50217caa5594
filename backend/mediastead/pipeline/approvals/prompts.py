"""What each kind of approval asks, and what a person may change in answering it.

Kept as JSON in `approval.prompt` and `approval.response`; these are their shapes (of a disc_preview it is
`discs.schemas.Preview`). Prompts are read with what was written by
other versions in mind: unknown fields are passed over, answers with unknown fields are refused.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from ..discs.schemas import TitleChange
from .errors import InvalidAnswer
from .models import ApprovalKind

MOST_TITLES = 500
A_NAME = Meta(min_length=1, max_length=200)


class MadeTitle(Struct, frozen=True, kw_only=True):
    """A title with the file that a stage made of it."""

    title_id: int
    disc_number: int | None
    number: int
    name: str | None
    season: int | None
    episodes: list[int]
    role: str | None
    file: str
    """Lossy; what the approval is for is this file of this title."""
    file_key: str
    """The path again, as hexadecimal digits, so that it is exact."""
    size: int | None
    duration_seconds: float | None
    streams: dict[str, Any] = {}
    """What it contains, in short (`jobs.work.ResultFile.streams`)."""


class RemuxReviewPrompt(Struct, frozen=True, kw_only=True):
    """The tracks that were kept."""

    titles: list[MadeTitle]


class OrganizeConfirmPrompt(Struct, frozen=True, kw_only=True):
    """Where the files are to go, and what they replace."""

    library_id: int | None
    library: str | None
    media_item_id: int | None
    title: str | None
    """Of the media item; null where that is not known."""
    titles: list[MadeTitle]
    replaces: dict[str, int] = {}
    """By title id: the media file that goes to the trash."""


class DiscPreviewChanges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    titles: Annotated[list[TitleChange], Meta(min_length=1, max_length=MOST_TITLES)]


class RemuxReviewChanges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    preset: Annotated[str, A_NAME]
    """Remux again, by the tracks of this preset."""


class OrganizeConfirmChanges(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    library_id: Annotated[int, Meta(ge=1)]
    """Into this library instead."""


CHANGES: dict[ApprovalKind, type[Struct]] = {
    ApprovalKind.DISC_PREVIEW: DiscPreviewChanges,
    ApprovalKind.REMUX_REVIEW: RemuxReviewChanges,
    ApprovalKind.ORGANIZE_CONFIRM: OrganizeConfirmChanges,
}


def changes_of(kind: ApprovalKind, changes: dict[str, Any]) -> Struct:
    """A person's changes in the shape of the kind. Raises `InvalidAnswer`, which says where they do not fit."""
    try:
        return msgspec.convert(changes, CHANGES[kind])
    except msgspec.ValidationError as error:
        fields = ", ".join(CHANGES[kind].__struct_fields__)
        raise InvalidAnswer(
            f"These changes do not fit a {kind.value} (its fields: {fields}): {error}. Correct them, or approve without."
        ) from None


def prompt_as_json(prompt: Struct) -> dict[str, Any]:
    """For the column."""
    return msgspec.to_builtins(prompt)
