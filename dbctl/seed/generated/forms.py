"""Text put together from parts, in the first form that fits its column."""

from collections.abc import Sequence
from dataclasses import dataclass

from dbctl.seed.generated.field import Field
from dbctl.seed.generated.makers import LETTERS, Code, Cycle, Joined, Maker, Tail, converted


@dataclass(frozen=True)
class _Cut:
    """The text of `maker` made longer or shorter where it must be."""

    maker: Maker
    shortest: int
    longest: int | None

    def __call__(self, at: Sequence[int]) -> list[str]:
        """The values of the rows `at`."""
        return [self._cut(text) for text in self.maker(at)]

    def _cut(self, text: str) -> str:
        while len(text) < self.shortest:
            text = f"{text} {text}"[: max(self.shortest, len(text))]
        cut = text[: self.longest].rstrip()
        return cut.ljust(self.shortest, ".")


def fitted(field: Field, *forms: tuple[Maker, ...]) -> Maker:
    """The first of the forms that always fits; when none does, a code or a shortened last one."""
    case = {"lower": str.lower, "upper": str.upper}.get(field.limit.case)
    for form in forms:
        if field.length is None or longest(form, field.stop) <= field.length:
            made = Joined(tuple(converted(part, case) for part in form))
            return _Cut(made, field.limit.shortest, None) if field.limit.shortest else made
    if field.unique or field.apart:
        return converted(field.code(LETTERS), case)
    return _Cut(converted(Joined(forms[-1]), case), field.limit.shortest, field.length)


def longest(form: Sequence[Maker], stop: int) -> int:
    """The length of the longest text that the parts can give together, before row `stop`."""
    return sum(_longest(part, stop) for part in form)


def _longest(part: Maker, stop: int) -> int:
    if isinstance(part, Cycle):
        return max(map(len, part.values))
    if isinstance(part, Tail):
        return len(part.before) + len(str(stop)) if stop > part.free else 0
    return part.length if isinstance(part, Code) else 0


def always(text: str) -> Cycle:
    return Cycle((text,))


def ending(field: Field, different: int, before: str = "") -> Maker:
    """What tells rows apart after `different` ones, from the first row where rows are there."""
    if not (field.unique or field.apart):
        return always("")
    return Tail(0 if field.start else different, before)
