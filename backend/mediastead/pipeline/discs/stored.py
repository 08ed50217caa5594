"""Facts and guesses as the columns hold them, and back."""

from typing import Any

import msgspec

from .facts import DiscFacts, TitleFacts
from .guess import Guess
from .models import Disc, DiscTitle


def as_json(made: DiscFacts | TitleFacts | Guess) -> dict[str, Any]:
    """For a column. The titles of a disc have rows of their own."""
    if isinstance(made, DiscFacts):
        made = msgspec.structs.replace(made, titles=())
    return msgspec.to_builtins(made)


def title_facts(title: DiscTitle) -> TitleFacts:
    """What was read of it; of a file, and of what another version wrote, as much as there is."""
    known = {name: value for name, value in title.facts.items() if name in TitleFacts.__struct_fields__}
    duration = known.get("duration")
    return msgspec.convert({**known, "number": title.number, "duration": duration or 0.0}, TitleFacts, strict=False)


def guess_of(disc: Disc) -> Guess:
    """An empty one where there is none."""
    return msgspec.convert(disc.guess or {}, Guess, strict=False)
