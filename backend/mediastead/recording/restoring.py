"""Items made by hand come back with their files."""

from ..matching.decision import Decision, Outcome
from ..metadata.by_hand import MadeBefore


def made_by_hand(decision: Decision) -> MadeBefore | None:
    """The item that a recorded match is made with and that no provider has; None for all else."""
    said = decision.recorded
    if decision.outcome is not Outcome.MATCH or said is None or not said.made_by_hand:
        return None
    if said.type is None or said.title is None or said.made_at is None:
        return None
    titles = (*said.episode_titles, *(None for _ in said.episodes))
    episodes = tuple((each.season, each.number, title) for each, title in zip(said.episodes, titles, strict=False))
    return MadeBefore(type=said.type, title=said.title, year=said.year, made_at=said.made_at, episodes=episodes)
