"""What remembering some answers does to those that are remembered, before it is written."""

from collections.abc import Sequence

from msgspec import Struct, structs

from ..files.queries import LockedFile
from ..matching.following import learned
from ..matching.recall import Kind, kind_of
from ..matching.renumbering import Example, Renumbering, Said
from .matches import Match
from .remembered import Remembered, ground_of
from .remembered_files import TitleSaid
from .types import Holds


class NewAnswer(Struct, kw_only=True):
    """An answer to be kept."""

    file: LockedFile
    read: TitleSaid
    item_id: int
    holds: Holds
    numbering: Renumbering | None

    def holds_for(self, match: Match, read: TitleSaid) -> bool:
        """Whether it says the same as an answer of the same request, and holds for that one's file as well."""
        file = match.verdict.file
        own = self.file.library_id, self.read.key, self.item_id
        if own != (file.library_id, read.key, match.title.item_id):
            return False
        return self.holds is Holds.LIBRARY or ground_of(self.read.folder, self.read.key).covers(read.folder)


class Changes:
    def __init__(self, live: Sequence[Remembered]) -> None:
        self.live = list(live)
        self.superseded: list[int] = []
        self.narrowed: list[int] = []
        self.known: list[int] = []
        """Answers that say the same already."""
        self.new: list[NewAnswer] = []

    def keep(
        self, match: Match, read: TitleSaid, *, numbering: Renumbering | None, example: Example | None, elsewhere: bool
    ) -> None:
        """`numbering` says how such files count, `example` what one number of the file is; not both."""
        file, item_id = match.verdict.file, match.title.item_id
        counted = numbering or _with(None, None, read, example)
        for old in list(self.live):
            if (old.library_id, old.title_hash) != (file.library_id, read.key):
                continue
            near = old.ground is None or old.ground.covers(read.folder)
            if old.item_id != item_id and near:
                self._supersede(old)
                continue
            if old.item_id != item_id:
                elsewhere = True
                if old.holds is Holds.LIBRARY and old.id not in self.narrowed:
                    self.narrowed.append(old.id)
                continue
            counted = numbering or _with(old.counted, old.folder, read, example)
            if old.covers(read.folder) and counted == old.counted:
                if old.id not in self.known:
                    self.known.append(old.id)
                return
            if near:
                self._supersede(old)
            elif example:
                elsewhere = True  # what follows from its number is for its own folder
        for new in self.new:
            if new.holds_for(match, read):
                if example and new.read.folder == read.folder:
                    new.numbering = _with(new.numbering, new.read.folder, read, example)
                return
        narrow = elsewhere or read.ambiguous or kind_of(read.key) is Kind.FILM
        holds = Holds.FOLDER if narrow else Holds.LIBRARY
        self.new.append(NewAnswer(file=file, read=read, item_id=item_id, holds=holds, numbering=counted))

    def _supersede(self, old: Remembered) -> None:
        self.superseded.append(old.id)
        self.live.remove(old)


def _with(
    known: Renumbering | None, folder: bytes | None, read: TitleSaid, example: Example | None
) -> Renumbering | None:
    """What was known of files in `folder`, and this as well. Examples hold for the files beside them only."""
    if example is None:
        return known
    base = known or Renumbering()
    if base.places_of(Said(example.season, example.number)) == (example.to,):
        return known
    before = base.examples if folder == read.folder else ()
    return structs.replace(base, examples=learned(before, [example]))
