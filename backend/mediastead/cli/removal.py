"""Having a library removed, which takes a while for a large one."""

import asyncio
from typing import Any

from .calling import Api, Refused

NOT_FOUND = 404
LOOK_AGAIN = 0.1
"""Seconds between two looks whether it is gone."""


async def remove_library(api: Api, library: dict[str, Any]) -> None:
    """Returns when nothing is known of it any more. Whoever does not wait for that may end: a server goes on with it."""
    from .progress import progress

    await api.delete(f"/v1/libraries/{library['id']}")
    with progress() as shown:
        while True:
            try:
                row = await api.get(f"/v1/libraries/{library['id']}")
            except Refused as refused:
                if refused.status == NOT_FOUND:
                    return
                raise
            shown.identifying(sum(row["counts"]["by_presence"].values()), "forgetting")
            await asyncio.sleep(LOOK_AGAIN)
