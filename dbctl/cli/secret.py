"""Secrets that somebody types or pipes in: never an argument, which every process list shows."""

import sys

from dbctl.cli.text import clean
from dbctl.errors import NotConfirmedError, UsageError

LONGEST = 4096
ATTEMPTS = 3


def asked(what: str, *, flags: str) -> str:
    """Ask twice for a secret, without showing it; the question is on stderr.

    `flags` says what to use without a terminal. Raises NotConfirmedError when there is none.
    """
    if not (sys.stdin and sys.stdin.isatty()):
        raise NotConfirmedError(f"no terminal to ask for the {what}", hint=f"add {flags}")
    for _ in range(ATTEMPTS):
        first = _typed(f"{what}: ")
        if first == _typed(f"{what} again: "):
            return first
        sys.stderr.write(f"the two are not the same {what}\n")
    raise NotConfirmedError(f"no {what} was typed twice; nothing was changed")


def piped() -> str:
    """What stdin holds, without the end of its line. Raises UsageError when it is no secret."""
    try:
        text = sys.stdin.read(LONGEST + 1) if sys.stdin else ""
    except UnicodeDecodeError:
        raise UsageError("stdin is not UTF-8", hint="convert it first") from None
    secret = text.removesuffix("\n").removesuffix("\r")
    if not secret or len(secret) > LONGEST or "\n" in secret:
        raise UsageError("stdin must hold the secret alone, on one line")
    return secret


def _typed(prompt: str) -> str:
    from getpass import getpass

    try:
        return getpass(clean(prompt), stream=sys.stderr)
    except EOFError:
        raise NotConfirmedError("nothing was typed; nothing was changed") from None
