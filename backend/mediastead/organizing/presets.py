"""The templates that can be chosen by name, after what the programs document.

Plex: https://support.plex.tv/articles/naming-and-organizing-your-movie-media-files/,
https://support.plex.tv/articles/naming-and-organizing-your-tv-show-files/,
https://support.plex.tv/articles/multiple-editions/, https://support.plex.tv/articles/local-files-for-trailers-and-extras/

Jellyfin: https://jellyfin.org/docs/general/server/media/movies/, https://jellyfin.org/docs/general/server/media/shows/,
https://jellyfin.org/docs/general/server/metadata/identifiers (a version's file begins with the name of its folder)

Kodi: https://kodi.wiki/view/Naming_video_files/Movies, https://kodi.wiki/view/Naming_video_files/TV_shows,
https://kodi.wiki/view/Naming_video_files/Episodes
"""

from msgspec import Struct


class Preset(Struct, frozen=True):
    template: str
    extras: str
    """The folder, beneath the title's, for extras of which neither the folder nor the name says the kind."""


def _by_type(film: str, episode: str) -> str:
    return f"{{% if type == 'series' %}}{episode}{{% else %}}{film}{{% endif %}}"


PRESETS = {
    "plex": Preset(
        _by_type(
            "{{ title }} ({{ year }}) {tmdb-{{ tmdb }}}/"
            "{{ title }} ({{ year }}) {tmdb-{{ tmdb }}} {edition-{{ edition }}}{% if part %} - pt{{ part }}{% endif %}",
            "{{ title }} ({{ year }}) {tmdb-{{ tmdb }}}/Season {{ season|pad }}/"
            "{{ title }} ({{ year }}) - {{ code|lower }} - {{ episode_title }}{% if part %} - pt{{ part }}{% endif %}",
        ),
        "Other",
    ),
    "jellyfin": Preset(
        _by_type(
            "{{ title }} ({{ year }}) [tmdbid-{{ tmdb }}]/{{ title }} ({{ year }}) [tmdbid-{{ tmdb }}]"
            "{% if edition %} - {{ edition }}{% endif %}{% if part %}-part{{ part }}{% endif %}",
            "{{ title }} ({{ year }}) [tmdbid-{{ tmdb }}]/Season {{ season|pad }}/"
            "{{ title }} ({{ year }}) {{ code }} {{ episode_title }}{% if part %} Part {{ part }}{% endif %}",
        ),
        "extras",
    ),
    "kodi": Preset(
        _by_type(
            "{{ title }} ({{ year }})/{{ title }} ({{ year }})"
            "{% if edition %} - {{ edition }}{% endif %}{% if part %}-part{{ part }}{% endif %}",
            "{{ title }} ({{ year }})/Season {{ season|pad }}/"
            "{{ title }} ({{ year }}) {{ code|replace('-E', 'E') }} {{ episode_title }}"
            "{% if part %}-part{{ part }}{% endif %}",
        ),
        "Extras",
    ),
}
DEFAULT = "plex"


def preset_of(naming: str | None) -> Preset:
    """What a library's setting means: a preset by its name, or a template of its own."""
    return PRESETS.get(naming or DEFAULT) or Preset(naming or "", "Extras")
