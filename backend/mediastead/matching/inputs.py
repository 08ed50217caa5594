"""What a decision went by, as it is kept with it, so that the decision can be made again without network.

A million decisions are kept, so what is large (answers of the provider, tables of numbers) is kept once
(`metadata.kept`), and only named here by its id.
"""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache

import msgspec
from msgspec import Struct, structs

from ..metadata.kept import Heard
from ..parsing.guess import PARSER_VERSION
from ..parsing.nfo import NfoFacts
from .known import Known
from .weights import WEIGHTS

RULES = 8
"""Goes up when the rules of matching decide otherwise; what the weights and the parser change tells itself."""


@cache
def matcher_version() -> str:
    """Of the matcher as it is: `1 9f3c2a1b`, the rules, and what stands for weights and parser."""
    told = msgspec.json.encode([sorted(WEIGHTS.items()), PARSER_VERSION])
    return f"{RULES} {hashlib.blake2b(told, digest_size=4).hexdigest()}"


class Inputs(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """As stored, some 300 bytes of JSON."""

    matcher: str
    """`matcher_version` of the one that decided."""
    threshold: float
    path: str
    """As text, relative to the library's root, when it was decided."""
    known: Known = Known()
    """Without the tables of numbers, which `numbering` and `orders` name."""
    nfo: tuple[NfoFacts, ...] = ()
    rule_lifted: bool = False
    provider: str
    answers: tuple[int, ...] = ()
    """Ids in `kept_answer`."""
    numbering: int | None = None
    """The id of the table of `known.answered`."""
    orders: dict[int, int] = {}
    """The ids of the tables of those of `known.orders` that were needed, by the TMDB ids of their series."""


class Basis(Struct, frozen=True, kw_only=True):
    """What a decision that was just made went by, as long as what is to be kept has no ids."""

    inputs: Inputs
    answers: tuple[Heard, ...]
    numbering: Heard | None
    orders: dict[int, Heard]

    @property
    def heard(self) -> tuple[Heard, ...]:
        """All that must be kept before `as_stored`."""
        return (*self.answers, *filter(None, [self.numbering]), *self.orders.values())

    def as_stored(self, ids: Mapping[bytes, int]) -> str:
        """`ids` by digest, as `metadata.kept.keep` gives them."""
        linked = structs.replace(
            self.inputs,
            answers=tuple(ids[each.digest] for each in self.answers),
            numbering=ids[self.numbering.digest] if self.numbering else None,
            orders={series: ids[each.digest] for series, each in self.orders.items()},
        )
        return msgspec.json.encode(linked).decode()


def basis_of(
    path: str,
    known: Known,
    nfo: Iterable[NfoFacts],
    *,
    rule_lifted: bool,
    provider: str,
    threshold: float,
    answers: tuple[Heard, ...],
    series: set[int],
) -> Basis:
    """`series` are those that the provider was asked about: orders of others cannot have mattered."""
    answered = known.answered
    table = answered.numbering if answered else None
    lean = structs.replace(known, orders={}, answered=structs.replace(answered, numbering=None) if answered else None)
    return Basis(
        inputs=Inputs(
            matcher=matcher_version(),
            threshold=threshold,
            path=path,
            known=lean,
            nfo=tuple(nfo),
            rule_lifted=rule_lifted,
            provider=provider,
        ),
        answers=answers,
        numbering=Heard.of("table", table) if table else None,
        orders={each: Heard.of(f"table/{each}", known.orders[each]) for each in sorted(series & known.orders.keys())},
    )


def read_inputs(stored: str) -> Inputs | None:
    """None for what another version of Mediastead wrote in another shape."""
    try:
        return msgspec.json.decode(stored, type=Inputs)
    except msgspec.MsgspecError:
        return None
