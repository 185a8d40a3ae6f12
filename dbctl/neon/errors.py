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
    """The API said no: `said` is its message, `status` that of HTTP."""

    def __init__(self, message: str, *, hint: str = "", status: int = 0, said: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.said = said


def refused(status: int, code: str, message: str, request_id: str) -> NeonError:
    """The error with everything that somebody at Neon would ask for."""
    parts = [f"HTTP {status}", *([code] if code else []), f"request {request_id}"]
    fallback = "Neon has a problem: try again later" if status >= LATER else ""
    return NeonError(
        f"Neon answers: {message} ({', '.join(parts)})",
        hint=HINTS.get(status, fallback),
        status=status,
        said=message,
    )


class LostReplyError(UnreachableError):
    """A request that must not be sent twice was sent, and no answer came."""
