"""The questions of one file to the provider, each asked once, with what went wrong noted."""

from msgspec import Struct

from ..metadata.errors import ItemNotFound, ProviderMisbehaved
from ..metadata.facts import Candidate, ItemFacts, ItemType
from ..metadata.origin import Origin, Sourced
from ..metadata.provider import Provider
from .titles import fold


class Asked(Struct, frozen=True):
    """A question of one file to the provider."""

    question: str
    """`search movie "low tide" 2004`, `item series 1396`, `find imdb tt0133093`"""
    why: str
    """In words, as the second half of "asked ...": `as the name says it`."""
    answer: str
    """`3 titles`, `known`, `not known`, or what went wrong."""
    origin: Origin | None = None
    """Where the answer came from; None where nobody wanted to know."""


class Inquiry:
    """Asks a provider within a budget. `ProviderUnavailable` passes through; what fails for one question becomes a note."""

    def __init__(self, provider: Provider, budget: int) -> None:
        self._provider = provider
        self._budget = budget
        self._searches: dict[tuple[ItemType, str, int | None], list[Candidate]] = {}
        self._items: dict[tuple[ItemType, int], ItemFacts | None] = {}
        self.notes: list[str] = []
        self.why = ""
        """Why what is asked next is asked."""
        self.course: list[Asked] = []
        """What was asked so far, in order."""

    @property
    def asked(self) -> int:
        """Questions so far, failed ones included."""
        return len(self._searches) + len(self._items)

    @property
    def has_searched(self) -> bool:
        return bool(self._searches)

    @property
    def spent(self) -> bool:
        return self.asked >= self._budget

    def allow(self, more: int) -> None:
        """Let so many more questions be asked than the budget says."""
        self._budget = max(self._budget, self.asked) + more

    async def search(self, type: ItemType, text: str, year: int | None) -> list[Candidate]:
        """What the provider finds. Files of one folder ask in the same words, so that a cache can answer."""
        query = " ".join(text.split())
        key = (type, fold(query), year)
        if not key[1]:
            return []
        if key not in self._searches:
            if self.spent:
                return []
            try:
                self._searches[key] = await self._provider.search(type, query, year=year)
            except ProviderMisbehaved as error:
                self.notes.append(f'the search for "{query}" failed: {error.detail}')
                self._searches[key] = []
            found = self._searches[key]
            self._note(f'search {type.value} "{query}"{f" {year}" if year else ""}', _titles(len(found)))
        return self._searches[key]

    async def item(self, type: ItemType, tmdb_id: int) -> ItemFacts | None:
        """All about one title, None where the provider does not have it or could not say."""
        key = (type, tmdb_id)
        if key not in self._items:
            if self.spent:
                return None
            try:
                self._items[key] = await self._provider.item(type, tmdb_id)
            except ItemNotFound:
                self.notes.append(f"the provider has no {type.value} with the id {tmdb_id}")
                self._items[key] = None
            except ProviderMisbehaved as error:
                self.notes.append(f"the question for the {type.value} {tmdb_id} failed: {error.detail}")
                self._items[key] = None
            facts = self._items[key]
            self._note(f"item {type.value} {tmdb_id}", f'"{facts.title}"' if facts else "not known")
        return self._items[key]

    async def find(self, source: str, value: str) -> list[Candidate]:
        """The titles that carry an id elsewhere; ids are asked for first, so no budget stands against them."""
        try:
            found = await self._provider.find(source, value)
        except ItemNotFound:
            found = []
        except ProviderMisbehaved as error:
            self.notes.append(f"the question for the {source} id {value} failed: {error.detail}")
            return []
        self._note(f"find {source} {value}", _titles(len(found)))
        if not found:
            self.notes.append(f"the provider knows no title with the {source} id {value}")
        return found

    def _note(self, question: str, answer: str) -> None:
        origin = self._provider.origin if isinstance(self._provider, Sourced) else None
        self.course.append(Asked(question, self.why, answer, origin))


def _titles(count: int) -> str:
    return "1 title" if count == 1 else f"{count} titles"


def as_candidate(facts: ItemFacts) -> Candidate:
    """The hit of a search that `facts` would have been."""
    return Candidate(
        type=facts.type,
        tmdb_id=facts.tmdb_id,
        title=facts.title,
        original_title=facts.original_title,
        original_language=facts.original_language,
        year=facts.year,
        release_date=facts.release_date,
        countries=facts.countries,
        overview=facts.overview or "",
        poster=facts.poster,
        popularity=facts.popularity,
        vote_count=facts.vote_count,
    )
