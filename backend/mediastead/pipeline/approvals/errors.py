"""What can be wrong with answering an approval."""

from ...errors import Conflict, InvalidRequest, NotFound
from .models import ApprovalState


class NoSuchApproval(NotFound):
    slug = "no-such-approval"
    title = "There is no such approval"

    def __init__(self, approval_id: int) -> None:
        super().__init__(f"There is no approval {approval_id}; list /v1/approvals.", approval_id=approval_id)


class AlreadyAnswered(Conflict):
    """Somebody answered it before."""

    slug = "approval-answered"
    title = "This approval has been answered"

    def __init__(self, approval_id: int, state: ApprovalState, actor: str | None) -> None:
        super().__init__(
            f"Approval {approval_id} was {state.value} by {actor}. Where that is not what you want, start the stage of the item "
            "again, or try the disc again if that was rejected.",
            approval_id=approval_id,
            state=state.value,
            actor=actor,
        )


class Withdrawn(Conflict):
    """What it asked about no longer stands."""

    slug = "approval-withdrawn"
    title = "This approval is no longer asked for"

    def __init__(self, approval_id: int, instead: int | None) -> None:
        what = (
            f"answer approval {instead}, which asks about what stands now" if instead else "nothing is asked any more"
        )
        super().__init__(
            f"What approval {approval_id} asked about has changed: {what}.", approval_id=approval_id, instead=instead
        )


class InvalidAnswer(InvalidRequest):
    slug = "invalid-approval-answer"
    title = "That is no answer to this approval"
