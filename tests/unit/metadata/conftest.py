"""A stand-in for TMDB, and a provider that asks it and never really waits."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

import pytest

from mediastead.clock import SetClock
from mediastead.metadata.pace import Pace
from mediastead.metadata.tmdb import Tmdb
from mediastead.settings import Secret

from ...standin import KEY, StandIn


@dataclass
class Waits:
    """Time that passes only by waiting; `slept` has every wait in seconds."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def standin() -> Generator[StandIn]:
    with StandIn() as server:
        yield server


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def make_tmdb(standin: StandIn, waits: Waits, clock: SetClock) -> Generator[Callable[..., Tmdb]]:
    """Makes providers on the stand-in; chance is always in the middle, and the rate does not hold anything up."""
    made: list[Tmdb] = []

    def make(key: str | None = KEY, base_url: str = standin.base_url, language: str = "en-US") -> Tmdb:
        pace = Pace(rate=1e9, monotonic=waits.monotonic, sleep=waits.sleep, chance=lambda: 0.5)
        secret = Secret(key) if key else None
        made.append(Tmdb(secret, base_url=base_url, language=language, clock=clock, pace=pace))
        return made[-1]

    yield make
    for tmdb in made:
        tmdb.close()


@pytest.fixture
def tmdb(make_tmdb: Callable[..., Tmdb]) -> Tmdb:
    return make_tmdb()
