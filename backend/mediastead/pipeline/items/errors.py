"""What can be wrong with asking something of an item."""

from ...errors import Conflict, InvalidRequest, NotFound


class NoSuchPipelineItem(NotFound):
    slug = "no-such-pipeline-item"
    title = "There is no such item in the pipeline"

    def __init__(self, item_id: int) -> None:
        super().__init__(f"There is no pipeline item {item_id}; list /v1/pipeline-items.", item_id=item_id)


class InvalidItem(InvalidRequest):
    slug = "invalid-pipeline-item"
    title = "No item can be made of that"


class ItemExists(Conflict):
    """An active item has the same type, name, season and edition."""

    slug = "pipeline-item-exists"
    title = "This is being made already"

    def __init__(self, name: str, item_id: int) -> None:
        super().__init__(
            f"{name} is being made already, as item {item_id}: add the disc to that one, give it up, or say another edition.",
            item_id=item_id,
        )


class ItemEnded(Conflict):
    slug = "pipeline-item-ended"
    title = "This item has ended"

    def __init__(self, item_id: int, how: str) -> None:
        super().__init__(f"Item {item_id} {how}, so that nothing can be done with it any more; add a new one.")


class ItemMoved(Conflict):
    """Somebody else moved it in between."""

    slug = "pipeline-item-moved"
    title = "The item is no longer where it was"

    def __init__(self, item_id: int, old: str) -> None:
        super().__init__(f"Item {item_id} is no longer {old}; look at it again (/v1/pipeline-items/{item_id}).")


class ItemDoesNotAllow(Conflict):
    """The words say what stands in the way, and what to do."""

    slug = "pipeline-item-does-not-allow"
    title = "The item does not allow that now"


class NothingToStart(Conflict):
    slug = "nothing-to-start"
    title = "There is nothing to start"
