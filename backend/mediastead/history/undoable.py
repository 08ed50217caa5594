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
        UNDO,
        ORGANIZE,
    }
)
"""What people say of files. What they do with libraries, items and settings says of itself how it is changed again."""


def can_be_undone(kind: str, form: int | None) -> bool:
    return kind in KINDS and form == FORM
