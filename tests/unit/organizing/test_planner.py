"""What holds for every plan, whatever is wanted."""

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from mediastead.organizing.moves import Move, MoveRole, Plan, Reason, Seen
from mediastead.organizing.planner import Wish, plan_of
from mediastead.organizing.spelling import folded_path, path_key


def move(source: str, target: str, file_id: int | None = None, inode: int | None = None) -> Move:
    role = MoveRole.SIDECAR if file_id is None else MoveRole.MEDIA
    look = Seen(1, 2, inode if inode is not None else hash(source) & 0xFFFFFF)
    return Move(role, source.encode(), target.encode(), look, file_id, None if file_id is None else 1)


def wish(*moves: Move) -> Wish:
    return Wish(moves)


def there(*paths: str) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = defaultdict(list)
    for path in paths:
        found[path_key(path.encode())].append(path.encode())
    return found


def reasons(plan: Plan) -> list[tuple[bytes, Reason]]:
    return [(each.source, each.reason) for each in plan.refused]


def pairs(plan: Plan) -> list[list[tuple[str, str]]]:
    return [[(each.source.decode(), each.target.decode()) for each in group.moves] for group in plan.groups]


def test_a_film_and_its_subtitle_are_one_group() -> None:
    plan = plan_of([wish(move("a.mkv", "A/A.mkv", 1), move("a.srt", "A/A.srt"))], there("a.mkv", "a.srt"))
    assert pairs(plan) == [[("a.mkv", "A/A.mkv"), ("a.srt", "A/A.srt")]]


def test_what_lies_where_it_belongs_is_counted_and_not_moved() -> None:
    plan = plan_of([wish(move("a.mkv", "a.mkv", 1), move("a.srt", "a.srt"))], there("a.mkv", "a.srt"))
    assert (plan.groups, plan.refused, plan.unchanged) == ((), (), 1)


def test_two_files_that_would_get_one_name_stay_both() -> None:
    plan = plan_of([wish(move("a.mkv", "X.mkv", 1)), wish(move("b.mkv", "x.MKV", 2))], there("a.mkv", "b.mkv"))
    assert reasons(plan) == [(b"a.mkv", Reason.SAME_TARGET), (b"b.mkv", Reason.SAME_TARGET)]
    assert '"b.mkv"' in plan.refused[0].words


def test_who_has_the_name_already_keeps_it() -> None:
    plan = plan_of([wish(move("X.mkv", "X.mkv", 1)), wish(move("b.mkv", "X.mkv", 2))], there("X.mkv", "b.mkv"))
    assert reasons(plan) == [(b"b.mkv", Reason.SAME_TARGET)]
    assert plan.unchanged == 1


def test_a_name_that_is_taken_in_other_letters_is_taken() -> None:
    plan = plan_of([wish(move("a.mkv", "Caf\u00e9.mkv", 1))], there("a.mkv", "CAFE\u0301.mkv"))
    assert reasons(plan) == [(b"a.mkv", Reason.TARGET_EXISTS)]


def test_what_lies_at_the_target_and_a_file_above_it_are_in_the_way() -> None:
    assert reasons(plan_of([wish(move("a.mkv", "X.mkv", 1))], there("X.mkv"))) == [(b"a.mkv", Reason.TARGET_EXISTS)]
    assert reasons(plan_of([wish(move("a.mkv", "X/Y/a.mkv", 1))], there("X"))) == [(b"a.mkv", Reason.TARGET_EXISTS)]


def test_a_swap_is_one_group() -> None:
    plan = plan_of([wish(move("a.mkv", "b.mkv", 1)), wish(move("b.mkv", "a.mkv", 2))], there("a.mkv", "b.mkv"))
    assert [sorted(group) for group in pairs(plan)] == [[("a.mkv", "b.mkv"), ("b.mkv", "a.mkv")]]


def test_letters_of_another_case_are_a_move_of_their_own() -> None:
    plan = plan_of([wish(move("film.mkv", "Film.mkv", 1))], there("film.mkv"))
    assert pairs(plan) == [[("film.mkv", "Film.mkv")]]


def test_a_chain_is_one_group() -> None:
    wishes = [wish(move(f"{n}.mkv", f"{n + 1}.mkv", n)) for n in range(1, 5)]
    plan = plan_of(wishes, there(*(f"{n}.mkv" for n in range(1, 5))))
    assert pairs(plan) == [[(f"{n}.mkv", f"{n + 1}.mkv") for n in range(1, 5)]]


def test_two_files_that_differ_in_the_suffix_only_would_share_what_goes_along() -> None:
    one = Wish((move("a.mkv", "X.mkv", 1),), b"X")
    other = Wish((move("b.mp4", "X.mp4", 2),), b"X")
    assert reasons(plan_of([one, other], there("a.mkv", "b.mp4"))) == [
        (b"a.mkv", Reason.SAME_TARGET),
        (b"b.mp4", Reason.SAME_TARGET),
    ]


def test_who_waits_for_a_place_that_is_not_freed_stays_too() -> None:
    wishes = [wish(move(f"{n}.mkv", f"{n + 1}.mkv", n)) for n in range(1, 4)]
    plan = plan_of(wishes, there(*(f"{n}.mkv" for n in range(1, 5))))
    assert reasons(plan) == [(f"{n}.mkv".encode(), Reason.TARGET_EXISTS) for n in (1, 2, 3)]


def test_a_subtitle_that_cannot_move_keeps_its_film() -> None:
    plan = plan_of([wish(move("a.mkv", "X.mkv", 1), move("a.srt", "X.srt"))], there("a.mkv", "a.srt", "X.srt"))
    assert reasons(plan) == [(b"a.mkv", Reason.TARGET_EXISTS)]


def test_501_files_in_a_circle_are_too_many() -> None:
    wishes = [wish(move(f"{n}.mkv", f"{(n + 1) % 501}.mkv", n)) for n in range(501)]
    plan = plan_of(wishes, there(*(f"{n}.mkv" for n in range(501))))
    assert {each.reason for each in plan.refused} == {Reason.TOO_MANY}
    assert len(plan.refused) == 501
    fewer = [wish(move(f"{n}.mkv", f"{(n + 1) % 500}.mkv", n)) for n in range(500)]
    assert [len(group) for group in pairs(plan_of(fewer, there(*(f"{n}.mkv" for n in range(500)))))] == [500]


def test_two_names_of_one_file_are_not_moved_together() -> None:
    plan = plan_of([wish(move("a.mkv", "X.mkv", 1, inode=7), move("a.nfo", "X.nfo", inode=7))], there("a.mkv", "a.nfo"))
    assert reasons(plan) == [(b"a.mkv", Reason.LINKED)]


def test_a_target_that_is_a_folder_of_another_is_refused() -> None:
    plan = plan_of([wish(move("a.mkv", "X.mkv", 1)), wish(move("b.mkv", "x.mkv/b.mkv", 2))], there("a.mkv", "b.mkv"))
    assert reasons(plan) == [(b"a.mkv", Reason.NOT_SAFE)]


def test_paths_that_leave_the_root_or_do_not_fit_are_refused() -> None:
    bad = ["../a.mkv", "/a.mkv", "A//a.mkv", "A/../../a.mkv", "a\0.mkv", ""]
    plan = plan_of([wish(move(f"{n}.mkv", target, n + 1)) for n, target in enumerate(bad)], there())
    assert {each.reason for each in plan.refused} == {Reason.NOT_SAFE}
    long = plan_of([wish(move("a.mkv", "x" * 252 + ".mkv", 1)), wish(move("b.mkv", "y/" * 2000 + "b.mkv", 2))], there())
    assert [each.reason for each in long.refused] == [Reason.TOO_LONG, Reason.TOO_LONG]


NAMES = st.sampled_from(["a", "A", "b", "c", "e\u0301", "\u00e9", "d/a", "D/a", "d/b", "d", "../x", "b/c"])


@st.composite
def wanted(draw: st.DrawFn) -> tuple[list[Wish], list[str]]:
    """Files on a disk that knows case, some of them with a subtitle, each of which is to go anywhere."""
    present = [path for path in draw(st.lists(NAMES, unique=True, max_size=10)) if not path.startswith("..")]
    present = [path for path in present if not any(other.startswith(path + "/") for other in present)]
    wishes: list[Wish] = []
    taken: list[str] = []
    for number, path in enumerate(present):
        if draw(st.booleans()):
            target = draw(NAMES)
            moves = [move(path + ".mkv", target + ".mkv", number + 1, inode=number)]
            taken.append(path + ".mkv")
            if draw(st.booleans()):
                moves.append(move(path + ".srt", target + ".srt", inode=100 + number))
            wishes.append(wish(*moves))
    files = [path + suffix for path in present for suffix in (".mkv", ".srt")]
    return wishes, files


@settings(max_examples=300, deadline=None)
@given(wanted())
def test_whatever_is_wanted_nothing_is_overwritten_and_nobody_is_parted(case: tuple[list[Wish], list[str]]) -> None:
    wishes, files = case
    plan = plan_of(wishes, there(*files))
    moves = [each for group in plan.groups for each in group.moves]

    targets = [folded_path(each.target) for each in moves]
    assert len(set(targets)) == len(targets), "two targets alike"
    assert not any(".." in each.target.decode().split("/") for each in moves), "leaves the root"

    in_group = {each.source: number for number, group in enumerate(plan.groups) for each in group.moves}
    by_fold: dict[str, set[bytes]] = defaultdict(set)
    for path in files:
        by_fold[folded_path(path.encode())].add(path.encode())
    for number, group in enumerate(plan.groups):
        for each in group.moves:
            for occupant in by_fold[folded_path(each.target)]:
                assert in_group.get(occupant) == number, "a place that is not freed in the same group"

    for one in wishes:
        gone = {in_group.get(each.source) for each in one.moves if each.source != each.target}
        assert len(gone) <= 1, "a film without its subtitle"

    refused = {each.file_id for each in plan.refused}
    moved = {each.file_id for each in moves if each.file_id}
    everyone = {each.file_id for one in wishes for each in one.moves if each.file_id}
    assert not refused & moved
    assert len(refused) + len(moved) + plan.unchanged == len(everyone), "a file is in none of the three, or in two"


@settings(max_examples=300, deadline=None)
@given(wanted())
def test_done_in_order_with_one_held_aside_the_disk_shows_the_plan(case: tuple[list[Wish], list[str]]) -> None:
    wishes, files = case
    plan = plan_of(wishes, there(*files))
    disk = {path.encode(): path.encode() for path in files}
    for group in plan.groups:
        for each in group.moves:
            assert each.source in disk
        held = {each.target: disk.pop(each.source) for each in group.moves}
        assert not held.keys() & disk.keys()
        disk |= held
    assert len(disk) == len(files), "a file is lost"
    again = [
        wish(*(move(m.target.decode(), m.target.decode(), m.file_id, m.look.inode) for m in one.moves))
        for one in wishes
    ]
    moved = {each.source for group in plan.groups for each in group.moves}
    settled = [after for one, after in zip(wishes, again, strict=True) if one.moves[0].source in moved]
    assert plan_of(settled, {path_key(path): [path] for path in disk}).groups == ()
