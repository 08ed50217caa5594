"""What `lsdvd -x -Ox` says of a DVD.

Of its XML only the titles are taken. The lines before them hold the path and the name of the volume as they are, so that a `&` in
one of them makes the whole no XML; and `lsdvd` ends the name at its first space. The volume's name is read in `image.py`.
"""

import re
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from .facts import MOST_CHAPTERS, MOST_TITLES, MOST_TRACKS, Audio, Subtitle, TitleFacts, Video
from .languages import language

_TRACKS = re.compile(rb"<track>.*</track>", re.DOTALL)


class NotUnderstood(Exception):
    """The tool said something else than it is known to say."""


def titles_of(output: bytes) -> tuple[TitleFacts, ...]:
    """Raises `NotUnderstood`; nothing where the disc has no titles."""
    tracks = _TRACKS.search(output)
    if tracks is None:
        if b"<lsdvd>" in output:
            return ()
        raise NotUnderstood("lsdvd")
    # What is no character of XML comes from broken IFO files, as a letter of a language.
    cleaned = re.sub(rb"[^\t\n\r\x20-\x7e]", b"?", tracks[0])
    try:
        root = fromstring(b"<disc>" + cleaned + b"</disc>")
    except ParseError:
        raise NotUnderstood("lsdvd") from None
    return tuple(_title(track) for track in root.findall("track")[:MOST_TITLES])


def _title(track: Element) -> TitleFacts:
    titleset = int(_number(track, "vts") or 0)
    return TitleFacts(
        number=int(_number(track, "ix") or 0),
        duration=_number(track, "length") or 0.0,
        chapters=tuple(_number(each, "length") or 0.0 for each in track.findall("chapter")[:MOST_CHAPTERS]),
        video=Video(
            codec="mpeg2",
            width=int(_number(track, "width") or 0) or None,
            height=int(_number(track, "height") or 0) or None,
            fps=_number(track, "fps"),
        ),
        audio=tuple(_audio(each) for each in track.findall("audio")[:MOST_TRACKS]),
        subtitles=tuple(
            Subtitle(
                language=language(each.findtext("langcode")),
                codec="vobsub",
                forced="forced" in (each.findtext("content") or "").lower(),
            )
            for each in track.findall("subp")[:MOST_TRACKS]
        ),
        angles=int(_number(track, "angles") or 1),
        source=f"VTS_{titleset:02}" if titleset else None,
    )


def _audio(said: Element) -> Audio:
    return Audio(
        language=language(said.findtext("langcode")),
        codec=said.findtext("format"),
        channels=int(_number(said, "channels") or 0) or None,
        commentary=(said.findtext("content") or "").lower().startswith("comments"),
    )


def _number(element: Element, name: str) -> float | None:
    try:
        return float(element.findtext(name) or "")
    except ValueError:
        return None
