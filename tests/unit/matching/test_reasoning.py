"""How a decision was come to: the questions in their order, each with why it was asked and what was answered."""

from mediastead.matching.decide import reasoned
from mediastead.matching.known import Known

from .provider_in_memory import InMemoryProvider, episode_path, film, film_path, series


async def test_each_question_is_told_once_in_order_with_its_reason_and_its_answer() -> None:
    provider = InMemoryProvider(film(1, "The Long Harbour", 1992))
    told = await reasoned(film_path("The Long Harbour", 1993), provider, Known(), 0.95)
    assert [(each.question, each.answer) for each in told.asked] == [
        ('search movie "The Long Harbour" 1993', "0 titles"),
        ('search movie "The Long Harbour"', "1 title"),
    ]
    assert [each.why for each in told.asked] == ["as the name is read first", "the year may be a little wrong"]
    assert len(told.asked) == len(provider.asked)


async def test_a_series_is_said_to_be_asked_for_its_episodes() -> None:
    told = await reasoned(
        episode_path("The Long Harbour", 1, 2),
        InMemoryProvider(series(7, "The Long Harbour", 2003, [6])),
        Known(),
        0.95,
    )
    assert told.asked[-1].question == "item series 7"
    assert told.asked[-1].answer == '"The Long Harbour"'
    assert told.asked[-1].why == "whether it has the episode that the name says"


async def test_an_id_that_the_provider_does_not_know_is_told_as_not_known() -> None:
    told = await reasoned(film_path("Low Tide", ids={"tmdb": "9"}), InMemoryProvider(), Known(kind="movies"), 0.95)
    assert told.asked[0].why == "the name has this id"
    assert told.asked[0].answer == "not known"
