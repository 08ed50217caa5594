"""What can go wrong between us and a metadata provider."""

from datetime import datetime
from enum import StrEnum

from ..errors import Conflict, NotFound, Unavailable


class ProviderTrouble(StrEnum):
    """Why a provider cannot be asked now."""

    NOT_CONFIGURED = "not_configured"
    """No key was given."""
    UNAUTHORIZED = "unauthorized"
    """The key was refused (401, 403)."""
    LIMITED = "limited"
    """Too many requests (429); `retry_at` is what Retry-After said."""
    DOWN = "down"
    """No connection, a time-out, or 5xx after all retries."""


class ProviderUnavailable(Unavailable):
    slug = "provider-unavailable"
    title = "The metadata provider cannot be asked now"

    def __init__(
        self, detail: str, *, provider: str, trouble: ProviderTrouble, retry_at: datetime | None = None
    ) -> None:
        super().__init__(
            detail, provider=provider, trouble=trouble.value, retry_at=retry_at.isoformat() if retry_at else None
        )
        self.provider = provider
        self.trouble = trouble
        self.retry_at = retry_at


class ProviderMisbehaved(Unavailable):
    """The provider answered something that cannot be read: trouble of this one question, not of the provider."""

    slug = "provider-misbehaved"
    title = "The metadata provider gave an answer that cannot be read"


class ItemNotFound(NotFound):
    slug = "item-not-found-at-provider"
    title = "The provider has no such title"


class OrderNotFound(NotFound):
    slug = "no-such-order"
    title = "The provider has no such order"


class NoSuchItem(NotFound):
    slug = "no-such-item"
    title = "There is no such item"

    def __init__(self, item_id: int | None) -> None:
        """`item_id` None: it was named otherwise, and went meanwhile."""
        named = "such item any more" if item_id is None else f"item {item_id}"
        super().__init__(
            f"There is no {named}; it may have been merged into another one: name the title by its TMDB id.",
            item_id=item_id,
        )


class MadeByHand(Conflict):
    slug = "made-by-hand"
    title = "The item was made by hand"


class KeptByProvider(Conflict):
    slug = "kept-by-provider"
    title = "The provider says what this item is"


class IdOfAnotherTitle(Conflict):
    slug = "id-of-another-title"
    title = "An item had this id when it was another title"


class EpisodeHeld(Conflict):
    """`extra["episodes"]` are [season, number]."""

    slug = "episode-held"
    title = "A file holds an episode that would go"


class NotKept(NotFound):
    """Nobody's decision went by an answer to this question, so that it cannot be answered without network."""

    slug = "answer-not-kept"
    title = "No answer to that question was kept"

    def __init__(self, question: str) -> None:
        super().__init__(
            f"No answer to {question} was kept: have the file identified again, which asks the provider.",
            question=question,
        )
        self.question = question
