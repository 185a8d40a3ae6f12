"""What a branch is called where it is kept: readable, never cut into somebody else's name."""

import hashlib
import re
from dataclasses import dataclass

from dbctl.errors import UsageError

LONGEST = 200  # letters of a branch's own name
BYTES = 63  # what PostgreSQL keeps of a name
STEM, SLUG, HASH, CHECK = 20, 24, 10, 6
_WORDS = re.compile(r"[^a-z0-9]+")
_ID = re.compile(rf"(?P<body>(?:.+_)?[0-9a-f]{{{HASH}}})(?P<check>[0-9a-f]{{{CHECK}}})")


@dataclass(frozen=True)
class Names:
    """The names of the branches of one main database."""

    main: str

    def id(self, name: str) -> str:
        """The database or file of a branch: stem, slug, and a hash of both full names.

        The same for the same names, and another for any other: nothing is ever only cut off.
        """
        whole = _hash(f"{self.main}\0{name}", HASH)
        parts = [_slug(self.main, STEM), _slug(name, SLUG), whole]
        body = "_".join(part for part in parts if part)
        return body + self._sum(body)

    def spare(self, name: str) -> str:
        """Another id of the same branch, for what is to take its place."""
        return self.id(f"{name}\0new")

    def owns(self, found: str) -> bool:
        """Whether `found` is the id of a branch of this main database, also of a forgotten one.

        The last letters are a sum of the others and of the main database's name: nobody else
        calls a database like that.
        """
        match = _ID.fullmatch(found)
        return match is not None and match["check"] == self._sum(match["body"])

    def _sum(self, body: str) -> str:
        return _hash(f"{self.main}\0\0{body}", CHECK)


def require(name: str) -> None:
    """Raises UsageError for a name that cannot be typed, printed or kept."""
    why = ""
    if not 0 < len(name) <= LONGEST:
        why = f"it has {len(name)} letters, and may have 1 to {LONGEST}"
    elif not name.isprintable() or name != name.strip():
        why = "it holds signs that cannot be seen"
    elif name.startswith("-"):
        why = "it begins like an option"
    elif any("\ud800" <= sign <= "\udfff" for sign in name):
        why = "it holds bytes that are no text"
    if why:
        raise UsageError(f"{name!r} is no name for a branch: {why}", hint="choose another name")


def _slug(text: str, longest: int) -> str:
    """The letters and digits of `text`; only for people, the hash tells names apart."""
    return _WORDS.sub("_", text.lower()).strip("_")[:longest].strip("_")


def _hash(text: str, letters: int) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:letters]
