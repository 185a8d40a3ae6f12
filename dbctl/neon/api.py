"""The transport: one request in, one JSON answer out, or one of our errors."""

import asyncio
import logging
import sys
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from dbctl import __version__
from dbctl.errors import ProviderError, TimedOutError, UnreachableError
from dbctl.neon.context import Access
from dbctl.neon.errors import LostReplyError, refused
from dbctl.neon.retry import Patience


def _imported() -> ModuleType:
    """httpx without its own command line, which would bring click, rich and pygments along."""
    absent = sys.modules.setdefault("httpx._main", None) is None  # type: ignore[arg-type]  # None: cannot be imported
    try:
        import httpx as found
    finally:
        if absent:
            sys.modules.pop("httpx._main", None)
    return found


if TYPE_CHECKING:
    import httpx
else:
    httpx = _imported()

READ = 3  # a server may think three times as long as connecting takes
PATIENCE = 60.0
OK, REDIRECT = 200, 300
GATEWAY = (502, 504)
# Sent again they change nothing more than the first time.
REPEATABLE = ("GET", "PATCH", "PUT", "DELETE")

log = logging.getLogger("dbctl.progress")


class Api:
    """Neon's API. `requests` counts what was sent, `server_time` is that of the last answer."""

    def __init__(
        self, access: Access, *, connect_timeout: float = 10.0, patience: float = PATIENCE
    ) -> None:
        self.access = access
        self.patience = patience
        self.requests = 0
        self.server_time: datetime | None = None
        self._timeout = connect_timeout
        self._client = httpx.AsyncClient(
            headers={
                "Authorization": f"Bearer {access.key}",
                "Accept": "application/json",
                "User-Agent": f"dbctl/{__version__}",
            },
            timeout=httpx.Timeout(connect_timeout * READ, connect=connect_timeout),
            # Certificates take time to load.
            verify=access.host.startswith("https:"),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def get(self, path: str, **parameters: object) -> Any:  # noqa: ANN401 - JSON
        """Read something."""
        return await self.send("GET", path, parameters=parameters)

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        parameters: dict[str, Any] | None = None,
        repeatable: bool | None = None,
    ) -> Any:  # noqa: ANN401 - JSON
        """One request, repeated where that is safe; the answer's JSON, None when it is empty.

        Raises NeonError for a no, LostReplyError when a request that is not `repeatable` was sent
        and nobody knows what came of it, UnreachableError when nobody answers.
        """
        again = method in REPEATABLE if repeatable is None else repeatable
        request = self._client.build_request(
            method,
            self.access.host + path,
            params={k: v for k, v in (parameters or {}).items() if v is not None} or None,
            json=body,
            headers={"X-Request-ID": str(uuid4())},
        )
        response = await self._repeated(request, Patience(self.patience, again))
        if not OK <= response.status_code < REDIRECT:
            raise self._refused(request, response, repeatable=again)
        return _json(response)

    async def _repeated(self, request: "httpx.Request", patience: Patience) -> "httpx.Response":
        while True:
            self.requests += 1
            try:
                response = await self._client.send(request)
            except (httpx.TransportError, httpx.InvalidURL) as error:
                sent = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                pause = patience.after_fault(sent=sent)
                if pause is None:
                    raise self._unanswered(request, error, patience, sent=sent) from None
            else:
                self.server_time = _date(response.headers.get("date", ""))
                pause = patience.after_answer(response.status_code, response.headers)
                if pause is None:
                    return response
                log.info("Neon answers %d, again in %.1f s", response.status_code, pause)
            await asyncio.sleep(pause)

    def _refused(
        self, request: "httpx.Request", response: "httpx.Response", *, repeatable: bool
    ) -> UnreachableError | ProviderError:
        if response.status_code in GATEWAY and not repeatable:
            return _lost(request)
        said = _object(response)
        own = request.headers["X-Request-ID"]
        return refused(
            response.status_code,
            str(said.get("code") or ""),
            self._clean(str(said.get("message") or response.reason_phrase or "no reason given")),
            str(said.get("request_id") or response.headers.get("x-request-id") or own),
        )

    def _unanswered(
        self, request: "httpx.Request", error: Exception, patience: Patience, *, sent: bool
    ) -> UnreachableError:
        host = request.url.netloc.decode("ascii", "replace")
        if sent and not patience.repeatable:
            return _lost(request)
        if isinstance(error, httpx.TimeoutException):
            seconds = self._timeout * (READ if sent else 1)
            return TimedOutError(
                f"Neon's API at {host} did not answer within {seconds:g} s",
                hint="DBCTL_CONNECT_TIMEOUT sets the limit for connecting, three times that for "
                "an answer",
            )
        reason = self._clean(str(error)) or type(error).__name__
        return UnreachableError(
            f"cannot reach Neon's API at {host}: {reason}",
            hint="is the network up? NEON_API_HOST names another address",
        )

    def _clean(self, text: str) -> str:
        return text.replace(self.access.key, "***")


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None


def _lost(request: "httpx.Request") -> LostReplyError:
    return LostReplyError(
        f"the answer to {request.method} {request.url.path} was lost: nobody knows what came of it",
        hint="see `dbctl neon operations list`, then run the command again",
    )


def _json(response: "httpx.Response") -> Any:  # noqa: ANN401 - JSON
    if not response.content.strip():
        return None
    try:
        return response.json()
    except ValueError:
        raise ProviderError(
            f"{response.request.url.netloc.decode()} answers something that is not JSON",
            hint="is NEON_API_HOST Neon's API? https://console.neon.tech/api/v2",
        ) from None


def _object(response: "httpx.Response") -> dict[str, Any]:
    """The body of a refusal; {} when it is not ours to read."""
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
