"""`make golden`: writes the decisions anew, and says which expectations no longer hold or hold again."""

import asyncio

from .cases import FOLDER, NAMES, cases_of, judge
from .rendering import rendered


def main() -> None:
    right = known = 0
    for name in NAMES:
        judged = asyncio.run(judge(cases_of(name)))
        (FOLDER / "decisions" / f"{name}.txt").write_text(rendered(name, judged), "utf-8")
        for each in judged:
            right += each.holds
            known += not each.holds and each.case.failure == each.got
            if trouble := complaint(each.holds, each.got, each.case.failure):
                print(f"paths/{name}.txt:{each.case.line}: {each.case.path}\n    => {each.case.expected}: {trouble}")
    print(f"{right} decisions are right, {known} are known to be wrong.")


def complaint(holds: bool, got: str, failure: str | None) -> str | None:
    """What has to be changed in the file of paths, or in the code."""
    if holds:
        return f"this holds again: take `!! {failure}` away" if failure else None
    if failure is None:
        return f"it was decided otherwise: {got}"
    return None if failure == got else f"it is wrong in another way than known: !! {got}"


if __name__ == "__main__":
    main()
