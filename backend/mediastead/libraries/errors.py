"""What can be wrong with a library that somebody wants to have.

InvalidRequest
├── RootRefused         the folder cannot be a library's root
├── InvalidPattern      no pattern in the language of .gitignore
└── FormRefused         the file system cannot keep records in this form
NotFound
└── LibraryNotFound
Conflict
├── NameTaken           another library has the name
├── RootTaken           the folder is, holds or lies in another library
└── LibraryBusy         a scan of it runs
"""

from ..errors import Conflict, InvalidRequest, NotFound


class RootRefused(InvalidRequest):
    slug = "root-refused"
    title = "The folder cannot be the root of a library"


class InvalidPattern(InvalidRequest):
    slug = "invalid-pattern"
    title = "An exclude pattern is none"

    def __init__(self, pattern: str) -> None:
        super().__init__(
            f"{pattern[:100]!r} is no exclude pattern; write it as in a .gitignore file, such as `Extras/` or `*.sample.mkv`.",
            pattern=pattern[:100],
        )


class FormRefused(InvalidRequest):
    slug = "record-form-refused"
    title = "Records cannot be written in this form"


class LibraryNotFound(NotFound):
    slug = "library-not-found"
    title = "There is no such library"

    def __init__(self, library_id: int) -> None:
        super().__init__(f"There is no library {library_id}; it may have been removed.", library_id=library_id)


class NameTaken(Conflict):
    slug = "name-taken"
    title = "Another library has this name"

    def __init__(self, name: str) -> None:
        super().__init__(f"There already is a library {name!r}; choose another name.", name=name)


class RootTaken(Conflict):
    slug = "root-taken"
    title = "The folder belongs to another library"


class NoInbox(InvalidRequest):
    slug = "no-inbox"
    title = "The library cannot be an inbox for that one"


class AccessRefused(InvalidRequest):
    slug = "access-refused"
    title = "Files cannot be given that mode or group"


class LibraryBusy(Conflict):
    slug = "library-busy"
    title = "A scan of the library runs"
