"""Sites that may hold the app in a frame, and cookies that browsers keep in such a frame.

In the frame of another site a browser keeps a cookie only with SameSite=None and Secure, and most
browsers only with Partitioned, too: each site around the frame has a jar of its own, so that a
third site's requests never carry the cookie.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from cnnviz.config import ConfigError, config

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Header = tuple[bytes, bytes]

_REPLACED = (b"samesite", b"secure", b"partitioned")


class Framing:
    """ASGI middleware: each answer says who may frame it, CNNVIZ_FRAME_ANCESTORS or nobody else."""

    def __init__(self, app: Callable[..., Awaitable[None]]):
        self._app = app
        try:
            self._sites = config().frame_ancestors
        except ConfigError:  # every page says it
            self._sites = ()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self._framed(message.get("headers", ()))}
            await send(message)

        await self._app(scope, receive, answer if scope["type"] == "http" else send)

    def _framed(self, headers: Iterable[Header]) -> list[Header]:
        policy = " ".join(["frame-ancestors 'self'", *self._sites]).encode("ascii")
        kept = [
            (name, for_frames(value) if self._sites and name.lower() == b"set-cookie" else value)
            for name, value in headers
        ]
        return [*kept, (b"content-security-policy", policy)]


def for_frames(cookie: bytes) -> bytes:
    """A Set-Cookie header for a frame. `a=1; Path=/; SameSite=Lax` loses its Lax, say."""
    pair, *attributes = [part.strip() for part in cookie.split(b";")]
    kept = [part for part in attributes if part.partition(b"=")[0].lower() not in _REPLACED]
    return b"; ".join([pair, *kept, b"SameSite=None", b"Secure", b"Partitioned"])
