"""What a file is to be taken for where no title is said."""

from ..files.identification import Verdict
from ..files.queries import LockedFile
from ..files.types import Identification, Role


def kept(file: LockedFile, to: Identification) -> Verdict:
    """A verdict without an item that keeps what the name says of the file: part, edition, whether it is an extra."""
    role = file.role if file.role in (Role.EXTRA, Role.SAMPLE) else None
    return Verdict(file=file, to=to, role=role, part=file.part, edition=file.edition)
