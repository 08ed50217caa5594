"""A command that looks at libraries ends, whatever keeps files from being identified."""

from typing import Any

from mediastead.cli.calling import Api
from mediastead.cli.progress import Silence
from mediastead.cli.scan import identified


class Told:
    """An API of which the library is as it is told, each look one of the list and then the last for ever."""

    def __init__(self, *looks: dict[str, int], reason: str | None = None) -> None:
        self._looks = list(looks)
        self._reason = reason

    async def get(self, path: str) -> dict[str, Any]:
        assert path == "/v1/libraries/1"
        look = self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]
        pending = {"total": 0, "settling": 0, "out_of_reach": 0, "waiting_for": None} | look
        return {"id": 1, "name": "Films", "unavailable_reason": self._reason, "counts": {"pending": pending}}


async def waiting(told: Any, patience: float = 60.0) -> str | None:
    api: Api = told
    return await identified(api, [{"id": 1}], Silence(), patience=patience)


async def test_it_ends_when_nothing_is_pending_any_more() -> None:
    assert await waiting(Told({"total": 2}, {"total": 1}, {"total": 0})) is None


async def test_files_on_a_disk_that_is_away_are_not_waited_for() -> None:
    said = await waiting(Told({"total": 9}, {"total": 7, "out_of_reach": 7}, reason="the disk is not mounted."))
    assert said is not None
    assert said.startswith("7 files lie where nobody can look now, and are identified once they are there again.")
    assert said.endswith("Films: the disk is not mounted.")


async def test_neither_are_files_that_nothing_comes_of_for_a_long_time() -> None:
    said = await waiting(Told({"total": 3}), patience=0.0)
    assert said is not None and said.startswith("3 files still wait")
