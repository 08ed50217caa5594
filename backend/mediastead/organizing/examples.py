"""What a template makes of titles that everybody knows: shown before it is used, and a test that it tells files apart."""

from msgspec import Struct, structs

from ..catalog.types import ItemType
from ..libraries.models import LibraryKind
from .errors import InvalidTemplate
from .naming import EpisodeFacts, Facts, Naming, Unnamed
from .presets import preset_of

_FILM = Facts(
    type=ItemType.MOVIE,
    title="Blade Runner",
    original_title="Blade Runner",
    year=1982,
    tmdb=78,
    imdb="tt0083658",
    resolution="1080p",
)
_OTHER_FILM = Facts(
    type=ItemType.MOVIE, title="Mission: Impossible", year=1996, tmdb=954, imdb="tt0117060", resolution="1080p"
)
_CUT = structs.replace(_FILM, edition="The Final Cut", resolution="2160p", hdr="HDR10")
# Of what was not read yet, as this and the special, nobody knows a resolution: a template must do without.
_HALF = Facts(type=ItemType.MOVIE, title="Gone with the Wind", year=1939, tmdb=770, imdb="tt0031381", part=2)


def _episodes(*numbers: tuple[int, int, str]) -> Facts:
    episodes = tuple(EpisodeFacts(*each) for each in numbers)
    office = Facts(type=ItemType.SERIES, title="The Office", year=2005, tmdb=2316, imdb="tt0386676")
    return structs.replace(office, episodes=episodes, resolution="1080p")


_EPISODE = _episodes((1, 2, "Diversity Day"))
_OTHER_EPISODE = _episodes((1, 3, "Health Care"))
_OTHER_SEASON = _episodes((2, 2, "Sexual Harassment"))
_DOUBLE = _episodes((6, 4, "Niagara (1)"), (6, 5, "Niagara (2)"))
_SPECIAL = structs.replace(_episodes((0, 1, "The Accountants (1)")), resolution=None)


class Example(Struct, frozen=True):
    """What a file holds, in words, and where it would lie, relative to the library's root."""

    what: str
    path: str


_SHOWN = {
    ItemType.MOVIE: (("a film", _FILM), ("an edition of it", _CUT), ("a part of a film", _HALF)),
    ItemType.SERIES: (("an episode", _EPISODE), ("two in one file", _DOUBLE), ("a special", _SPECIAL)),
}
_MUST_DIFFER = {
    ItemType.MOVIE: (("two films", _FILM, _OTHER_FILM, "{{ title }}"),),
    ItemType.SERIES: (
        ("two episodes of a series", _EPISODE, _OTHER_EPISODE, "{{ code }}"),
        ("episodes of two seasons", _EPISODE, _OTHER_SEASON, "{{ code }}"),
    ),
}
_TYPES = {
    LibraryKind.MOVIES: (ItemType.MOVIE,),
    LibraryKind.SERIES: (ItemType.SERIES,),
    LibraryKind.MIXED: (ItemType.MOVIE, ItemType.SERIES),
}


def examples_of(naming: str | None, kind: LibraryKind) -> list[Example]:
    """Raises `InvalidTemplate` also where the template gives two files of such a library one name."""
    template = Naming(preset_of(naming).template)
    shown: list[Example] = []
    for item_type in _TYPES[kind]:
        for what, one, other, missing in _MUST_DIFFER[item_type]:
            if _stem(template, one, what).casefold() == _stem(template, other, what).casefold():
                raise InvalidTemplate(
                    f"The template would call {what} the same, {_stem(template, one, what)}: write {missing} in it."
                )
        shown += [Example(what, _stem(template, facts, what) + ".mkv") for what, facts in _SHOWN[item_type]]
    return shown


def _stem(template: Naming, facts: Facts, what: str) -> str:
    try:
        return template.stem(facts)
    except Unnamed as error:
        raise InvalidTemplate(f"For {what}: {error}") from None
