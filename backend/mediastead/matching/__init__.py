"""Which item is this file? Candidates are weighed by named evidence; one is chosen, or the question is put into words."""

from .decide import decide
from .decision import Decision, EpisodeNumber, Evidence, Outcome, Rejected, Suggestion
from .weights import AUTOMATIC

__all__ = ["AUTOMATIC", "Decision", "EpisodeNumber", "Evidence", "Outcome", "Rejected", "Suggestion", "decide"]
