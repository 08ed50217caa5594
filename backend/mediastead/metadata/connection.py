"""The connection to TMDB that tmdbsimple is given in place of a `requests` session: one try of one request.

The key is added last and is in no text that leaves this file: errors are made here, in our words, and never chained to those
of requests or urllib3, which quote the address with the key in it.
"""

import contextlib
import logging
import re
from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import DecodeError, HTTPError, ProtocolError, ReadTimeoutError

from ..settings import Secret
from .pace import Deadline

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 15.0
"""Seconds without a byte."""
LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes, unpacked. Seventeen seasons of a daily show with the guests of every episode come to some tens of MB."""


class Failure(StrEnum):
    """Why a try gave no answer."""

    UNREACHABLE = "unreachable"
    """No connection, or a time-out."""
    BROKEN = "broken"
    """5xx."""
    LIMITED = "limited"
    """429."""
    UNREADABLE = "unreadable"
    """Cut off, empty, too large, no JSON, or not of the documented shape."""
    REFUSED = "refused"
    """401 or 403."""
    NOT_FOUND = "not_found"
    """404."""
    ELSEWHERE = "elsewhere"
    """A redirect, which is not followed (the key would go along), or a 404 that is not TMDB's own: the address is wrong. Nothing
    may be taken to be gone for that."""
    REJECTED = "rejected"
    """Any other 4xx: the question itself is not accepted."""


class TryFailed(Exception):
    """One try gave no answer; `words` say why, to end a sentence with."""

    def __init__(self, failure: Failure, words: str, retry_after: str | None = None) -> None:
        super().__init__(words)
        self.failure = failure
        self.words = words
        self.retry_after = retry_after


class Answer:
    """What tmdbsimple needs of a response: the JSON, already read and decoded."""

    def __init__(self, content: Any) -> None:
        self._content = content
        self.encoding = "utf-8"

    def raise_for_status(self) -> None:
        """Nothing to raise: an answer that is none became a `TryFailed` before."""

    def json(self) -> Any:
        return self._content


class Connection:
    """Kept-alive connections to one address with one key, used by several threads."""

    def __init__(self, base_url: str, key: Secret, *, threads: int) -> None:
        self.base_url = base_url.rstrip("/")
        parts = urlsplit(self.base_url)
        self.host = f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
        self._session = requests.Session()
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=threads)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # An `auth` of our own also keeps requests from sending what ~/.netrc has for the host.
        self._session.auth = _Key(key)
        logging.getLogger("urllib3.connectionpool").addFilter(_WITHOUT_KEY)

    def within(self, deadline: Deadline) -> "Asking":
        """The connection as a session for tmdbsimple, for tries that must end by `deadline`."""
        return Asking(self, deadline)

    def get(self, url: str, params: Mapping[str, Any], deadline: Deadline) -> Answer:
        """One try. Raises `TryFailed`."""
        failed: TryFailed
        try:
            with self._session.get(
                url,
                params=params,
                headers={"Accept": "application/json"},
                timeout=(_at_most(CONNECT_TIMEOUT, deadline), _at_most(READ_TIMEOUT, deadline)),
                allow_redirects=False,
                stream=True,
            ) as response:
                return _answer(response, _body(response, deadline))
        except (requests.RequestException, HTTPError) as error:
            failed = TryFailed(*_in_words(error, self.host))
        raise failed  # outside the except block, so that the error with the key in its text is not its context

    def close(self) -> None:
        with contextlib.suppress(Exception):  # a pool that is in use elsewhere may complain; there is nobody to tell
            self._session.close()


class Asking:
    """A connection with a deadline; has the one method of a session that tmdbsimple calls."""

    def __init__(self, connection: Connection, deadline: Deadline) -> None:
        self.base_url = connection.base_url
        self._connection = connection
        self._deadline = deadline

    def request(self, method: str, url: str, *, params: Mapping[str, Any] | None = None, **_: Any) -> Answer:
        if method != "GET":
            raise ValueError(f"TMDB is only read, never asked to {method}")
        return self._connection.get(url, params or {}, self._deadline)


def without_key(text: str) -> str:
    """`text` in which the value of every `api_key` and bearer token is `***`."""
    return _KEY_IN_TEXT.sub(r"\1***", text)


_KEY_IN_TEXT = re.compile(r"(api_key=|Bearer\s+)[^&\s\"'\\]+", re.IGNORECASE)


class _WithoutKey(logging.Filter):
    """urllib3 logs every address at DEBUG."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = without_key(record.getMessage()), ()
        return True


_WITHOUT_KEY = _WithoutKey()
"""One object, so that adding it again changes nothing."""


class _Key(AuthBase):
    """Adds the key to a request: a read access token (v4, a JSON Web Token) as a header, an API key (v3) as a parameter."""

    def __init__(self, key: Secret) -> None:
        self._key = key

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        key = self._key.reveal()
        if key.startswith("eyJ") or key.count(".") == 2:
            r.headers["Authorization"] = f"Bearer {key}"
        else:
            address: Any = r  # the stubs leave the parameters of prepare_url without types
            address.prepare_url(r.url, {"api_key": key})
        return r


def _at_most(seconds: float, deadline: Deadline) -> float:
    return max(0.05, min(seconds, deadline.left()))


def _body(response: requests.Response, deadline: Deadline) -> bytes:
    """The body, unpacked. `read1` returns what has come, so that an answer that trickles in is noticed."""
    pieces: list[bytes] = []
    size = 0
    while piece := response.raw.read1(64 * 1024, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST_ANSWER:
            raise TryFailed(Failure.UNREADABLE, f"its answer is larger than {LARGEST_ANSWER >> 20} MB")
        if deadline.left() <= 0:
            raise TryFailed(Failure.UNREACHABLE, "its answer did not come to an end in time")
    return b"".join(pieces)


def _answer(response: requests.Response, body: bytes) -> Answer:
    status = response.status_code
    retry_after = response.headers.get("Retry-After")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise TryFailed(Failure.LIMITED, "it says that it was asked too often (429)", retry_after)
    if status >= 500:
        raise TryFailed(Failure.BROKEN, f"it answered with an error of its own ({status})", retry_after)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise TryFailed(Failure.REFUSED, f"it refused the key ({status})")
    if status == HTTPStatus.NOT_FOUND:
        if _is_documented_404(body):
            raise TryFailed(Failure.NOT_FOUND, "it has nothing there (404)")
        raise TryFailed(Failure.ELSEWHERE, "what answers there is not TMDB (404)")
    if status >= 400:
        raise TryFailed(Failure.REJECTED, f"it did not accept the question ({status})")
    if status >= 300:
        target = urlsplit(response.headers.get("Location", "")).hostname or "another address"
        raise TryFailed(Failure.ELSEWHERE, f"it sends us on to {target} ({status})")
    if not body:
        raise TryFailed(Failure.UNREADABLE, "its answer is empty")
    try:
        return Answer(msgspec.json.decode(body))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    raise TryFailed(Failure.UNREADABLE, "its answer is no JSON")


def _is_documented_404(body: bytes) -> bool:
    """TMDB says 34 (no such resource) or 6 (no such id): https://developer.themoviedb.org/docs/errors."""
    try:
        return msgspec.json.decode(body, type=_Refusal).status_code in (6, 34)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False


class _Refusal(msgspec.Struct):
    status_code: int


def _in_words(error: Exception, host: str) -> tuple[Failure, str]:
    """What went wrong with a request, without the text of the error."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Failure.UNREACHABLE, f"{host} did not take the connection in time"
    if isinstance(error, requests.exceptions.Timeout | ReadTimeoutError):
        return Failure.UNREACHABLE, f"{host} did not answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return Failure.UNREACHABLE, f"the certificate of {host} cannot be trusted"
    if isinstance(error, requests.exceptions.ProxyError):
        return Failure.UNREACHABLE, f"the proxy on the way to {host} does not answer"
    if isinstance(error, ProtocolError | DecodeError):
        return Failure.UNREADABLE, "its answer was cut off"
    return Failure.UNREACHABLE, f"no connection to {host}"
