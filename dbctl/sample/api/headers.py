"""Headers that every answer carries, unless its route says them itself."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

YEAR = 365 * 24 * 60 * 60
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    # JSON loads and runs nothing, wherever a browser shows it; pages say their own.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    # Most of it is about somebody: no cache between us and them may keep it.
    "Cache-Control": "no-store",
}


class SafeHeaders:
    """Adds them; with `tls` also the one that keeps browsers on it."""

    def __init__(self, app: ASGIApp, *, tls: bool) -> None:
        self.app = app
        safe = {**SAFE, "Strict-Transport-Security": f"max-age={YEAR}"} if tls else SAFE
        self.safe = [(name.lower().encode(), value.encode()) for name, value in safe.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, and add to the head of the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = list(message["headers"])
                names = {name.lower() for name, _ in said}
                message["headers"] = said + [one for one in self.safe if one[0] not in names]
            await send(message)

        await self.app(scope, receive, sent)
