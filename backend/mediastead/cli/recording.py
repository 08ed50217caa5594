"""What `mediastead library record` does: batch after batch, until every record lies where it should."""

import asyncio
from collections import Counter
from typing import Any

from .calling import Api, CommandFailed, Refused
from .output import print_json, say, warn
from .values import library_called

BUSY = 60
"""Seconds that a scan of the library is waited for."""


async def record_library(api: Api, name: str, form: str | None, preview: bool, as_json: bool) -> None:
    """Raises `CommandFailed` where some records could not be written, after having written all others."""
    found = await library_called(api, name)
    counts: Counter[str] = Counter()
    asked: dict[str, Any] = {"preview": preview} | ({"form": form} if form else {})
    after: int | None = 0
    while after is not None:
        batch = await _batch(api, found["id"], asked | {"after": after})
        counts.update(batch["counts"])
        for file in batch["files"]:
            if as_json:
                print_json(file)
            elif file["error"]:
                warn(f"{file['path']}: {file['error']}")
            elif preview and file["done"] != "same":
                say(f"{file['path']}: {_WOULD_BE.get(file['done'], file['done'])}")
        if batch["trouble"]:
            raise CommandFailed(f"{found['name']}: {batch['trouble']}")
        after = batch["next"]
        if after is not None and not as_json:
            warn(f"{sum(counts.values())} files done")
    if not as_json:
        wording = _WORDS | (_WOULD if preview else {})
        told = [f"{counts[done]} {words}" for done, words in wording.items() if counts[done]]
        say(f"{found['name']}: {', '.join(told) or 'every record lies where it should'}" + _NOTHING * preview)
    if failed := counts["failed"] + counts["theirs"]:
        raise CommandFailed(f"{failed} records could not be written; the lines above say why and what to do.")


async def write_records(api: Api, library: dict[str, Any]) -> str | None:
    """Write what is due, as the library is set; gives what could not be written, in words."""
    after: int | None = 0
    left = 0
    while after is not None:
        batch = await _batch(api, library["id"], {"after": after})
        if batch["trouble"]:
            return str(batch["trouble"])
        left += sum(batch["counts"].get(done, 0) for done in ("failed", "theirs"))
        after = batch["next"]
    return f"{left} records could not be written; `mediastead files show` says why." if left else None


_WORDS = {
    "written": "written",
    "same": "lay there already",
    "removed": "taken away that no longer hold",
    "skipped": "files left to after the next scan",
    "theirs": "left to a person's own NFO",
    "failed": "failed",
}
_WOULD = {"written": "would be written", "removed": "would be taken away that no longer hold"}
_WOULD_BE = {"written": "would be written", "removed": "would be taken away", "skipped": "waits for the next scan"}
_NOTHING = " (a preview: nothing was changed)"


async def _batch(api: Api, library_id: int, asked: dict[str, Any]) -> dict[str, Any]:
    for _ in range(BUSY):
        try:
            return await api.post(f"/v1/libraries/{library_id}/records", asked)
        except Refused as refused:
            if not str(refused.problem.get("type", "")).endswith("library-in-use"):
                raise
        await asyncio.sleep(1)
    raise CommandFailed("the library is being scanned; record it when that has ended.")
