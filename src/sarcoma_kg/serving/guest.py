"""An application of others below our address, such as that of agents: our limits, our log."""

import time

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sarcoma_kg.serving import incoming, protocol, replies
from sarcoma_kg.serving.log import Log

__all__ = ["Guest"]


class Guest:
    """An ASGI application around another.

    What is too long, late or of another method does not reach it; what it does for a client that
    has gone is ended; each request has its line in the log.

    Args:
        inner: The application.
        methods: The methods that it takes, beside OPTIONS.
        log: Told of each request.
    """

    def __init__(self, inner: ASGIApp, methods: tuple[str, ...], log: Log) -> None:
        self._inner, self._methods, self._log = inner, methods, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        began = time.monotonic()
        request = Request(scope, receive)
        status = size = 0

        async def told(message: Message) -> None:
            nonlocal status, size
            status = message.get("status", status)
            size += len(message.get("body", b""))
            await send(message)

        try:
            refused = replies.preliminary(request, self._methods, incoming.LONGEST_ADDRESS)
            try:
                if refused is None:
                    body = await incoming.body(request)
                    work = self._inner(scope, _replayed(body, receive), told)
                    await incoming.present(work, request)
            except protocol.Refused as error:
                refused = replies.problem(error.status, "refused", error.detail, error.hint)
            except ClientDisconnect:
                refused = replies.problem(408, "gone", "the client has gone")
            if refused is not None and not status:
                await refused(scope, receive, told)
        finally:
            seconds = time.monotonic() - began
            self._log.request(request, status or 500, size, seconds)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return what receives a body that has arrived, and then what comes after it."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
