"""Where files belong with what lies beside them."""

from typing import Any

from mediastead.libraries.patterns import Patterns
from mediastead.organizing.moves import Reason

from .shelves import Disk, Drafted, episodes, film

ALIEN = film("Alien", 1979)
NEW = "Alien (1979)/Alien (1979)"


def test_what_is_called_like_a_film_goes_along_and_what_is_not_stays() -> None:
    disk = Disk(
        "in/alien.mkv", "in/alien.en.srt", "in/alien-poster.jpg", "in/alien.trickplay/", "in/other.mkv", "in/x.txt"
    )
    drafted = Drafted(disk, {"in/alien.mkv": ALIEN})
    assert drafted.moves == {
        "in/alien.mkv": f"{NEW}.mkv",
        "in/alien.en.srt": f"{NEW}.en.srt",
        "in/alien-poster.jpg": f"{NEW}-poster.jpg",
    }
    assert len(drafted.together) == 1


def test_a_file_that_lies_where_it_belongs_does_not_move() -> None:
    drafted = Drafted(Disk(f"{NEW}.mkv", f"{NEW}.srt"), {f"{NEW}.mkv": ALIEN})
    assert (drafted.moves, drafted.refused) == ({}, {})


def test_pictures_of_a_folder_go_with_its_only_title() -> None:
    disk = Disk("in/alien.mkv", "in/poster.jpg", "in/movie.nfo", "in/readme.txt")
    drafted = Drafted(disk, {"in/alien.mkv": ALIEN})
    assert drafted.moves["in/poster.jpg"] == "Alien (1979)/poster.jpg"
    assert drafted.moves["in/movie.nfo"] == "Alien (1979)/movie.nfo"
    assert drafted.refused == {"in": Reason.STAYS}
    assert '"readme.txt"' in drafted.draft.refused[0].words


def test_pictures_of_a_folder_stay_with_a_file_that_stays() -> None:
    disk = Disk("in/alien.mkv", "in/unknown.mkv", "in/poster.jpg")
    assert Drafted(disk, {"in/alien.mkv": ALIEN}).moves == {"in/alien.mkv": f"{NEW}.mkv"}
    deeper = Disk("in/alien.mkv", "in/More/unknown.mkv", "in/poster.jpg")
    assert Drafted(deeper, {"in/alien.mkv": ALIEN}).moves == {"in/alien.mkv": f"{NEW}.mkv"}


def test_pictures_in_the_root_are_nobodys() -> None:
    assert Drafted(Disk("alien.mkv", "poster.jpg"), {"alien.mkv": ALIEN}).moves == {"alien.mkv": f"{NEW}.mkv"}


def test_a_series_keeps_what_is_about_it_and_about_its_seasons() -> None:
    disk = Disk(
        "Old/tvshow.nfo",
        "Old/poster.jpg",
        "Old/season01-poster.jpg",
        "Old/S1/a.mkv",
        "Old/S1/b.mkv",
        "Old/S1/folder.jpg",
        "Old/S2/c.mkv",
    )
    one = {f"Old/S1/{name}.mkv": episodes("New", (1, number)) for number, name in enumerate("ab", 1)}
    drafted = Drafted(disk, {**one, "Old/S2/c.mkv": episodes("New", (2, 1))})
    assert drafted.moves == {
        "Old/S1/a.mkv": "New/Season 01/New S01E01.mkv",
        "Old/S1/b.mkv": "New/Season 01/New S01E02.mkv",
        "Old/S2/c.mkv": "New/Season 02/New S02E01.mkv",
        "Old/S1/folder.jpg": "New/Season 01/folder.jpg",
        "Old/tvshow.nfo": "New/tvshow.nfo",
        "Old/poster.jpg": "New/poster.jpg",
        "Old/season01-poster.jpg": "New/season01-poster.jpg",
    }
    assert drafted.refused == {}


def test_what_belongs_to_two_files_that_would_part_keeps_both() -> None:
    disk = Disk("a.mkv", "a.avi", "a.srt")
    drafted = Drafted(disk, {"a.mkv": ALIEN, "a.avi": film("Aliens", 1986)})
    assert (drafted.moves, drafted.refused) == ({}, {"a.mkv": Reason.TIED, "a.avi": Reason.TIED})
    one = Drafted(disk, {"a.mkv": ALIEN})
    assert one.refused == {"a.mkv": Reason.TIED}


def test_two_files_of_one_name_and_one_title_stay_together() -> None:
    drafted = Drafted(Disk("a.mkv", "a.avi", "a.srt"), {"a.mkv": ALIEN, "a.avi": ALIEN})
    assert drafted.moves == {"a.mkv": f"{NEW}.mkv", "a.avi": f"{NEW}.avi", "a.srt": f"{NEW}.srt"}
    assert len(drafted.together) == 1


def test_without_anything_beside_them_two_files_of_one_name_may_part() -> None:
    drafted = Drafted(Disk("a.mkv", "a.avi"), {"a.mkv": ALIEN, "a.avi": film("Aliens", 1986)})
    assert drafted.moves == {"a.mkv": f"{NEW}.mkv", "a.avi": "Aliens (1986)/Aliens (1986).avi"}


def test_what_belongs_to_a_file_that_is_missing_stays_for_it() -> None:
    disk = Disk("alien.mkv", "alien.en.srt", "alien.extended.srt")
    drafted = Drafted(disk, {"alien.mkv": ALIEN}, missing={"": ["alien.extended.mkv"]})
    assert drafted.moves == {"alien.mkv": f"{NEW}.mkv", "alien.en.srt": f"{NEW}.en.srt"}


def test_a_suffix_is_kept_in_small_letters() -> None:
    assert Drafted(Disk("alien.MKV"), {"alien.MKV": ALIEN}).moves == {"alien.MKV": f"{NEW}.mkv"}
    assert Drafted(Disk(f"{NEW}.MKV"), {f"{NEW}.MKV": ALIEN}).moves == {f"{NEW}.MKV": f"{NEW}.mkv"}


def test_a_folder_that_exists_in_other_letters_keeps_them() -> None:
    drafted = Drafted(Disk("ALIEN (1979)/x.srt", "a.mkv"), {"a.mkv": ALIEN})
    assert drafted.moves == {"a.mkv": "ALIEN (1979)/Alien (1979).mkv"}


def test_versions_that_differ_in_their_resolution_keep_it() -> None:
    disk = Disk("in/Alien 1080p.mkv", "in/Alien.4K.mkv", "in/Alien.4K.srt")
    drafted = Drafted(disk, {"in/Alien 1080p.mkv": ALIEN, "in/Alien.4K.mkv": ALIEN})
    assert drafted.moves == {
        "in/Alien 1080p.mkv": f"{NEW} - 1080p.mkv",
        "in/Alien.4K.mkv": f"{NEW} - 2160p.mkv",
        "in/Alien.4K.srt": f"{NEW} - 2160p.srt",
    }
    placed = Disk(f"{NEW} - 1080p.mkv", f"{NEW} - 2160p.mkv")
    settled = Drafted(placed, {f"{NEW} - 1080p.mkv": ALIEN, f"{NEW} - 2160p.mkv": ALIEN})
    assert settled.moves == {}, "once named so, they stay"
    alike = Disk("in/Alien 1080p.mkv", "in/Alien web 1080p.mkv")
    same = Drafted(alike, {"in/Alien 1080p.mkv": ALIEN, "in/Alien web 1080p.mkv": ALIEN})
    assert set(same.moves.values()) == {f"{NEW}.mkv"}, "left to the planner, who refuses both"


def test_a_disc_keeps_its_name_and_moves_with_the_folder() -> None:
    drafted = Drafted(Disk("in/VIDEO_TS/", "in/VIDEO_TS.nfo"), {"in/VIDEO_TS": ALIEN})
    assert drafted.moves == {"in/VIDEO_TS": "Alien (1979)/VIDEO_TS", "in/VIDEO_TS.nfo": "Alien (1979)/VIDEO_TS.nfo"}
    two = Disk("in/1/VIDEO_TS/", "in/2/VIDEO_TS/")
    parts = Drafted(two, {f"in/{n}/VIDEO_TS": film("Alien", 1979, part=n) for n in (1, 2)})
    assert parts.moves == {f"in/{n}/VIDEO_TS": f"{NEW}-part{n}/VIDEO_TS" for n in (1, 2)}


def test_extras_keep_their_names_and_the_folder_that_says_what_they_are() -> None:
    files = ["in/Alien.mkv", "in/Trailers/One.MKV", "in/Alien-trailer.mp4", "in/Making it.mkv"]
    drafted = Drafted(Disk(*files), dict.fromkeys(files, ALIEN), extras=files[1:])
    assert drafted.moves == {
        "in/Alien.mkv": f"{NEW}.mkv",
        "in/Trailers/One.MKV": "Alien (1979)/Trailers/One.MKV",
        "in/Alien-trailer.mp4": "Alien (1979)/Alien-trailer.mp4",
        "in/Making it.mkv": "Alien (1979)/Extras/Making it.mkv",
    }


def test_extras_of_a_season_stay_with_it() -> None:
    files = {"Old/Season 2/Extras/Gag.mkv": episodes("New"), "Old/Season 1/Extras/Gag.mkv": episodes("New")}
    drafted = Drafted(Disk(*files), files, extras=files)
    assert drafted.moves == {
        "Old/Season 2/Extras/Gag.mkv": "New/Season 02/Extras/Gag.mkv",
        "Old/Season 1/Extras/Gag.mkv": "New/Season 01/Extras/Gag.mkv",
    }


def test_extras_stay_where_a_template_makes_no_folder_for_their_title() -> None:
    drafted = Drafted(
        Disk("in/Extras/a.mkv"), {"in/Extras/a.mkv": ALIEN}, extras=["in/Extras/a.mkv"], naming="{{ title }}"
    )
    assert (drafted.moves, drafted.refused) == ({}, {})


def test_files_that_are_not_as_they_were_seen_or_are_links_are_refused() -> None:
    disk = Disk("a.mkv", "b.mkv@", "c.mkv")
    drafted = Drafted(disk, {"a.mkv": ALIEN, "b.mkv": ALIEN, "c.mkv": ALIEN}, changed=["c.mkv"])
    assert drafted.refused == {"b.mkv": Reason.LINKED, "c.mkv": Reason.NOT_THERE}
    elsewhere = Drafted(Disk("nested/a.mkv", mounted=["nested"]), {"nested/a.mkv": ALIEN})
    assert elsewhere.refused == {"nested/a.mkv": Reason.OTHER_DISK}, "a scan would change nothing of that"


def test_an_episode_of_which_the_number_is_not_known_is_refused() -> None:
    assert Drafted(Disk("a.mkv"), {"a.mkv": episodes("New")}).refused == {"a.mkv": Reason.NO_TITLE}


def test_a_place_that_scans_do_not_see_is_refused() -> None:
    def reason(title: str, disk: Disk | None = None, **how: Any) -> dict[str, Reason]:
        return Drafted(disk or Disk("a.mkv"), {"a.mkv": film(title)}, **how).refused

    assert reason("Lost+Found") == {"a.mkv": Reason.NOT_SAFE}
    assert reason("BDMV") == {"a.mkv": Reason.NOT_SAFE}
    assert reason("Alien", excluded=Patterns(b"", ["Alien/"], "pattern")) == {"a.mkv": Reason.NOT_SAFE}
    hidden = Disk("a.mkv", "Alien/.nomedia")
    assert reason("Alien", hidden) == {"a.mkv": Reason.NOT_SAFE}
    ignoring = Disk("a.mkv", ".plexignore")
    assert reason("Alien", ignoring, ignoring={".plexignore": "Ali*\n"}) == {"a.mkv": Reason.NOT_SAFE}
    assert reason("Alien", ignoring, ignoring={".plexignore": "Other*\n"}) == {}


def test_a_name_leaves_room_for_the_longest_of_what_goes_along() -> None:
    beside = "a." + "x" * 100 + ".srt"
    drafted = Drafted(
        Disk("a.mkv", beside), {"a.mkv": film("Ä" * 300, 1979)}, naming="{{ title }} {{ title }} ({{ year }})"
    )
    assert len(drafted.moves[beside].encode()) <= 255
    assert drafted.moves[beside].endswith(" (1979)." + "x" * 100 + ".srt")
    assert drafted.moves["a.mkv"][:-4] == drafted.moves[beside][: -len(beside) + 1]
