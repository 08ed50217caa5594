"""Names as text: made printable and comparable, and cut into the parts that a path has."""

import re
import unicodedata
from functools import lru_cache

_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]+")
_PLAIN_FORMS = str.maketrans("【】［］（）｛｝「」『』：⧸∕？＂＊｜", '[][](){}[][]://?"*|')
"""Full-width and look-alike signs that stand for the plain ones, mostly because a file system refuses those."""


def words_in(text: str) -> frozenset[str]:
    """The words of a text, which reads better than a list with quotation marks."""
    return frozenset(text.split())


VIDEO_SUFFIXES = words_in(
    """3g2 3gp 3gpp amv asf avi avs bdmv divx dv dvr-ms evo f4v flv ifo img iso
    m1v m2p m2t m2ts m2v m4v mk3d mkv mov mp2v mp4 mpe mpeg mpg mpv mts mxf nsv
    ogm ogv ogx qt rm rmvb strm swf tp trp ts vob webm wmv wtv xvid"""
)
"""Suffixes that are taken off before a name is read."""
_OTHER_SUFFIXES = words_in("""7z ass idx jpg nfo nzb rar srt ssa sub sup torrent txt vtt zip""")

_ACRONYM = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.){2,}(?:[^\W\d_](?![^\W_]))?")
_EDGE = " \t-–—_.,:;+=~|/*#&"


def clean(text: str) -> str:
    """Text that prints and compares: NFC, no zero-width or direction marks, no control characters, no lone surrogates
    (bytes that are no UTF-8 become U+FFFD)."""
    if _SURROGATE.search(text):
        text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        text = re.sub("\ufffd+", "\ufffd", text)
    text = _CONTROL.sub(" ", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", text)


_SLASH_IN_BRACKETS = re.compile(r"(?<=\d[pi])/(?=[^\[\]/]{2,8}\])")
"""`[720p/MKV]`: written text as well."""
_EAST_ASIAN_BRACKETS = re.compile(r"[\[【][^\[\]【】]*[\u2e80-\uffdc][^\[\]【】]*[\]】]")
"""`[干潮/Low Tide/引き潮]`: a title in several languages."""


def components(path: str) -> tuple[str, ...]:
    """The names on a path, root first. A slash between spaces is written text ("Original / Translated"), no separator."""
    parts = re.split(r"/(?! )|(?<! )/", _titles_apart(_SLASH_IN_BRACKETS.sub(" ", path)))
    return tuple(part.strip() for part in parts if part.strip() not in ("", ".", ".."))


def _titles_apart(path: str) -> str:
    return _EAST_ASIAN_BRACKETS.sub(lambda match: re.sub(r" ?/ ?", " / ", match.group()), path)


def split_suffix(name: str) -> tuple[str, str]:
    """("Film.2010", "mkv"); only suffixes of media and of what lies beside them are cut off."""
    stem, dot, suffix = name.rpartition(".")
    if dot and stem.strip(" .") and (suffix.lower() in VIDEO_SUFFIXES or suffix.lower() in _OTHER_SUFFIXES):
        # "Film.2010.TS" is a telesync release without a suffix; files carry it in small letters.
        return (name, "") if suffix == "TS" else (stem, suffix.lower())
    return name, ""


def plain(text: str) -> str:
    """The same text with look-alike signs made plain. Keeps the length, so positions stay valid."""
    return text.translate(_PLAIN_FORMS)


@lru_cache(maxsize=4096)  # names on a path are compared with each other some thirty times
def key(text: str) -> str:
    """For comparison: folded, accents off, letters and digits of any script only ("Le Pacte!" = "le.pacte")."""
    folded = unicodedata.normalize("NFKD", text.casefold().replace("&", "and"))
    return "".join(char for char in folded if char.isalnum())


def spaced(text: str) -> str:
    """A title as a person writes it: separators made spaces, edges and unpaired brackets off. Dots stay in `Mr. Fox`,
    `S.T.I.R` and `3.33 of Nine`."""
    text = text.replace("_", " ").strip()
    if not re.search(r"\s", text):
        text = _dots_apart(text, r"\.")
    elif re.search(r"\w\.\w+\.\w", text):
        text = _dots_apart(text, r"(?<!\d)\.(?!\s)|\.(?![\s\d])")
    for opening, closing in ("()", "[]", "{}"):
        if text.count(opening) != text.count(closing):
            text = text.replace(opening, " ").replace(closing, " ")
    text = re.sub(r"\(\s*\)|\[\s*\]|\{\s*\}", " ", text)
    return re.sub(r"\s+", " ", text).strip(_EDGE)


def _dots_apart(text: str, dots: str) -> str:
    acronyms = iter([match.group() for match in _ACRONYM.finditer(text)])
    return re.sub("\x00", lambda _: next(acronyms), re.sub(dots, " ", _ACRONYM.sub("\x00", text)))


def names_in(text: str) -> frozenset[str]:
    """The keys of names that are written down with bars between them."""
    return frozenset(key(name) for name in text.split("|"))
