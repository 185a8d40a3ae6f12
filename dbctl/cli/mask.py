"""Passwords in a text that somebody else made: known by where they stand, and taken out."""

import re

# user:password@ of a URL
_LOGIN = re.compile(r"""(://[^\s:/@]*:)[^\s'"]*(?=@)""")
# password=..., 'password': '...', PASSWORD '...'
_NAMED = re.compile(
    r"""(\b\w*(?:password|passwd|secret|api_key)\b["']?\s*(?:[=:]\s*)?)"""
    r"""('(?:[^'\\]|\\.|'')*'|"[^"]*"|(?<==)[^\s&,)]+)""",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    """`text` without those passwords."""
    return _NAMED.sub(r"\1***", _LOGIN.sub(r"\1***", text))
