"""What can be wrong with what is asked of discs."""

from ...errors import Conflict, InvalidRequest, NotFound


class NoSuchDisc(NotFound):
    slug = "no-such-disc"
    title = "There is no such disc"

    def __init__(self, disc_id: int) -> None:
        super().__init__(f"There is no disc {disc_id}; list /v1/discs.", disc_id=disc_id)


class NoSuchTitle(NotFound):
    slug = "no-such-disc-title"
    title = "The disc has no such title"

    def __init__(self, disc_id: int, number: int) -> None:
        super().__init__(
            f"Disc {disc_id} has no title {number}; `mediastead discs show {disc_id}` lists its titles.",
            disc_id=disc_id,
            number=number,
        )


class NumberTaken(Conflict):
    """One disc an item and number."""

    slug = "disc-number-taken"
    title = "The item has a disc with that number"

    def __init__(self, item_id: int, number: int, disc_id: int) -> None:
        super().__init__(
            f"Item {item_id} has a disc {number} already (disc {disc_id}): give another number, or put that one aside "
            f"(`mediastead discs reject {disc_id}`).",
            item_id=item_id,
            disc_id=disc_id,
        )


class DiscIsTaken(Conflict):
    slug = "disc-is-taken"
    title = "The disc belongs to another item"


class DiscIsElsewhere(Conflict):
    """Its state does not allow it, or somebody else changed it meanwhile."""

    slug = "disc-state"
    title = "The disc's state does not allow it"


class InvalidTitles(InvalidRequest):
    slug = "invalid-disc-titles"
    title = "The disc's titles cannot be so"


class NoDiscThere(InvalidRequest):
    slug = "no-disc-there"
    title = "There is no disc to read"


class CannotEject(Conflict):
    slug = "cannot-eject"
    title = "The disc cannot be ejected"
