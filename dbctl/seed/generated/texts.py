"""Text that a person reads: names, titles, sentences, addresses.

E-mail addresses and hosts are of the domains that nobody can own (RFC 2606).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from dbctl.seed.generated import words
from dbctl.seed.generated.field import Field, Make
from dbctl.seed.generated.forms import always, ending, fitted, longest
from dbctl.seed.generated.makers import LETTERS, Cycle, Joined, Maker
from dbctl.seed.generated.pools import plain
from dbctl.seed.generated.words import listed

DOMAINS = ("example.com", "example.org", "example.net")


def person(field: Field, shape: Callable[[str], str] = str) -> tuple[Cycle, Cycle]:
    """First and family name of the person that the row is about; `backup_email` has another."""
    topic = tuple(word for word in field.words if word in _OTHERS)
    pools = field.run.pools
    return (
        Cycle([*map(shape, pools.first_names)], field.number("first", *topic)),
        Cycle([*map(shape, pools.family_names)], field.number("family", *topic)),
    )


_OTHERS = frozenset(
    listed(
        "backup second secondary other alternative alternate recovery billing shipping sender"
        " receiver recipient emergency maiden partner manager editor reviewer assistant work home"
    )
)


def dotted(cycle: Cycle) -> Cycle:
    return Cycle([f"{value}." for value in cycle.values], cycle.start)


def username(field: Field) -> Maker:
    field = replace(field, apart=True)
    first, family = person(field, plain)
    both, one = len(first.values) * len(family.values), len(first.values)
    return fitted(
        field,
        (dotted(first), family, ending(field, both)),
        (first, ending(field, one)),
    )


def email(field: Field) -> Maker:
    field = replace(field, apart=True)
    first, family = person(field, plain)
    domain = field.turns([f"@{name}" for name in DOMAINS], "domain")
    both, one = len(first.values) * len(family.values), len(first.values)
    full = (dotted(first), family, ending(field, both), domain)
    short = (first, ending(field, one), domain)
    room = (field.length or 64) - len("@example.com")
    if longest(short, field.stop) <= room + len("@example.com") or room < 1:
        return fitted(field, full, short)
    local = replace(field, limit=replace(field.limit, longest=room))
    return Joined((local.code(LETTERS), always("@example.com")))


def full_name(field: Field) -> Maker:
    first, family = person(field)
    first = Cycle([f"{name} " for name in first.values], first.start)
    tail = ending(field, len(first.values) * len(family.values), " ")
    return fitted(field, (first, family, tail), (family, ending(field, len(family.values), " ")))


def first_name(field: Field) -> Maker:
    first, _ = person(field)
    return fitted(field, (first, ending(field, len(first.values), " ")))


def family_name(field: Field) -> Maker:
    _, family = person(field)
    return fitted(field, (family, ending(field, len(family.values), " ")))


def thing(field: Field, shape: Callable[[str], str] = str) -> tuple[Cycle, Cycle]:
    """Adjective and noun of the thing that the row is about: title and slug agree."""
    pools = field.run.pools
    return (
        Cycle([*map(shape, pools.adjectives)], field.number("adjective")),
        Cycle([*map(shape, pools.nouns)], field.number("noun")),
    )


def title(field: Field) -> Maker:
    adjective, noun = thing(field, str.lower)
    first = Cycle([f"{word.capitalize()} " for word in adjective.values], adjective.start)
    tail = ending(field, len(first.values) * len(noun.values), " ")
    only = Cycle([word.capitalize() for word in noun.values], noun.start)
    return fitted(field, (first, noun, tail), (only, ending(field, len(noun.values), " ")))


def slug(field: Field) -> Maker:
    field = replace(field, apart=True)
    adjective, noun = thing(field, plain)
    first = Cycle([f"{word}-" for word in adjective.values], adjective.start)
    tail = ending(field, len(first.values) * len(noun.values), "-")
    return fitted(field, (first, noun, tail), (noun, ending(field, len(noun.values), "-")))


def word(field: Field) -> Maker:
    _, noun = thing(field, str.lower)
    return fitted(field, (noun, ending(field, len(noun.values), " ")))


def sentences(field: Field, count: int) -> Maker:
    sentences = field.run.pools.sentences
    each = [Cycle(sentences, field.number(field.name, at)) for at in range(count)]
    blank = always(" ")
    tail = ending(field, 0, " ")
    forms = [between(each[:size], blank) for size in range(count, 0, -1)]
    adjective, noun = thing(field, str.lower)
    return fitted(field, *((*form, tail) for form in forms), (adjective, blank, noun, tail))


def between(parts: Sequence[Maker], blank: Maker) -> tuple[Maker, ...]:
    return tuple(one for part in parts for one in (blank, part))[1:]


def company(field: Field) -> Maker:
    _, family = person(field)
    ends = field.turns([f" {end}" for end in words.COMPANY_ENDS], "company")
    tail = ending(field, len(family.values) * len(ends.values), " ")
    return fitted(field, (family, ends, tail), (family, ending(field, len(family.values), " ")))


def url(field: Field) -> Maker:
    field = replace(field, apart=True)
    adjective, noun = thing(field, plain)
    host = field.turns([f"https://www.{name}/" for name in DOMAINS], "host")
    first = Cycle([f"{word}-" for word in adjective.values], adjective.start)
    ends = always(".jpg" if _IMAGES.intersection(field.words) else "")
    tail = ending(field, len(first.values) * len(noun.values), "-")
    return fitted(
        field, (host, first, noun, tail, ends), (always("https://example.com/"), ending(field, 0))
    )


_IMAGES = frozenset(listed("image avatar photo picture thumbnail logo cover img icon"))


def address(field: Field) -> Maker:
    house = field.turns([f"{at} " for at in range(1, 99)], "house")
    street = field.turns([f"{name} Street" for name in words.STREETS], "street")
    flat = ending(field, 0, ", flat ")
    return fitted(field, (house, street, flat), (street, flat))


def country(at: int, *, short: bool = False) -> Make:
    """Column `at` of words.COUNTRIES; all such columns of a row speak of the same country."""

    def make(field: Field) -> Maker:
        column = at
        if short and field.length and field.length < max(len(one[0]) for one in words.COUNTRIES):
            column = 2 if field.length >= len("AUT") else 1
        rows = field.turns(words.COUNTRIES, "country")
        values = Cycle([row[column] for row in rows.values])
        different = len(values.values) if len(set(values.values)) == len(values.values) else 0
        return fitted(field, (values, ending(field, different, "-")))

    return make


def locale(field: Field) -> Maker:
    rows = field.turns(words.COUNTRIES, "country").values
    return fitted(field, (Cycle([f"{row[3]}-{row[1]}" for row in rows]), ending(field, 31, "-")))


def one_of(values: Sequence[str]) -> Make:
    def make(field: Field) -> Maker:
        return fitted(field, (field.turns(values, *field.words), ending(field, len(values), "-")))

    return make


def city(field: Field) -> Maker:
    cities = Cycle(field.run.pools.cities, field.number("city", *field.words))
    return fitted(field, (cities, ending(field, len(cities.values), " ")))
