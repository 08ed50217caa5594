"""What can be wrong with asking for something in the trash."""

from ..errors import Conflict, NotFound


class NotInTrash(NotFound):
    slug = "not-in-trash"
    title = "There is no such thing in the trash"

    def __init__(self, trashed_id: int) -> None:
        super().__init__(
            f"There is nothing with the number {trashed_id} in the trash; list /v1/trash.", trashed_id=trashed_id
        )


class CannotPutBack(Conflict):
    slug = "cannot-put-back"
    title = "It cannot be put back now"
