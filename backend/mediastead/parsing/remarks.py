"""What is left at the ends of a title when guessit's findings are cut off: remarks of releases, each a class of names."""

import re

_GENRE = (
    r"(?:action|adventure|animation|biography|comedy|crime|documentary|drama|family|fantasy|history|horror|musical|mystery|romance"
    r"|sci-?fi|thriller|war|western)"
)
SPECIAL = re.compile(
    r"(?<=\w)[\s._]+(?:-[\s._]+)?(?:(?:SP|EX|OP|ED|OVA|OAD)[ _]?\d{1,2}(?:\.\d)?[a-c]?|PV[ _]?\d?)[\s._]*$"
)
"""`[Group] Title - SP01 [1080p]`, `[Group]_Title_ED2_(DVD)`: specials and endings, which have no number of the series."""
_BEHIND = (
    # "Title - Drama 2011": collections put the genre before a year without brackets
    re.compile(rf"[\s_]+[-–][\s_]+{_GENRE}(?:,[\s_]*{_GENRE})*[\s_]*$(?!\()", re.IGNORECASE),
    # "Title - International Cut", "Title - Version Longue"
    re.compile(
        r"[\s_]+[-–][\s_]+(?:(?:\w+[\s_]+){1,2}(?:cut|edition)|version[\s_]+\w+|\w+[\s_]+version)[\s_]*$", re.IGNORECASE
    ),
    # "[Group] Title Complete Version (720p)"
    re.compile(
        r"[\s._]+(?:original[\s._]+)?(?:uncut|unrated|extended|theatrical|complete)[\s._]+version[\s._]*$",
        re.IGNORECASE,
    ),
    # "Title - (Some Director) - 1948"
    re.compile(r"[\s_]+[-–][\s_]+\([^()]+\)[\s_-]*$"),
    # "Title Audio Latino DVDRip"
    re.compile(r"[\s._]+audio[\s._]+(?:latino|castellano|español|espanol|dublado|ita|eng)[\s._]*$", re.IGNORECASE),
    # "Title.INTEGRALE.MULTI", "Title.vol127.1080p"
    re.compile(r"[\s._]+(?:INTEGRALE?|vol\d{1,3})[\s._]*$", re.IGNORECASE),
    # "Title - 101 (01) - 20021107": a production's number before the day
    re.compile(r"[\s_]+[-–][\s_]+\d{1,3}[\s_]+\(\d{1,3}\)[\s_-]*$"),
    # "Title.MULTi.VF2.2010": languages as French releases write them
    re.compile(r"(?:[\s._]+(?:MULTI|VF[2FQI]?|VOF|VOSTFR|TRUEFRENCH|SUBFRENCH))+[\s._]*$"),
    re.compile(r"[\s._]+MULTi(?:[\s._]+VF[2FQI]?)?[\s._]*$"),
    # "Title.CUSTOM.2022": what a release was made of
    re.compile(r"[\s._]+(?:CUSTOM|HYBRID)[\s._]*$"),
    # "Title _ Some Channel": how file systems keep the bar of a video's page
    re.compile(r"(?<=\w)[ ]_[ ][^_]+$"),
    SPECIAL,
    # "Episode 5 Title (Saison 2)"
    re.compile(r"[\s._]*[\[(](?:season|saison|staffel|temporada|stagione)[\s._]\d{1,2}[\])][\s._]*$", re.IGNORECASE),
    # "Title -x01-Some Bonus": a bonus of a film
    re.compile(r"-x$"),
)
_OTHER_TITLE = re.compile(r"(?<=\w)[\s._]*\((?P<other>[^()\d]*[^\W\d_]{2}[^()\d]*)\)[\s._-]*$")
_FRONT = re.compile(
    r"(?:BBC|ITV|PBS|NHK|Discovery[ ._]Channel|History[ ._]Channel|National[ ._]Geographic)\.(?=[A-Z]\w*(?:\.\w+){2})"
)

_LANGUAGE_FRONT = re.compile(r"(?:fr|eng|ger|ita|esp|vf|vo|vostfr)[ _]+-[ _]+(?=\w)", re.IGNORECASE)
"""`Fr - Title`, in collections of several languages; `It - Chapter Two` begins with a title."""

_LISTED = re.compile(
    r"(?:#\d{1,3}[\s._]+(?:-[\s._]+)?|\[\d{1,2}\][\s._-]*|\d{1,2}(?:\.[\s_]+|\)[\s_]*|[\s_]+-[\s_]+))(?=\w)"
)
"""`01 - Title (2010)`, `1. Title (2010)`, `03) Title (2010)`, `#4 Title (2010)`: a film's place in a list, where its year stands
behind it in brackets."""
_BRACKETED_YEAR = re.compile(r"[\s._-]*[\[(](?:19|20)\d\d[\])]")
_COUNTED = re.compile(r"(?:0\d{1,2}(?:[\s._]+(?:-[\s._]+)?|-)|\d{1,3}(?:\.[\s_]|\)|[\s_]+-)[\s_]*)(?=[^\W\d_]|\d\d)")
"""`03 Title 2010`, `03.Title.2010.1080p`, `12. Title 2010`: likewise; without brackets only where no title is written so."""
PADDED_FRONT = re.compile(r"0\d\d[\s._]+(?:[-–][\s._]+)?(?=[^\W\d_])")
"""`017 - Title`, `017 Title`: three digits with a zero in front of everything are a place in a long list; guessit makes season
0 of them."""
_YEAR = re.compile(r"[\s._-]*[\[(]?(?:19|20)\d\d(?!\d)")
_STEREO = re.compile(r"[\s._]+3D[\s._]*$")
"""`Title 3D (2010) HOU`: how it is stored, where the form is named behind the year and `3D` not again; else it is the title's."""
_STEREO_FORM = re.compile(r"\W*(?:19|20)\d\d\b(?!.*3D).*\b(?:H?-?SBS|F-?SBS|H?-?OU|H?-?TAB|Half)\b", re.IGNORECASE)

_BRACKETED_TITLE = re.compile(r"[\s._]*\[(?P<title>[^\[\]]*[^\W\d_]{2}[^\[\]]*)\](?=\[)")
"""`[Group][Title][Movie][BDRip]`: names that are a list of brackets."""


_COLLECTION = re.compile(r"[^\W\d_][^-–]*[ ][-–][ ]\d{1,2}[ ][-–][ ](?=\w)(?=[^\[(]+[\[(](?:19|20)\d\d[\])])")


def in_collection(stem: str) -> bool:
    """`Harbour Films - 05 - Low Tide (2001)`: the collection, the film's place in it, its title; among films only, since an
    episode may be written so."""
    return _COLLECTION.match(stem) is not None


def without_remarks(stem: str, begin: int, end: int, *, listed: bool = False) -> tuple[int, int]:
    """Where the title begins and ends when what broadcasters and releases write beside it is taken off."""
    for pattern in _BEHIND:
        if (match := pattern.search(stem[begin:end])) and match.start() > 0:
            end = begin + match.start()
    if (match := _OTHER_TITLE.search(stem[begin:end])) and match.start() > 0 and _release_follows(stem[end:]):
        end = begin + match.start()
    if (match := _FRONT.match(stem[begin:end])) and re.match(r"\d{3,4}[pi]", stem[end:]):
        begin += match.end()
    begin = _behind_its_place(stem, begin, end, listed)
    if (match := _STEREO.search(stem, begin, end)) and match.start() > begin and _STEREO_FORM.match(stem[end:]):
        end = match.start()
    if match := _BRACKETED_TITLE.match(stem, begin, end):
        begin, end = match.span("title")
    if match := _LANGUAGE_FRONT.match(stem[begin:end]):
        begin += match.end()
    return begin, end


def _behind_its_place(stem: str, begin: int, end: int, listed: bool) -> int:
    """Where the title begins behind its place in a list, else `begin`."""
    if listed and (match := _COLLECTION.match(stem)) and begin < match.end() < end:
        return match.end()
    if (match := _LISTED.match(stem)) and begin < match.end() < end and (listed or _BRACKETED_YEAR.match(stem, end)):
        return match.end()
    counted = listed or _YEAR.match(stem, end) or PADDED_FRONT.match(stem)
    match = _COUNTED.match(stem)
    return match.end() if match and counted and begin < match.end() < end else begin


def _release_follows(rest: str) -> bool:
    """Whether a release goes on after the title (`Titre (Title) 2011 DVDRip`); the bracketed year of a sorted library, or an
    episode, does not tell what the brackets before it are."""
    return re.match(r"[\s._-]*[^\W_]", rest) is not None and not re.match(r"[\s._-]*[Ss#]?\d{1,3}(?![\dpi])", rest)
