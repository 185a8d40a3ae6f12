"""SQLite's own SQL, where PostgreSQL's grammar does not know it."""

import re

from dbctl.lint import facts as f

_PRAGMA = re.compile(r"\s*PRAGMA\s+(?:\w+\.)?(\w+)\s*(?:[=(]\s*([^;)\s]+))?", re.IGNORECASE)
_TRIGGER = re.compile(
    r"\s*CREATE\s+(?:TEMP(?:ORARY)?\s+)?TRIGGER\s+(?:IF\s+NOT\s+EXISTS\s+)?[\"`\[]?(\w+)[\"`\]]?"
    r".*?\bON\s+[\"`\[]?(\w+)[\"`\]]?.*?\bBEGIN\b",
    re.IGNORECASE | re.DOTALL,
)
_OWN = re.compile(
    r"\bAUTOINCREMENT\b|\bON\s+CONFLICT\s+(?:ROLLBACK|ABORT|FAIL|IGNORE|REPLACE)\b"
    r"|\bWITHOUT\s+ROWID\b|(?<=\))\s*,?\s*STRICT\b",
    re.IGNORECASE,
)


def sqlite(text: str) -> f.Fact | None:
    """What a PRAGMA or a trigger with a body does; None for anything else."""
    if match := _PRAGMA.match(text):
        return f.Setting(name=match[1].lower(), value=match[2] or "")
    if match := _TRIGGER.match(text):
        return f.CreateTrigger(table=match[2], name=match[1])
    return None


def understood(text: str) -> str:
    """The same without the words that only SQLite has."""
    return _OWN.sub("", text).replace("`", '"')
