"""The session's time zone, as far as a revision sets it."""

from collections.abc import Sequence

from dbctl.lint.facts import AlterType, Setting
from dbctl.lint.seen import Moment

_UTC = ("utc", "etc/utc", "gmt", "0", "zulu")


def in_utc(moments: Sequence[Moment], until: AlterType) -> bool | None:
    """Whether the revision has said UTC before it changes a type; None when it said no zone."""
    zone = ""
    for one in moments:
        if one.fact is until:
            break
        if isinstance(one.fact, Setting) and one.fact.name == "timezone":
            zone = one.fact.value.lower()
    return zone in _UTC if zone else None
