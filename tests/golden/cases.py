"""The paths that were written by hand with what each must be taken for, and what it is taken for."""

import re
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from mediastead.catalog.types import ItemType
from mediastead.files.types import Role
from mediastead.matching import Decision, Outcome, decide
from mediastead.matching.decision import EpisodeNumber
from mediastead.matching.known import Known
from mediastead.matching.neighbours import neighbours_in
from mediastead.parsing import ParsedPath

from ..unit.parsing.reading_paths import read as read_path
from .invented import GoldenCatalogue

FOLDER = Path(__file__).parent
NAMES = sorted(path.stem for path in (FOLDER / "paths").glob("*.txt"))


class Case(Struct, frozen=True):
    line: int
    kind: str
    path: str
    minutes: float | None
    """How long the file lasts, where that is known."""
    beside: str | None
    """What the other files of its folder were matched to by themselves: `8 of series 1396, 1 of movie 603`."""
    expected: str
    failure: str | None
    """What is decided today, where that is known to be wrong."""


class Judged(Struct, frozen=True):
    case: Case
    parsed: ParsedPath
    decision: Decision
    asked: tuple[str, ...]

    @property
    def got(self) -> str:
        return in_short(self.decision)

    @property
    def holds(self) -> bool:
        return fulfils(self.decision, self.case.expected)


_LINE = re.compile(
    r"(?P<path>.+?)(?: @ (?P<minutes>[\d.]+) min)?(?: beside (?P<beside>\d+ of \w+ \d+(?:, \d+ of \w+ \d+)*))?"
    r" => (?P<expected>.+?)(?: !! (?P<failure>.+?))?(?:  +# .*)?"
)
_EXPECTED = re.compile(
    r"(?:(?:extra|sample) of )?(?:movie|series) \d+(?: S\d\dE\d\d\S*(?: S\d\dE\d\d\S*)*)?(?: part \d+)?(?: edition .+)?"
    r"|ask(?:: [a-z_]+)?(?:, offer (?:movie|series) \d+)?|ignore"
)


def cases_of(name: str) -> list[Case]:
    """Those of one file. Raises ValueError for a line that cannot be understood."""
    cases: list[Case] = []
    kind = "mixed"
    for number, line in enumerate((FOLDER / "paths" / f"{name}.txt").read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line in ("[movies]", "[series]", "[mixed]"):
            kind = line[1:-1]
            continue
        said = _LINE.fullmatch(line)
        if said is None or not _EXPECTED.fullmatch(said["expected"]):
            raise ValueError(f"{name}.txt, line {number}: not understood: {line}")
        minutes = float(said["minutes"]) if said["minutes"] else None
        cases.append(Case(number, kind, said["path"], minutes, said["beside"], said["expected"], said["failure"]))
    return cases


async def judge(cases: Iterable[Case]) -> list[Judged]:
    judged: list[Judged] = []
    for case in cases:
        parsed = read_path(case.path)
        provider = GoldenCatalogue()
        around = neighbours_in(_counts(case.beside or ""))
        known = Known(kind=case.kind, duration=case.minutes and case.minutes * 60, neighbours=around)
        decision = await decide(parsed, provider, known)
        judged.append(Judged(case, parsed, decision, tuple(provider.asked)))
    return judged


def _counts(beside: str) -> dict[tuple[ItemType, int] | None, int]:
    said = re.findall(r"(\d+) of (\w+) (\d+)", beside)
    return {(ItemType(kind), int(tmdb_id)): int(count) for count, kind, tmdb_id in said}


def in_short(decision: Decision) -> str:
    """A decision in the words of the golden files, without its edition."""
    if decision.outcome is Outcome.IGNORE:
        return "ignore"
    if decision.item is None:
        return f"ask: {decision.reason}"
    role = f"{decision.role.value} of " if decision.role is Role.EXTRA or decision.role is Role.SAMPLE else ""
    episodes = in_order(decision.episodes)
    part = f" part {decision.part}" if decision.part is not None else ""
    return f"{role}{decision.item.type.value} {decision.item.tmdb_id}{episodes and f' {episodes}'}{part}"


def in_order(episodes: Iterable[EpisodeNumber]) -> str:
    """`S01E02-E04 S02E01`."""
    runs: list[list[EpisodeNumber]] = []
    for episode in sorted(episodes):
        if runs and runs[-1][-1] == EpisodeNumber(episode.season, episode.number - 1):
            runs[-1].append(episode)
        else:
            runs.append([episode])
    return " ".join(
        f"S{run[0].season:02}E{run[0].number:02}" + (f"-E{run[-1].number:02}" if len(run) > 1 else "") for run in runs
    )


def fulfils(decision: Decision, expected: str) -> bool:
    if expected.startswith("ask"):
        asked, _, offered = expected.partition(", offer ")
        _, _, reason = asked.partition(": ")
        return (
            decision.outcome is Outcome.NO_MATCH
            and (not reason or decision.reason == reason)
            and (not offered or offered in [f"{each.type.value} {each.tmdb_id}" for each in decision.suggestions])
        )
    what, _, edition = expected.partition(" edition ")
    return in_short(decision) == what and (not edition or (decision.edition or "").lower() == edition.lower())
