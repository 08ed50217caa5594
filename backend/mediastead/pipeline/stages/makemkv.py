"""What `makemkvcon -r mkv` says while it works, one message a line.

    PRGV:current,total,max    PRGC:code,id,"name"    PRGT:code,id,"name"    MSG:code,flags,count,"message","format",...

Source: https://www.makemkv.com/developers/usage.txt; the codes of messages are those that it has printed for years.
"""

import csv
import re

from ..jobs.work import Report

EXPIRED = frozenset({5021, 5052, 5055, 5073})
"""This version is too old; the evaluation is over (twice); a temporary key has expired."""
FAILED_TO_OPEN, FAILED_TO_SAVE, SOME_FAILED, DONE_SOME_FAILED = 5010, 5003, 5004, 5037
READ_ERRORS = range(2000, 2100)
"""`Error '...' occurred while reading '...'`."""
LEAST_SECONDS = 10
"""`--minlength`: the numbers of titles count from it, so it must be the same as when the disc was read."""


class Robot:
    """Follows one call. Ask `expired` and `failure` afterwards."""

    def __init__(self, report: Report, begin: float = 0.0, end: float = 1.0) -> None:
        self._report = report
        self._begin, self._end = begin, end
        self.expired: str | None = None
        """Its words, where it works only with a new version or key."""
        self.failure: str | None = None
        """Its words, where it could not save what it was asked for."""
        self._read_error: str | None = None

    def hear(self, line: str) -> bool:
        """For `Tools.run`."""
        if match := re.match(r"PRGV:(\d+),(\d+),(\d+)", line):
            total, most = int(match[2]), int(match[3])
            if most > 0:
                self._report.progress(self._begin + min(1.0, total / most) * (self._end - self._begin))
            return True
        if match := re.match(r"PRG[CT]:\d+,\d+,(.*)", line):
            self._report.log("info", match[1].strip('"'))
            return True
        if line.startswith("MSG:"):
            self._message(line)
            return True
        return line.startswith(("DRV:", "TCOUNT:", "CINFO:", "TINFO:", "SINFO:"))

    def _message(self, line: str) -> None:
        (fields,) = csv.reader([line[4:]], doublequote=False, escapechar="\\")
        if len(fields) < 4 or not fields[0].isdigit():
            return
        code, words = int(fields[0]), fields[3]
        bad = True
        if code in EXPIRED:
            self.expired = words
        elif code in READ_ERRORS:
            self._read_error = words
        elif code in (FAILED_TO_OPEN, FAILED_TO_SAVE):
            self.failure = f"{words}: {self._read_error}" if self._read_error else words
        elif code in (SOME_FAILED, DONE_SOME_FAILED):
            self.failure = self.failure or words
        else:
            bad = False
        self._report.log("warning" if bad else "info", words)


def source_of(source: bytes, is_folder: bool) -> bytes:
    """What makemkvcon calls it."""
    if source.startswith(b"/dev/"):
        return b"dev:" + source
    return (b"file:" if is_folder else b"iso:") + source


def arguments_for(source: bytes, is_folder: bool, title: int, into: bytes) -> list[str | bytes]:
    options = ["-r", "--noscan", "--progress=-same", f"--minlength={LEAST_SECONDS}"]
    return [*options, "mkv", source_of(source, is_folder), str(title), into]
