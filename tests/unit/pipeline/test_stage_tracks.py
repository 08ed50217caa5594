"""Which tracks stay, and which are shown and heard by default."""

import pytest

from mediastead.pipeline.stages.languages import language, long_code
from mediastead.pipeline.stages.measuring import Track, TrackKind
from mediastead.pipeline.stages.presets import TrackRules
from mediastead.pipeline.stages.tracks import kept_tracks


def tracks(*said: str) -> list[Track]:
    """`aud de default`, `sub en forced`, `vid`."""
    kinds: dict[str, TrackKind] = {"vid": "video", "aud": "audio", "sub": "subtitle"}
    made: list[Track] = []
    for index, words in enumerate(said):
        kind, *rest = words.split()
        spoken = next((word for word in rest if word not in ("-", "default", "forced", "commentary")), None)
        made.append(
            Track(
                index=index,
                kind=kinds[kind],
                language=spoken,
                default="default" in rest,
                forced="forced" in rest,
                commentary="commentary" in rest,
            )
        )
    return made


def kept(rules: TrackRules, *said: str, original: str | None = None) -> list[str]:
    names = {"video": "vid", "audio": "aud", "subtitle": "sub"}
    flags = ("default", "forced", "commentary")
    return [
        " ".join(
            [names[track.kind], *filter(None, [track.language]), *(flag for flag in flags if getattr(track, flag))]
        )
        for track in kept_tracks(tracks(*said), rules, original).tracks
    ]


def test_without_rules_everything_stays_as_it_is() -> None:
    said = ["vid", "aud en default", "aud de", "sub en", "sub de forced default"]
    assert sorted(kept(TrackRules(), *said)) == sorted([*said[:4], "sub de default forced"])


def test_the_first_language_that_there_is_becomes_the_default() -> None:
    rules = TrackRules(audio=["fr", "de", "en"], subtitles=["en"])
    assert kept(rules, "vid", "aud en default", "aud de", "aud ja", "sub en", "sub ja") == [
        "vid",
        "aud en",
        "aud de default",
        "sub en",
    ]


def test_the_original_language_is_the_one_that_it_was_made_in() -> None:
    rules = TrackRules(audio=["original", "de"])
    said = ("vid", "aud de default", "aud ja", "aud en")
    assert kept(rules, *said, original="jpn") == ["vid", "aud de", "aud ja default"]
    assert kept(rules, *said) == ["vid", "aud de default"]


def test_forced_subtitles_of_a_spoken_language_stay_and_are_shown_and_no_others() -> None:
    rules = TrackRules(audio=["de", "en"], subtitles=["en"])
    said = ("vid", "aud de", "aud en", "sub en default", "sub en forced", "sub de", "sub de forced")
    assert kept(rules, *said)[3:] == ["sub en", "sub en forced", "sub de default forced"]


def test_a_commentary_is_never_the_default_and_may_be_left_out() -> None:
    said = ("vid", "aud de commentary default", "aud de")
    assert kept(TrackRules(audio=["de"]), *said) == ["vid", "aud de commentary", "aud de default"]
    assert kept(TrackRules(audio=["de"], commentary=False), *said) == ["vid", "aud de default"]


def test_a_film_never_loses_all_of_its_sound() -> None:
    assert kept(TrackRules(audio=["de"]), "vid", "aud ja", "aud en commentary") == ["vid", "aud ja default"]
    assert kept(TrackRules(audio=["de"], commentary=False), "vid", "aud de commentary") == ["vid", "aud de commentary"]


def test_tracks_of_which_nobody_says_the_language_stay_unless_they_are_unwanted() -> None:
    assert kept(TrackRules(audio=["de"]), "vid", "aud -", "aud en") == ["vid", "aud default"]
    assert kept(TrackRules(audio=["en"], undetermined=False), "vid", "aud -", "aud en") == ["vid", "aud en default"]


@pytest.mark.parametrize(
    ("said", "short", "long"),
    [
        ("ger", "de", "ger"),
        ("deu", "de", "ger"),
        ("de-AT", "de", "ger"),
        ("iw", "he", "heb"),
        ("haw", "haw", "haw"),
        ("zzz", None, "und"),
        ("und", None, "und"),
        ("", None, "und"),
        ("\0\0", None, "und"),
    ],
)
def test_languages_have_one_name_however_a_file_writes_them(said: str, short: str | None, long: str) -> None:
    assert (language(said), long_code(said)) == (short, long)
