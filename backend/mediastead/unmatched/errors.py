"""What can be wrong with an answer."""

from datetime import datetime
from http import HTTPStatus

from ..errors import Conflict, InvalidRequest, NotFound
from ..files.queries import LockedFile
from ..files.types import Resolution


class QuestionSettled(Conflict):
    """The question was answered already: the error says by whom, when and how."""

    slug = "question-settled"
    title = "The question was settled already"

    def __init__(self, question_id: int, resolution: Resolution, by: str | None, at: datetime | None) -> None:
        when = at.isoformat(timespec="seconds") if at else "some time ago"
        whom = "by the scan" if by == "scan" else f"by {by}"
        super().__init__(
            f"Question {question_id} was settled {whom} at {when}: {resolution.value}. "
            "Restore it to answer it anew, or answer under the file.",
            resolution=resolution.value,
            resolved_by=by,
            resolved_at=at.isoformat() if at else None,
        )


class StaleVersion(Conflict):
    """The file was changed since the version that the answer names."""

    slug = "stale-version"
    title = "The file was changed meanwhile"

    def __init__(self, file: LockedFile, seen: int) -> None:
        super().__init__(
            f"File {file.id} has version {file.version} by now and is {file.identification.value}; "
            f"the answer saw version {seen}. Look at it again, and answer with the current version.",
            version=file.version,
            identification=file.identification.value,
        )


class DismissalUnknown(NotFound):
    slug = "dismissed-folder-unknown"
    title = "There is no such dismissed folder"


class DismissalRevoked(Conflict):
    slug = "dismissed-folder-revoked"
    title = "The folder is no longer dismissed"

    def __init__(self, dismissed_id: int, by: str | None, at: datetime) -> None:
        when = at.isoformat(timespec="seconds")
        super().__init__(
            f"Dismissed folder {dismissed_id} was revoked by {by} at {when}; dismiss it anew where it is to hold."
        )


class MovedOn(Conflict):
    """What an answer made has been changed since, so that it cannot be taken back by itself."""

    slug = "moved-on"
    title = "The file has moved on since"


class NothingToRestore(Conflict):
    slug = "nothing-to-restore"
    title = "There is nothing to restore"


class AnsweredTwice(Conflict):
    slug = "answered-twice"
    title = "The same question is answered twice in one request"


class AnswerRevoked(Conflict):
    slug = "answer-revoked"
    title = "The answer was revoked already"

    def __init__(self, answer_id: int, by: str | None, at: datetime) -> None:
        how = "superseded by a later one" if by == "superseded" else f"revoked by {by}"
        super().__init__(
            f"Remembered answer {answer_id} was {how} at {at.isoformat(timespec='seconds')}; it holds for nothing any more.",
            revoked_by=by,
            revoked_at=at.isoformat(),
        )


class AnswerUnknown(NotFound):
    slug = "answer-unknown"
    title = "There is no such remembered answer"


class QuestionUnknown(NotFound):
    slug = "question-unknown"
    title = "There is no such question"


class FileUnknown(NotFound):
    slug = "file-unknown"
    title = "There is no such file"


class AnswerIncomplete(InvalidRequest):
    """The answer lacks something, or says two things at once."""

    slug = "answer-incomplete"
    title = "The answer does not say enough, or says too much"


class NoSuchEpisode(InvalidRequest):
    """The series has no such episodes: `extra` names what is missing, and what the season has."""

    slug = "no-such-episode"
    title = "The series has no such episode"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class NotTheSameKind(Conflict):
    slug = "not-the-same-kind"
    title = "A film does not become a series, nor a series a film"

    def __init__(self, item_id: int, name: str, is_a: str, asked: str) -> None:
        super().__init__(
            f"Item {item_id}, {name}, is a {is_a} and not a {asked}, so that its files cannot go along as they are: match each "
            "of them to the other title (POST /v1/media-files/{id}/match, `mediastead files match`).",
            item_id=item_id,
        )


class EpisodesLacking(Conflict):
    slug = "episodes-lacking"
    title = "The title lacks episodes that files hold"

    def __init__(self, name: str, files: int) -> None:
        super().__init__(
            f"{name} lacks episodes that {files} files hold: match those otherwise first, or ask with queue_the_rest to have "
            "them put into the queue.",
            files=files,
        )


class RemappedTogether(Conflict):
    slug = "remapped-together"
    title = "It depends on another item of the same request"


class NoOtherOrders(Conflict):
    """Only a series that the provider knows can be counted in another order of the provider's."""

    slug = "no-other-orders"
    title = "The item has no other orders"


class GroupChanged(Conflict):
    """Files joined the group, left it or were renamed since the preview: `extra["seen"]` is what is there now."""

    slug = "group-changed"
    title = "The group is no longer what was seen"


class GroupUnknown(NotFound):
    slug = "group-unknown"
    title = "There is no such group"
