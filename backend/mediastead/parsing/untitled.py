"""Names that a machine gave: they number or date a file and name no title."""

import re
from itertools import pairwise

_UNTITLED = re.compile(
    r"""
    (?: (?:mvi|img|dscf?|dscn|pict?|mov|vid|video|pxl|wp|cimg|sam|sany|hpim|imgp|kic|dji|gopr|gp|gh|gx|g[hxp]\d{2}|fhd|clip
        |dscv|mah|mvc|mol|pano|trim) [ _-]? \d{3,} (?:[ _.-]?\w{0,8})*   # IMG_1234, GOPR0123, VID_20200101_120000, DJI_0001
    | (?:screen[ _-]?(?:recording|cast|capture|record)|bildschirm(?:aufnahme|video)|whatsapp[ ]video|bandicam|obs|zoom|gmt
        |recording|capture|snapchat|enregistrement|aufnahme|grabación)
        [ _-]?[\d ,.:_-]*(?:at|um|à)?[\d ,.:_hms-]*(?:wa\d+)?           # Screen Recording 2021-03-07 at 08.15.30
    | \d{6}[ _-]\d{1,6}                                                # 160725_02
    | [A-Za-z0-9]{6,10}(?:-[A-Za-z]{0,3}[0-9a-f]{4,10}){2,}             # XD61f08e-BRa20447-0c9d31
    | \d{5,} | 0\d{3}                                                   # 00001 (AVCHD, Blu-ray); 1917 is a film
    | (?:19|20)\d{6}[ _-]?\d{4,6}(?:[ _-]?\w{1,6})?                     # 20200101_120000
    | (?:19|20)\d\d-\d\d-\d\d[ _T-]+\d\d[-.:h ]?\d\d(?:[-.:m ]?\d\d)?   # 2020-01-01 12.00.00
    | (?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{12,}                    # digests
    | [0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}  # UUIDs
    | abc\.xyz\.[0-9a-f]+                                               # obfuscated Usenet posts
    | title_?t?\d{2,3} | [a-z]\d_t\d{2,3} | titel_?t?\d+                # title_t00, B1_t01 (disc rippers)
    | vts_\d\d_\d | video_ts | index | movieobject | bdmv
    | (?:untitled|unbenannt|sans[ ]titre|sin[ ]t[íi]tulo|senza[ ]titolo|new[ ]project|neues?[ ]projekt|noname|no[ ]name|unnamed
        |export|exported|output|rendered?|sequence|timeline|temp|tmp|file|video|movie|film|clip|media|main|feature|fullmovie
        |full[ ]movie|download|videoplayback|stream|track|title|titel|disc|disk|dvd|cd|chapter|1080p|720p|480p|2160p|hd)
        [ ._-]*(?:\(?\d+\)?)?(?:[ ._-]?(?:v\d|copy|final|kopie))?        # Untitled-3, video31, movie
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)

_RANDOM = re.compile(r"(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9]{16,}")
"""A long run of small and capital letters with digits, such as obfuscated posts have. Names that people write have separators."""


_REVERSED = re.compile(r"(?<![^\W_])(?:p(?:0801|027|0612|084)|LD-?BEW|PIRBEW|[45]62[ .]?[xhXH]|yaRulB)(?![^\W_])")
"""Technical words written backwards: the whole name is, to hide from searches."""


def is_untitled(stem: str) -> bool:
    """Whether a machine named it: `MVI_4711`, `title_t00`, `3e91c07ab25d48f6`, `Untitled-3`, `movie`."""
    stem = stem.strip(" ._-")
    if not any(char.isalnum() and char != "\ufffd" for char in stem):
        return True
    if _REVERSED.search(stem):
        return True
    return _UNTITLED.fullmatch(stem) is not None or (_RANDOM.fullmatch(stem) is not None and _looks_random(stem))


def _looks_random(stem: str) -> bool:
    """Random text jumps between letters and digits all the time; `TheFastAndTheFurious2001` does so once."""
    jumps = sum(1 for left, right in pairwise(stem) if left.isdigit() != right.isdigit())
    return jumps >= 4
