"""Decisions as text that is nice to read and to compare."""

from collections.abc import Iterable, Iterator

from mediastead.matching import Suggestion
from mediastead.parsing import ParsedPath

from .cases import Judged, in_order


def rendered(name: str, judged: Iterable[Judged]) -> str:
    """What `decisions/<name>.txt` has to hold."""
    head = f"# Written by `make golden`: what is decided today about the paths in ../paths/{name}.txt.\n"
    return head + "".join("\n" + "\n".join(_lines(each)) + "\n" for each in judged)


def _lines(judged: Judged) -> Iterator[str]:
    decision = judged.decision
    minutes = f" @ {judged.case.minutes:g} min" if judged.case.minutes else ""
    beside = f" beside {judged.case.beside}" if judged.case.beside else ""
    yield f"{judged.case.path}{minutes}{beside}  ({judged.case.kind})"
    if not judged.holds:
        yield f"  WRONG   expected {judged.case.expected}"
    yield f"  read    {'; '.join(_said(judged.parsed))}"
    for question in judged.asked:
        yield f"  asked   {question}"
    for note in decision.notes:
        yield f"  note    {note}"
    if decision.item is not None:
        edition = f' edition "{decision.edition}"' if decision.edition else ""
        yield f"  MATCH   {judged.got}{edition}"
        yield from _weighed(decision.item)
        return
    yield f"  {'IGNORE' if judged.got == 'ignore' else 'ASK   '}  {decision.ignore_rule or decision.reason}"
    if decision.would_match_if:
        yield f"          {decision.would_match_if}"
    for place, suggestion in enumerate(decision.suggestions):
        yield from _weighed(suggestion) if place == 0 else _weighed_in_short(suggestion)


def _said(parsed: ParsedPath) -> Iterator[str]:
    """Each field with where it was read."""

    def source(field: str) -> str:
        return f" ({parsed.sources[field]})" if field in parsed.sources else ""

    if parsed.problem:
        yield f"nothing, {parsed.problem}"
    if parsed.type:
        yield f"{parsed.type.value}{source('type')}"
    for title in parsed.titles:
        yield f'"{title.text}"{f" of {title.year}" if title.year else ""} ({title.source})'
    for field in ("year", "seasons", "episodes", "absolute_episodes", "air_date", "episode_title", "part", "edition"):
        value = getattr(parsed, field)
        if value not in (None, ()) and (field != "year" or all(title.year != value for title in parsed.titles)):
            shown = ", ".join(map(str, value)) if isinstance(value, tuple) else value
            yield f"{field.replace('_', ' ')} {shown}{source(field)}"
    if parsed.role:
        yield f"{parsed.role.value} ({parsed.role_rule})"
    for id_source, value in sorted(parsed.ids.items()):
        yield f"id {id_source} {value}"


def _weighed(suggestion: Suggestion) -> Iterator[str]:
    yield f"    {_named(suggestion)}"
    for piece in suggestion.evidence:
        if abs(piece.weight) >= 0.05:
            yield f"        {piece.weight:+6.1f}  {piece.name}: {piece.detail}"


def _weighed_in_short(suggestion: Suggestion) -> Iterator[str]:
    pieces = ", ".join(
        f"{piece.name} {piece.weight:+.1f}" for piece in suggestion.evidence if abs(piece.weight) >= 0.05
    )
    yield f"    {_named(suggestion)}: {pieces}"


def _named(suggestion: Suggestion) -> str:
    """The probability in two digits, cut off and not rounded: what is shown as 0.95 is at least that."""
    year = f" ({suggestion.year})" if suggestion.year else ""
    episodes = in_order(suggestion.episodes)
    probability = int(suggestion.probability * 100 + 1e-9) / 100
    return (
        f"{probability:.2f}  {suggestion.type.value} {suggestion.tmdb_id} "
        f"{suggestion.title}{year}{episodes and f' {episodes}'}"
    )
