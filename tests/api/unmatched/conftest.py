from typing import Any, NamedTuple

import httpx
import pytest
from sqlalchemy import select

from mediastead.db.engine import Database
from mediastead.events.models import Event
from mediastead.operations.models import Operation, OperationFile

from ...db.files.shelf import Shelf


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database)


class Done(NamedTuple):
    """An operation."""

    id: int
    kind: str
    actor: str
    before: dict[str, Any]
    after: dict[str, Any]


class Queue:
    """The API as a person uses it, with what the database has of it."""

    def __init__(self, client: httpx.AsyncClient, database: Database) -> None:
        self.client = client
        self.database = database

    async def answer(self, question: int | str, what: str, body: Any = None, status: int = 200) -> dict[str, Any]:
        return await self._post(f"/v1/unmatched-files/{question}/{what}", body, status)

    async def correct(self, file: int, what: str, body: Any = None, status: int = 200) -> dict[str, Any]:
        return await self._post(f"/v1/media-files/{file}/{what}", body, status)

    async def many(self, what: str, answers: list[dict[str, Any]], status: int = 200) -> dict[str, Any]:
        return await self._post(f"/v1/unmatched-files/{what}", {"answers": answers}, status)

    async def get(self, path: str, /, expected: Any = 200, **query: Any) -> dict[str, Any]:
        response = await self.client.get(path, params=query)
        assert response.status_code == expected, response.text
        return response.json()

    async def _post(self, path: str, body: Any, status: int) -> dict[str, Any]:
        response = await self.client.post(path, json=body)
        assert response.status_code == status, response.text
        if status >= 400:
            assert response.headers["content-type"] == "application/problem+json"
        return response.json()

    async def operations(self) -> list[Done]:
        """With their files in `before` and `after`, as they were told."""
        async with self.database.read() as session:
            rows = (await session.execute(select(*Operation.__table__.columns).order_by(Operation.id))).all()
            files = (await session.execute(select(*OperationFile.__table__.columns).order_by("file_id"))).all()
        done = [Done(row.id, row.kind, row.actor, dict(row.before), dict(row.after)) for row in rows]
        for each in done:
            theirs = [file for file in files if file.operation_id == each.id]
            if theirs:
                each.before["files"] = [
                    {"id": file.file_id, "version": file.version_before, **file.before} for file in theirs
                ]
            if theirs and theirs[0].version_after is not None:
                each.after["files"] = [{"id": file.file_id, "version": file.version_after} for file in theirs]
        return done

    async def events(self) -> list[tuple[str, dict[str, Any]]]:
        async with self.database.read() as session:
            rows = (await session.execute(select(Event.kind, Event.data).order_by(Event.id))).all()
        return [(kind, data) for kind, data in rows if kind.startswith("file.")]


@pytest.fixture
def queue(client: httpx.AsyncClient, database: Database) -> Queue:
    return Queue(client, database)
