"""Where the template, with what it leaves open, wants each file. Pure."""

from msgspec import Struct

from ..catalog.types import ItemType
from ..db.text import shown
from ..files.paths import is_beneath, joined
from ..files.types import Role
from ..parsing.folders import season_of
from ..parsing.roles import is_for_extras, role_of
from ..scanning.rules import is_disc_folder
from .moves import Seen
from .naming import EpisodeFacts, Facts, Naming, Unnamed
from .presets import Preset
from .sidecars import stem_of

LEAST_RESERVE = 8
"""Bytes for a suffix, also where nothing goes along: what comes to lie beside a file later must fit too."""


class Subject(Struct, frozen=True, kw_only=True):
    """A media file that is there and matched."""

    id: int
    version: int
    path: bytes
    """Relative to the root."""
    look: Seen
    role: Role
    facts: Facts

    @property
    def folder(self) -> bytes:
        return self.path.rpartition(b"/")[0]

    @property
    def name(self) -> bytes:
        return self.path.rpartition(b"/")[2]


class Place(Struct, frozen=True):
    """Where a file belongs: the folder, and the new stem, behind which the rest of its name is put."""

    folder: bytes
    stem: bytes

    @property
    def path(self) -> bytes:
        return joined(self.folder, self.stem)


class Places:
    """By one preset or template."""

    def __init__(self, preset: Preset) -> None:
        self._preset = preset
        self._naming = Naming(preset.template)

    def of(self, subject: Subject, reserve: int = LEAST_RESERVE) -> Place | None:
        """None where the file stays where it is: an extra of a title for which the template makes no folder.

        Raises `Unnamed`.
        """
        if subject.role is Role.EXTRA:
            return self._of_extra(subject)
        if subject.facts.type is ItemType.SERIES and not subject.facts.episodes:
            raise Unnamed("It is not known which episode the file holds.")
        path = self._naming.stem(subject.facts, reserve).encode()
        folder, _, stem = path.rpartition(b"/")
        if not is_disc_folder(subject.name):
            return Place(folder, stem)
        facts = subject.facts
        alone = facts.type is ItemType.MOVIE and facts.part is None and facts.edition is None and folder
        return Place(folder if alone else path, subject.name)

    def of_title(self, facts: Facts) -> bytes | None:
        folder = self._naming.title_folder(facts)
        return folder.encode() if folder is not None else None

    def _of_extra(self, subject: Subject) -> Place | None:
        """An extra keeps its name, and the folder that says of what kind it is."""
        title = self.of_title(subject.facts)
        if title is None:
            return None
        parts = [shown(part) for part in subject.folder.split(b"/")]
        kind = subject.folder.rpartition(b"/")[2]
        stem = stem_of(subject.name)
        if is_for_extras(parts[-1]):
            return Place(joined(self._season(subject, title, parts[-2] if len(parts) > 1 else ""), kind), stem)
        season = self._season(subject, title, parts[-1])
        if role_of(shown(stem), ()) is not None:
            return Place(season, stem)
        return Place(joined(season, self._preset.extras.encode()), stem)

    def _season(self, subject: Subject, title: bytes, folder: str) -> bytes:
        """The folder of the season, where the file lies in one now, else that of the title."""
        number = season_of(folder) if subject.facts.type is ItemType.SERIES else None
        if number is None:
            return title
        one = EpisodeFacts(number, 1)
        path = self._naming.stem(_with_episode(subject.facts, one)).encode().rpartition(b"/")[0]
        return path if is_beneath(path, title) else title


def _with_episode(facts: Facts, episode: EpisodeFacts) -> Facts:
    return Facts(type=facts.type, title=facts.title, year=facts.year, episodes=(episode,), tmdb=facts.tmdb)
