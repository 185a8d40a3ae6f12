"""SQL as text: where a statement ends, what stands in brackets. Nothing is understood of it."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field

# What may hold a semicolon or a bracket that means nothing; then the same, not yet ended.
_TOKEN = re.compile(
    r"""(?P<whole>--[^\n]*\n|/\*.*?\*/|[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"
    |\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$|(?![eE]')[^\W\d][\w$]*)
    |(?P<open>--|/\*|[eE]'|'|"|\$(?:[^\W\d]\w*)?\$)|(?P<other>.)""",
    re.DOTALL | re.VERBOSE,
)
_CHECK = re.compile(r'(?:\bCONSTRAINT\s+("(?:[^"]|"")+"|\w+)\s+)?\bCHECK\s*(?=\()', re.IGNORECASE)


@dataclass
class Typed:
    """SQL as it comes in, line by line; `add` gives the statements that are complete."""

    dialect: str
    rest: str = ""
    _held: list[str] = field(default_factory=list)

    def add(self, text: str) -> Iterator[str]:
        """Every statement that `text` completes, without its semicolon."""
        *parts, self.rest = _parts(self.rest + text, ";")
        for part in parts:
            self._held.append(part)
            whole = ";".join(self._held)
            # The body of a SQLite trigger has semicolons of its own.
            if self.dialect != "sqlite" or sqlite3.complete_statement(f"{whole};"):
                self._held.clear()
                if _says_something(whole):
                    yield whole.strip()

    @property
    def waiting(self) -> str:
        """What has begun and not ended."""
        whole = ";".join([*self._held, self.rest])
        return whole.strip() if _says_something(whole) else ""

    def forget(self) -> None:
        """Begin anew."""
        self.rest = ""
        self._held.clear()


def checks(statement: str) -> Iterator[tuple[str, str]]:
    """Name and condition of the check constraints of a CREATE TABLE statement."""
    for match in _CHECK.finditer(_blanked(statement)):
        name = statement[match.start(1) : match.end(1)] if match[1] else ""
        condition = " ".join(in_brackets(statement, match.end()).split())
        plain = name[1:-1].replace('""', '"') if name.startswith('"') else name
        yield plain, condition


def index_terms(statement: str) -> tuple[tuple[str, ...], str]:
    """What a CREATE INDEX statement indexes, and its condition ("" when it has none)."""
    start = _blanked(statement).find("(")
    inside = in_brackets(statement, start)
    after = statement[start + len(inside) + 2 :].strip()
    terms = tuple(" ".join(part.split()) for part in _parts(inside, ","))
    return terms, " ".join(re.sub(r"(?i)^where\s+", "", after).split())


def is_without_rowid(statement: str) -> bool:
    """Whether a CREATE TABLE statement makes a table whose rows have no number."""
    start = statement.find("(")
    after = statement[start + len(in_brackets(statement, start)) + 2 :]
    return "WITHOUT ROWID" in " ".join(after.upper().split())


def in_brackets(text: str, start: int) -> str:
    """What stands between the bracket at `start` and the one that closes it."""
    depth = 0
    for match in _TOKEN.finditer(text, start):
        depth += (match[0] == "(") - (match[0] == ")")
        if not depth:
            return text[start + 1 : match.start()]
    return text[start + 1 :]


def _parts(text: str, separator: str) -> list[str]:
    """`text` cut at every `separator` outside quotes and comments, a comma outside brackets too."""
    found, start, depth = [], 0, 0
    for match in _TOKEN.finditer(text):
        if match["open"]:
            break
        if separator == ",":
            depth += (match[0] == "(") - (match[0] == ")")
        if match[0] == separator and not depth:
            found.append(text[start : match.start()])
            start = match.end()
    return [*found, text[start:]]


def _blanked(text: str) -> str:
    """`text` with dots for what stands in quotes and in comments; as long as before."""
    return "".join(
        f"{word[0]}{'.' * (len(word) - 2)}{word[-1]}" if word[0] in "'\"-/" and word[1:] else word
        for word in (match[0] for match in _TOKEN.finditer(text))
    )


def _says_something(text: str) -> bool:
    """Whether there is more than blanks and comments."""
    for match in _TOKEN.finditer(text):
        if match["open"]:
            return match["open"] not in ("--", "/*")
        if not match[0].isspace() and not match[0].startswith(("--", "/*")):
            return True
    return False
