"""Which operations can be taken back."""

from ..operations.service import FORM

UNDO = "undo"
ORGANIZE = "organize"
KINDS = frozenset(
    {
        "match",
        "unmatch",
        "dismiss",
        "restore",
        "refresh",
        "remember",
        "revoke_answer",
        "dismiss_folder",
        "revoke_dismissal",
        "order",
        "accept_replay",
        "forget",
        UNDO,
        ORGANIZE,
    }
)
"""What people say of files. What they do with libraries, items and settings says of itself how it is changed again."""

INSTEAD = {
    "items_merged": (
        "What referred to the one item refers to the other since, and nothing tells which was whose. To part them again, add the "
        "title anew (`mediastead items add`) and match the files that this operation names to it."
    ),
    "library_removed": (
        "What was known of its files is gone. Add the folder as a library again: records beside the files say what you decided, "
        "and everything else is identified anew."
    ),
}
"""By kind: why it is not taken back, and what to do."""


def can_be_undone(kind: str, form: int | None) -> bool:
    return kind in KINDS and form == FORM
