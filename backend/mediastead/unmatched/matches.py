"""What a person says a file is, checked against the title and written: the file, its question, import and operation."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import UNSET, Struct, to_builtins
from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..catalog.types import ItemType
from ..files.doubts import no_longer_doubted
from ..files.identification import Verdict, take_for
from ..files.models import MediaFileDecision, MediaFileImport
from ..files.queries import LockedFile, matched_by_persons
from ..files.types import Identification, ImportMethod, Resolution, Role
from ..operations.service import record_operation
from .errors import AnswerIncomplete, NoSuchEpisode
from .folder_neighbours import stand_by_themselves
from .models import RejectedMatch
from .neighbours import ask_again_around
from .queries import rejections_by_item
from .questions import settle
from .schemas import EpisodeAsked, MatchAnswer
from .standing import kept_before
from .titles import Title


class Match(Struct, frozen=True, kw_only=True):
    """A file, the title that it is, and what it will be taken for."""

    title: Title
    episodes: tuple[EpisodeAsked, ...]
    verdict: Verdict

    @property
    def changes_nothing(self) -> bool:
        """The file is matched exactly so already."""
        file, to = self.verdict.file, self.verdict
        before = (file.media_item_id, set(file.episode_ids), file.role, file.part, file.edition)
        after = (to.item_id, set(to.episode_ids), to.role, to.part, to.edition)
        return file.identification is Identification.MATCHED and before == after


def checked_match(file: LockedFile, answer: MatchAnswer, title: Title) -> Match:
    """Raises `AnswerIncomplete` and `NoSuchEpisode`, each saying what would do."""
    episodes = tuple(sorted(set(answer.episodes)))
    role = _role(file, answer, title)
    if title.type is ItemType.MOVIE and episodes:
        raise AnswerIncomplete(f'"{title.name}" is a film and has no episodes; leave "episodes" out.')
    if role is Role.EPISODE and not episodes:
        raise AnswerIncomplete(
            f'"{title.name}" is a series: say which "episodes" the file holds, such as [{{"season": 1, "number": 2}}], '
            'or "role": "extra" or "sample" where it holds none.'
        )
    missing = [each for each in episodes if (each.season, each.number) not in title.episodes]
    if missing:
        raise _no_such_episode(title, missing)
    verdict = Verdict(
        file=file,
        to=Identification.MATCHED,
        item_id=title.item_id,
        episode_ids=tuple(title.episodes[each.season, each.number] for each in episodes),
        role=role,
        part=file.part if answer.part is UNSET else answer.part,
        edition=file.edition if answer.edition is UNSET else answer.edition,
    )
    return Match(title=title, episodes=episodes, verdict=verdict)


def _role(file: LockedFile, answer: MatchAnswer, title: Title) -> Role:
    own = Role.FEATURE if title.type is ItemType.MOVIE else Role.EPISODE
    if answer.role in (Role.FEATURE, Role.EPISODE) and answer.role is not own:
        kind = "film" if title.type is ItemType.MOVIE else "series"
        raise AnswerIncomplete(
            f'"{title.name}" is a {kind}: the role of a file of it is "{own.value}", "extra" or "sample".'
        )
    if answer.role is not None:
        return answer.role
    beside = file.role is Role.EXTRA or file.role is Role.SAMPLE
    return file.role if file.role and beside and not answer.episodes else own


def _no_such_episode(title: Title, missing: Sequence[EpisodeAsked]) -> NoSuchEpisode:
    named = ", ".join(f"S{each.season:02}E{each.number:02}" for each in missing[:5])
    seasons: dict[int, list[int]] = {}
    for season, number in sorted(title.episodes):
        seasons.setdefault(season, []).append(number)
    numbers = seasons.get(missing[0].season)
    if numbers:
        has = f"season {missing[0].season} has the episodes {_ranges(numbers)}"
    else:
        has = f"it has the seasons {_ranges(list(seasons))}" if seasons else "it has no episodes at all"
    return NoSuchEpisode(
        f'"{title.name}" has no {named}; {has}. Give the numbers as the provider counts them.',
        missing=[{"season": each.season, "number": each.number} for each in missing],
        seasons={str(season): _ranges(each) for season, each in seasons.items()},
    )


def _ranges(numbers: Sequence[int]) -> str:
    """`1-8, 10`, of numbers in order."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


async def record_matches(session: AsyncSession, now: datetime, actor: str, matches: Sequence[Match]) -> int | None:
    """Write matches of locked files as one operation; gives its id, or None where nothing changes.

    Saying of a file what identification had found already is no nothing: from then on a person has said it.
    """
    same = [match.verdict.file.id for match in matches if match.changes_nothing]
    said_already = await matched_by_persons(session, same) if same else set[int]()
    changing = [match for match in matches if match.verdict.file.id not in said_already]
    was = await kept_before(session, [match.verdict.file for match in changing])
    await stand_by_themselves(session, now, [match.verdict.file.id for match in matches])
    await no_longer_doubted(session, [match.verdict.file.id for match in matches])
    if not changing:
        return None
    before, after = await write_matches(session, now, actor, changing, was)
    await _forget_followed(session, [match.verdict.file.id for match in changing])
    first = changing[0]
    summary = (
        f"{first.verdict.file.shown_path} is {_named(first)}"
        if len(changing) == 1
        else f"{len(changing)} files were matched, the first to {_named(first)}"
    )
    return await record_operation(session, now, actor, "match", summary, before, after)


async def write_matches(
    session: AsyncSession,
    now: datetime,
    actor: str,
    matches: Sequence[Match],
    was: Mapping[str, Any],
    also_evidence: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write matches of locked files, each of which changes something; gives what an operation keeps as before and after.

    `was` is what `kept_before` said of the files. `also_evidence` is kept with each import beside what was matched.
    """
    verdicts = [match.verdict for match in matches]
    await take_for(session, now, actor, verdicts)
    versions = {verdict.file.id: verdict.version for verdict in verdicts}
    await settle(session, now, versions, Resolution.MATCHED, actor)
    lifted = await _lift_rejections(session, matches)
    imports = [_import(match, now, actor) for match in matches]
    for row in imports:
        row["evidence"] |= also_evidence or {}
    await session.execute(insert(MediaFileImport), imports)
    await ask_again_around(session, now, actor, verdicts)
    after = {"files": [{"id": file_id, "version": version} for file_id, version in versions.items()]}
    return {**was, "rejections": lifted}, after


async def _lift_rejections(session: AsyncSession, matches: Sequence[Match]) -> list[dict[str, Any]]:
    """A person says that it is what was rejected: from now on that holds. Gives what was lifted."""
    known = await rejections_by_item(session, [match.verdict.file.id for match in matches])
    lifted: list[int] = []
    for match in matches:
        said = {(each.season, each.number) for each in match.episodes}
        for rejection in known.get((match.verdict.file.id, match.title.item_id), ()):
            if rejection.episodes is None or (said and said <= rejection.episodes):
                lifted.append(rejection.id)
    return await drop_rejections(session, lifted)


async def drop_rejections(session: AsyncSession, rejection_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Give what was dropped, as an operation keeps it."""
    if not rejection_ids:
        return []
    columns = (getattr(RejectedMatch, name) for name in ("file_id", "item_id", "episodes", "by", "at"))
    gone = delete(RejectedMatch).where(RejectedMatch.id.in_(rejection_ids)).returning(*columns)
    return [to_builtins(dict(row)) for row in (await session.execute(gone)).mappings()]


async def _forget_followed(session: AsyncSession, file_ids: Sequence[int]) -> None:
    """A person said what these files are: from now on they follow that, and no remembered answer."""
    values = {"remembered_answer_id": None}
    statement = update(MediaFileDecision).where(MediaFileDecision.file_id.in_(file_ids))
    await session.execute(statement.where(MediaFileDecision.remembered_answer_id.is_not(None)).values(values))


def _import(match: Match, now: datetime, actor: str) -> dict[str, Any]:
    title, file = match.title, match.verdict.file
    return {
        "file_id": file.id,
        "library_id": file.library_id,
        "method": ImportMethod.MANUAL_MATCH,
        "source_path": file.path,
        "success": True,
        "error": None,
        "evidence": {
            "type": title.type.value,
            "tmdb_id": title.tmdb_id,
            "title": title.name,
            "year": title.year,
            "episodes": [{"season": each.season, "number": each.number} for each in match.episodes],
            "probability": None,
            "evidence": [],
        },
        "actor": actor,
        "at": now,
    }


def _named(match: Match) -> str:
    year = f" ({match.title.year})" if match.title.year else ""
    numbers = "".join(f" S{each.season:02}E{each.number:02}" for each in match.episodes[:3])
    return f"{match.title.name}{year}{numbers}"
