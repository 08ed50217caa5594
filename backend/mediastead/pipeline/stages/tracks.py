"""Which tracks of a file are kept, and which of them are the default ones. Pure."""

from collections.abc import Sequence

from msgspec import Struct, structs

from .languages import language
from .measuring import Track
from .presets import TrackRules


class Kept(Struct, frozen=True, kw_only=True):
    """The tracks that stay, each with its flags as they are to be, in their order."""

    tracks: list[Track]
    words: list[str]
    """What was left out or could not be done as the rules say."""


def kept_tracks(tracks: Sequence[Track], rules: TrackRules, original: str | None = None) -> Kept:
    """All pictures, and sound and subtitles by the rules. `original`: the language that it was made in."""
    words: list[str] = []
    wanted = _languages(rules.audio, original)
    audio = _sound([track for track in tracks if track.kind == "audio"], rules, wanted, words)
    spoken = {track.language for track in audio}
    subtitles = [
        track
        for track in tracks
        if track.kind == "subtitle" and _subtitle_stays(track, rules, _languages(rules.subtitles, original), wanted)
    ]
    default_audio = _default_audio(audio, wanted)
    if default_audio is not None:
        audio = [structs.replace(track, default=track is default_audio) for track in audio]
        subtitles = _default_subtitle(subtitles, default_audio.language)
    left_out = len(tracks) - len(audio) - len(subtitles) - sum(track.kind in ("video", "other") for track in tracks)
    if left_out:
        words.append(f"{left_out} tracks were left out; kept languages: {', '.join(sorted(map(str, spoken)))}")
    stay = {track.index: track for track in (*audio, *subtitles)}
    kept = [stay.get(track.index, track) for track in tracks if track.kind == "video" or track.index in stay]
    return Kept(tracks=kept, words=words)


def _sound(audio: list[Track], rules: TrackRules, wanted: list[str], words: list[str]) -> list[Track]:
    def stays(track: Track) -> bool:
        if track.commentary and not rules.commentary:
            return False
        if not wanted:
            return True
        return rules.undetermined if track.language is None else track.language in wanted

    kept = [track for track in audio if stays(track)]
    if audio and not any(not track.commentary for track in kept):
        # A film without its sound is worse than one in a language that nobody asked for.
        kept = [track for track in audio if track in kept or not track.commentary] or audio
        words.append(f"no sound in {', '.join(wanted) or 'these languages'}: all of it was kept")
    return kept


def _subtitle_stays(track: Track, rules: TrackRules, wanted: list[str], audio: list[str]) -> bool:
    if track.commentary and not rules.commentary:
        return False
    if not wanted:
        return True
    if track.language is None:
        return rules.undetermined
    return track.language in wanted or (track.forced and track.language in audio)


def _default_audio(audio: list[Track], wanted: list[str]) -> Track | None:
    """None: as it is."""
    films = [track for track in audio if not track.commentary]
    if not films:
        return None
    for one in wanted:
        of_it = [track for track in films if track.language == one]
        if of_it:
            return next((track for track in of_it if track.default), of_it[0])
    if wanted or any(track.default for track in audio if track.commentary):
        return next((track for track in films if track.default), films[0])
    return None


def _default_subtitle(subtitles: list[Track], spoken: str | None) -> list[Track]:
    """The forced ones in the language that is spoken: they translate what it does not cover. No other is shown unasked."""
    shown = next(
        (track for track in subtitles if track.forced and track.language == spoken and not track.commentary), None
    )
    return [structs.replace(track, default=track is shown) for track in subtitles]


def _languages(rules: Sequence[str], original: str | None) -> list[str]:
    named = [original if rule == "original" else rule for rule in rules]
    found = [language(name) for name in named]
    return list(dict.fromkeys(name for name in found if name is not None))
