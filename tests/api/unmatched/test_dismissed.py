"""Dismissed folders over the API."""

from ...db.files.shelf import Shelf, unsure
from .conftest import Queue

FOLDERS = "/v1/dismissed-folders"


async def test_a_folder_is_dismissed_listed_and_revoked(queue: Queue, shelf: Shelf) -> None:
    library = await shelf.library()
    files = [await shelf.file(library, path) for path in ("Hols/1.mp4", "Hols/Beach/2.mp4", "Else/3.mp4")]
    questions = [await shelf.question(file, unsure()) for file in files]
    made = await queue.client.post(FOLDERS, json={"question_id": questions[0]})
    assert made.status_code == 200, made.text
    told = made.json()
    assert (told["path"], told["by"], told["settled"], told["left"], told["files"]) == ("Hols", "local", 2, 0, 2)
    dismissed = (await queue.get("/v1/unmatched-files", status="dismissed"))["items"]
    assert {each["id"] for each in dismissed} == set(questions[:2])
    assert [each["id"] for each in (await queue.get(FOLDERS, library=library, revoked=False))["items"]] == [told["id"]]
    assert (await queue.operations())[-1].kind == "dismiss_folder"
    revoked = await queue.client.post(f"{FOLDERS}/{told['id']}/revoke", json={"also_files": True})
    assert (revoked.status_code, revoked.json()["revoked_by"], revoked.json()["files"]) == (200, "local", 0)
    assert [(await shelf.row(file)).identification.value for file in files] == ["pending", "pending", "unmatched"]
    assert (await queue.get(FOLDERS, revoked=False))["items"] == []
    again = await queue.client.post(f"{FOLDERS}/{told['id']}/revoke", json={})
    assert again.status_code == 409 and "revoked by local" in again.json()["detail"]


async def test_what_is_not_there_is_told(queue: Queue, shelf: Shelf) -> None:
    assert (await queue.client.post(FOLDERS, json={"question_id": 4711})).status_code == 404
    assert (await queue.client.post(f"{FOLDERS}/4711/revoke", json={})).status_code == 404
    library = await shelf.library()
    question = await shelf.question(await shelf.file(library, "in the root.mp4"), unsure())
    refused = await queue.client.post(FOLDERS, json={"question_id": question})
    assert refused.status_code == 400 and "exclude pattern" in refused.json()["detail"]
