"""Where people put files, and what they call them."""

from .disk import FILMS, LIBRARIES, Place

FOLDERS = (b"", b"new/", b"b/c/", b"disk/", b"disk/d/")
NAMES = (
    b"The Matrix (1999).mkv",
    b"Fight Club (1999).mkv",
    b"Alien (1979).mkv",
    b"Gladiator (2000).mkv",
    b"Inception.2010.1080p.mkv",
    b"Pulp Fiction (1994).mkv",
    b"Forrest Gump (1994).mkv",
    b"Titanic (1997).mkv",
    b"qwertz.mkv",
    b"clip 7.mkv",
    b"Breaking Bad S01E02.mkv",
    b"Alien (1979)-trailer.mkv",
)
PLACES: list[Place] = [
    (library, folder + name)
    for library in LIBRARIES
    for folder in FOLDERS
    for name in NAMES
    if library == FILMS or not folder.startswith(b"disk/")
]
TOPS = (b"x", b"y", b"new", b"b")
"""Names that folders are given."""
TITLES = (603, 550, 348, 98, 27205)
"""TMDB ids of some of the films."""
