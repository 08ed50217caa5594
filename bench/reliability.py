"""Whether probabilities mean what they say: reliability by bins, and what each threshold would match."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from labelled_paths import TYPES, Truth, kept_aside, right_title

from mediastead.matching import AUTOMATIC, Decision, Outcome
from mediastead.matching.decide import concluded
from mediastead.matching.deliberation import Deliberation

EDGES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 1.0)
"""Of the bins: narrow where the threshold is."""

THRESHOLDS = (0.85, 0.9, 0.93, 0.94, AUTOMATIC, 0.96, 0.97, 0.98)
"""None above what a deliberation takes for sure, from where on it asks nothing more."""


def print_reliability(truths: Sequence[Truth], deliberations: Mapping[str, Deliberation]) -> None:
    """Of the best contenders that are said to be right with a probability of about p, the share p should be; on the paths
    that were kept aside."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for truth in truths:
        best = next(iter(deliberations[truth["path"]].ranked), None)
        if truth["kind"] not in ("main", "none") or best is None or not kept_aside(truth):
            continue
        right = truth["kind"] == "main" and best.key == (TYPES[truth["type"]], truth["tmdb_id"])
        place = sum(best.probability >= edge for edge in EDGES[1:-1])
        bins[place].append((best.probability, right))
    print("\nreliability of the best contender, paths kept aside:  said, right, paths")
    for place, rows in sorted(bins.items()):
        said = sum(probability for probability, _ in rows) / len(rows)
        right = sum(right for _, right in rows) / len(rows)
        print(f"  {EDGES[place]:.2f}-{EDGES[place + 1]:.2f}   {said:.3f}   {right:.3f}   {len(rows)}")


def print_thresholds(
    truths: Sequence[Truth], deliberations: Mapping[str, Deliberation], bereft: Mapping[str, Deliberation]
) -> None:
    """What would be matched from other probabilities on: wrong are titles of main paths that are not ambiguous, ambiguous
    ones, and paths that have no right title (nothing identifies them, or the provider lacks it)."""
    print("\nthreshold   precision   recall   wrong: main, ambiguous, without a title")
    main = [truth for truth in truths if truth["kind"] == "main"]
    others = [deliberations[truth["path"]] for truth in truths if truth["kind"] == "none"]
    for threshold in THRESHOLDS:
        count: Counter[str] = Counter()
        for truth in main:
            decision = concluded(deliberations[truth["path"]], threshold)
            item = decision.item if decision.outcome is Outcome.MATCH else None
            right = item is not None and (item.type, item.tmdb_id) == right_title(truth)
            if truth.get("ambiguous"):
                count.update(ambiguous_wrong=item is not None and not right)
                continue
            count.update(main=1, matched=item is not None, right=right, whole=right and _whole(truth, decision))
        untitled = sum(concluded(each, threshold).outcome is Outcome.MATCH for each in (*others, *bereft.values()))
        precision, recall = (100 * count[part] / max(1, count[of]) for part, of in _SHARES)
        wrong = f"{count['matched'] - count['right']}, {count['ambiguous_wrong']}, {untitled}"
        mark = "  the default" if threshold == AUTOMATIC else ""
        print(f"  {threshold:.2f}       {precision:6.2f} %   {recall:6.2f} %   {wrong}{mark}")


_SHARES = (("right", "matched"), ("whole", "main"))


def _whole(truth: Truth, decision: Decision) -> bool:
    if truth["type"] == "movie":
        return True
    return [(each.season, each.number) for each in decision.episodes] == [
        (truth["season"], number) for number in sorted(truth["episodes"])
    ]
