"""What goes wrong on purpose: refusals, silences, dropped connections, log-ins, novelties."""

import re
import threading
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["answer", "silence", "drop_before", "drop_after"]

MESSAGES = {
    423: "project already has running conflicting operations, scheduling of new ones is prohibited",
    429: "rate limit exceeded",
    500: "internal server error",
    503: "service temporarily unavailable",
}

STRANGE = {
    "creation_source": "hologram",
    "provisioner": "k8s-quantum",
    "action": "defrost_timeline",
}
ON_THE_WAY = {"running": "pondering", "init": "thawing"}


@dataclass
class Fault:
    """One thing that goes wrong `times` times, for requests that match."""

    kind: Kind
    method: str
    path: str
    times: int
    status: int = 0
    retry_after: str | None = None
    message: str = ""
    code: str = ""
    seconds: float = 0.0

    def matches(self, method: str, path: str) -> bool:
        """Whether it is about this request."""
        return self.method in ("*", method) and re.search(self.path, path) is not None


@dataclass
class Faults:
    """The faults that are still to come.

    `method` is "*" or a method, `path` a regular expression that is searched in the path
    below /api/v2.
    """

    novelties: bool = False
    pending: list[Fault] = field(default_factory=list)
    refusals: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(
        self,
        status: int,
        *,
        times: int = 1,
        method: str = "*",
        path: str = ".",
        retry_after: float | str | None = None,
        code: str = "",
        message: str = "",
    ) -> None:
        """Answer `times` requests with `status`; nothing is done for them.

        `retry_after` is the header: seconds, or the text of a date.
        """
        message = message or MESSAGES.get(status, "refused by the test")
        after = None if retry_after is None else str(retry_after)
        self._add(Fault("answer", method, path, times, status, after, message, code))

    def silence(
        self, seconds: float, *, times: int = 1, method: str = "*", path: str = "."
    ) -> None:
        """Do nothing and say nothing for `seconds`, then close the connection."""
        self._add(Fault("silence", method, path, times, seconds=seconds))

    def drop_before(self, *, times: int = 1, method: str = "*", path: str = ".") -> None:
        """Close the connection before anything was done."""
        self._add(Fault("drop_before", method, path, times))

    def drop_after(self, *, times: int = 1, method: str = "POST", path: str = ".") -> None:
        """Do what was asked, then close the connection without an answer."""
        self._add(Fault("drop_after", method, path, times))

    def refuse_logins(self, times: int = 1) -> None:
        """Refuse the next `times` connections to a database with 28P01, as a new branch may."""
        with self._lock:
            self.refusals += times

    def novelty(self) -> None:
        """Add unknown fields and values to every answer from now on."""
        self.novelties = True

    def clear(self) -> None:
        """Forget every fault that has not happened yet."""
        with self._lock:
            self.pending.clear()
            self.refusals, self.novelties = 0, False

    def _add(self, fault: Fault) -> None:
        with self._lock:
            self.pending.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """The first fault that is about this request, counted down; None if there is none."""
        with self._lock:
            found = next((one for one in self.pending if one.matches(method, path)), None)
            if found is not None:
                found.times -= 1
                self.pending = [one for one in self.pending if one.times > 0]
            return found

    def refuses_login(self) -> bool:
        """Whether this connection to a database is to be refused; counts down."""
        with self._lock:
            self.refusals, refused = max(0, self.refusals - 1), self.refusals > 0
            return refused


def with_novelties(value: Any) -> Any:
    """The same answer with a field in every object that no client knows."""
    if isinstance(value, dict):
        extended = {key: with_novelties(part) for key, part in value.items()}
        return _renamed(extended) | {"dbctl_never_saw_this": {"nested": [1, None, "x"]}}
    if isinstance(value, list):
        return [with_novelties(part) for part in value]
    return value


def _renamed(value: dict[str, Any]) -> dict[str, Any]:
    """Values of open lists that were not known when the client was written."""
    found = {key: STRANGE.get(key, part) for key, part in value.items()}
    for key in ("status", "current_state"):
        if found.get(key) in ON_THE_WAY:
            found[key] = ON_THE_WAY[found[key]]
    return found
