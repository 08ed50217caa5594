"""Ways in which the stand-in misbehaves: each answers one request instead of the catalogue."""

import socket
import struct
import time
from http.server import BaseHTTPRequestHandler
from typing import Protocol


class Fault(Protocol):
    def answer(self, to: BaseHTTPRequestHandler) -> None: ...


class Said:
    """This status with this body, whatever it is."""

    def __init__(self, status: int, body: bytes = b"{}", **headers: str) -> None:
        self.status = status
        self.body = body
        self.headers = headers

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        to.send_response(self.status)
        for name, value in self.headers.items():
            to.send_header(name.replace("_", "-"), value)
        to.send_header("Content-Length", str(len(self.body)))
        to.end_headers()
        to.wfile.write(self.body)


def Refused() -> Said:  # noqa: N802 - reads like the other faults
    return Said(401, b'{"status_code": 7, "status_message": "Invalid API key", "success": false}')


def Broken(status: int = 500) -> Said:  # noqa: N802 - reads like the other faults
    return Said(status, b"<html>Internal Server Error</html>", Content_Type="text/html")


def Redirected(to: str) -> Said:  # noqa: N802 - reads like the other faults
    return Said(302, b"", Location=to)


class CutOff:
    """Announces more than it sends, then hangs up."""

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        to.send_response(200)
        to.send_header("Content-Length", "5000")
        to.end_headers()
        to.wfile.write(b'{"results": [{"id": 603, "title": "The Mat')
        to.close_connection = True


class Silent:
    """Takes the question and hangs up without a word."""

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        to.close_connection = True


class Reset:
    """Tears the connection down while the question is on the table, as a firewall does."""

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        # Closed without waiting for what is on its way: the other side gets a reset instead of an end.
        to.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        to.connection.close()
        to.close_connection = True


class Slow:
    """Answers nothing for so many seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        time.sleep(self.seconds)
        to.close_connection = True


class Trickling:
    """Sends a byte now and then, so that no time-out between two bytes ever passes."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        to.send_response(200)
        to.send_header("Content-Length", "100000")
        to.end_headers()
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            to.wfile.write(b" ")
            to.wfile.flush()
            time.sleep(0.02)
        to.close_connection = True
