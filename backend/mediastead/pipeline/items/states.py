"""How far an item is: which states may follow which, and the only function that changes one."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from ...events import outbox
from ..jobs.models import Stage
from .errors import ItemMoved
from .models import ItemState, PipelineItem, StateTransition, Trigger

STAGES = (Stage.RIP, Stage.REMUX, Stage.TRANSCODE, Stage.ORGANIZE)
"""In their order."""
STATES = (ItemState.NEW, ItemState.RIPPED, ItemState.REMUXED, ItemState.TRANSCODED, ItemState.IN_LIBRARY)
"""In their order; each is reached by the stage with the same place, the first by none."""

ALLOWED: dict[ItemState, Collection[ItemState]] = {
    ItemState.NEW: {ItemState.RIPPED},
    # Back, because a disc came, a title was chosen, or a person has a stage done again.
    ItemState.RIPPED: {ItemState.NEW, ItemState.REMUXED},
    ItemState.REMUXED: {ItemState.NEW, ItemState.RIPPED, ItemState.TRANSCODED},
    ItemState.TRANSCODED: {ItemState.NEW, ItemState.RIPPED, ItemState.REMUXED, ItemState.IN_LIBRARY},
    ItemState.IN_LIBRARY: set(),
}
"""An item never goes forward past a state, so that each transition tells of one stage."""

GIVEN_UP = "given_up"
"""Stands as the last of an item's transitions where a person ended it before it was in a library; no state of its own, because
how far it was stays told."""

Done: TypeAlias = Stage | None
"""The last stage that a title has behind it."""


def state_after(done: Done) -> ItemState:
    """What an item is of which every title has that stage behind it."""
    return ItemState.NEW if done is None else STATES[STAGES.index(done) + 1]


def stage_to(state: ItemState) -> Stage | None:
    """The stage by which that state is reached."""
    place = STATES.index(state)
    return STAGES[place - 1] if place else None


def next_stage(done: Done) -> Stage | None:
    """The stage after that one; None after the last."""
    place = 0 if done is None else STAGES.index(done) + 1
    return STAGES[place] if place < len(STAGES) else None


def before(stage: Stage) -> Done:
    """The stage before that one; None before the first."""
    place = STAGES.index(stage)
    return STAGES[place - 1] if place else None


def is_behind(done: Done, stage: Stage) -> bool:
    """Whether a title with `done` has that stage behind it."""
    return done is not None and STAGES.index(done) >= STAGES.index(stage)


def went_back_at(transitions: Iterable[StateTransition]) -> datetime | None:
    """When an item last went back to an earlier state, or began; None where nothing is told of it."""
    places = {state.value: place for place, state in enumerate(STATES)}
    back = [
        each.at
        for each in transitions
        if each.from_state is None
        or (each.to_state in places and places[each.to_state] < places.get(each.from_state, -1))
    ]
    return max(back, default=None)


def path_between(old: ItemState, new: ItemState) -> Sequence[ItemState]:
    """The states that an item goes through, the last one included: forward one by one, back at once."""
    was, becomes = STATES.index(old), STATES.index(new)
    return STATES[was + 1 : becomes + 1] if becomes > was else ([new] if becomes < was else [])


def parted(text: str) -> list[str]:
    """What stands parted by commas in a column."""
    return [each for each in text.split(",") if each]


def skipped(text: str) -> frozenset[Stage]:
    """Of `PipelineItem.skips`."""
    return frozenset(Stage(each) for each in parted(text))


def together(stages: Iterable[Stage]) -> str:
    """For `PipelineItem.skips`, in the order of the stages."""
    given = set(stages)
    return ",".join(stage.value for stage in STAGES if stage in given)


async def move(
    session: AsyncSession,
    now: datetime,
    item_id: int,
    old: ItemState,
    new: ItemState,
    trigger: Trigger,
    actor: str,
    notes: str | None = None,
) -> None:
    """An active item goes from `old` to `new`, and that is recorded. In its library it has ended.

    Raises `ItemMoved` where it is no longer `old`, or has ended; `ValueError` where no item may go so.
    """
    if new not in ALLOWED[old]:
        raise ValueError(f"no item goes from {old} to {new}")
    moved = await session.execute(
        update(PipelineItem)
        .where(PipelineItem.id == item_id, PipelineItem.state == old, PipelineItem.ended_at.is_(None))
        .values(state=new, ended_at=now if new is ItemState.IN_LIBRARY else None)
        .returning(PipelineItem.id)
    )
    if moved.scalar_one_or_none() is None:
        raise ItemMoved(item_id, old.value)
    await record_transition(session, now, item_id, old.value, new.value, trigger, actor, notes)


async def record_transition(
    session: AsyncSession,
    now: datetime,
    item_id: int,
    old: str | None,
    new: str,
    trigger: Trigger,
    actor: str,
    notes: str | None,
) -> None:
    """Write down that an item went from one state to another, in the transaction in which it does."""
    row = {
        "item_id": item_id,
        "from_state": old,
        "to_state": new,
        "trigger": trigger,
        "actor": actor,
        "notes": notes,
        "at": now,
    }
    await session.execute(insert(StateTransition), row)
    outbox.record(
        session, now, "pipeline_item.moved", item_id=item_id, from_state=old, to_state=new, trigger=trigger.value
    )
