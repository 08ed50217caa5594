"""Logs: structured, readable or JSON, one line an event, on standard error.

What Mediastead, uvicorn, SQLAlchemy and any other library says goes the same way, and carries the `request_id` of the request
in which it was said. Secrets are taken out of the finished line, so that they are missed nowhere: not in a message, not in an
address, not in a traceback.
"""

import json
import logging
import sys
from typing import Any, Literal, TextIO
from urllib.parse import quote

import structlog
from structlog.typing import Processor

TALKATIVE = (
    "httpx",
    "httpcore",
    "aiosqlite",
    "asyncio",
    "urllib3",
    "apscheduler",
    "rebulk",
    "guessit",
    "alembic.runtime.plugins",
    "procrastinate",
    "psycopg.pool",
)
"""Libraries whose steps are of no interest to whoever runs a server."""

_secrets: set[str] = set()


def keep_secret(text: str) -> None:
    """From now on this text shows as `***` in every line, also as it looks inside an address or JSON."""
    if len(text) >= 4:  # shorter ones would blot out innocent text and are no secret anyway
        _secrets.update({text, quote(text, safe=""), json.dumps(text)[1:-1]})


def redacted(line: str) -> str:
    for secret in sorted(_secrets, key=len, reverse=True):
        line = line.replace(secret, "***")
    return line


def set_up_logs(level: str, form: Literal["text", "json"], stream: TextIO | None = None) -> None:
    """Send all logs of the process at `level` and above to `stream` (standard error)."""
    target = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.UnicodeDecoder(),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        _RedactingFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(form, target)],
        )
    )
    root = logging.getLogger()
    for former in list(root.handlers):
        if isinstance(former.formatter, _RedactingFormatter):
            root.removeHandler(former)
    root.addHandler(handler)
    set_level(level)


def set_level(level: str) -> None:
    """Change how much is logged, at once."""
    logging.getLogger().setLevel(level.upper())
    for name in (
        "httpx",
        "httpcore",
        "aiosqlite",
        "asyncio",
        "urllib3",
        "apscheduler",
        "rebulk",
        "guessit",
        "alembic.runtime.plugins",
        "procrastinate",
        "psycopg.pool",
    ):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


class _RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


def _rendering(form: Literal["text", "json"], stream: TextIO) -> list[Processor]:
    if form == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(default=_shown)]
    return [structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)]


def _shown(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else repr(value)
