"""A record beside a file is followed to the letter: its title and its numbers, without a search."""

from ..files.types import UnmatchedReason
from ..metadata.errors import ItemNotFound, ProviderMisbehaved
from ..metadata.facts import ItemFacts, ItemType
from ..metadata.provider import Provider
from .decision import Decision, EpisodeNumber, Evidence, Outcome, Recorded, Suggestion
from .known import Known

WEIGHT = 20.0
"""Log-odds that a decision which was made once is the one to make again: beyond anything that names can say."""


async def as_recorded(known: Known, provider: Provider) -> Decision | None:
    """The decision that the record says; None where there is none to follow, so that the names decide.

    A record is not followed where the person rejected its title for this file since. Where the provider no longer has what
    identification once decided, the names decide; where it has not what a person decided, the person is asked, since the
    names are what the person did not believe.
    """
    said = known.recorded
    if said is None:
        return None
    if said.dismissed:
        return Decision(outcome=Outcome.DISMISS, recorded=said, role=said.role, part=said.part, edition=said.edition)
    if said.type is None or said.title is None:
        return None
    if said.tmdb_id is None:
        return _match(said, None)
    if any(rejected.forbids(said.type, said.tmdb_id, said.episodes) for rejected in known.rejected):
        return None
    try:
        facts = await provider.item(said.type, said.tmdb_id)
    except (ItemNotFound, ProviderMisbehaved) as error:
        return _question(said, UnmatchedReason.NO_MATCH, error.detail) if said.by_person else None
    lacking = sorted(set(said.episodes) - _episodes_of(facts))
    if lacking:
        named = ", ".join(f"S{each.season:02}E{each.number:02}" for each in lacking)
        why = f"the provider does not have {named} of {facts.title}"
        return _question(said, UnmatchedReason.EPISODE_NOT_FOUND, why) if said.by_person else None
    return _match(said, facts)


def _match(said: Recorded, facts: ItemFacts | None) -> Decision:
    return Decision(
        outcome=Outcome.MATCH,
        probability=1.0 if said.probability is None else said.probability,
        item=_suggestion(said, facts.title, facts.year) if facts else None,
        episodes=said.episodes,
        role=said.role,
        part=said.part,
        edition=said.edition,
        neighbours=said.neighbours,
        recorded=said,
    )


def _question(said: Recorded, reason: UnmatchedReason, why: str) -> Decision:
    return Decision(
        outcome=Outcome.NO_MATCH,
        reason=reason,
        would_match_if=f"It was {said.told}, but {why}: an answer decides.",
        part=said.part,
        edition=said.edition,
        suggestions=(_suggestion(said, said.title or "", said.year),),
    )


def _suggestion(said: Recorded, title: str, year: int | None) -> Suggestion:
    assert said.tmdb_id is not None
    assert said.type is not None
    return Suggestion(
        type=said.type,
        tmdb_id=said.tmdb_id,
        title=title,
        year=year,
        episodes=said.episodes,
        probability=1.0,
        evidence=(Evidence(name="record", weight=WEIGHT, detail=said.told),),
    )


def _episodes_of(facts: ItemFacts) -> set[EpisodeNumber]:
    if facts.type is ItemType.MOVIE:
        return set()
    return {EpisodeNumber(season.number, each.number) for season in facts.seasons for each in season.episodes}
