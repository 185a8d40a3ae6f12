"""How much of something is taken: bytes of a body, attempts to sign in, hashes at once."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dbctl.sample.api.failures import TooManyError, failed

MINUTE = 60.0
CLIENTS = 10_000  # remembered at most, so that many addresses cannot fill the memory
ACCOUNTS = 5  # one address may try as many accounts at full rate: an office shares one


class BodyLimit:
    """Answers 413 to a larger body, announced or not, before anything has read it whole."""

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what comes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if _announced(scope) > self.most:
            await failed(413, "too_large", HTTPStatus(413).phrase)(scope, receive, send)
            return
        await self.app(scope, self._counted(receive), send)

    def _counted(self, receive: Receive) -> Receive:
        came = 0

        async def received() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self.most:
                raise HTTPException(413)  # the one error that FastAPI lets through here
            return message

        return received


def _announced(scope: Scope) -> int:
    said = dict(scope["headers"]).get(b"content-length", b"")
    return int(said) if said.isdigit() else 0


class Attempts:
    """So many a minute from one client for one account; a few times that for all accounts."""

    def __init__(self, most: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self.clock = clock
        # For each the moment at which nothing would count any more.
        self.until: OrderedDict[tuple[str, ...], float] = OrderedDict()

    def take(self, client: str, account: str) -> None:
        """Count an attempt. Raises TooManyError when there were too many."""
        address = _network(client)
        self._take((address,), self.most * ACCOUNTS)
        self._take((address, account), self.most)

    def _take(self, key: tuple[str, ...], most: int) -> None:
        now, each = self.clock(), MINUTE / most
        until = max(self.until.get(key, now), now) + each
        if until - now > MINUTE + each / 2:
            raise TooManyError("too many attempts", seconds=math.ceil(until - now - MINUTE))
        self.until[key] = until
        self.until.move_to_end(key)
        if len(self.until) > CLIENTS:
            self.until.popitem(last=False)


class Gate:
    """Lets so many in at once and turns the rest away: nobody waits for minutes."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.inside = 0

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Be inside for the block. Raises TooManyError when it is full."""
        if self.inside >= self.most:
            raise TooManyError("too many at once", seconds=1)
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1


def _network(client: str) -> str:
    """An address; of IPv6 the part that one customer has, who owns all addresses in it."""
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if isinstance(address, IPv6Address):
        return address.exploded[:19]
    return client
