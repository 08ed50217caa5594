"""What a log line holds, and what it never does."""

import io
import json
import logging
from collections.abc import Generator

import pytest
import structlog

from mediastead.logs import keep_secret, set_up_logs


@pytest.fixture
def stream() -> Generator[io.StringIO]:
    root = logging.getLogger()
    configured = structlog.get_config()
    handlers = list(root.handlers)
    levels = {name: logging.getLogger(name).level for name in ("", *logging.root.manager.loggerDict)}
    yield io.StringIO()
    root.handlers[:] = handlers
    for name in ("", *logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))
    structlog.configure(**configured)


def test_json_lines_hold_event_level_logger_time_and_the_request_id(stream: io.StringIO) -> None:
    set_up_logs("info", "json", stream)
    with structlog.contextvars.bound_contextvars(request_id="abc"):
        structlog.stdlib.get_logger("mediastead.x").info("scan started", scan_id=7)
    line = json.loads(stream.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "scan started", "level": "info", "logger": "mediastead.x", "request_id": "abc", "scan_id": 7,
    }  # fmt: skip


def test_what_libraries_log_goes_the_same_way(stream: io.StringIO) -> None:
    set_up_logs("info", "json", stream)
    logging.getLogger("uvicorn.error").info("listening on %s", "::1")
    line = json.loads(stream.getvalue())
    assert (line["event"], line["logger"]) == ("listening on ::1", "uvicorn.error")


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_secret_is_missed_nowhere(stream: io.StringIO, form: str) -> None:
    keep_secret('p"ss w/rd')
    set_up_logs("info", "json" if form == "json" else "text", stream)
    log = structlog.stdlib.get_logger("mediastead.x")
    log.info('connecting with p"ss w/rd', url="postgresql://ada:p%22ss%20w%2Frd@db")
    try:
        raise RuntimeError('refused: p"ss w/rd')
    except RuntimeError:
        log.exception("failed")
    text = stream.getvalue()
    assert text.count("***") >= 3
    assert "w/rd" not in text and "w%2Frd" not in text


def test_setting_up_twice_writes_each_line_once(stream: io.StringIO) -> None:
    set_up_logs("info", "text", io.StringIO())
    set_up_logs("warning", "text", stream)
    structlog.stdlib.get_logger("mediastead.x").info("not this")
    structlog.stdlib.get_logger("mediastead.x").warning("but this")
    assert stream.getvalue().count("but this") == 1
    assert "not this" not in stream.getvalue()
