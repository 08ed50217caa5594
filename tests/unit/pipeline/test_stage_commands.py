"""Commands are lists of arguments, and what ffmpeg is told follows from the preset."""

import pytest

from mediastead.pipeline.stages.dvd import NotUnderstood, Piece, marks_of, pieces_of, stream_language, url_of
from mediastead.pipeline.stages.encoding import HdrFacts, Refused, arguments_for, promised_hdr, scaled
from mediastead.pipeline.stages.measuring import Track
from mediastead.pipeline.stages.places import file_named
from mediastead.pipeline.stages.presets import BUILT_IN, AudioRule, PresetBody, VideoRule, faults_of, preset_hash
from mediastead.pipeline.stages.templates import BadTemplate, filled
from mediastead.pipeline.stages.tools import Ended, failure
from mediastead.pipeline.stages.transcode import hdr_facts


def test_a_value_is_one_argument_whatever_is_in_it() -> None:
    values = {"input": b"/a b/\xff; rm -rf $HOME 'x' \"y\" {title}", "title": 3, "nothing": None}
    assert filled(["rip", "--title={title}", "{input}", "{{title}}", "x{nothing}"], values) == [
        b"rip",
        b"--title=3",
        values["input"],
        b"{title}",
        b"x",
    ]


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ([], "is empty"),
        (["rip", "{inptu}"], "There is no {inptu} in command templates; there are input"),
        (["rip", "{input"], "a brace stands alone"),
        (["rip", "{option}"], "for an option"),
        (["rip", "{nul}"], "NUL"),
    ],
)
def test_a_template_that_cannot_be_filled_says_what_is_wrong(template: list[str], says: str) -> None:
    with pytest.raises(BadTemplate, match=says):
        filled(template, {"input": "/x", "option": "-o/etc/passwd", "nul": "a\0b"})


def arguments(body: PresetBody, *tracks: Track, encoder: str | None = "libx264", hdr: HdrFacts | None = None) -> str:
    made = arguments_for(b"/in.mkv", b"/out.mkv", body, tracks, encoder, hdr or HdrFacts())
    return " ".join(str(one) for one in made)


PICTURE = Track(index=0, kind="video", codec="mpeg2video", width=1920, height=1080)


def test_only_what_must_be_encoded_is() -> None:
    body = PresetBody(video=VideoRule(codec="h264", crf=20), audio=AudioRule(codec="aac", max_channels=6, keep=["ac3"]))
    said = arguments(
        body,
        PICTURE,
        Track(index=1, kind="audio", codec="ac3", channels=6),
        Track(index=2, kind="audio", codec="dts", channels=8, language="de", default=True),
        Track(index=4, kind="subtitle", codec="mov_text", forced=True),
    )
    assert "-c copy" in said
    assert "-c:0 libx264 -crf:0 20" in said
    assert "-c:1" not in said
    assert "-c:2 aac -ac:2 6 -b:2 480k -metadata:s:2 language=ger -disposition:2 default" in said
    assert "-map 0:4" in said
    assert "-c:3 srt -disposition:3 forced" in said
    assert arguments(BUILT_IN["copy"], PICTURE, encoder=None).count("-c ") == 1


def test_the_filters_are_those_that_the_picture_needs() -> None:
    small = PresetBody(video=VideoRule(codec="h264", max_width=1280, max_height=1280))
    assert "-filter:0 scale=1280:720,format=yuv420p" in arguments(small, PICTURE)
    interlaced = Track(index=0, kind="video", width=720, height=576, interlaced=True)
    assert "bwdif=mode=send_frame:deint=interlaced,format=yuv420p" in arguments(small, interlaced)
    hdr = Track(index=0, kind="video", width=640, height=360, hdr="HDR10", base_hdr="HDR10")
    assert "tonemap=hable" in arguments(small, hdr)
    kept = arguments(
        BUILT_IN["h265"], hdr, encoder="libx265", hdr=HdrFacts(master_display="G(1,2)", max_cll="1000,400")
    )
    assert "tonemap" not in kept
    assert "transfer=smpte2084:colormatrix=bt2020nc:hdr10=1:master-display=G(1,2):max-cll=1000,400" in kept
    assert "-vaapi_device" in arguments(small, PICTURE, encoder="h264_vaapi")
    assert "-cq:0 21 " in arguments(small, PICTURE, encoder="h264_nvenc")


def test_hdr_that_cannot_be_kept_is_said_before_hours_of_work() -> None:
    vision = Track(index=0, kind="video", hdr="Dolby Vision")
    with pytest.raises(Refused, match="wrong colours"):
        promised_hdr(BUILT_IN["h265"].video, vision)
    assert promised_hdr(BUILT_IN["copy"].video, vision) == "Dolby Vision"
    with_base = Track(index=0, kind="video", hdr="Dolby Vision", base_hdr="HDR10")
    assert promised_hdr(BUILT_IN["h265"].video, with_base) == "HDR10"
    assert promised_hdr(BUILT_IN["h264"].video, with_base) is None


def test_pictures_are_made_smaller_in_even_numbers_and_never_larger() -> None:
    assert scaled(1920, 800, VideoRule(codec="h264", max_width=1280)) == (1280, 534)
    assert scaled(640, 480, VideoRule(codec="h264", max_width=1280, max_height=720)) is None


def test_the_built_in_presets_contradict_themselves_nowhere() -> None:
    assert {name: faults_of(body) for name, body in BUILT_IN.items()} == dict.fromkeys(BUILT_IN)
    assert len({preset_hash(body) for body in BUILT_IN.values()}) == len(BUILT_IN)


@pytest.mark.parametrize(
    "video",
    [
        VideoRule(codec="h264", crf=20, bitrate_kbps=1000),
        VideoRule(codec="h264", hdr="keep"),
        VideoRule(codec="h265", hdr="keep", bits=8),
        VideoRule(codec="h264", bits=10),
        VideoRule(codec="h265", crf=60),
    ],
)
def test_a_preset_that_contradicts_itself_is_told_so(video: VideoRule) -> None:
    assert faults_of(PresetBody(video=video))


def test_the_first_frame_says_how_bright_hdr_is() -> None:
    display = (
        '{"side_data_type": "Mastering display metadata", "red_x": "34000/50000", "red_y": "16000/50000", '
        '"green_x": "13250/50000", "green_y": "34500/50000", "blue_x": "7500/50000", "blue_y": "3000/50000", '
        '"white_point_x": "15635/50000", "white_point_y": "16450/50000", "min_luminance": "50/10000", '
        '"max_luminance": "10000000/10000"}'
    )
    light = '{"side_data_type": "Content light level metadata", "max_content": 1000, "max_average": 400}'
    found = hdr_facts(f'{{"frames": [{{"side_data_list": [{display}, {light}]}}]}}'.encode())
    assert found.master_display == "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"
    assert found.max_cll == "1000,400"
    assert hdr_facts(b"{}") == hdr_facts(b"") == HdrFacts()


VOBS = {1: [("VTS_01_1.VOB", 10 * 2048), ("VTS_01_2.VOB", 5 * 2048)]}


def test_a_title_is_the_sectors_that_it_plays_over_all_files_of_its_titleset() -> None:
    assert pieces_of(["1:2-4", "1:5-11"], None, VOBS, "v/") == [
        Piece("v/VTS_01_1.VOB", 2 * 2048, 10 * 2048),
        Piece("v/VTS_01_2.VOB", 0, 2 * 2048),
    ]
    assert pieces_of(["1:12-14", "1:0-0"], None, VOBS, "")[0] == Piece("VTS_01_2.VOB", 2 * 2048, 5 * 2048)
    assert [piece.file for piece in pieces_of([], 1, VOBS, "")] == ["VTS_01_1.VOB", "VTS_01_2.VOB"]
    for segments, says in ((["1:0-15"], "ends after 15 sectors"), (["2:0-1"], "no VOB"), (["262"], "in sectors")):
        with pytest.raises(NotUnderstood, match=says):
            pieces_of(segments, None, VOBS, "")
    with pytest.raises(NotUnderstood, match="too many pieces"):
        url_of([Piece("v/VTS_01_1.VOB", 0, 1)] * 5000)


def test_streams_of_a_dvd_have_the_language_of_their_number() -> None:
    sound = Track(index=1, kind="audio", id=0x81)
    assert stream_language(sound, ["en", "de"], []) == "de"
    assert stream_language(Track(index=2, kind="subtitle", id=0x20), [], ["fr"]) == "fr"
    assert stream_language(sound, ["en"], []) is None


def test_chapters_of_unknown_length_are_none() -> None:
    assert marks_of([0, 0]) is None
    assert "START=1500\nEND=4000" in (marks_of([1.5, 2.5]) or "")


def test_names_of_results_are_names_on_every_file_system() -> None:
    assert file_named(b"/d", "../a/b: c?", 1, ".mkv") == b"/d/_a_b_ c_.mkv"
    assert file_named(b"/d", " .. ", 3, ".mkv") == b"/d/title 03.mkv"
    assert len(file_named(b"/d", "é" * 300, 3, ".mkv")) <= 210


def test_last_words_of_programs_become_sentences_with_what_to_do() -> None:
    full = failure("ffmpeg", Ended(code=1, said=["av_interleaved_write_frame(): No space left on device", "bye"]), "It")
    assert (type(full).__name__, "make room" in str(full), "No space" in str(full)) == ("HostUnfit", True, True)
    read = failure("dvdbackup", Ended(code=1, said=["read: Input/output error"]), "Reading the disc")
    assert "clean the disc" in str(read)
    assert str(failure("x", Ended(code=-9, said=[]), "It")) == "It failed: x ended with signal 9: it said nothing"
