"""What becomes of a question when TMDB misbehaves: tried again, given up in time, told in words, and never with the key."""

import asyncio
import logging
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime

import pytest

from mediastead.catalog.types import ItemType
from mediastead.clock import SetClock
from mediastead.metadata.connection import without_key
from mediastead.metadata.errors import ItemNotFound, ProviderMisbehaved, ProviderTrouble, ProviderUnavailable
from mediastead.metadata.pace import PATIENCE, Pace
from mediastead.metadata.tmdb import UNREADABLE_TRIES, Tmdb
from mediastead.settings import Secret

from ...standin import KEY, TOKEN, Broken, CutOff, Fault, Redirected, Refused, Said, Silent, StandIn, Trickling
from .conftest import Waits

MOVIE, SERIES = ItemType.MOVIE, ItemType.SERIES

PASSING: list[Fault] = [
    Broken(500),
    Broken(502),
    Broken(503),
    Said(429),
    Said(429, Retry_After="2"),
    CutOff(),
    Silent(),
    Said(200, b""),
    Said(200, b'{"results": [{"id": 1,'),
    Said(200, b"<!DOCTYPE html><html>Sign in to the hotel's network</html>", Content_Type="text/html"),
    Said(200, b'{"results": "none"}'),
    Said(200, b"[" * 100_000),
    Said(200, b'{"results": [{"id": 1, "title": "\xff"}]}'),
    Said(200, b"not gzip", Content_Encoding="gzip"),
]


async def trouble(tmdb: Tmdb) -> ProviderUnavailable:
    with pytest.raises(ProviderUnavailable) as raised:
        await tmdb.search(MOVIE, "matrix")
    return raised.value


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: f"{type(fault).__name__} {vars(fault)}"[:50])
async def test_what_passes_is_tried_again(tmdb: Tmdb, standin: StandIn, waits: Waits, fault: Fault):
    standin.misbehave(fault)
    assert (await tmdb.search(MOVIE, "the matrix"))[0].tmdb_id == 603
    assert len(standin.asked) == 2 and sum(waits.slept) >= 0.5


async def test_a_server_error_is_tried_until_patience_is_over(tmdb: Tmdb, standin: StandIn, waits: Waits):
    standin.always = Broken(503)
    error = await trouble(tmdb)
    assert error.trouble is ProviderTrouble.DOWN and "503" in error.detail
    assert waits.slept == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert len(standin.asked) == 7 and waits.now <= PATIENCE


async def test_what_is_never_readable_is_given_up_sooner(tmdb: Tmdb, standin: StandIn):
    standin.always = Said(200, b"<html></html>")
    with pytest.raises(ProviderMisbehaved):
        await tmdb.search(MOVIE, "matrix")
    assert len(standin.asked) == UNREADABLE_TRIES


async def test_nobody_listening_is_down(make_tmdb: Callable[..., Tmdb], waits: Waits):
    with StandIn() as gone:
        address = gone.base_url
    error = await trouble(make_tmdb(base_url=address))
    assert error.trouble is ProviderTrouble.DOWN and "127.0.0.1" in error.detail
    assert len(waits.slept) == 6


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_not_tried_again(tmdb: Tmdb, standin: StandIn, status: int):
    standin.misbehave(Said(status))
    error = await trouble(tmdb)
    assert error.trouble is ProviderTrouble.UNAUTHORIZED and "MEDIASTEAD_TMDB_API_KEY" in error.detail
    assert len(standin.asked) == 1


async def test_a_wrong_key_is_refused_by_the_stand_in_itself(make_tmdb: Callable[..., Tmdb]):
    assert (await trouble(make_tmdb("f" * 32))).trouble is ProviderTrouble.UNAUTHORIZED


async def test_retry_after_is_obeyed(tmdb: Tmdb, standin: StandIn, waits: Waits):
    standin.misbehave(Said(429, Retry_After="7"), Said(503, Retry_After="11"))
    await tmdb.search(MOVIE, "matrix")
    assert waits.slept == [7.0, 11.0]


async def test_retry_after_may_be_a_date(tmdb: Tmdb, standin: StandIn, waits: Waits, clock: SetClock):
    later = format_datetime(clock.now() + timedelta(seconds=9), usegmt=True)
    standin.misbehave(Said(429, Retry_After=later))
    await tmdb.search(MOVIE, "matrix")
    assert waits.slept == [9.0]


@pytest.mark.parametrize("nonsense", ["soon", "-5", "", "1e3", "Mon, 99 Feb 2026 25:00:00 GMT"])
async def test_a_retry_after_that_says_nothing_is_passed_over(
    tmdb: Tmdb, standin: StandIn, waits: Waits, nonsense: str
):
    standin.misbehave(Said(429, Retry_After=nonsense))
    await tmdb.search(MOVIE, "matrix")
    assert waits.slept == [0.5]


async def test_a_limit_beyond_patience_is_told_at_once(tmdb: Tmdb, standin: StandIn, waits: Waits, clock: SetClock):
    standin.always = Said(429, Retry_After="3600")
    error = await trouble(tmdb)
    assert error.trouble is ProviderTrouble.LIMITED and error.retry_at == clock.now() + timedelta(hours=1)
    assert len(standin.asked) == 1 and waits.slept == []


async def test_a_limit_of_years_is_taken_for_a_day(tmdb: Tmdb, standin: StandIn, clock: SetClock):
    standin.always = Said(429, Retry_After="9" * 40)
    assert (await trouble(tmdb)).retry_at == clock.now() + timedelta(days=1)


def test_a_limit_holds_all_threads():
    waits = Waits()
    pace = Pace(rate=1e9, monotonic=waits.monotonic, sleep=waits.sleep, chance=lambda: 0.5)
    pace.hold(5)
    assert pace.await_turn(pace.begin())
    assert waits.slept == [5]


async def test_a_redirect_is_not_followed(tmdb: Tmdb, standin: StandIn):
    with StandIn() as elsewhere:
        standin.always = Redirected(f"{elsewhere.base_url}/search/movie?query=matrix")
        error = await trouble(tmdb)
        assert elsewhere.asked == []
    assert error.trouble is ProviderTrouble.DOWN and "MEDIASTEAD_TMDB_BASE_URL" in error.detail
    assert len(standin.asked) == 1


async def test_a_wrong_address_is_told_as_such(make_tmdb: Callable[..., Tmdb], standin: StandIn):
    error = await trouble(make_tmdb(base_url=standin.base_url + "/nowhere"))
    assert "MEDIASTEAD_TMDB_BASE_URL" in error.detail


async def test_a_question_that_is_not_accepted_is_trouble_of_that_question(tmdb: Tmdb, standin: StandIn):
    standin.misbehave(Said(422))
    with pytest.raises(ProviderMisbehaved):
        await tmdb.search(MOVIE, "matrix")
    assert len(standin.asked) == 1


async def test_a_title_that_is_gone_is_not_tried_again(tmdb: Tmdb, standin: StandIn):
    with pytest.raises(ItemNotFound):
        await tmdb.item(MOVIE, 999_999)
    assert len(standin.asked) == 1


async def test_an_answer_that_trickles_in_is_given_up_in_time(standin: StandIn):
    standin.always = Trickling(5)
    tmdb = Tmdb(Secret(KEY), base_url=standin.base_url, pace=Pace(patience=0.4))
    began = time.monotonic()
    assert (await trouble(tmdb)).trouble is ProviderTrouble.DOWN
    tmdb.close()
    assert time.monotonic() - began < 2


async def test_an_answer_that_never_ends_is_cut(tmdb: Tmdb, standin: StandIn, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("mediastead.metadata.connection.LARGEST_ANSWER", 100_000)
    standin.always = Said(200, b'{"results": []}' + b" " * 200_000)
    with pytest.raises(ProviderMisbehaved, match="larger"):
        await tmdb.search(MOVIE, "matrix")


async def test_closing_ends_the_wait_for_the_next_try(standin: StandIn):
    standin.always = Said(503, Retry_After="20")
    tmdb = Tmdb(Secret(KEY), base_url=standin.base_url)
    question = asyncio.create_task(tmdb.search(MOVIE, "matrix"))
    assert await asyncio.to_thread(standin.was_asked.wait, 10)
    began = time.monotonic()
    tmdb.close()
    with pytest.raises(ProviderUnavailable):
        await question
    assert time.monotonic() - began < 2


EVERY: list[Fault] = [
    *PASSING,
    Refused(),
    Said(404),
    Said(418),
    Redirected("https://elsewhere.example/?api_key=" + KEY),
]


@pytest.mark.parametrize("key", [KEY, TOKEN], ids=["v3", "v4"])
@pytest.mark.parametrize("fault", EVERY, ids=lambda fault: f"{type(fault).__name__} {vars(fault)}"[:50])
async def test_the_key_is_never_told(
    make_tmdb: Callable[..., Tmdb], standin: StandIn, caplog: pytest.LogCaptureFixture, fault: Fault, key: str
):
    standin.always = fault
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="urllib3"):
        with pytest.raises((ProviderUnavailable, ProviderMisbehaved)) as raised:
            await make_tmdb(key).search(MOVIE, "matrix")
        assert caplog.records, "urllib3 tells every request at DEBUG, so there is something to look at"
        for record in caplog.records:
            assert key not in record.getMessage() and key not in repr(record.__dict__)
    for error in chain(raised.value):
        assert key not in str(error) and key not in repr(error) and key not in repr(vars(error))
        assert key not in "".join(traceback.format_exception(error))


async def test_the_key_is_never_told_when_nobody_listens(
    make_tmdb: Callable[..., Tmdb], caplog: pytest.LogCaptureFixture
):
    with StandIn() as gone:
        address = gone.base_url
    with caplog.at_level(logging.DEBUG), pytest.raises(ProviderUnavailable) as raised:
        await make_tmdb(base_url=address).search(MOVIE, "matrix")
    assert not [error for error in chain(raised.value) if KEY in f"{error!r}{error}"]
    assert KEY not in caplog.text


def test_a_key_in_any_text_is_hidden():
    text = f'GET /3/x?api_key={KEY}&a=b "Authorization: Bearer {TOKEN}"'
    assert without_key(text) == 'GET /3/x?api_key=***&a=b "Authorization: Bearer ***"'


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and all that it came from, also what is not shown."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
