"""A library on a real disk, scanned, answered and recorded through the application; and its database made anew."""

import os
from collections import Counter
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select

from mediastead.catalog.models import MediaItem
from mediastead.clock import SetClock
from mediastead.db.engine import Database
from mediastead.events.wake import Wake
from mediastead.files.models import MediaFileDecision
from mediastead.metadata.bundled import BundledCatalogue
from mediastead.recording.writer import RecordWriter
from mediastead.scanning.claims import own_slot
from mediastead.scanning.identify import Identifier
from mediastead.scanning.runner import ScanRunner
from mediastead.schema import metadata_of_all_tables
from mediastead.unmatched.models import RejectedMatch

from ..conftest import ParserWithoutWorkers


class CountingCatalogue(BundledCatalogue):
    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()

    async def search(self, *arguments: Any, **options: Any) -> Any:
        self.asked["search"] += 1
        return await super().search(*arguments, **options)


class Home:
    """One person's library."""

    def __init__(self, client: httpx.AsyncClient, database: Database, clock: SetClock, root: Path) -> None:
        self.client, self.database, self.clock, self.root = client, database, clock, root
        self.provider = CountingCatalogue()
        self.writer = RecordWriter(database, clock)
        self.library_id = 0

    def put(self, *paths: str) -> None:
        """Files of different sizes that were not written to just now."""
        for path in paths:
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(path.encode() * 10)
            os.utime(file, (1_600_000_000, 1_600_000_000))

    async def ask(self, method: str, path: str, body: Any = None, status: int | None = None) -> Any:
        response = await self.client.request(method, f"/v1{path}", json=body)
        expected = response.is_success if status is None else response.status_code == status
        assert expected, (path, response.status_code, response.text)
        return response.json() if response.content else None

    async def add(self) -> None:
        added = await self.ask("POST", "/libraries", {"root": str(self.root), "kind": "mixed", "name": "Home"})
        self.library_id = added["id"]

    async def scan(self) -> None:
        """Until nothing is pending."""
        await self.ask("POST", f"/libraries/{self.library_id}/scans")
        await ScanRunner(self.database, self.clock, Wake()).run_queued()
        parser = ParserWithoutWorkers()
        async with own_slot(self.database) as owner:
            identifier = Identifier(self.database, self.clock, parser, self.provider, Wake(), threshold=0.98)
            while await identifier.batch(owner):
                pass

    async def files(self) -> dict[str, Any]:
        page = await self.ask("GET", "/media-files?limit=500")
        return {file["path"]: file for file in page["items"]}

    async def match(self, path: str, **answer: Any) -> None:
        file = (await self.files())[path]
        await self.ask("POST", f"/media-files/{file['id']}/match", {"version": file["version"], **answer})

    async def unmatch(self, path: str, **answer: Any) -> None:
        file = (await self.files())[path]
        await self.ask("POST", f"/media-files/{file['id']}/unmatch", {"version": file["version"], **answer})

    async def question(self, path: str) -> Any:
        """The open question about a file, with its suggestions."""
        page = await self.ask("GET", "/unmatched-files?limit=500")
        (question,) = [each["id"] for each in page["items"] if each["path"] == path]
        return await self.ask("GET", f"/unmatched-files/{question}")

    async def rejections(self) -> dict[str, list[Any]]:
        """By path, what persons said that files are not."""
        columns = (RejectedMatch.file_id, MediaItem.tmdb_id, RejectedMatch.episodes, RejectedMatch.by, RejectedMatch.at)
        query = select(*columns).join(MediaItem, MediaItem.id == RejectedMatch.item_id).order_by(RejectedMatch.id)
        paths = {file["id"]: path for path, file in (await self.files()).items()}
        found: dict[str, list[Any]] = {}
        async with self.database.read() as session:
            for file_id, *told in await session.execute(query):
                found.setdefault(paths[file_id], []).append(told)
        return found

    async def heard(self) -> dict[str, str | None]:
        """By path, what files heard of their neighbours."""
        paths = {file["id"]: path for path, file in (await self.files()).items()}
        query = select(MediaFileDecision.file_id, MediaFileDecision.neighbours)
        async with self.database.read() as session:
            return {paths[file_id]: heard for file_id, heard in await session.execute(query)}

    async def dismiss(self, path: str) -> None:
        page = await self.ask("GET", "/unmatched-files?limit=500")
        (question,) = [each["id"] for each in page["items"] if each["path"] == path]
        await self.ask("POST", f"/unmatched-files/{question}/dismiss")

    async def record(self, **body: Any) -> dict[str, str]:
        """All batches; what was done with each file."""
        done: dict[str, str] = {}
        after: int | None = 0
        while after is not None:
            batch = await self.ask("POST", f"/libraries/{self.library_id}/records", body | {"after": after})
            assert batch["trouble"] is None
            done |= {file["path"]: file["done"] for file in batch["files"]}
            after = batch["next"]
        return done

    async def what_it_is(self) -> dict[str, Any]:
        """Everything about the files that a rebuild has to give again, and nothing that it cannot."""
        found: dict[str, Any] = {}
        for path, file in (await self.files()).items():
            item = file["item"] and {key: value for key, value in file["item"].items() if key != "id"}
            same = {key: file[key] for key in ("identification", "episodes", "role", "part", "edition")}
            found[path] = same | {"item": item}
        return found

    async def forget_everything(self) -> None:
        """The database is lost; the disk is not."""
        async with self.database.write() as session:
            for table in reversed(metadata_of_all_tables.sorted_tables):
                await session.execute(delete(table))
        self.provider.asked.clear()


@pytest.fixture
async def home(client: httpx.AsyncClient, database: Database, clock: SetClock, tmp_path: Path) -> AsyncGenerator[Home]:
    root = tmp_path / "media"
    root.mkdir()
    yield Home(client, database, clock, root)
