"""How `mediastead approvals` shows what is asked."""

from mediastead.cli.approvals import tracks_of


def test_the_tracks_of_a_disc_and_of_a_file_are_shown_in_one_way() -> None:
    assert tracks_of({"audio": ["en ac3 6", "de ac3 2"]}, "audio") == "en ac3 6, de ac3 2"
    made = [
        {"kind": "video", "codec": "h264", "width": 720, "default": True},
        {"kind": "audio", "codec": "ac3", "language": "en", "channels": 6, "default": True},
        {"kind": "audio", "codec": "ac3", "channels": 2, "commentary": True},
        {"kind": "subtitle", "codec": "dvd_subtitle", "language": "de", "forced": True},
    ]
    title = {"number": 1, "streams": {"tracks": made}}
    assert tracks_of(title, "audio") == "en ac3 6 default, ? ac3 2 commentary"
    assert tracks_of(title, "subtitles", "subtitle") == "de dvd_subtitle forced"
    assert tracks_of(title, "other") is None
