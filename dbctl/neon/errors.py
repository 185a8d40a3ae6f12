"""What the API and the way to it can answer beside success, as errors of ours."""

from dbctl.errors import ProviderError, UnreachableError

HINTS = {
    401: "the key is not valid: check NEON_API_KEY; keys are made in Neon's console",
    403: "this key may not do that: check which organisation or project it was made for",
    404: "see `dbctl neon projects list` and `dbctl neon branch list`",
    409: "it is there already",
    423: "operations of the project are still running: see `dbctl neon operations list`",
    429: "too many requests: wait a minute",
}
LATER = 500


class NeonError(ProviderError):
    """The API said no: a status, a code, a message, and the request's id."""

    def __init__(self, status: int, code: str, message: str, request_id: str) -> None:
        self.status = status
        self.code = code
        self.said = message
        parts = [f"HTTP {status}", *([code] if code else []), f"request {request_id}"]
        fallback = "Neon has a problem: try again later" if status >= LATER else ""
        super().__init__(
            f"Neon answers: {message} ({', '.join(parts)})", hint=HINTS.get(status, fallback)
        )


class LostReplyError(UnreachableError):
    """A request that must not be sent twice was sent, and no answer came."""
