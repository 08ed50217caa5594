"""What can keep an operation from being taken back.

NotFound
└── OperationUnknown
Conflict
├── CannotBeTakenBack   its kind, or that it was recorded by an older version; or it was taken back already
└── DependedOn          what it changed was changed since: `extra["conflicts"]` says by what
"""

from ..errors import Conflict, NotFound


class OperationUnknown(NotFound):
    slug = "operation-unknown"
    title = "There is no such operation"

    def __init__(self, operation_id: int) -> None:
        super().__init__(f"There is no operation {operation_id}; list /v1/operations.")


class CannotBeTakenBack(Conflict):
    slug = "cannot-be-taken-back"
    title = "This operation cannot be taken back"


class DependedOn(Conflict):
    slug = "depended-on"
    title = "What the operation did was changed since"
