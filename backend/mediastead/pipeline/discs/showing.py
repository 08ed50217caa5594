"""A disc with its titles, as people see it and as the approval asks about it."""

from collections.abc import Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from ...catalog.types import ItemType
from . import queries
from .errors import NoSuchDisc
from .guess import Guess
from .models import DiscKind, DiscTitle, TitleRole
from .schemas import DiscShown, DiscView, Preview, TitleView
from .stored import title_facts

SURE = 0.9
"""From here on an assignment may go on without a person (`docs/decisions/0024`)."""
HELD = (TitleRole.FEATURE, TitleRole.EPISODE, TitleRole.PLAY_ALL)


async def show(session: AsyncSession, disc_id: int) -> DiscShown:
    """Raises `NoSuchDisc`."""
    view = await queries.disc_view(session, disc_id)
    if view is None:
        raise NoSuchDisc(disc_id)
    rows = (await queries.titles_of(session, [disc_id]))[disc_id]
    titles = [_title(row, view.guess) for row in rows]
    notes, sure = _notes(view, titles)
    return DiscShown(disc=view, titles=titles, notes=notes, sure=sure)


async def preview(session: AsyncSession, disc_id: int) -> Preview:
    """As JSON for `approval.prompt`. Raises `NoSuchDisc`."""
    shown = await show(session, disc_id)
    disc = shown.disc
    # Nothing that changes by itself, such as when it was seen: what is asked anew is answered anew.
    said = {"id": disc.id, "label": disc.label, "kind": disc.kind.value, "number": disc.number, "source": disc.source}
    return Preview(
        disc=said,
        titles=[
            {name: value for name, value in msgspec.to_builtins(title).items() if name not in ("id", "done")}
            for title in shown.titles
        ],
        notes=shown.notes,
        sure=shown.sure,
    )


def _title(row: DiscTitle, guess: Guess | None) -> TitleView:
    facts = title_facts(row)
    video = facts.video
    return TitleView(
        id=row.id,
        number=row.number,
        role=row.role,
        season=row.season,
        episodes=list(row.episodes),
        selected=row.selected,
        name=row.name,
        confidence=row.confidence,
        why=guess.why.get(str(row.number)) if guess else None,
        by_hand=row.by_hand,
        done=row.done,
        duration=facts.duration,
        chapters=len(facts.chapters),
        size=facts.size,
        video=" ".join(filter(None, (video.codec, f"{video.width}x{video.height}" if video.width else "", video.hdr)))
        if video
        else None,
        audio=[
            " ".join(
                filter(
                    None,
                    (
                        each.language or "und",
                        each.codec,
                        str(each.channels) if each.channels else "",
                        "commentary" if each.commentary else "",
                    ),
                )
            )
            for each in facts.audio
        ],
        subtitles=[f"{each.language or 'und'}{' forced' if each.forced else ''}" for each in facts.subtitles],
        source=facts.source,
    )


def _notes(disc: DiscView, titles: Sequence[TitleView]) -> tuple[list[str], bool]:
    """(sentences, whether nothing is doubtful)"""
    notes: list[str] = []
    subject = disc.guess.subject if disc.guess else None
    chosen = [title for title in titles if title.selected]
    if disc.kind is DiscKind.FILES:
        return notes, True
    if disc.error:
        notes.append(disc.error)
    if disc.item_id is None:
        notes.append(
            "It belongs to no item yet: make one from it (`mediastead pipeline add --disc`), or add it to one."
        )
    elif subject is None:
        pass  # declared, and nothing of it is known yet
    elif subject.type is ItemType.SERIES and subject.season is None:
        notes.append("Nobody said which season it is: set the item's season, and the episodes follow.")
    elif subject.type is ItemType.SERIES and disc.number is None:
        notes.append(
            f"Its label does not say which disc of the season it is: `mediastead discs set {disc.id} --number N`."
        )
    if titles and not chosen:
        notes.append("Nothing on it is chosen to be ripped.")
    doubtful = [title for title in chosen if (title.confidence or 0.0) < SURE]
    if subject and doubtful:
        listed = ", ".join(str(title.number) for title in doubtful)
        notes.append(f"Not sure of the titles {listed}: look at them, and correct one; the rest follows.")
    taken = [(title.season, episode) for title in chosen for episode in title.episodes]
    twice = sorted({number for season, number in taken if taken.count((season, number)) > 1})
    if twice:
        notes.append(f"More than one title holds the episodes {', '.join(map(str, twice))}: are they halves of one?")
    long = [title for title in chosen if title.role is TitleRole.PLAY_ALL and len(title.episodes) > 2]
    notes += [f"Title {title.number}: {title.why}." for title in long if title.why]
    sure = bool(subject and chosen) and not doubtful and not twice and not long and not disc.error
    return notes, sure
