"""HEAD is answered wherever GET is: with the same status and headers, without the body (RFC 9110, 9.3.2)."""

import asyncio
from typing import Any, cast

from litestar.types import ASGIApp, HTTPDisconnectEvent, Message, Receive, Scope, Send


def heads_as_gets(app: ASGIApp) -> ASGIApp:
    """`app`, to which every HEAD looks like a GET."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        asked = cast("dict[str, Any]", scope)
        if asked["method"] != "HEAD":
            await app(scope, receive, send)
            return
        begun = asyncio.Event()
        read = False

        async def receive_until_begun() -> Any:
            # An event stream would go on for ever: it is told that nobody reads it once its headers are out.
            nonlocal read
            if read:
                await begun.wait()
                return HTTPDisconnectEvent(type="http.disconnect")
            read = True
            return await receive()

        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                begun.set()

        await app(cast("Scope", {**asked, "method": "GET"}), receive_until_begun, send_without_body)

    return answer
