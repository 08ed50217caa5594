"""What can keep records from being written.

InvalidRequest
└── NoForm              neither the request nor the library says how to record
Conflict
└── LibraryInUse        a scan of the library runs
"""

from ..errors import Conflict, InvalidRequest


class NoForm(InvalidRequest):
    slug = "no-record-form"
    title = "It is not said how to record"


class LibraryInUse(Conflict):
    slug = "library-in-use"
    title = "The library is being scanned or changed"
