"""What can be wrong with asking for a replay, or with accepting what it found."""

from ..errors import Conflict, InvalidRequest, NotFound


class ReplayNotFound(NotFound):
    slug = "replay-not-found"
    title = "There is no such replay"

    def __init__(self, replay_id: int) -> None:
        super().__init__(
            f"There is no replay {replay_id}; list /v1/replays. Old ones are removed after a while.",
            replay_id=replay_id,
        )


class ReplayDoesNotAllow(Conflict):
    """`extra["state"]` is where the replay stands."""

    slug = "replay-does-not-allow"
    title = "The state of the replay does not allow that"


class AcceptWhat(InvalidRequest):
    slug = "accept-what"
    title = "Which changes are accepted must be said in one way"


class ChangeUnknown(NotFound):
    slug = "change-unknown"
    title = "There is no such change in this replay"


class AlreadyAccepted(Conflict):
    slug = "change-already-accepted"
    title = "The change was accepted before"


class NothingProposed(Conflict):
    """The decision could not be made again, so there is nothing to accept."""

    slug = "nothing-proposed"
    title = "The replay proposes nothing for this file"
