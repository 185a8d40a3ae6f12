"""Text that a machine reads: codes, digests, telephone numbers, addresses of networks.

Telephone and network addresses are of the ranges kept for fiction and documentation (555-01xx,
RFC 5737, RFC 3849); hosts of domains that nobody can own (RFC 2606).
"""

from hashlib import blake2b
from uuid import UUID

from dbctl.seed.generated import words
from dbctl.seed.generated.field import Field
from dbctl.seed.generated.forms import always, ending, fitted
from dbctl.seed.generated.makers import HEX, LETTERS, Each, Maker, converted
from dbctl.seed.generated.pools import plain
from dbctl.seed.generated.texts import one_of, thing

NETWORKS = ("192.0.2.", "198.51.100.", "203.0.113.")


AREAS = tuple(
    map(
        str,
        (
            202,
            212,
            213,
            303,
            305,
            312,
            313,
            404,
            415,
            503,
            504,
            512,
            602,
            612,
            617,
            702,
            713,
            804,
            808,
            901,
            913,
        ),
    )
)


_DIGEST = 24  # hexadecimal digits from which two will not be the same
_UUID, _IPV6 = 36, 19  # characters


def phone(field: Field) -> Maker:
    digits = [f"{area}55501{last:02}" for area in AREAS for last in range(100)]
    numbers = field.turns(digits, *field.words)
    tail = ending(field, len(digits), " x")
    seven = field.turns([f"55501{last:02}" for last in range(100)], *field.words)
    short = (seven, ending(field, len(seven.values), " x"))
    return fitted(field, (always("+1"), numbers, tail), (numbers, tail), short)


def ip(field: Field) -> Maker:
    if not field.unique:
        listed = [f"{net}{at}" for net in NETWORKS for at in range(1, 255)]
        return fitted(field, (field.turns(listed, *field.words),))
    if field.length is not None and field.length < _IPV6:
        return field.code(LETTERS)
    return Each(lambda index: f"2001:db8::{index >> 16:x}:{index & 0xFFFF:x}")


def digest(field: Field) -> Maker:
    length = min(field.length or 64, 64)
    if length < _DIGEST:
        return field.code(HEX, length)
    start = field.number("digest", *field.words)
    return Each(lambda index: _hashed(start, index)[:length])


def _hashed(start: int, index: int) -> str:
    return blake2b(b"%d %d" % (start, index), digest_size=32).hexdigest()


def code(field: Field) -> Maker:
    return converted(field.code(LETTERS, 10), str.upper if field.limit.case != "lower" else None)


def digits(field: Field) -> Maker:
    return field.code("0123456789", 12 if field.unique else 5)


def identifiers(field: Field) -> Maker:
    """UUIDs of version 4, no two alike."""
    factor = (field.number("uuid", field.name) << 58 | field.number("low", field.name)) | 1
    shift = field.number("shift", field.name) << 58 | field.number("start", field.name)

    def make(index: int) -> UUID:
        value = (index * factor + shift) % (1 << 122)
        high, low = divmod(value, 1 << 62)
        version = (high >> 12) << 16 | 0x4000 | (high & 0xFFF)
        return UUID(int=version << 64 | 0b10 << 62 | low)

    return Each(make)


def uuid(field: Field) -> Maker:
    if field.length is not None and field.length < _UUID:
        return digest(field)
    return as_text(identifiers(field))


def as_text(maker: Maker) -> Maker:
    """The values of another maker as text."""
    return converted(maker, str)


def file(field: Field) -> Maker:
    _, noun = thing(field, plain)
    ends = field.turns(words.ENDINGS, "ending")
    return fitted(field, (noun, ending(field, len(noun.values), "-"), ends))


def host(field: Field) -> Maker:
    _, noun = thing(field, plain)
    ends = always(".example.com")
    return fitted(field, (noun, ending(field, len(noun.values), "-"), ends))


def version(field: Field) -> Maker:
    values = [
        f"{major}.{minor}.{patch}"
        for major in range(1, 4)
        for minor in range(9)
        for patch in range(9)
    ]
    return one_of(values)(field)
