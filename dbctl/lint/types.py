"""Column types by their PostgreSQL names, and what a change from one to another costs."""

import re
from dataclasses import dataclass
from enum import Enum

_ALIASES = {
    "int": "int4",
    "integer": "int4",
    "serial": "int4",
    "serial4": "int4",
    "bigint": "int8",
    "bigserial": "int8",
    "serial8": "int8",
    "smallint": "int2",
    "smallserial": "int2",
    "character varying": "varchar",
    "nvarchar": "varchar",
    "character": "bpchar",
    "char": "bpchar",
    "nchar": "bpchar",
    "decimal": "numeric",
    "boolean": "bool",
    "real": "float4",
    "double precision": "float8",
    "float": "float8",
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
    "datetime": "timestamp",
    "time with time zone": "timetz",
    "time without time zone": "time",
    "bit varying": "varbit",
}
_TEXT = re.compile(
    r"^(?P<name>[^()\[\]]+?)\s*(\((?P<args>[^()]*)\))?(?P<rest>[^()\[\]]*)(?P<array>(\[\d*\])*)$"
)
# PostgreSQL's casts WITHOUT FUNCTION (pg_cast, castmethod b) between types of columns.
_BINARY = {
    ("varchar", "text"),
    ("text", "varchar"),
    ("citext", "text"),
    ("text", "citext"),
    ("citext", "varchar"),
    ("varchar", "citext"),
    ("cidr", "inet"),
    ("xml", "text"),
    ("xml", "varchar"),
    ("bit", "varbit"),
    ("varbit", "bit"),
    ("int4", "oid"),
    ("oid", "int4"),
}
_LENGTHS = ("varchar", "varbit")
_FRACTIONS = ("timestamp", "timestamptz", "time", "timetz")
_SINGLE = 24  # FLOAT(24) and less is a real
SERIALS = ("serial", "bigserial", "smallserial", "serial2", "serial4", "serial8")


class Cost(Enum):
    """What a change of type does to the rows that are there."""

    NOTHING = "nothing"
    REWRITE = "rewrite"
    ZONE = "rewrite unless the session's time zone is UTC"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Type:
    """A type by PostgreSQL's own name; `arguments` are its length, or precision and scale."""

    name: str
    arguments: tuple[int, ...] = ()
    array: bool = False
    labels: tuple[str, ...] = ()
    written: str = ""

    def __str__(self) -> str:
        return self.written or self.name

    @property
    def known(self) -> bool:
        """Whether the revision said which it is."""
        return self.name != "?"

    def same(self, other: "Type") -> bool:
        """Whether a column of it is the same as one of `other`."""
        mine = (self.name, self.arguments, self.array)
        return mine == (other.name, other.arguments, other.array)


UNKNOWN = Type("?")


def parsed(text: str) -> Type:
    """The type that SQL text names, as `VARCHAR(50)` or `timestamp(3) with time zone`."""
    match = _TEXT.match(" ".join(text.split()))
    if match is None:
        return Type(text.strip().lower() or "?", written=text)
    name = f"{match['name']}{match['rest']}".strip()
    return named(name, _numbers(match["args"]), array=bool(match["array"]), written=text)


def named(
    name: str, arguments: tuple[int, ...] = (), *, array: bool = False, written: str = ""
) -> Type:
    """The type called `name`, in whatever spelling."""
    plain = name if name.startswith('"') else name.lower()
    plain = plain.removeprefix("pg_catalog.").removeprefix("public.").strip('"')
    found = _ALIASES.get(plain, plain)
    if found == "numeric" and len(arguments) == 1:
        arguments = (*arguments, 0)
    if found == "bpchar" and not arguments:
        arguments = (1,)
    if plain == "float" and arguments:
        found, arguments = ("float4" if arguments[0] <= _SINGLE else "float8"), ()
    return Type(found, arguments, array, written=written or name)


def cost(old: Type, new: Type) -> Cost:
    """What `ALTER COLUMN ... TYPE` from `old` to `new` does, without USING.

    Source: PostgreSQL manual, ALTER TABLE, notes; the cast functions' support functions.
    """
    if not (old.known and new.known):
        return Cost.UNKNOWN
    if old.same(new):
        return Cost.NOTHING
    if old.array or new.array:
        return Cost.REWRITE if old.array != new.array or not _wider(old, new) else Cost.NOTHING
    if {old.name, new.name} == {"timestamp", "timestamptz"}:
        return Cost.ZONE if _fraction(old) <= _fraction(new) else Cost.REWRITE
    return Cost.NOTHING if _wider(old, new) else Cost.REWRITE


def narrower(old: Type, new: Type) -> bool:
    """Whether some value of `old` has no place in `new`."""
    if old.name == new.name:
        return bool(new.arguments) and not _wider(old, new)
    order = ("int2", "int4", "int8", "numeric")
    if old.name in order and new.name in order:
        return order.index(new.name) < order.index(old.name)
    if old.name in ("text", "varchar", "citext") and new.name in ("varchar", "bpchar"):
        return bool(new.arguments) and not (old.arguments and old.arguments[0] <= new.arguments[0])
    return old.name in ("text", "varchar", "json", "jsonb") and new.name not in _WIDE


_WIDE = ("text", "varchar", "citext", "bpchar", "json", "jsonb", "bytea", "?")


def _wider(old: Type, new: Type) -> bool:
    """Whether every value of `old` is one of `new` as it lies on the disk."""
    if old.name == new.name:
        return _takes(new.name, old.arguments, new.arguments)
    if (old.name, new.name) not in _BINARY:
        return False
    return not new.arguments or (
        new.name in _LENGTHS and _takes("varchar", old.arguments, new.arguments)
    )


def _takes(name: str, old: tuple[int, ...], new: tuple[int, ...]) -> bool:
    if not new and name in (*_LENGTHS, *_FRACTIONS, "numeric", "interval"):
        return True
    if name in _FRACTIONS:
        return (old or (6,))[0] <= new[0]
    if not old or not new:
        return old == new
    if name == "numeric":
        return old[0] <= new[0] and old[1:] == new[1:]
    return old[0] <= new[0] if name in _LENGTHS else old == new


def _fraction(one: Type) -> int:
    return one.arguments[0] if one.arguments else 6


def _numbers(text: str | None) -> tuple[int, ...]:
    found = re.findall(r"-?\d+", text or "")
    return tuple(map(int, found))
