"""The one password of all generated rows: hashing takes long on purpose, a row must not."""

from functools import lru_cache
from hashlib import blake2b

from dbctl.seed.generated.field import Field
from dbctl.seed.generated.makers import Cycle

WORD = "correct-horse-battery"
_NAMES = frozenset({"password", "passwd", "pwd", "passphrase"})
UNUSABLE = "!"  # no hash is this


def is_one(field: Field) -> bool:
    """Whether the column holds passwords or their hashes."""
    return bool(_NAMES.intersection(field.words)) and hasattr(field.kind, "length")


def shared(field: Field) -> Cycle:
    """The same hash for all rows; where it is too long for the column, what no password fits."""
    made = hashed(field.run.seed)
    room = field.length
    return Cycle((made if room is None or len(made) <= room else UNUSABLE,))


@lru_cache
def hashed(seed: int) -> str:
    """Argon2id of WORD, salted by the seed: the same seed gives the same bytes."""
    from pwdlib.hashers.argon2 import Argon2Hasher

    salt = blake2b(str(seed).encode(), digest_size=16).digest()
    return Argon2Hasher(parallelism=1).hash(WORD, salt=salt)
