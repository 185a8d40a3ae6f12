"""Text from outside, made safe to print: no escape sequence, no markup, nothing half-encoded."""


def clean(text: str, *, keep: str = "") -> str:
    """`text` with every control character shown as its escape; those in `keep` stay.

    Lone surrogates (from undecodable bytes) become the replacement character.
    """
    text = text.encode("utf-8", "replace").decode()
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def size(size_bytes: int | None) -> str:
    """A number of bytes for a person: 48 kB, 1.2 GB."""
    if size_bytes is None:
        return ""
    value = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:  # noqa: PLR2004 - SI
            return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"  # noqa: PLR2004
        value /= 1000
    return f"{value:.1f} TB"


def count(number: int, noun: str) -> str:
    """`1 row`, `2,000 rows`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
