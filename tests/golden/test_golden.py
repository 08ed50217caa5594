"""What each path of the golden set is taken for, and why, is what is written down."""

import pytest

from .cases import FOLDER, NAMES, cases_of, judge
from .rendering import rendered
from .write import complaint


@pytest.mark.parametrize("name", NAMES)
async def test_every_path_is_taken_for_what_was_written_down_and_for_the_reasons_that_were_accepted(name: str) -> None:
    judged = await judge(cases_of(name))
    troubles = [
        f"line {each.case.line}: {each.case.path} => {each.case.expected}: {trouble}"
        for each in judged
        if (trouble := complaint(each.holds, each.got, each.case.failure))
    ]
    assert not troubles, f"in paths/{name}.txt\n" + "\n".join(troubles)
    accepted = (FOLDER / "decisions" / f"{name}.txt").read_text("utf-8")
    assert rendered(name, judged) == accepted, "run make golden, and read what changed"


def test_the_set_is_large_and_no_path_is_in_it_twice() -> None:
    cases = [(case.kind, case.path, case.minutes, case.beside) for name in NAMES for case in cases_of(name)]
    assert len(cases) >= 300
    assert len(set(cases)) == len(cases)
    assert sorted(path.stem for path in (FOLDER / "decisions").glob("*.txt")) == NAMES
