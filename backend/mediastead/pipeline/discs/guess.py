"""What a disc is taken for, as it is kept with it."""

from msgspec import Struct

from ...catalog.types import ItemType


class Candidate(Struct, frozen=True, kw_only=True):
    """A film or series that it may be."""

    type: ItemType
    tmdb_id: int
    title: str
    year: int | None = None
    probability: float
    """0 to 1."""
    evidence: tuple[str, ...] = ()
    """In words."""


class Subject(Struct, frozen=True, kw_only=True):
    """What the item is to which the disc belongs, as far as titles are assigned and named by it."""

    type: ItemType
    title: str
    year: int | None = None
    season: int | None = None
    media_item_id: int | None = None
    edition: str = ""
    naming: str | None = None
    """Template or preset of the library where it goes; None is the usual one."""
    discs: int | None = None
    """How many discs the season has, where that is known."""
    earlier: tuple[int, ...] = ()
    """Discs of this season that are in the library already, as parts of items that have ended."""
    disc: int | None = None
    """The number of the disc whose guess holds this: extras of all discs and seasons lie in one folder."""


class Guess(Struct, frozen=True, kw_only=True, omit_defaults=True):
    type: ItemType | None = None
    """What its titles look like: one long one, or several alike."""
    title: str | None = None
    """As the label or the folder says it."""
    year: int | None = None
    season: int | None = None
    number: int | None = None
    """Of the disc within its season or film."""
    candidates: tuple[Candidate, ...] = ()
    """Best first."""
    sure: bool = False
    """The first is at least as probable as files are matched at without asking."""
    words: str = ""
    """In words, how it was come to."""
    subject: Subject | None = None
    """Of the item that it belongs to."""
    why: dict[str, str] = {}
    """By the number of a title: why it is taken for what it is."""
    guessed: bool = False
    """The label was looked into; False where only the subject is known so far."""
