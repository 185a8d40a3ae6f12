"""From the API's JSON to our models: unknown fields and values are no error, missing ids are."""

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, get_args

from dbctl.errors import ProviderError

T = TypeVar("T")


def one(kind: type[T], answer: Any, key: str) -> T:  # noqa: ANN401 - JSON
    """The model below `key`. Raises ProviderError when the answer holds none."""
    found = answer.get(key) if isinstance(answer, Mapping) else None
    if not isinstance(found, Mapping):
        raise ProviderError(f"Neon's answer holds no {key}", hint="is NEON_API_HOST Neon's API?")
    return read(kind, found)


def many(kind: type[T], answer: Any, key: str) -> tuple[T, ...]:  # noqa: ANN401 - JSON
    """The models in the list below `key`, () when the answer has no such list."""
    found = answer.get(key) if isinstance(answer, Mapping) else None
    return tuple(read(kind, item) for item in found or () if isinstance(item, Mapping))


def read(kind: type[T], found: Mapping[str, Any]) -> T:
    """One model; what is absent, null or of another type has its default."""
    values = {
        name: _value(found[name], times=times)
        for name, times in _fields(kind)  # type: ignore[arg-type]  # a class is hashable
        if found.get(name) is not None
    }
    try:
        return kind(**values)
    except TypeError:
        raise ProviderError(
            f"Neon's answer is not a whole {kind.__name__.lower()}",
            hint="is NEON_API_HOST Neon's API?",
        ) from None


@cache
def _fields(kind: Any) -> tuple[tuple[str, bool], ...]:  # noqa: ANN401 - a dataclass
    """Every field, and whether it holds a time."""
    return tuple((f.name, datetime in get_args(f.type)) for f in dataclasses.fields(kind))


def _value(value: Any, *, times: bool) -> Any:  # noqa: ANN401 - JSON
    return moment(value) if times else value


def moment(text: object) -> datetime | None:
    """A time as the API writes it; None when it cannot be read."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None


def names(items: Iterable[Any]) -> str:
    """The names of models for a message: `main, pr-1`."""
    return ", ".join(sorted(item.name for item in items))
