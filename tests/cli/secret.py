"""A password that must be found nowhere, in none of the forms in which it may hide."""

import base64
from urllib.parse import quote

SECRET = "s3cr3t-Zq9%25@"  # not anybody's password
ENCODED = quote(SECRET, safe="")


def spellings() -> set[str]:
    """The secret as it stands in a text: raw, encoded, doubled, in base64, in halves."""
    pairs = [f"{user}:{SECRET}" for user in ("me", "postgres", "")]
    coded = {base64.b64encode(one.encode()).decode().rstrip("=")[:-2] for one in (SECRET, *pairs)}
    return {SECRET, ENCODED, quote(ENCODED, safe=""), "s3cr3t", "Zq9", SECRET[::-1], *coded}


def leaks(text: str) -> list[str]:
    """The spellings of the secret that `text` holds."""
    return sorted(one for one in spellings() if one in text)
