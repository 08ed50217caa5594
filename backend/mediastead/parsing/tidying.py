"""What is taken out of a name before guessit sees it: advertisements, ids, and remarks that are no part of any title."""

import re

from .ids import take_ids
from .text import plain

LONGEST_NAME = 250
"""Characters that guessit gets to see; its time grows with the square of them."""

_TLD = (
    r"(?:com|net|org|info|biz|io|to|tv|me|cc|ws|se|ru|eu|in|cz|pl|es|fr|de|it|nl|nu|ag|mx|lt|am|re|do|st|is|ch|bz|la|li|ro"
    r"|pw|xyz|site|online|club|top|vip|win|work|phd|sbs|lol|wf|app|dev|one|pro|space|fun|live|life|cloud|host|link|tel|gs|gg"
    r"|ink|cam|blue)"
)
_SITE_FRONT = re.compile(
    rf"^\s*(?:[\[({{]\s*(?:ww+[.,])?[\w-]+(?:\.[\w-]+)*\.{_TLD}\s*[\])}}]\s*[-–_. ]*"
    rf"|(?:ww+[.,][\w-]+(?:[.,][\w-]+)*?|[\w-]+(?=\.[a-z]+\s+-))\.{_TLD}[\s_]*[-–:][\s_.]*"
    rf"|ww+\.[\w-]+\.{_TLD}[\s_]+|www[ ][\w-]+[ ]{_TLD}[ ]-[ ]"
    rf"|(?-i:[a-z0-9-]{{4,}}\.(?:(?:com|net|org)[._]|{_TLD}_)(?=[A-Z]))|\[?@[a-z]\w+(?:\][\s._-]*|[ ][- ]*|(?<=_)(?=[^\s_]*\.)))",
    re.IGNORECASE,
)
"""`www.site.org - `, `[ www.site.org ] - `, `[site.net] `, `Site.com - `, `site.org_`, `@channel `."""
_SITE_BACK = re.compile(
    rf"[\s._-]*(?:[\[({{]\s*(?:www\.)?[\w-]+(?:\.[\w-]+)*\.{_TLD}\s*[\])}}]|\bwww\.[\w-]+\.{_TLD})\s*$", re.IGNORECASE
)
_STARS = re.compile(r"[★☆]\d{1,2}月新番[★☆]?|[★☆](?=\[)|(?<=\])[★☆]")
_EDITION = re.compile(r"\{\s*edition[- ](?P<edition>[^{}]{1,60}?)\s*\}", re.IGNORECASE)
_REMARKS = re.compile(
    r"""[\s._-]*(?:[\[(]\s*)?\b(?:
      full[\s._-]+(?:movie|film|movies|series|video)(?:[\s._-]+(?:hd|online|free|in[\s._-]+\w+|eng(?:lish)?|\d{3,4}p))*
    | film[\s._-]+complet(?:[\s._-]+\w+)? | (?:pel[ií]cula|filme|film)[\s._-]+(?:completa|completo)
    | ganzer[\s._-]+film(?:[\s._-]+deutsch)? | cel[yý][\s._-]+film | ca[lł]y[\s._-]+film
    | (?:german|french|english|hindi|tamil|telugu|spanish|italian|russian|eng|ita)[\s._-]+
      (?:dubbed|dub|subbed|subs?|subtitles|audio)
    | (?:original[\s._-]+)?(?:uncut|unrated|extended|theatrical|complete)[\s._-]+version
    | (?:vollst[äa]ndiger[\s._-]+film)
    )\s*[\])]?\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
"""Words after a title that say how it is offered: `full movie`, `film complet`, `german dubbed`."""
_ONLINE = re.compile(
    r"\s*watch[\s._]+(?P<title>.+?)[\s._]+(?:online|free|full)(?:[\s._]+(?:online|free|hd|movie|stream\w*))*\s*",
    re.IGNORECASE,
)
"""`Watch Low Tide (1999) Online Free`."""
_LANGUAGE_TAIL = re.compile(
    r"\s*[\[(](?:english|eng|en|german|deutsch|french|fran[cç]ais|spanish|espa[nñ]ol|castellano|latino|italian|italiano"
    r"|portuguese|russian|japanese|korean|"
    r"chinese|hindi|dual[ -]audio|multi|subbed|dubbed|hd|full hd|hq|sub(?:bed)?[ ]\w+)[\])]\s*$",
    re.IGNORECASE,
)
_COMPLETE = re.compile(
    r"(?<=\w)[\s._:-]+(?:the[\s._-]+)?(?:complete|full|entire|all)[\s._-]+"
    r"(?:series|collection|saga|seasons?|box[\s._-]?set|mini-?series|pack)\b(?![\s._(:-]+\d)",
    re.IGNORECASE,
)
_VOLUME = re.compile(
    r"[\s._]*(?:-[\s._]*)?\bvol(?:ume)?\.?[\s._]*\d+(?:v\d)?(?:[\s._]*(?:&|-|,)[\s._]*(?:vol\.?[\s._]*)?\d+(?:v\d)?)*(?=\s*[\[(](?!(?:19|20)\d\d[\])])|\s*$)",
    re.IGNORECASE,
)
_YEAR_MARK = re.compile(r"(?<=(?:19|20)\d\d)[ ]?(?:г\.?|год\.?)(?![^\W_])", re.IGNORECASE)
"""`Title 2006г. BDRip`: Russian for year."""
_RIPPED = re.compile(r"(?:[-_ ][A-F]\d)?_t\d\d$")
"""`TITLE_t00`, `TITLE-B1_t00`: a disc's title, as disc rippers number it."""
_HYPHENATED = re.compile(
    r"(?=.*-(?:(?:19|20)\d\d|s\d\de\d\d|\d{1,2}x\d\d)(?:-|$))(?:[^\W_]+-){4,}[^\W_]+", re.IGNORECASE
)
"""`the-low-tide-2004-1080p`: where nothing but hyphens stands between words, they are spaces."""
_GLUED_YEAR = re.compile(
    r"(?P<title>(?=[A-Z])(?=[^\W\d_]*[a-zà-ÿ-])(?:[^\W_]|-)*(?:[^\W\d_]|[^\W\d_]\d))(?P<year>(?:19\d|20[0-3])\d)"
    r"(?=$|[ ._-]+(?:\d{3,4}[pi]|DVDRip|BDRip|BluRay|WEB)\b)"
)
"""`LowTide2005`, `Low-Tide2005.1080p`: a year at the end of a title that is written in one word."""
_VIDEO_ID = re.compile(
    r"^-(?![^\W_]*_s\d+e\d)(?=[\w-]*\d)(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*[_-]|\w*\d\w*[A-Z]\w*\d)[\w-]{11}$"
)
"""`Title-dQ3w-kFb_Zc`: the id that download programs put behind a video's name."""


def tidy(stem: str) -> tuple[str, dict[str, str], str | None]:
    """(the name as guessit shall see it, its ids, the edition that it states in braces)."""
    name, ids = take_ids(stem)
    edition = None
    if match := _EDITION.search(name):
        edition = match["edition"]
        name = f"{name[: match.start()]} {name[match.end() :]}".strip()
    name = _STARS.sub("", plain(name))
    for pattern in (_SITE_FRONT, _SITE_BACK):
        shorter = pattern.sub("", name)
        name = shorter if any(char.isalnum() for char in shorter) else name
    if match := _ONLINE.fullmatch(name):
        name = match["title"]
    for pattern in (_REMARKS, _LANGUAGE_TAIL, _REMARKS, _COMPLETE):
        shorter = pattern.sub("", name)
        name = shorter if any(char.isalnum() for char in shorter) else name
    name = _year_apart(name)
    if _HYPHENATED.fullmatch(name):
        name = name.replace("-", " ")
    name = _RIPPED.sub("", _YEAR_MARK.sub("", name))
    name = name[:-12] + _VIDEO_ID.sub("", name[-12:]) if len(name) > 13 else name
    if re.match(r"\s*\[", name):
        name = _VOLUME.sub("", name)
    return name.strip()[:LONGEST_NAME].strip(), ids, edition


def _year_apart(name: str) -> str:
    """Not behind a lone letter (`S2004`), which is a word for the number."""
    match = _GLUED_YEAR.match(name)
    return f"{match['title']} {name[match.end('title') :]}" if match and len(match["title"]) > 1 else name
