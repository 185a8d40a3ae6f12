"""What the CHECK constraints of a table say of single columns, as far as it can be read.

Read are comparisons with a number or a date, BETWEEN, IN, equalities joined by OR, lengths, the
case of letters, and the order of two columns; joined by AND, or open to NULL. Anything else is
left to the database, which says so when a value breaks it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import CheckConstraint, Table
from sqlalchemy.exc import CompileError

_NAME = r'(?:"?\w+"?\.)*"?(?P<{0}>[A-Za-z_]\w*)"?'
_VALUE = r"(?P<{0}>-?\d+(?:\.\d+)?|'(?:[^']|'')*')"
_OP = r"\s*(?P<op><=|>=|<>|!=|==|<|>|=)\s*"
_LEFT, _RIGHT = _NAME.format("left"), _NAME.format("right")
_LOW, _HIGH = _VALUE.format("low"), _VALUE.format("high")
_COMPARED = re.compile(f"{_LEFT}{_OP}{_LOW}")
_TURNED = re.compile(f"{_LOW}{_OP}{_LEFT}")
_BETWEEN = re.compile(rf"{_LEFT}\s+BETWEEN\s+{_LOW}\s+AND\s+{_HIGH}", re.IGNORECASE)
_IN = re.compile(rf"{_LEFT}\s+IN\s*\((?P<list>(?:'(?:[^']|'')*'|[^()'])*)\)", re.IGNORECASE)
_LENGTH = re.compile(
    rf"(?:char_length|character_length|length)\s*\(\s*(?:trim\s*\(\s*)?{_LEFT}\s*\)?\s*\){_OP}(?P<low>\d+)",
    re.IGNORECASE,
)
_CASE = re.compile(rf"{_LEFT}\s*=\s*(?P<case>lower|upper)\s*\(\s*{_RIGHT}\s*\)", re.IGNORECASE)
_CASED = re.compile(rf"(?P<case>lower|upper)\s*\(\s*{_RIGHT}\s*\)\s*=\s*{_LEFT}", re.IGNORECASE)
_ORDERED = re.compile(f"{_LEFT}{_OP}{_RIGHT}")
_IS_NULL = re.compile(rf"{_LEFT}\s+IS\s+NULL", re.IGNORECASE)
_TOKEN = re.compile(r"'(?:[^']|'')*'|\w+|[()]")
_LITERAL = re.compile(_VALUE.format("value"))
_CAST = re.compile(
    r"::\s*[a-z]+(?:\s+(?:varying|precision))?(?:\(\d+(?:,\s*\d+)?\))?", re.IGNORECASE
)
_LONE = re.compile(r'(?<!\w)\(\s*("?\w+"?)\s*\)(?=\s*(?:[<>=!]|BETWEEN\b|IN\b))', re.IGNORECASE)
_MIRROR = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}

Value = Decimal | str


@dataclass(frozen=True)
class Limit:
    """What a value of one column must keep to. `above` and `below` are bounds that do not fit."""

    low: Value | None = None
    high: Value | None = None
    above: Value | None = None
    below: Value | None = None
    choices: tuple[Value, ...] = ()
    excluded: tuple[Value, ...] = ()
    shortest: int = 0
    longest: int | None = None
    case: str = ""
    rank: int = 0  # its place among columns of the table that stand in an order
    ranks: int = 1

    def narrowed(self, op: str, value: Value) -> "Limit":
        """The limit with one comparison more."""
        if op in ("=", "=="):
            return replace(self, choices=(value,))
        if op in ("<>", "!="):
            return replace(self, excluded=(*self.excluded, value))
        if op == "<":
            return replace(self, below=_tighter(min, self.below, value))
        if op == "<=":
            return replace(self, high=_tighter(min, self.high, value))
        if op == ">":
            return replace(self, above=_tighter(max, self.above, value))
        return replace(self, low=_tighter(max, self.low, value))

    def lengthened(self, op: str, size: int) -> "Limit":
        """The limit with one comparison of the length more."""
        shortest = {">": size + 1, ">=": size, "=": size}.get(op, 0)
        longest = {"<": size - 1, "<=": size, "=": size}.get(op, self.longest)
        return replace(self, shortest=max(self.shortest, shortest), longest=longest)


ANYTHING = Limit()


def _tighter(pick: Callable[..., Value], known: Value | None, value: Value) -> Value:
    return pick(known, value) if type(known) is type(value) else value


def limits(table: Table) -> Mapping[str, Limit]:
    """The limits of the table's columns by name; a column that has none is missing."""
    found: dict[str, Limit] = {}
    orders: list[tuple[str, str]] = []
    for text in _texts(table):
        for clause in _clauses(text):
            _read(clause, found, orders)
    known = {name: limit for name, limit in found.items() if name in table.columns}
    return _ranked(known, [pair for pair in orders if set(pair) <= set(table.columns.keys())])


def _texts(table: Table) -> Iterator[str]:
    for one in sorted(table.constraints, key=lambda one: str(one.name)):
        if not isinstance(one, CheckConstraint) or getattr(one, "_type_bound", False):
            continue
        try:
            yield str(one.sqltext.compile(compile_kwargs={"literal_binds": True}))
        except CompileError:
            continue  # a construct of one dialect: the database itself will say


def _clauses(text: str) -> Iterator[str]:
    """The parts that AND joins, outermost first, without the brackets around them."""
    text = _bare(_LONE.sub(r"\1", _CAST.sub("", text)))
    parts = _split(text, "AND")
    if len(parts) == 1:
        yield text
        return
    for part in parts:
        yield from _clauses(part)


def _bare(text: str) -> str:
    text = text.strip()
    while text.startswith("(") and _closing(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _closing(text: str) -> int:
    """Where the bracket that opens `text` is closed; -1 when it is not."""
    depth = 0
    for match in _TOKEN.finditer(text):
        depth += (match[0] == "(") - (match[0] == ")")
        if not depth:
            return match.start()
    return -1


def _split(text: str, word: str) -> list[str]:
    """`text` cut at each `word` outside brackets, quotes and BETWEEN."""
    parts, begin, depth, between = [], 0, 0, False
    for match in _TOKEN.finditer(text):
        mark = match[0].upper()
        depth += (mark == "(") - (mark == ")")
        if depth:
            continue
        if mark == word and not (between and word == "AND"):
            parts.append(text[begin : match.start()])
            begin = match.end()
        between = mark == "BETWEEN" or (between and mark != "AND")
    return [*parts, text[begin:]]


def _read(clause: str, found: dict[str, Limit], orders: list[tuple[str, str]]) -> None:
    """Add what one clause says to `found` and `orders`; nothing when it cannot be read."""
    alternatives = [_bare(part) for part in _split(clause, "OR")]
    alternatives = [part for part in alternatives if not _IS_NULL.fullmatch(part)]
    if len(alternatives) > 1:
        _one_of(alternatives, found)
    elif alternatives and alternatives[0] != clause:
        for part in _clauses(alternatives[0]):
            _read(part, found, orders)
    elif match := _ORDERED.fullmatch(clause):
        _order(match, orders)
    else:
        _single(clause, found)


def _order(match: re.Match[str], orders: list[tuple[str, str]]) -> None:
    left, right = match["left"], match["right"]
    if match["op"] in ("<", "<="):
        orders.append((left, right))
    elif match["op"] in (">", ">="):
        orders.append((right, left))


def _one_of(alternatives: list[str], found: dict[str, Limit]) -> None:
    """`a = 'x' OR a = 'y'` is IN."""
    matches = [_COMPARED.fullmatch(part) for part in alternatives]
    names = {match["left"] if match and match["op"] == "=" else None for match in matches}
    if len(names) == 1 and (name := names.pop()):
        values = tuple(_value(match["low"]) for match in matches if match)
        found[name] = replace(found.get(name, ANYTHING), choices=values)


def _single(clause: str, found: dict[str, Limit]) -> None:
    """One comparison of one column."""
    for pattern, narrow in _READERS:
        if match := pattern.fullmatch(clause):
            name = match["left"]
            found[name] = narrow(found.get(name, ANYTHING), match)
            return


def _cased(limit: Limit, match: re.Match[str]) -> Limit:
    return replace(limit, case=match["case"].lower()) if match["left"] == match["right"] else limit


_READERS = (
    (_LENGTH, lambda limit, m: limit.lengthened(m["op"], int(m["low"]))),
    (_COMPARED, lambda limit, m: limit.narrowed(m["op"], _value(m["low"]))),
    (
        _TURNED,
        lambda limit, m: limit.narrowed(_MIRROR.get(m["op"], m["op"]), _value(m["low"])),
    ),
    (
        _BETWEEN,
        lambda limit, m: limit.narrowed(">=", _value(m["low"])).narrowed("<=", _value(m["high"])),
    ),
    (
        _IN,
        lambda limit, m: replace(
            limit, choices=tuple(_value(one[0]) for one in _LITERAL.finditer(m["list"]))
        ),
    ),
    (_CASE, _cased),
    (_CASED, _cased),
)


def _value(text: str) -> Value:
    return text[1:-1].replace("''", "'") if text.startswith("'") else Decimal(text)


def _ranked(found: Mapping[str, Limit], orders: list[tuple[str, str]]) -> Mapping[str, Limit]:
    """Give columns that stand in an order a rank each, the lowest first."""
    ranks = dict.fromkeys((name for pair in orders for name in pair), 0)
    for _ in ranks:  # as often as the longest chain can need
        for lower, upper in orders:
            ranks[upper] = min(max(ranks[upper], ranks[lower] + 1), len(ranks))
    top = max(ranks.values(), default=0) + 1
    ranked = {
        name: replace(found.get(name, ANYTHING), rank=rank, ranks=top)
        for name, rank in ranks.items()
    }
    return {**found, **ranked}
