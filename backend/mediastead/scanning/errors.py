"""What can be wrong with what is asked of a scan.

NotFound
└── ScanNotFound
Conflict
└── ScanDoesNotAllow    it is not in the state that the answer is for
"""

from ..errors import Conflict, NotFound
from ..libraries.models import ScanOutcome, ScanPhase


class ScanNotFound(NotFound):
    slug = "scan-not-found"
    title = "There is no such scan"

    def __init__(self, scan_id: int) -> None:
        super().__init__(f"There is no scan {scan_id}; its library may have been removed.", scan_id=scan_id)


class ScanDoesNotAllow(Conflict):
    """`extra` has the scan's `phase` and `outcome`, and `answered_by` where somebody else was first."""

    slug = "scan-does-not-allow"
    title = "The scan is not in a state for that"

    def __init__(
        self, what: str, scan_id: int, phase: ScanPhase, outcome: ScanOutcome | None, answered_by: str | None
    ) -> None:
        state = f"it ended {outcome}" if outcome else f"it is {phase}"
        by = f" (answered by {answered_by})" if answered_by else ""
        super().__init__(
            f"Scan {scan_id} cannot be {what}: {state}{by}. Look at the scan again.",
            scan_id=scan_id,
            phase=phase.value,
            outcome=outcome and outcome.value,
            answered_by=answered_by,
        )
