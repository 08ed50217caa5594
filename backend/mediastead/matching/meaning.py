"""Which episodes of a given series a name means: for files of which the series is known and only the numbers are asked about."""

from ..metadata.facts import ItemFacts
from ..parsing.parsed import ParsedPath
from .evidence import numbers_beyond, title_fit
from .inquiry import as_candidate
from .names import subject_of
from .numbering import Located, locate
from .renumbering import Recount


def episodes_meant(parsed: ParsedPath, facts: ItemFacts, recount: Recount | None) -> Located:
    """As a decision that comes to this series would have it: numbers that are a part of its title are no episodes."""
    subject = subject_of(parsed, "series")
    fit = title_fit(subject.readings, as_candidate(facts), facts, subject.written)
    in_title = numbers_beyond(fit, subject.readings) if fit else frozenset[int]()
    return locate(parsed, facts, in_title, recount)
