"""Pools of words and sentences, from dbctl's own lists or from mimesis.

The sizes of pools that are combined are different primes: taken in turn, the pairs repeat only
after all of them have been.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from dbctl.errors import MissingExtraError
from dbctl.seed.generated import words
from dbctl.seed.generated.makers import number, prime_below, shuffled

_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
# Letters that do not come apart into a plain one and an accent.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "đ": "d"})
_DRAWN = 4000  # how often mimesis is asked for a pool


@dataclass(frozen=True)
class Pools:
    """The words of one run, in the order of its seed."""

    first_names: Sequence[str]
    family_names: Sequence[str]
    adjectives: Sequence[str]
    nouns: Sequence[str]
    sentences: Sequence[str]
    cities: Sequence[str]


def own(seed: int) -> Pools:
    """dbctl's own words."""
    family = (start + end for start, end in product(words.FAMILY_STARTS, words.FAMILY_ENDS))
    parts = product(words.OPENINGS, words.SUBJECTS, words.PREDICATES)
    return _made(
        seed,
        first_names=words.FIRST_NAMES,
        family_names=family,
        adjectives=words.ADJECTIVES,
        nouns=words.NOUNS,
        sentences=map(" ".join, parts),
        cities=words.CITIES,
    )


def mimesis(seed: int) -> Pools:
    """Names and texts of mimesis. Raises MissingExtraError when it is not installed."""
    try:
        from mimesis import Generic
    except ImportError as error:
        raise MissingExtraError(
            "--fake needs mimesis", hint="pip install 'dbctl-lifecycle[fake]'"
        ) from error
    fake = Generic(seed=number("mimesis", seed) % 2**31)
    return _made(
        seed,
        first_names=_drawn(fake.person.first_name),
        family_names=_drawn(fake.person.last_name),
        adjectives=_drawn(lambda: fake.text.color().title()),
        nouns=_drawn(lambda: fake.text.word().title()),
        sentences=_drawn(fake.text.sentence),
        cities=_drawn(fake.address.city),
    )


def _drawn(draw: Callable[[], str]) -> list[str]:
    return [draw() for _ in range(_DRAWN)]


def _made(seed: int, **lists: Iterable[str]) -> Pools:
    """Each list without doubles, in the seed's order, cut to a prime that no other has."""
    made: dict[str, Sequence[str]] = {}
    for name, values in lists.items():
        kept = values if name in ("sentences", "cities") else _words(values)
        different = shuffled(_different(kept), seed, name)
        size = prime_below(len(different))
        while any(size == len(other) for other in made.values()):
            size = prime_below(size - 1)
        made[name] = different[:size]
    return Pools(**made)


def _different(values: Iterable[str]) -> list[str]:
    """Those that differ in their plain letters, in the order of the alphabet."""
    found = {plain(value): value for value in values}
    return [found[name] for name in sorted(found) if name]


def _words(values: Iterable[str]) -> list[str]:
    """Those of one word: two that are joined can then be told apart in one way only."""
    return [value for value in values if "-" not in plain(value)]


def plain(text: str) -> str:
    """`text` in small letters and digits without accents; all else becomes one hyphen."""
    folded = unicodedata.normalize("NFKD", text.lower().translate(_PLAIN))
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return _NOT_PLAIN.sub("-", bare).strip("-")
