"""What a scan counts and names while it runs, as its record shows it."""

from collections import Counter
from collections.abc import Iterable

from ..db.text import shown
from .found import Gap, Hidden, Listing

NAMED = 1000
"""Gaps and hidden trees that a record names; beyond that it only counts."""

COUNTS = (
    "folders",
    "files",
    "others",
    "new",
    "changed",
    "moved",
    "back",
    "missing",
    "unsettled",
    "hidden",
    "gaps",
    "would_miss",
)


class Tally:
    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._named_gaps: list[dict[str, str]] = []
        self._named_hidden: list[dict[str, str]] = []
        self._gap_paths: set[bytes] = set()

    def add(self, **counts: int) -> None:
        self._counts.update(counts)

    def listed(self, listing: Listing) -> None:
        self.add(folders=1, files=len(listing.files), others=listing.others)
        self.gaps(listing.gaps)
        self._hide(listing.hidden)

    def gaps(self, gaps: Iterable[Gap]) -> None:
        for gap in gaps:
            if gap.path in self._gap_paths:
                continue
            self._gap_paths.add(gap.path)
            if len(self._named_gaps) < NAMED:
                self._named_gaps.append({"path": shown(gap.path), "reason": gap.reason})

    def covers(self, path: bytes) -> bool:
        """Whether a gap is at `path` or above it."""
        if not self._gap_paths:
            return False
        parts = path.split(b"/")
        return any(b"/".join(parts[:depth]) in self._gap_paths for depth in range(len(parts) + 1))

    @property
    def has_gaps(self) -> bool:
        return bool(self._gap_paths)

    def as_columns(self) -> dict[str, object]:
        """`counts`, `gaps` and `hidden` of the scan's row."""
        counts = {name: self._counts[name] for name in COUNTS} | {"gaps": len(self._gap_paths)}
        return {"counts": counts, "gaps": list(self._named_gaps), "hidden": list(self._named_hidden)}

    def _hide(self, hidden: Iterable[Hidden]) -> None:
        for one in hidden:
            self.add(hidden=1)
            if len(self._named_hidden) < NAMED:
                self._named_hidden.append({"path": shown(one.path), "rule": one.rule})
