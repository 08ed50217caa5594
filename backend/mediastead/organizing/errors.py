"""What can be wrong with asking for files to be organized."""

from ..errors import Conflict, InvalidRequest, NotFound


class InvalidTemplate(InvalidRequest):
    slug = "invalid-template"
    title = "The naming template makes no names"


class OrganizingNotFound(NotFound):
    slug = "organizing-not-found"
    title = "There is no such organizing"

    def __init__(self, organizing_id: int) -> None:
        super().__init__(
            f"There is no organizing {organizing_id}; list /v1/organizings.",
            organizing_id=organizing_id,
        )


class OrganizingDoesNotAllow(Conflict):
    """`extra["state"]` is where it stands."""

    slug = "organizing-does-not-allow"
    title = "The state of the organizing does not allow that"


class OrganizeWhat(InvalidRequest):
    slug = "organize-what"
    title = "What is to be organized must be said in one way"


class LibraryAway(Conflict):
    """A library that files are to be moved in is not mounted, or an organizing before waits for its disk."""

    slug = "library-away"
    title = "The disk of a library is not there"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"Nothing can be moved in {name} now. {why}", library=name)


class NotOrganizable(Conflict):
    slug = "not-organizable"
    title = "The files of this library cannot be moved safely"


class NothingStaged(NotFound):
    slug = "nothing-staged"
    title = "What a staged file is for is not there"


class StagedNotUsable(Conflict):
    slug = "staged-not-usable"
    title = "The staged file cannot come into the library"


class StagedInTheWay(StagedNotUsable):
    """What lies at its place in the library could be replaced by it, and nobody asked for that."""


class StagedDiskAway(StagedNotUsable):
    """A disk is not mounted that the file lies on, or that it is to come to."""
