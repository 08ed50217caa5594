"""The queue of the tests of answers, and a picture of all that answers change."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from mediastead.db.engine import Database
from mediastead.files.models import MediaFile, MediaFileDecision, MediaFileEpisode
from mediastead.unmatched.models import (
    DismissedFolder,
    RejectedMatch,
    RememberedAnswer,
    SeriesOrder,
    UnmatchedFile,
)

from ...db.files.shelf import Shelf
from ..unmatched.conftest import Queue


class History(Queue):
    async def undo(self, operation_id: int, status: int = 200, **query: Any) -> dict[str, Any]:
        response = await self.client.post(f"/v1/operations/{operation_id}/undo", params=query)
        assert response.status_code == status, response.text
        return response.json()

    async def latest(self) -> dict[str, Any]:
        """The last operation that is not a part of another."""
        return (await self.get("/v1/operations"))["items"][0]

    async def picture(self) -> dict[str, Any]:
        """All that answers change; without versions, and without what tells when something was settled, which is new."""
        files = await self._rows(
            MediaFile, "identification", "media_item_id", "role", "part", "edition", "ignore_rule", "rule_lifted"
        )
        return {
            "files": files,
            "episodes": sorted(await self._rows(MediaFileEpisode, "file_id", "episode_id")),
            "asked": await self._rows(
                UnmatchedFile,
                *("id", "file_id", "reason", "would_match_if", "group_key", "proposed", "ready", "said"),
                where=UnmatchedFile.resolution.is_(None),
            ),
            "rejected": sorted(await self._rows(RejectedMatch, "file_id", "item_id", "by"), key=str),
            "leaning": await self._rows(MediaFileDecision, "file_id", "neighbours", "remembered_answer_id"),
            "answers": await self._rows(
                RememberedAnswer, "id", "title", "holds", "item_id", where=RememberedAnswer.revoked_at.is_(None)
            ),
            "folders": await self._rows(DismissedFolder, "path", where=DismissedFolder.revoked_at.is_(None)),
            "orders": await self._rows(SeriesOrder, "item_id", "group_id", "chosen_by", "chosen_at"),
        }

    async def _rows(self, table: Any, *names: str, where: Any = None) -> list[Any]:
        columns = table.__table__.columns
        keys = [column for column in columns if column.primary_key]
        query = select(*(columns[name] for name in names)).order_by(*keys)
        query = query if where is None else query.where(where)
        async with self.database.read() as session:
            return [tuple(row) for row in await session.execute(query)]


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


@pytest.fixture
def history(client: httpx.AsyncClient, database: Database) -> History:
    return History(client, database)
