"""Words for people: why a file is in the queue, and who decided."""

from ..files.types import UnmatchedReason

SCAN = "scan"
"""Who decided where no person did, in questions, imports and events."""

IN_WORDS = {
    UnmatchedReason.NO_MATCH: "The provider knows no title like it.",
    UnmatchedReason.LOW_CONFIDENCE: "There is a best title, but it is not sure enough.",
    UnmatchedReason.AMBIGUOUS: "Several titles fit equally well.",
    UnmatchedReason.PARSE_FAILED: "The name says nothing that could be searched for.",
    UnmatchedReason.EPISODE_NOT_FOUND: "The series is known, but it has no such episode.",
    UnmatchedReason.REJECTED: "A person said that it is not what it was taken for.",
    UnmatchedReason.REPLACED: "Another file lies in its place, which hardly is what it was taken for.",
}


def reason_in_words(reason: UnmatchedReason, would_match_if: str | None) -> str:
    """`The provider knows no title like it. A year in the folder name decides.`"""
    return f"{IN_WORDS[reason]} {would_match_if}" if would_match_if else IN_WORDS[reason]
