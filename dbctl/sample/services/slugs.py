"""The part of an address that names a post, made from its title."""

import re
import unicodedata

LENGTH = 230  # leaves room for a suffix
# What does not fall apart into a plain letter and its marks, or has a spelling of its own.
FOLDED = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
    }  # codespell:ignore ue
    | {"ı": "i", "đ": "d", "'": "", "’": ""}  # noqa: RUF001 - what typographers write
)


def slug(title: str) -> str:
    """Letters of the title in lower case, digits, single hyphens; `post` when none is left."""
    text = unicodedata.normalize("NFC", title).lower().translate(FOLDED)
    plain = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:LENGTH].rstrip("-") or "post"
