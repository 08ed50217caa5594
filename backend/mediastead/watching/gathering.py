"""Changes come in floods: they are gathered until there is quiet, and looked at together."""

from ..scanning.scope import Scope, ScopeFolder

QUIET_SECONDS = 2.0
"""Without a change, before what changed is looked at: a folder that is being unpacked or copied is looked at once."""
LONGEST_SECONDS = 15.0
"""From the first change on, however long the flood."""


class Gathered:
    """Folders in which something changed. Times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._folders: set[ScopeFolder] = set()
        self._first = self._last = 0.0

    def add(self, folder: ScopeFolder, now: float) -> None:
        if not self._folders:
            self._first = now
        self._last = now
        self._folders.add(folder)

    def is_due(self, now: float) -> bool:
        """Whether there was quiet for long enough, or no quiet for too long."""
        if not self._folders:
            return False
        return now - self._last >= QUIET_SECONDS or now - self._first >= LONGEST_SECONDS

    def take(self) -> Scope:
        """What was gathered; then there is nothing."""
        scope = Scope(self._folders)
        self._folders = set()
        return scope

    def put_back(self, scope: Scope, now: float) -> None:
        """What could not be looked at yet; it is due again after quiet."""
        for folder in scope.folders:
            self.add(folder, now)
